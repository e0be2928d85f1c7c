"""YAML as nodes that know their places.

Read through the event stream of the pure parser (the compiled one dies on deep nesting, and both drop duplicate keys).
Every scalar stays text until a field reads it, so `country: NO` is Norway and `12:30` is not 750; only null is
recognized. Aliases and tags are refused.
"""

from __future__ import annotations

import datetime
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import yaml

from optimizer.domain.filters import fold
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.unseen import UNSEEN, visible

# Together these hold the reading of any file under half a second: the pure parser takes 20 us a value, 1 us a byte.
MOST_BYTES = 200_000
MOST_LINES = 10_000
MOST_DEPTH = 32
MOST_VALUES = 16_000
NULLS = ("~", "null", "Null", "NULL")

Scalar = str | bool | None
Value = Scalar | dict[str, "Node"] | list["Node"]


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the document with its place; the entry of a mapping also has the place of its key."""

    value: Value
    place: Place
    key_place: Place | None = None

    def at(self, path: Sequence[str | int]) -> Node | None:
        """The node at a path, None where there is none."""
        node: Node | None = self
        for step in path:
            inside = node.value if node is not None else None
            if isinstance(inside, dict):
                node = inside.get(str(step))
            elif isinstance(inside, list) and isinstance(step, int) and step < len(inside):
                node = inside[step]
            else:
                return None
        return node

    def plain(self) -> object:
        """The value as plain dicts, lists and texts; keys without a value are left out."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items() if node.value is not None}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def leaves(self, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
        """Every scalar (and empty collection) with its path."""
        inside = self.value
        steps: list[tuple[str | int, Node]] = []
        if isinstance(inside, dict):
            steps = list(inside.items())
        elif isinstance(inside, list):
            steps = list(enumerate(inside))
        if not steps:
            yield path, self
        for step, node in steps:
            yield from node.leaves((*path, step))


@dataclass
class Allowance:
    """How much more may be read; shared by all files of a scenario."""

    bytes: int = MOST_BYTES
    lines: int = MOST_LINES
    values: int = MOST_VALUES


