"""Pools of creators whose true means are known."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.domain.pool import Labels, Numbers, Pool


def pool(**columns: Any) -> Pool:
    """A pool of columns, each an array or a list of texts; NaN and None are blanks."""
    size = len(next(iter(columns.values())))
    found = {}
    for name, values in columns.items():
        if any(isinstance(value, str) for value in values):
            words = sorted({value for value in values if value is not None})
            codes = [words.index(value) if value is not None else -1 for value in values]
            found[name] = Labels(np.array(codes, dtype=np.int64), tuple(words))
        else:
            numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
            known = ~np.isnan(numbers)
            found[name] = Numbers(np.where(known, numbers, 0.0), known)
    ids = [f"c{at:07d}" for at in range(size)]
    return Pool(ids, ids, found, np.arange(1, size + 1, dtype=np.int64))


def drawn(
    size: int, seed: int = 1, *, between: float = 0.45, post: float = 0.3364, posts: int | None = None
) -> tuple[Pool, np.ndarray, np.ndarray]:
    """A pool with log-normal creators and posts; the true mean of each creator, and what one more post brought."""
    rng = np.random.default_rng(seed)
    followers = np.rint(np.exp(rng.uniform(np.log(1_000), np.log(100_000), size)))
    niches = rng.integers(0, 3, size)
    log = -3.4 - 0.2 * np.log(followers / 10_000) + np.array([0.0, 0.2, -0.2])[niches]
    true = followers * np.exp(log + np.sqrt(between) * rng.standard_normal(size) + between / 2)
    n = rng.integers(1, 13, size) if posts is None else np.full(size, posts)

    def some(many: int) -> np.ndarray:
        return true * np.exp(np.sqrt(post) * rng.standard_normal((many, size)) - post / 2)

    rounds = some(12)
    mean = np.array([rounds[: n[at], at].mean() for at in range(size)])
    made = pool(
        followers=followers,
        average_engagements=np.rint(mean * 10) / 10,
        posts_measured=n.astype(float),
        platform=["Instagram"] * size,
        niche=[("beauty", "Food|Travel", "pets")[at] for at in niches],
    )
    return made, true, some(1)[0]
