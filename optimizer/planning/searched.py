"""The way from a scenario to checked bookings, before anything is stated of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import Estimates, estimate, trace
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.check import check
from optimizer.planning.goals import Steps, in_order
from optimizer.planning.stated import objective_result
from optimizer.results.plan import ObjectiveResult
from optimizer.solving import highs
from optimizer.solving.backends import Backend
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Beginning, Solution, solve
from optimizer.solving.search import Progress


@dataclass(frozen=True, eq=False)
class Searched:
    """The estimates of a scenario, and the solutions for each of its goals; see `Steps`."""

    estimates: Estimates
    steps: Steps

    @property
    def solution(self) -> Solution:
        """What was found for the first goal, with the plan of the last one."""
        return self.steps.first

    @property
    def proved(self) -> bool:
        """Whether the plan is the best, for each goal in its step; or, without one, that none keeps the rules."""
        last = self.steps.last
        if last.plan is None:
            return last.infeasible and last.proof != "none"
        return all(one.plan is not None and one.bound == one.program.value(one.plan) for one in self.steps.solutions)

    def next_from(self, known: Estimates | None) -> tuple[Estimates, Beginning]:
        """What the search of a next scenario begins with: the widest estimates there are, and where this one ended."""
        return begun_from(self.estimates, self.steps.solutions[0], known)

    def goals(self) -> list[ObjectiveResult]:
        """Each goal with the value of the last plan, and the bound of its own step."""
        plan, found = self.steps.last.plan, []
        for step in self.steps.solutions:
            if plan is None or step.bound is None:
                raise ValueError("a goal has a plan and a bound")
            found.append(objective_result(step.program, step.program.value(plan), step.bound))
        return found


def begun_from(estimates: Estimates, solution: Solution, known: Estimates | None) -> tuple[Estimates, Beginning]:
    """What a next search begins with; if some of the `known` bookings were searched, among all of them."""
    if known is None or estimates.places is None:
        return estimates, solution.beginning
    return known, solution.beginning.among(estimates.places, len(known))


def searched(
    scenario: Scenario,
    gap: float,
    clocks: Sequence[Clock],
    *,
    known: Estimates | None = None,
    before: Beginning | None = None,
    polish: bool = True,
    proposing: Backend = highs.solve,
    progress: Callable[[Progress], None] | None = None,
) -> Searched:
    """Estimate a scenario and search for the best plan, for each goal in order.

    Parameters
    ----------
    clocks
        One for each goal.
    known
        Estimates of a like scenario, which are reused where only goal and rules differ.
    before
        Where the search begins: where one over the bookings of `known` ended.
    polish
        As for `solve`.

    Raises
    ------
    ScenarioError
        If a figure that is needed is given nowhere, or nobody can be booked.
    """
    estimates = estimate(scenario, known)
    begin = before
    if known is not None and known.columns is not estimates.columns:
        begin = None if before is None or estimates.places is None else before.within(estimates.places)

    def search(program: Program, clock: Clock, earlier: Solution | None) -> Solution:
        return solve(
            program,
            gap=gap,
            clock=clock,
            progress=progress,
            backend=proposing,
            before=earlier or begin,
            polish=polish,
        )

    return Searched(estimates, in_order(estimates, build(estimates), clocks, search))


def checked(estimates: Estimates, steps: Steps) -> tuple[Estimates, Booked]:
    """The bookings of a plan, with all that is known of them, after the exact check.

    Raises
    ------
    CheckError
        If the plan does not pass it: a fault of creatormix.
    """
    plan, bookings = steps.last.plan, steps.first.program.bookings
    if plan is None:
        raise ValueError("there is no plan to check")
    inside = plan.columns < bookings
    booked = Booked(plan.columns[inside], plan.counts[inside])
    traced = trace(estimates.scenario, estimates.columns.take(booked.columns))
    for step in steps.solutions:
        check(step.program, traced, plan, step.bound)
    return traced, booked
