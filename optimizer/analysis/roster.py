"""Who is booked in each case, and the changes between two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from optimizer.analysis.measuring import difference, subtractable, total
from optimizer.domain.accounts import ON, handle_key
from optimizer.domain.filters import fold
from optimizer.results.comparison import Booked, Change, Creators, Move, RosterRow, Shared
from optimizer.results.plan import Allocation, Plan

Key = tuple[str, str]  # handle and, where handles are ambiguous, platform
Roster = dict[Key, dict[str, Booked]]  # by creator, then by offer


def rosters(plans: Sequence[Plan | None], quantities: Sequence[str]) -> list[Roster]:
    """Each plan's bookings by creator and offer, with the steps of a segment's returns together."""
    key_of = _identities([plan for plan in plans if plan is not None])
    return [_roster(plan, key_of, quantities) if plan is not None else {} for plan in plans]


def spellings(plans: Sequence[Plan | None]) -> dict[Key, str]:
    """The spelling of each creator in the first plan that books them; sorted as pools are."""
    there = [plan for plan in plans if plan is not None]
    key_of, found = _identities(there), dict[Key, str]()
    for plan in there:
        for booking in plan.allocations:
            found.setdefault(key_of(booking), booking.creator)
    return dict(sorted(found.items()))


def _identities(plans: Sequence[Plan]) -> Callable[[Allocation], Key]:
    """The identity of creators in all plans: the handle, and the platform too if a handle is on several.

    A creator is one account on one platform, but not every pool says on which.
    """
    platforms: dict[str, set[str]] = {}
    for booking in (booking for plan in plans for booking in plan.allocations):
        platform = booking.labels.get("platform")
        platforms.setdefault(_handle(booking), set()).update({fold(platform)} if platform else ())

    def key(booking: Allocation) -> Key:
        handle = _handle(booking)
        return handle, fold(booking.labels.get("platform") or "") if len(platforms[handle]) > 1 else ""

    return key


def _handle(booking: Allocation) -> str:
    """The handle of who is booked, without the platform that its pool may call it by."""
    return handle_key(booking.creator).removesuffix(f"{ON}{fold(booking.labels.get('platform') or '')}")


def _roster(plan: Plan, key_of: Callable[[Allocation], Key], quantities: Sequence[str]) -> Roster:
    together: dict[Key, dict[str, list[Allocation]]] = {}
    for booking in plan.allocations:
        together.setdefault(key_of(booking), {}).setdefault(booking.offer, []).append(booking)
    return {
        key: {offer: _booked(offer, bookings, quantities) for offer, bookings in offers.items()}
        for key, offers in together.items()
    }


def _booked(offer: str, bookings: Sequence[Allocation], quantities: Sequence[str]) -> Booked:
    exact = sum((Fraction(booking.exact_count or repr(booking.count)) for booking in bookings), start=Fraction(0))
    whole = exact.denominator == 1
    return Booked(
        offer=offer,
        count=int(exact) if whole else float(exact),
        exact_count=None if whole else str(exact),
        values={
            name: total(booking.values[name] for booking in bookings)
            for name in quantities
            if name in bookings[0].values
        },
    )


def rows(found: Sequence[Roster], names: Mapping[Key, str]) -> tuple[RosterRow, ...]:
    """One row for each creator on each offer, by creator; offers in the order of their first case."""
    return tuple(
        RosterRow(name, offer, tuple(roster.get(key, {}).get(offer) for roster in found))
        for key, name in names.items()
        for offer in dict.fromkeys(offer for roster in found for offer in roster.get(key, {}))
    )


def moves(
    base: tuple[Plan, Roster], case: tuple[Plan, Roster], names: Mapping[Key, str], quantities: Sequence[str]
) -> tuple[Move, ...]:
    """The change of everybody who is booked in one of two plans."""
    (before, was), (after, now) = base, case
    counted = {name: subtractable(name, after, before) for name in quantities}
    counted = {name: same and name in before.totals and name in after.totals for name, same in counted.items()}
    return tuple(
        _move(name, tuple(was.get(key, {}).values()), tuple(now.get(key, {}).values()), counted)
        for key, name in names.items()
        if key in was or key in now
    )


def _move(name: str, before: tuple[Booked, ...], after: tuple[Booked, ...], counted: Mapping[str, bool]) -> Move:
    def change_in(quantity: str) -> float:
        sums = (total(booked.values.get(quantity, 0) for booked in side) for side in (after, before))
        return difference(*sums)

    differences = {quantity: change_in(quantity) if counted[quantity] else None for quantity in counted}
    return Move(name, _change(before, after), before, after, differences)


def _change(before: Sequence[Booked], after: Sequence[Booked]) -> Change:
    if not before:
        return "comes_in"
    if not after:
        return "leaves"
    was, now = ({booked.offer: booked.exact_count or booked.count for booked in side} for side in (before, after))
    if was == now:
        return "stays"
    return "count_changes" if set(was) == set(now) else "offer_changes"


def creators(found: Iterable[tuple[str, Roster]], names: Mapping[Key, str]) -> Creators:
    """Who is in all of these plans, and who in some."""
    found = tuple(found)
    inside = {key: tuple(case for case, roster in found if key in roster) for key in names}
    return Creators(
        in_all=tuple(names[key] for key, cases in inside.items() if len(cases) == len(found)),
        in_some=tuple(Shared(names[key], cases) for key, cases in inside.items() if len(cases) < len(found)),
    )
