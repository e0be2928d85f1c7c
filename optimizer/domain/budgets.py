"""Budgets as they are written, and what comes out of them before creators are paid."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount as it is written; of it a share is kept in `reserve`, and `fixed` costs are paid first."""

    written: Fraction
    reserve: Fraction = Fraction(0)
    fixed: Fraction = Fraction(0)

    def left(self, written: Fraction) -> Fraction:
        """What is left of an amount for creators."""
        return written - written * self.reserve - self.fixed

    def least(self, needed: Fraction, coin: Fraction) -> Fraction | None:
        """The least amount, in whole coins, of which so much is left; None where all is kept in reserve."""
        if self.reserve >= 1:
            return None
        return ceil((needed + self.fixed) / (1 - self.reserve) / coin) * coin
