"""How far a value is from its bound: one formula for whatever says so."""

from __future__ import annotations


def gap_between(value: float, bound: float) -> float:
    """How far a value is from its bound at most, as a share of the value, or of one unit where that is more."""
    return abs(bound - value) / max(abs(value), 1.0)
