"""Overlays: `extends`, variants and `--set` applied to a document; the last value wins and keeps its origin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.source import MOST_DEPTH, NULLS, Node, parse_yaml, short
from optimizer.unseen import visible

MOST_FILES = 8
_NEEDED = ("format", "currency", "objective")
_BY_NAME = ("assume", "constraints", "fit", "offers", "pay", "tiers")  # mappings with independent entries


def overlay(base: Node, top: Node, depth: int = 0) -> Node:
    """Mappings merge, everything else replaces, null removes; an objective is replaced as a whole."""
    if not isinstance(base.value, dict) or not isinstance(top.value, dict):
        return top
    merged = dict(base.value)
    for key, node in top.value.items():
        if node.value is None and key not in merged and depth:
            near = get_close_matches(key, merged, n=1)
            mend = f'did you mean "{near[0]}"?' if near else "leave it out"
            cause = f'there is no "{key}" here to remove'
            raise ScenarioError([Problem("nothing-to-remove", cause, mend, node.key_place or node.place)])
        if node.value is None:
            merged.pop(key, None)
        elif key in merged and key != "objective":
            merged[key] = overlay(merged[key], node, depth + 1)
        else:
            merged[key] = node
    return replace(top, value=merged)


def extended(document: Node, read: Callable[[Node], tuple[str, Node]], seen: tuple[str, ...]) -> Node:
    """A document applied to those that it extends; `read` gives a file's canonical name and document."""
    entries = document.value if isinstance(document.value, dict) else {}
    reference = entries.get("extends")
    if reference is None:
        return document
    name, parent = read(reference)
    if name in seen:
        chain = " -> ".join([*seen, name])
        raise ScenarioError(
            [
                Problem(
                    "extends-cycle", f"files extend each other: {chain}", "remove one of these extends", reference.place
                )
            ]
        )
    if len(seen) >= MOST_FILES:
        raise ScenarioError(
            [
                Problem(
                    "extends-depth",
                    f"more than {MOST_FILES} files extend each other",
                    "merge some of them",
                    reference.place,
                )
            ]
        )
    own = replace(document, value={key: node for key, node in entries.items() if key != "extends"})
    return overlay(extended(parent, read, (*seen, name)), own)


def with_variant(document: Node, variant: str | None) -> Node:
    """The document with one of its variants applied; raises ScenarioError if there is none of that name."""
    entries = document.value if isinstance(document.value, dict) else {}
    base = replace(document, value={key: node for key, node in entries.items() if key != "variants"})
    if variant is None:
        return base
    variants = entries["variants"].value if "variants" in entries else None
    chosen = variants.get(variant) if isinstance(variants, dict) else None
    if chosen is None:
        names = ", ".join(variants) if isinstance(variants, dict) else ""
        mend = f"choose one of: {names}" if names else "the scenario has no variants"
        place = entries["variants"].key_place if "variants" in entries else document.place
        raise ScenarioError([Problem("unknown-variant", f'there is no variant "{variant}"', mend, place)])
    return overlay(base, chosen) if isinstance(chosen.value, dict) else base


def touched(document: Node, variant: Node) -> Node:
    """The parts that a variant changes, with the keys that every scenario needs: only these can have new faults."""
    entries = document.value if isinstance(document.value, dict) else {}
    changed = variant.value if isinstance(variant.value, dict) else {}
    kept = {}
    for key, node in entries.items():
        if key in changed or key in _NEEDED:
            kept[key] = _named_alike(node, changed[key]) if key in changed and key in _BY_NAME else node
    return replace(document, value=kept)


def _named_alike(node: Node, changed: Node) -> Node:
    """The entries of a mapping that a variant changes; all of them if it only removes some."""
    if not isinstance(node.value, dict) or not isinstance(changed.value, dict):
        return node
    kept = {name: inner for name, inner in node.value.items() if name in changed.value}
    return replace(node, value=kept) if kept else node


def with_changes(document: Node, changes: Mapping[str, str] | Iterable[tuple[str, str]]) -> Node:
    """The document with each `--set path=value` applied in order."""
    for path, value in dict(changes).items():
        place = Place(visible(f"--set {short(path)}={short(value)}"))
        steps = steps_of(path)
        if steps[:1] == ["variants"]:
            mend = "choose the variant with --variant, and set the value itself"
            raise ScenarioError([Problem("set-path", "variants cannot be changed this way", mend, place)])
        if not steps or len(steps) > MOST_DEPTH or visible(path) != path:
            cause = f'"{visible(short(path))}" is not a path of keys'
            mend = (
                'write keys with dots between, quote a key with spaces or dots: constraints."nano share".at_least=30%'
            )
            raise ScenarioError([Problem("set-path", cause, mend, place)])
        document = overlay(document, _with_other_weights(document, steps, _nested(steps, _set_value(value, place))))
    return document


def _with_other_weights(document: Node, steps: list[str], change: Node) -> Node:
    """A change of one weight of the objective: the others stay, although an objective is replaced as a whole."""
    said = document.at(steps[:2])
    if steps[0] != "objective" or len(steps) != 3 or said is None or not isinstance(said.value, dict):
        return change
    (old, new) = (one.at(["objective"]) for one in (document, change))
    if old is None or new is None or not isinstance(change.value, dict):
        raise TypeError("both have an objective")
    return replace(change, value={"objective": overlay(old, new, 1)})


def split_change(text: str) -> tuple[str, str]:
    """`path=value` in two; the path may hold quoted keys."""
    match = re.fullmatch(rf"({_KEY}(?:\.{_KEY})*)\s*=(.*)", text.strip(), re.DOTALL)
    if match is None:
        cause = f'"{visible(short(text))}" is not of the form path=value'
        raise ScenarioError([Problem("set-form", cause, "write for example --set budget=20_000", Place("--set"))])
    return match.group(1), match.group(2).strip()


_KEY = r'(?:"[^"]*"|\'[^\']*\'|[^."\'=]++)'


def steps_of(path: str) -> list[str]:
    """The keys of a path, in order; none of a text that is no path."""
    if not re.fullmatch(rf"{_KEY}(?:\.{_KEY})*", path):
        return []
    return [key.strip("\"'") if key[0] in "\"'" else key.strip() for key in re.findall(_KEY, path)]


def _set_value(text: str, place: Place) -> Node:
    try:
        value = parse_yaml(f"value: {text}\n".encode(), place.file).value
    except UnicodeEncodeError:
        cause, mend = "the value is not valid UTF-8", "type it in a terminal that writes UTF-8"
        raise ScenarioError([Problem("yaml-encoding", cause, mend, place)]) from None
    except ScenarioError as error:
        raise ScenarioError(replace(problem, place=place) for problem in error.problems) from None
    if isinstance(value, dict) and value["value"].value is None and text.strip() not in NULLS:
        mend = "write null to remove the key; put a text that begins with # in quotes"
        raise ScenarioError([Problem("set-form", "there is no value behind the =", mend, place)])
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
