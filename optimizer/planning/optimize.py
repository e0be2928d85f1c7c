"""Planning: from a scenario to a checked plan."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.terms import Booked
from optimizer.planning.goals import Steps
from optimizer.planning.outcome import Asked, no_plan, plan
from optimizer.planning.searched import searched
from optimizer.results.errors import InfeasibleError, NoPlanFoundError
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.solving.backends import HIGHS, backend
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Beginning, Solution
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
    """Plan a scenario. If there is no plan, the result is a NoPlan, not an error.

    Parameters
    ----------
    scenario
        A scenario from `load_scenario`.
    gap
        The relative gap at which the search ends, from 0 up to, not including, 1: how far the plan may be from the
        proven bound, as a fraction of its value. 0.01 is 1 %.
    time_limit_s
        Seconds after which the best plan so far is returned, above 0; None for no limit.
    rounds
        Rounds of work after which it is returned, at least 1, instead of seconds: the same plan on any machine,
        however busy. A plan that ended at a time limit gives in `solver.rounds` the number that repeats it. The work of
        other solvers than HiGHS within a round is not counted.
    solver
        The solver that proposes integer solutions: `highs`, or another one that PuLP finds here, such as `cbc`. Prices
        and proofs do not depend on it.
    on_progress
        Called with a `Progress` at each improvement of the plan or the bound.
    cancel
        Called regularly; once it returns True, the best plan so far is returned.

    Raises
    ------
    ScenarioError
        If a figure that is needed is given nowhere, or nobody can be booked.
    CheckError
        If the plan does not pass the exact check: a fault of creatormix.
    ValueError
        If a number is outside its range, or the solver is not installed.
    TypeError
        If it is given a path or a mapping: `load_scenario` makes a scenario of them.
    """
    check_loaded(scenario, "try_optimize")
    terms = Terms(gap, time_limit_s, solver, on_progress, cancel, rounds)
    return planned(scenario, terms).result


@dataclass(frozen=True)
class Terms:
    """The settings of a search; see `try_optimize`.

    `more_budget`: whether to search what more budget brings; `further`: whether another search follows, which gets a
    part of the time as each goal does.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    gap: float = DEFAULT_GAP
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S
    solver: str = HIGHS
    on_progress: Callable[[Progress], None] | None = None
    cancel: Callable[[], bool] | None = None
    rounds: int | None = None
    more_budget: bool = True
    further: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.gap < 1:
            raise ValueError(f"gap must be at least 0 and below 1, not {self.gap}")
        if self.time_limit_s is not None and not self.time_limit_s > 0:
            raise ValueError(f"time_limit_s must be above 0, not {self.time_limit_s}")
        if self.rounds is not None and self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, not {self.rounds}")

    def clocks(self, started: float, goals: int) -> list[Clock]:
        """The clocks that end the search for each goal: at equal parts of the time, or after `rounds` of work each."""
        limit = None if self.rounds is not None else self.time_limit_s
        seconds = inf if limit is None else max(limit * (1 - _RESERVE) - _RESERVE_S, limit / 2)
        ends = (started + seconds * (at + 1) / goals for at in range(goals))
        return [Clock(end, self.cancel or (lambda: False), self.rounds) for end in ends]


@dataclass(frozen=True, eq=False)
class Planned:
    """The result, and the estimates, program and solutions that it is based on; `steps` are those for each goal."""

    result: Plan | NoPlan
    estimates: Estimates
    solution: Solution
    steps: Steps
    asked: Asked
    clock: Clock

    def stated(self, other: Booked, gap: float) -> Plan:
        """Another plan of the same program that was chosen although better ones may be known, checked and stated with
        the same proof; `gap` is how far it may be below the bound.
        """
        last = replace(self.steps.last, plan=self.steps.last.program.settled(other), ties="open")
        steps = Steps((*self.steps.solutions[:-1], last))
        asked = replace(self.asked, gap=max(self.asked.gap, gap), more_budget=False, chosen=True)
        return plan(self.estimates, steps, asked, self.clock)


def planned(
    scenario: Scenario, terms: Terms, known: Estimates | None = None, beginning: Beginning | None = None
) -> Planned:
    """Plan a scenario; with `known` estimates of a like one, the search starts at a `beginning` over its bookings."""
    proposing, started = backend(terms.solver), time.monotonic()
    clocks = terms.clocks(started, len(scenario.objectives) + terms.further)
    found = searched(
        scenario,
        terms.gap,
        clocks,
        known=known,
        before=beginning,
        proposing=proposing,
        progress=terms.on_progress,
    )
    estimates, steps = found.estimates, found.steps
    asked, clock = (
        Asked(terms.solver, terms.gap, started, terms.more_budget, terms.further),
        clocks[len(steps.solutions) - 1],
    )
    if steps.last.plan is None:
        return Planned(no_plan(estimates, steps.last, asked, clock), estimates, steps.last, steps, asked, clock)
    return Planned(plan(estimates, steps, asked, clock), estimates, steps.first, steps, asked, clock)


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
    """Plan a scenario. If there is no plan, an error is raised.

    Parameters
    ----------
    scenario
        A scenario from `load_scenario`.
    gap, time_limit_s, rounds, solver, on_progress, cancel
        As for `try_optimize`.

    Raises
    ------
    InfeasibleError
        If no plan can keep all rules at once.
    NoPlanFoundError
        If none was found within the limit; one may exist.
    ScenarioError, CheckError, ValueError, TypeError
        As for `try_optimize`.

    Examples
    --------
    >>> from optimizer import load_scenario
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
    >>> plan = optimize(load_scenario(campaign, creators=pool))
    >>> [booking.creator for booking in plan.allocations], plan.objective.value, plan.claim
    (['@bea'], 600.0, 'optimal')
    """
    check_loaded(scenario, "optimize")
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
