"""Names like another one, and lists of names, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nlargest

from optimizer.domain.filters import fold
from optimizer.loading.source import short
from optimizer.unseen import visible

FEW = 50  # names that are compared in full
_LONG = 100


def nearest(name: str, names: Iterable[str], alike: float = 0.6) -> str:
    """A question that suggests the nearest of the names; empty if none is near."""
    near = near_name(name, names, alike)
    return "" if near is None else f'did you mean "{visible(near)}"?'


def near_name(name: str, names: Iterable[str], alike: float = 0.6) -> str | None:
    """The nearest of the names, if one is near: at least so much `alike`."""
    asked = name if len(name) > _LONG else fold(name)
    folded = {fold(other): other for other in names if len(other) <= _LONG}
    if len(asked) > _LONG or not folded:
        return None
    likely: Iterable[str] = folded
    if len(folded) > FEW:  # the full comparison takes ten times as long as counting the pairs of letters they share
        pairs = {asked[at : at + 2] for at in range(len(asked) - 1)}
        likely = nlargest(FEW, folded, key=lambda other: (sum(pair in other for pair in pairs), other))
    close = get_close_matches(asked, likely, n=1, cutoff=alike)
    return folded[close[0]] if close else None


def listed(names: Iterable[str]) -> str:
    """A few names of which one is meant: `fee, gift or hybrid`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def some(names: Iterable[str]) -> str:
    """A list of names for a message, cut after twenty."""
    every = list(names)
    return ", ".join(
        [
            *(visible(short(name)) for name in every[:20]),
            *([f"and {len(every) - 20:,} more"] if len(every) > 20 else []),
        ]
    )
