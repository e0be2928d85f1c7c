"""The fields that a plan's JSON must have. It may have more, at every level: fields of later versions are ignored.

The digest seals it like all else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_ALWAYS = "format scenario inputs outcome certificate warnings solver digest"
_BY_OUTCOME = {
    "plan": "claim solver_claim currency objective totals constraints allocations benchmarks",
    "infeasible": "reason proof conflict rules repairs",
    "no_plan": "reason proof conflict rules repairs",
}
_PROVES_A_BOUND = "bound gap root_bound above"
_INSIDE: dict[str, str] = {
    "scenario": "name variant changes",
    "inputs": "path sha256",
    "objective": "sense of value bound gap gap_absolute",
    "constraints": "name quantity group people kind of at_least at_most value room binding shadow_price per_value says"
    " note",
    "allocations": "creator offer count exact_count step keeps estimated",
    "forecast": "rates unmeasured fit counts draws seed common rules",
    "forecast > rules": "name per_value chance",
    "benchmarks": "pack figure speaks_of level value low high source date passed_over",
    "certificate": "rows cells bookings stages cases",
    "certificate > stages": "open rounded rows prices",
    "certificate > stages > rounded": "sides weights full divisor",
    "certificate > cases": "rows prices",
    "certificate > cases > split": "booking at_most",
    "solver": "engine gap columns rows seconds stopped ties way open",
    "rules": (_RULE := "name per_value quantity kind of at_least at_most says file line column"),
    "clashes": "names says rules",
    "clashes > rules": _RULE,
    "repairs > rule": _RULE,
    "repairs": "constraint per_value bound from to least option text",
}


class Fields(dict[str, Any]):
    """An object of a plan. It may state more fields than these, but no `known` field that is not recomputed."""

    def __init__(self, found: Mapping[str, Any], known: Iterable[str] = ()) -> None:
        super().__init__(found)
        self.known = frozenset(known)


def missing(said: Mapping[str, Any]) -> Iterator[str]:
    """The places of all missing fields."""
    outcome = str(said.get("outcome"))
    yield from _missing(said, "", f"{_ALWAYS} {_BY_OUTCOME.get(outcome, '')}")
    if outcome == "plan" and isinstance(said.get("certificate"), Mapping):
        yield from _missing(said["certificate"], "certificate", _PROVES_A_BOUND)


def _missing(said: Any, where: str, names: str) -> Iterator[str]:
    if isinstance(said, list):
        for one in said:
            yield from _missing(one, where, names)
    elif isinstance(said, Mapping):
        yield from (_at(where, name) for name in names.split() if name not in said)
        for name, inner in said.items():
            if _at(where, name) in _INSIDE:
                yield from _missing(inner, _at(where, name), _INSIDE[_at(where, name)])


def _at(where: str, name: str) -> str:
    return f"{where} > {name}" if where else name
