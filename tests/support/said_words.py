"""Which words of the scenario format a scenario says, found by walking it along the JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from optimizer.loading.json_schema import scenario_schema

Word = tuple[str, str]
"""What stands where: a definition of the schema, and a key, a value or a name that it lists."""

UNLISTED = frozenset({"currencies"})  # lists of the world's names, which are one kind of value for the format
_CHANGED = (".change", ".extending")  # the same words, said in a variant or over another file

SCHEMA = scenario_schema()
DEFS = SCHEMA["$defs"]
_JSON = {dict: "object", list: "array", str: "string"}


def words() -> set[Word]:
    """Every key, every value of a list of values, and every name that editors suggest."""
    found = {word for name, shape in DEFS.items() for word in _listed(shape, _plain(name))}
    return {word for word in found if word[0] not in UNLISTED}


def said(scenario: dict[str, Any]) -> set[Word]:
    """The words that a scenario says; its values are texts, as the reader gives them."""
    return {word for word in _walk(scenario, SCHEMA, "") if word[0] not in UNLISTED}


def _plain(name: str) -> str:
    for ending in _CHANGED:
        name = name.removesuffix(ending)
    return name


def _listed(shape: Any, within: str) -> Iterator[Word]:
    if isinstance(shape, list):
        for part in shape:
            yield from _listed(part, within)
    if not isinstance(shape, dict):
        return
    yield from ((within, f"{value}") for value in shape.get("enum", ()))
    yield from ((within, item["label"]) for item in shape.get("defaultSnippets", ()))
    for key, inner in shape.get("properties", {}).items():
        if inner is not False:
            yield within, f"{key}:"
            yield from _listed(inner, within)
    for key in ("anyOf", "items", "additionalProperties"):
        yield from _listed(shape.get(key), within)


def _walk(value: Any, shape: Any, within: str) -> Iterator[Word]:
    """The words of a value: along all the shapes that it fits."""
    if not isinstance(shape, dict) or value is None:
        return
    if "$ref" in shape:
        path = shape["$ref"].removeprefix("#/$defs/").split("/")
        inner: Any = DEFS
        for part in path:
            inner = inner[part]
        yield from _walk(value, inner, _plain(path[0]))
    if "if" in shape and "then" in shape:
        yield from _walk(
            value,
            shape["then" if _fits(value, shape["if"]) else "else"]
            if _fits(value, shape["if"]) or "else" in shape
            else {},
            within,
        )
    yield from (word for part in shape.get("anyOf", ()) if _fits(value, part) for word in _walk(value, part, within))
    if isinstance(value, str):
        known = [f"{one}" for one in shape.get("enum", ())] + [one["label"] for one in shape.get("defaultSnippets", ())]
        yield from ((within, one) for one in known if one == value)
    elif isinstance(value, list):
        yield from (word for item in value for word in _walk(item, shape.get("items"), within))
    elif isinstance(value, dict):
        yield from _of_keys(value, shape, within)


def _of_keys(value: dict[str, Any], shape: dict[str, Any], within: str) -> Iterator[Word]:
    known = shape.get("properties", {})
    for key, inner in value.items():
        if key in known:
            yield within, f"{key}:"
        yield from _walk(inner, known.get(key, shape.get("additionalProperties")), within)
        names = shape.get("propertyNames", {})
        yield from _walk(key, names, within)


def _fits(value: Any, shape: dict[str, Any]) -> bool:
    return Draft202012Validator({**shape, "$defs": DEFS}).is_valid(value)
