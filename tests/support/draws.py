"""Random numbers as planners write them, in the styles on which solvers and planners go wrong."""

from __future__ import annotations

import random
from fractions import Fraction

from tests.support.reading import DECIMALS

STYLES = ("plain", "plain", "plain", "cents", "round", "round", "ties", "zero", "large", "tiny", "odd money")


def decimal(value: Fraction, places: int, *, up: bool = False) -> str:
    """A number cut (or lifted) to some decimals, as text."""
    scaled = value * 10**places
    whole = -int(-scaled // 1) if up else int(scaled // 1)
    sign, digits = ("-" if whole < 0 else ""), str(abs(whole)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


class Draws:
    """Amounts of one style, in one currency."""

    def __init__(self, rng: random.Random, style: str | None) -> None:
        self.rng = rng
        self.style = style or rng.choice(STYLES)
        self.currency = rng.choice(["EUR", "EUR", "EUR", "USD", "JPY", "KWD"])
        if self.style == "round":
            self.currency = "USD"
        self.places = DECIMALS.get(self.currency, 2)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def money(self, low: float, high: float) -> str:
        return decimal(Fraction(self.rng.uniform(low, high)), self.places)

    def fee(self) -> str:
        rng = self.rng
        match self.style:
            case "round":
                return rng.choice(["9000", "7200", "10800", str(50 * rng.randint(0, 40))])
            case "ties":
                return rng.choice(["100", "200"])
            case "zero":
                return rng.choice(["0", "0", self.money(0, 50)])
            case "large":
                return self.money(1e6, 1e8)
            case "tiny":
                return self.money(0, 2)
            case "cents":
                return decimal(Fraction(rng.randint(1, 99), 10**self.places), self.places)
            case "hair":
                return decimal(Fraction(5 * 10**9 + rng.randint(0, 9), 10**self.places), self.places)
            case "odd money":
                return decimal(Fraction(rng.randint(10**7, 10**8) * 2 + 1, 10**self.places), self.places)
            case _:
                return self.money(20, 2000)

    def followers(self) -> int:
        rng = self.rng
        match self.style:
            case "large":
                return rng.randint(1, 10**9)
            case "tiny":
                return rng.randint(0, 60)
            case "ties" | "hair":
                return rng.choice([5_000, 5_000, 20_000])
            case _:
                return rng.choice([rng.randint(1_000, 99_999), rng.randint(1_000, 9_999), rng.randint(900, 120_000)])

    def views(self) -> float:
        """Views of one piece; of the style "hair" such that sums differ by a few millionths of a million."""
        if self.style == "hair":
            return 400_000 + self.rng.randint(0, 9) / 10**6
        return float(self.rng.randint(0, 50_000))

    def rate(self, most: float) -> float:
        if self.style == "hair":
            return most / 2 + self.rng.randint(0, 9) / 10**9
        if self.style == "ties":
            return most / 2
        return self.rng.choice([0.0, round(self.rng.uniform(0, most), 4), self.rng.uniform(0, most)])
