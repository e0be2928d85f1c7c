"""On which side of a bound its price holds: the relaxation is solved again with the bound slightly higher and lower.

At a degenerate vertex the dual solution is not unique, and the solver's price may hold in one direction only; in the
other the objective may gain nothing, or the relaxation may be infeasible. The duals of the relaxation beside the bound
are the prices of each side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isclose
from typing import Literal

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Ints
from optimizer.formulation.terms import Row, Term
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.engine import Solution
from optimizer.solving.scaling import Scaled, scaled, unit_rows

Bound = Literal["at_most", "at_least", "exactly"]
PRICED_MOST = 24  # the most rules whose sides are computed
_COLUMNS_MOST = 5_000  # of more, only those that matter
_HAIR = 2.0**-6  # by so much a row is moved, whose bound is near 2**14
_NOISE, _ALIKE = 1e-9, 1e-5


@dataclass(frozen=True)
class Sides:
    """The bound that a price belongs to, and the gain per unit of raising (`up`) or lowering it (`down`); None: no
    plan.
    """

    of: Bound
    up: float | None
    down: float | None


class SidedPrices:
    """The sides of one solution's prices; `price_of` gives the price of a rule's bound in a solution."""

    def __init__(self, solution: Solution, clock: highs.Clock, price_of: Callable[[Solution, int], float]) -> None:
        self._solution, self._clock, self._price_of = solution, clock, price_of
        self._layout = scaled(solution.program)
        self._columns = _columns(solution)
        self._model = _relaxation(self._layout, self._columns)
        self._left = PRICED_MOST

    def of(self, at: int, price: float) -> Sides | None:
        """The sides of a rule's price; None if they were not computed."""
        rows = [
            place
            for place, (row, dual) in enumerate(zip(self._solution.program.rows, self._solution.prices, strict=True))
            if row.rule == at and dual and self._slope(row) is not None
        ]
        if not price or not rows or not self._left:
            return None
        self._left -= 1
        bound = self._bound(rows)
        up, down = self._beside(at, rows, bound, 1), self._beside(at, rows, bound, -1)
        if "stopped" in (up, down) or not self._agree(rows, bound, price, up, down):
            return None
        signs = (-1, 1) if bound == "at_least" else (1, -1)
        gains = (
            sign * _settled(gain, price) if isinstance(gain, float) else None
            for gain, sign in zip((up, down), signs, strict=True)
        )
        return Sides(bound, *gains)

    def _slope(self, row: Row) -> Fraction | Term | None:
        """What the bound is multiplied by in a row: a number, its total of a share, or its denominator; None if no
        bound that a planner wrote is in it."""
        slope = self._solution.program.rules[row.rule].slope(row)
        return None if slope is None else slope.base

    def _agree(self, rows: list[int], bound: Bound, price: float, up: float | str, down: float | str) -> bool:
        """Whether the price lies between those of both sides, as it must where only a limit moves; one of a relaxation
        that was not solved to its end may not."""
        if isinstance(self._slope(self._solution.program.rows[rows[0]]), Term):
            return True
        looser, tighter = (down, up) if bound == "at_least" else (up, down)
        slack = _ALIKE * abs(price)
        return (not isinstance(looser, float) or looser <= price + slack) and (
            not isinstance(tighter, float) or tighter >= price - slack
        )

    def _bound(self, rows: list[int]) -> Bound:
        """The bound of a rule that the prices of its rows belong to."""
        row, dual = self._solution.program.rows[rows[0]], self._solution.prices[rows[0]]
        if row.lower is not None and row.lower == row.upper:
            return "exactly"
        return "at_most" if dual > 0 else "at_least"

    def _beside(self, at: int, rows: list[int], bound: Bound, way: int) -> float | str:
        """The price with the bound slightly higher or lower; `none` if that is infeasible, `stopped` if interrupted."""
        moved = self._moved(rows, bound, way)
        answer = highs.solve(moved, self._clock)
        if answer.status == highs.INFEASIBLE:
            return "none"
        if answer.status != highs.OPTIMAL or answer.x is None or answer.duals is None:
            return "stopped"
        program = self._solution.program
        relaxed = np.zeros(len(program))
        relaxed[self._columns] = answer.x
        prices = lagrangian_bound.project(program, self._layout.prices(answer.duals))
        return self._price_of(replace(self._solution, prices=prices, relaxed=relaxed), at)

    def _moved(self, rows: list[int], bound: Bound, way: int) -> highs.Model:
        """The relaxation with the bound of a rule moved."""
        program, model = self._solution.program, self._model
        slopes = {place: self._slope(program.rows[place]) for place in rows}
        terms = {place: base for place, base in slopes.items() if isinstance(base, Term)}
        if not terms:
            lower, upper = model.row_lower.copy(), model.row_upper.copy()
            for place in rows:
                lower[place] += way * _HAIR if bound != "at_most" else 0.0
                upper[place] += way * _HAIR if bound != "at_least" else 0.0
            return replace(model, row_lower=lower, row_upper=upper)
        bases = {place: term.at(self._columns) for place, term in terms.items()}
        largest = max(float(np.abs(base).max(initial=0.0)) for base in bases.values())
        size = max(largest, *(float(base @ self._solution.relaxed[self._columns]) for base in bases.values()))
        steps = sparse.lil_array(model.matrix.shape)
        for place, base in bases.items():
            multiplier = program.rows[place].terms[0].multiplier * self._layout.row_scale[place]
            steps[[place], :] = (-way * _HAIR * multiplier / self._weight(rows, size)) * base[None, :]
        return replace(model, matrix=sparse.csr_array(model.matrix + steps.tocsr()))

    def _weight(self, rows: list[int], size: float) -> float:
        """How far one unit of the bound of a share or ratio moves its row, at most."""
        rows_of, scale = self._solution.program.rows, self._layout.row_scale
        return max(float(rows_of[place].terms[0].multiplier * scale[place]) for place in rows) * size or 1.0


def _settled(gain: float, price: float) -> float:
    """The price itself if it holds on this side too, and 0 for noise."""
    if abs(gain) <= _NOISE * abs(price):
        return 0.0
    return price if isclose(gain, price, rel_tol=_ALIKE) else gain


def _columns(solution: Solution) -> Ints:
    """All columns; if there are many, those near the optimum, indicators, and creators who must be booked."""
    program = solution.program
    if len(program) <= _COLUMNS_MOST or solution.near is None:
        return np.arange(len(program), dtype=np.int64)
    must = program.required[program.unit] > 0
    must[program.bookings :] = True
    return np.union1d(solution.near, np.flatnonzero(must))


def _relaxation(layout: Scaled, columns: Ints) -> highs.Model:
    program, (lower, upper) = layout.program, layout.bounds()
    units = np.unique(program.unit[columns])
    matrix = sparse.vstack([layout.part(columns), unit_rows(program, columns, units)], format="csr")
    return highs.Model(
        cost=layout.cost[columns],
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([lower, program.times(program.required[units])]),
        row_upper=np.concatenate([upper, program.times(program.available[units])]),
        lower=np.zeros(len(columns)),
        upper=program.times(program.most[columns]),
    )
