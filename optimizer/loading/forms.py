"""Parts of a scenario file that can be written in several ways: each is brought into the form that is checked."""

from __future__ import annotations

import re
from typing import Any

from optimizer.domain.exact import Number
from optimizer.domain.filters import Condition
from optimizer.loading.fields import amount, condition, fault, number, text
from optimizer.loading.source import short

Bound = Number | dict[str, Number]
Part = dict[str, Condition]

LOGIC = ("at_most_one_of", "exactly_one_of", "together", "if", "then")
TERMS = ("offer", "fee", "price")
_ASKED = {"offer": "[a, b]", "fee": "{to: 500}", "price": "{to: 500}"}
_ONE = number("1")


SOURCES = ("from", "sum", "all_but", "is")


def column(value: Any) -> Any:
    """A column's name alone, or a list of them, is where it comes from; an entry has one source."""
    if isinstance(value, str | list):
        return {"from": value}
    if isinstance(value, dict) and sum(key in value for key in SOURCES) != 1:
        named = [key for key in SOURCES if key in value]
        cause = f"{' and '.join(named)} exclude each other" if named else "this does not say which column it is"
        fault("column-source", cause, "write one of from, sum, all_but and is: {from: ER, unit: percent}")
    return value


def columns(value: Any) -> list[str]:
    """One column of the file, or several."""
    if isinstance(value, list) and not value:
        fault("empty-list", "an empty list names no column", "name a column")
    return [text(item) for item in (value if isinstance(value, list) else [value])]


def separators(value: Any) -> list[str]:
    """What parts the values of a cell: one mark, or several."""
    every = columns(value)
    for mark in every:
        if not re.fullmatch(r"[^\s\w\"']{1,3}", mark):
            fault("separator", f'"{short(mark)}" is no mark that parts values', 'write one such as ",", ";" or "/"')
    return every


def creators(value: Any) -> Any:
    """A file's name alone is a mapping with that file."""
    return {"file": value} if isinstance(value, str) else value


def table(value: Any) -> Any:
    """A plain number is a table of one line."""
    if isinstance(value, dict):
        fault("not-a-list", "a number or a table is expected here", "put it in brackets: [{tier: nano, is: 100}]")
    return value if isinstance(value, list) else [{"is": value}]


def bound(value: Any) -> Bound:
    """A number; or a number for each value that `per` runs over."""
    if not isinstance(value, dict):
        return number(value)
    if not value:
        fault("empty", "there is no bound here", "write {tiktok: 15_000, instagram: 10_000}")
    return {text(name): number(one) for name, one in value.items()}


def share_of(value: Any) -> str | dict[str, Condition] | None:
    """What a share is a share of: the plan, the budget, or a group."""
    if value is None or (isinstance(value, str) and value in ("plan", "budget")):
        return value
    if not isinstance(value, dict) or not value:
        fault("share-of", "a share must be of the plan, the budget or a group", "write plan, budget, or {tier: micro}")
    return {text(name): condition(asked) for name, asked in value.items()}


def part(value: Any) -> Part:
    """A creator or segment by name, or a filter; for logic rules."""
    if isinstance(value, str):
        return {"creator": condition(value)}
    if not isinstance(value, dict) or not value:
        fault("not-a-part", "a creator, a segment or a filter is expected here", 'write "@name" or {niche: fantasy}')
    return {text(name): condition(asked) for name, asked in value.items()}


def several(value: Any) -> Any:
    """A single entry is a list of one."""
    return value if isinstance(value, list) else [value]


def kind_of_goal(value: Any) -> str:
    """Which model reads the objective."""
    return "goals" if isinstance(value, list) else "goal"


def kind_of_rule(value: Any) -> str:
    """Which model reads a rule."""
    return "logic" if isinstance(value, dict) and any(key in value for key in LOGIC) else "rule"


def own_quantities(value: Any) -> Any:
    """A list of columns, or a mapping of names to columns."""
    if isinstance(value, list):
        names = [text(item) for item in value]
        return {name: {} for name in names}
    if not isinstance(value, dict):
        fault("quantities", "a list of columns is expected here", "write [women, men]")
    return {name: {"column": said} if isinstance(said, str) else (said or {}) for name, said in value.items()}


def pack(value: Any) -> Any:
    """A pack's name alone means its base level."""
    return {"pack": value} if isinstance(value, str) else value


def who(value: Any) -> Any:
    """A handle; or a mapping with `creator` as text (and terms); or a filter."""
    if isinstance(value, str):
        return {"creator": {"creator": value}}
    if not isinstance(value, dict):
        fault("not-a-creator", "a handle or a filter is expected here", 'write "@name" or {niche: fantasy}')
    if isinstance(value.get("creator"), str):
        return {"creator": value}
    agreed = next((key for key in TERMS if key in value and not isinstance(value[key], (dict, list))), None)
    if agreed is not None:  # a range or a list is not a term but a filter on a column of this name
        mend = 'write {creator: "@name", offer: ..., fee: ...}'
        mend += f"; to filter by a column {agreed}, write a range or a list: {{{agreed}: {_ASKED[agreed]}}}"
        fault("terms-without-creator", "agreed terms need a creator", mend)
    if not value:
        fault("empty-filter", "an empty filter matches every creator", "name a column: {niche: fantasy}")
    return {"where": value}


def excluded(value: Any) -> Any:
    """As `who`; or a mapping with `file` as text: a file of handles."""
    return {"file": value} if isinstance(value, dict) and isinstance(value.get("file"), str) else who(value)


def goal(value: Any) -> Any:
    """Exactly one of maximize and minimize, with a quantity."""
    if not isinstance(value, dict):
        fault("objective", "the objective says what to maximize or minimize", "write {maximize: engagements}")
    given = [key for key in ("maximize", "minimize") if value.get(key) is not None]
    if set(value) <= {"maximize", "minimize", "keep"} and not given:
        fault("objective", "the objective names no quantity", "write {maximize: engagements}")
    if len(given) > 1:
        fault("objective", "both maximize and minimize are given", "keep one of them")
    return value


def mix(value: Any) -> Any:
    """A quantity's name alone has weight 1."""
    return {value: _ONE} if isinstance(value, str) else value


def tier(value: Any) -> tuple[Number, Number]:
    """The lowest and the highest number of followers, both included."""
    if not isinstance(value, list) or len(value) != 2:
        fault("tier", "a tier is a pair of follower counts", "write [1_000, 9_999]")
    low, high = amount(value[0]), amount(value[1])
    if any(end.value != end.value.to_integral_value() for end in (low, high)):
        fault("not-whole", f"followers are whole; this tier goes from {low} to {high}", "write [1_000, 9_999]")
    if low.value > high.value:
        fault("tier", f"a tier from {low} to {high} is empty", "write the lower bound first")
    return low, high


def version(value: Any) -> int:
    """The version of the format."""
    if value not in ("1", 1):
        shown = f"format {short(value)}" if isinstance(value, str) else "this format"
        fault("format", f"{shown} is not known", "write format: 1")
    return 1
