"""A scenario as an editor sees it: the same texts as the loader's, read by the rules of YAML 1.1 or 1.2, or quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from optimizer.loading.source import Node

Tree = dict[str, Any] | list[Any] | str | None
Path = tuple[str | int, ...]

_CORE: tuple[tuple[str, Callable[[str], Any]], ...] = (  # YAML 1.2, core schema
    ("true|True|TRUE", lambda _: True),
    ("false|False|FALSE", lambda _: False),
    ("[-+]?[0-9]+", int),
    ("0o[0-7]+", lambda text: int(text[2:], 8)),
    ("0x[0-9a-fA-F]+", lambda text: int(text[2:], 16)),
    (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", float),
    (r"[-+]?\.(inf|Inf|INF)", lambda text: float(text.replace(".", ""))),
)


def texts(node: Node) -> Tree:
    """A document as plain values; an empty value is None."""
    if isinstance(node.value, dict):
        return {key: texts(inner) for key, inner in node.value.items()}
    if isinstance(node.value, list):
        return [texts(inner) for inner in node.value]
    return node.value if isinstance(node.value, str) else None


def _each(tree: Tree, read: Callable[[str], Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _each(inner, read) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [_each(inner, read) for inner in tree]
    return None if tree is None else read(tree)


def _core(text: str) -> Any:
    return next((cast(text) for pattern, cast in _CORE if re.fullmatch(pattern, text)), text)


def _old(text: str) -> Any:
    if not re.fullmatch(r"[\w.+-]+", text):
        return text
    value = yaml.safe_load(text)
    return value if isinstance(value, (str, int, float)) else text


READINGS: dict[str, Callable[[Tree], Any]] = {
    "YAML 1.2": lambda tree: _each(tree, _core),
    "YAML 1.1": lambda tree: _each(tree, _old),
    "quoted": lambda tree: _each(tree, str),
}


def paths(tree: Tree, path: Path = ()) -> Iterator[Path]:
    """The path of each value inside a tree, the tree's own first."""
    yield path
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield from paths(inner, (*path, key))
    elif isinstance(tree, list):
        for at, inner in enumerate(tree):
            yield from paths(inner, (*path, at))


def at(tree: Tree, path: Path) -> Tree:
    """The value at a path."""
    for step in path:
        tree = tree[step]
    return tree


def put(tree: Tree, path: Path, value: Tree) -> Tree:
    """The tree with another value at a path."""
    if not path:
        return value
    if isinstance(tree, dict):
        return {key: put(inner, path[1:], value) if key == path[0] else inner for key, inner in tree.items()}
    assert isinstance(tree, list)
    return [put(inner, path[1:], value) if n == path[0] else inner for n, inner in enumerate(tree)]


def without(tree: Tree, path: Path) -> Tree:
    """The tree without what stands at a path."""
    inside = at(tree, path[:-1])
    if isinstance(inside, dict):
        return put(tree, path[:-1], {key: inner for key, inner in inside.items() if key != path[-1]})
    assert isinstance(inside, list)
    return put(tree, path[:-1], [inner for n, inner in enumerate(inside) if n != path[-1]])