def parse_yaml(data: bytes, file: str, left: Allowance | None = None) -> Node:
    """Read one YAML document; raises ScenarioError with the first thing that is not plain, safe YAML."""
    left = left or Allowance()
    left.bytes -= len(data)
    if left.bytes < 0:
        raise _too_large(f"{MOST_BYTES:,} bytes", Place(file))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ScenarioError(
            [
                Problem(
                    "yaml-encoding",
                    f"not valid UTF-8 at byte {error.start + 1}",
                    "save the file as UTF-8",
                    Place(file, line, 1),
                )
            ]
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as YAML counts lines
    left.lines -= text.count("\n") + 1
    if left.lines < 0:
        raise _too_large(f"{MOST_LINES:,} lines", Place(file))
    _check_lines(text, file)
    return _Reader(text, file, left).document()


def _check_lines(text: str, file: str) -> None:
    """Refuse line ends that only YAML recognizes: text after them would be read although an editor shows it as a
    comment.
    """
    hidden = _HIDDEN_BREAK.search(text)
    if hidden is not None:
        before = text[: hidden.start()]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        cause = f"an invisible line end (U+{ord(hidden.group()):04X}) is not allowed"
        raise ScenarioError([Problem("yaml-character", cause, "remove it", place)])


class _Reader:
    """Builds nodes from events, with caps on depth and count."""

    def __init__(self, text: str, file: str, left: Allowance) -> None:
        self.file = file
        self.left = left
        self.lines = text.split("\n")
        self.excerpts: dict[int, str] = {}
        self.events = self._safely(text)

    def _safely(self, text: str) -> Iterator[yaml.Event]:
        loader = None
        try:
            loader = yaml.SafeLoader(text)
            while loader.check_event():
                yield loader.get_event()  # type: ignore[no-untyped-call]
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n")
            column = error.position - (text.rfind("\n", 0, error.position) + 1)
            cause = f"a control character (U+{int(error.character):04X}) is not allowed"
            raise self._fault("yaml-character", cause, "remove it", line, column) from None
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from None
        except (ValueError, OverflowError):  # an escape such as \\UFFFFFFFF, which the parser takes for a character
            mark = loader.get_mark() if loader is not None else None
            line, column = (mark.line, mark.column) if mark is not None else (0, 0)
            cause = "a number in an escape or a directive here is far too large"
            raise self._fault("yaml-syntax", cause, "remove it", line, column) from None

    def _syntax(self, error: yaml.MarkedYAMLError) -> ScenarioError:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark is not None else (0, 0)
        at = self.lines[line][column : column + 1] if line < len(self.lines) else ""
        said, opened = str(error.problem), error.context_mark
        if at and at in "@`%" and "cannot start any token" in said:
            return self._fault(
                "yaml-quote", f"a value cannot start with {at}", f'put it in quotes: "{at}name"', line, column
            )
        if at == "\t":
            return self._fault("yaml-tab", "a tab is not allowed here", "use spaces", line, column)
        if "duplicate anchor" in said:
            return self._fault("yaml-alias", "anchors and aliases are not allowed", "write the value out", line, column)
        if "end of stream" in said and opened is not None and "quoted" in str(error.context):
            cause, mend = "the quote that opens here is never closed", "close it with the same kind of quote"
            return self._fault("yaml-syntax", cause, mend, opened.line, opened.column)
        if opened is not None and "while parsing a flow" in str(error.context) and "expected ','" in said:
            cause = f"the bracket that opens in line {opened.line + 1} is neither closed nor followed by a comma here"
            return self._fault("yaml-syntax", cause, "close it, or put a comma between the entries", line, column)
        if opened is not None and "expected ':'" in said:
            cause = "this is not valid YAML: a key without a colon"
            mend = "write key: value, with a space after the colon"
            return self._fault("yaml-syntax", cause, mend, opened.line, opened.column)
        above = _RAN_TOGETHER.fullmatch(self.lines[line - 1]) if 0 < line < len(self.lines) else None
        if above is not None and "mapping values are not allowed" in said:
            mend = f"put a space after the colon: {above[2]}: {short(above[3])}"
            return self._fault("yaml-syntax", f'"{short(above[2])}" has no value', mend, line - 1, len(above[1]))
        before = self.lines[line][:column].strip(" -") if line < len(self.lines) else ""
        if before and "expected <block end>" in said:
            cause = "this is not valid YAML: there is text after the end of a value"
            mend = f"remove it, or open it with {_OPENS[at]} before" if at in _OPENS else _QUOTE_ALL
            return self._fault("yaml-syntax", cause, mend, line, column)
        cause, mend = next((words for part, words in _SYNTAX.items() if part in said), _SYNTAX_ELSE)
        return self._fault("yaml-syntax", f"this is not valid YAML: {cause}", mend, line, column)

    def _fault(self, code: str, cause: str, mend: str, line: int, column: int) -> ScenarioError:
        return ScenarioError([Problem(code, cause, mend, self._place(line, column))])

    def _place(self, line: int, column: int, length: int = 1) -> Place:
        if line not in self.excerpts:  # one for all places of a line, which may be long
            self.excerpts[line] = UNSEEN.sub("\ufffd", self.lines[line]) if line < len(self.lines) else ""
        return Place(self.file, line + 1, column + 1, self.excerpts[line], length)

    def _event_place(self, event: yaml.Event) -> Place:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            return Place(self.file)
        same_line = start.line == end.line and not isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
        return self._place(start.line, start.column, max(1, end.column - start.column) if same_line else 1)

    def document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    place = self._event_place(event)
                    raise ScenarioError([Problem("yaml-documents", "a second document starts here", "keep one", place)])
                root = self._node(next(self.events), 1)
        if root is None or not isinstance(root.value, dict):
            what = "the file is empty" if root is None or root.value is None else "the file is not a mapping of keys"
            mend = "start with `format: 1`; `creatormix new` writes a scenario to start from"
            raise ScenarioError([Problem("yaml-empty", what, mend, Place(self.file, 1, 1))])
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = self._event_place(event)
        self.left.values -= 1
        if self.left.values < 0:
            raise _too_large(f"{MOST_VALUES:,} keys and values", place)
        if depth > MOST_DEPTH:
            raise ScenarioError([Problem("yaml-depth", f"nested deeper than {MOST_DEPTH}", "flatten it", place)])
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            cause, mend = "anchors and aliases (& and *) are not allowed", "write the value out, or quote the text"
            raise ScenarioError([Problem("yaml-alias", cause, mend, place)])
        tag = getattr(event, "tag", None)
        if tag:
            raise ScenarioError([Problem("yaml-tag", f"tag {tag} is not allowed", "remove it", place)])
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._mapping(depth), place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._sequence(depth), place)
        if not isinstance(event, yaml.ScalarEvent):
            raise ScenarioError([Problem("yaml-syntax", "a value is missing here", _SYNTAX_ELSE[1], place)])
        return Node(self._scalar(event, place), place)

    def _sequence(self, depth: int) -> list[Node]:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        first: dict[str, Node] = {}  # by the form in which names are compared
        problems = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            node = self._node(next(self.events), depth + 1)
            name = key.value if isinstance(key.value, str) else "null" if key.value is None else None
            if name is None:
                raise ScenarioError([Problem("yaml-key", "a key must be a text", "write a name", key.place)])
            known = first.setdefault(fold(name) if len(name) <= _COMPOSED else name, key)
            if known is not key:
                shown = name if len(name) <= 60 else f"{name[:60]}..."
                cause = f'key "{shown}" appears twice, first in line {known.place.line}'
                digits = name.isascii() and name.isdigit()  # {spend: 10,000, hours: 1,000}
                mend = f"write thousands as in 25_{name}, decimals with a point" if digits else "keep one of them"
                problems.append(Problem("duplicate-key", cause, mend, key.place))
            entries.setdefault(name, replace(node, key_place=key.place))
        if problems:
            raise ScenarioError(problems)
        return entries

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> str | None:
        value = composed(event.value)
        bad = UNSEEN.search(value)
        if bad is not None:
            cause = f"an invisible or control character (U+{ord(bad.group()):04X}) is not allowed here"
            raise ScenarioError([Problem("yaml-character", cause, "remove it", place)])
        if event.style is None and value in ("", *NULLS):
            return None
        return value


