"""Read an Excel workbook: choose its sheet, find the names of the columns, then row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

import numpy as np
import pyarrow as pa

from optimizer.errors import Place, Problem
from optimizer.pool_file.archive import Archive
from optimizer.pool_file.as_text import Texts
from optimizer.pool_file.cells import LAST_ROW, NUMBER, UNCOMPUTED, Cells, SheetRow
from optimizer.pool_file.layout import LOOKED_AT, Header, Row, find_header, trimmed
from optimizer.pool_file.limits import LISTED, fault, shown
from optimizer.pool_file.notes import footnotes, is_note
from optimizer.pool_file.table import Gathering, Table, Wanted
from optimizer.pool_file.workbook import Sheet, Workbook, open_workbook

ROWS: Final = 20_000  # gathered at a time


def read_workbook(archive: Archive, file: str, wanted: Wanted, sheet: str | None, header: int | None) -> Table:
    """Read the wanted columns of one sheet.

    Raises
    ------
    ScenarioError
        When nothing of it can be read reliably, or it is unclear which sheet is meant.
    """
    book = open_workbook(archive, file)
    chosen = _chosen(book, sheet)
    return _read(book, chosen, f"{file} [{shown(chosen.name)}]", wanted, header)


def _chosen(book: Workbook, said: str | None) -> Sheet:
    names = _listed([sheet.name for sheet in book.sheets if sheet.visible])
    if said is not None:
        exact = [sheet for sheet in book.sheets if sheet.name == said]
        alike = [sheet for sheet in book.sheets if _folded(sheet.name) == _folded(said)]
        for found in (exact, alike):
            if len(found) == 1:
                return found[0]
        cause = f'the workbook has no sheet "{shown(said)}"'
        raise fault("pool-sheet", cause, f"its sheets are: {names}", book.file)
    visible = [sheet for sheet in book.sheets if sheet.visible]
    if len(visible) > 1:
        visible = [sheet for sheet in visible if _is_table(book, sheet)]
    if len(visible) == 1:
        return visible[0]
    if not visible:
        cause = "no visible sheet of the workbook holds a table"
        raise fault(
            "pool-sheet",
            cause,
            f"name the sheet: creators: {{file: ..., sheet: NAME}}; its sheets are: {names}",
            book.file,
        )
    cause = f"several sheets of the workbook hold a table: {_listed([sheet.name for sheet in visible])}"
    mend = f'say which one: creators: {{file: ..., sheet: "{shown(visible[0].name)}"}}'
    raise fault("pool-sheet", cause, mend, book.file)


def _folded(name: str) -> str:
    return name.strip().casefold()


def _listed(names: Sequence[str]) -> str:
    more = [f"and {len(names) - 20:,} more"] if len(names) > 20 else []
    return ", ".join([*(shown(name) for name in names[:20]), *more])


def _is_table(book: Workbook, sheet: Sheet) -> bool:
    """Whether at least two of its rows have at least two cells."""
    rows = islice(Cells(book, sheet, book.file).rows(), LOOKED_AT)
    return sum(len(row.cells) > 1 for row in rows) > 1


def _read(book: Workbook, sheet: Sheet, file: str, wanted: Wanted, said: int | None) -> Table:
    cells = Cells(book, sheet, file)
    stream = cells.rows()
    head = list(_head(stream, said))
    if not head:
        cause, mend = f'the sheet "{shown(sheet.name)}" has no text', "write a header line and a row for each creator"
        raise fault("pool-empty", cause, mend, file)
    header = find_header([_row(row) for row in head], wanted, said, file)
    gathering = Gathering(file, header.names, header.row, wanted)
    cells.needed = frozenset(gathering.picked)
    body = _Body(chain((row for row in head if row.number > header.row), stream), header)
    _gather(gathering, iter(body))
    notes = footnotes(body.notes)
    if cells.hidden:
        notes.append(f"has {cells.hidden:,} hidden rows, read like the others")
    return gathering.table(notes=(*header.notes, *notes))


def _head(stream: Iterator[SheetRow], said: int | None) -> Iterator[SheetRow]:
    """The first rows; with the number of a row, up to the one below it."""
    for count, row in enumerate(stream, 1):
        yield row
        if (count >= LOOKED_AT) if said is None else (row.number > said):
            return


def _row(row: SheetRow) -> Row:
    width = max(row.cells) + 1
    return trimmed(row.number, [row.cells.get(at, ("", 0))[0] for at in range(width)])


def _gather(gathering: Gathering, body: Iterator[SheetRow]) -> None:
    uncomputed: list[Problem] = []
    missing = 0
    for rows in iter(lambda: list(islice(body, ROWS)), []):
        sound = []
        for row in rows:
            at = next((at for at in gathering.picked if row.cells.get(at, ("", 0))[1] == UNCOMPUTED), None)
            if at is None:
                sound.append(row)
                continue
            missing += 1
            if missing <= LISTED:
                uncomputed.append(_uncomputed(gathering.file, row.number, at))
        texts = [_column(sound, at) for at in gathering.picked]
        gathering.refuse_zeros(texts, [row.number for row in sound])
        gathering.add(np.array([row.number for row in sound], np.int64), texts)
    gathering.add_faults(uncomputed, missing)


def _is_note(row: SheetRow) -> bool:
    """Whether it has one cell, which is a note."""
    return row.filled == 1 and is_note(row.first)


def _uncomputed(file: str, row: int, at: int) -> Problem:
    cause = "the cell is a formula, and its value is not stored"
    return Problem("pool-formula", cause, "open the workbook in Excel and save it", Place(file, row, at + 1))


def _column(rows: Sequence[SheetRow], at: int) -> Texts:
    found = [row.cells.get(at, ("", 0)) for row in rows]
    numeric = np.array([kind == NUMBER for _, kind in found], np.bool_)
    return Texts(pa.array([text for text, _ in found], pa.string()), numeric if numeric.any() else None)


class _Body:
    """The rows below the header, without the notes that a sheet may end with.

    Attributes
    ----------
    notes
        Once all are read: the rows of such notes.
    """

    def __init__(self, rows: Iterator[SheetRow], header: Header) -> None:
        self._rows, self._header = rows, header
        self.notes: list[int] = []

    def __iter__(self) -> Iterator[SheetRow]:
        held: list[SheetRow] = []  # one cell each, the first of them behind a blank row
        before = LAST_ROW  # of the record before; a note has one
        for row in self._rows:
            if len(self._header.names) > 1 and (held or row.number > before + 1) and _is_note(row):
                held.append(row)
            else:
                yield from held
                held.clear()
                yield row
            before = row.number
        self.notes = [row.number for row in held]
