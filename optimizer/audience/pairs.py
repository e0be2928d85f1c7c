"""Measured pairs of creators, with how many people they share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of creators by position, `first < second`, sorted, each once, with the people whom they share.

    `size` is the number of creators. With `others_share_nobody` a pair that is not listed is known to share nobody;
    else it is unknown.
    """

    size: int
    first: Ints
    second: Ints
    shared: Floats
    others_share_nobody: bool = False

    def __len__(self) -> int:
        return len(self.first)

    @property
    def every(self) -> int:
        """How many pairs of creators there are."""
        return self.size * (self.size - 1) // 2

    @property
    def known(self) -> int:
        """How many pairs are known."""
        return self.every if self.others_share_nobody else len(self)

    @property
    def codes(self) -> Ints:
        """One number for each pair, ascending."""
        return self.first * self.size + self.second

    def take(self, which: Flags | Ints) -> Pairs:
        """Some of the listed pairs."""
        return replace(self, first=self.first[which], second=self.second[which], shared=self.shared[which])

    def among(self, creators: Ints) -> Pairs:
        """The pairs among some creators (ascending), by their positions among these."""
        place = np.full(self.size, -1, dtype=np.int64)
        place[creators] = np.arange(len(creators))
        inside = (place[self.first] >= 0) & (place[self.second] >= 0)
        first, second = place[self.first[inside]], place[self.second[inside]]
        return Pairs(len(creators), first, second, self.shared[inside], self.others_share_nobody)


def pairs_of(size: int, first: Ints, second: Ints, shared: Floats, *, others_share_nobody: bool = False) -> Pairs:
    """Pairs in order, whatever order they come in, and whoever of the two stands first; each pair must occur once."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((high, low))
    return Pairs(size, low[order], high[order], shared[order].astype(np.float64), others_share_nobody)


def held_back(pairs: Pairs, share: float, seed: int, most: int) -> Pairs:
    """Some of the known pairs, drawn at random: at most so many, and with those that are known to share nobody."""
    rng = np.random.default_rng(seed)
    count = min(most, max(1, round(share * pairs.known)))
    if not pairs.others_share_nobody:
        return pairs.take(np.sort(rng.permutation(len(pairs))[:count]))
    drawn = rng.integers(pairs.size, size=(2, 3 * count))
    codes = np.unique(drawn.min(axis=0) * pairs.size + drawn.max(axis=0))
    codes = np.sort(rng.permutation(codes[codes // pairs.size != codes % pairs.size])[:count])
    shared = np.zeros(len(codes))
    listed = pairs.codes
    at = np.minimum(np.searchsorted(listed, codes), max(0, len(listed) - 1))
    if len(listed):
        shared = np.where(listed[at] == codes, pairs.shared[at], 0.0)
    return Pairs(pairs.size, codes // pairs.size, codes % pairs.size, shared)
