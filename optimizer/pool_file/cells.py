"""The rows of one sheet of a workbook, cell by cell, as text."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from optimizer.pool_file.as_text import number_text
from optimizer.pool_file.limits import FEWER, fault, refusal
from optimizer.pool_file.workbook import Attributes, Sheet, Shows, Workbook, parse, unescaped

MAX_CELLS: Final = 10_000_000
LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
TEXT, NUMBER, UNCOMPUTED = range(3)

Cell = tuple[str, int]


class SheetRow(NamedTuple):
    """A row that is not blank: number, needed cells by column (from 0), how many are filled, and the first text."""

    number: int
    cells: dict[int, Cell]
    filled: int
    first: str


class Cells:
    """Reads the rows of a sheet.

    Attributes
    ----------
    needed
        The columns whose cells are read; of others it only matters whether they are filled. None: all.
    hidden
        How many rows with cells are hidden, of those read so far.
    """

    def __init__(self, book: Workbook, sheet: Sheet, file: str) -> None:
        self.book, self.sheet, self.file = book, sheet, file
        self.needed: frozenset[int] | None = None
        self.hidden = 0
        self._done: list[SheetRow] = []
        self._row: dict[int, Cell] = {}
        self._number = self._column = -1
        self._columns: dict[str, int] = {}
        self._is_hidden = False
        self._filled, self._first = 0, ""
        self._kind, self._style = "n", 0
        self._value: list[str] | None = None  # where text is gathered
        self._pieces: list[str] = []
        self._formula = self._has_value = self._spoken = False
        self._count = 0

    def rows(self) -> Iterator[SheetRow]:
        """Give the rows that are not blank, in their order.

        Raises
        ------
        ScenarioError
            When the sheet is damaged or holds too many cells.
        """
        self._number = 0
        for _ in parse(self.book.archive, self.sheet.part, self._start, self._end, self._text):
            yield from self._done
            self._done.clear()

    def _start(self, name: str, found: Attributes) -> None:
        if name == "c":
            self._start_cell(found)
        elif name in {"v", "t"}:
            self._has_value = self._has_value or name == "v"
            self._value = None if self._spoken else self._pieces
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._spoken = True
        elif name == "row":
            self._start_row(found)

    def _end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name in {"v", "t"}:
            self._value = None
        elif name == "rPh":
            self._spoken = False
        elif name == "row" and self._filled:
            self.hidden += self._is_hidden
            self._done.append(SheetRow(self._number, self._row, self._filled, self._first))

    def _text(self, piece: str) -> None:
        if self._value is not None:
            self._value.append(piece)

    def _start_row(self, found: Attributes) -> None:
        told = found.get("r", "")
        number = int(told) if told.isdecimal() and len(told) < 9 else 0 if told else self._number + 1
        if not self._number < number <= LAST_ROW:
            raise refusal("damage", self.file)
        self._count_one()
        self._number, self._column, self._row = number, -1, {}
        self._filled = 0
        self._is_hidden = found.get("hidden", "0") in {"1", "true"}

    def _start_cell(self, found: Attributes) -> None:
        self._count_one()
        place = found.get("r")
        column = self._column + 1 if place is None else self._column_of(place)
        if not self._column < column < LAST_COLUMN:
            raise refusal("damage", self.file)
        self._column = column
        self._kind, style = found.get("t", "n"), found.get("s", "0")
        self._style = int(style) if style.isdecimal() and len(style) < 9 else 0
        self._pieces.clear()
        self._value, self._formula, self._has_value, self._spoken = None, False, False, False

    def _count_one(self) -> None:
        self._count += 1
        if self._count > MAX_CELLS:
            raise fault("pool-too-large", f"the sheet has more than {MAX_CELLS:,} cells", FEWER, self.file)

    def _column_of(self, place: str) -> int:
        """The column of a place such as AB12, which must be in this row."""
        letters = place.rstrip("0123456789")
        if place[len(letters) :] != str(self._number):
            raise refusal("damage", self.file)
        column = self._columns.get(letters)
        if column is None:
            if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
                raise refusal("damage", self.file)
            column = 0
            for letter in letters.upper():
                column = 26 * column + ord(letter) - 64
            column = self._columns[letters] = column - 1
        return column

    def _end_cell(self) -> None:
        text = "".join(self._pieces)
        if self._formula and self._is_uncomputed(text):
            cell: Cell | None = ("", UNCOMPUTED)
        elif not text or text.isspace():
            return
        elif not self._filled or self.needed is None or self._column in self.needed:
            cell = self._of(text)
        else:
            cell = None
        if cell is not None:
            if not cell[0].strip() and cell[1] != UNCOMPUTED:
                return
            if not self._filled:
                self._first = cell[0]
            self._row[self._column] = cell
        self._filled += 1

    def _is_uncomputed(self, text: str) -> bool:
        if self._kind == "str":
            return not self._has_value
        return not text or (self.book.uncomputed and self._kind == "n" and text == "0")

    def _of(self, text: str) -> Cell:
        try:
            if self._kind == "s":
                return self.book.texts[_index(text)], TEXT
            if self._kind == "b":
                return ("true" if _index(text) else "false"), TEXT
            if self._kind == "n":
                shows = self.book.shows[self._style] if self._style < len(self.book.shows) else "number"
                return _number(text, shows, self.book.since_1904)
        except (ValueError, LookupError, ArithmeticError):
            raise refusal("damage", self.file) from None
        return unescaped(text), TEXT  # of a formula, in the cell itself, an error such as #N/A, or a date as text


def _index(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 20:
        raise ValueError
    return int(text)


def _number(text: str, shows: Shows, since_1904: bool) -> Cell:
    if len(text) > 400 or "_" in text:
        raise ValueError
    value = float(text)
    if value - value != 0:  # too large for a float, or no number
        raise ValueError
    if shows == "percent":
        return f"{(Decimal(repr(value)) * 100).normalize():f}%", NUMBER
    if shows == "date" and (date := _date(value, since_1904)) is not None:
        return date, TEXT
    if shows == "span" and 0 <= value < 10_000:
        seconds = round(value * 86_400)
        return f"{seconds // 3_600}:{seconds // 60 % 60:02}:{seconds % 60:02}", TEXT
    return number_text(value), NUMBER


def _date(value: float, since_1904: bool) -> str | None:
    """A day and time as counted by spreadsheets, in the form of ISO 8601; None where there is none."""
    if not 0 <= value < (2_957_004 if since_1904 else 2_958_466):  # to the end of the year 9999
        return None
    seconds = round(value * 86_400)
    days, seconds = divmod(seconds, 86_400)
    time = (datetime.datetime.min + datetime.timedelta(seconds=seconds)).time().isoformat()
    if not days and not since_1904:
        return time
    if not since_1904 and days == 60:
        day = "1900-02-29"  # a day that never was, but Excel has it
    else:
        first = datetime.date(1904, 1, 1) if since_1904 else datetime.date(1899, 12, 31 if days < 60 else 30)
        day = (first + datetime.timedelta(days)).isoformat()
    return f"{day}T{time}" if seconds else day
