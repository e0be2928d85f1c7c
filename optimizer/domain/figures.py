"""The table of figures: what can be known about a creator, and in which unit.

A figure is a column of the pool or a key of `assume:`; those per deliverable may carry its kind, as in `fee_video`.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import prod

AUDIENCE = "audience_"  # columns audience_FR, audience_DE: shares of a creator's audience


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its unit, the highest plausible value, and the default where nothing gives it.

    `unit` is `money`, `whole` (counted), `number`, or one that may be written in percent: `rate` (a share), `factor`.
    A `default` that is `marked` is a guess and shown as such; an unmarked one is neutral (a factor of 1).
    """

    name: str
    unit: str
    title: str
    per_deliverable: bool = False
    most: float | None = None
    default: float | None = None
    marked: bool = False


FIGURES: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure("followers", "whole", "followers of the account"),
        Figure("viewers", "number", "people who can see the account's posts, where not its followers"),
        Figure("authenticity", "rate", "share of real followers", most=1, default=1, marked=True),
        Figure("average_views", "number", "views of one piece", per_deliverable=True),
        Figure("view_rate", "factor", "views of one piece over real followers", per_deliverable=True, most=10),
        Figure("average_engagements", "number", "interactions with one piece"),
        Figure("engagement_rate", "rate", "interactions with one piece over followers", most=1),
        Figure("weight", "factor", "worth of one kind of piece in engagements", per_deliverable=True, default=1),
        Figure("repeat_keeps", "rate", "what each further piece keeps of the one before", most=1, default=1),
        Figure("deal_factor", "factor", "engagement on this pay model against the usual", default=1),
        Figure("post_rate", "rate", "share of booked creators who post", most=1, default=1),
        Figure("fit", "rate", "how well the niche matches the campaign", most=1, default=1),
        Figure("click_rate", "rate", "clicks over impressions", most=1),
        Figure("conversion_rate", "rate", "conversions over clicks", most=1),
        Figure("conversions_per_engagement", "rate", "conversions over engagements", most=1),
        Figure("fee", "money", "fee for one piece", per_deliverable=True),
        Figure("posts_measured", "number", "posts that a creator's figures are means of"),
    )
}


def figure_of(name: str, kinds: Container[str]) -> tuple[Figure, str | None] | None:
    """The figure that a column or an `assume:` key names, and the kind of deliverable that it is for.

    `fee_video` is the fee of a video where videos are delivered; elsewhere it is a column like any other.
    """
    if name in FIGURES:
        return FIGURES[name], None
    for figure in FIGURES.values():
        kind = name.removeprefix(f"{figure.name}_")
        if figure.per_deliverable and kind != name and kind in kinds:
            return figure, kind
    return None


POSTS_MEASURED, PINNED_POSTS = "posts_measured", "pinned_posts"
COUNTS_MEASURED = ("impressions_measured", "clicks_measured")  # that a creator's click and conversion rates rest on


def is_about_posts(name: str) -> bool:
    """Whether a column says what a creator's figures are means of: how many posts, and how many of them pinned."""
    return name in (POSTS_MEASURED, PINNED_POSTS, *COUNTS_MEASURED) or name.startswith(f"{POSTS_MEASURED}_")


def is_of_a_kind(name: str) -> bool:
    """Whether a column may hold a figure of a deliverable (`fee_story`) or of an audience (`audience_FR`)."""
    return name.startswith(AUDIENCE) or any(
        figure.per_deliverable and name.startswith(f"{figure.name}_") for figure in FIGURES.values()
    )


def audience_share(name: str) -> Figure:
    """The share of a creator's audience that a column `audience_<value>` holds."""
    return Figure(name, "rate", "share of the creator's audience", most=1)


def joint_shares(values: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """For people of several dimensions, the columns of each combination of values: `audience_FR_18-24`, in any order.

    Empty for one dimension, and for so many that nobody would have the columns.
    """
    if not 1 < len(values) <= _MOST_DIMENSIONS or prod(map(len, values)) > _MOST_COMBINATIONS:
        return []
    return [tuple(AUDIENCE + "_".join(order) for order in permutations(one)) for one in product(*values)]


_MOST_DIMENSIONS, _MOST_COMBINATIONS = 3, 1_000
