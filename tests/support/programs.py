"""Programs for the tests of the engine: from scenarios, or from plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from optimizer import load_scenario
from optimizer.domain.constraints import Constraint, Measure, Objective
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.kinds.amounts import AmountRule
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Term
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution, solve

RowOf = tuple[Sequence[int], int | None, int | None]


def program_of(said: dict[str, Any], frame: dict[str, list[Any]]) -> Program:
    """The program of a scenario."""
    return build(estimate(load_scenario(said, creators=frame)))


def program_from(
    costs: Sequence[int], rows: Sequence[RowOf], *, available: Sequence[int] | None = None, sense: str = "maximize"
) -> Program:
    """A program of plain numbers: one column per unit, rows of coefficients with a lower and an upper bound."""
    n, measure = len(costs), Measure("engagements")
    most = np.array([1] * n if available is None else available, dtype=np.int64)

    def term(values: Sequence[int]) -> Term:
        return Term(1, measure, np.array(values, dtype=np.int64), None)

    rules = tuple(
        AmountRule(
            Constraint(
                f"row {at}",
                measure,
                at_least=None if low is None else Fraction(low),
                at_most=None if high is None else Fraction(high),
            ),
            None,
            term(values),
            Fraction(1),
            Fraction(1),
        )
        for at, (values, low, high) in enumerate(rows)
    )
    return Program(
        unit=np.arange(n, dtype=np.int64),
        most=np.array([1] * n if available is None else available, dtype=np.int64),
        whole=np.ones(n, dtype=np.bool_),
        available=most,
        required=np.zeros(n, dtype=np.int64),
        objective=Objective(sense, (("engagements", Fraction(1)),)),
        costs=(term(costs),),
        denominator=1,
        rules=rules,
        rows=tuple(row for at, rule in enumerate(rules) for row in rule.rows_over(at, np.ones(n, dtype=np.bool_))),
    )


def best_of(program: Program) -> Fraction | None:
    """What the program maximises, at its best, by looking at every plan of a small program of one column per unit."""
    best = None
    for counts in product(*(range(int(most) + 1) for most in program.available)):
        columns = np.flatnonzero(counts).astype(np.int64)
        plan = Booked(columns, np.array(counts, dtype=np.int64)[columns])
        if not program.failures(plan):
            value = program.value(plan)
            best = value if best is None else max(best, value)
    return best


def solved(program: Program, gap: float = 0.0, rounds: int = 2_000) -> Solution:
    """The engine's answer after so many rounds of work, however long they take."""
    return solve(program, gap=gap, clock=Clock(rounds=rounds))


def value_of(program: Program, solution: Solution) -> Fraction | None:
    """What a solution's plan is worth, in the program's units."""
    return None if solution.plan is None else program.value(solution.plan)
