"""What begins the decimals of each column of numbers, a comma or a point: decided once for a file, or asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from optimizer.domain.exact import Currency, Flags
from optimizer.loading.casting import Casting, Written
from optimizer.loading.numerals import (
    COMMA,
    MARKS,
    OTHER,
    POINT,
    Numerals,
    reading,
    taken_apart,
    values_of,
    without_marks,
)
from optimizer.loading.source import short
from optimizer.loading.texts import known, matching
from optimizer.unseen import visible

_MARKS = (COMMA, POINT)


def decided(
    casting: Casting, columns: Sequence[Written], said: str | None, currency: Currency
) -> list[tuple[Written, str]]:
    """Each column with what begins its decimals.

    A column's own key counts first, then the file's (`said`). Else a cell that can be read in one way only decides for
    its column, then what the figure allows; and a column that stays open is read as the other columns of the file are.
    """
    marks: list[str | None] = []
    found: dict[str, tuple[Written, int]] = {}
    doubtful = set[int]()
    for at, column in enumerate(columns):
        sure = {} if (column.use.source.decimal or said) else _sure(column, currency)
        if len(sure) == 2:
            _both(casting, {mark: (column, row) for mark, row in sure.items()})
            doubtful.add(at)
        elif sure:
            mark, row = next(iter(sure.items()))
            found.setdefault(mark, (column, row))
        marks.append(column.use.source.decimal or said or next(iter(sure), None))
    if len(found) == 2:
        _both(casting, found)
    file = next(iter(found), None) if len(found) == 1 else None
    told = []
    for at, (column, own) in enumerate(zip(columns, marks, strict=True)):
        if own is None and file is None and column.numerals.either.any():
            if not found:
                _open(casting, column)
            doubtful.add(at)
        mark = own or file or POINT
        if at in doubtful:
            told.append((replace(column, numerals=without_marks(column.numerals)), mark))
        else:
            told.append((_of_mark(column, mark), mark))
    return told


def _of_mark(column: Written, mark: str) -> Written:
    """The column with its cells taken apart, where points are no decimal points."""
    numerals = column.numerals
    if mark == COMMA and numerals.plain and not numerals.typed.all() and matching(numerals.cells, r"\.").any():
        return replace(column, numerals=taken_apart(numerals.cells, numerals.typed, whole=True))
    return column


def _sure(column: Written, currency: Currency) -> dict[str, int]:
    """What begins a column's decimals, each with the row of a cell that says so; nothing where no cell does."""
    numerals = column.numerals
    if numerals.plain:
        points = numerals.typed & False if numerals.typed.all() else ~numerals.typed & matching(numerals.digits, r"\.")
        return {POINT: int(points.argmax())} if points.any() else {}
    sure = {mark: numerals.evidence(mark) for mark in _MARKS}
    if not any(where.any() for where in sure.values()):
        sure = _by_figure(column, currency)
    return {mark: int(where.argmax()) for mark, where in sure.items() if where.any()}


def _by_figure(column: Written, currency: Currency) -> dict[str, Flags]:
    """The cells such as 1,200 and 1.200 of which only one reading is possible, by what begins the decimals in it."""
    may = {mark: _possible(column, mark, currency) for mark in _MARKS}
    return {mark: may[mark] & ~may[OTHER[mark]] for mark in _MARKS}


def _possible(column: Written, mark: str, currency: Currency) -> Flags:
    """The cells in doubt whose reading the figure allows: a count has no decimals, a share is at most 1."""
    cells, _ = reading(column.numerals).read(mark)
    figure, fine = column.figure, known(cells)
    if column.counted or (figure.unit == "money" and not currency.decimals):
        return fine & ~matching(column.numerals.digits, rf"[{MARKS[mark]}]")
    if figure.most is not None:
        fine &= values_of(cells) <= figure.most * (100 if column.use.source.percent else 1)
    return fine


def _both(casting: Casting, found: dict[str, tuple[Written, int]]) -> None:
    (column, row), (other, other_row) = found[COMMA], found[POINT]
    line = casting.table.place(other_row, other.name).line
    cause = f"decimals have a comma here and a point in row {line}: it is unclear which is meant"
    mend = "write all decimals the same way, or say what begins them: decimal: comma, or decimal: point"
    casting.refuse_column(column.name, row, "decimal-doubt", cause, mend)


def _open(casting: Casting, column: Written) -> None:
    row = int(column.numerals.either.argmax())
    shown = short(visible(str(column.numerals.cells[row].as_py())))
    readings = {mark: _told(reading(column.numerals), mark, row) for mark in _MARKS}
    cause = f"{column.name} is {shown}, which may mean {readings[POINT]} or {readings[COMMA]}"
    mend = (
        f"say what begins the decimals: `decimal: point` reads {readings[POINT]}, `decimal: comma` {readings[COMMA]};"
        " it stands beside file:, or in the column's entry under columns:"
    )
    casting.refuse_column(column.name, row, "decimal-doubt", cause, mend)


def _told(numerals: Numerals, mark: str, row: int) -> str:
    """How a cell reads with a mark, in a form that is in no doubt itself."""
    value = float(values_of(numerals.read(mark)[0])[row])
    return f"{value:g}" if value < 1_000 else f"{value:,.0f}".replace(",", "_")
