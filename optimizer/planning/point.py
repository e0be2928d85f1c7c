"""One point of a sweep: a plan as numbers, without what only a report of it needs.

The plan is checked as any other is. Left out are ranges of bookings, runners-up, what is unspent, and the sides of
prices, which together take longer than a search that begins beside its end.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import Estimates
from optimizer.estimation.reached import reached
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.conflicts import clashes
from optimizer.planning.forecast import OBJECTIVE, Forecasting
from optimizer.planning.goals import largest_gap
from optimizer.planning.optimize import Terms
from optimizer.planning.outcome import totals
from optimizer.planning.searched import Searched, checked, searched
from optimizer.planning.standing import shadow_price
from optimizer.planning.stated import claim_of
from optimizer.planning.told import tell
from optimizer.results.plan import ObjectiveResult
from optimizer.results.sweep import SweepPoint
from optimizer.solving.backends import backend
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Beginning, Solution

REPAIRS = 1_000  # rounds of work for the repairs of a point without a plan
_NO_PLAN = "no plan can keep {rules} ({proved}): {names}"


@dataclass(frozen=True, eq=False)
class Pointed:
    """A point with what a next one begins with: the estimates, and where the search over their bookings ended; None
    where there is no plan.

    `steps` are value, bound and gap of each goal in order.
    """

    point: SweepPoint
    estimates: Estimates
    beginning: Beginning | None
    steps: tuple[ObjectiveResult, ...] = ()


def pointed(
    scenario: Scenario,
    terms: Terms,
    known: Estimates | None = None,
    beginning: Beginning | None = None,
    *,
    ranges: bool = False,
) -> Pointed:
    """The best plan of a scenario as a point, without its place.

    Parameters
    ----------
    known
        Estimates of a like scenario, which are reused where only the goal and the rules differ.
    beginning
        Where the search of a like program ended.
    ranges
        Whether to draw the range of the goal.
    """
    clocks = terms.clocks(time.monotonic(), len(scenario.objectives))
    found = searched(
        scenario,
        terms.gap,
        clocks,
        known=known,
        before=beginning,
        polish=False,
        proposing=backend(terms.solver),
    )
    if found.steps.last.plan is None:
        clock = clocks[len(found.steps.solutions) - 1]
        return Pointed(_without(found.estimates, found.steps.last, clock), found.next_from(known)[0], None)
    point = _with(found, terms.gap, ranges=ranges)
    return Pointed(point, *found.next_from(known), tuple(found.goals()))


def _with(found: Searched, gap: float, *, ranges: bool) -> SweepPoint:
    """The point of a plan; raises CheckError where the plan fails the exact check."""
    solution, scenario = found.solution, found.estimates.scenario
    traced, bookings = checked(found.estimates, found.steps)
    goal, creators = found.goals()[0], dict.fromkeys(traced.columns.creator.tolist())
    return SweepPoint(
        at={},
        changes={},
        outcome="plan",
        sense=goal.sense,
        of=goal.of,
        claim=claim_of(largest_gap(found.steps), gap),
        value=goal.value,
        bound=goal.bound,
        gap=goal.gap,
        totals=totals(traced, bookings, reached(traced, bookings.counts.tolist())),
        creators=tuple(scenario.pool.ids[at] for at in creators),
        prices=_prices(solution),
        likely=_likely(traced, bookings, solution.program) if ranges else None,
        stopped=any(one.stopped for one in found.steps.solutions),
    )


def _prices(solution: Solution) -> Mapping[str, float]:
    """The price of each rule that has one."""
    found: dict[str, float] = {}
    for at, rule in enumerate(solution.program.rules):
        price = shadow_price(solution, at)
        if price:
            found[rule.name] = found.get(rule.name, 0.0) + price
    return found


def _likely(traced: Estimates, bookings: Booked, program: Program) -> tuple[float, float] | None:
    stated, _ = Forecasting(traced, bookings, program.rules).result()
    goal = None if stated is None else stated.ranges.get(OBJECTIVE)
    return None if goal is None else (goal.p10, goal.p90)


def _without(estimates: Estimates, solution: Solution, clock: Clock) -> SweepPoint:
    """The point where there is no plan, with repairs as far as some work leads."""
    scenario, within = estimates.scenario, clock.part(REPAIRS)
    found = clashes(solution, within) if solution.infeasible else []
    told = tell(scenario, solution.program, found, within, _NO_PLAN)
    return SweepPoint(
        at={},
        changes={},
        outcome="infeasible" if solution.infeasible else "no_plan",
        sense=scenario.objective.sense,
        of={name: float(weight) for name, weight in scenario.objective.weights},
        reason=told.reason if solution.infeasible else "no plan was found within the limit; there may be one",
        proof=solution.proof if solution.infeasible else None,
        conflict=told.conflict,
        lacks=told.repairs,
        stopped=solution.stopped,
    )
