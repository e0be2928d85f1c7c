"""The verb: from a scenario to a checked plan."""

from __future__ import annotations

import time
from collections.abc import Callable

from optimizer.domain.scenario import Scenario
from optimizer.errors import InfeasibleError, NoPlanFoundError
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.planning.outcome import Asked, no_plan, plan
from optimizer.planning.plan import NoPlan, Plan
from optimizer.planning.ties import with_ties_decided
from optimizer.solving.backends import HIGHS, backend
from optimizer.solving.engine import Progress, solve
from optimizer.solving.highs import Clock

DEFAULT_GAP = 1e-4
DEFAULT_TIME_LIMIT_S = 60.0
_RESERVE_S = 0.1  # kept back for the check and the plan itself


def try_optimize(
    scenario: Scenario,
    *,
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    solver: str = HIGHS,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan | NoPlan:
    """Plan a scenario; a clash of rules or an empty hand is a value, not an error.

    Parameters
    ----------
    gap
        How far below the proven bound the plan may stay, as a fraction of its value.
    time_limit_s
        Seconds after which the best plan so far is returned; None for no limit.
    solver
        What proposes whole bookings: `highs`, or another one that PuLP finds here, such as `cbc`. Prices and proofs do
        not depend on it.
    on_progress
        Called with each improvement.
    cancel
        Asked now and then; once it says True, the best plan so far is returned.

    Raises
    ------
    ScenarioError
        Where a figure that is needed is given nowhere.
    CheckError
        Where the plan does not pass the exact check: a fault of ours.
    ValueError
        Where a number is outside its range, or the solver is not here.
    """
    proposing = backend(solver)
    if not 0 <= gap < 1:
        raise ValueError(f"gap must be at least 0 and below 1, not {gap}")
    if time_limit_s is not None and not time_limit_s > 0:
        raise ValueError(f"time_limit_s must be above 0, not {time_limit_s}")
    started = time.monotonic()
    deadline = float("inf") if time_limit_s is None else started + max(time_limit_s - _RESERVE_S, time_limit_s / 2)
    estimates = estimate(scenario)
    program = build(estimates)
    stop = cancel or (lambda: False)
    solution = solve(program, gap=gap, deadline=deadline, cancelled=stop, progress=on_progress, backend=proposing)
    solution = with_ties_decided(estimates, solution, Clock(deadline, stop))
    asked = Asked(solver, gap, started)
    if solution.plan is None:
        return no_plan(estimates, solution, asked, Clock(deadline, stop))
    return plan(estimates, solution, asked)


def optimize(
    scenario: Scenario,
    *,
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    solver: str = HIGHS,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """Plan a scenario; see `try_optimize`.

    Raises
    ------
    InfeasibleError
        Where no plan can keep all rules at once.
    NoPlanFoundError
        Where none was found within the limit.
    """
    result = try_optimize(
        scenario, gap=gap, time_limit_s=time_limit_s, solver=solver, on_progress=on_progress, cancel=cancel
    )
    if isinstance(result, Plan):
        return result
    raise InfeasibleError(result) if result.outcome == "infeasible" else NoPlanFoundError(result)
