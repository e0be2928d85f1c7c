"""Results read back from their JSON.

The fields of a class say what its JSON must be, so that each field has one home. `_FORMS` holds the few whose JSON has
another form. Fields that this version does not know are passed over, as `verify` does; those that came after the first
version may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from optimizer.domain.exact import CURRENCIES, Currency
from optimizer.domain.quantities import COUNT, QUANTITIES, RATIOS, quantity_table
from optimizer.errors import DocumentError, Place
from optimizer.results.common import ForecastResult, Range, Repair
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Allocation, Plan
from optimizer.results.proof import RelaxedBooking
from optimizer.results.stated import FORMAT, NotAPlan, digest, read

Kind = TypeVar("Kind")
_UNKNOWN = "XXX"  # ISO 4217: no currency; older answers without a plan do not say theirs
_PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
}


def from_json(document: str | bytes | Mapping[str, Any], kind: type[Kind]) -> Kind:
    """Read a Plan or a NoPlan back; see `Kept.from_json`."""
    said = _object(document)
    found = said.get("format")
    if found != FORMAT:
        raise DocumentError(_another_format(found))
    outcome = said.get("outcome")
    mine = Plan if outcome == "plan" else NoPlan
    if outcome not in ("plan", "infeasible", "no_plan"):
        raise DocumentError(f'the outcome is {json.dumps(outcome)}, not one of "plan", "infeasible" and "no_plan"')
    if kind is not mine:
        what = "a plan" if mine is Plan else "an answer without a plan"
        raise DocumentError(f"this is the JSON of {what}: read it with {mine.__name__}.from_json")
    try:
        sealed = digest(said)
    except NotAPlan as error:
        raise DocumentError(f"this is not a plan: {error}") from None
    if said.get("digest") != sealed:
        raise DocumentError("the document was changed after it was written: its digest does not fit its content")
    result: Kind = _value(kind, said, "")
    return result


def _object(document: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    """The document as plain values, as if read from its text."""
    if isinstance(document, Mapping):
        try:
            document = json.dumps(document, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise DocumentError("the object is not JSON: it holds values that JSON cannot") from None
    elif not isinstance(document, (str, bytes)):
        raise TypeError(f"from_json takes JSON as text, bytes or a mapping, not {type(document).__name__}")
    if document.strip()[:1] not in ("{", b"{"):
        raise DocumentError(
            "this is not the JSON of a plan, which begins with a brace: give the content of its file, not the path"
        )
    try:
        return read(document)
    except NotAPlan as error:
        raise DocumentError(f"this is not the JSON of a plan: {error}") from None


def _another_format(found: object) -> str:
    if not isinstance(found, str):
        return f"the document does not say its format; a plan says {FORMAT}"
    name, _, version = found.rpartition("/")
    if name == FORMAT.rpartition("/")[0]:
        return f"this is version {version} of the format; this release of creatormix reads {FORMAT}"
    if name == "creatormix/comparison":
        return (
            "this is the JSON of a comparison, which does not hold its plans: keep their JSON, and compare them again"
        )
    return f"the format is {found}; a plan is {FORMAT}"


# --- values ---


def _value(hint: Any, said: Any, where: str) -> Any:
    """A plain value as the type that a field has."""
    origin = get_origin(hint)
    if hint is Any:
        return said
    if origin is Literal:
        if said not in get_args(hint) or isinstance(said, bool):
            raise _wrong(where, " or ".join(map(str, get_args(hint))))
        return said
    if origin in (Union, UnionType):
        return _one_of(get_args(hint), said, where)
    if origin is tuple:
        return _list(get_args(hint), said, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(said, Mapping):
            raise _wrong(where, "an object")
        return {key: _value(get_args(hint)[1], inner, f"{where}.{key}") for key, inner in said.items()}
    if is_dataclass(hint):
        return _record(hint, said, where)
    types, name = _PLAIN[hint]
    fits = isinstance(said, types) and isinstance(said, bool) == (hint is bool)
    if not fits or (isinstance(said, float) and not isfinite(said)):
        raise _wrong(where, name)
    return said


def _one_of(hints: tuple[Any, ...], said: Any, where: str) -> Any:
    if said is None and NoneType in hints:
        return None
    others = [hint for hint in hints if hint is not NoneType]
    for hint in others[:-1]:
        try:
            return _value(hint, said, where)
        except DocumentError:
            continue
    return _value(others[-1], said, where)


def _list(hints: tuple[Any, ...], said: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(said, list):
        raise _wrong(where, "a list")
    if hints[-1] is Ellipsis:
        return tuple(_value(hints[0], one, f"{where}[{at}]") for at, one in enumerate(said))
    if len(said) != len(hints):
        raise _wrong(where, f"a list of {len(hints)}")
    return tuple(_value(hint, one, f"{where}[{at}]") for at, (hint, one) in enumerate(zip(hints, said, strict=True)))


def _record(kind: Any, said: Any, where: str) -> Any:
    """An instance of a dataclass."""
    if not isinstance(said, Mapping):
        raise _wrong(where, "an object")
    formed = _FORMS.get(kind, _as_it_is)(said)
    if kind is not Place and _hints(kind).get("place") == Place | None and "place" not in formed:
        formed = {**formed, "place": _place(formed)}
    values = {}
    for part in fields(kind):
        key = part.name.rstrip("_")
        if key in formed:
            values[part.name] = _value(_hints(kind)[part.name], formed[key], f"{where}.{key}" if where else key)
        elif part.default is MISSING and part.default_factory is MISSING:
            raise DocumentError(f"the field {where}.{key} is missing" if where else f"the field {key} is missing")
    return kind(**values)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _wrong(where: str, what: str) -> DocumentError:
    return DocumentError(f"the field {where} is not {what}")


# --- what has another form in JSON ---

Said = Mapping[str, Any]


def _as_it_is(said: Said) -> Said:
    return said


def _place(said: Said) -> Said | None:
    """A place is written as three fields beside the others."""
    return {key: said.get(key) for key in ("file", "line", "column")} if said.get("file") is not None else None


def _result(said: Said) -> Said:
    """Units and conflicts are written beside the rest; what older releases did not write follows from what they did."""
    units = said.get("units")
    if not isinstance(units, Mapping):
        units = _older_units(said)
    clashes = said.get("clashes")
    if clashes is None:
        clashes = _older_clashes(said)
    rest = {key: units.get(key) for key in ("currency", "decimals")}
    return {**said, **rest, "units": units.get("quantities"), "conflicts": clashes}


def _older_units(said: Said) -> Said:
    """The units of common quantities are known, and a scenario's own quantities are counts."""
    code, totals = said.get("currency", _UNKNOWN), said.get("totals", {})
    if code not in (*CURRENCIES, _UNKNOWN):
        raise DocumentError(f"there is no currency {json.dumps(code)}")
    own = dict.fromkeys(totals, COUNT) if isinstance(totals, Mapping) else {}
    known = {name: quantity.unit for name, quantity in quantity_table(agency=True).items()}
    common = {name: unit for name, unit in known.items() if name in QUANTITIES or name in own}
    ratios = {ratio.name: ratio.unit for ratio in RATIOS.values()}
    return {"currency": code, "decimals": Currency(code).decimals, "quantities": {**own, **common, **ratios}}


