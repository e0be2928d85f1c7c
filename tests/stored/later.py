"""What came after a version, and so is unknown to it: one line for each field and each scenario."""

from __future__ import annotations

from typing import Any

SINCE_0_1_0: tuple[str, ...] = (
    "solver.rounds",
    "empty",
    "conflicts",
    "more_budget",
    "constraints[].or_none",
    "rules[].or_none",
    "constraints[].price_of",
    "constraints[].price_up",
    "constraints[].price_down",
    "certificate.relaxed",
    "doubts",
    "considered",
    "excluded",
    "runners_up",
    "unspent",
    "clashes",
    "repairs[].rule",
    "repairs[].note",
    "units",
    "allocations[].pay",
    "definitions",
)
"""Fields of a plan's JSON that 0.1.0 does not know, as paths: `solver.rounds`, `allocations[].people`."""


def is_proved_in_a_later_way(plan: dict[str, Any]) -> bool:
    """Whether 0.1.0 does not know the proof: it proves bookings in parts by prices alone, never by cases."""
    parts = any(one["exact_count"] for one in plan.get("allocations", ()))
    return parts and plan["solver"]["way"] == "cases"


UNREADABLE_BY_0_1_0: frozenset[str] = frozenset({"micro_boundary", "booktok", "people_once"})
"""Shipped scenarios that say words which 0.1.0 does not know, by the file's name without its ending."""


def without(value: object, fields: tuple[str, ...]) -> object:
    """A JSON value without some fields; `[]` stands for each item of a list."""
    for field in fields:
        _drop(value, field.replace("[]", ".[]").split("."))
    return value


def has(value: object, field: str) -> bool:
    """Whether a JSON value has a field."""
    return _drop(value, field.replace("[]", ".[]").split("."), only_look=True)


def _drop(value: object, path: list[str], *, only_look: bool = False) -> bool:
    key, *rest = path
    if key == "[]":
        found = [_drop(item, rest, only_look=only_look) for item in value] if isinstance(value, list) else []
        return any(found)
    if not isinstance(value, dict) or key not in value:
        return False
    if rest:
        return _drop(value[key], rest, only_look=only_look)
    if not only_look:
        del value[key]
    return True
