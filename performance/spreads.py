"""How far outcomes fall from what is expected: of one post, and of totals; part of `performance/expectations.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from optimizer.domain.exact import Floats, Ints
from optimizer.domain.forecast import Common, Fitted, Outlook
from performance.splits import NAMES, Budgets, Part, Split, chosen, distances, inside

EVERY: Final = "of all creators"
FAR: Final = (-np.inf, -2.0, 0.0, 2.0, 3.0, np.inf)  # standard deviations
SUBPOOLS, EACH, DRAWS = 30, 10, 2_000
_SUBPOOLS, _WIDTHS = 4, 9  # streams of random numbers


def ranges(one: Split, budgets: Budgets, expecting: Outlook) -> Iterator[Part]:
    """How often one post lies in its 80 % range, and on which side it misses."""
    below, above = inside(one.outcomes, expecting)
    mine = chosen(expecting.values, one.fees, budgets.names[-1])
    for of, low, high in ((EVERY, below, above), ("of the 180 chosen", below[mine], above[mine])):
        for side, flags in (("inside", ~(low | high)), ("below", low), ("above", high)):
            yield f"80 % range of one post: {side}, {of}", float(flags.sum()), float(len(flags))


def totals(one: Split, number: int, expecting: Outlook) -> Iterator[Part]:
    """The same of totals: the best ten by value over fee of each of disjoint sub-pools, each creator for itself."""
    rng = np.random.default_rng([_SUBPOOLS, number])
    order, low, high = rng.permutation(len(one.fees)), 0, 0
    many = max(1, min(SUBPOOLS, len(order) // (3 * EACH)))
    for some in np.array_split(order, many):
        best = some[np.argsort(-expecting.values[some] / one.fees[some], kind="stable")[:EACH]]
        drawn = _drawn(expecting, best, rng).sum(axis=1)
        ends = np.quantile(drawn, [0.1, 0.9])
        total = one.outcomes[best].sum()
        low, high = low + int(total < ends[0]), high + int(total > ends[1])
    for side, count in (("inside", many - low - high), ("below", low), ("above", high)):
        yield f"80 % range of a total of ten, no common errors: {side}", count, many


def far_above(one: Split, expecting: Outlook, found: Fitted) -> Iterator[Part]:
    """What creators bring by how far their mean lies from what is usual for their kind, as shares of followers."""
    apart = distances(one, found)
    for low, high in pairwise(FAR):
        mine = (apart >= low) & (apart < high)
        name = (
            f"{low:g} to {high:g}"
            if np.isfinite([low, high]).all()
            else f"over {low:g}"
            if low > 0
            else f"below {high:g}"
        )
        brought = (one.outcomes / one.followers)[mine].sum()
        yield (
            f"means {name} deviations from their kind: creators in 1,000",
            1000.0 * float(mine.sum()),
            float(len(mine)),
        )
        for way, figures in (("measured", one.means), ("expected", expecting.values)):
            yield (
                f"means {name} deviations from their kind: {way} over outcome",
                (figures / one.followers)[mine].sum(),
                brought,
            )


def widths(one: Split, number: int, budgets: Budgets, expecting: Outlook) -> Iterator[Part]:
    """The ends of the 80 % ranges of the chosen plans' totals, with the errors that bookings share and without them.

    Shared errors are log-normal around 1, as usual where the scenario says nothing: of the figure, of the campaign, of
    the platform (there is one), and of each niche.
    """
    rng, common = np.random.default_rng([_WIDTHS, number]), Common()
    words = sorted(set(one.niches))
    niche = np.array([words.index(word) for word in one.niches], dtype=np.int64)
    for names, budget in zip(NAMES, budgets.names, strict=True):
        mine = chosen(expecting.values, one.fees, budget)
        alone = _drawn(expecting, mine, rng)
        by_niche = _around_one(rng, common.niche, (DRAWS, len(words)))[:, niche[mine]]
        of_all = [_around_one(rng, sd, (DRAWS, 1)) for sd in (common.bias, common.campaign, common.platform)]
        shared = alone * by_niche * np.prod(of_all, axis=0)
        for errors, drawn in (("without", alone), ("with", shared)):
            ends = np.quantile(drawn.sum(axis=1), [0.1, 0.9]).tolist()
            for side, end in zip(("low", "high"), ends, strict=True):
                what = f"80 % range of a plan of {names} names, {errors} common errors: {side} end over promise"
                yield what, end, float(expecting.values[mine].sum())


def _drawn(expecting: Outlook, rows: Ints, rng: np.random.Generator) -> Floats:
    """What one post of each of some creators brings, (DRAWS, k)."""
    spread = np.sqrt(expecting.creator[rows] + expecting.post[rows])
    return expecting.values[rows] * _around_one(rng, spread, (DRAWS, len(rows)))


def _around_one(rng: np.random.Generator, sd: Floats | float, shape: tuple[int, int]) -> Floats:
    """Log-normal factors whose mean is 1."""
    factors: Floats = np.exp(sd * rng.standard_normal(shape) - np.square(sd) / 2)
    return factors
