"""The columns of a file of creators as text, and how they are gathered from its records.

What the text of a cell means is decided elsewhere. Here every record either fits the header or is reported with its
row. A file whose structure is ambiguous is refused as a whole, because a shifted column silently gives a wrong plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.pool_file import limits
from optimizer.pool_file.as_text import Texts, joined
from optimizer.pool_file.cleaning import SPACES, cleaned, lengths, zero
from optimizer.pool_file.csv_records import Ragged
from optimizer.pool_file.limits import LISTED, MAX_CELL, MAX_WIDTH, fault, refusal, shown
from optimizer.pool_file.notes import is_note

Wanted = Callable[[tuple[str, ...]], Collection[str]]
"""Given the header, tells the columns to read. Names that are not in the header are passed over. Where names differ in
capitals only and it does not know which one is meant, it tells them all, and the file is refused."""


@dataclass(frozen=True, eq=False)
class Table:
    """The wanted columns of a pool file, as text.

    Attributes
    ----------
    file
        The name as shown to the planner.
    header
        All column names in the order of the file, trimmed, in Unicode's composed form; "" where a column has none.
    columns
        The wanted columns by name: trimmed, composed, null where blank.
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
    numeric
        By name, which cells the source holds as numbers and not as text, shape (n_records,): their text is plain, as in
        8200, 0.05, 1e-7 or 6.1%. A column without such cells is absent.
    """

    file: str
    header: tuple[str, ...]
    columns: Mapping[str, pa.StringArray]
    rows: NDArray[np.int64]
    separator: str = ""
    problems: tuple[Problem, ...] = ()
    bad_rows: int = 0
    notes: tuple[str, ...] = ()
    name: str = ""
    numeric: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def warned(self) -> str:
        """The file's name in a warning."""
        return self.name or self.file

    def place(self, position: int, column: str) -> Place:
        """The place of one cell: the row of record `position`, and the position of `column` in the header."""
        return Place(self.file, int(self.rows[position]), self.header.index(column) + 1)


