"""The linear relaxation: prices for all rows, from HiGHS.

A unit's own row (it takes at most one offer) joins only where a solution breaks it: of many thousand, few do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.solving import highs
from optimizer.solving.scaling import Scaled, unit_rows

_ALL_AT_ONCE = 5_000  # up to so many columns every unit's row is there from the start
_ROUNDS = 12


@dataclass(frozen=True)
class Relaxed:
    """What the relaxation gave: the solver's status, values of all columns (n,), prices of all rows."""

    status: str
    x: Floats | None
    prices: list[float] | None


def relax(scaled: Scaled, clock: highs.Clock, *, elastic: bool = False, rules: Iterable[int] | None = None) -> Relaxed:
    """Solve the relaxation; `elastic` drops the objective and minimises the sum of (scaled) violations instead.

    With `rules`, only their rows hold.

    The elastic program always has a solution. Where its violation is positive, its prices prove that no plan exists.
    """
    program = scaled.program
    several = np.flatnonzero(np.bincount(program.unit, minlength=len(program.available)) > 1)
    must = np.flatnonzero(program.required)
    small = len(program) <= _ALL_AT_ONCE
    units = np.union1d(several, must) if small else must
    for round_ in range(_ROUNDS):
        answer = highs.solve(_model(scaled, units, elastic, None if rules is None else set(rules)), clock)
        if answer.status != highs.OPTIMAL or answer.x is None or answer.duals is None:
            return Relaxed(answer.status, None, None)
        x = answer.x[: len(program)]
        booked = np.bincount(program.unit, weights=x, minlength=len(program.available))
        broken = np.flatnonzero(booked > program.available + 1e-9)
        broken = np.setdiff1d(broken, units)
        if not len(broken):
            return Relaxed(highs.OPTIMAL, x, _prices(scaled, answer.duals, elastic))
        units = np.union1d(units, several if round_ + 2 == _ROUNDS else broken)
    return Relaxed(highs.FAILED, None, None)


def _prices(scaled: Scaled, duals: Floats, elastic: bool) -> list[float]:
    if not elastic:
        return scaled.prices(duals)
    return [float(dual) for dual in duals[: len(scaled.row_scale)] * scaled.row_scale]


def _model(scaled: Scaled, units: Ints, elastic: bool, rules: set[int] | None) -> highs.Model:
    program, (lower, upper) = scaled.program, scaled.bounds()
    if rules is not None:
        idle = np.array([row.rule not in rules for row in program.rows], dtype=np.bool_)
        lower[idle], upper[idle] = -np.inf, np.inf
    every = np.arange(len(program))
    matrix = sparse.vstack([scaled.matrix, unit_rows(program, every, units)], format="csr")
    cost, column_upper = scaled.cost, program.most.astype(np.float64)
    if elastic:
        matrix, cost, column_upper = _with_slack(matrix, len(lower), column_upper)
    return highs.Model(
        cost=cost,
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([lower, program.required[units].astype(np.float64)]),
        row_upper=np.concatenate([upper, program.available[units].astype(np.float64)]),
        lower=np.zeros(len(cost)),
        upper=column_upper,
    )


def _with_slack(matrix: sparse.csr_array, rows: int, upper: Floats) -> tuple[sparse.csr_array, Floats, Floats]:
    """Two more columns per row, which lift and lower it at a cost of 1."""
    eye = sparse.eye_array(matrix.shape[0], rows, format="csr")
    cost = np.concatenate([np.zeros(len(upper)), -np.ones(2 * rows)])
    wide = sparse.hstack([matrix, eye, -eye], format="csr")
    return sparse.csr_array(wide), cost, np.concatenate([upper, np.full(2 * rows, np.inf)])


def whole_part(x: Floats) -> Floats:
    """The bookings that a relaxed solution makes in full."""
    return np.floor(x + 1e-9)
