"""Read a Parquet file in a separate process, and send its cells as text.

Run by `optimizer.loading.parquet`, which explains why. The protocol is simple: a line of JSON that describes what
follows, then the cells of one column with zero bytes between them.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO, Final

import polars as pl

READY: Final = b"ready\n"
# Far more than a sound file takes, so that it bounds only what a damaged one makes the reader do.
MEMORY: Final = 4 << 30
MEMORY_PER_CELL: Final = 64
MEMORY_PER_BYTE: Final = 8
_PLAIN: Final = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null)


class _Refused(Exception):  # noqa: N818  the file is at fault
    """Why the table cannot be read, with the column and the record."""


def as_text(cells: pl.Series) -> pl.Series | None:
    """Give plain values as text, one for each; None for lists, records, raw bytes and spans of time."""
    kind = cells.dtype
    if kind.is_temporal() and kind != pl.Duration:
        return cells.dt.to_string("iso:strict")
    return cells.cast(pl.String) if kind.is_numeric() or kind in _PLAIN else None


def size(text: pl.Series) -> int:
    """Count the bytes of a column of text; a dictionary page may unfold a millionfold."""
    return int(text.str.len_bytes().cast(pl.UInt64).sum() or 0)


def zero(text: pl.Series) -> int | None:
    """Find the first cell that holds a zero byte."""
    zeros = text.str.contains("\0", literal=True).fill_null(False)
    return zeros.arg_max() if zeros.any() else None


def main(path: bytes) -> None:
    """Read this file for the parent process."""
    _leave_no_traces()
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # output of the library is not for the parent process
    with contextlib.suppress(OSError):  # the parent no longer reads
        serve(path, sys.stdin.buffer, told)
        told.close()


def _leave_no_traces() -> None:
    """Open no window and write no core file over a crash."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.SetErrorMode(msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX)
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _allow(memory: int) -> None:
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):  # less is allowed already
            resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def serve(path: bytes, asked: BinaryIO, told: BinaryIO) -> None:
    """Report ready, then the rows and names of the file, then the cells of the requested columns."""
    try:
        told.write(READY)
        told.flush()
        _allow(MEMORY)
        with open(path, "rb") as stream:  # noqa: PTH123  a path is text, but not each name
            raw = stream.read()
        frame = pl.scan_parquet(raw)
        height = int(frame.select(pl.len()).collect().item())  # from the metadata; no data is read for it
        _tell(told, rows=height, names=frame.collect_schema().names())
        wish = json.loads(asked.readline())
        _allow(MEMORY + MEMORY_PER_CELL * height * len(wish["columns"]) + MEMORY_PER_BYTE * len(raw))
        for cells in _parts(frame, height, **wish):
            told.write(b'{"cells": %d}\n' % len(cells))
            told.write(cells)
            told.flush()
    except _Refused as refusal:
        _tell(told, refused=refusal.args)
    except MemoryError:
        _tell(told, refused=["memory", None, None])
    except (Exception, pl.exceptions.PanicException):  # noqa: BLE001  whatever goes wrong in there, the file is damaged
        _tell(told, refused=["damage", None, None])


def _tell(told: BinaryIO, **said: object) -> None:
    told.write(json.dumps(said).encode() + b"\n")
    told.flush()


def _parts(frame: pl.LazyFrame, height: int, columns: list[int], rows: int, most: int) -> Iterator[bytes]:
    """Give the cells of some columns, so many rows at a time, and in these column by column."""
    wanted = frame.select(pl.nth(columns))  # by position, as polars takes names such as "*" and "^a.*$" for patterns
    for at, kind in zip(columns, wanted.collect_schema().dtypes(), strict=True):
        if as_text(pl.Series(dtype=kind)) is None:
            raise _Refused("kind", at, None)
    table = wanted.collect()
    if table.height != height:
        raise _Refused("damage", None, None)
    for at, cells in zip(columns, table, strict=True):
        text = None if cells.dtype.is_numeric() else as_text(cells)  # numbers are short
        if text is not None and size(text) > most:
            raise _Refused("large", at, None)
    for start in range(0, height, rows):
        for at, cells in zip(columns, table.slice(start, rows), strict=True):
            yield _joined(cells, at, start)


def _joined(cells: pl.Series, column: int, start: int) -> bytes:
    """Give cells with zero bytes between them; a null as an empty cell, since a blank one means the same."""
    text = as_text(cells)
    if text is None:
        raise _Refused("kind", column, None)
    told: bytes = text.fill_null("").str.join("\0").cast(pl.Binary).item()
    if told.count(0) != cells.len() - 1:
        raise _Refused("zero", column, start + (zero(text) or 0))
    return told
