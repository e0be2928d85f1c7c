"""Where the names of the columns stand: below a title, in two lines, or where the scenario says.

A row is taken only where that is clear. Taking a row of data for names, or passing over rows of data, would give a
wrong plan without a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from optimizer.errors import ScenarioError
from optimizer.pool_file.cleaning import SPACES
from optimizer.pool_file.limits import fault, shown
from optimizer.pool_file.table import Wanted

LOOKED_AT: Final = 40  # rows that are not blank

_DATA: Final = re.compile(
    r"""
    @\S+                                     # a handle
    | https?://\S* | www\.\S+ | \S+@\S+\.\S+   # an address
    | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?   # a date
    | [-+]?[$€£¥]?\s?[-+]?\d[\d.,'\s\xa0\u202f]*\s?(?:[kKmM]|[eE][+-]?\d+)?\s?(?:%|[$€£¥]|[A-Z]{3})?   # a number
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Row:
    """A row that is not blank: its number as a spreadsheet shows it, and its cells, trimmed."""

    number: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> int:
        """How many cells are not blank."""
        return sum(map(bool, self.cells))

    @property
    def data(self) -> int:
        """How many cells look like data: numbers, dates, handles, addresses."""
        return sum(bool(_DATA.fullmatch(cell)) for cell in self.cells if cell and len(cell) < 200)


@dataclass(frozen=True)
class Header:
    """The names of the columns.

    Attributes
    ----------
    names
        One for each column, "" where it has none.
    row
        The row that the names stand in; of two rows, the lower one.
    notes
        What is passed over or put together, for the planner.
    """

    names: tuple[str, ...]
    row: int
    notes: tuple[str, ...] = ()


def trimmed(number: int, cells: Sequence[str]) -> Row:
    """A row of cells as they were written."""
    return Row(number, tuple(cell.strip(SPACES) for cell in cells))


def known(row: Row, wanted: Wanted) -> int:
    """How many of its cells are names of columns that the scenario wants."""
    return len(set(wanted(row.cells)) & {cell for cell in row.cells if cell})


def find_header(rows: Sequence[Row], wanted: Wanted, said: int | None, file: str) -> Header:
    """Find the names of the columns.

    Parameters
    ----------
    rows
        The first rows that are not blank, at least one; with `said`, up to that row and the one below it.
    wanted
        Tells which cells are names of wanted columns.
    said
        The number of the row, where the scenario gives it.
    file
        The name to show in faults.

    Raises
    ------
    ScenarioError
        When it is not clear.
    """
    if said is None:
        at = _found(rows[:LOOKED_AT], wanted, file)
    else:
        at = next((at for at, row in enumerate(rows) if row.number == said), -1)
        if at < 0:
            raise fault("pool-header", f"row {said:,} is blank or missing", "name the row of the column names", file)
    below = rows[at + 1] if at + 1 < len(rows) and rows[at + 1].number == rows[at].number + 1 else None
    above = rows[at - 1] if at and rows[at - 1].number == rows[at].number - 1 else None
    if below is not None and said is None and at + 2 < len(rows) and _completes(rows[at], below):
        return _joined(rows[at], below, _passed_over(rows[:at]))
    if above is not None and _groups(above, rows[at]):
        return _joined(above, rows[at], _passed_over(rows[: at - 1]))
    return Header(rows[at].cells, rows[at].number, _passed_over(rows[:at]))


def _found(rows: Sequence[Row], wanted: Wanted, file: str) -> int:
    scores = [known(row, wanted) for row in rows]
    wide = max(row.filled for row in rows)
    first = next(at for at, row in enumerate(rows) if row.filled >= max(min(2, wide), (wide + 1) // 2))
    best = scores.index(max(scores))
    at = first
    if scores[best] > scores[first] and not _is_data(rows[best]):
        if best > first and any(_is_record(row, rows[best]) for row in rows[:best]):
            raise _unclear(rows, first, best, file)
        if best > first or best == 0 or scores[best] > 1:
            at = best
    if scores[at] < 2 and _is_data(rows[at]):
        raise _no_header(rows[at], file)
    return at


def _is_data(row: Row) -> bool:
    return 2 * row.data >= row.filled or any(cell.startswith("@") for cell in row.cells)


def _is_record(row: Row, names: Row) -> bool:
    """Whether a row looks like data below these names, and not like a title with a date."""
    return _is_data(row) and (4 * row.filled > 3 * names.filled or any(cell.startswith("@") for cell in row.cells))


def _unclear(rows: Sequence[Row], first: int, best: int, file: str) -> ScenarioError:
    one, other = rows[first], rows[best]
    rows_said = f"row {one.number:,} is {_some(one)}, row {other.number:,} is {_some(other)}"
    cause = f"it is unclear which row names the columns: {rows_said}"
    return fault("pool-header", cause, _say(other.number), file)


def _no_header(row: Row, file: str) -> ScenarioError:
    cause = f"no row names the columns: row {row.number:,} looks like data ({_some(row)})"
    return fault("pool-header", cause, f"write the names of the columns above it; or {_say(row.number)}", file)


def _say(row: int) -> str:
    return f"say which row has the names of the columns, as in creators: {{file: ..., header: {row}}}"


def _some(row: Row) -> str:
    cells = [cell for cell in row.cells if cell]
    return f'"{shown(", ".join(cell[:30] for cell in cells[:4]))}"'


def _passed_over(rows: Sequence[Row]) -> tuple[str, ...]:
    if not rows:
        return ()
    which = f"row {rows[0].number:,}" if len(rows) == 1 else f"rows {rows[0].number:,} to {rows[-1].number:,}"
    return (f"has {which} above the names of the columns, passed over",)


def _groups(above: Row, row: Row) -> bool:
    """Whether the row above names groups of columns that the names need."""
    if above.data or not (above.filled > 1 or (above.filled == 1 and not above.cells[0])):
        return False
    names = [cell.casefold() for cell in row.cells if cell]
    needed = len(set(names)) < len(names)
    return needed or any(cell and not _at(row, at) for at, cell in enumerate(above.cells))


def _completes(row: Row, below: Row) -> bool:
    """Whether the row below names the columns of groups: it is blank below all names but those of groups."""
    if below.data or row.filled == len(row.cells) >= len(below.cells):
        return False
    inside, alone = False, False
    for at in range(max(len(row.cells), len(below.cells))):
        name, part = _at(row, at), _at(below, at)
        if name:
            inside = bool(part)
            if inside and (_at(row, at + 1) or not _at(below, at + 1)):
                return False
            alone = alone or not part
        elif part and not inside:
            return False
    return alone and below.filled > 1


def _at(row: Row, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def _joined(top: Row, bottom: Row, notes: tuple[str, ...]) -> Header:
    """Names of two rows: those of the lower one alone where they are unique, else with their group before them."""
    group, names, groups = "", [], []
    for at in range(max(len(top.cells), len(bottom.cells))):
        name = _at(bottom, at)
        if _at(top, at):
            group = _at(top, at) if name else ""
        names.append(name or _at(top, at))
        groups.append(group if name else "")
    folded = [name.casefold() for name in names]
    twice = {name for name in folded if name and folded.count(name) > 1}
    whole = [
        f"{group} {name}" if group and name.casefold() in twice else name
        for name, group in zip(names, groups, strict=True)
    ]
    return Header(tuple(whole), bottom.number, notes)
