"""Log-normal factors of mean 1: those that bookings share, and each booking's own."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.ranges.outlook import Common
from optimizer.ranges.philox import Words, hash_of, key_of, philox4x32
from optimizer.ranges.tables import FINE, kept, normals, power

OWN: Final = 0  # the stream of what is drawn for one booking
SHARED: Final = 1  # and of what bookings share
_UNITS: Final = float(1 << FINE)
_KEPT: Final = 64  # products of a platform's and a niche's factors that are held


def own_words(keys: list[str], draws: int, seed: int) -> tuple[Ints, Ints]:
    """Two words for each booking and draw, shape (bookings, draws): of one counter, two for each of two draws."""
    hashes = np.array([hash_of(key) for key in keys], np.uint64).reshape(-1, 1)
    one, two, three, four = philox4x32(_counter(hashes, OWN, (draws + 1) // 2), key_of(seed))
    return _alternating(one, three)[:, :draws], _alternating(two, four)[:, :draws]


def _counter(hashes: Words, stream: int, count: int) -> tuple[Words, Words, Words, Words]:
    turns = np.arange(count, dtype=np.uint64).reshape(1, -1)
    return hashes & np.uint64(0xFFFFFFFF), hashes >> np.uint64(32), np.full((1, 1), stream, np.uint64), turns


def _alternating(even: Words, odd: Words) -> Ints:
    both = np.empty((even.shape[0], 2 * even.shape[1]), np.int64)
    both[:, 0::2] = even
    both[:, 1::2] = odd
    return both


def factors(creator: Floats, posts: Floats, sds: tuple[Floats, Floats]) -> Floats:
    """A factor for each booking and draw, from its two normals (bookings, draws) and the sds of both (bookings,).

    `exp(creator sd_1 + posts sd_2 - (sd_1**2 + sd_2**2) / 2)`, times what keeps the mean (`kept`).
    """
    first, second = (sd.reshape(-1, 1) for sd in sds)
    exponents = creator * (first * _UNITS)
    exponents += posts * (second * _UNITS)
    exponents -= (first * first + second * second) * (0.5 * _UNITS)
    result = power(exponents)
    result *= np.array([kept(one) * kept(two) for one, two in zip(*sds, strict=True)]).reshape(-1, 1)
    return result


class Shared:
    """The factors that bookings share, one for each draw; keyed by names, so that the order of rows changes nothing."""

    def __init__(self, common: Common, draws: int, seed: int) -> None:
        self._common, self._draws, self._key = common, draws, key_of(seed)
        campaign = self._factor("campaign", common.campaign)
        self.views = self._factor("figure views", common.bias) * campaign
        self.engagements = self._factor("figure engagements", common.bias) * campaign
        self.of = lru_cache(_KEPT)(self._of)

    def _of(self, platform: str, niche: str) -> Floats:
        """The factor of a platform times that of a niche, shape (draws,)."""
        first = self._factor(f"platform {platform}", self._common.platform)
        return first * self._factor(f"niche {niche}", self._common.niche)

    def _factor(self, name: str, sd: float) -> Floats:
        hashes = np.array([[hash_of(name)]], np.uint64)
        words = philox4x32(_counter(hashes, SHARED, (self._draws + 7) // 8), self._key)
        lanes = [part for word in words for part in (word[0] & np.uint64(0xFFFF), word[0] >> np.uint64(16))]
        normal = normals().take(np.stack(lanes, axis=1).reshape(-1)[: self._draws].astype(np.int64))
        return power(normal * (sd * _UNITS) - sd * sd * (0.5 * _UNITS)) * kept(sd)
