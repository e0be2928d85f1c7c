"""The program of a scenario as a file that any solver reads: .lp or .mps, with names in its comments."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Ints
from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.estimation.booking_table import BookingTable
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Row
from optimizer.planning.certificate import row_names
from optimizer.solving import highs, pulp_backend
from optimizer.solving.scaling import unit_rows

_LARGEST = 1e7  # larger coefficients cause numerical trouble in solvers


def write_model(scenario: Scenario, path: str | os.PathLike[str]) -> None:
    """Write the program of a scenario for other solvers.

    Columns are x0, x1, ... and rows r0, r1, ...; comments at the top explain them. Money is in major units of the
    scenario's currency, everything else in its own unit. The formats carry 12 to 13 digits, so the solution of another
    solver is a proposal that still has to be checked.

    Parameters
    ----------
    scenario
        As `load_scenario` gives it.
    path
        The path of the file; its name must end with .lp or .mps.

    Raises
    ------
    ScenarioError
        If a figure that is needed is given nowhere.
    ValueError
        If the name has another ending, or nobody can be booked.
    OSError
        If the file cannot be written.
    """
    check_loaded(scenario, "write_model")
    estimates = estimate(scenario)
    program = build(estimates).with_all_rows()
    units = _units_with_rows(program)
    notes = [
        f"{scenario.name}: {program.objective.sense} {' + '.join(_goal(program))}",
        *(
            ["people reached are held by tangents: by these, a plan may reach a little more"]
            if program.overlaps
            else []
        ),
        *(["the goal is written as its negative, to be maximised"] if program.objective.sign < 0 else []),
        *(["it is the first of several goals in order; later ones are not in this file"] if program.later else []),
        *_columns(scenario, estimates.columns, program),
        *(f"r{at} = {name}" for at, name in enumerate(row_names(program))),
        *(
            f"r{len(program.rows) + at} = how often {scenario.pool.ids[int(program.creator[unit])]} is booked"
            for at, unit in enumerate(units.tolist())
        ),
    ]
    pulp_backend.write(_model(scenario, program, units), Path(path), notes)


def _goal(program: Program) -> Iterator[str]:
    for name, weight in program.objective.weights:
        yield name if weight == 1 else f"{float(weight):g} x {name}"


def _columns(scenario: Scenario, columns: BookingTable, program: Program) -> Iterator[str]:
    stepped = {segment.position for segment in scenario.segments if segment.steps}
    creators, offers, steps = columns.creator.tolist(), columns.offer.tolist(), columns.step.tolist()
    for at, (creator, offer, step) in enumerate(zip(creators, offers, steps, strict=True)):
        further = f", step {step + 1}" if creator in stepped else ""
        yield f"x{at} = {scenario.pool.ids[creator]}, {scenario.offers[offer].name}{further}"
    for number, indicator in enumerate(program.indicators, 1):
        yield f"x{indicator.column} = yes or no {number}"
    for block in program.overlaps:
        for at, name in enumerate(block.names):
            unit = int(block.units[at])
            yield f"x{block.first + at} = people of {name} whom {block.name} reach twice, in units of {unit:,}"


def _units_with_rows(program: Program) -> Ints:
    """Units with a row of their own; units with a single column use its bounds instead."""
    several = np.bincount(program.unit, minlength=len(program.available)) > 1
    return np.flatnonzero((several | (program.required > 0))[: len(program.creator)])


def _model(scenario: Scenario, program: Program, units: Ints) -> highs.Model:
    sizes = [_size(scenario, row, len(program)) for row in program.rows]
    lower = [-np.inf if row.lower is None else row.lower / size for row, size in zip(program.rows, sizes, strict=True)]
    upper = [np.inf if row.upper is None else row.upper / size for row, size in zip(program.rows, sizes, strict=True)]
    rows = [
        sparse.csr_array(row.coefficients(len(program))[None, :] / size)
        for row, size in zip(program.rows, sizes, strict=True)
    ]
    each = unit_rows(program, np.arange(len(program)), units)
    matrix = sparse.vstack([sparse.csr_array((0, len(program))), *rows, each], format="csr")
    return highs.Model(
        cost=program.cost_vector() / program.denominator,
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([np.array(lower, dtype=np.float64), program.times(program.required[units])]),
        row_upper=np.concatenate([np.array(upper, dtype=np.float64), program.times(program.available[units])]),
        lower=np.zeros(len(program)),
        upper=program.times(program.most),
        whole=program.integral,
    )


def _size(scenario: Scenario, row: Row, n: int) -> int:
    """The divisor of a row's coefficients: its integer units per unit, or more if the numbers would be too large."""
    known = [term.measure.quantity for term in row.terms if term.measure.quantity in scenario.quantities]
    size, largest = scenario.scale(known[0]) if known else 1, float(np.abs(row.coefficients(n)).max(initial=0.0))
    while largest / size > _LARGEST:
        size *= 10
    return size