def _older_clashes(said: Said) -> list[Said]:
    """Conflicts were lists of names, and before that one list; all their rules were written beside them."""
    conflicts, rules = said.get("conflicts", [said.get("conflict", [])]), said.get("rules", [])
    if not isinstance(conflicts, list) or not isinstance(rules, list):
        raise DocumentError("the fields conflicts and rules are not lists")
    return [
        {
            "names": names,
            "says": said.get("reason", f"nobody can be booked under these rules: {', '.join(map(str, names))}"),
            "rules": [rule for rule in rules if isinstance(rule, Mapping) and _is_named(rule, names)],
        }
        for names in conflicts
        if isinstance(names, list) and names
    ]


def _is_named(rule: Said, names: list[Any]) -> bool:
    return rule.get("name") in names or f"{rule.get('name')} ({rule.get('per_value')})" in names


def _allocation(said: Said) -> Said:
    """Labels and quantities are written flat."""
    own = {part.name for part in fields(Allocation)}
    flat = {key: value for key, value in said.items() if key not in own}
    texts = {key: value for key, value in flat.items() if value is None or isinstance(value, str)}
    numbers = {
        key: value for key, value in flat.items() if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    return {**{key: value for key, value in said.items() if key in own}, "labels": texts, "values": numbers}


def _forecast(said: Said) -> Said:
    """Ranges are written beside the rest, by quantity."""
    own = {part.name for part in fields(ForecastResult)}
    ranges = {key: value for key, value in said.items() if key not in own and isinstance(value, Mapping)}
    return {**{key: value for key, value in said.items() if key in own}, "ranges": ranges}


def _range(said: Said) -> Said:
    alone = said.get("alone")
    return {**said, "alone": [alone.get(end) for end in ("p10", "p50", "p90")] if isinstance(alone, Mapping) else alone}


def _repair(said: Said) -> Said:
    leaves = said.get("leaves")
    ends = [leaves.get("from"), leaves.get("to")] if isinstance(leaves, Mapping) else leaves
    return {**said, "leaves": ends}


def _relaxed(said: Said) -> Said:
    return {"at": said, "count": said.get("count")}


_FORMS: dict[type, Callable[[Said], Said]] = {
    Plan: _result,
    NoPlan: _result,
    Allocation: _allocation,
    ForecastResult: _forecast,
    Range: _range,
    Repair: _repair,
    RelaxedBooking: _relaxed,
}
