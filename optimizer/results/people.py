"""What a plan says of the people whom it reaches, each counted once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SharedPeople:
    """Two booked creators, and how many people both reach."""

    creators: tuple[str, str]
    people: float


@dataclass(frozen=True, slots=True)
class People:
    """The people whom a plan reaches.

    `reach` counts each once, `gross_reach` once for each booking that reaches them, so that they have `contacts_each`
    on average. `by_two` and `by_three` are reached by at least two and three of the bookings. The audience has `cells`
    parts; `estimated`: how many people these have was drawn from the pool. `fallback_share` is the share of the reach
    by creators of whose overlap nothing was learned, None where nothing was to be learned. `shared` has the pairs with
    the most people in common, the largest first.
    """

    reach: float
    gross_reach: float
    contacts_each: float | None
    by_two: float
    by_three: float
    cells: int
    estimated: bool
    fallback_share: float | None
    shared: tuple[SharedPeople, ...]
