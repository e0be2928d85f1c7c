"""Read a pool file, CSV or Parquet, as columns of text, strictly.

What the text of a cell means is decided elsewhere. Here every record either fits the header or is reported with its
row. A file whose structure is ambiguous is refused as a whole, because a shifted column silently gives a wrong plan.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.csv_scan import Block, Column, blocks, columns, decode, fault, opening
from optimizer.loading.parquet import opened, refusal
from optimizer.loading.parquet_child import as_text, size, zero
from optimizer.unseen import visible

MAX_ROWS: Final = 2_000_000
MAX_COLUMNS: Final = 500
MAX_BYTES: Final = 2 << 30
MAX_CELL: Final = 10_000
LISTED: Final = 20

Wanted = Callable[[tuple[str, ...]], Collection[str]]

# Unicode white space, and the zero-width marks that copying from a web page leaves behind.
SPACES: Final = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_FOREIGN: Final = {
    b"PK\x03\x04": "an Excel workbook or another zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "compressed",
    b"%PDF": "a PDF",
}
_AS_CSV: Final = 'save it as "CSV UTF-8" and name that file'
_FEWER: Final = "leave out the creators that no plan would book, or split the pool"


@dataclass(frozen=True, eq=False)
class Table:
    """The wanted columns of a pool file, as text.

    Attributes
    ----------
    file
        The name as shown to the planner.
    header
        All column names in the order of the file, trimmed, in Unicode's composed form; "" over an empty column.
    columns
        The wanted columns by name, of type String: trimmed, composed, null where blank.
    rows
        The row of each record as a spreadsheet shows it, shape (n_records,). The header is row 1 unless something
        is above it; blank lines count; a record with line ends inside its cells is one row.
    separator
        What separates the cells of a CSV: comma, semicolon or tab; "" for anything else.
    problems
        The faults of single records, which are left out of `columns` and `rows`; the first 20 of a kind, then a count.
    bad_rows
        How many records those are.
    notes
        Notes about the file that are no faults, such as another encoding.
    name
        The name of the file in warnings: its path from the scenario, whatever the current folder. `file` by default.
    """

    file: str
    header: tuple[str, ...]
    columns: Mapping[str, pl.Series]
    rows: NDArray[np.int64]
    separator: str = ""
    problems: tuple[Problem, ...] = ()
    bad_rows: int = 0
    notes: tuple[str, ...] = ()
    name: str = ""

    @property
    def warned(self) -> str:
        """The file's name in a warning."""
        return self.name or self.file

    def place(self, position: int, column: str) -> Place:
        """The place of one cell: the row of record `position`, and the position of `column` in the header."""
        return Place(self.file, int(self.rows[position]), self.header.index(column) + 1)


def read_table(path: Path, file: str, wanted: Wanted) -> Table:
    """Read a CSV or Parquet file.

    Parameters
    ----------
    path
        Where the file is.
    file
        Its name as the planner knows it.
    wanted
        Given the header, tells the columns to read; names that are not in the header are passed over.

    Returns
    -------
    Table
        The file has at least one record, though perhaps none without a fault.

    Raises
    ------
    ScenarioError
        If nothing of the file can be read reliably.
    """
    with _damage_named(file):
        raw = _contents(path, file)
        length, whole = len(raw), raw[:4] == raw[-4:] == b"PAR1"
        if path.suffix.lower() != ".parquet" and not whole:
            return _read_csv(raw, file, wanted)
        if not whole:
            raise refusal("damage", file)
        del raw  # it is read once more, where no bytes can do harm
        return _read_parquet(path, length, file, wanted)


