"""Numbers that a plan may state although they cannot be recomputed to the last digit."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isclose, isfinite
from typing import TypeGuard


@dataclass(frozen=True)
class Near:
    """A number computed in floats: compared to nine digits, relative to `size` where terms cancel."""

    value: float
    size: float = 1e-3

    def allows(self, stated: object) -> bool:
        return _is_number(stated) and isclose(stated, self.value, rel_tol=1e-9, abs_tol=1e-9 * self.size)


@dataclass(frozen=True)
class OnceNear(Near):
    """A number that older versions stated; plans of today state 0."""

    def allows(self, stated: object) -> bool:
        return stated == 0 or super().allows(stated)


@dataclass(frozen=True)
class Signed:
    """A number of which only the sign is known."""

    sign: int

    def allows(self, stated: object) -> bool:
        return _is_number(stated) and (stated > 0) - (stated < 0) in (self.sign, 0)


@dataclass(frozen=True)
class Since:
    """A field that plans have since version 0.2, if it is a number from `low` to `high`, or one of `words`."""

    words: tuple[str | bool | None, ...]
    low: float = inf
    high: float = -inf

    def allows(self, stated: object) -> bool:
        return self.low <= stated <= self.high if _is_number(stated) else stated in self.words


def _is_number(stated: object) -> TypeGuard[float]:
    """Whether it is a finite number."""
    return isinstance(stated, (int, float)) and not isinstance(stated, bool) and isfinite(stated)
