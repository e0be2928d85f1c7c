"""How each creator's audience spreads over the values of dimensions such as country, and so over cells of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.figures import AUDIENCE, joint_shares
from optimizer.domain.filters import fold
from optimizer.domain.pool import Labels, Numbers, Pool, values_of

SLACK = 0.02  # of a sum of shares, for figures that were rounded one by one
_MOST_KEYS = 2**62


@dataclass(frozen=True, eq=False)
class Dimension:
    """One way to part people: the folded name, and its values by their folded form as they are written."""

    name: str
    values: Mapping[str, str]

    @property
    def radix(self) -> int:
        """The digits of a key: 0 where a creator's value is not known, else the value's place, from 1."""
        return len(self.values) + 1


@dataclass(frozen=True, eq=False)
class Entries:
    """Shares of audiences: ascending by creator, each with a key, a number whose digits are values of dimensions."""

    creator: Ints
    key: Ints
    share: Floats

    def __len__(self) -> int:
        return len(self.creator)

    def take(self, rows: Ints) -> Entries:
        return Entries(self.creator[rows], self.key[rows], self.share[rows])


@dataclass(frozen=True, eq=False)
class Spread:
    """The audiences of a pool: `entries`, whose shares add up `over` 1 for some creators, and are `products` for some
    of shares that are known by one dimension each.
    """

    entries: Entries
    over: Flags
    products: Flags


def keys_fit(dimensions: Sequence[Dimension]) -> bool:
    """Whether the cells of some dimensions can be told apart by a number."""
    return prod(one.radix for one in dimensions) < _MOST_KEYS


def digits(key: Ints, dimensions: Sequence[Dimension]) -> list[Ints]:
    """The digits of keys, by dimension."""
    found: list[Ints] = []
    for one in reversed(dimensions):
        key, digit = np.divmod(key, one.radix)
        found.insert(0, digit)
    return found


def key_of(values: Sequence[int], dimensions: Sequence[Dimension]) -> int:
    """The key of some digits."""
    key = 0
    for digit, one in zip(values, dimensions, strict=True):
        key = key * one.radix + digit
    return key


def spread_over(pool: Pool, dimensions: Sequence[Dimension]) -> Spread:
    """How the audiences of a pool spread over cells: by shares of several dimensions at once where a creator has these,
    else by the product of those of one dimension each; by the creator's own value where there is no share.
    """
    everyone = np.arange(len(pool))
    entries = Entries(everyone, np.zeros(len(pool), dtype=np.int64), np.ones(len(pool)))
    over = np.zeros(len(pool), dtype=np.bool_)
    measured = np.zeros(len(pool), dtype=np.int64)  # by how many dimensions an audience is spread
    for one in dimensions:
        along, wrong, known = _along(pool, one)
        entries, over, measured = _joined(entries, along, one.radix, len(pool)), over | wrong, measured + known
    products = measured > 1
    if len(dimensions) > 1:
        joint, known, wrong = _joint(pool, dimensions)
        if known.any():
            over = np.where(known, wrong, over)
            products &= ~known
            rest = entries.take(np.flatnonzero(~known[entries.creator]))
            entries = _stacked(rest, joint)
    return Spread(entries, over, products)


def _along(pool: Pool, one: Dimension) -> tuple[Entries, Flags, Flags]:
    """The shares along one dimension; whose add up to more than 1; and who has several values."""
    size = len(pool)
    total, known = np.zeros(size), np.zeros(size, dtype=np.bool_)
    parts: list[tuple[Ints, int, Floats]] = []
    for at, value in enumerate(one.values, start=1):
        found = pool.columns.get(f"{AUDIENCE}{value}")
        if isinstance(found, Numbers):
            known |= found.known
            total += np.where(found.known, found.values, 0.0)
            rows = np.flatnonzero(found.known & (found.values > 0))
            parts.append((rows, at, found.values[rows].astype(np.float64)))
    creators = [rows for rows, _, _ in parts]
    keys = [np.full(len(rows), at, dtype=np.int64) for rows, at, _ in parts]
    shares = [values / np.maximum(total[rows], 1.0) for rows, _, values in parts]
    own = pool.columns.get(one.name)
    left = np.flatnonzero(~known)
    several = known.copy()
    if isinstance(own, Labels):
        place = {value: at for at, value in enumerate(one.values, start=1)}
        said = [[place.get(fold(value), -1) for value in values_of(entry)] for entry in own.vocabulary]
        counts = np.array([*map(len, said), 0], dtype=np.int64)
        flat = np.array([at for mine in said for at in mine], dtype=np.int64)
        starts = np.cumsum(counts) - counts
        rows = left[own.codes[left] >= 0]
        codes = own.codes[rows]
        which, item = _expanded(starts[codes], counts[codes])
        digit, many = flat[item], counts[codes][which]
        inside = digit > 0
        creators.append(rows[which][inside])
        keys.append(digit[inside])
        shares.append(1.0 / many[inside])
        several[rows] = counts[codes] > 1
        left = left[own.codes[left] < 0]
    creators.append(left)
    keys.append(np.zeros(len(left), dtype=np.int64))
    shares.append(np.ones(len(left)))
    return _sorted(creators, keys, shares), total > 1 + SLACK, several


def _joint(pool: Pool, dimensions: Sequence[Dimension]) -> tuple[Entries, Flags, Flags]:
    """The shares of several dimensions at once, who has any, and whose add up to more than 1."""
    size = len(pool)
    total, known = np.zeros(size), np.zeros(size, dtype=np.bool_)
    creators, keys, shares = list[Ints](), list[Ints](), list[Floats]()
    names = joint_shares([list(one.values) for one in dimensions])
    places = product(*(range(1, one.radix) for one in dimensions))
    for orders, place in zip(names, places, strict=False):
        found = next((pool.columns[name] for name in orders if name in pool.columns), None)
        if isinstance(found, Numbers):
            known |= found.known
            total += np.where(found.known, found.values, 0.0)
            rows = np.flatnonzero(found.known & (found.values > 0))
            creators.append(rows)
            keys.append(np.full(len(rows), key_of(place, dimensions), dtype=np.int64))
            shares.append(found.values[rows].astype(np.float64))
    shares = [values / np.maximum(total[rows], 1.0) for rows, values in zip(creators, shares, strict=True)]
    return _sorted(creators, keys, shares), known, total > 1 + SLACK


def spread_unknown(
    entries: Entries, dimensions: Sequence[Dimension], cells: Ints, people: Floats
) -> tuple[Entries, Flags]:
    """Entries with the digits that are not known filled in: over the `cells` (ascending keys) that fit, in proportion
    to their `people`. Returned with which of the cells that were made for this are none of those.

    Without a cell that fits, over all values of the dimension evenly.
    """
    unknown = np.zeros(len(entries), dtype=np.bool_)
    for digit in digits(entries.key, dimensions):
        unknown |= digit == 0
    if not unknown.any():
        return entries, unknown
    open_ = entries.take(np.flatnonzero(unknown))
    of_cells = digits(cells, dimensions)
    patterns, which = np.unique(open_.key, return_inverse=True)
    keys, weights, counts = list[Ints](), list[Floats](), list[int]()
    for said in np.stack(digits(patterns, dimensions), axis=1):
        fits = np.ones(len(cells), dtype=np.bool_)
        for digit, column in zip(said.tolist(), of_cells, strict=True):
            fits &= (digit == 0) | (column == digit)
        mine, weight = cells[fits], people[fits]
        if not len(mine):
            ways = [range(1, one.radix) if not digit else (digit,) for digit, one in zip(said, dimensions, strict=True)]
            mine = np.array([key_of(way, dimensions) for way in product(*ways)], dtype=np.int64)
            weight = np.ones(len(mine))
        total = float(weight.sum())
        keys.append(mine)
        weights.append(weight / total if total > 0 else np.full(len(mine), 1 / len(mine)))
        counts.append(len(mine))
    lengths = np.array(counts, dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    row, at = _expanded(starts[which], lengths[which])
    filled = [open_.creator[row]], [np.concatenate(keys)[at]], [open_.share[row] * np.concatenate(weights)[at]]
    kept = entries.take(np.flatnonzero(~unknown))
    return _summed(_stacked(kept, _sorted(*filled))), unknown


def _joined(first: Entries, second: Entries, radix: int, size: int) -> Entries:
    """Each creator's entries of one with those of the other; their shares are multiplied."""
    counts = np.bincount(second.creator, minlength=size)
    starts = np.cumsum(counts) - counts
    row, at = _expanded(starts[first.creator], counts[first.creator])
    return Entries(first.creator[row], first.key[row] * radix + second.key[at], first.share[row] * second.share[at])


def _expanded(starts: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """For rows with `counts` items each from `starts` on: the row of each item, and its place."""
    row = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return row, np.arange(len(row)) - first[row] + starts[row]


def _sorted(creators: Sequence[Ints], keys: Sequence[Ints], shares: Sequence[Floats]) -> Entries:
    none = np.zeros(0, dtype=np.int64)
    creator = np.concatenate([none, *creators])
    order = np.argsort(creator, kind="stable")
    return Entries(creator[order], np.concatenate([none, *keys])[order], np.concatenate([np.zeros(0), *shares])[order])


def _stacked(first: Entries, second: Entries) -> Entries:
    return _sorted([first.creator, second.creator], [first.key, second.key], [first.share, second.share])


def _summed(entries: Entries) -> Entries:
    """Each creator's cell once."""
    order = np.lexsort((entries.key, entries.creator))
    creator, key, share = entries.creator[order], entries.key[order], entries.share[order]
    begins = np.flatnonzero(np.r_[True, (creator[1:] != creator[:-1]) | (key[1:] != key[:-1])][: len(creator)])
    return Entries(creator[begins], key[begins], np.add.reduceat(share, begins) if len(begins) else share)
