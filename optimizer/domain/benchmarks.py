"""Benchmarks: market figures from named sources, used where neither the creator's row nor the scenario gives one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Level = Literal["low", "base", "high"]
LEVELS: tuple[Level, ...] = ("low", "base", "high")

Followers = tuple[int, int | None]  # both inclusive; None where the source sets no upper bound


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One figure from one source, and the bookings that it applies to.

    Rates and factors are fractions. Money is in the currency's major unit, and for each 1,000 followers where
    `per_thousand_followers` says so. A `platform`, `deliverable` or `model` of None applies to all.

    Attributes
    ----------
    low, base, high
        The levels. A source that states one number gives it to all three. `low` is the lower number: a poor
        engagement rate, but a cheap fee.
    stated
        The levels that the source states itself; none where the figure is worked out from others.
    derived
        How the levels that are not stated were derived; empty where nothing was.
    denominator
        What the figure is counted over, in the source's terms.
    tier
        The source's own word for the size; `followers` says what it means by it.
    any_size
        Why the figure has no bounds of followers; empty where it has.
    model
        The pay models that it applies to, as in `pay`.
    """

    pack: str
    figure: str
    title: str
    low: Decimal
    base: Decimal
    high: Decimal
    stated: tuple[Level, ...]
    derived: str
    denominator: str
    source: str
    date: str
    note: str = ""
    currency: str | None = None
    per_thousand_followers: bool = False
    platform: str | None = None
    tier: str | None = None
    followers: Followers | None = None
    any_size: str = ""
    deliverable: str | None = None
    model: tuple[str, ...] | None = None

    def at(self, level: Level) -> Decimal:
        """The figure at a level."""
        return {"low": self.low, "base": self.base, "high": self.high}[level]

    @property
    def whom(self) -> str:
        """What the figure applies to, in words: `nano (1,000 to 9,999 followers), tiktok, on gift`."""
        parts = [size_words(self.tier, self.followers), self.platform, self.deliverable]
        if self.model is not None:
            parts.append(f"on {' or '.join(self.model)}")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement of a source that is shown but never used to fill a figure; `reason` says why.

    `figure` and `whom` are given where it belongs beside benchmarks in a comparison.
    """

    text: str
    value: str
    reason: str
    figure: str | None = None
    whom: str = ""


@dataclass(frozen=True, eq=False)
class Pack:
    """The figures of one source on one platform.

    The first of `benchmarks` that applies to a booking counts. `tiers` maps the source's own tiers to followers.
    `platform` and `region` describe the source; each figure says itself what it may be used for.
    """

    name: str
    title: str
    source: str
    date: str
    platform: str | None
    region: str | None
    currency: str | None
    tiers: Mapping[str, Followers]
    benchmarks: tuple[Benchmark, ...]
    shown: tuple[Shown, ...]
    note: str = ""
    link: str = ""

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures that the pack can fill, each once."""
        return tuple(dict.fromkeys(benchmark.figure for benchmark in self.benchmarks))

    def about(self, figure: str) -> tuple[Benchmark, ...]:
        """The pack's benchmarks of one figure, in the order in which they are tried."""
        return tuple(benchmark for benchmark in self.benchmarks if benchmark.figure == figure)


def size_words(tier: str | None, followers: Followers | None) -> str:
    """A size in words: `nano (1,000 to 9,999 followers)`."""
    if followers is None:
        return tier or "any size"
    low, high = followers
    if high is None:
        bounds = f"{low:,} followers and more"
    else:
        bounds = f"{low:,} to {high:,} followers" if low else f"up to {high:,} followers"
    return f"{tier} ({bounds})" if tier else bounds
