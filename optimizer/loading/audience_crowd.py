"""Whose audiences they are, and the cells that they are put together from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.curves import Curve
from optimizer.domain.dimensions import Offers
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.pool import Numbers, Pool
from optimizer.domain.scenario import Assumption
from optimizer.loading.schema import ScenarioFile

ROOM = 1 + 2e-6  # so that nobody reaches all people of a cell


@dataclass
class Part:
    """A part of an audience that is put together: cells, and entries by the creator's position among those left."""

    names: list[str] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    values: list[Mapping[str, str]] = field(default_factory=list)
    creator: list[Ints] = field(default_factory=list)
    cell: list[Ints] = field(default_factory=list)
    share: list[Floats] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Crowd:
    """Whose audience it is: the whole pool, who of it can be booked (`rows`), the audience of each creator where it is
    known, and how many bookings each may stand for.
    """

    pool: Pool
    rows: Ints
    unnamed: Flags
    people: Numbers
    times: Floats

    @property
    def left(self) -> Pool:
        """Those who can be booked."""
        return self.pool.take(self.rows)


def crowd_of(
    said: ScenarioFile, pool: Pool, rows: Ints, unnamed: Flags, assume: Mapping[str, tuple[Assumption, ...]]
) -> Crowd:
    """The audiences of a pool: `viewers`, else real followers."""
    times = np.ones(len(pool))
    for one in said.segments:
        at = pool.position(one.name)
        if at is not None:
            times[at] = float(one.available.value)
    viewers, followers = _figure(pool, "viewers", assume), _figure(pool, "followers", {})
    authentic = _figure(pool, "authenticity", assume)
    real = followers.values * np.where(authentic.known, authentic.values, 1.0)
    known = viewers.known | followers.known
    values = np.where(viewers.known, viewers.values, np.where(followers.known, real, 0.0))
    return Crowd(pool, rows, unnamed, Numbers(values, known), times)


def _figure(pool: Pool, name: str, assume: Mapping[str, tuple[Assumption, ...]]) -> Numbers:
    """A figure from the file, else from the scenario's own lines."""
    found = pool.columns.get(name)
    values, known = np.zeros(len(pool)), np.zeros(len(pool), dtype=np.bool_)
    if isinstance(found, Numbers):
        known = found.known.copy()
        values[known] = found.values[known]
    for line in assume.get(name, ()):
        if line.deliverables is None and not line.per_thousand_followers and not known.all():
            here = ~known & pool.matches(line.where.without(Offers.COLUMNS))
            values[here], known = float(line.value), known | here
    return Numbers(values, known)
