"""Overlays: `extends`, variants and `--set` laid over a document; each value keeps its origin, the last one wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.source import Node, parse_yaml

MOST_FILES = 8


def overlay(base: Node, top: Node) -> Node:
    """Mappings merge, everything else replaces, null removes."""
    if not isinstance(base.value, dict) or not isinstance(top.value, dict):
        return top
    merged = dict(base.value)
    for key, node in top.value.items():
        if node.value is None:
            merged.pop(key, None)
        elif key in merged:
            merged[key] = overlay(merged[key], node)
        else:
            merged[key] = node
    return replace(top, value=merged)


def extended(document: Node, read: Callable[[Node], tuple[str, Node]], seen: tuple[str, ...]) -> Node:
    """A document over the ones that it extends; `read` gives a file's canonical name and document."""
    entries = document.value if isinstance(document.value, dict) else {}
    reference = entries.get("extends")
    if reference is None:
        return document
    name, parent = read(reference)
    if name in seen:
        chain = " -> ".join([*seen, name])
        raise ScenarioError(
            [Problem("extends-cycle", f"files extend each other: {chain}", "break the circle", reference.place)]
        )
    if len(seen) >= MOST_FILES:
        raise ScenarioError(
            [Problem("extends-depth", f"more than {MOST_FILES} files extend each other", "", reference.place)]
        )
    own = replace(document, value={key: node for key, node in entries.items() if key != "extends"})
    return overlay(extended(parent, read, (*seen, name)), own)


def with_variant(document: Node, variant: str | None) -> Node:
    """The document with one of its variants laid over; raises ScenarioError where there is none of that name."""
    entries = document.value if isinstance(document.value, dict) else {}
    base = replace(document, value={key: node for key, node in entries.items() if key != "variants"})
    if variant is None:
        return base
    variants = entries["variants"].value if "variants" in entries else None
    chosen = variants.get(variant) if isinstance(variants, dict) else None
    if chosen is None:
        names = ", ".join(variants) if isinstance(variants, dict) else ""
        mend = f"choose one of: {names}" if names else "the scenario has no variants"
        raise ScenarioError([Problem("unknown-variant", f'there is no variant "{variant}"', mend, document.place)])
    return overlay(base, chosen) if isinstance(chosen.value, dict) else base


def with_changes(document: Node, changes: Mapping[str, str] | Iterable[tuple[str, str]]) -> Node:
    """The document with `--set path=value` laid over, one after the other."""
    for path, value in dict(changes).items():
        place = Place(f"--set {path}={value}")
        steps = _steps(path)
        if not steps:
            cause = f'"{path}" is not a path of keys'
            mend = (
                'write keys with dots between, quote a key with blanks or dots: constraints."nano share".at_least=30%'
            )
            raise ScenarioError([Problem("set-path", cause, mend, place)])
        document = overlay(document, _nested(steps, _set_value(value, place)))
    return document


def split_change(text: str) -> tuple[str, str]:
    """`path=value` in two; the path may hold quoted keys."""
    match = re.fullmatch(rf"\s*({_KEY}(?:\.{_KEY})*)\s*=(.*)", text, re.DOTALL)
    if match is None:
        cause = f'"{text}" is not of the form path=value'
        raise ScenarioError([Problem("set-form", cause, "write for example --set budget=20_000", Place("--set"))])
    return match.group(1), match.group(2).strip()


_KEY = r'(?:"[^"]*"|\'[^\']*\'|[^."\'=]+)'


def _steps(path: str) -> list[str]:
    if not re.fullmatch(rf"{_KEY}(?:\.{_KEY})*", path):
        return []
    return [key.strip("\"'") if key[0] in "\"'" else key.strip() for key in re.findall(_KEY, path)]


def _set_value(text: str, place: Place) -> Node:
    try:
        value = parse_yaml(f"value: {text}\n".encode(), place.file).value
    except ScenarioError as error:
        raise ScenarioError(replace(problem, place=place) for problem in error.problems) from None
    node = value["value"] if isinstance(value, dict) and set(value) == {"value"} else Node(text, place)
    return _at(node, place)


def _at(node: Node, place: Place) -> Node:
    value = node.value
    if isinstance(value, dict):
        return Node({key: _at(inner, place) for key, inner in value.items()}, place, place)
    if isinstance(value, list):
        return Node([_at(inner, place) for inner in value], place, place)
    return Node(value, place, place)


def _nested(steps: list[str], leaf: Node) -> Node:
    for step in reversed(steps):
        leaf = Node({step: leaf}, leaf.place, leaf.place)
    return leaf
