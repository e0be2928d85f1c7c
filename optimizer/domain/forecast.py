"""What a scenario says about its forecast, and what a fit is: plain data that a plan states and `verify` applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.pool import Numbers

Rates = Literal["expected", "pooled", "measured", "cautious"]

POOLED = ("average_views", "average_engagements", "engagement_rate")  # means over posts; views of a kind too
COUNTED = {"click_rate": "impressions_measured", "conversion_rate": "clicks_measured"}  # shares of so many
SINGLE = {  # means of what single posts are known to have brought
    "average_views": "views",
    "average_engagements": "interactions",
    "engagement_rate": "interactions",
}
LEAST = 30  # creators with a figure from which on the pool itself says what is usual


@dataclass(frozen=True, slots=True)
class Common:
    """Log standard deviations of errors that bookings share: of a figure, the campaign, a platform, a niche."""

    bias: float = 0.3
    campaign: float = 0.2
    platform: float = 0.1
    niche: float = 0.1


@dataclass(frozen=True, slots=True)
class Forecast:
    """The scenario's `forecast`: which figures are planned with, and how outcomes are drawn.

    `rates`: `expected` pools figures that 30 creators or more have, `pooled` those of few too, `cautious` takes the
    lower end, `measured` takes them as the file has them. `unmeasured`: whether creators without a figure get what
    `assume` says or, before that, what the pool expects of them.
    """

    rates: Rates = "expected"
    unmeasured: Literal["assumed", "expected"] = "assumed"
    common: Common = field(default_factory=Common)
    draws: int = 10_000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Fit:
    """What is usual on one platform for one figure; numbers have at most 6 decimals, and mean exactly these.

    On the natural log scale of a figure over followers: `level` at 10,000 followers, `slope` and `curve` by
    ln(followers / 10,000), and `niches`. `between` is the variance between creators, `post` that of one post,
    `outliers` the share of figures that are far off. `scale` keeps the pool's sum. `posts`: over how many posts a
    figure is taken to be measured where nothing says it. `rows`: how many creators it rests on; `source`: `pool`, or
    `pack` where it is our table of usual figures alone. `sponsored` is the logarithm of what a sponsored post brings
    against an organic one, which single posts tell; of these, one counts half as much after `half_life` months (0:
    there are none). Not `by_followers`: nobody's followers are known, so that all creators are taken to have 10,000.
    """

    level: float
    slope: float
    curve: float
    niches: Mapping[str, float]
    between: float
    post: float
    outliers: float
    scale: float
    posts: float
    rows: int
    source: Literal["pool", "pack"] = "pool"
    sponsored: float = 0.0
    half_life: float = 0.0
    by_followers: bool = True


@dataclass(frozen=True, slots=True)
class CountFit:
    """What is usual for a share of counts: `mean`, which counts as much as `weight` clicks (or impressions)."""

    mean: float
    weight: float
    rows: int


Fits = Mapping[str, Mapping[str, Fit]]  # by column, then by folded platform; "" is for all others


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fits of a pool, and what a planner should know of them.

    `cut`: columns and platforms whose creators were chosen by rate; `few`: columns that too few creators have, and how
    many; `unsaid`: pooled columns of which nothing says over how many posts they were measured, with how many creators.
    """

    fits: Fits = field(default_factory=dict)
    counts: Mapping[str, CountFit] = field(default_factory=dict)
    cut: tuple[tuple[str, str], ...] = ()
    few: tuple[tuple[str, int], ...] = ()
    unsaid: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, eq=False)
class PastPosts:
    """Single posts of creators, arrays of shape (n,), in an order that does not depend on that of the file.

    `creator` is a position in a pool, ascending. `views` and `interactions` are NaN where they are unknown. `age` is in
    whole months before the newest post of the file, 0 where there is no date. `told` are the figures that
    the file tells of some creator of the whole pool.
    """

    creator: Ints
    views: Floats
    interactions: Floats
    age: Ints
    sponsored: Flags
    told: frozenset[str] = frozenset({"views", "interactions"})

    def __len__(self) -> int:
        return len(self.creator)

    def take(self, posts: Ints) -> PastPosts:
        """Some of the posts."""
        views, interactions = self.views[posts], self.interactions[posts]
        return PastPosts(self.creator[posts], views, interactions, self.age[posts], self.sponsored[posts], self.told)

    def sorted(self) -> PastPosts:
        """By creator, the oldest first, then by all that differs, so that only equal ones could change places."""
        return self.take(np.lexsort((self.sponsored, self.interactions, self.views, -self.age, self.creator)))

    def among(self, rows: Ints, size: int) -> PastPosts:
        """Those of some creators, by position among these: `rows` are ascending positions in a pool of `size`."""
        places = np.full(size, -1, dtype=np.int64)
        places[rows] = np.arange(len(rows))
        moved = places[self.creator]
        kept = moved >= 0
        return replace(self.take(np.flatnonzero(kept)), creator=moved[kept])


@dataclass(frozen=True, eq=False)
class Outlook:
    """What is expected of some creators, arrays of shape (n,): the figure, and how sure it is.

    `creator` is the log variance of a creator's own mean, `post` that of one post; `posts` those it was measured
    over; `pooled` the share of the expectation (in logs) that rests on the pool; `acts` where it replaces the figure.
    """

    values: Floats
    creator: Floats
    post: Floats
    posts: Floats
    pooled: Floats


class Expecting(Protocol):
    """Expected figures of the creators of a pool."""

    @property
    def fitted(self) -> Fitted: ...

    def figure(self, column: str, rows: Ints) -> Numbers | None:
        """The figure that is planned with, for some creators by position; None where the file's own is."""

    def outlook(self, column: str, rows: Ints) -> Outlook | None:
        """The same with what it rests on."""
