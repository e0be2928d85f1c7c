"""Reduced costs: what is left of the objective at the prices of rows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from optimizer.verification.terms import Row, Term

Prices = Sequence[tuple[Row, Fraction]]


class Reduced:
    """Reduced costs of some columns at any prices: the objective less the prices of the rows."""

    def __init__(self, goal: Sequence[Term], columns: Sequence[int]) -> None:
        self._goal, self._columns, self._inside = goal, columns, frozenset(columns)
        self._known: dict[int, tuple[Sequence[Term], dict[int, int]]] = {}

    def __call__(
        self, prices: Prices, *, costs: bool, columns: Sequence[int] | None = None
    ) -> tuple[dict[int, int], int]:
        """As integers over one denominator, for all columns or for these."""
        denominator = lcm(*(price.denominator for _, price in prices))
        rc = dict.fromkeys(self._columns if columns is None else columns, 0)
        weighted = [(-int(price * denominator), self.coefficients(row.terms)) for row, price in prices if price]
        weighted += [(denominator, self.coefficients(self._goal))] if costs else []
        for weight, coefficients in weighted:
            if len(rc) < len(coefficients):
                for at in rc:
                    rc[at] += weight * coefficients.get(at, 0)
            else:
                for at, coefficient in coefficients.items():
                    if at in rc:
                        rc[at] += weight * coefficient
        return rc, denominator

    def coefficients(self, terms: Sequence[Term]) -> dict[int, int]:
        """The nonzero coefficients of the terms in each column."""
        if id(terms) not in self._known:
            found: dict[int, int] = {}
            for term in terms:
                shorter = self._columns if len(self._columns) < len(term.members) else term.members
                for at in shorter:
                    if at in self._inside and at in term.inside:
                        found[at] = found.get(at, 0) + term.multiplier * term.values[at]
            self._known[id(terms)] = terms, {at: value for at, value in found.items() if value}
        return self._known[id(terms)][1]
