"""From what pydantic finds to problems as a planner reads them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from optimizer.errors import Place, Problem
from optimizer.loading import schema
from optimizer.loading.overlay import overlay
from optimizer.loading.pool import nearest
from optimizer.loading.schema import NOT_YET
from optimizer.loading.source import Node, from_mapping, short

_LEVELS: tuple[tuple[tuple[str, ...], type[BaseModel]], ...] = (
    ((), schema.ScenarioFile),
    (("creators",), schema.CreatorsFile),
    (("creators", "columns", "*"), schema.ColumnSource),
    (("pay", "*"), schema.Pay),
    (("pay", "*", "product"), schema.Product),
    (("offers", "*"), schema.OfferTerms),
    (("economics",), schema.Economics),
    (("constraints", "*"), schema.Rule),
    (("objective",), schema.Goal),
    (("include", "*"), schema.IncludedCreator),
    (("exclude", "*"), schema.IncludedCreator),
)
MOST_PROBLEMS = 1_000
MORE = Problem("too-many-problems", "there are more faults than can be listed", "mend these first")
_SUGGESTED = 100  # faults for which a near key is looked for; looking takes 0.1 ms
_OUTSIDE = ("extends", "variants")  # keys of the file that are worked in before it is read as a scenario


Fault = dict[str, Any]  # as pydantic tells it


def validate(document: Node) -> list[Problem]:
    """Every fault of a document that is read as a scenario file."""
    return _problems(document, _judged(document)[1])


def read(document: Node) -> tuple[schema.ScenarioFile | None, list[Problem]]:
    """Read a document as a scenario file: what it says, and every fault.

    What a faulty document says where it can be read is there too, so that the rest is checked; nothing is planned on
    it. None where too much is missing.
    """
    said, faults = _judged(document)
    problems = _problems(document, faults)
    for _ in range(4):
        if said is not None:
            break
        document = _readable_part(document, faults)
        said, faults = _judged(document)
    return said, problems


def _judged(document: Node) -> tuple[schema.ScenarioFile | None, list[Fault]]:
    try:
        return schema.ScenarioFile.model_validate(document.plain()), []
    except ValidationError as error:
        return None, error.errors(include_url=False, include_input=False)  # type: ignore[return-value]


def _problems(document: Node, faults: list[Fault]) -> list[Problem]:
    told = [fault for fault in faults if not (fault["type"] == "missing" and _is_later(document, fault["loc"]))]
    problems = [_problem(document, fault, at < _SUGGESTED) for at, fault in enumerate(told[:MOST_PROBLEMS])]
    return [*_empty(document), *problems, *([MORE] if len(told) > MOST_PROBLEMS else [])]


def _is_later(document: Node, location: Sequence[str | int]) -> bool:
    """Whether a key is missing only because what stands there is not yet supported, such as a logic rule."""
    node = document.at(_path(document, location))
    return (
        bool(location[:-1]) and node is not None and isinstance(node.value, dict) and bool(NOT_YET.keys() & node.value)
    )


def _empty(document: Node) -> list[Problem]:
    """Keys without a value: as if they were not there where a key is known, but a slip where names are free."""
    problems: list[Problem] = []
    for path, node in document.leaves():
        if node.value is not None or not path or isinstance(path[-1], int) or path[-1] in _names(path):
            continue
        place, key = node.key_place or node.place, str(path[-1])
        if _names(path) and path[0] not in ("include", "exclude"):
            problems.append(_unknown_key(path, place, len(problems) < _SUGGESTED))
        else:
            before, _, after = key.partition(":")
            mend = (
                f'put a blank after the colon: "{short(before)}: {short(after)}"'
                if after
                else "write one, or remove the key"
            )
            problems.append(Problem("no-value", f'"{short(key)}" has no value', mend, place))
    return problems[:MOST_PROBLEMS]


def _readable_part(document: Node, faults: list[Fault]) -> Node:
    """The document without its faulty parts, and with something in place of what every scenario needs."""
    document = _without(document, [_faulty_part(_path(document, fault["loc"])) for fault in faults])
    needed = {str(step) for fault in faults for step in fault["loc"][:1]} & set(_STAND_INS)
    return overlay(document, from_mapping({key: _STAND_INS[key] for key in needed}))


_STAND_INS: dict[str, object] = {"format": "1", "currency": "EUR", "objective": {"maximize": "creators"}}


def _faulty_part(path: list[str | int]) -> list[str | int]:
    """What is left out for a fault: the whole rule, offer, creator that it is in; else the key."""
    return path[:2] if path and path[0] in ("constraints", "include", "exclude", "offers", "pay", "assume") else path


def _without(node: Node, paths: Sequence[Sequence[str | int]]) -> Node:
    """The node without what stands at these paths, in one pass, for there may be thousands."""
    inside = node.value
    gone = {path[0] for path in paths if len(path) == 1}
    deeper: dict[str | int, list[Sequence[str | int]]] = {}
    for step, *rest in filter(None, paths):
        if rest:
            deeper.setdefault(step, []).append(rest)
    if isinstance(inside, dict):
        entries = {
            key: _without(one, deeper[key]) if key in deeper else one for key, one in inside.items() if key not in gone
        }
        return Node(entries, node.place, node.key_place)
    if isinstance(inside, list):
        items = [_without(one, deeper.get(at, ())) for at, one in enumerate(inside) if at not in gone]
        return Node(items, node.place, node.key_place)
    return node


def _path(document: Node, location: Sequence[str | int]) -> list[str | int]:
    """A fault's location as a path in the document: steps that only pydantic knows are left out."""
    path: list[str | int] = []
    node: Node | None = document
    for step in location:
        inside = node.value if node is not None else None
        if (isinstance(inside, dict) and str(step) in inside) or (
            isinstance(inside, list) and isinstance(step, int) and step < len(inside)
        ):
            inner = node.at([step]) if node is not None else None
            last = step == location[-1]
            if inner is not None and (last or isinstance(inner.value, (dict, list))):
                path.append(step)
                node = inner
    return path


