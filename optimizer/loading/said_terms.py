"""Pay, boost, offers and what a conversion is worth, as a scenario says them.

Each key has a description, which ends with its default in brackets where the default is no plain value: see `schema`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from optimizer.domain.pay import MODELS
from optimizer.loading import forms
from optimizer.loading.fields import Amount, FilterField, PayName, Rate, Rights, Text, Whole
from optimizer.loading.strict import Strict


class Product(Strict, title="a product"):
    """A product that goes to the creator."""

    cost: Amount = Field(description="what the product costs you, per booking")
    value: Amount | None = Field(
        None, description="what it is worth to the creator; no formula uses it so far (default: its cost)"
    )


class Pay(Strict, title="pay terms"):
    """Terms on which creators are paid."""

    model: Literal[tuple(MODELS)] = Field(  # type: ignore[valid-type]
        description="; ".join(f"{name}: {model.text}" for name, model in MODELS.items())
    )
    fee: Rate | None = Field(
        None,
        description="how much of the creator's fee is paid (default: needed for a share of it, else not allowed)",
    )
    rate: Rate | None = Field(
        None,
        description="the commission as a share of the revenue; terms that pay a commission need this or"
        " per_conversion (default: none)",
    )
    per_conversion: Amount | None = Field(
        None, description="the commission as an amount for each conversion (default: none)"
    )
    cap: Amount | None = Field(None, description="the most commission per booking (default: no limit)")
    minimum_fee: Amount | None = Field(
        None,
        description="the least that is paid per booking, whatever the model; a fee or price in include comes before"
        " it (default: 0)",
    )
    rights: Rights | None = Field(
        None,
        description="rights of use, on top of the creator's fee; only on terms that pay one (default: 0)",
    )
    product: Product | None = Field(None, description="what is sent to the creator (default: nothing)")
    shipping: Amount | None = Field(None, description="the cost of sending it, per booking (default: 0)")
    handling: Amount | None = Field(None, description="other cost per booking (default: 0)")
    hours: Amount | None = Field(None, description="your team's hours per booking (default: 0)")
    post_rate: Rate | None = Field(
        None,
        description="how many of the creators who are booked do post (default: the figure post_rate, else 100%; with a"
        " warning where no fee is paid)",
    )


class BoostStep(Strict, title="a step of a boost"):
    """One step of what money for a boost keeps."""

    up_to: Amount = Field(description="where the step ends, as money for one booking, counted from the first of it on")
    keep: Rate = Field(description="how much of its impressions the money within this step keeps")


class BoostWay(Strict, title="a way to boost"):
    """A way to buy impressions for a creator's post."""

    cpm: Amount = Field(description="what 1,000 paid impressions cost")
    rights: Rights | None = Field(
        None,
        description="what the creator is paid for the right to boost, on top of the fees or the price; only where a fee"
        " is paid, and money goes into the boost (default: 0)",
    )
    keeps: list[BoostStep] | None = Field(
        None,
        min_length=1,
        max_length=20,
        title="a list of steps",
        description="what further money keeps of its impressions; no offer may buy beyond the last step (default: all"
        " money keeps all)",
    )


Pieces = Annotated[
    list[Whole],
    Field(min_length=1, max_length=100),
    BeforeValidator(forms.several, json_schema_input_type=Whole | list[Whole]),
]
Amounts = Annotated[
    list[Amount],
    Field(min_length=1, max_length=100),
    BeforeValidator(forms.several, json_schema_input_type=Amount | list[Amount]),
]


class OfferTerms(Strict, title="an offer"):
    """What a creator may be booked for, and on which terms."""

    deliver: dict[Text, Pieces] = Field(
        min_length=1,
        title="kinds of deliverables with their pieces",
        description="what is delivered, as in {video: 1, story: 2}; you choose the names, and each has 1 to 100 pieces;"
        " a list such as {video: [1, 2, 3]} makes one offer of each step",
    )
    boost: dict[Text, Amounts] = Field(
        default_factory=dict,
        title="ways to boost, each with an amount or a list of amounts",
        description="money that buys impressions for each booking, as in {spark: 200}; a list such as {spark: [0, 200,"
        " 500]} makes one offer of each step (default: none)",
    )
    pay: PayName = Field("fee", description="on which terms the creator is paid")
    to: FilterField = Field(default_factory=dict, description="which creators may get this offer (default: everybody)")
    price: Amount | None = Field(
        None,
        description="the price of the whole booking, instead of the creator's fees; only on terms that pay a fee"
        " (default: the fees of all pieces)",
    )
    discount: Rate | None = Field(
        None, description="off the creator's fees; only on terms that pay a fee, and not beside price (default: 0)"
    )
    rights: Rights | None = Field(
        None, description="rights of use, on top of the fees or the price (default: as the pay terms say)"
    )


class Economics(Strict, title="a mapping"):
    """What a conversion is worth."""

    order_value: Amount | None = Field(
        None,
        description="the revenue of one conversion, net of VAT and returns (default: unknown, a mistake where revenue"
        " is needed)",
    )
    margin: Rate | None = Field(
        None,
        description="how much of the revenue is profit before the cost of the campaign (default: unknown, a mistake"
        " where profit is needed)",
    )
