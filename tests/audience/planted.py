"""Audiences drawn with fan bases: people of one fan base follow the same creators more often."""

from __future__ import annotations

import numpy as np

from optimizer.audience.pairs import Pairs, pairs_of


def followed(creators: int = 120, people: int = 4_000, bases: int = 5, seed: int = 1) -> np.ndarray:
    """Who follows whom, of shape (people, creators)."""
    rng = np.random.default_rng(seed)
    base, mine = rng.integers(bases, size=creators), rng.integers(bases, size=people)
    known = np.zeros((people, creators), dtype=bool)
    for at in range(creators):
        chance = np.where(mine == base[at], 0.3, 0.01) * rng.uniform(0.4, 1.6)
        known[:, at] = rng.random(people) < chance
    return known


def overlaps(known: np.ndarray) -> np.ndarray:
    """The people whom each two share; on the diagonal, audiences."""
    return known.T.astype(float) @ known.astype(float)


def pairs(shared: np.ndarray, part: float = 1.0, seed: int = 2) -> Pairs:
    """All pairs, or a part of them, drawn at random."""
    first, second = np.triu_indices(len(shared), 1)
    some = np.random.default_rng(seed).random(len(first)) < part
    return pairs_of(len(shared), first[some], second[some], shared[first, second][some])


def reached(known: np.ndarray, sets: list[np.ndarray]) -> np.ndarray:
    """How many people each set truly reaches."""
    return np.array([known[:, one].any(axis=1).sum() for one in sets], dtype=float)
