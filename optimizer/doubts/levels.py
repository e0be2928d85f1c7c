"""How far figures are from those of comparable creators, measured robustly on a logarithmic scale.

A figure is compared in proportion to another one (views over followers, a fee over views), within creators of one
platform and of about the same size. Its distance is counted in spreads of its own side: real figures have a longer tail
towards zero than upwards. Medians and spreads are taken from at most some ten thousand creators, so a million costs a
few passes over each column and no sort.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.domain.exact import Floats, Ints

SAMPLED = 40_000
SIZES = 20  # groups of one platform: unknown, and steps of followers
LEAST = 4  # creators with both figures, below which nothing is usual
_GROUP, _SIDE = 20, 100  # creators of a group from which its own median, and its own spread, are taken
_PRIOR = 12  # how many creators an assumed spread counts for
_LEAST_SPREAD = 0.25
# parts of a side, and where a normal distribution has them in standard deviations
_PARTS = ((0.80, 1.2816), (0.88, 1.5548))


@dataclass(frozen=True, eq=False)
class Level:
    """How one logarithm stands among the others: `far` is the distance in spreads, with its sign, NaN where the
    logarithm is. `middle` has the median of each group, `groups` the group of each creator."""

    middle: Floats
    groups: Ints
    far: Floats

    @property
    def usual(self) -> Floats:
        """The median of comparable creators, for each creator."""
        return self.middle[self.groups]


def level(logs: Floats, groups: Ints, platforms: Ints, assumed: float) -> Level | None:
    """Compare logarithms within groups.

    Parameters
    ----------
    logs
        One per creator; NaN where it is not known.
    groups
        Comparable creators have the same number; those of a group are of one platform.
    platforms
        The platform of each creator as a number, from 0 up.
    assumed
        The spread that such figures are known to have; it counts where creators are few.
    """
    known = np.flatnonzero(~np.isnan(logs))
    if len(known) < LEAST:
        return None
    sample = known[:: -(-len(known) // SAMPLED)]
    values, of_group, of_platform = logs[sample], groups[sample], platforms[sample]
    middle = np.full(int(groups.max()) + 1, np.median(values))
    broad = np.full(int(platforms.max()) + 1, np.median(values))
    _medians(values, of_platform, broad)
    middle[groups[known]] = broad[platforms[known]]
    _medians(values, of_group, middle)
    _spread_to_neighbours(middle, of_group)
    apart = values - middle[of_group]
    up, down = _side(apart, assumed), _side(-apart, assumed)
    ups, downs = np.full(len(broad), up), np.full(len(broad), down)
    for at in np.flatnonzero(np.bincount(of_platform) >= _SIDE).tolist():
        mine = apart[of_platform == at]
        ups[at], downs[at] = _side(mine, assumed), _side(-mine, assumed)
    far = logs - middle[groups]
    far /= np.where(far > 0, ups[platforms], downs[platforms])
    return Level(middle, groups, far)


def _medians(values: Floats, groups: Ints, into: Floats) -> None:
    """The median of each group that has enough creators."""
    order = np.lexsort((values, groups))
    ordered = groups[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    counts = np.diff(np.append(starts, len(ordered)))
    enough = counts >= _GROUP
    starts, counts = starts[enough], counts[enough]
    low, high = values[order[starts + (counts - 1) // 2]], values[order[starts + counts // 2]]
    into[ordered[starts]] = (low + high) / 2


def _spread_to_neighbours(middle: Floats, groups: Ints) -> None:
    """Sizes of a platform with few creators take the median of the nearest smaller size that has enough, or larger."""
    enough = np.bincount(groups, minlength=len(middle)) >= _GROUP
    for first in range(0, len(middle), SIZES):
        own = np.flatnonzero(enough[first : first + SIZES]) + first
        for at in range(first, min(first + SIZES, len(middle))) if len(own) else ():
            if not enough[at]:
                smaller = own[own < at]
                middle[at] = middle[smaller[-1] if len(smaller) else own[0]]


def _side(apart: Floats, assumed: float) -> float:
    """The spread of one side, from its larger values; a few wild ones among them do not count."""
    mine = apart[apart > 0]
    count = len(mine)
    if not count:
        return assumed
    measured = max(float(np.quantile(mine, part)) / deviations for part, deviations in _PARTS)
    return float(max((count * measured + _PRIOR * assumed) / (count + _PRIOR), _LEAST_SPREAD))


def sized(followers: Floats | None, platforms: Ints) -> Ints:
    """Groups of creators of one platform whose followers (as logarithms) are within a factor of about three."""
    steps = np.zeros(len(platforms), dtype=np.int64)
    if followers is not None:
        steps = np.where(np.isnan(followers), 0, np.clip(np.floor(followers * _PER_STEP), 0, SIZES - 2) + 1).astype(
            np.int64
        )
    return platforms * SIZES + steps


_PER_STEP = 2 / np.log(10)


def cliff(logs: Floats, *, upper: bool) -> float | None:
    """Where the values end at once, as in a list that was filtered by size; None where they thin out.

    Many values close to the end, and, but for a few, none for as much beyond it.
    """
    known = np.sort(logs[~np.isnan(logs)] * (1 if upper else -1))
    size = len(known)
    if size < _CLIFF_FROM:
        return None
    tail = known[-max(3, size // 33) :]  # the end is sought among the outer three in a hundred
    jumps = np.flatnonzero(np.diff(np.append(known[-len(tail) - 1], tail)) > _WIDTH)
    ends = [float(known[size - len(tail) - 1 + at]) for at in jumps.tolist()] + [float(known[-1])]
    for end in ends:
        if np.count_nonzero((known > end - _WIDTH) & (known <= end)) >= max(10, size // 100):
            return end if upper else -end
    return None


_CLIFF_FROM = 200
_WIDTH = float(np.log(1.25))
