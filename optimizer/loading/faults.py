"""From what pydantic finds to problems as a planner reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from optimizer.errors import Place, Problem
from optimizer.loading import schema
from optimizer.loading.pool import nearest
from optimizer.loading.schema import NOT_YET
from optimizer.loading.source import Node

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
_OUTSIDE = ("extends", "variants")  # keys of the file that are worked in before it is read as a scenario


def validate(document: Node) -> tuple[schema.ScenarioFile | None, list[Problem]]:
    """Read a document as a scenario file; every fault, and what it says where there is none."""
    try:
        return schema.ScenarioFile.model_validate(document.plain()), []
    except ValidationError as error:
        return None, [_problem(document, fault) for fault in error.errors()]  # type: ignore[arg-type]


def readable_part(document: Node) -> schema.ScenarioFile | None:
    """What a faulty document says where it can be read, so that the rest is checked too: its faults are left out.

    Nothing is planned on it. None where too much is missing.
    """
    for _ in range(4):
        try:
            return schema.ScenarioFile.model_validate(document.plain())
        except ValidationError as error:
            for fault in error.errors():
                path = _path(document, fault["loc"])
                deep = 2 if path and path[0] in ("constraints", "include", "exclude") else len(path)
                document = _without(document, path[: max(deep, 1)])
    return None


def _without(node: Node, path: Sequence[str | int]) -> Node:
    if not path:
        return node
    inside, (step, *rest) = node.value, path
    if isinstance(inside, dict) and step in inside:
        entries = dict(inside)
        if rest:
            entries[str(step)] = _without(entries[str(step)], rest)
        else:
            del entries[str(step)]
        return Node(entries, node.place, node.key_place)
    if isinstance(inside, list) and isinstance(step, int) and step < len(inside):
        items = list(inside)
        items[step : step + 1] = [_without(items[step], rest)] if rest else []
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


def _problem(document: Node, fault: dict[str, Any]) -> Problem:
    path = _path(document, fault["loc"])
    node = document.at(path) or document
    kind, context = fault["type"], fault.get("ctx") or {}
    place = node.place
    if kind == "extra_forbidden":
        return _unknown_key(path, node.key_place or node.place)
    if kind == "missing":
        key = _key_of(fault["loc"])
        where = f" in {' > '.join(map(str, path))}" if path else ""
        return Problem("missing-key", f"{key} is missing{where}", f"add {key}: ...", node.key_place or place)
    if "cause" in context:
        return Problem(kind, context["cause"], context.get("mend", ""), place)
    if kind == "literal_error":
        return _choice(path, node, str(context.get("expected", "")))
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return Problem("not-a-mapping", "a mapping of keys is expected here", "write {key: value}", place)
    if kind == "list_type":
        return Problem("not-a-list", "a list is expected here", "write [one, two]", place)
    if kind in ("too_short", "too_long"):
        return Problem("empty", "this is empty", "fill it, or remove the key", place)
    return Problem("not-understood", "this value is not what is expected here", "see the scenario reference", place)


def _key_of(location: Sequence[str | int]) -> str:
    return "from" if location[-1] == "source" else str(location[-1])


def _unknown_key(path: Sequence[str | int], place: Place | None) -> Problem:
    key = str(path[-1]) if path else "?"
    names = [*_OUTSIDE] if len(path) == 1 else []
    for pattern, model in _LEVELS:
        if len(pattern) == len(path) - 1 and all(p in ("*", s) for p, s in zip(pattern, path, strict=False)):
            names += [field.alias or name for name, field in model.model_fields.items()]
    if key in NOT_YET:
        cause = f'"{key}" ({NOT_YET[key]}) is part of the format, but not yet supported'
        return Problem("not-yet", cause, "remove it for now", place)
    mend = nearest(key, names) or (f"the keys here are: {', '.join(names)}" if names else "remove it")
    return Problem("unknown-key", f'unknown key "{key}"', mend, place)


def _choice(path: Sequence[str | int], node: Node, expected: str) -> Problem:
    value = str(node.value) if isinstance(node.value, str) else "this"
    options = expected.replace("'", "")
    if path[-1:] == ["model"] and value in ("commission", "hybrid"):
        return Problem("not-yet", f"pay model {value} is not yet supported", "use fee or gift for now", node.place)
    mend = nearest(value, options.replace(" or ", ", ").split(", ")) or f"write {options}"
    return Problem("unknown-choice", f'"{value}" is not one of: {options}', mend, node.place)
