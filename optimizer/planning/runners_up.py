"""Runners-up: who was nearest to being booked, by the prices of the rules."""

from __future__ import annotations

import numpy as np

from optimizer.formulation.program import Program
from optimizer.solving.engine import Solution
from optimizer.solving.lagrangian_bound import reduced_costs

MOST = 10


def runners_up(solution: Solution) -> tuple[str, ...]:
    """The creators and segments that a plan does not book and whose best booking has the highest reduced cost.

    The reduced cost is what the objective gains (mostly below 0: loses) by a booking at the prices of all rules. Of
    equal ones, the first by id counts.
    """
    program, plan = solution.program, solution.plan
    if plan is None or not program.bookings:
        return ()
    creator = program.creator[program.unit[: program.bookings]]  # ascending
    worth = _worth(program, solution)
    starts = np.flatnonzero(np.r_[True, creator[1:] != creator[:-1]])
    who, best = creator[starts], np.maximum.reduceat(worth, starts)
    best[np.isin(who, creator[plan.columns[plan.columns < program.bookings]])] = -np.inf
    order = np.argsort(-best, kind="stable")[:MOST]
    return tuple(program.ids[int(who[at])] for at in order.tolist() if best[at] > -np.inf)


def _worth(program: Program, solution: Solution) -> np.ndarray:
    rc, _ = reduced_costs(program, solution.prices)
    mine = rc[: program.bookings]
    return np.where((program.most[: program.bookings] > 0) & np.isfinite(mine), mine, -np.inf)
