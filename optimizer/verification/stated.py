"""The parts of a plan's JSON that are needed to recompute everything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

from optimizer.results.stated import NotAPlan, of
from optimizer.verification.bookings import Bookings
from optimizer.verification.bounds import Case, Settled
from optimizer.verification.dimensions import Column
from optimizer.verification.reduced import Prices
from optimizer.verification.rounding import Rounding
from optimizer.verification.rows import Rows
from optimizer.verification.terms import Row, WrongProof

_PRICE = re.compile(r"-?[1-9]\d{0,399}/[1-9]\d{0,399}", re.ASCII)
_FRACTION = re.compile(r"[1-9]\d{0,30}/[1-9]\d{0,30}", re.ASCII)


@dataclass(frozen=True)
class Places:
    """The positions of bookings among all possible ones, by the names that a plan uses."""

    columns: Mapping[tuple[str, str, int | None], int]

    @classmethod
    def among(cls, bookings: Bookings) -> Places:
        """The places of all bookings."""
        named = {}
        for at, (creator, step, offer) in enumerate(bookings.columns):
            shown = step + 1 if bookings.keeps((creator, step, offer)) is not None else None
            named[bookings.creators.ids[creator], bookings.scenario.offers[offer].name, shown] = at
        return cls(named)

    def of(self, said: Mapping[str, Any]) -> int | None:
        """The place of a booking; None where there is no such."""
        step = said.get("step")
        if isinstance(step, bool) or not isinstance(step, (int, type(None))):
            return None
        return self.columns.get((str(said.get("creator")), str(said.get("offer")), step))


@dataclass(frozen=True)
class StatedBooking:
    """A booking of the plan: its place among all, and how often it is made."""

    column: Column
    place: int
    count: Fraction


def booked(allocations: Sequence[Any], bookings: Bookings, places: Places) -> list[StatedBooking]:
    """The bookings of a plan; raises NotAPlan for impossible ones."""
    found: dict[int, StatedBooking] = {}
    for said in allocations:
        if not isinstance(said, Mapping):
            raise NotAPlan("an allocation is not an object")
        at = places.of(said)
        name = f"{said.get('creator')} on {said.get('offer')}"
        if at is None:
            raise NotAPlan(f"{name} cannot be booked in this scenario")
        if at in found:
            raise NotAPlan(f"{name} is booked in two places")
        parts = said.get("exact_count")
        if isinstance(parts, str) and not _FRACTION.fullmatch(parts):
            raise NotAPlan(f"{name} has an exact_count that is not a fraction")
        count = Fraction(parts) if isinstance(parts, str) else Fraction(number(said, "count"))
        if count <= 0:
            raise NotAPlan(f"{name} is booked {count} times")
        found[at] = StatedBooking(bookings.columns[at], at, count)
    return list(found.values())


def number(value: Any, key: str) -> float | int:
    """A finite number of an object."""
    found: float | int = of(value, key, (int, float))
    if not isfinite(found):
        raise NotAPlan(f"the field {key} is not a number")
    return found


def by_cases(
    certificate: Mapping[str, Any], settled: Settled, listed: Sequence[Row], places: Places
) -> tuple[Settled, list[Case]]:
    """The stages and cases of a certificate, over the rows that it lists and those that follow from them."""
    bookings = [booking(said, settled.bounds.rows, places) for said in of(certificate, "bookings", list)]
    for said in of(certificate, "stages", list):
        roundings = [_rounding(one, bookings) for one in of(said, "rounded", list)]
        settled = settled.rounded(of(said, "open", int), roundings, listed)
        if prices := _priced(said, [*listed, *settled.sides]):
            settled = settled.narrowed(prices)
    rows = [*listed, *settled.sides]
    return settled, [_case(said, rows, bookings) for said in of(certificate, "cases", list)]


def booking(said: Any, rows: Rows, places: Places) -> int:
    """The column of a booking or a switch that a certificate speaks of."""
    switch = said.get("switch") if isinstance(said, Mapping) else None
    if isinstance(switch, int) and not isinstance(switch, bool) and 1 <= switch <= len(rows.largest):
        return len(rows.bookings) + switch - 1
    at = places.of(said)
    if at is None:
        raise WrongProof("it speaks of a booking that cannot be made")
    return at


def _whole(said: Any, key: str, below: int | None = None) -> list[int]:
    """A list of whole numbers, of places below a limit where there is one."""
    found: list[int] = of(said, key, list)
    for one in found:
        if isinstance(one, bool) or not isinstance(one, int) or not (below is None or 0 <= one < below):
            raise WrongProof(f"{key} are not valid positions")
    return found


def _rounding(said: Any, bookings: Sequence[int]) -> Rounding:
    sides, weights = _whole(said, "sides"), _whole(said, "weights")
    if len(sides) != len(weights):
        raise WrongProof("a row follows from others, of which some have no weight")
    full = {bookings[at] for at in _whole(said, "full", len(bookings))}
    return Rounding(list(zip(sides, weights, strict=True)), full, of(said, "divisor", int))


def _case(said: Any, rows: Sequence[Row], bookings: Sequence[int]) -> Case:
    priced = _priced(said, rows)
    if "split" in said:
        split = of(said, "split", dict)
        (at,) = _whole({"booking": [split.get("booking")]}, "booking", len(bookings))
        return Case(column=bookings[at], at_most=of(split, "at_most", int), prices=priced)
    return Case(prices=priced, impossible=said.get("impossible") is True)


def _priced(said: Any, rows: Sequence[Row]) -> Prices:
    """Prices of some rows."""
    where, prices = _whole(said, "rows", len(rows)), of(said, "prices", list)
    if len(where) != len(prices):
        raise WrongProof("a case prices rows that are not there")
    return tuple((rows[at], exact(price)) for at, price in zip(where, prices, strict=True))


def exact(price: Any) -> Fraction:
    """A price, read as exact: a number, or a fraction as text; raises WrongProof where it is none."""
    if isinstance(price, str) and _PRICE.fullmatch(price):
        return Fraction(price)
    if isinstance(price, bool) or not isinstance(price, (int, float)) or not isfinite(price):
        raise WrongProof("a price is not a number")
    return Fraction(price)
