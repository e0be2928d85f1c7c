"""One point of a sweep: a plan as numbers, without what only a report of it needs.

The plan is checked as any other is. Left out are ranges of bookings, runners-up, what is unspent, and the sides of
prices, which together take longer than a search that begins beside its end.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import Estimates, estimate, trace
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.check import check
from optimizer.planning.conflicts import clashes
from optimizer.planning.forecast import OBJECTIVE, Forecasting
from optimizer.planning.goals import Steps, in_order, largest_gap
from optimizer.planning.optimize import Terms
from optimizer.planning.outcome import totals
from optimizer.planning.standing import shadow_price
from optimizer.planning.stated import claim_of, objective_result
from optimizer.planning.told import tell
from optimizer.results.plan import ObjectiveResult
from optimizer.results.sweep import SweepPoint
from optimizer.solving.backends import backend
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Beginning, Solution, solve

REPAIRS = 1_000  # rounds of work for the repairs of a point without a plan
_NO_PLAN = "no plan can keep {rules} ({proved}): {names}"


@dataclass(frozen=True, eq=False)
class Pointed:
    """A point with what a next one begins with: the estimates, and where the search ended.

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
    estimates = estimate(scenario, known)
    program, proposing = build(estimates), backend(terms.solver)
    clocks = terms.clocks(time.monotonic(), len(scenario.objectives))

    def search(program: Program, clock: Clock, earlier: Solution | None) -> Solution:
        before = beginning if earlier is None else earlier
        return solve(program, gap=terms.gap, clock=clock, backend=proposing, before=before, polish=False)

    steps = in_order(estimates, program, clocks, search)
    if steps.last.plan is None:
        clock = clocks[len(steps.solutions) - 1]
        return Pointed(_without(estimates, steps.last, clock), estimates, None)
    found = tuple(_stated(steps))
    beginning = steps.solutions[0].beginning
    return Pointed(_with(estimates, steps, terms.gap, ranges=ranges), estimates, beginning, found)


def _stated(steps: Steps) -> list[ObjectiveResult]:
    """Each goal with the value of the last plan, and the bound of its own step."""
    plan = steps.last.plan
    found = []
    for step in steps.solutions:
        if plan is None or step.bound is None:
            raise ValueError("a goal has a plan and a bound")
        found.append(objective_result(step.program, step.program.value(plan), step.bound))
    return found


def _with(estimates: Estimates, steps: Steps, gap: float, *, ranges: bool) -> SweepPoint:
    """The point of a plan; raises CheckError where the plan fails the exact check."""
    solution, scenario = steps.first, estimates.scenario
    program, plan = solution.program, solution.plan
    if plan is None or solution.bound is None:
        raise ValueError("there is no plan to state")
    inside = plan.columns < program.bookings
    bookings = Booked(plan.columns[inside], plan.counts[inside])
    traced = trace(scenario, estimates.columns.take(bookings.columns))
    for step in steps.solutions:
        check(step.program, traced, plan, step.bound)
    goal = objective_result(program, program.value(plan), solution.bound)
    creators = dict.fromkeys(traced.columns.creator.tolist())
    return SweepPoint(
        at={},
        changes={},
        outcome="plan",
        sense=goal.sense,
        of=goal.of,
        claim=claim_of(largest_gap(steps), gap),
        value=goal.value,
        bound=goal.bound,
        gap=goal.gap,
        totals=totals(traced, bookings),
        creators=tuple(scenario.pool.ids[at] for at in creators),
        prices=_prices(solution),
        likely=_likely(traced, bookings, program) if ranges else None,
        stopped=any(one.stopped for one in steps.solutions),
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
