"""The linear relaxation: prices for all rows, from HiGHS.

Of many thousand columns few matter, and of their units' own rows (a unit takes at most one offer) fewer still. So a
large program starts from a sample of its columns; those that the prices find worth booking join, and so do the rows of
units that a solution books too often, until neither is left. The prices then hold for the whole program.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE
from optimizer.solving import highs
from optimizer.solving.scaling import Scaled, unit_rows

_ALL_AT_ONCE = 5_000  # up to so many columns, all of them and every unit's row are there from the start
_SAMPLE = 2_000  # columns that a larger program starts from, and the most that join in a round
_ROUNDS = 200
_WORTH = 1e-7  # reduced costs (scaled) up to this are noise
_PENALTY = 2.0**24  # for breaking a row of a sample: far above what any column gives


@dataclass(frozen=True)
class Relaxed:
    """What the relaxation gave: a status, values of all columns (n,), prices of all rows; the last where stopped."""

    status: str
    x: Floats | None
    prices: list[float] | None


@dataclass(frozen=True)
class _Part:
    """What of the program is in the solver: columns and units' rows."""

    active: Flags
    units: Ints


def relax(scaled: Scaled, clock: highs.Clock, *, elastic: bool = False, rules: Iterable[int] | None = None) -> Relaxed:
    """Solve the relaxation; `elastic` drops the objective and minimises the sum of (scaled) violations instead.

    The elastic program always has a solution. Where its violation is positive, its prices prove that no plan exists.
    With `rules`, only their rows hold.
    """
    program = scaled.program
    held = None if rules is None else set(rules)
    whole = len(program) <= _ALL_AT_ONCE
    part = _Part(_first(scaled, whole), _first_units(program, whole))
    penalty = 1.0 if elastic else None if whole else _PENALTY
    found = Relaxed(highs.FAILED, None, None)
    for _ in range(_ROUNDS):
        columns = np.flatnonzero(part.active)
        answer = highs.solve(_model(scaled, part, held, elastic, penalty), clock)
        if answer.status != highs.OPTIMAL or answer.x is None or answer.duals is None:
            return Relaxed(answer.status, found.x, found.prices)
        x = np.zeros(len(program))
        x[columns] = answer.x[: len(columns)]
        rows = len(scaled.row_scale)
        prices = answer.duals[:rows] * scaled.row_scale if elastic else np.array(scaled.prices(answer.duals))
        found = Relaxed(highs.STOPPED, x, [float(price) for price in prices])
        worth = np.zeros(len(program)) if elastic else scaled.cost
        rc = worth - scaled.charges(answer.duals[:rows])
        grown = _grown(program, part, x, rc, answer.duals[rows : rows + len(part.units)])
        if grown is None:
            broken = not elastic and penalty is not None and float(answer.x[len(columns) :].sum()) > _WORTH
            return Relaxed(highs.INFEASIBLE if broken else highs.OPTIMAL, x, found.prices)
        part = grown
    return found


def _first(scaled: Scaled, whole: bool) -> Flags:
    """The columns to begin with: all; or the most valuable, an even sample, and those of units that must be booked."""
    program, n = scaled.program, len(scaled.program)
    if whole:
        return np.ones(n, dtype=np.bool_)
    active = program.required[program.unit] > 0
    active[program.bookings :] = True
    active[np.argsort(-scaled.cost, kind="stable")[: _SAMPLE // 2]] = True
    active[:: max(n // (_SAMPLE // 2), 1)] = True
    return active


def _first_units(program: Program, whole: bool) -> Ints:
    must = np.flatnonzero(program.required)
    several = np.flatnonzero(np.bincount(program.unit, minlength=len(program.available)) > 1)
    return np.union1d(several, must) if whole else must


def _grown(program: Program, part: _Part, x: Floats, rc: Floats, unit_duals: Floats) -> _Part | None:
    """The part with what it lacks, columns worth more than their price and rows of units booked too often; or None."""
    booked = np.bincount(program.unit, weights=x, minlength=len(program.available))
    broken = np.setdiff1d(np.flatnonzero(booked > program.times(program.available) + 1e-9), part.units)
    of_unit = np.zeros(len(program.available))
    of_unit[part.units] = unit_duals
    gain = np.where(part.active | (program.most == 0), 0.0, rc - of_unit[program.unit])
    entering = np.flatnonzero(gain > _WORTH)
    if not len(broken) and not len(entering):
        return None
    active = part.active.copy()
    active[entering[np.argsort(-gain[entering], kind="stable")[:_SAMPLE]]] = True
    return _Part(active, np.union1d(part.units, broken))


def _model(scaled: Scaled, part: _Part, rules: set[int] | None, elastic: bool, penalty: float | None) -> highs.Model:
    program, (lower, upper) = scaled.program, scaled.bounds()
    if rules is not None:
        idle = np.array([row.rule not in {*rules, STRUCTURE} for row in program.rows], dtype=np.bool_)
        lower[idle], upper[idle] = -np.inf, np.inf
    columns = np.flatnonzero(part.active)
    own = unit_rows(program, columns, part.units)
    matrix = sparse.csr_array(sparse.vstack([scaled.part(columns), own], format="csr"))
    cost = np.zeros(len(columns)) if elastic else scaled.cost[columns]
    most = program.times(program.most[columns])
    if penalty is not None:
        matrix, cost, most = _with_slack(matrix, len(lower), cost, most, penalty)
    return highs.Model(
        cost=cost,
        matrix=matrix,
        row_lower=np.concatenate([lower, program.times(program.required[part.units])]),
        row_upper=np.concatenate([upper, program.times(program.available[part.units])]),
        lower=np.zeros(len(cost)),
        upper=most,
    )


def _with_slack(
    matrix: sparse.csr_array, rows: int, cost: Floats, upper: Floats, penalty: float
) -> tuple[sparse.csr_array, Floats, Floats]:
    """Two more columns per row, which lift and lower it at a penalty."""
    eye = sparse.eye_array(matrix.shape[0], rows, format="csr")
    wide = sparse.csr_array(sparse.hstack([matrix, eye, -eye], format="csr"))
    return wide, np.concatenate([cost, np.full(2 * rows, -penalty)]), np.concatenate([upper, np.full(2 * rows, np.inf)])


def whole_part(program: Program, x: Floats) -> Floats:
    """The bookings that a relaxed solution makes in full; of a unit that is booked too often, none."""
    whole = np.floor(x + 1e-9)
    booked = np.bincount(program.unit, weights=whole, minlength=len(program.available))
    return np.where(booked[program.unit] > program.times(program.available)[program.unit], 0.0, whole)
