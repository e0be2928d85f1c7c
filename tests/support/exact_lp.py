"""Linear programs in whole numbers, solved exactly: the simplex method with Bland's rule and fraction-free pivots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Row = tuple[Sequence[int], Fraction | int]  # coefficients, and what they add up to at most


def best_of(costs: Sequence[int], rows: Sequence[Row]) -> Fraction | None:
    """The most that `costs x` can be with every row kept and x not below 0; None where no x keeps them.

    The rows must bound x.
    """
    whole = []
    for coefficients, limit in rows:
        scale = Fraction(limit).denominator
        whole.append([*(value * scale for value in coefficients), int(limit * scale)])
    return _Tableau.of(list(costs), whole).best()


def with_both_ends(coefficients: Sequence[int], low: Fraction | int | None, high: Fraction | int | None) -> list[Row]:
    """A row between two bounds, as rows with an upper one."""
    rows: list[Row] = [] if high is None else [(coefficients, high)]
    return rows if low is None else [*rows, ([-value for value in coefficients], -low)]


@dataclass
class _Tableau:
    """`scale * basic[i] + sum of cells[i][j] * free[j] = cells[i][-1]`, for the last row of the objective's value."""

    cells: list[list[int]]
    basic: list[int]
    free: list[int]
    scale: int = 1

    @classmethod
    def of(cls, costs: list[int], rows: list[list[int]]) -> _Tableau:
        n = len(costs)
        cells = [*rows, [*(-cost for cost in costs), 0]]
        return cls(cells, [n + at for at in range(len(rows))], list(range(n)))

    def best(self) -> Fraction | None:
        if not self._made_feasible():
            return None
        self._climb()
        return Fraction(self.cells[-1][-1], self.scale)

    def _pivot(self, row: int, column: int) -> None:
        """Bring a free variable into the basis for one that leaves it; every division has no rest."""
        by, pivot = self.cells[row], self.cells[row][column]
        for at, cells in enumerate(self.cells):
            if at == row:
                continue
            factor = cells[column]
            self.cells[at] = [
                -factor if j == column else (pivot * cell - factor * other) // self.scale
                for j, (cell, other) in enumerate(zip(cells, by, strict=True))
            ]
        by[column] = self.scale
        if pivot < 0:
            self.cells = [[-cell for cell in cells] for cells in self.cells]
        self.scale = abs(pivot)
        self.basic[row], self.free[column] = self.free[column], self.basic[row]

    def _climb(self) -> None:
        """Pivot until no free variable adds to the last row; the first that does, so that no basis comes twice."""
        while True:
            better = [(name, j) for j, name in enumerate(self.free) if self.cells[-1][j] < 0]
            if not better:
                return
            column = min(better)[1]
            limits = [
                (Fraction(cells[-1], cells[column]), self.basic[at], at)
                for at, cells in enumerate(self.cells[:-1])
                if cells[column] > 0
            ]
            self._pivot(min(limits)[2], column)

    def _made_feasible(self) -> bool:
        """Whether some x keeps the rows; if so, the tableau stands at one. One more variable lifts every limit."""
        if all(cells[-1] >= 0 for cells in self.cells[:-1]):
            return True
        goal, name = self.cells[-1], -1
        rows = [[-1, *cells] for cells in self.cells[:-1]]
        more = _Tableau([*rows, [1, *([0] * len(goal))]], list(self.basic), [name, *self.free])
        worst = min(range(len(rows)), key=lambda at: rows[at][-1])
        more._pivot(worst, 0)
        more._climb()
        if more.cells[-1][-1] < 0:
            return False
        if name in more.basic:
            row = more.basic.index(name)
            more._pivot(row, next(j for j in range(len(more.free)) if more.cells[row][j]))
        drop = more.free.index(name)
        self.free = [one for one in more.free if one != name]
        self.basic, self.scale = more.basic, more.scale
        self.cells = [cells[:drop] + cells[drop + 1 :] for cells in more.cells[:-1]]
        self.cells.append(self._goal(goal))
        return True

    def _goal(self, costs: list[int]) -> list[int]:
        """The objective's row where the tableau stands."""
        row = [0] * (len(self.free) + 1)
        for variable, cost in enumerate(costs[:-1]):
            if variable in self.free:
                row[self.free.index(variable)] += cost * self.scale
            else:
                by = self.cells[self.basic.index(variable)]
                row = [value - cost * cell for value, cell in zip(row, by, strict=True)]
        return row
