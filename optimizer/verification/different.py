"""What rules and the goal count: amounts of bookings, and different values among them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from optimizer.domain.constraints import Measure
from optimizer.domain.filters import fold
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.pool import CREATOR, TALENT, values_of
from optimizer.verification.bookings import Bookings
from optimizer.verification.terms import Different, Term


def measured_by(bookings: Bookings, measure: Measure, members: Sequence[int]) -> Term:
    """A measure of some bookings."""
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
    for at in members:
        creator, _, offer = bookings.columns[at]
        if column in OFFER_COLUMNS:
            values = [bookings.scenario.offers[offer].label(column).replace("|", "\u00a6")]
        else:
            values = list(values_of(bookings.creators.text(column, creator) or ""))
        for key in dict.fromkeys(map(fold, values)):
            by_key.setdefault(key, []).append(at)
        if column == TALENT and not values:
            (alone if creator in segments else lone.setdefault(creator, [])).append(at)
    names = spellings(bookings, column)
    found = {(column, names[key]): by_key[key] for key in sorted(by_key)}
    found |= {(CREATOR, bookings.creators.ids[creator]): lone[creator] for creator in sorted(lone)}
    return found, alone


def spellings(bookings: Bookings, column: str) -> dict[str, str]:
    """Each value of a column by its folded form."""
    if column in OFFER_COLUMNS:
        return spelled({offer.label(column).replace("|", "\u00a6") for offer in bookings.scenario.offers})
    return spelled({str(cell) for cell in bookings.creators.cells(column) if cell})


def spelled(cells: Collection[str]) -> dict[str, str]:
    """The values of some cells by their folded form; of several spellings the first in order."""
    found: dict[str, str] = {}
    for value in (value for cell in cells for value in values_of(cell)):
        found[fold(value)] = min(value, found.get(fold(value), value))
    return found
