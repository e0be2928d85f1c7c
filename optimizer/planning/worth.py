"""What the best plan of a scenario is worth, without what a plan states beside."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import Estimates, estimate, trace
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.check import check
from optimizer.planning.goals import in_order
from optimizer.planning.optimize import Planned
from optimizer.planning.stated import objective_result
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution, solve


@dataclass(frozen=True, eq=False)
class Worth:
    """The value of the plan found and its bound, as a plan would state them (None: no plan was found).

    `proved`: the plan is the best, for each of its goals, or no plan keeps the rules.
    """

    value: float | None
    bound: float | None
    proved: bool
    stopped: bool
    estimates: Estimates
    solution: Solution


def worth(scenario: Scenario, gap: float, clock: Clock, before: Worth | Planned | None = None) -> Worth:
    """What the best plan is worth, within the gap; if `before` has the same bookings, the search starts from there.

    A small program's gap is closed as for a plan: what is told of a difference between values must not be drowned by
    how far each may be from the best.

    Raises
    ------
    ScenarioError
        If a figure that is needed is given nowhere, or nobody can be booked.
    CheckError
        If the plan does not pass the exact check: a fault of creatormix.
    """
    estimates = estimate(scenario, before.estimates if before else None)
    program = build(estimates)
    same = before is not None and before.estimates.columns is estimates.columns
    known = before.solution if before is not None and same else None

    def search(program: Program, clock: Clock, earlier: Solution | None) -> Solution:
        return solve(program, gap=gap, clock=clock, before=earlier or known)

    if not scenario.goals:
        solution = found = search(program, clock, None)
        solutions: tuple[Solution, ...] = (found,)
    else:  # a plan for goals in order is decided to the last one, and what it is worth for the first one with it
        steps = in_order(estimates, program, [clock for _ in scenario.objectives], search)
        solution, found, solutions = steps.first, steps.last, steps.solutions
    if found.plan is None or solution.bound is None:
        return Worth(None, None, found.infeasible and found.proof != "none", clock.stopped, estimates, solution)
    inside = found.plan.columns < program.bookings
    bookings = Booked(found.plan.columns[inside], found.plan.counts[inside])
    traced = trace(scenario, estimates.columns.take(bookings.columns))
    for step in solutions:
        check(step.program, traced, found.plan, step.bound)
    proved = all(step.plan is not None and step.bound == step.program.value(step.plan) for step in solutions)
    stated = objective_result(solution.program, solution.program.value(found.plan), solution.bound)
    return Worth(stated.value, stated.bound, proved, clock.stopped, estimates, solution)
