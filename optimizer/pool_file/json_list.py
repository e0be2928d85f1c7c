"""Read a JSON list of objects, as scrapers give it: nested values get names such as authorMeta/fans and posts/0/likes.

A list may hold thousands of names. They are gathered as a tree, and only the values of wanted columns are taken out.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from optimizer.errors import ScenarioError
from optimizer.pool_file import limits
from optimizer.pool_file.as_text import Texts
from optimizer.pool_file.limits import FEWER, fault, shown
from optimizer.pool_file.table import Gathering, Table, Wanted

MAX_JSON: Final = 200_000_000  # bytes: it takes several times as much memory
MAX_VALUES: Final = 20_000_000
MAX_NAMES: Final = 200_000
MAX_DEPTH: Final = 50
ENDINGS: Final = (".json", ".jsonl", ".ndjson")
_LINES: Final = (".jsonl", ".ndjson")
_SPACE: Final = b" \t\r\n"

Record = Mapping[str, Any]
Path = tuple[str | int, ...]


class Number(str):
    """A number, as it is written."""

    __slots__ = ()


class _Twice(ValueError):  # noqa: N818  the file is at fault
    """An object has a key twice."""


def is_json(raw: bytes, suffix: str) -> bool:
    """Whether a file is JSON: by its ending, or because it begins like a list of objects."""
    start = raw[:200].removeprefix(codecs.BOM_UTF8).lstrip(_SPACE)
    if suffix in ENDINGS:
        return True
    if start[:1] == b"[":
        start = start[1:].lstrip(_SPACE)
    return start[:1] == b"{" and start[1:].lstrip(_SPACE)[:1] in (b'"', b"}")


def read_json(raw: bytes, file: str, wanted: Wanted, chosen: str | None, suffix: str = "") -> Table:
    """Read the wanted values; where the ending of the file says so, one object a line.

    Raises
    ------
    ScenarioError
        When it is no JSON, holds no list of objects or several, or is beyond the limits.
    """
    text = _decoded(raw, file)
    try:
        lines = _lines(text) if suffix in _LINES else None
        records, rows = lines or _records(text, file, chosen)
    except RecursionError:
        raise _too_deep(file) from None
    except _Twice as error:
        cause = f'an object has the key "{shown(str(error))}" twice'
        raise fault("pool-json", cause, "correct the program that wrote it", file) from None
    limits.check_height(len(records), file)
    paths = list(_names(records, file))
    gathering = Gathering(file, ["/".join(map(str, path)) for path in paths], 1, wanted, MAX_NAMES)
    texts = [_column(records, paths[at]) for at in gathering.picked]
    gathering.refuse_zeros(texts, rows)
    gathering.add(np.array(rows, np.int64), texts)
    return gathering.table()


def _too_deep(file: str) -> ScenarioError:
    cause = f"values are nested more than {MAX_DEPTH} deep"
    return fault("pool-json", cause, "export a list of objects, one for each creator", file)


def _decoded(raw: bytes, file: str) -> str:
    if len(raw) > MAX_JSON:
        cause = f"the file has {len(raw):,} bytes; JSON may have at most {MAX_JSON:,}"
        raise fault("pool-too-large", cause, f"{FEWER}, or export it as CSV", file)
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        cause = f"byte {at + 1:,} is not UTF-8, which JSON is written in"
        raise fault("pool-encoding", cause, "export it again", file, raw.count(b"\n", 0, at) + 1) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Twice(next(key for key in keys if keys.count(key) > 1))
    return found


def _nothing(_: str) -> None:
    """NaN and Infinity: no figure."""


_PARSER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_nothing
)


def _records(text: str, file: str, chosen: str | None) -> tuple[Sequence[Record], Sequence[int]]:
    """The objects, and the number of each; of JSON lines, its line."""
    try:
        whole = _PARSER.decode(text)
    except json.JSONDecodeError as error:
        lines = _lines(text)
        if lines is not None:
            return lines
        cause = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise fault("pool-json", cause, "export it again", file, error.lineno, error.colno) from None
    records = _list(whole, file, chosen)
    return records, range(1, len(records) + 1)


def _lines(text: str) -> tuple[list[Record], list[int]] | None:
    """One object a line; None where one line is something else."""
    records: list[Record] = []
    rows: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _PARSER.decode(line)
        except json.JSONDecodeError:
            return None
        if not isinstance(record, dict):
            return None
        records.append(record)
        rows.append(number)
    return records, rows


def _list(whole: Any, file: str, chosen: str | None) -> Sequence[Record]:
    """The one list of objects."""
    if isinstance(whole, list) and chosen is None:
        if not whole:
            raise fault("pool-no-rows", "the list is empty", "add an object for each creator", file)
        odd = next((at for at, one in enumerate(whole, 1) if not isinstance(one, dict)), None)
        if odd is not None:
            cause = f"item {odd:,} of the list is not an object"
            raise fault("pool-json", cause, "give a list of objects, one for each creator", file, odd)
        return whole
    lists = dict(_inside(whole, ())) if isinstance(whole, dict) else {}
    if chosen is not None:
        found = [name for name in lists if chosen in (name, name.rpartition("/")[2])]
        if len(found) != 1:
            known = f"it has: {', '.join(map(shown, list(lists)[:20]))}" if lists else "remove the key sheet"
            raise fault("pool-sheet", f'there is no list of objects "{shown(chosen)}"', known, file)
        return lists[found[0]]
    if len(lists) == 1:
        return next(iter(lists.values()))
    if not lists:
        cause = "the file holds no list of objects"
        raise fault("pool-json", cause, "export a list of objects, one for each creator", file)
    names = list(lists)
    cause = f"the file holds several lists of objects: {', '.join(map(shown, names[:20]))}"
    mend = f'say which one: creators: {{file: ..., sheet: "{shown(names[0])}"}}'
    raise fault("pool-sheet", cause, mend, file)


def _inside(found: Record, path: tuple[str, ...]) -> Iterator[tuple[str, list[Record]]]:
    """The lists of objects in an object and the objects in it, but not those in lists."""
    if len(path) > 3:
        return
    for key, value in found.items():
        if isinstance(value, dict):
            yield from _inside(value, (*path, key))
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            yield "/".join((*path, key)), value


_LEAF: Final = object()


def _names(records: Sequence[Record], file: str) -> Iterator[Path]:
    """The paths of all plain values, in the order in which they first come."""
    tree: dict[Any, Any] = {}
    count = 0
    for record in records:
        stack: list[tuple[Any, dict[Any, Any], int]] = [(record, tree, 1)]
        while stack:
            value, node, depth = stack.pop()
            if depth > MAX_DEPTH:
                raise _too_deep(file)
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for key, inner in items:
                below = node.get(key)
                if below is None:
                    below = node[key] = {}
                if isinstance(inner, dict | list):
                    stack.append((inner, below, depth + 1))
                elif _LEAF not in below:
                    below[_LEAF] = True
            count += len(value)
        if count > MAX_VALUES:
            cause = f"the list holds more than {MAX_VALUES:,} values"
            raise fault("pool-too-large", cause, f"{FEWER}, or export fewer fields", file)
    yield from _paths(tree, ())


def _paths(node: Mapping[Any, Any], path: Path) -> Iterator[Path]:
    for key, below in node.items():
        if key is _LEAF:
            yield path
        else:
            yield from _paths(below, (*path, key))


def _column(records: Sequence[Record], path: Path) -> Texts:
    texts: list[str | None] = []
    numeric = np.zeros(len(records), np.bool_)
    for row, record in enumerate(records):
        value: Any = record
        for key in path:
            if isinstance(value, dict):
                value = value.get(key) if isinstance(key, str) else None
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                value = None
                break
        if isinstance(value, Number):
            numeric[row] = True
            texts.append(value.lower().replace("e+", "e"))
        elif isinstance(value, bool):
            texts.append("true" if value else "false")
        else:
            texts.append(value if isinstance(value, str) else None)
    return Texts(_array(texts), numeric if numeric.any() else None)


def _array(texts: list[str | None]) -> pa.StringArray:
    try:
        return pa.array(texts, pa.string())
    except UnicodeError:  # half of a pair of surrogates, which JSON can write
        whole = (text and text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts)
        return pa.array(list(whole), pa.string())
