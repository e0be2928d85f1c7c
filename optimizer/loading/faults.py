"""Turns the errors of pydantic into problems in the words of a planner."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from optimizer.errors import Problem
from optimizer.loading import schema
from optimizer.loading.mends import entries, is_bare_rule, list_mend, mapping_mend, meant_rule, mend_here
from optimizer.loading.near import near_name, nearest, some
from optimizer.loading.overlay import overlay
from optimizer.loading.placing import faulty_entry
from optimizer.loading.schema import LOGIC
from optimizer.loading.slips import MODELS, before_comma, comma_mend, key_meant, meant, without_blank
from optimizer.loading.source import Node, from_mapping, short

_LEVELS: tuple[tuple[tuple[str, ...], type[BaseModel]], ...] = (
    ((), schema.ScenarioFile),
    (("creators",), schema.CreatorsFile),
    (("creators", "columns", "*"), schema.ColumnSource),
    (("pay", "*"), schema.Pay),
    (("pay", "*", "product"), schema.Product),
    (("boost", "*"), schema.BoostWay),
    (("boost", "*", "keeps", "*"), schema.BoostStep),
    (("offers", "*"), schema.OfferTerms),
    (("economics",), schema.Economics),
    (("audience",), schema.AudienceSaid),
    (("forecast",), schema.ForecastSaid),
    (("forecast", "common"), schema.CommonErrors),
    (("forecast", "past_posts"), schema.PostsFile),
    (("forecast", "past_posts", "columns"), schema.PostColumnsSaid),
    (("forecast", "past_posts", "columns", "*"), schema.ColumnSource),
    (("constraints", "*"), schema.Rule),
    (("constraints", "*"), schema.LogicTerms),
    (("segments", "*"), schema.SegmentSaid),
    (("segments", "*", "returns", "*"), schema.ReturnsStep),
    (("costs",), schema.Costs),
    (("quantities", "*"), schema.OwnQuantity),
    (("benchmarks", "*"), schema.PackChoice),
    (("objective",), schema.Goal),
    (("objective", "*"), schema.Goal),
    (("include", "*"), schema.IncludedCreator),
    (("exclude", "*"), schema.IncludedCreator),
    (("exclude", "*"), schema.HandleFile),
    (("exclude", "*", "columns"), schema.HandleColumns),
    (("accepted", "*"), schema.AcceptedDoubt),
)
MOST_PROBLEMS = 1_000
MORE = Problem("too-many-problems", "there are more faults than can be listed", "mend these first")
_SUGGESTED = 100  # faults for which a near key is looked for; looking takes 0.1 ms
_OUTSIDE = ("extends", "variants")  # keys of the file that are applied before it is read as a scenario


Fault = dict[str, Any]  # as pydantic reports it


def validate(document: Node) -> list[Problem]:
    """Every fault of a document as a scenario file."""
    return _problems(document, _judged(document)[1])


def read(document: Node) -> tuple[schema.ScenarioFile | None, list[Problem]]:
    """Read a document as a scenario file: its content, and every fault.

    Of a faulty document, the readable part is returned, so that the rest of it is checked too; it is never planned.
    None if too much is missing.
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
    misspelt = _misspelt(document, faults)
    told = [fault for fault in faults if not (fault["type"] == "missing" and _place_of(document, fault) in misspelt)]
    problems = [_problem(document, fault, at < _SUGGESTED) for at, fault in enumerate(told[:MOST_PROBLEMS])]
    return [*_empty(document), *problems, *([MORE] if len(told) > MOST_PROBLEMS else [])]


def _misspelt(document: Node, faults: list[Fault]) -> set[tuple[str | int, ...]]:
    """Missing keys that are there in another spelling: reported once, as unknown keys, not as missing too."""
    found: set[tuple[str | int, ...]] = set()
    for fault in [fault for fault in faults if fault["type"] == "extra_forbidden"][:_SUGGESTED]:
        path = _path(document, fault["loc"])
        names = _names(path)
        if not path:
            continue
        near = key_meant(str(path[-1]), names) or near_name(str(path[-1]), names)
        if near is not None:
            found.add((*path[:-1], near))
            found.update([(*path[:-1], "quantity")] if near in LOGIC else [])
    return found


