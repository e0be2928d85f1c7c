"""The rules of a scenario, over its bookings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from optimizer.domain.constraints import Constraint, Logic, Measure
from optimizer.domain.filters import AnyOf, Filter, fold
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.pool import CREATOR, TALENT, values_of
from optimizer.domain.quantities import RATIOS
from optimizer.verification.bookings import Bookings
from optimizer.verification.different import measured_by
from optimizer.verification.held import Held, Together
from optimizer.verification.talents import by_talent

Rule = Held | Together
_BLANK = "(none)"


def rules_of(bookings: Bookings) -> list[Rule]:
    """The rules of a scenario, one for each value of `per`."""
    found: list[Rule] = []
    for said in bookings.scenario.constraints:
        if isinstance(said, Logic):
            parts, then = (tuple(map(bookings.members, group)) for group in (said.parts, said.then))
            found.append(Together(said, parts, then))
        elif said.per == TALENT and said.among is None and not said.own:
            found.append(by_talent(bookings, _held(bookings, said, None, bookings.members(said.group))))
        elif said.per is None or said.per == CREATOR:
            found.append(_held(bookings, said, None, bookings.members(said.group)))
        else:
            found += _per_value(bookings, said)
    return found


def _per_value(bookings: Bookings, said: Constraint) -> Iterator[Held]:
    column, own = said.per or "", {value: (low, high) for value, low, high in said.own}
    named = list(dict.fromkeys([*own, *(said.among or ())]))
    for value in named or _values(bookings, said, column):
        low, high = own.get(value, (said.at_least, said.at_most))
        group = Filter((*said.group, (column, AnyOf((value,)))))
        bounded = replace(said, at_least=low, at_most=high)
        yield _held(bookings, bounded, value, bookings.members(group))
    if named or said.at_most in (None, said.at_least) or not bookings.creators.holds_texts(column):
        return
    cells = bookings.creators.cells(column)
    blank = [at for at in bookings.members(said.group) if cells[bookings.columns[at][0]] is None]
    if blank:
        yield _held(bookings, replace(said, at_least=None), _BLANK, blank)


def _values(bookings: Bookings, said: Constraint, column: str) -> list[str]:
    """Each single value among the bookings of a group; of several spellings the first in order."""
    inside = [bookings.columns[at] for at in bookings.members(said.group)]
    if column in OFFER_COLUMNS:
        return sorted({bookings.scenario.offers[offer].label(column) for _, _, offer in inside})
    cells = bookings.creators.cells(column)
    spelled: dict[str, str] = {}
    for cell in {cells[creator] for creator, _, _ in inside}:
        for value in values_of(str(cell)) if cell is not None else ():
            spelled[fold(value)] = min(value, spelled.get(fold(value), value))
    return [spelled[key] for key in sorted(spelled)]


def _held(bookings: Bookings, said: Constraint, label: str | None, members: Sequence[int]) -> Held:
    scenario, quantity = bookings.scenario, said.measure.quantity
    ratio = RATIOS.get(quantity)
    if ratio is not None:
        above, below = (measured_by(bookings, Measure(name), members) for name in (ratio.numerator, ratio.denominator))
        lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
        return Held(said, label, above, below, lead)
    measured = measured_by(bookings, said.measure, members)
    if isinstance(said.of, Filter):
        whole = measured_by(bookings, Measure(quantity), bookings.members(said.of))
        return Held(said, label, measured, whole, Fraction(1))
    amount = Fraction(1) if said.of is None else said.of
    return Held(said, label, measured, amount, Fraction(1, scenario.scale(quantity)))
