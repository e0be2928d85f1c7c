"""The program as floats that a solver likes: rows and costs scaled by powers of two, which loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from math import frexp, ldexp

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program

_ROW_SIZE = 14  # bounds near 2**14: a solver's tolerance of 1e-6 is then far below a cent, even of large budgets
_COST_SIZE = 10


@dataclass(frozen=True, eq=False)
class Scaled:
    """A program's floats: `matrix` (rows, n) and `cost` (n,) scaled; `row_scale` and `cost_scale` lead back."""

    program: Program
    matrix: sparse.csr_array
    cost: Floats
    row_scale: Floats
    cost_scale: float

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
    """Lay a program out as scaled floats."""
    rows, scales = [], []
    for row in program.rows:
        dense = row.coefficients(len(program))
        limits = [abs(limit) for limit in (row.lower, row.upper) if limit is not None]
        scale = _power(max([*map(float, limits), float(np.abs(dense).max(initial=0.0))]), _ROW_SIZE)
        rows.append(sparse.csr_array(dense[None, :] * scale))
        scales.append(scale)
    empty = sparse.csr_array((0, len(program)))
    cost = program.cost_vector()
    cost_scale = _power(float(np.abs(cost[program.most > 0]).max(initial=0.0)), _COST_SIZE)
    matrix = sparse.csr_array(sparse.vstack([empty, *rows], format="csr"))
    return Scaled(program, matrix, cost * cost_scale, np.array(scales), cost_scale)


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