def _problem(document: Node, fault: Fault, suggest: bool) -> Problem:
    path = _path(document, fault["loc"])
    node = document.at(path) or document
    kind, context = fault["type"], fault.get("ctx") or {}
    place = node.place
    if kind == "extra_forbidden":
        return _unknown_key(path, node.key_place or node.place, suggest)
    if kind == "missing":
        key = _key_of(fault["loc"])
        other = _meant_rule(document, path)
        if other:
            cause = f'there is no rule "{path[1]}" whose bound could be changed'
            return Problem("unknown-rule", cause, other, node.key_place or place)
        steps = " > ".join(str(step + 1) if isinstance(step, int) else step for step in path)
        where, shown = f" in {steps}" if path else "", f'"{key}"' if key in ("is", "from") else key
        return Problem(
            "missing-key",
            f"{shown} is missing{where}",
            f"add {key}: {_EXAMPLES.get(key, '...')}",
            node.key_place or place,
        )
    if "cause" in context:
        return Problem(kind, context["cause"], context.get("mend", ""), place)
    if kind == "literal_error":
        return _choice(path, node, str(context.get("expected", "")), suggest)
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return Problem("not-a-mapping", "a mapping of keys is expected here", _mapping_mend(path), place)
    if kind == "list_type":
        return Problem("not-a-list", "a list is expected here", _list_mend(path), place)
    if kind == "too_long":
        cause, mend = f"more than {context.get('max_length', 0):,} entries", "leave some out, or split the scenario"
        return Problem("too-many", cause, mend, node.key_place or place)
    if kind == "too_short":
        return Problem("empty", "this is empty", "fill it, or remove the key", place)
    return Problem("not-understood", "this value is not what is expected here", "see the scenario reference", place)