def from_mapping(source: Mapping[str, object], name: str = "scenario") -> Node:
    """Nodes from a Python mapping; their places have a path instead of a line."""
    return _from_python(source, name, 1)


def _from_python(value: object, path: str, depth: int) -> Node:
    place = Place(path)
    if depth > MOST_DEPTH:
        raise ScenarioError([Problem("yaml-depth", f"nested deeper than {MOST_DEPTH}", "flatten it", place)])
    if isinstance(value, Mapping):
        entries = {
            str(_from_python(key, path, depth).value): _from_python(inner, f"{path} > {key}", depth + 1)
            for key, inner in value.items()
        }
        if len({fold(key) for key in entries}) < len(value):
            raise ScenarioError([Problem("duplicate-key", "two keys here are the same", "keep one of them", place)])
        return Node({key: replace(node, key_place=node.place) for key, node in entries.items()}, place)
    if isinstance(value, (list, tuple)):
        return Node([_from_python(inner, f"{path} > {at + 1}", depth + 1) for at, inner in enumerate(value)], place)
    if value is None:
        return Node(None, place)
    if isinstance(value, bool):
        return Node("true" if value else "false", place)
    if isinstance(value, (int, float, Decimal)) or hasattr(value, "__index__") or hasattr(value, "__float__"):
        return Node(str(value), place)
    if not isinstance(value, (str, os.PathLike, datetime.date)):
        cause, mend = "only texts, numbers, lists and mappings can be read", "give the value as one of these"
        raise ScenarioError([Problem("yaml-value", cause, mend, place)])
    text = composed(str(value))
    bad = UNSEEN.search(text)
    if bad is not None:
        cause = f"an invisible or control character (U+{ord(bad.group()):04X}) is not allowed here"
        raise ScenarioError([Problem("yaml-character", cause, "remove it", Place(visible(path)))])
    return Node(text, place)


def composed(text: str) -> str:
    """A text in NFC; longer ones than any field takes are left alone, as composing takes the square of their length."""
    return text if len(text) > _COMPOSED else unicodedata.normalize("NFC", text)


def short(value: str, most: int = 40) -> str:
    """A value, cut for a message."""
    return value if len(value) <= most else value[: most - 3] + "..."


_HIDDEN_BREAK = re.compile("[\x85\u2028\u2029]")
_COMPOSED = 1_000
_RAN_TOGETHER = re.compile(r"(\s*)([A-Za-z_]{1,40}):([^\s:/]{1,200})")  # a whole line such as `budget:10_000`
_OPENS, _QUOTE_ALL = {"}": "{", "]": "["}, "put the whole value in one pair of quotes"
_SYNTAX = {  # what the parser says -> what is wrong, how to mend it
    "mapping values are not allowed": (
        "a colon is not expected here",
        'put a text that holds a colon in quotes; else check the indentation, and that the line above has "key:"',
    ),
    "expected <block end>": (
        "the indentation differs from the lines above",
        "indent the keys of one mapping, and the dashes of one list, alike",
    ),
    "sequence entries are not allowed": (
        "a list cannot begin here",
        "begin it on the next line, or write it in brackets: [a, b]",
    ),
    "expected the node content": ("a value is missing here", "write it, or remove the comma"),
    "unknown escape character": (
        "a backslash in double quotes stands for a special character, and this one is not known",
        "use single quotes, or double the backslash",
    ),
    "expected alphabetic or numeric": ("& and * have a meaning of their own", "put the text in quotes"),
}
_SYNTAX_ELSE = ("it cannot be read from here on", "check the line's indentation, colons, brackets and quotes")


def _too_large(most: str, place: Place) -> ScenarioError:
    cause = f"a scenario, with the files that it extends, has at most {most}; this is more"
    return ScenarioError([Problem("yaml-too-large", cause, "leave something out", place)])
