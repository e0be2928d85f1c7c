"""A file without a creator: the rows that name them are taken out, and nothing else is changed.

A row names a creator if one of its cells is their handle, however it is written: `@ana`, `ana`, the URL of the account.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import zipfile
from typing import Any, Final

from optimizer.domain.accounts import handle_key, mention
from optimizer.pool_file.without_workbook import workbook_without

_TEXT_SEPARATORS: Final = ",;\t|"
_UNPACKED_MOST: Final = 400_000_000  # bytes of a zip file


class NamedInTextError(Exception):
    """A scenario's text names them; `lines` are where."""

    def __init__(self, lines: list[int]) -> None:
        self.lines = lines
        super().__init__(str(lines))


def without(name: str, content: bytes, creator: str) -> bytes:
    """The content of a file without a creator; the same content if it does not name them.

    Raises
    ------
    NamedInTextError
        If the file is a scenario that names them: its rules are for people to change.
    ValueError
        If the file cannot be read.
    """
    key = handle_key(creator)
    if name.endswith((".yaml", ".yml")):
        return _scenario(content, key)
    if content[:4] == b"PK\x03\x04":
        return _zip(content, key)
    if content[:4] == content[-4:] == b"PAR1":
        return _parquet(content, key)
    if content.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"[", b"{"):
        return _json(content, key)
    return _csv(content, key)


def _scenario(content: bytes, key: str) -> bytes:
    lines = content.decode("utf-8", "replace").split("\n")
    found = [number for number, line in enumerate(lines, 1) if mention(key).search(line.casefold())]
    if found:
        raise NamedInTextError(found)
    return content


def _csv(content: bytes, key: str) -> bytes:
    """Take out whole records; their bytes are cut out of the text, so that all others stay as they are."""
    marks = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
    encoding = next((found for mark, found in marks.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "latin-1", content.decode("latin-1")
    kept, record = [], ""
    for line in text.splitlines(keepends=True):
        record += line
        if record.count('"') % 2 == 0:
            kept += [] if _names(record, key) else [record]
            record = ""
    kept += [record] if record and not _names(record, key) else []
    found = "".join(kept)
    return content if found == text else found.encode(encoding)


def _names(record: str, key: str) -> bool:
    if key not in record.casefold():
        return False
    for separator in _TEXT_SEPARATORS:
        for cells in csv.reader(io.StringIO(record, newline=""), delimiter=separator):
            if any(handle_key(cell.strip().lstrip("'")) == key for cell in cells):
                return True
    return False


def _json(content: bytes, key: str) -> bytes:
    said = json.loads(content.decode("utf-8-sig"))
    kept = _pruned(said, key)
    return content if kept == said else json.dumps(kept, ensure_ascii=False, indent=1).encode()


def _pruned(said: Any, key: str) -> Any:
    if isinstance(said, list):
        return [_pruned(one, key) for one in said if not _is_theirs(one, key)]
    if isinstance(said, dict):
        return {name: _pruned(one, key) for name, one in said.items() if handle_key(name) != key}
    return said


def _is_theirs(said: Any, key: str) -> bool:
    values = said.values() if isinstance(said, dict) else said if isinstance(said, list) else [said]
    return any(isinstance(one, str) and handle_key(one) == key for one in values)


def _parquet(content: bytes, key: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(content))
    keep = [True] * len(table)
    for column in table.columns:
        if (
            pa.types.is_string(column.type)
            or pa.types.is_large_string(column.type)
            or pa.types.is_dictionary(column.type)
        ):
            for at, value in enumerate(column.cast(pa.string()).to_pylist()):
                if value is not None and handle_key(value) == key:
                    keep[at] = False
    if all(keep):
        return content
    sink = pa.BufferOutputStream()
    pq.write_table(table.filter(pa.array(keep)), sink)
    edited: bytes = sink.getvalue().to_pybytes()
    return edited


def _zip(content: bytes, key: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(one.file_size for one in archive.infolist()) > _UNPACKED_MOST:
            raise ValueError("it unpacks to more than a file may hold")
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
    if "[Content_Types].xml" in parts:
        edited = workbook_without(parts, key)
    else:
        edited = {name: _csv(part, key) if _is_table(name) else part for name, part in parts.items()}
    if edited == parts:
        return content
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in edited.items():
            archive.writestr(name, part)
    return sink.getvalue()


def _is_table(name: str) -> bool:
    return name.lower().endswith((".csv", ".txt", ".tsv"))
