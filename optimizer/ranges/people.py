"""People reached in each draw, each counted once: what bookings reach of an audience's cells, through its curves.

Of a cell with N people a booking that reaches G in all has the share p = min(G x share / N, 1 - 1e-6), and

    R = N (1 - (1 + sum of y)^(-k)),  y = min((1 - p)^(-1/k) - 1, 1e6 / k)     people follow creators unequally
    R = N (1 - exp(-sum of y)),       y = -ln(1 - p)                           chance overlap
    R = N if any booking is posted                                             each booking reaches all of the cell

A row that stands for several bookings reaches G / several by each, and its y counts so often. R is worked out in
float64 and rounded to whole millionths of a person for each cell, and to thousandths for all (decision 0038).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from optimizer.domain.curves import MOST_EXPOSED, NEARLY_ALL, UNIT, Curve
from optimizer.domain.exact import Flags, Floats, Ints

_AT_ONCE: Final = 50_000  # of a cell's bookings times draws, whose arrays stay in the cache
_ALIKE: Final = 46  # bits by which shares of cells are told apart: roundoff makes no cells of its own
_MOST: Final = MOST_EXPOSED / UNIT
_PER_GROSS: Final = 1000  # millionths in a thousandth


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Whom rows may reach: entries (e,) of a row, a cell of the audience and the share of the row's gross reach that
    is in it. `curves` are those of the cells; a row `stands_for` (n,) so many bookings.
    """

    row: Ints
    cell: Ints
    share: Floats
    stands_for: Floats
    curves: tuple[Curve, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn from: ValueError with the name of the field."""
        within = (("row", self.row, len(self.stands_for)), ("cell", self.cell, len(self.curves)))
        for name, places, size in within:
            if not ((places >= 0) & (places < size)).all():
                raise ValueError(f"{name}: must be between 0 and {size - 1}")
        if not ((self.share >= 0) & np.isfinite(self.share)).all():
            raise ValueError("share: must not be below 0")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Whose reach is asked: of which rows (n,), over which cells (c,)."""

    rows: Flags
    cells: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is drawn for each row, of shape (n, draws): the gross reach in thousandths, and whether it is posted."""

    gross: Floats
    posted: Flags

    @property
    def draws(self) -> int:
        return int(self.gross.shape[1])

    @classmethod
    def nothing(cls, rows: int, draws: int) -> Seen:
        """Nothing yet."""
        return cls(np.zeros((rows, draws)), np.zeros((rows, draws), dtype=np.bool_))


def reached(people: People, seen: Seen, asked: Sequence[Asked], threads: int = 1) -> list[Ints]:
    """The people, in thousandths, who are reached in each draw; for each that is asked an array (draws,)."""
    crowds, ways = _merged(people, asked)
    work = _Work(ways, seen, asked, _kept(ways, seen))
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(work.run, (crowds[first::threads] for first in range(threads))))
    totals = (np.sum([part[at] for part in parts], axis=0) for at in range(len(asked)))
    return [np.rint(total / _PER_GROSS).astype(np.int64) for total in totals]


# --- cells that the same rows reach ---


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Ways (u,) in which rows reach cells: the row, how many bookings it stands for, which share of the cell a
    thousandth of its gross reach is, and the cell's curve: its k, infinite for chance overlap; 0: all of it.
    """

    row: Ints
    often: Floats
    factor: Floats
    k: Floats

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True, eq=False)
class _Crowd:
    """Cells that the same rows reach in the same ways: their people (millionths), the ways, and by whom asked."""

    people: int
    ways: Ints
    asking: Sequence[int]


