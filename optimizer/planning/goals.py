"""Goals in order: each next one among the plans that keep a share of the value found for those before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.estimation.estimate import Estimates
from optimizer.formulation.kept import kept_row
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Row
from optimizer.planning.certificate import certificate
from optimizer.planning.stated import objective_result
from optimizer.planning.ties import with_ties_decided
from optimizer.results.gap import gap_between
from optimizer.results.plan import GoalResult
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution


@dataclass(frozen=True, eq=False)
class Steps:
    """The solutions for all goals, in order; without a plan, there is one that says so."""

    solutions: tuple[Solution, ...]

    @property
    def first(self) -> Solution:
        """What was found for the first goal, with the plan of the last one."""
        first, last = self.solutions[0], self.solutions[-1]
        if last is first:
            return first
        stopped = any(one.stopped for one in self.solutions)
        return replace(first, plan=last.plan, stopped=stopped, ties=last.ties)

    @property
    def last(self) -> Solution:
        """What was found for the last goal."""
        return self.solutions[-1]


def in_order(
    estimates: Estimates,
    program: Program,
    clocks: Sequence[Clock],
    search: Callable[[Program, Clock, Solution | None], Solution],
) -> Steps:
    """Solve a program for its goals, one after the other; `clocks` are those of the goals."""
    goals, rows = estimates.scenario.goals, list[Row]()
    found = [search(program, clocks[0], None)]
    for number, aim in enumerate(program.later, 1):
        before = found[-1]
        if before.plan is None:
            break
        reached = found_for(before.program, before)
        rows = [kept_row(before.program, number, reached, goals[number - 1].keep)]
        further = replace(before, program=before.program)
        found.append(search(before.program.towards(aim, rows), clocks[number], further))
    return Steps((*found[:-1], with_ties_decided(estimates, found[-1], clocks[len(found) - 1])))


def last_of(estimates: Estimates, steps: Steps) -> Callable[[Program], Program]:
    """What makes the program of the last goal of the program of a scenario, over whatever columns."""
    goals = estimates.scenario.goals
    reached = [found_for(one.program, one) for one in steps.solutions[:-1]]

    def formed(program: Program) -> Program:
        for number, (aim, found) in enumerate(zip(program.later, reached, strict=False), 1):
            program = program.towards(aim, [kept_row(program, number, found, goals[number - 1].keep)])
        return program

    return formed


def found_for(program: Program, solution: Solution) -> float:
    """The value found for a program's own goal, as it is stated."""
    if solution.plan is None:
        raise ValueError("there is no plan that has a value")
    return float(Fraction(program.objective.sign * program.value(solution.plan), program.denominator))


def goal_results(estimates: Estimates, steps: Steps) -> tuple[GoalResult, ...]:
    """How each goal stands in the plan, with the proof of its own step; none for a single goal."""
    scenario, plan = estimates.scenario, steps.last.plan
    if plan is None or not scenario.goals:
        return ()
    results = []
    for at, (goal, step) in enumerate(zip(scenario.goals, steps.solutions, strict=True)):
        if step.bound is None or step.plan is None:
            raise ValueError("a goal has a plan and a bound")
        stated = objective_result(step.program, step.program.value(plan), step.bound)
        reached = objective_result(step.program, step.program.value(step.plan), step.bound)
        root = step.bound if step.root_bound is None else step.root_bound
        root_bound = objective_result(step.program, step.program.value(plan), root).bound
        proof = certificate(scenario, estimates.columns, step, stated, root_bound) if at else None
        keep = float(goal.keep) if at + 1 < len(scenario.goals) else None
        results.append(
            GoalResult(
                sense=stated.sense,
                of=stated.of,
                value=stated.value,
                bound=stated.bound,
                gap=stated.gap,
                keep=keep,
                found=reached.value,
                certificate=proof,
            )
        )
    return tuple(results)


def largest_gap(steps: Steps) -> float:
    """The largest gap between what was found and the bound of its own step, as floats state both."""
    gaps = []
    for step in steps.solutions:
        if step.bound is None or step.plan is None:
            raise ValueError("a goal has a plan and a bound")
        stated = objective_result(step.program, step.program.value(step.plan), step.bound)
        one_only = len(steps.solutions) == 1
        gaps.append(stated.gap if one_only else gap_between(stated.value, stated.bound))
    return max(gaps)