class Gathering:
    """Gathers the records of one table, part by part, and the faults among them.

    Parameters
    ----------
    file
        The name to show in faults.
    names
        The cells of the header.
    row
        The row of the header.
    wanted
        Tells the columns to read.
    most
        How many columns there may be, of which few are read.
    height
        How many rows there may be, where more than in a file of creators.

    Raises
    ------
    ScenarioError
        If the header is at fault where it matters.
    """

    def __init__(
        self,
        file: str,
        names: Sequence[str],
        row: int,
        wanted: Wanted,
        most: int = MAX_WIDTH,
        height: int | None = None,
    ) -> None:
        self.file, self.row, self.height = file, row, height
        limits.check_width(len(names), most, file, row)
        self.header = _header(names, file, row)
        asked = set(wanted(self.header))
        self.picked = [at for at, name in enumerate(self.header) if name and name in asked]
        _check_alike(self.header, self.picked, file, row)
        limits.check_picked(len(self.picked), file, row)
        self.rows: list[NDArray[np.int64]] = []
        self.parts: list[list[Texts]] = [[] for _ in self.picked]
        self.ragged: list[Ragged] = []
        self.long: list[tuple[NDArray[np.int64], int]] = []
        self.other: list[Problem] = []
        self.seen = self.bad = 0

    def add_ragged(self, records: Sequence[Ragged]) -> None:
        """Take note of records of another width."""
        self.ragged += records
        self.seen += len(records)
        self.bad += len(records)

    def add(self, rows: NDArray[np.int64], cells: Sequence[Texts]) -> None:
        """Take some records, one row number and one cell of each picked column for each."""
        self.seen += rows.size
        limits.check_height(self.seen, self.file, self.height)
        good = np.ones(rows.size, np.bool_)
        for at, cell in zip(self.picked, cells, strict=True):
            if lengths(cell.cells).max(initial=0) > MAX_CELL:
                long = np.asarray(pc.greater(pc.utf8_length(cell.cells), MAX_CELL).fill_null(False))
                self.long.append((rows[long], at + 1))
                good &= ~long
        if not good.all():
            self.bad += int(np.count_nonzero(~good))
            rows = rows[good]
            cells = [_kept(cell, good) for cell in cells]
        self.rows.append(rows)
        for part, cell in zip(self.parts, cells, strict=True):
            part.append(Texts(cleaned(cell.cells), cell.numeric))

    def add_faults(self, problems: Sequence[Problem], count: int) -> None:
        """Take note of records that are left out for another fault: the first ones by place, and how many there are."""
        self.other += problems
        if (more := count - len(problems)) > 0:
            last = problems[-1]
            self.other.append(replace(last, cause=f"{more:,} more rows have this fault or a similar one"))
        self.seen += count
        self.bad += count

    def refuse_zeros(self, cells: Sequence[Texts], rows: Sequence[int]) -> None:
        """Refuse text with zero bytes; `rows` are the row numbers of the cells."""
        for at, cell in zip(self.picked, cells, strict=True):
            if (found := zero(cell.cells)) is not None:
                raise refusal("zero", self.file, self.header[at], rows[found], at + 1)

    def drop_footnotes(self) -> list[int]:
        """Pass over notes in one cell behind a blank line at the end of the file, and give their rows."""
        last = max((int(rows[-1]) for rows in self.rows if rows.size), default=0)
        if not last:  # a note has a record before it
            return []
        behind = [one for one in self.ragged if one.row > last]
        before = [last, *(one.row for one in behind)]
        for at, first in enumerate(behind):
            if first.row > before[at] + 1 and all(one.width == 1 and is_note(one.text) for one in behind[at:]):
                notes = [one.row for one in behind[at:]]
                self.ragged = self.ragged[: -len(notes)]
                self.seen -= len(notes)
                self.bad -= len(notes)
                return notes
        return []

    def problems(self) -> list[Problem]:
        """List the faults of single records."""
        found = [*self._ragged_rows(), *self.other]
        for column in sorted({column for _, column in self.long}):
            rows = np.concatenate([rows for rows, at in self.long if at == column])
            causes = (f"the cell has more than {MAX_CELL:,} characters" for _ in rows)
            found += self._listed("pool-long-cell", rows, causes, "shorten it; look for a missing quote mark", column)
        return found

    def _ragged_rows(self) -> list[Problem]:
        if not self.ragged:
            return []
        rows = np.array([one.row for one in self.ragged])
        header = _cells(len(self.header))
        causes = (f"the row has {_cells(one.width)}, the header has {len(self.header)}" for one in self.ragged)
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

    def table(self, separator: str = "", notes: tuple[str, ...] = ()) -> Table:
        """Put the parts together."""
        if not self.seen:
            cause, mend = "there is a header but no row below it", "add a row for each creator"
            raise fault("pool-no-rows", cause, mend, self.file, self.row)
        whole = {self.header[position]: self._joined(at, position) for at, position in enumerate(self.picked)}
        columns = {name: cells for name, (cells, _) in whole.items()}
        numeric = {
            name: flags & np.asarray(cells.is_valid()) for name, (cells, flags) in whole.items() if flags is not None
        }
        numeric = {name: flags for name, flags in numeric.items() if flags.any()}
        rows = np.concatenate([np.zeros(0, np.int64), *self.rows])
        problems = tuple(self.problems())
        return Table(self.file, self.header, columns, rows, separator, problems, self.bad, notes, numeric=numeric)

    def _joined(self, at: int, position: int) -> Texts:
        parts = self.parts[at]
        if sum(part.cells.nbytes for part in parts) > limits.MAX_TEXT:
            raise refusal("large", self.file, self.header[position], self.row, position + 1)
        whole = joined(parts)
        parts.clear()  # the table is not held twice
        return whole


def _kept(cell: Texts, good: NDArray[np.bool_]) -> Texts:
    return Texts(cell.cells.filter(pa.array(good)), None if cell.numeric is None else cell.numeric[good])


_LINE_ENDS: Final = re.compile(r"\s*[\r\n]+\s*")  # spreadsheets break long names into lines


def _header(names: Iterable[str], file: str, row: int) -> tuple[str, ...]:
    texts = cleaned(pa.array([_LINE_ENDS.sub(" ", name.strip(SPACES)) for name in names], pa.string()))
    header = tuple(name or "" for name in texts.to_pylist())
    faults = [
        Problem(
            "pool-long-cell",
            f"the name of column {column} has more than {MAX_CELL:,} characters",
            "shorten it",
            Place(file, row, column),
        )
        for column, name in enumerate(header, 1)
        if len(name) > MAX_CELL
    ]
    if faults:
        raise ScenarioError(faults)
    return header


def _check_alike(header: tuple[str, ...], picked: Sequence[int], file: str, row: int) -> None:
    """Refuse columns that are wanted and have the same name, or names that differ in capitals only."""
    known: dict[str, int] = {}
    faults = []
    for at in picked:
        first = known.setdefault(header[at].casefold(), at)
        if first == at:
            continue
        alike = "the same name as" if header[at] == header[first] else "a name that differs in capitals only from"
        cause = f'column {at + 1} has {alike} column {first + 1}, "{shown(header[at])}"'
        mend = "rename or delete one of the two"
        if header[at] != header[first]:
            mend += ", or say which one is meant, spelled as in the file, under columns:"
        faults.append(Problem("pool-duplicate-header", cause, mend, Place(file, row, at + 1)))
    if faults:
        raise ScenarioError(faults)


def _cells(count: int) -> str:
    return f"{count:,} cell{'' if count == 1 else 's'}"
