"""The program as floats that a solver likes: rows and costs scaled by powers of two, which loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import frexp, ldexp

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Row
from optimizer.solving.lagrangian_bound import weighted

_ROW_SIZE = 14  # bounds near 2**14: a solver's tolerance of 1e-6 is then far below a cent, even of large budgets
_COST_SIZE = 10
_LARGE = 100_000  # columns from which on no row is laid out in full


@dataclass(frozen=True, eq=False)
class Scaled:
    """A program's floats, scaled: `cost` (n,), and rows as asked for; `row_scale` and `cost_scale` lead back.

    The matrix of all rows and columns is never laid out: of a million columns a few thousand matter.
    """

    program: Program
    cost: Floats
    row_scale: Floats
    cost_scale: float

    def part(self, columns: Ints, first: int = 0) -> sparse.csr_array:
        """The scaled coefficients of some columns: one row for each row of the program, from the `first` on."""
        starts, where, values = [0], list[Ints](), list[Floats]()
        known: dict[tuple[int, int], tuple[Ints, Floats]] = {}  # many rows count the same of the same columns
        order = np.argsort(columns, kind="stable")
        ascending = columns[order]
        for row, scale in zip(self.program.rows[first:], self.row_scale[first:], strict=True):
            dense = np.zeros(len(columns))
            for term in row.terms:
                key = id(term.values), id(term.members)
                if key not in known:
                    places, found = term.entries(ascending)
                    known[key] = order[places], found.astype(np.float64)
                places, each = known[key]
                dense[places] += each * term.multiplier
            inside = np.flatnonzero(dense)
            where.append(inside)
            values.append(dense[inside] * scale)
            starts.append(starts[-1] + len(inside))
        nothing = np.zeros(0, dtype=np.int64)
        data, indices = np.concatenate([*values, np.zeros(0)]), np.concatenate([*where, nothing])
        return sparse.csr_array((data, indices, starts), shape=(len(starts) - 1, len(columns)))

    def with_rows(self, rows: Sequence[Row]) -> Scaled:
        """The same with more rows after its own."""
        program = replace(self.program, rows=(*self.program.rows, *rows))
        more = np.array([_row_scale(row, len(program)) for row in rows], dtype=np.float64)
        return Scaled(program, self.cost, np.concatenate([self.row_scale, more]), self.cost_scale)

    def totals(self, x: Floats) -> Floats:
        """What a solution makes of each row, scaled; quick where few of all columns are booked."""
        columns = np.flatnonzero(x)
        return np.asarray(self.part(columns) @ x[columns])

    def charges(self, duals: Floats) -> Floats:
        """What the rows charge each column (n,) at a solver's duals."""
        weights = zip(self.program.rows, (duals * self.row_scale).tolist(), strict=True)
        return weighted(len(self.program), ((weight, term) for row, weight in weights if weight for term in row.terms))

    def bounds(self, fixed: Floats | None = None) -> tuple[Floats, Floats]:
        """Scaled row bounds, less what fixed columns use already (scaled)."""
        used = np.zeros(len(self.row_scale)) if fixed is None else fixed
        lower, upper = np.full(len(used), -np.inf), np.full(len(used), np.inf)
        for at, row in enumerate(self.program.rows):
            if row.lower is not None:
                lower[at] = row.lower * self.row_scale[at] - used[at]
            if row.upper is not None:
                upper[at] = row.upper * self.row_scale[at] - used[at]
        return lower, upper

    def prices(self, duals: Floats) -> list[float]:
        """A solver's duals as prices in the program's own units."""
        return [float(dual) for dual in duals[: len(self.row_scale)] * self.row_scale / self.cost_scale]


def scaled(program: Program) -> Scaled:
    """A program with the scales of its rows and costs."""
    scales = [_row_scale(row, len(program)) for row in program.rows]
    cost = program.cost_vector()
    cost_scale = _power(float(np.abs(cost[program.most > 0]).max(initial=0.0)), _COST_SIZE)
    return Scaled(program, cost * cost_scale, np.array(scales, dtype=np.float64), cost_scale)


def _row_scale(row: Row, n: int) -> float:
    limits = [abs(limit) for limit in (row.lower, row.upper) if limit is not None]
    return _power(max([*map(float, limits), _largest(row, n)]), _ROW_SIZE)


def _largest(row: Row, n: int) -> float:
    """The largest coefficient of a row, by size; of many columns, the largest of its terms, which is near enough."""
    if n <= _LARGE:
        return float(np.abs(row.coefficients(n)).max(initial=0.0))
    largest = 0
    for term in row.terms:
        values = term.each
        size = max(int(values.max(initial=0)), -int(values.min(initial=0)))
        largest = max(largest, size * abs(term.multiplier))
    return float(largest)


def unit_rows(program: Program, columns: Ints, units: Ints) -> sparse.csr_array:
    """One row for each of `units` over `columns`: how often it is booked."""
    at = np.searchsorted(units, program.unit[columns])
    inside = (
        (at < len(units)) & (units[np.minimum(at, max(len(units) - 1, 0))] == program.unit[columns])
        if len(units)
        else at < 0
    )
    picked = np.flatnonzero(inside)
    ones = np.ones(len(picked))
    return sparse.csr_array((ones, (at[picked], picked)), shape=(len(units), len(columns)))


def _power(size: float, target: int) -> float:
    """The power of two that brings a size near 2**target."""
    return ldexp(1.0, target - frexp(size)[1]) if size > 0 else 1.0
