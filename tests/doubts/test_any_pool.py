"""Whatever a pool holds, asking ends without an error, and the order of its rows changes nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest

from optimizer.domain.exact import Currency
from optimizer.domain.pool import Labels, Numbers, Pool
from optimizer.doubts.asking import Asking, Settling
from optimizer.doubts.registry import doubts_of_pool
from tests.doubts.pools import asked, invented

np = pytest.importorskip("numpy")
FIGURES = (
    "followers viewers authenticity average_views average_views_story average_engagements engagement_rate view_rate fee"
    " fee_video fee_story click_rate audience_fr women posts_measured pinned_posts"
).split()
TEXTS = ("platform", "niche", "country", "tier")
WORDS = ("", "total", "Total", "a/b", "a", "skin care", "skincare", "@x", "…", "|", "Σ", "x" * 200)


def any_pool(draw: random.Random) -> Pool:
    size = draw.choice([0, 1, 2, 3, 4, 5, 9, 40, 300])
    names = sorted(f"{draw.choice(['ana', 'total', 'b_', 'b.', 'é'])}{at}" for at in range(size))
    columns: dict[str, Any] = {}
    for name in draw.sample(FIGURES, draw.randint(0, len(FIGURES))):
        cells = [_cell(draw, name) for _ in range(size)]
        scale = 100 if name.startswith("fee") else 1
        kind = np.int64 if scale == 100 else np.float64
        values = np.array([0 if cell is None else cell for cell in cells], dtype=kind)
        columns[name] = Numbers(values, np.array([cell is not None for cell in cells], dtype=np.bool_), scale)
    for name in draw.sample(TEXTS, draw.randint(0, len(TEXTS))):
        words = tuple(sorted(word for word in WORDS if word))
        codes = [draw.randint(-1, len(words) - 1) for _ in range(size)]
        columns[name] = Labels(np.array(codes, dtype=np.int64), words)
    rows = list(range(2, size + 2))
    draw.shuffle(rows)
    return Pool(names, names, columns, np.array(rows, dtype=np.int64), "pool.csv")


def _cell(draw: random.Random, name: str) -> float | None:
    shape = draw.random()
    if shape < 0.2:
        return None
    if shape < 0.4:
        return 0.0
    if shape < 0.5 and name == "women":
        return -5.0
    size = 10 ** draw.uniform(-3, 0 if "rate" in name or name in ("authenticity", "audience_fr") else 7)
    return float(int(size)) if name in ("followers", "posts_measured", "pinned_posts") else size


@pytest.mark.parametrize("seed", range(120))
def test_any_pool_can_be_asked(seed: int) -> None:
    pool = any_pool(random.Random(seed))
    for doubt in doubts_of_pool(Asking(pool, Currency("EUR")), Settling()).doubts:
        assert doubt.what
        assert doubt.why
        assert doubt.mend
        assert doubt.place is None or doubt.place.line is not None


def test_the_order_of_rows_changes_nothing() -> None:
    pool = invented(300)
    for at, factor in ((5, 1_000), (50, 0.001)):
        pool["fee"][at] = round((pool["fee"][at] or 40) * factor, 2)
    order = list(range(300))
    random.Random(1).shuffle(order)
    shuffled = {name: [column[at] for at in order] for name, column in pool.items()}
    assert {(d.code, d.creator, d.what) for d in asked(pool)} == {(d.code, d.creator, d.what) for d in asked(shuffled)}
    assert len(asked(pool)) >= 2
