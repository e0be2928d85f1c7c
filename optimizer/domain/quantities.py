"""The table of quantities: what one booking is expected to bring or cost, each by its formula.

The model, the report and the check use this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from optimizer.domain import formulas
from optimizer.domain.exact import Floats, Ints
from optimizer.domain.filters import fold
from optimizer.domain.formulas import BOOST, ORGANIC, PAID, Bookings

MONEY, COUNT = "money", "count"

Formula = Callable[[Bookings], Floats] | Callable[[Bookings], Ints]


@dataclass(frozen=True, slots=True)
class Quantity:
    """An additive quantity: its unit and its formula, as code and in words. Helpers are used by other formulas and
    ratios.

    A quantity of the scenario's own has the pool's `column`, and may fall with a segment's returns. One that counts
    the different values among bookings has their `distinct` column: it is no sum over bookings.
    """

    name: str
    unit: str
    formula: Formula
    text: str
    helper: bool = False
    signed: bool = False
    whole: bool = False
    column: str | None = None
    falls: bool = False
    distinct: str | None = None

    @property
    def additive(self) -> bool:
        """Whether it is a sum over bookings."""
        return self.distinct is None and self.name != REACH


REACH, GROSS_REACH, IMPRESSIONS = "reach", "gross_reach", "impressions"
HELD_BACK = "reach_held_back"  # the total of a plan by people of a sample who were not planned with

_ORGANIC = "post_rate x keep x sum of pieces x (average_views, else view_rate x followers x authenticity)"

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        Quantity("spend", MONEY, formulas.spend, "fee + commission + product cost + shipping + handling + boost"),
        Quantity("cash", MONEY, formulas.cash, "spend without product cost"),
        Quantity("creators", COUNT, formulas.creators, "bookings", whole=True),
        Quantity("deliverables", COUNT, formulas.deliverables, "pieces booked", whole=True),
        Quantity("posts", COUNT, formulas.posts, "pieces x post_rate"),
        Quantity("gifts", COUNT, formulas.gifts, "bookings with a product", whole=True),
        Quantity("hours", COUNT, formulas.hours, "the team's hours, by pay terms"),
        Quantity(
            IMPRESSIONS,
            COUNT,
            formulas.impressions,
            f"{_ORGANIC}, plus impressions.paid where a boost is bought",
        ),
        Quantity(
            "gross_reach",
            COUNT,
            formulas.gross_reach,
            "post_rate x keep x V x (1 - product of (1 - min(1, views / V)) over all pieces),"
            " V = viewers, else followers x authenticity",
        ),
        Quantity(
            REACH,
            COUNT,
            formulas.gross_reach,
            "people reached, each counted once: of each cell of the audience with N people N x (1 - (1 + e/k)^-k), e ="
            " sum of k x ((1 - p)^(-1/k) - 1), p = gross_reach in the cell / N; N x (1 - exp(-e)) for chance overlap",
        ),
        Quantity(
            "engagements",
            COUNT,
            formulas.engagements,
            "post_rate x keep x fit x deal_factor x sum of weight x E x (1 + r + ... + r^(pieces - 1)),"
            " E = average_engagements, else engagement_rate x followers, r = repeat_keeps",
        ),
        Quantity("clicks", COUNT, formulas.clicks, "fit x impressions x click_rate"),
        Quantity(
            "conversions",
            COUNT,
            formulas.conversions,
            "clicks x conversion_rate, or engagements x conversions_per_engagement",
        ),
        Quantity("revenue", MONEY, formulas.revenue, "conversions x order_value"),
        Quantity("profit", MONEY, formulas.profit, "margin x revenue - spend", signed=True),
        Quantity(
            "fee",
            MONEY,
            partial(formulas.paid, "fee"),
            "the share that the terms pay of: price, else the fees of all pieces less the"
            " discount, plus rights, and those of a boost; at least minimum_fee",
            helper=True,
        ),
        Quantity(
            "commission",
            MONEY,
            partial(formulas.paid, "commission"),
            "rate x revenue, or per_conversion x conversions; at most cap",
            helper=True,
        ),
        Quantity("followers", COUNT, formulas.followers, "followers", helper=True),
        Quantity("audience", COUNT, formulas.audience, "followers x authenticity", helper=True),
        Quantity("follower_posts", COUNT, formulas.follower_posts, "followers x posts", helper=True),
    )
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """`factor x numerator / denominator` of two additive quantities, over the same bookings."""

    name: str
    numerator: str
    denominator: str
    factor: int = 1
    share: bool = False  # lies between 0 and 1, and is written in percent

    @property
    def money(self) -> bool:
        """Whether it is money for one of something."""
        return QUANTITIES[self.numerator].unit == MONEY and QUANTITIES[self.denominator].unit != MONEY

    @property
    def unit(self) -> str:
        return "share" if self.share else MONEY if self.money else COUNT

    @property
    def text(self) -> str:
        return f"{'1000 x ' if self.factor == 1000 else ''}{self.numerator} / {self.denominator}"


RATIOS: dict[str, Ratio] = {
    ratio.name: ratio
    for ratio in (
        Ratio("cpm", "spend", "impressions", 1000),
        Ratio("cpe", "spend", "engagements"),
        Ratio("cpc", "spend", "clicks"),
        Ratio("cpa", "spend", "conversions"),
        Ratio("cost_per_person", "spend", REACH),
        Ratio("frequency", IMPRESSIONS, REACH),
        Ratio("roas", "revenue", "spend"),
        Ratio("engagement_rate", "engagements", "follower_posts", share=True),
        Ratio("authenticity", "audience", "followers", share=True),
    )
}


_WITH_BOOST = (
    Quantity(BOOST, MONEY, formulas.boost_money, "what is paid for impressions, by the offer"),
    Quantity(ORGANIC, COUNT, formulas.organic_impressions, _ORGANIC),
    Quantity(
        PAID, COUNT, formulas.paid_impressions, "post_rate x sum over the ways to boost of 1000 x kept money / cpm"
    ),
)
_WITH_AGENCY = (
    Quantity("agency", MONEY, formulas.agency, "the agency's rate x cash"),
    Quantity("cost", MONEY, formulas.cost, "spend + agency"),
    Quantity("cash_cost", MONEY, formulas.cash_cost, "cash + agency"),
)


DISTINCT = "distinct."  # what the names of quantities begin with that count different values of a column


def quantity_table(
    kinds: Iterable[str] = (),
    own: Mapping[str, tuple[str, bool]] | None = None,
    *,
    agency: bool = False,
    distinct: Iterable[str] = (),
    boost: bool = False,
) -> dict[str, Quantity]:
    """Every quantity of a scenario by name: the common ones, its deliverables, its own, its boost, its agency's fee.

    Parameters
    ----------
    kinds
        The kinds of deliverable that are offered; each has a quantity `deliverables.<kind>`.
    own
        The scenario's own quantities: the pool's column of each, and whether it falls with a segment's returns.
    distinct
        The columns of which different values are counted; each has a quantity `distinct.<column>`.
    """
    table = dict(QUANTITIES)
    for kind in sorted(kinds):
        name = f"deliverables.{kind}"
        table[name] = Quantity(name, COUNT, partial(formulas.pieces_of, kind), f"pieces of {kind} booked", whole=True)
    for name, (column, falls) in (own or {}).items():
        formula = partial(formulas.own_figure, column, falls)
        table[name] = Quantity(name, COUNT, formula, f"the column {column}", signed=True, column=column, falls=falls)
    for column in distinct:
        name, text = f"{DISTINCT}{column}", f"different values of {column}, counted once over all bookings"
        table[name] = Quantity(name, COUNT, formulas.alone, text, whole=True, distinct=fold(column))
    more = (*(_WITH_BOOST if boost else ()), *(_WITH_AGENCY if agency else ()))
    return table | {quantity.name: quantity for quantity in more}
