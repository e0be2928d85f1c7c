"""Philox4x32-10: random words that follow from a key and a counter, with no state between them.

Notes
-----
Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]  # words of 32 bits, in 64, so that products do not overflow
Four = tuple[Words, Words, Words, Words]

_ROUNDS: Final = 10
_MULTIPLIERS: Final = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_BUMPS: Final = 0x9E3779B9, 0xBB67AE85
_LOW: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)


def philox4x32(counter: Four, key: tuple[int, int]) -> Four:
    """Four random words for each counter.

    Parameters
    ----------
    counter
        Four words of 32 bits; their shapes need only fit together, so what is the same for many stays small.
    key
        Two words of 32 bits.
    """
    one, two, three, four = counter
    for turn in range(_ROUNDS):
        left, right = (np.uint64((word + turn * bump) & 0xFFFFFFFF) for word, bump in zip(key, _BUMPS, strict=True))
        first, third = one * _MULTIPLIERS[0], three * _MULTIPLIERS[1]
        one, two, three, four = (
            third >> _HALF ^ (two ^ left),
            third & _LOW,
            first >> _HALF ^ (four ^ right),
            first & _LOW,
        )
    return one, two, three, four


def key_of(seed: int) -> tuple[int, int]:
    """The key of a seed: its low and its high 32 bits."""
    return seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF


def hash_of(text: str) -> int:
    """The 64 bits by which a text is drawn for: the first 8 bytes of BLAKE2b, little endian."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")
