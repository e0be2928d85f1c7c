"""Our table of what is usual on each platform, with its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from optimizer.domain.accounts import platform_key

OTHER = ""  # platforms that the table does not name


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a figure: see data/usual.yaml; variances instead of standard deviations."""

    level: float
    slope: float
    curve: float
    between: float
    post: float
    source: str


@cache
def _table() -> Mapping[str, Any]:
    text = (resources.files("optimizer.expectations") / "data" / "usual.yaml").read_text(encoding="utf-8")
    table: Mapping[str, Any] = yaml.safe_load(text)
    return table


def _of(platform: str) -> Mapping[str, Any]:
    """The part of the table for a platform."""
    part: Mapping[str, Any] = _table().get(platform_key(platform) or "other", _table()["other"])
    return part if "views" in part else _table()["other"]


def usual(platform: str, column: str) -> Usual:
    """What is usual for a column of a pool on a platform."""
    said = _of(platform)["views" if column.startswith("average_views") else "engagements"]
    between, post = (round(float(said[name]) ** 2, 6) for name in ("between", "post"))
    return Usual(float(said["level"]), float(said["slope"]), float(said["curve"]), between, post, str(said["source"]))


def posts(platform: str) -> float:
    """Over how many posts a figure is taken to be measured where nothing says it."""
    return float(_of(platform)["posts"])


def half_life_months() -> float:
    """After how many months a post says half as much."""
    return float(_table()["half_life_months"]["value"])


def sponsored() -> tuple[float, float]:
    """What sponsored posts bring against organic ones of the same creator, and the log error of that."""
    return float(_table()["sponsored"]["effect"]), float(_table()["sponsored"]["error"])
