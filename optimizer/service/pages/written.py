"""A question written into a scenario's text as one of its variants. Nothing else of the text changes: comments stay.

The place is found with the marks of PyYAML. What was written is read back, and held against what was to be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from optimizer.loading.load import as_written
from optimizer.loading.overlay import steps_of
from optimizer.loading.source import composed
from optimizer.service.pages.case import Case, word
from optimizer.service.store.errors import RefusedError

_KEY: Final = "variants"
_INDENT: Final = 2
_OTHER_ENDS: Final = frozenset("\r\x85\u2028\u2029")
Plain = Any


def with_variant(text: str, name: str, case: Case, outline: Mapping[str, Any]) -> str:
    """The text with a variant that asks what a case does.

    Parameters
    ----------
    text
        The scenario's own text.
    name
        The variant's name; one that is there is replaced.
    case
        What it is to ask. If it begins with a variant of this text, that is taken over.
    outline
        The outline of that variant, whose lists a case adds to.

    Raises
    ------
    RefusedError
        If the name cannot be, or the text is written in a way in which no line can be added safely.
    """
    if not name or len(name) > 200 or any(sign < " " for sign in name):
        raise RefusedError("a variant needs a name", "write up to 200 characters on one line")
    name = composed(name)
    before = _plain(_root(text))
    known = before.get(_KEY) if isinstance(before, dict) else None
    base = known.get(case.variant) if isinstance(known, dict) else None
    if case.variant and not isinstance(base, dict):
        raise RefusedError(
            f"the variant {case.variant} is written in another file", "write this one by hand, under Text"
        )
    asked = changes_of(case, outline, base or {})
    if not asked:
        raise RefusedError("this changes nothing of the scenario", "change something first")
    after = _edited(text, name, asked)
    wanted = {**before, _KEY: {**(known or {}), name: _texts(asked)}}
    if _plain(_root(after)) != wanted:
        raise _by_hand("this text is written in a way that cannot be changed safely here")
    return after


def changes_of(case: Case, outline: Mapping[str, Any], base: Mapping[str, Plain]) -> dict[str, Plain]:
    """What a variant says, so that it asks what a case does."""
    found: dict[str, Plain] = _copied(base)
    changes = dict(case.changes)
    for key, names in (("include", case.book), ("exclude", case.leave_out)):
        if names:
            listed = changes[key] if isinstance(changes.get(key), list) else outline.get(key) or []
            changes[key] = [*listed, *(name for name in names if name not in listed)]
    for path, value in changes.items():
        _put(found, steps_of(path), value)
    return found


def _put(into: dict[str, Plain], steps: list[str], value: Plain) -> None:
    """Lay one change over a variant, as `--set` lays it over the scenario."""
    *outer, last = steps
    for step in outer:
        inner = into.get(step)
        if not isinstance(inner, dict):
            into[step] = inner = {}
        into = inner
    if isinstance(value, Mapping) and isinstance(into.get(last), dict) and last != "objective":
        for key, one in value.items():
            _put(into[last], [key], one)
    else:
        into[last] = _copied(value)


def _copied(value: Plain) -> Plain:
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _edited(text: str, name: str, asked: Mapping[str, Plain]) -> str:
    """The text with the lines of the variant, instead of those that it had."""
    end = "\r\n" if "\r\n" in text else "\n"
    if text.count("\n") != text.count(end) or _OTHER_ENDS & {*text.replace(end, "")}:
        raise _by_hand("the lines of this text end in different ways")
    lines = text.split(end)
    root = _root(text)
    value = next((inner for key, inner in root.value if key.value == _KEY), None)
    if value is None:
        while lines and not lines[-1].strip():
            lines.pop()
        return end.join([*lines, "", f"{_KEY}:", *_lines(name, asked, _INDENT), ""])
    key = next(key for key, _ in root.value if key.value == _KEY)
    if (
        isinstance(value, yaml.ScalarNode)
        and value.value in ("", "null", "~")
        and value.start_mark.line == key.start_mark.line
    ):
        at = key.start_mark.line + 1
        kept = lines[at - 1]
        if value.value:
            begin, finish = value.start_mark.column, value.end_mark.column
            kept = kept[:begin].rstrip() + kept[finish:]
        return end.join([*lines[: at - 1], kept, *_lines(name, asked, key.start_mark.column + _INDENT), *lines[at:]])
    if not isinstance(value, yaml.MappingNode) or value.flow_style or not value.value:
        raise _by_hand(
            "the variants of this scenario are written in braces, or in another way than one below the other"
        )
    indent = value.value[0][0].start_mark.column
    there = next(((each, inner) for each, inner in value.value if each.value == name), None)
    first = there[0].start_mark.line if there else _last_line(value) + 1
    last = _last_line(there[1], there[0].start_mark.line) + 1 if there else first
    return end.join([*lines[:first], *_lines(name, asked, indent), *lines[last:]])


def _last_line(node: yaml.Node, least: int = 0) -> int:
    """The last line that a node has content on; the end mark of a block is where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last, _key_line(last, least))
    mark = node.end_mark
    line = mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line
    empty = isinstance(node, yaml.ScalarNode) and not node.value and not node.style
    return least if empty else max(least, line)


def _key_line(entry: Any, least: int) -> int:
    return max(least, entry[0].end_mark.line) if isinstance(entry, tuple) else least


def _lines(name: str, asked: Mapping[str, Plain], indent: int) -> Iterator[str]:
    """A variant with one key on each line."""
    yield f"{' ' * indent}{word(name)}:"
    for key, value in asked.items():
        yield f"{' ' * (indent + _INDENT)}{word(key)}: {_flow(value)}"


def _flow(value: Plain) -> str:
    """A value on one line, with quotes only where they are needed."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{word(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return word(value) if isinstance(value, str) else as_written(value)


# --- read back ---


class _Loader(yaml.SafeLoader):
    """Reads every scalar as text, as the scenario's own loader does."""


_Loader.yaml_implicit_resolvers = {}


def _root(text: str) -> yaml.MappingNode:
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, _Loader)):
            raise _by_hand("the text of this scenario has aliases")  # which grow without end when they are followed
        root = yaml.compose(text, _Loader)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise _by_hand("the text of this scenario cannot be read") from None
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise _by_hand("the text of this scenario is not one mapping in lines")
    return root


def _plain(node: yaml.Node) -> Plain:
    """The values of a text; null is known by its looks."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(inner) for key, inner in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(inner) for inner in node.value]
    assert isinstance(node, yaml.ScalarNode)
    null = node.style is None and node.value in ("", "null", "~", "Null", "NULL")
    return None if null else node.value


def _texts(value: Plain) -> Plain:
    """Values as they are read back: all of them texts."""
    if isinstance(value, Mapping):
        return {key: _texts(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_texts(inner) for inner in value]
    return value if value is None or isinstance(value, str) else as_written(value)


def _by_hand(cause: str) -> RefusedError:
    return RefusedError(cause, "write the variant by hand, under Text")