def _place_of(document: Node, fault: Fault) -> tuple[str | int, ...]:
    return (*_path(document, fault["loc"]), _key_of(fault["loc"]))


def _empty(document: Node) -> list[Problem]:
    """Keys without a value: ignored if the key is known, but a slip where names are free."""
    problems: list[Problem] = []
    beside: tuple[Sequence[str | int], Node] = ((), document)
    for path, node in document.leaves():
        (last, entry), beside = beside, (path, node)
        if node.value is not None or not path or isinstance(path[-1], int) or path[-1] in _names(path):
            continue
        place, key = node.key_place or node.place, str(path[-1])
        before = before_comma(entry.value, key) if last[:-1] == path[:-1] else None
        if before is not None:
            cause = f'"{short(before)},{short(key)}" is read as two entries, because a comma separates entries'
            problems.append(Problem("decimal-comma", cause, comma_mend(before, key), place))
        elif _names(path) and path[0] not in ("include", "exclude"):
            problems.append(_unknown_key(path, node, len(problems) < _SUGGESTED))
        else:
            name, _, after = key.partition(":")
            mend = (
                f'put a space after the colon: "{short(name)}: {short(after)}"'
                if after
                else "write one, or remove the key"
            )
            problems.append(Problem("no-value", f'"{short(key)}" has no value', mend, place))
    return problems[:MOST_PROBLEMS]


def _readable_part(document: Node, faults: list[Fault]) -> Node:
    """The document without its faulty parts, with placeholders for what every scenario needs."""
    document = _without(document, [_faulty_part(_path(document, fault["loc"])) for fault in faults])
    needed = {str(step) for fault in faults for step in fault["loc"][:1]} & set(_STAND_INS)
    return overlay(document, from_mapping({key: _STAND_INS[key] for key in needed}))


_STAND_INS: dict[str, object] = {"format": "1", "currency": "EUR", "objective": {"maximize": "creators"}}


_WITH_NAMES = tuple("constraints include exclude offers pay assume segments quantities benchmarks accepted".split())


def _faulty_part(path: list[str | int]) -> list[str | int]:
    """The part to leave out for a fault: the whole rule, offer or creator that it is in, else the key."""
    return path[:2] if path and path[0] in _WITH_NAMES else path


def _without(node: Node, paths: Sequence[Sequence[str | int]]) -> Node:
    """The node without the values at these paths, in one pass because there may be thousands."""
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
    scalar: list[str | int] = []  # what stands where pydantic was given more, as the one number of a table
    node: Node | None = document
    if len(location) > 2 and location[0] == "constraints":  # the third step says which kind of rule was read
        location = [*location[:2], *location[3:]]
    for step in location:
        inside = node.value if node is not None else None
        if (isinstance(inside, dict) and str(step) in inside) or (
            isinstance(inside, list) and isinstance(step, int) and step < len(inside)
        ):
            inner = node.at([step]) if node is not None else None
            last = step == location[-1]
            if inner is not None and (last or isinstance(inner.value, (dict, list))):
                path.append(step)
                node, scalar = inner, []
            elif not scalar:
                scalar = [step]
    return path + scalar


def _problem(document: Node, fault: Fault, suggest: bool) -> Problem:
    path = _path(document, fault["loc"])
    node = document.at(path) or document
    kind, context = fault["type"], fault.get("ctx") or {}
    place = faulty_entry(node, kind).place
    if kind == "extra_forbidden":
        return _unknown_key(path, node, suggest)
    if kind == "missing":
        return _missing(document, path, _key_of(fault["loc"]))
    mend = mend_here(path, node)
    if "cause" in context:
        return Problem(kind, context["cause"], mend or context.get("mend", ""), place)
    if kind == "literal_error":
        return _choice(node, str(context.get("expected", "")), suggest)
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return Problem("not-a-mapping", "a mapping of keys is expected here", mend or mapping_mend(path), place)
    if kind == "list_type":
        return Problem("not-a-list", "a list is expected here", list_mend(path), place)
    if kind == "too_long":
        cause, mend = f"more than {context.get('max_length', 0):,} entries", "leave some out, or split the scenario"
        return Problem("too-many", cause, mend, node.key_place or place)
    if kind == "too_short" and context.get("min_length", 1) > 1:
        return Problem("empty", "two or more are needed here", "name another one, or remove the rule", place)
    if kind == "too_short":
        return Problem("empty", "this is empty", "fill it, or remove the key", place)
    return Problem("not-understood", "this value is not what is expected here", "see the scenario reference", place)