def table_from_frame(frame: object, file: str, wanted: Wanted) -> Table:
    """Take a table from memory, as if it were a file.

    Parameters
    ----------
    frame
        A polars DataFrame, or whatever `polars.DataFrame` accepts: a mapping of lists, a list of mappings, a pandas
        DataFrame where pyarrow is installed.
    file
        The name to show in faults.
    wanted
        As for `read_table`.

    Returns
    -------
    Table
        Rows are numbered as if the header stood in row 1.

    Raises
    ------
    ScenarioError
        When it is not a table, is empty, or is beyond the limits.
    """
    try:
        table = frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)  # type: ignore[arg-type]
    except (Exception, pl.exceptions.PanicException):  # noqa: BLE001  whatever goes wrong in there, it is no table
        mend = "give each column as a list, all of one length, with values of one kind: [100.0, 99.5], not [100, 99.5]"
        raise fault("pool-frame", "this is not a table of columns", mend, file) from None
    with _damage_named(file):
        return _read_frame(table, file, wanted)


@contextmanager
def _damage_named(file: str) -> Iterator[None]:
    """Turn what polars raises for damaged data into a fault; its panics are not subclasses of Exception."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise refusal("damage", file) from None
    except MemoryError:
        raise refusal("memory", file) from None


def _contents(path: Path, file: str) -> bytes:
    try:
        about = path.stat()  # before opening, which would wait for ever on a pipe
        if not stat.S_ISREG(about.st_mode):
            kind = "a folder" if stat.S_ISDIR(about.st_mode) else "a device or a pipe"
            raise fault("pool-not-a-file", f"this is {kind}, not a file", "name a CSV or Parquet file", file)
        _check_size(about.st_size, file)
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name that no file can have
        raise fault("pool-missing", "there is no such file", "check the name and the folder", file) from None
    except OSError as error:
        cause = f"the file cannot be read ({error.strerror or 'input or output error'})"
        mend = "check that you may read it and that no other program holds it"
        raise fault("pool-unreadable", cause, mend, file) from None
    _check_size(len(raw), file)
    for sign, kind in _FOREIGN.items():
        if raw.startswith(sign):
            raise fault("pool-format", f"this is {kind}, not CSV or Parquet", _AS_CSV, file)
    return raw


def _check_size(size: int, file: str) -> None:
    if size > MAX_BYTES:
        raise fault("pool-too-large", f"the file has {size:,} bytes; at most {MAX_BYTES:,} are allowed", _FEWER, file)
    if not size:
        raise fault("pool-empty", "the file is empty", "write a header line and a row for each creator", file)


def _read_csv(raw: bytes, file: str, wanted: Wanted) -> Table:
    text, notes = decode(raw, file)
    separator, start, row = opening(text, file)
    stream = blocks(text, start, row, separator, file)
    first = next((block for block in stream if block.rows.size), None)
    if first is None:
        raise fault("pool-empty", "the file has no text", "write a header line and a row for each creator", file)
    reader = _Reader(file, _csv_header(first, file), int(first.rows[0]), wanted)
    try:
        for block in chain([first], stream):
            reader.add_block(block)
    except ScenarioError as error:
        raise ScenarioError([*reader.problems(), *error.problems]) from None
    return replace(reader.table(), separator=separator, notes=notes)


def _csv_header(block: Block, file: str) -> list[str]:
    width = int(block.widths[0])
    _check_width(width, file, int(block.rows[0]))
    cells = columns(block, np.arange(block.rows.size) == 0, width, np.arange(width))
    return [cell.text[0] for cell in cells]


def _read_parquet(path: Path, length: int, file: str, wanted: Wanted) -> Table:
    with opened(path, length, file) as parquet:
        _check_width(len(parquet.names), file, 1)
        _check_height(parquet.rows, file)
        reader = _Reader(file, parquet.names, 1, wanted)
        row = 2
        for count, cells in parquet.parts(reader.picked, MAX_BYTES):
            reader.add(
                np.arange(row, row + count), [Column(part.text, not part.ascii, False, part.blanks) for part in cells]
            )
            row += count
    return reader.table()


def _read_frame(frame: pl.DataFrame, file: str, wanted: Wanted) -> Table:
    _check_width(frame.width, file, 1)
    _check_height(frame.height, file)
    reader = _Reader(file, frame.columns, 1, wanted)
    cells = [_as_text(frame.to_series(at), file, at) for at in reader.picked]
    reader.add(np.arange(2, frame.height + 2), cells)
    return reader.table()


def _as_text(cells: pl.Series, file: str, column: int) -> Column:
    text = as_text(cells)
    if text is None:
        raise refusal("kind", file, cells.name, column)
    if size(text) > MAX_BYTES:
        raise refusal("large", file, cells.name, column)
    if (row := zero(text)) is not None:
        raise refusal("zero", file, cells.name, column, row)
    return Column(text, not cells.dtype.is_numeric(), False, not cells.dtype.is_numeric())


class _Reader:
    """Gathers the records of one table, part by part, and the faults among them."""

    def __init__(self, file: str, names: Sequence[str], row: int, wanted: Wanted) -> None:
        self.file, self.row = file, row
        self.header = _header(names, file, row)
        asked = set(wanted(self.header))
        # Nameless columns are read as well: they may be there, but only without cells.
        self.picked = [at for at, name in enumerate(self.header) if not name or name in asked]
        self.rows: list[NDArray[np.int64]] = []
        self.parts: list[pl.DataFrame] = []
        self.ragged: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self.long: list[tuple[NDArray[np.int64], int]] = []
        self.seen = self.bad = 0

    def add_block(self, block: Block) -> None:
        """Take the records of a block of CSV text that have as many cells as the header."""
        body = block.rows != self.row
        fits = body & (block.widths == len(self.header))
        ragged = body & ~fits
        self.seen += int(np.count_nonzero(ragged))
        self.bad += int(np.count_nonzero(ragged))
        if ragged.any():
            self.ragged.append((block.rows[ragged], block.widths[ragged]))
        self.add(block.rows[fits], columns(block, fits, len(self.header), np.array(self.picked, np.int64)))

    def add(self, rows: NDArray[np.int64], cells: Sequence[Column]) -> None:
        """Take some records, one row number and one cell of each picked column for each."""
        self.seen += rows.size
        _check_height(self.seen, self.file)
        good = np.ones(rows.size, np.bool_)
        for at, cell in zip(self.picked, cells, strict=True):
            if (cell.text.str.len_bytes().max() or 0) > MAX_CELL:  # type: ignore[operator]
                long = (cell.text.str.len_chars() > MAX_CELL).fill_null(False).to_numpy()
                self.long.append((rows[long], at + 1))
                good &= ~long
        part = pl.DataFrame([cell.text.alias(str(at)) for at, cell in enumerate(cells)])
        if not good.all():
            self.bad += int(np.count_nonzero(~good))
            rows, part = rows[good], part.filter(pl.Series(good))
        part = _clean(part, cells)
        self._check_nameless(part, rows)
        self.rows.append(rows)
        self.parts.append(part)

    def _check_nameless(self, part: pl.DataFrame, rows: NDArray[np.int64]) -> None:
        for at, cells in zip(self.picked, part, strict=True):
            if not self.header[at] and cells.null_count() < cells.len():
                row = int(rows[cells.is_not_null().arg_max()])
                cause = f"column {at + 1} has no name but has cells, the first one in row {row:,}"
                raise fault("pool-unnamed-column", cause, "name the column or delete it", self.file, self.row, at + 1)

    def problems(self) -> list[Problem]:
        """List the faults of single records."""
        found = [*self._ragged_rows()]
        for column in sorted({column for _, column in self.long}):
            rows = np.concatenate([rows for rows, at in self.long if at == column])
            causes = (f"the cell has more than {MAX_CELL:,} characters" for _ in rows)
            found += self._listed("pool-long-cell", rows, causes, "shorten it; look for a missing quote mark", column)
        return found

    def _ragged_rows(self) -> list[Problem]:
        if not self.ragged:
            return []
        rows, widths = (np.concatenate(parts) for parts in zip(*self.ragged, strict=True))
        header = _cells(len(self.header))
        causes = (f"the row has {_cells(int(width))}, the header has {len(self.header)}" for width in widths)
        mend = f"give the row {header}; put a cell that holds the separator in quote marks"
        return self._listed("pool-ragged-row", rows, causes, mend, None)

    def _listed(
        self, code: str, rows: NDArray[np.int64], causes: Iterator[str], mend: str, column: int | None
    ) -> list[Problem]:
        listed = rows[:LISTED].tolist()
        found = [Problem(code, next(causes), mend, Place(self.file, row, column)) for row in listed]
        if (more := rows.size - LISTED) > 0:
            have = "row has" if more == 1 else "rows have"
            cause = f"{more:,} more {have} this fault or a similar one, from here to row {rows[-1]:,}"
            found.append(Problem(code, cause, mend, Place(self.file, int(rows[LISTED]), column)))
        return found

    def table(self) -> Table:
        """Put the parts together."""
        if not self.seen:
            cause, mend = "there is a header but no row below it", "add a row for each creator"
            raise fault("pool-no-rows", cause, mend, self.file, self.row)
        whole = pl.concat(self.parts, rechunk=True)
        named = {self.header[at]: cells for at, cells in zip(self.picked, whole, strict=True) if self.header[at]}
        texts = {name: cells.alias(name) for name, cells in named.items()}
        problems = tuple(self.problems())
        return Table(self.file, self.header, texts, np.concatenate(self.rows), "", problems, self.bad)


def _header(names: Iterable[str], file: str, row: int) -> tuple[str, ...]:
    cleaned = _clean(
        pl.DataFrame({"0": pl.Series(list(names), dtype=pl.String)}), [Column(pl.Series(), True, True, True)]
    )
    header = tuple(name or "" for name in cleaned["0"].to_list())
    known: dict[str, int] = {}
    faults = []
    for column, name in enumerate(header, 1):
        if len(name) > MAX_CELL:
            cause = f"the name of column {column} has more than {MAX_CELL:,} characters"
            faults.append(Problem("pool-long-cell", cause, "shorten it", Place(file, row, column)))
        first = known.setdefault(name.casefold(), column)
        if name and first != column:
            cause = f'column {column} has the same name as column {first}, "{_shown(name)}"'
            mend = "rename or delete one of the two"
            faults.append(Problem("pool-duplicate-header", cause, mend, Place(file, row, column)))
    if faults:
        raise ScenarioError(faults)
    return header


def _clean(part: pl.DataFrame, cells: Sequence[Column]) -> pl.DataFrame:
    """Trim, compose, take off the apostrophe that our export puts before a formula, blanks to null."""
    wishes = []
    for at, cell in enumerate(cells):
        text = pl.col(str(at))
        if cell.blanks:
            text = text.str.strip_chars(SPACES)
        if cell.beyond_latin:
            text = text.str.normalize("NFC")
        if cell.apostrophe:
            text = text.str.replace(r"^'([=+\-@\t\r|])", "$1").str.strip_chars(SPACES)
        wishes.append(text)
    return part.select(wishes).select(pl.when(pl.all() != "").then(pl.all()))


def _check_width(width: int, file: str, row: int) -> None:
    if width > MAX_COLUMNS:
        cause = f"the header has {width:,} columns; at most {MAX_COLUMNS} are allowed"
        raise fault("pool-too-many-columns", cause, "delete the columns that are not needed", file, row)


def _check_height(height: int, file: str) -> None:
    if height > MAX_ROWS:
        raise fault("pool-too-many-rows", f"there are more than {MAX_ROWS:,} rows", _FEWER, file)


def _cells(count: int) -> str:
    return f"{count:,} cell{'' if count == 1 else 's'}"


def _shown(name: str) -> str:
    return visible(name if len(name) <= 60 else name[:60] + "…")
