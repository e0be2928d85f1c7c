"""The choice among several optimal plans: the one that spends the least, then the one with the first names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import Ints
from optimizer.estimation.estimate import Estimates, trace
from optimizer.solving.engine import Solution
from optimizer.solving.highs import Clock
from optimizer.solving.scaling import scaled
from optimizer.solving.ties import decide

_SPEND = Measure("spend")


def with_ties_decided(estimates: Estimates, solution: Solution, clock: Clock) -> Solution:
    """The solution with the first of all optimal plans; unchanged if its plan is not proved optimal."""
    program, plan = solution.program, solution.plan
    if plan is None or solution.bound is None or solution.bound != program.value(plan) or clock.over:
        return solution
    bookings = program.bookings

    def spend_of(columns: Ints) -> Ints | None:
        mine = columns[columns < bookings]
        known = estimates.values.get(_SPEND)
        if known is None:
            found = trace(estimates.scenario, estimates.columns.take(mine)).values.get(_SPEND)
            if found is None:
                return None
        else:
            found = known[mine]
        return np.concatenate([found, np.zeros(len(columns) - len(mine), dtype=np.int64)])

    def order_of(columns: Ints) -> list[int]:
        mine = columns[columns < bookings].tolist()
        creators, steps, offers = (
            getattr(estimates.columns, name)[mine].tolist() for name in ("creator", "step", "offer")
        )
        names = [estimates.scenario.offers[offer].name for offer in offers]
        return sorted(range(len(mine)), key=lambda at: (creators[at], steps[at], names[at]))

    found, ties = decide(scaled(program), solution.prices, solution.branches, plan, clock, spend_of, order_of)
    return replace(solution, plan=found, ties=ties)
