"""Read a Parquet file safely, whatever bytes it holds.

The library trusts the counts that a file states. One wrong bit in them can make it request more memory than there is,
and then it ends the process at once: no exception, only a message on stderr. So a second process reads the file and
sends the cells as text; if that process dies, the file is refused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Any, Final, NamedTuple

import numpy as np
import polars as pl

from optimizer.errors import ScenarioError
from optimizer.loading.csv_scan import fault
from optimizer.loading.parquet_child import READY

CELLS: Final = 1 << 20  # sent at a time
SECONDS: Final = 60.0  # a busy machine may need some to begin; a damaged file may keep the reader busy for ever
BYTES_A_SECOND: Final = 1_000_000
LONGEST: Final = 64 << 20  # the line with the names
# It finds what this process finds, but Python's own modules first: a json.py in the folder of a notebook is not one.
BEGIN: Final = """
import json, sys
path, file = json.loads(sys.argv[1])
sys.path += path
from optimizer.loading.parquet_child import main
main(bytes.fromhex(file))
"""
_BLANKS: Final = bytes(range(1, 33))  # with all white space of ASCII
_HERE: Final = Path(__file__).absolute().parents[2]  # the current folder may be another one by the time of reading
_NO_WINDOW: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # a program without a console would flash one up
_FEWER: Final = "leave out the creators that no plan would book, or split the pool"


class Cells(NamedTuple):
    """Some cells of one column, of type String, "" where there is none; are all ASCII, may some hold white space."""

    text: pl.Series
    ascii: bool
    blanks: bool


@contextmanager
def opened(path: Path, size: int, file: str) -> Iterator[Parquet]:
    """Open a Parquet file of so many bytes; `file` is its name as the planner knows it.

    Raises
    ------
    ScenarioError
        When it is damaged, now or while it is read.
    """
    with ExitStack() as stack:
        asking, asked = _pipe(stack, file)
        process = stack.enter_context(_started(path, asking, file))
        stack.callback(process.kill)
        limit = Timer(SECONDS + size / BYTES_A_SECOND, process.kill)
        stack.callback(limit.cancel)
        limit.daemon = True
        limit.start()
        assert process.stdout is not None
        yield Parquet(process.stdout, asked, limit, file)


def _pipe(stack: ExitStack, file: str) -> tuple[int, int]:
    """Make a pipe and hold both ends, so that writing to a process that died raises neither error nor signal."""
    try:
        ends = os.pipe()
    except OSError:
        raise _no_start(file) from None
    for end in ends:
        stack.callback(os.close, end)
    return ends


def _started(path: Path, asking: int, file: str) -> subprocess.Popen[bytes]:
    if getattr(sys, "frozen", False) or not sys.executable:  # to run it would start the whole program once more
        raise _no_start(file)
    folders = [str(_HERE), *(part for part in sys.path if isinstance(part, str))]
    known = json.dumps([folders, os.fsencode(path.absolute()).hex()])
    flags = ["-P", "-S", *(["-E"] if sys.flags.ignore_environment else [])]
    command = [sys.executable, *flags, "-c", BEGIN, known]
    out, err = subprocess.PIPE, subprocess.DEVNULL
    env = {**os.environ, "RUST_BACKTRACE": "0"}  # a backtrace is never shown, and takes a while
    try:
        return subprocess.Popen(command, stdin=asking, stdout=out, stderr=err, env=env, creationflags=_NO_WINDOW)
    except OSError:
        raise _no_start(file) from None


class Parquet:
    """An open Parquet file.

    Attributes
    ----------
    rows
        How many it has.
    names
        Those of its columns.
    """

    def __init__(self, told: IO[bytes], asked: int, limit: Timer, file: str) -> None:
        self._told, self._asked, self._limit, self._file = told, asked, limit, file
        self.names: list[str] = []
        if told.readline(LONGEST) != READY:
            raise _no_start(file)
        self.rows, self.names = self._line("rows", "names")

    def parts(self, columns: Sequence[int], most: int) -> Iterator[tuple[int, list[Cells]]]:
        """Read some columns, a number of rows at a time.

        Parameters
        ----------
        columns
            Their positions, at most 500.
        most
            How many bytes of text a column may have.

        Yields
        ------
        tuple
            How many rows, and their cells in each column.
        """
        if not columns:
            yield self.rows, []
            return
        step = CELLS // len(columns)
        wish = {"columns": columns, "rows": step, "most": most}
        os.write(self._asked, json.dumps(wish).encode() + b"\n")
        for start in range(0, self.rows, step):
            count = min(step, self.rows - start)
            told = [self._cells(count) for _ in columns]
            joined = pl.DataFrame([pl.Series(str(at), [cells], pl.Binary) for at, cells in enumerate(told)])
            texts = joined.select(pl.all().cast(pl.String).str.split("\0")).explode(joined.columns)
            yield count, [_of(text, cells) for text, cells in zip(texts, told, strict=True)]

    def _cells(self, count: int) -> bytes:
        (size,) = self._line("cells")
        told = self._told.read(size)
        self._limit.cancel()  # what can take for ever is done
        if len(told) < size or np.count_nonzero(np.frombuffer(told, np.uint8) == 0) != count - 1:
            raise _lost(self._file)
        return told

    def _line(self, *keys: str) -> list[Any]:
        """Read the values of these keys from the next line."""
        try:
            said = json.loads(self._told.readline(LONGEST))
            why, column, row = said.get("refused", (None, None, None))
            name = "" if column is None else self.names[column]
            if why is None:
                return [said[key] for key in keys]
        except (ValueError, TypeError, LookupError, AttributeError):  # it is cut off, or has another format
            raise _lost(self._file) from None
        raise refusal(why, self._file, name, column, row)


def _of(text: pl.Series, told: bytes) -> Cells:
    plain = told.isascii()
    return Cells(text, plain, not plain or len(told.translate(None, _BLANKS)) < len(told))


def refusal(why: str, file: str, name: str = "", column: int | None = None, row: int | None = None) -> ScenarioError:
    """Make the error for a table of which nothing can be read; `column` and `row` count from 0."""
    shown = name if len(name) <= 60 else name[:60] + "…"
    if why == "kind":
        cause = f'the column "{shown}" holds lists, records, raw bytes or durations, not plain values'
        mend = "store it as text or as numbers, one value a cell"
        return fault("pool-column-type", cause, mend, file, 1, (column or 0) + 1)
    if why == "large":
        return fault("pool-too-large", f'the column "{shown}" is too large', _FEWER, file, 1, (column or 0) + 1)
    if why == "zero":
        return fault("pool-nul", "the cell holds a zero byte", "remove it", file, (row or 0) + 2, (column or 0) + 1)
    if why == "memory":
        return fault("pool-too-large", "the file needs more memory than is available", _FEWER, file)
    return fault("pool-unreadable", "the file is damaged", "save or export it again", file)


def _lost(file: str) -> ScenarioError:
    cause = "the file is damaged, or reading it takes more memory or time than is available"
    return fault("pool-unreadable", cause, "save or export it again; if that does not help, split the pool", file)


def _no_start(file: str) -> ScenarioError:
    cause = "Parquet is read in a separate process, which cannot be started here"
    return fault("pool-unreadable", cause, 'save it as "CSV UTF-8" and name that file', file)
