"""What rules and the goal count: amounts of bookings, different values among them, and people whom they reach."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.domain.constraints import Measure
from optimizer.domain.filters import fold
from optimizer.domain.pool import CREATOR, TALENT, values_of
from optimizer.domain.quantities import REACH
from optimizer.verification.bookings import Bookings
from optimizer.verification.creators import spelled
from optimizer.verification.reached import reached_by
from optimizer.verification.terms import Different, Term


def measured_by(bookings: Bookings, measure: Measure, members: Sequence[int], asking: str | None = None) -> Term:
    """A measure of some bookings; `asking` is the name of the rule that asks for it."""
    if measure.quantity == REACH:
        return reached_by(bookings, measure.people, members, asking)
    column = bookings.scenario.quantities[measure.quantity].distinct
    if column is None:
        return Term(1, bookings.amounts[measure], members)
    named, alone = shared_by(bookings, column, members)
    return Different(1, {}, members, column, named, frozenset(alone))


def shared_by(
    bookings: Bookings, column: str, members: Sequence[int]
) -> tuple[dict[tuple[str, str], list[int]], list[int]]:
    """The bookings of each value of a column, by its label, in order; and those of which each one is another person."""
    segments = {segment.position for segment in bookings.scenario.segments}
    by_key: dict[str, list[int]] = {}
    lone: dict[int, list[int]] = {}
    alone: list[int] = []
    place, who = bookings.dimensions.of(column)
    cells = who.cells(column)
    for at in members:
        creator = bookings.columns[at][0]
        values = values_of(str(cells[bookings.columns[at][place]] or ""))
        for key in dict.fromkeys(map(fold, values)):
            by_key.setdefault(key, []).append(at)
        if column == TALENT and not values:
            (alone if creator in segments else lone.setdefault(creator, [])).append(at)
    names = spelled({str(cell) for cell in cells if cell})
    found = {(column, names[key]): by_key[key] for key in sorted(by_key)}
    found |= {(CREATOR, bookings.creators.ids[creator]): lone[creator] for creator in sorted(lone)}
    return found, alone
