"""The tables of the page on expected figures: our usual figures, and what the formula makes of a measured figure."""

from __future__ import annotations

from importlib import resources
from math import exp, log
from typing import Any

import numpy as np
import yaml

from optimizer.domain.forecast import Fit
from optimizer.expectations import usual
from optimizer.expectations.formula import Evidence, expected

PLATFORMS = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube", "other": "others"}
FIGURES = ("views", "engagements")
POSTS = (1, 2, 4, 12, 30)
MEASURED = (100, 400, 1_000, 4_000, 20_000)
FOLLOWERS = 10_000.0

Row = tuple[str, ...]


def table() -> dict[str, Any]:
    """The usual figures as they are shipped, with what they come from."""
    path = resources.files("optimizer.expectations") / "data" / "usual.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


USUAL_HEADINGS = ("platform", "figure", "at 1,000 followers", "at 10,000", "at 100,000", "creators", "posts", "source")


def usual_rows() -> list[Row]:
    """What is usual on each platform: over followers at three sizes, and by which factors creators and posts differ."""
    found = table()
    rows = []
    for key, name in PLATFORMS.items():
        for figure in FIGURES:
            said = found[key][figure]
            level, slope, curve = (float(said[part]) for part in ("level", "slope", "curve"))
            sizes = (log(followers / FOLLOWERS) for followers in (1_000, 10_000, 100_000))
            at = [f"{_digits(100 * exp(level + slope * size + curve * size * size), 2)} %" for size in sizes]
            spread = [f"{exp(float(said[part])):.2g}" for part in ("between", "post")]
            rows.append((name, figure, *at, *spread, str(said["source"])))
    return rows


ELSE_HEADINGS = ("what", "is", "source")


def else_rows() -> list[Row]:
    """The other figures of the table."""
    found = table()
    posts = [
        (f"posts behind a figure where nothing says it, {name}", f"{found[key]['posts']}", found[key]["posts_source"])
        for key, name in PLATFORMS.items()
    ]
    sponsored, age = found["sponsored"], found["half_life_months"]
    return [
        *posts,
        ("sponsored posts over other posts of the creator", f"{sponsored['effect']}", sponsored["source"]),
        ("months after which a post says half as much", f"{age['value']}", age["source"]),
    ]


def _fit() -> Fit:
    """Our table for engagements on Instagram, as if it were a pool's fit."""
    said = usual.usual("instagram", "average_engagements")
    return Fit(said.level, said.slope, said.curve, {}, said.between, said.post, 0.01, 1.0, 12.0, 0, "pack")


def expected_of(measured: float, posts: float) -> float:
    """What is expected of a creator with 10,000 followers; of a figure that is not a number, where none is measured."""
    one = Evidence(*(np.array([value]) for value in (FOLLOWERS, measured, posts, 0.0, np.nan)))
    return float(expected(_fit(), one, over=False, cautious=False)[0][0])


def believed_headings() -> Row:
    return ("measured, as the mean of", *(f"{posts} post{'s' if posts > 1 else ''}" for posts in POSTS))


def believed_rows() -> list[Row]:
    """What is expected, by how much was measured, over how many posts."""
    return [(f"{measured:,}", *(_digits(expected_of(measured, posts), 3) for posts in POSTS)) for measured in MEASURED]


def _digits(value: float, digits: int) -> str:
    """So many digits, the others zero."""
    short = float(f"{value:.{digits}g}")
    return f"{short:,.0f}" if short >= 10 else f"{short:g}"
