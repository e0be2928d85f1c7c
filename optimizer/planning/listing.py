"""All plans that are worth some least value, one by one, where they are few enough to be listed.

Units are decided in turn, all partial plans at once. A partial plan is dropped where what it has lost by the prices of
the rows is more than may be lost, or where a row cannot be kept any more, whatever follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Row, Term
from optimizer.planning.near import Near

MOST = 60_000  # partial plans at once
_COLUMNS_MOST, _ROWS_MOST = 400, 200
_EXACT = 2**60  # sums of integers up to here are exact
_HAIR = 1e-9  # of a value, by which regrets in floats may err
_NONE = -1


@dataclass(frozen=True, eq=False)
class Listed:
    """All plans: `columns` (plans, units) is what each books of each unit, -1 for nothing; `values` (plans,)."""

    columns: Ints
    values: Ints

    def plan(self, at: int) -> Booked:
        """One of the plans."""
        mine = np.sort(self.columns[at][self.columns[at] >= 0])
        return Booked(mine, np.ones(len(mine), dtype=np.int64))


def listed(near: Near, least: Fraction, later: Sequence[Fraction] = ()) -> Listed | None:
    """All plans that are worth `least`, and as much as `later` by each later goal; None where they are too many, or
    where bookings are parts, several of a kind, or followed by other columns.
    """
    columns = near.columns(least)
    if not near.program.all_whole or near.program.parts != 1 or len(columns) > _COLUMNS_MOST:
        return None
    program = build(near.estimates.within(columns)).with_all_rows()
    if program.indicators or program.overlaps or (program.available > 1).any() or len(program.rows) > _ROWS_MOST:
        return None
    asked = [*program.rows, Row(-1, tuple(term.times(program.objective.sign) for term in program.costs), None, None)]
    asked += [Row(-1, tuple(t.times(aim.objective.sign) for t in aim.costs), None, None) for aim in program.later]
    matrix = _matrix(asked, len(program))
    if matrix is None:
        return None
    lower = [row.lower for row in program.rows] + [_rounded(least), *map(_rounded, later)]
    upper = [row.upper for row in program.rows] + [None] * (1 + len(later))
    regret = near.booking_regret[columns]
    idle = _idle_regrets(near, columns, program)
    room = float(near.bound - least) + _HAIR * float(abs(near.bound) + abs(least) + 1)
    found = _Frontier(program, matrix, _bounds(lower, -_EXACT), _bounds(upper, _EXACT)).run(regret, idle, room)
    if found is None:
        return None
    chosen, values = found
    return Listed(np.where(chosen >= 0, columns[np.maximum(chosen, 0)], _NONE), values)


def _rounded(least: Fraction) -> int:
    return -(-least.numerator // least.denominator)


def _bounds(limits: Sequence[int | None], otherwise: int) -> Ints:
    return np.array([otherwise if limit is None else limit for limit in limits], dtype=np.int64)


def _matrix(rows: Sequence[Row], n: int) -> Ints | None:
    """The coefficients of rows as integers (rows, n); None where sums of them are not exact."""
    found = np.zeros((len(rows), n), dtype=object)
    for at, row in enumerate(rows):
        for term in row.terms:
            _add(found[at], term)
    largest = np.abs(found).sum(axis=1).max(initial=0)
    limits = [abs(limit) for row in rows for limit in (row.lower, row.upper) if limit is not None]
    return found.astype(np.int64) if max([int(largest), *limits]) < _EXACT // 4 else None


def _add(total: np.ndarray, term: Term) -> None:
    members = np.arange(len(total)) if term.members is None else term.members
    total[members] += term.each.astype(object) * term.multiplier


def _idle_regrets(near: Near, columns: Ints, program: Program) -> Floats:
    """(m,) What it costs to book nothing of each unit: as much as its best booking gains over nothing."""
    rc = near.reduced_costs[columns]
    idle = np.zeros(len(program.available))
    np.maximum.at(idle, program.unit, np.where(near.program.most[columns] > 0, rc, 0.0))
    return np.where(program.required > 0, np.inf, idle)


class _Frontier:
    """Partial plans of the units that are decided so far."""

    def __init__(self, program: Program, matrix: Ints, lower: Ints, upper: Ints) -> None:
        self.program, self.matrix, self.lower, self.upper = program, matrix, lower, upper
        self.of = [
            np.flatnonzero((program.unit == unit) & (program.most > 0)) for unit in range(len(program.available))
        ]

    def run(self, regret: Floats, idle: Floats, room: float) -> tuple[Ints, Ints] | None:
        """All plans, as columns (plans, units) with -1 for nothing, and what they are worth."""
        order = np.argsort(-idle, kind="stable").tolist()  # what is as good as certain comes first
        least, most = self._to_come(order)
        lost, totals = np.zeros(1), np.zeros((1, len(self.matrix)), dtype=np.int64)
        chosen = np.full((1, len(order)), _NONE, dtype=np.int64)
        for at, unit in enumerate(order):
            ways = [*self.of[unit].tolist(), *([_NONE] if np.isfinite(idle[unit]) else [])]
            parts = []
            for way in ways:
                lost_now = lost + (idle[unit] if way == _NONE else regret[way])
                now = totals if way == _NONE else totals + self.matrix[:, way]
                fits = (lost_now <= room) & (now + least[at] <= self.upper).all(axis=1)
                fits &= (now + most[at] >= self.lower).all(axis=1)
                kept = np.flatnonzero(fits)
                parts.append((kept, lost_now[kept], now[kept], np.full(len(kept), way)))
            if sum(len(part[0]) for part in parts) > MOST:
                return None
            before, lost, totals, mine = (
                (np.concatenate(one) for one in zip(*parts, strict=True))
                if parts
                else (np.zeros(0, np.int64), lost[:0], totals[:0], np.zeros(0, np.int64))
            )
            chosen = chosen[before]
            chosen[:, unit] = mine
        return chosen, totals[:, len(self.program.rows)]

    def _to_come(self, order: Sequence[int]) -> tuple[list[Ints], list[Ints]]:
        """For each unit in order, the least and the most that those after it can add to each row."""
        least, most = [np.zeros(len(self.matrix), dtype=np.int64)], [np.zeros(len(self.matrix), dtype=np.int64)]
        for unit in reversed(order[1:]):
            values = self.matrix[:, self.of[unit]]
            if not self.program.required[unit] or not values.shape[1]:
                values = np.hstack([values, np.zeros((len(values), 1), dtype=np.int64)])
            least.append(least[-1] + values.min(axis=1))
            most.append(most[-1] + values.max(axis=1))
        return least[::-1], most[::-1]
