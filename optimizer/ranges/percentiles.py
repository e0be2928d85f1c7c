"""Percentiles of draws: sorted, those at the positions floor(share * draws) from 0; nothing is interpolated."""

from __future__ import annotations

from typing import Final

import numpy as np

from optimizer.domain.exact import Floats, Ints

PERCENTS: Final = (10, 50, 90)
_MANY: Final = 4096  # draws from which on buckets are faster than NumPy's partition, about three times
_BUCKET: Final = 46  # low bits of a float64 that its bucket leaves out: 64 buckets for each power of two
_BUCKETS: Final = 2048  # below so many from the highest, all are in one


def percentiles(values: Ints) -> tuple[int, int, int]:
    """The 10th, 50th and 90th percentile of whole numbers."""
    ten, fifty, ninety = np.sort(values)[_positions(values.size)].tolist()
    return ten, fifty, ninety


def of_rows(values: Floats) -> Floats:
    """The same of each row of an array (rows, draws), as (rows, 3)."""
    positions = _positions(values.shape[1])
    if values.shape[1] < _MANY:
        chosen: Floats = np.sort(values, axis=1)[:, positions]
        return chosen
    return np.array([_by_buckets(row, positions) for row in values])


def of_counts(counts: Floats) -> Floats:
    """The same of counts, which are often small enough to be counted themselves."""
    if counts.shape[1] < _MANY or counts.max() >= counts.shape[1]:
        return of_rows(counts)
    positions = _positions(counts.shape[1])
    ends = [np.cumsum(np.bincount(row)) for row in counts.astype(np.int64)]
    return np.array([np.searchsorted(row, positions, side="right") for row in ends], np.float64)


def _positions(draws: int) -> list[int]:
    return [percent * draws // 100 for percent in PERCENTS]


def _by_buckets(values: Floats, positions: list[int]) -> list[float]:
    """Only the buckets with the positions are sorted: floats that are not negative are in the order of their bits."""
    low = float(values.min())
    shifted = values - low if low < 0 else values + 0.0  # all are whole where any is negative, so this is exact
    buckets = shifted.view(np.int64) >> _BUCKET
    buckets -= int(buckets.max()) - _BUCKETS
    np.maximum(buckets, 0, out=buckets)
    ends = np.cumsum(np.bincount(buckets))
    chosen = []
    for position in positions:
        bucket = int(np.searchsorted(ends, position, side="right"))
        inside = values.take(np.flatnonzero(buckets == bucket))
        before = int(ends[bucket]) - inside.size
        least, most = float(inside.min()), float(inside.max())
        chosen.append(least if least == most else float(np.partition(inside, position - before)[position - before]))
    return chosen
