"""Differences between what a plan states and what is recomputed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from optimizer.results.verification import Difference
from optimizer.verification.fields import Fields
from optimizer.verification.near import Near, Signed, Since


def _name(one: Any, at: int) -> str:
    """The name of an entry of a list: that of a rule, the creator of an allocation, else its position."""
    if not isinstance(one, Mapping):
        return str(at)
    booking = f"{one['creator']} on {one.get('offer')}" if "creator" in one else ""
    return str(one.get("name") or booking or at)


def compared(where: str, stated: Any, found: Any) -> Iterator[Difference]:
    """The differences of two values."""
    if isinstance(found, (Near, Signed, Since)):
        if not found.allows(stated):
            yield Difference(where, stated, getattr(found, "value", None), f"{stated} does not follow from the prices")
    elif isinstance(found, Mapping) and isinstance(stated, Mapping):
        since = [key for key, value in found.items() if isinstance(value, Since) and key not in stated]
        more = [key for key in stated if not isinstance(found, Fields) or key in found.known]
        for key in (key for key in dict.fromkeys([*found, *more]) if key not in since):
            if key not in found or key not in stated:
                text = "is not stated" if key not in stated else "is stated, but does not follow from the scenario"
                yield Difference(f"{where} > {key}", stated.get(key), found.get(key), text)
            else:
                yield from compared(f"{where} > {key}", stated[key], found[key])
    elif isinstance(found, list) and isinstance(stated, list) and len(found) == len(stated):
        for at, (one, other) in enumerate(zip(stated, found, strict=True)):
            name = _name(one, at + 1)
            yield from compared(f"{where} > {name}", one, other)
    elif (isinstance(stated, bool) or isinstance(found, bool) or stated != found) and stated is not found:
        yield Difference(where, stated, found, f"the plan states {stated}, but it is {found}")
