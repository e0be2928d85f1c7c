"""The same programs, solved by CBC through PuLP and by scipy: their answers are proposals, held to the same check."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache

import numpy as np
import pulp
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer.formulation.program import Program
from optimizer.formulation.terms import booked
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution, solve
from optimizer.solving.scaling import scaled, unit_rows
from tests.support.amounts import seeded, times
from tests.support.programs import program_of, value_of
from tests.support.scenarios import scenario

COUNT = times(50)
ROUNDS = 1_500  # of work; equalities over many bookings may take for ever
NODES = 5_000  # of another solver's search
Answer = tuple[str, np.ndarray | None]


def laid_out(program: Program) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Costs, matrix and row bounds as floats, with a row for every creator."""
    layout = scaled(program)
    units = np.arange(len(program.available))
    lower, upper = layout.bounds()
    per_unit = unit_rows(program, np.arange(len(program)), units).todense()
    matrix = np.vstack([layout.part(np.arange(len(program))).todense(), per_unit])
    return (
        layout.cost,
        matrix,
        np.concatenate([lower, program.times(program.required)]),
        np.concatenate([upper, program.times(program.available)]),
    )


def by_scipy(program: Program) -> Answer:
    cost, matrix, lower, upper = laid_out(program)
    found = milp(
        -cost,
        constraints=LinearConstraint(matrix, lower, upper),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(cost)),
        options={"mip_rel_gap": 0.0, "node_limit": NODES},
    )
    return {0: "optimal", 2: "infeasible"}.get(found.status, "other"), found.x


def by_cbc(program: Program) -> Answer:
    cost, matrix, lower, upper = laid_out(program)
    problem = pulp.LpProblem("p", pulp.LpMaximize)
    x = [problem.add_variable(f"x{at}", 0, 1, cat="Integer") for at in range(len(cost))]
    problem += pulp.LpAffineExpression([(x[at], float(value)) for at, value in enumerate(cost)])
    for at, (low, high) in enumerate(zip(lower, upper, strict=True)):
        terms = pulp.LpAffineExpression([(x[int(j)], float(matrix[at, j])) for j in np.flatnonzero(matrix[at])])
        if np.isfinite(low):
            problem += terms >= float(low)
        if np.isfinite(high):
            problem += terms <= float(high)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PuLP 3 brings its own CBC, and says that PuLP 4 will not
        problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0.0, maxNodes=NODES))
    ended = problem.sol_status == pulp.LpSolutionOptimal  # the status says "optimal" at a limit too
    status = "optimal" if ended else {-1: "infeasible"}.get(problem.status, "other")
    values = [variable.value() for variable in x]
    return status, None if None in values else np.array(values, dtype=float)


@cache
def ours(number: int) -> tuple[Program, Solution]:
    style, sizes = ("plain", "round", "cents")[number % 3], ((8, 16) if number % 2 else (10, 13))
    program = program_of(*scenario(f"{seeded('differential')} {number}", style=style, sizes=sizes))
    return program, solve(program, gap=0.0, clock=Clock(rounds=ROUNDS))


def compared(solver: Callable[[Program], Answer]) -> tuple[list[tuple[int, str]], int]:
    """What speaks against us, and how many values could be compared."""
    wrong, count = [], 0
    for number in range(COUNT):
        program, solution = ours(number)
        value = value_of(program, solution)
        status, x = solver(program)
        if x is None:
            continue
        plan = program.settled(booked(x))
        if not program.keeps_units(plan) or program.failures(plan):
            continue
        theirs = program.value(plan)
        count += 1
        if value is None or theirs > value:
            wrong.append((number, f"{status} {theirs} beats {value}"))
        if solution.bound is None or theirs > solution.bound:
            wrong.append((number, f"{status} {theirs} passes the bound {solution.bound}"))
        if status == "optimal" and value is not None and theirs < value - 2e-6 * abs(value):
            wrong.append((number, f"the other solver's {theirs} is far below {value}"))
    return wrong, count


@pytest.mark.parametrize("solver", [by_scipy, by_cbc], ids=["scipy", "cbc"])
def test_no_other_solver_finds_a_better_plan_or_passes_the_bound(solver: Callable[[Program], Answer]) -> None:
    wrong, count = compared(solver)
    assert wrong == []
    assert count > COUNT / 2


def test_infeasible_is_said_only_where_no_other_solver_finds_a_plan() -> None:
    wrong, count = [], 0
    for number in range(COUNT):
        program, solution = ours(number)
        if solution.infeasible:
            count += 1
            _, x = by_scipy(program)
            if x is not None and program.keeps_units(booked(x)) and not program.failures(booked(x)):
                wrong.append(number)
    assert wrong == []
    assert count > 5


def test_what_is_found_passes_every_row_in_integers() -> None:
    plans = 0
    for number in range(COUNT):
        program, solution = ours(number)
        if solution.plan is not None:
            plans += 1
            assert program.failures(solution.plan) == []
            assert program.keeps_units(solution.plan)
    assert plans > COUNT / 2