_EXAMPLES = {
    "format": "1",
    "currency": "EUR",
    "objective": "{maximize: engagements}",
    "quantity": "spend",
    "model": "fee",
    "deliver": "{post: 1}",
    "cpm": "6",
    "is": "3%",
    "name": "fantasy nano",
    "cost": "18",
    "available": "60",
    "up_to": "15",
    "keep": "60%",
    "pack": "pap-tiktok",
}


def _missing(document: Node, path: list[str | int], key: str) -> Problem:
    node = document.at(path) or document
    place = node.key_place or node.place
    other = meant_rule(document, path)
    if other:
        cause = f'there is no rule "{path[1]}" whose bound could be changed'
        return Problem("unknown-rule", cause, other, place)
    steps = " > ".join(str(step + 1) if isinstance(step, int) else step for step in path)
    where, shown = f" in {steps}" if path else "", f'"{key}"' if key in ("is", "from") else key
    word = next((one for one in entries(node) if key_meant(one, [key]) or near_name(one, [key])), None)
    mend = f"add {key}: {_EXAMPLES.get(key, '...')}" if word is None else f'write {key} in place of "{short(word)}"'
    if is_bare_rule(document, path):
        others = [name for name in entries(document.at(path[:1])) if name != path[1]]
        mend += "; or, to change another rule, use its name" + (f": {some(others)}" if others else "")
    return Problem("missing-key", f"{shown} is missing{where}", mend, place)


def _key_of(location: Sequence[str | int]) -> str:
    return "from" if location[-1] == "source" else str(location[-1])


def _names(path: Sequence[str | int]) -> list[str]:
    """The keys that are allowed in place of the last one of a path; empty where names are free."""
    names = list(_OUTSIDE if len(path) == 1 else ())
    for pattern, model in _LEVELS:
        if len(pattern) == len(path) - 1 and all(p in ("*", s) for p, s in zip(pattern, path, strict=False)):
            names += _keys(model)
    return names


@cache
def _keys(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _unknown_key(path: Sequence[str | int], node: Node, suggest: bool) -> Problem:
    place = node.key_place or node.place
    key = str(path[-1]) if path else "?"
    names = _names(path)
    if key in _OUTSIDE:
        return Problem("unknown-key", f'"{key}" is only allowed at the top level of a file', "move it there", place)
    if key in names:  # a rule of logic with the keys of the other kind
        cause = f'a rule that says {", ".join(LOGIC[:3])} or if cannot have "{key}"'
        return Problem("unknown-key", cause, "write a separate rule for it", place)
    mend = without_blank(key, names) or (_home(node) if len(path) == 1 else "") or _other_word(key, names)
    mend = mend or (suggest and nearest(key, names)) or ""
    mend = mend or (f"the keys here are: {', '.join(names)}" if names else "remove it")
    return Problem("unknown-key", f'unknown key "{short(key)}"', mend, place)


def _other_word(key: str, names: Sequence[str]) -> str:
    meant = key_meant(key, names)
    return f"write {meant}" if meant else ""


_HOMES = {"quantity": "constraints", "deliver": "offers", "model": "pay", "available": "segments"}


def _home(node: Node) -> str:
    """Where a part belongs that is at the top level of the file because its indentation was lost."""
    said = entries(node)
    homes = [home for key, home in _HOMES.items() if key in said] + ["constraints"] * any(key in said for key in LOGIC)
    return f"indent it, so that it stands under {homes[0]}:" if homes else ""


def _choice(node: Node, expected: str, suggest: bool) -> Problem:
    value = str(node.value) if isinstance(node.value, str) else "this"
    options = expected.replace("'", "")
    names = options.replace(" or ", ", ").split(", ")
    model = meant(value, MODELS) if "commission" in names else None
    mend = f"write {model}" if model else (suggest and nearest(value, names)) or f"write {options}"
    return Problem("unknown-choice", f'"{short(value)}" is not one of: {options}', mend, node.place)
