"""Measures the draws of a plan, beside as many plain normals of NumPy.

    .venv/bin/python performance/ranges.py                  # 500 bookings, 10,000 draws
    .venv/bin/python performance/ranges.py 2000 1000
    .venv/bin/python performance/ranges.py 40 10000 54      # and people reached in so many cells

Prints the best of five runs of each, and their ratio, which depends less on the machine than the seconds do.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np

from optimizer.domain.curves import Curve
from optimizer.ranges.drawing import drawn
from optimizer.ranges.outlook import QUANTITIES, Group, Outlook
from optimizer.ranges.people import People

RUNS = 5
SHOWN = ("impressions", "gross_reach", "engagements", "clicks", "conversions", "revenue", "profit")  # as plans do


def outlook_of(bookings: int) -> Outlook:
    """A usual campaign: some commission, one kind or two, most conversions few."""
    generator = np.random.default_rng(7)
    impressions = generator.lognormal(9, 1, bookings)
    kinds = np.array([1, 1]) * (generator.random((bookings, 2)) < [1, 0.3])
    amounts = generator.integers(2_000, 100_000, bookings)
    none = np.zeros(bookings, np.int64)
    return Outlook(
        keys=[f"@creator{at} video 1" for at in range(bookings)],
        platform=generator.integers(0, 2, bookings),
        platforms=("instagram", "tiktok"),
        niche=generator.integers(0, 12, bookings),
        niches=tuple(f"niche {at}" for at in range(12)),
        post_rate=np.where(generator.random(bookings) < 0.5, 1.0, 0.7),
        views_sd=(np.full(bookings, 0.3), np.full(bookings, 0.8)),
        engagements_sd=(np.full(bookings, 0.3), np.full(bookings, 0.6)),
        impressions=impressions,
        paid=np.zeros(bookings),
        engagements=impressions * 0.05,
        clicks=impressions * 0.01,
        conversions=impressions * 0.0003,
        by_engagements=np.zeros(bookings, np.bool_),
        viewers=impressions * 1.5,
        seen=impressions[:, None] * np.array([0.7, 0.3]),
        pieces=kinds,
        reach_scale=np.ones(bookings),
        fee=amounts,
        fixed_cash=none + 500,
        product=none + 2_000,
        rate=np.where(generator.random(bookings) < 0.3, 100_000, 0),
        per_conversion=none,
        cap=none - 1,
        order_value=none + 4_000,
        margin=none + 400_000,
        agency=none + 150_000,
        fixed={"creators": np.ones(bookings)},
    )


def reaching(outlook: Outlook, cells: int, k: Fraction | None) -> Outlook:
    """The same bookings, each of which reaches people of all of so many cells."""
    bookings = len(outlook)
    row, cell = np.divmod(np.arange(bookings * cells), cells)
    share = np.random.default_rng(8).dirichlet(np.ones(cells), bookings).reshape(-1)
    people = int(outlook.viewers.sum() / cells * 10**6)
    return replace(outlook, people=People(row, cell, share, np.ones(bookings), (Curve(people, k),) * cells))


def with_people(outlook: Outlook, groups: Sequence[Group], draws: int) -> None:
    """Draw all that is drawn, and people reached."""
    drawn(outlook, None, groups, draws, quantities=(*QUANTITIES, "reach"), each=SHOWN, each_alone=False)


def best(work: Callable[[], object]) -> float:
    """The shortest of some runs, in seconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main(bookings: int = 500, draws: int = 10_000, cells: int = 0) -> None:
    """Measure and print."""
    outlook = outlook_of(bookings)
    start = time.perf_counter()
    drawn(outlook, draws=8)
    tables = time.perf_counter() - start
    groups = [Group(outlook.niche == at, ("spend", "conversions")) for at in range(4)]
    ours = best(lambda: drawn(outlook, groups=groups, draws=draws, each=SHOWN, each_alone=False))
    plain = best(lambda: np.random.default_rng().standard_normal((bookings, draws)))
    print(f"tables, once: {tables:.3f} s")
    print(f"{bookings:,} bookings x {draws:,} draws: {ours:.3f} s, {ours / plain:.1f} times as many plain normals")
    for name, k in (("by chance", None), ("k of 1.5", Fraction(3, 2))) if cells else ():
        more = best(partial(with_people, reaching(outlook, cells, k), groups, draws))
        print(f"with people of {cells} cells, {name}: {more:.3f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
