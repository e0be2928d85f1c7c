"""Means over few posts, or with pinned ones among them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.domain.figures import PINNED_POSTS as PINNED
from optimizer.domain.figures import POSTS_MEASURED as MEASURED
from optimizer.doubts.asking import Asking, Finding

_LEAST = 3


def few_posts(asking: Asking) -> Iterator[Finding]:
    """Ask of creators whose figures are means over fewer than three posts."""
    for name, numbers in asking.numbers.items():
        if name != MEASURED and not name.startswith(f"{MEASURED}_"):
            continue
        what = name.removeprefix(f"{MEASURED}_") if name != MEASURED else "the figures"
        rows = np.flatnonzero(numbers.known & (numbers.values < _LEAST))
        yield Finding(
            "few-posts",
            rows,
            lambda row, what=what, name=name: (  # type: ignore[misc]
                f"{what} of {asking.creator(row)} {'are' if name == MEASURED else 'is'} measured over"
                f" {_posts(float(asking.numbers[name].values[row]))} only"
            ),
            lambda _row: "measure more posts, or leave these figures blank, so that assume or a pack gives them",
            name,
        )


def pinned_posts(asking: Asking) -> Iterator[Finding]:
    """Ask of creators whose means have pinned posts among them."""
    numbers = asking.numbers.get(PINNED)
    if numbers is None:
        return
    yield Finding(
        "pinned-posts",
        np.flatnonzero(numbers.known & (numbers.values > 0)),
        lambda row: (
            f"{_posts(float(numbers.values[row]), 'pinned ')} among those that {asking.creator(row)} is measured by"
        ),
        lambda _row: "measure without the pinned posts",
        PINNED,
    )


def _posts(count: float, kind: str = "") -> str:
    return "no post" if not count else f"{count:,.0f} {kind}post{'' if count == 1 else 's'}"
