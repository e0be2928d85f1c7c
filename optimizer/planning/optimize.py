"""The verb: from a scenario to a checked plan."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from optimizer.domain.scenario import Scenario
from optimizer.errors import InfeasibleError, NoPlanFoundError
from optimizer.estimation.estimate import Estimates, estimate
from optimizer.formulation.build import build
from optimizer.planning.outcome import Asked, no_plan, plan
from optimizer.planning.plan import NoPlan, Plan
from optimizer.planning.ties import with_ties_decided
from optimizer.solving.backends import HIGHS, backend
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution, solve
from optimizer.solving.search import Progress

DEFAULT_GAP = 1e-4
DEFAULT_TIME_LIMIT_S = 60.0
_RESERVE_S, _RESERVE = 0.1, 0.02  # kept back for the check and the plan itself, and this part of the limit for a proof


def try_optimize(
    scenario: Scenario,
    *,
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    rounds: int | None = None,
    solver: str = HIGHS,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan | NoPlan:
    """Plan a scenario; a clash of rules or an empty hand is a value, not an error.

    Parameters
    ----------
    scenario
        As `load_scenario` gives it.
    gap
        How far below the proven bound the plan may stay, as a fraction of its value.
    time_limit_s
        Seconds after which the best plan so far is returned; None for no limit.
    rounds
        Rounds of work after which it is returned, instead of seconds: the same plan on any machine, however busy. A
        plan that a time limit has ended says in `solver.rounds` how many repeat it. What another solver than HiGHS does
        within a round is not counted.
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
    terms = Terms(gap, time_limit_s, solver, on_progress, cancel, rounds)
    return planned(scenario, terms).result


@dataclass(frozen=True)
class Terms:
    """On which terms a scenario is planned; see `try_optimize`. `more_budget`: whether to ask what more would bring.

    Raises
    ------
    ValueError
        Where a number is outside its range.
    """

    gap: float = DEFAULT_GAP
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S
    solver: str = HIGHS
    on_progress: Callable[[Progress], None] | None = None
    cancel: Callable[[], bool] | None = None
    rounds: int | None = None
    more_budget: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.gap < 1:
            raise ValueError(f"gap must be at least 0 and below 1, not {self.gap}")
        if self.time_limit_s is not None and not self.time_limit_s > 0:
            raise ValueError(f"time_limit_s must be above 0, not {self.time_limit_s}")
        if self.rounds is not None and self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, not {self.rounds}")

    def clock(self, started: float) -> Clock:
        """When to stop; with `rounds`, no time is looked at."""
        limit = None if self.rounds is not None else self.time_limit_s
        deadline = inf if limit is None else started + max(limit * (1 - _RESERVE) - _RESERVE_S, limit / 2)
        return Clock(deadline, self.cancel or (lambda: False), self.rounds)


@dataclass(frozen=True, eq=False)
class Planned:
    """A plan, or the word that there is none; and what it rests on."""

    result: Plan | NoPlan
    estimates: Estimates
    solution: Solution


def planned(scenario: Scenario, terms: Terms, before: Planned | None = None) -> Planned:
    """Plan a scenario; where `before` is over the same bookings, the search goes on from there."""
    proposing, started = backend(terms.solver), time.monotonic()
    clock = terms.clock(started)
    estimates = estimate(scenario, before.estimates if before else None)
    program = build(estimates)
    same = before is not None and before.estimates.columns is estimates.columns
    solution = solve(
        program,
        gap=terms.gap,
        clock=clock,
        progress=terms.on_progress,
        backend=proposing,
        before=before.solution if before is not None and same else None,
    )
    solution = with_ties_decided(estimates, solution, clock)
    asked = Asked(terms.solver, terms.gap, started, terms.more_budget)
    if solution.plan is None:
        return Planned(no_plan(estimates, solution, asked, clock), estimates, solution)
    return Planned(plan(estimates, solution, asked, clock), estimates, solution)


def optimize(
    scenario: Scenario,
    *,
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    rounds: int | None = None,
    solver: str = HIGHS,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """Plan a scenario; that there is no plan is an error.

    Parameters
    ----------
    scenario
        As `load_scenario` gives it.
    gap, time_limit_s, solver, on_progress, cancel
        As for `try_optimize`.

    Raises
    ------
    InfeasibleError
        Where no plan can keep all rules at once.
    NoPlanFoundError
        Where none was found within the limit.
    ScenarioError, CheckError, ValueError
        As `try_optimize` does.
    """
    result = try_optimize(
        scenario,
        gap=gap,
        time_limit_s=time_limit_s,
        rounds=rounds,
        solver=solver,
        on_progress=on_progress,
        cancel=cancel,
    )
    if isinstance(result, Plan):
        return result
    raise InfeasibleError(result) if result.outcome == "infeasible" else NoPlanFoundError(result)