def _merged(people: People, asked: Sequence[Asked]) -> tuple[list[_Crowd], _Ways]:
    """The cells, those as one that the same rows reach alike: in a sample most of them."""
    k_of = np.array([_k(curve) for curve in people.curves])
    sizes = np.array([curve.people for curve in people.curves], dtype=np.float64)
    k, often = k_of[people.cell], people.stands_for[people.row]
    factor = np.where(k == 0, 0.0, people.share * (_PER_GROSS / often) / sizes[people.cell])
    mantissa, exponent = np.frexp(factor)
    rounded = np.ldexp(np.rint(np.ldexp(mantissa, _ALIKE)), exponent - _ALIKE)
    keys = np.stack([people.row, k, rounded], axis=1)
    _, first, way = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    wanted = np.array([one.cells for one in asked], dtype=np.bool_).reshape(len(asked), len(people.curves))
    order = np.lexsort((way, people.cell))
    cells, starts = np.unique(people.cell[order], return_index=True)
    ends, way = np.append(starts, len(order))[1:], way[order]
    found: dict[tuple[bytes, bytes], int] = {}
    for cell, start, end in zip(cells.tolist(), starts.tolist(), ends.tolist(), strict=True):
        key = wanted[:, cell].tobytes(), way[start:end].tobytes()
        found[key] = found.get(key, 0) + people.curves[cell].people
    crowds = [
        _Crowd(size, np.frombuffer(ways, dtype=way.dtype), np.flatnonzero(np.frombuffer(flags, np.bool_)).tolist())
        for (flags, ways), size in found.items()
    ]
    return crowds, _Ways(people.row[first], often[first], factor[first], k[first])


def _k(curve: Curve) -> float:
    return 0.0 if curve.all_of_it else np.inf if curve.k is None else float(curve.k)


# --- through the curves ---


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What all threads read; `kept` are the exposures of all ways, where these are few."""

    ways: _Ways
    seen: Seen
    asked: Sequence[Asked]
    kept: Floats | None

    def run(self, crowds: Sequence[_Crowd]) -> list[Floats]:
        """How many people (millionths) of some crowds are reached: whole numbers, so the same in any order."""
        totals = [np.zeros(self.seen.draws) for _ in self.asked]
        for crowd in crowds:
            groups: dict[bytes, list[int]] = {}
            for at in crowd.asking:
                groups.setdefault(self.asked[at].rows[self.ways.row[crowd.ways]].tobytes(), []).append(at)
            masks = [np.frombuffer(group, dtype=np.bool_) for group in groups]
            for found, asking in zip(self._reached(crowd, masks), groups.values(), strict=True):
                for at in asking:
                    totals[at] += found
        return totals

    def _reached(self, crowd: _Crowd, masks: Sequence[Flags]) -> Iterator[Floats]:
        """The people of a crowd whom each group of its ways reaches."""
        k = self.ways.k[crowd.ways[0]]
        if k == 0:
            rows = self.ways.row[crowd.ways]
            for mask in masks:
                posted: Flags = np.logical_or.reduce(self.seen.posted[rows[mask]], axis=0)
                yield np.where(posted, float(crowd.people), 0.0)
            return
        sums = [np.zeros(self.seen.draws) for _ in masks]
        for part in _parts(len(crowd.ways), self.seen.draws):
            mine = crowd.ways[part]
            block = _exposures(self.ways, mine, self.seen) if self.kept is None else self.kept[mine]
            for at, mask in enumerate(masks):
                if mask[part].any():
                    sums[at] += (block if mask[part].all() else block[mask[part]]).sum(axis=0)
        for total in sums:
            left = -total if np.isinf(k) else np.log1p(total) * -k
            yield np.rint(crowd.people * (1.0 - np.exp(left)))


def _kept(ways: _Ways, seen: Seen) -> Floats | None:
    """The exposures of all ways at once, if there are no more than rows: as in samples, where each has a single one."""
    if len(ways) > len(seen.gross):
        return None
    found = np.zeros((len(ways), seen.draws))
    for k in np.unique(ways.k[ways.k > 0]).tolist():
        mine = np.flatnonzero(ways.k == k)
        for part in _parts(len(mine), seen.draws):
            found[mine[part]] = _exposures(ways, mine[part], seen)
    return found


def _parts(size: int, draws: int) -> Iterator[slice]:
    """So many at once that their arrays stay in the cache."""
    step = max(1, _AT_ONCE // draws)
    yield from (slice(start, start + step) for start in range(0, size, step))


def _exposures(ways: _Ways, mine: Ints, seen: Seen) -> Floats:
    """What some ways of one curve add to the sum of their cell, y of shape (ways, draws)."""
    y = seen.gross[ways.row[mine]]
    y *= ways.factor[mine, None]
    np.minimum(y, NEARLY_ALL, out=y)
    np.subtract(1.0, y, out=y)
    np.log(y, out=y)
    k = float(ways.k[mine[0]])
    if np.isinf(k):
        np.negative(y, out=y)
    else:
        y *= -1.0 / k
        np.exp(y, out=y)
        y -= 1.0
        np.minimum(y, _MOST / k, out=y)
    often = ways.often[mine, None]
    return y if (often == 1.0).all() else y * often
