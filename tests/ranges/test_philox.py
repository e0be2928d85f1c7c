"""Random words are those of Philox4x32-10, whoever computes them."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from optimizer.ranges.philox import hash_of, key_of, philox4x32
from optimizer.verification import drawn

# Of the file kat_vectors in the distribution of Random123: counter, key, words.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_the_known_answers_come_out(counter: str, key: str, expected: str) -> None:
    one, two, three, four = (np.array([word], np.uint64) for word in words(counter))
    low, high = words(key)
    result = philox4x32((one, two, three, four), (low, high))
    assert tuple(int(word[0]) for word in result) == words(expected)
    a, b, c, d = words(counter)
    assert drawn.philox((a, b, c, d), low + (high << 32)) == words(expected)


def test_counters_of_several_shapes_fit_together() -> None:
    first = np.array([[3], [5]], np.uint64)
    last = np.arange(7, dtype=np.uint64).reshape(1, 7)
    fixed = np.array([[9]], np.uint64)
    together = philox4x32((first, fixed, fixed, last), (1, 2))
    for row, column in ((0, 0), (1, 6), (1, 3)):
        alone = drawn.philox((int(first[row, 0]), 9, 9, column), 1 + (2 << 32))
        assert tuple(int(np.broadcast_to(word, (2, 7))[row, column]) for word in together) == alone


def test_a_seed_gives_both_words_of_the_key() -> None:
    assert key_of(2**32 * 7 + 5) == (5, 7)
    assert key_of(-1) == (2**32 - 1, 2**32 - 1)


def test_a_text_is_hashed_by_its_bytes() -> None:
    digest = hashlib.blake2b("é".encode(), digest_size=8).digest()
    assert hash_of("é") == sum(byte << 8 * at for at, byte in enumerate(digest))
