"""Budgets as written, and the costs that are deducted before creators are paid."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget as written. A share of it is kept in `reserve`, and `fixed` costs are paid first."""

    written: Fraction
    reserve: Fraction = Fraction(0)
    fixed: Fraction = Fraction(0)

    def left(self, written: Fraction) -> Fraction:
        """The part of an amount that is left for creators."""
        return written - written * self.reserve - self.fixed

    def least(self, needed: Fraction, coin: Fraction) -> Fraction | None:
        """The smallest amount, in whole coins, that leaves `needed` for creators; None if everything is kept in
        reserve.
        """
        if self.reserve >= 1:
            return None
        return ceil((needed + self.fixed) / (1 - self.reserve) / coin) * coin
