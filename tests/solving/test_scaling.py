"""Scaling by powers of two loses nothing: integers come back as they were."""

from __future__ import annotations

from fractions import Fraction
from math import frexp

import numpy as np
import pytest

from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.solving.scaling import scaled, unit_rows
from tests.support.audiences import drawn
from tests.support.programs import program_from, program_of
from tests.support.scenarios import scenario

PROGRAMS = [scenario(f"scaling {number}") for number in range(40)]
EXACT = 2**53


def coefficient(terms, column: int) -> int:
    return sum(
        term.multiplier * int(term.values[column])
        for term in terms
        if term.members is None or column in term.members.tolist()
    )


def test_scaled_coefficients_are_the_integers_times_a_power_of_two() -> None:
    compared = 0
    for said, frame in PROGRAMS:
        program = program_of(said, frame)
        layout = scaled(program)
        dense = layout.part(np.arange(len(layout.program))).todense()
        for at, row in enumerate(program.rows):
            scale = Fraction(float(layout.row_scale[at]))
            assert frexp(float(layout.row_scale[at]))[0] == 0.5
            for column in range(len(program)):
                parts = [abs(term.multiplier * int(term.values[column])) for term in row.terms]
                if max(parts, default=0) < EXACT:
                    compared += 1
                    assert Fraction(float(dense[at, column])) == coefficient(row.terms, column) * scale
    assert compared > 1_000


def test_scaled_bounds_are_the_integers_times_a_power_of_two() -> None:
    for said, frame in PROGRAMS:
        program = program_of(said, frame)
        layout = scaled(program)
        lower, upper = layout.bounds()
        for at, row in enumerate(program.rows):
            scale = Fraction(float(layout.row_scale[at]))
            for limit, shown in ((row.lower, lower[at]), (row.upper, upper[at])):
                if limit is None:
                    assert np.isinf(shown)
                else:
                    assert Fraction(float(shown)) == limit * scale


def test_scaled_costs_are_the_signed_integers_times_a_power_of_two() -> None:
    for said, frame in PROGRAMS:
        program = program_of(said, frame)
        layout = scaled(program)
        assert frexp(layout.cost_scale)[0] == 0.5
        for column in range(len(program)):
            exact = program.objective.sign * coefficient(program.costs, column) * Fraction(layout.cost_scale)
            assert float(layout.cost[column]) == pytest.approx(float(exact), rel=1e-12, abs=1e-9)


def test_prices_come_back_in_the_programs_own_units() -> None:
    """The dual of `3 x <= 10` under `maximize 6 x` is 2, however the row is scaled."""
    program = program_from([6], [([3], None, 10)])
    layout = scaled(program)
    dual = layout.cost[0] / layout.part(np.arange(len(layout.program))).todense()[0, 0]
    assert layout.prices(np.array([dual])) == [2.0]


def test_unit_rows_count_each_units_bookings() -> None:
    said, frame = scenario("units")
    program = program_of(said, frame)
    columns = np.arange(0, len(program), 2)
    units = np.unique(program.unit[columns])[1:]
    rows = unit_rows(program, columns, units).todense()
    for at, unit in enumerate(units):
        assert rows[at].tolist() == [float(program.unit[column] == unit) for column in columns]


def test_columns_may_be_asked_for_in_any_order() -> None:
    """Also where a row counts fewer columns than are asked for, and these are looked up."""
    rng = np.random.default_rng(2)
    for number in range(30):
        layout = scaled(build(estimate(drawn(f"any order {number}"))))
        columns = rng.permutation(len(layout.program))
        every = layout.part(np.arange(len(layout.program))).todense()
        assert (layout.part(columns).todense() == every[:, columns]).all()
