"""What is asked of a finished plan: on whom it depends, and whether its figures are too good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.domain.doubts import KINDS, Doubt
from optimizer.domain.exact import Floats, Ints
from optimizer.domain.filters import fold
from optimizer.domain.pool import Labels, Numbers
from optimizer.domain.scenario import Scenario
from optimizer.doubts.asking import logs, short
from optimizer.doubts.levels import level, sized
from optimizer.errors import Place

_SHARE = 0.25
_MANY = 5  # booked creators from which a quarter is much; of fewer, half, or more than most of an equal share
_EQUAL = 1.6
_TIMES = 2.5  # against the pool's median, for the median of at least so many booked creators
_LEAST_BOOKED = 5


@dataclass(frozen=True)
class Booking:
    """A booked creator: the position in the pool, and what the booking brings; `guessed` are figures not known."""

    position: int
    values: Mapping[str, float]
    guessed: frozenset[str] = frozenset()
    named: bool = True  # not a segment


def one_carries(scenario: Scenario, bookings: Sequence[Booking]) -> Iterator[Doubt]:
    """Ask of a creator who brings much of the goal, or of what a plan that minimizes must reach."""
    for name, brings in _goals(scenario, bookings).items():
        total = float(brings.sum())
        if total <= 0:
            continue
        most = int(brings.argmax())
        share = float(brings[most]) / total
        least = _SHARE if len(bookings) >= _MANY else max(0.5, _EQUAL / len(bookings))
        if share > least and bookings[most].named and len(bookings) > 1:
            who = bookings[most].position
            told = f"{short(scenario.pool.ids[who])} brings {share:.0%} of the plan's {name}"
            rule = f"{{quantity: {name if name in scenario.quantities else 'spend'}, per: creator, at_most: 25%}}"
            mend = f"check this creator's figures; to spread the risk, add a rule: {rule}"
            yield _doubt("one-carries", told, mend, _place(scenario, who), scenario.pool.ids[who])
            return


def _goals(scenario: Scenario, bookings: Sequence[Booking]) -> dict[str, Floats]:
    """What each booking adds to the goal; to the lower bounds on the whole plan where the goal is to save."""
    if scenario.objective.sense == "maximize":
        weights = {name: float(weight) for name, weight in scenario.objective.weights}
        name = next(iter(weights)) if len(weights) == 1 else "goal"
        brings = [sum(booking.values.get(one, 0.0) * weight for one, weight in weights.items()) for booking in bookings]
        return {name: np.array(brings)}
    asked = [
        rule.measure.quantity
        for rule in scenario.rules
        if rule.kind == "absolute" and rule.at_least and not rule.group and rule.per is None and not rule.measure.people
    ]
    return {
        name: np.array([booking.values.get(name, 0.0) for booking in bookings])
        for name in dict.fromkeys(asked)
        if name not in ("creators", "deliverables", "posts", "gifts", "spend", "cash")
    }


def rates_above_pool(scenario: Scenario, bookings: Sequence[Booking]) -> Iterator[Doubt]:
    """Ask of rates that are, in the middle of the booked, far above those of creators of their platform and size."""
    booked = np.array([booking.position for booking in bookings if booking.named], dtype=np.int64)
    if len(booked) < _LEAST_BOOKED:
        return
    platforms, followers = _platforms(scenario), scenario.pool.columns.get("followers")
    size = logs(followers) if isinstance(followers, Numbers) else None
    for name, over_followers in (
        ("engagement_rate", False),
        ("average_engagements", True),
        ("average_views", True),
        ("view_rate", False),
    ):
        column = scenario.pool.columns.get(name)
        if not isinstance(column, Numbers) or (over_followers and size is None):
            continue
        values = logs(column) - size if over_followers and size is not None else logs(column)
        found = level(values, sized(size, platforms), platforms, 1.0)
        if found is None:
            continue
        apart = (values - found.usual)[booked]
        apart = apart[~np.isnan(apart)]
        times = float(np.exp(np.median(apart))) if len(apart) >= _LEAST_BOOKED else 1.0
        if times >= _TIMES:
            what = f"{name}{' over followers' if over_followers else ''}"
            told = f"{what} is {times:.1f} times that of comparable creators, in the middle of the booked"
            mend = f"check the highest figures, or leave them out: creators: {{where: {{{name}: {{to: ...}}}}}}"
            yield _doubt("rates-above-pool", told, mend, None, None)


def default_authenticity(scenario: Scenario, bookings: Sequence[Booking]) -> Iterator[Doubt]:
    """Ask of followers who are taken to be real because nothing is known of them."""
    named = [booking for booking in bookings if booking.named]
    unknown = [booking for booking in named if "authenticity" in booking.guessed]
    if not unknown:
        return
    whose = f"{len(unknown):,} of {len(named):,} booked creators"
    told = f"authenticity of {whose} is not known: it is taken as 100 %, also in the totals"
    mend = "fill the column authenticity, or say what is usual: assume: {authenticity: 85%}"
    yield _doubt("default-authenticity", told, mend, _place(scenario, unknown[0].position), None)


def _doubt(code: str, what: str, mend: str, place: Place | None, creator: str | None) -> Doubt:
    return Doubt(code, False, place, None if creator is None else short(creator), what, KINDS[code].why, mend)


def _place(scenario: Scenario, position: int) -> Place | None:
    row = int(scenario.pool.rows[position])
    return Place(scenario.pool_name or scenario.pool.file, row) if row else None


def _platforms(scenario: Scenario) -> Ints:
    found = scenario.pool.columns.get("platform")
    if not isinstance(found, Labels):
        return np.zeros(len(scenario.pool), dtype=np.int64)
    names = {name: at for at, name in enumerate(sorted({fold(entry) for entry in found.vocabulary}), 1)}
    codes: Ints = np.array([*(names[fold(entry)] for entry in found.vocabulary), 0], dtype=np.int64)[found.codes]
    return codes
