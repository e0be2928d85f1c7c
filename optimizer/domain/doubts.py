"""Doubts: what an experienced planner would ask about a pool or a plan, and the table of their kinds."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.errors import Place


@dataclass(frozen=True, slots=True)
class Doubt:
    """One doubt: a stable code, where, about whom, what was found, why it matters, and how to settle it.

    What is `certain` is not planned with: it is refused, or left out where rows with faults are skipped.
    """

    code: str
    certain: bool
    place: Place | None
    creator: str | None
    what: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A doubt that the planner has settled: its code, for one creator or for all, and the reason."""

    doubt: str
    creator: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of doubt: what is asked (`asks`), and why it matters; `of` is the pool, the scenario or the plan."""

    code: str
    of: str
    asks: str
    why: str


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "totals-row",
            "pool",
            "a row that holds totals or means of other rows, or is named like one",
            "a row of totals is no creator, and would be booked as one with the figures of many",
        ),
        Kind(
            "column-unit",
            "pool",
            "a whole column whose usual figure is far from any that is known: percent for fractions, cents, thousands",
            "a column in another unit makes every figure that follows from it wrong by the same factor",
        ),
        Kind(
            "contradiction",
            "pool",
            "engagement_rate, average_engagements and followers of one creator that cannot all be right",
            "one of the figures is wrong, and the plan counts with it",
        ),
        Kind(
            "far-out",
            "pool",
            "a figure far from those of comparable creators: of the same platform, in proportion to other figures",
            "a plan picks the best figures, so it picks mistakes first",
        ),
        Kind(
            "alike-creators",
            "pool",
            "two creators whose names differ in dots, underscores or capitals only, with the same figures",
            "the same creator could be booked and paid twice",
        ),
        Kind(
            "alike-values",
            "pool",
            "two spellings of what is likely the same value, such as skin care and skincare",
            "rules, fit and shares treat them as different values",
        ),
        Kind(
            "parts-of-cells",
            "pool",
            "a cell such as beauty/hair, of which a part is a value in other cells",
            "a rule or a filter on that value does not count this creator",
        ),
        Kind(
            "few-posts",
            "pool",
            "means over fewer than three posts (column posts_measured)",
            "one good post makes a mean that the next posts will not reach",
        ),
        Kind(
            "pinned-posts",
            "pool",
            "means that pinned posts are part of (column pinned_posts)",
            "creators pin their best posts, so these means are too high",
        ),
        Kind(
            "default-weight",
            "scenario",
            "several kinds of deliverables, all of which count the same in engagements",
            "a story then brings as many engagements as a video",
        ),
        Kind(
            "rate-of-another-kind",
            "scenario",
            "an engagement rate that its tool counts over views, or from likes only (see presets)",
            "engagements are this rate times followers, so they are too high or too low by what the rate leaves out",
        ),
        Kind(
            "posts-not-said",
            "scenario",
            "figures that are means over posts, where neither the file nor the scenario says over how many",
            "it decides how far a figure is drawn to what is usual: two posts say much less than twelve",
        ),
        Kind(
            "cut-pool",
            "scenario",
            "a list whose figures over followers begin at an edge, as of creators who were chosen by rate",
            "such a list does not show what is usual, and who was chosen for a high rate was partly lucky",
        ),
        Kind(
            "as-given",
            "scenario",
            "figures of 10 to 29 creators, and own quantities in the goal, which are planned with as the file has them",
            "whoever is chosen for the highest of a few measured figures was partly lucky, and brings less later",
        ),
        Kind(
            "default-authenticity",
            "plan",
            "booked creators whose authenticity is not known, so that all of their followers are taken to be real",
            "reach and the plan's authenticity are too high if some of these followers are fake",
        ),
        Kind(
            "one-carries",
            "plan",
            "one creator who brings more than a quarter of the goal",
            "if this creator cancels, or the figure is wrong, so much of the goal is lost",
        ),
        Kind(
            "rates-above-pool",
            "plan",
            "rates that are, in the middle of the booked creators, at least 2.5 times those of comparable creators",
            "who is picked for the highest figures has on average been measured too high",
        ),
    )
}
