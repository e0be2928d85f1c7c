"""Audiences of drawn bookings, and whom they reach by the exact curves."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from fractions import Fraction

import numpy as np

from optimizer.domain.audience import Audience, audience_of
from optimizer.domain.curves import Curve, exposure_of
from optimizer.domain.exact import Floats, Ints
from optimizer.ranges.outlook import Outlook
from optimizer.ranges.people import People

MICRO = 10**6
Shape = tuple[Fraction | None, bool]  # k, and whether a booking reaches all of a cell
SHAPES: tuple[Shape, ...] = (
    (None, False),
    (Fraction("0.1"), False),
    (Fraction("0.7"), False),
    (Fraction(1), False),
    (Fraction(5, 2), False),
    (None, True),
)


def audience(
    creators: int, cells: int, seed: int, *, people: int = 20_000, shapes: Sequence[Shape] = SHAPES
) -> Audience:
    """Cells of all sorts of curves; of each creator some cells, in some of which it reaches nearly nobody."""
    rng = np.random.default_rng(seed)
    kinds = [shapes[at] for at in rng.integers(0, len(shapes), cells)]
    curves = [Curve(int(people * rng.uniform(0.2, 2) * MICRO), *kind) for kind in kinds]
    there = rng.random((creators, cells)) < 0.7
    share = np.where(there, rng.choice([1e-4, 0.3, 0.9], (creators, cells)) * rng.random((creators, cells)), 0.0)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1.0)
    creator, cell = np.nonzero(share)
    values = [{"country": ("fr", "de")[at % 2]} for at in range(cells)]
    names = [f"cell {at}" for at in range(cells)]
    return audience_of(names, curves, values, (creator, cell, share[creator, cell]), creators)


def sample(creators: int, people: int, seed: int, *, views: bool) -> Audience:
    """A cell for each person: seen by all who follow, or by as many as the views say."""
    rng = np.random.default_rng(seed)
    follows = rng.random((creators, people)) < rng.uniform(0.02, 0.5, (creators, 1))
    creator, cell = np.nonzero(follows)
    each = 3_700_001
    share = 1.0 / np.maximum(follows.sum(axis=1), 1)[creator]
    curves = [Curve(each, None, not views)] * people
    return audience_of([f"p{at}" for at in range(people)], curves, [{}] * people, (creator, cell, share), creators)


def people_of(crowd: Audience, creators: Ints, often: Floats | None = None) -> People:
    """Whom rows of some creators reach."""
    row, place = crowd.entries(creators)
    each = np.ones(len(creators)) if often is None else often
    return People(row, crowd.cell[place], crowd.share[place], each, crowd.curves)


def seeing(outlook: Outlook, people: People) -> Outlook:
    """An outlook whose rows reach people."""
    return dataclasses.replace(outlook, people=people)


def exactly(people: People, rows: Collection[int], cells: Collection[int], gross: Ints, posted: Ints) -> float:
    """The people whom some rows reach in one draw, of which `gross` (n,) are the thousandths that each reaches by
    itself: by the curves as the program has them, to 60 digits.
    """
    exposed = dict.fromkeys(cells, 0)
    for row, cell, share in zip(people.row.tolist(), people.cell.tolist(), people.share.tolist(), strict=True):
        if cell not in exposed or row not in rows:
            continue
        curve, often = people.curves[cell], float(people.stands_for[row])
        if curve.all_of_it:
            exposed[cell] += int(posted[row]) * 10**9
            continue
        mine = min(round(int(gross[row]) * 1000 * share / often), curve.people)
        exposed[cell] += round(often * exposure_of(mine, curve.people, curve.k)) if mine > 0 else 0
    return sum(people.curves[cell].reached(e) for cell, e in exposed.items()) / MICRO