_MAPPINGS = {
    "objective": "{engagements: 1, conversions: 40}",
    "creators": "creators: pool.csv, or {file: pool.csv}",
    "columns": "{followers: subs}",
    "pay": "{gifted: {model: gift}}",
    "product": "{cost: 18, value: 35}",
    "offers": "{one video: {deliver: {video: 1}}}",
    "deliver": "{video: 1}",
    "economics": "{order_value: 17.90, margin: 45%}",
    "fit": "{fantasy: 1, other: 0.3}",
    "assume": "{engagement_rate: 3%}",
    "tiers": "{nano: [1_000, 9_999]}",
    "constraints": "{a name: {quantity: spend, at_most: 5_000}}",
}
_FILTER = "{niche: food, followers: {above: 5_000}}"


def _list_mend(path: Sequence[str | int]) -> str:
    return 'write ["@name", {niche: fantasy}]' if path[:1] in (["include"], ["exclude"]) else "write [one, two]"


def _meant_rule(document: Node, path: Sequence[str | int]) -> str:
    """The rule that was meant where one of a similar name got nothing but new bounds."""
    rule, rules = document.at(path), document.at(path[:1])
    if len(path) != 2 or path[0] != "constraints" or rule is None or rules is None:
        return ""
    bare = isinstance(rule.value, dict) and rule.value.keys() <= {"at_least", "at_most", "exactly"}
    others = [name for name in rules.value if name != path[1]] if isinstance(rules.value, dict) else []
    return nearest(str(path[1]), others) if bare else ""


def _mapping_mend(path: Sequence[str | int]) -> str:
    last, first = str(path[-1]) if path else "", path[0] if path else ""
    if first == "assume" and len(path) > 2:
        return "write {tier: nano, is: 100}"
    if last in ("where", "group", "people", "to"):
        return f"write {_FILTER}"
    if last not in _MAPPINGS and first == "constraints":
        return "write {quantity: spend, at_most: 5_000}"
    if last not in _MAPPINGS and first == "pay":
        return "write {model: gift}"
    if last not in _MAPPINGS and first == "offers":
        return "write {deliver: {video: 1}}"
    return f"write {_MAPPINGS.get(last, _MAPPINGS.get(str(first), '{key: value}'))}"


_EXAMPLES = {
    "format": "1",
    "currency": "EUR",
    "objective": "{maximize: engagements}",
    "quantity": "spend",
    "model": "fee",
    "deliver": "{post: 1}",
    "is": "3%",
}


def _key_of(location: Sequence[str | int]) -> str:
    return "from" if location[-1] == "source" else str(location[-1])


def _names(path: Sequence[str | int]) -> list[str]:
    """The keys that may stand where the last one of a path does; none where names are free."""
    for pattern, model in _LEVELS:
        if len(pattern) == len(path) - 1 and all(p in ("*", s) for p, s in zip(pattern, path, strict=False)):
            return [*(_OUTSIDE if len(path) == 1 else ()), *_keys(model)]
    return []


@cache
def _keys(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _unknown_key(path: Sequence[str | int], place: Place | None, suggest: bool) -> Problem:
    key = str(path[-1]) if path else "?"
    names = _names(path)
    later = "a share of the fee" if key == "fee" and path[0] == "pay" else NOT_YET.get(key)
    if later is not None:
        cause = f'"{key}" ({later}) is part of the format, but not yet supported'
        return Problem("not-yet", cause, "remove it for now", place)
    if key in _OUTSIDE:
        return Problem("unknown-key", f'"{key}" may stand only at the top of a file', "move it there", place)
    mend = (suggest and nearest(key, names)) or (f"the keys here are: {', '.join(names)}" if names else "remove it")
    return Problem("unknown-key", f'unknown key "{short(key)}"', mend, place)


def _choice(path: Sequence[str | int], node: Node, expected: str, suggest: bool) -> Problem:
    value = str(node.value) if isinstance(node.value, str) else "this"
    options = expected.replace("'", "")
    if path[-1:] == ["model"] and value in ("commission", "hybrid"):
        return Problem("not-yet", f"pay model {value} is not yet supported", "use fee or gift for now", node.place)
    mend = (suggest and nearest(value, options.replace(" or ", ", ").split(", "))) or f"write {options}"
    return Problem("unknown-choice", f'"{short(value)}" is not one of: {options}', mend, node.place)
