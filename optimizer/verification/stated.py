"""What a plan's JSON states, as far as it is needed to work everything out again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

from optimizer.verification.bookings import Bookings, Column
from optimizer.verification.bounds import Case
from optimizer.verification.rules import Row, Rows, WrongProof

FORMAT = "creatormix/plan/1"
_FRACTION = re.compile(r"[1-9]\d{0,30}/[1-9]\d{0,30}", re.ASCII)


class NotAPlan(Exception):  # noqa: N818  a verdict on what is verified, not a fault
    """Something that creatormix did not write as a plan; its message says what is wrong."""


def read(data: bytes) -> Mapping[str, Any]:
    """The JSON of a plan; raises NotAPlan where it is none, or says something twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise NotAPlan("a field stands there twice")
        return found

    def no_number(word: str) -> None:
        raise NotAPlan(f"{word} is no number")

    try:
        value = json.loads(data, object_pairs_hook=once, parse_constant=no_number)
    except (ValueError, RecursionError):
        raise NotAPlan("it is not JSON") from None
    if not isinstance(value, Mapping):
        raise NotAPlan("its JSON is no object")
    return value


def digest(value: Mapping[str, Any]) -> str:
    """The sha256 of a plan's JSON without how long it took."""
    solver = {key: said for key, said in of(value, "solver", dict).items() if key != "seconds"}
    timeless = {key: said for key, said in value.items() if key != "digest"} | {"solver": solver}
    text = json.dumps(timeless, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def of(value: Any, key: str, kind: type | tuple[type, ...]) -> Any:
    """A field of an object; raises NotAPlan where it is not there or of another kind."""
    found = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
        raise NotAPlan(f"the field {key} is missing, or not of the kind it should be")
    return found


@dataclass(frozen=True)
class Places:
    """Where bookings stand among all that are possible, by the names that a plan uses."""

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
    """What a plan books; raises NotAPlan for what cannot be booked."""
    found: dict[int, StatedBooking] = {}
    for said in allocations:
        if not isinstance(said, Mapping):
            raise NotAPlan("an allocation is no object")
        at = places.of(said)
        name = f"{said.get('creator')} on {said.get('offer')}"
        if at is None:
            raise NotAPlan(f"{name} cannot be booked in this scenario")
        if at in found:
            raise NotAPlan(f"{name} is booked in two places")
        parts = said.get("exact_count")
        if isinstance(parts, str) and not _FRACTION.fullmatch(parts):
            raise NotAPlan(f"{name} is booked in parts that are no fraction")
        count = Fraction(parts) if isinstance(parts, str) else Fraction(_number(said, "count"))
        if count <= 0:
            raise NotAPlan(f"{name} is booked {count} times")
        found[at] = StatedBooking(bookings.columns[at], at, count)
    return list(found.values())


def _number(value: Any, key: str) -> float | int:
    found: float | int = of(value, key, (int, float))
    if not isfinite(found):
        raise NotAPlan(f"the field {key} is no number")
    return found


def number(value: Any, key: str) -> float | int:
    """A finite number of an object."""
    return _number(value, key)


def cases_of(certificate: Mapping[str, Any], listed: Sequence[Row], places: Places, rows: Rows) -> list[Case]:
    """The cases of a certificate, over the rows that it lists."""
    return [_case(said, listed, places, rows) for said in of(certificate, "cases", list)]


def _case(said: Any, listed: Sequence[Row], places: Places, rows: Rows) -> Case:
    if "split" in said if isinstance(said, Mapping) else False:
        split = of(said, "split", dict)
        switch = split.get("switch")
        known = isinstance(switch, int) and not isinstance(switch, bool) and 1 <= switch <= rows.switches
        at = len(rows.bookings) + switch - 1 if known else places.of(split)
        if at is None:
            raise WrongProof("a case is split at a booking that cannot be made")
        return Case(column=at, at_most=of(split, "at_most", int))
    where, prices = of(said, "rows", list), of(said, "prices", list)
    if len(where) != len(prices) or not all(isinstance(at, int) and 0 <= at < len(listed) for at in where):
        raise WrongProof("a case prices rows that are not there")
    priced = tuple((listed[at], exact(price)) for at, price in zip(where, prices, strict=True))
    return Case(prices=priced, impossible=said.get("impossible") is True)


def exact(price: Any) -> Fraction:
    """A price, read as exact; raises WrongProof where it is none."""
    if isinstance(price, bool) or not isinstance(price, (int, float)) or not isfinite(price):
        raise WrongProof("a price is no number")
    return Fraction(price)
