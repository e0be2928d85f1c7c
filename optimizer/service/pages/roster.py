"""The bookings of a plan as a table to sort and filter: what was measured, what is expected, and what is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from optimizer.domain.pay import PAY
from optimizer.report import forecast, replanned, views
from optimizer.report import plan_parts as parts
from optimizer.report.document import Cell, Column, Table, Valued
from optimizer.report.language import Speaker
from optimizer.results.plan import Allocation, Plan
from optimizer.service.pages import spoken
from optimizer.service.pages.spoken import ENGLISH

ROWS_MOST: Final = 1_000
_FILTERED: Final = ("offer", PAY, "tier", "platform", "niche", "country", "change", "status")
_CHOICES_MOST: Final = 40


@dataclass(frozen=True)
class Shown:
    """One cell as it is shown, what it is sorted by, and the range that stands below it."""

    text: str
    by: str
    numeric: bool
    below: str = ""


@dataclass(frozen=True)
class Heading:
    """A column of the roster by its `key`; `mark` says what its figures are: measured or expected."""

    key: str
    name: str
    numeric: bool
    mark: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A booking: whom it books, what its figures rest on, and its cells."""

    creator: str
    kinds: tuple[str, ...]
    why: str
    cells: tuple[Shown, ...]


@dataclass(frozen=True)
class Roster:
    """All bookings, but for those that are too many to be shown."""

    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    left_out: str


def roster(plan: Plan, speaker: Speaker = ENGLISH) -> Roster | None:
    """The bookings, the biggest first; None where nobody is booked."""
    every = views.biggest_first(plan)
    some, rest = every[:ROWS_MOST], every[ROWS_MOST:]
    table = parts.booked(plan, some, ranged=True)
    if not isinstance(table, Table):
        return None
    quantity = forecast.quantity_of(plan)
    table = _with_answers(plan, _with_measured(plan, quantity, some, _with_pay(table, some)), some)
    said = spoken.table(table, plan, speaker)
    names = [column.name for column in table.columns]
    expected, ranges = _places(plan, quantity, names)
    shown = [at for at in range(len(names)) if at != ranges or expected is None]
    marks = {expected: "expected", names.index(f"{quantity} measured"): "measured"} if expected is not None else {}
    rows = tuple(
        Row(one.creator, _rests(one), _why(one, quantity), _cells(raw, texts, table.columns, shown, (expected, ranges)))
        for one, raw, texts in zip(some, table.rows, said.rows, strict=True)
    )
    headings = tuple(
        Heading(
            names[at],
            said.columns[at].name,
            table.columns[at].kind != "text",
            marks.get(at, ""),
            _choices(names[at], [str(row[at]) for row in said.rows]),
        )
        for at in shown
    )
    more = parts.cut(plan, rest, "the downloads list them all")
    return Roster(headings, rows, "".join(spoken.lines([more], plan, speaker)) if more else "")


def _with_measured(plan: Plan, quantity: str | None, some: Sequence[Allocation], table: Table) -> Table:
    """With what was measured, beside what is expected of the same quantity."""
    names = [column.name for column in table.columns]
    heading = views.headed(plan, quantity) if quantity else ""
    if quantity is None or heading not in names or not any(quantity in one.forecast for one in some):
        return table
    measured = [one.forecast[quantity].measured if quantity in one.forecast else None for one in some]
    column = Column(f"{quantity} measured", views.kind_of(plan, quantity))
    return _inserted(table, names.index(heading) + 1, column, measured)


def _with_pay(table: Table, some: Sequence[Allocation]) -> Table:
    """With how each booking is paid, where that differs."""
    models = [one.labels.get(PAY) for one in some]
    return _inserted(table, 2, Column(PAY), models) if len({*models}) > 1 else table


def _with_answers(plan: Plan, table: Table, some: Sequence[Allocation]) -> Table:
    """With what creators answered, in a plan that was made again."""
    for name, of in replanned.by_creator(plan).items():
        table = _inserted(table, 1, Column(name), [of.get(one.creator, "") for one in some])
    return table


def _inserted(table: Table, at: int, column: Column, cells: Sequence[Cell]) -> Table:
    columns = (*table.columns[:at], column, *table.columns[at:])
    rows = tuple((*row[:at], cell, *row[at:]) for row, cell in zip(table.rows, cells, strict=True))
    return Table(table.title, columns, rows, table.caption, table.spare, table.empty)


def _places(plan: Plan, quantity: str | None, names: Sequence[str]) -> tuple[int | None, int | None]:
    """Where a quantity is expected, and its range, if both stand beside what was measured."""
    if quantity is None or f"{quantity} measured" not in names:
        return None, None
    ranges = f"{quantity}, four in five"
    return names.index(views.headed(plan, quantity)), names.index(ranges) if ranges in names else None


def _cells(
    raw: Sequence[Cell],
    texts: Sequence[Cell],
    columns: Sequence[Column],
    shown: Sequence[int],
    places: tuple[int | None, int | None],
) -> tuple[Shown, ...]:
    expected, ranges = places
    below = "" if expected is None or ranges is None else str(texts[ranges])
    return tuple(
        Shown(str(texts[at]), _sorted_by(raw[at]), columns[at].kind != "text", below if at == expected else "")
        for at in shown
    )


def _sorted_by(cell: Cell) -> str:
    value = cell.value if isinstance(cell, Valued) else cell
    return "" if value is None else value.casefold() if isinstance(value, str) else repr(value)


def _choices(name: str, texts: Sequence[str]) -> tuple[str, ...]:
    found = sorted({*texts})
    return tuple(found) if name in _FILTERED and 1 < len(found) <= _CHOICES_MOST else ()


def _rests(booking: Allocation) -> tuple[str, ...]:
    """What the figures of a booking are: own, assumed, from a benchmark pack."""
    found = {views.source_kind(source) for source in booking.estimated.values()}
    return tuple(kind for kind in (views.ASSUMED, views.BENCHMARK) if kind in found) or (views.OWN,)


def _why(booking: Allocation, quantity: str | None) -> str:
    one = booking.forecast.get(quantity) if quantity else None
    return one.why if one else ""
