"""The scenario file: what it may say, key by key. What it means is worked out in `resolve`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from optimizer.domain.exact import Number
from optimizer.domain.filters import Condition
from optimizer.loading.fields import (
    Amount,
    FilterField,
    NumberField,
    Rate,
    Text,
    Whole,
    amount,
    condition,
    fault,
    number,
    text,
)
from optimizer.loading.source import short

MOST_TIERS, MOST_OFFERS, MOST_FIGURES, MOST_RULES = 50, 100, 500, 2_000


class Strict(BaseModel):
    """A mapping that takes no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)


class ColumnSource(Strict):
    """Where a column comes from: `{from: ER, unit: percent}`."""

    source: Text = Field(alias="from", description="the column's name in the file")
    unit: Literal["percent", "fraction"] = Field("fraction", description="percent: the cells say 3 for 3 %")


def _column(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class CreatorsFile(Strict):
    """The file of creators, and how to read it."""

    file: Text | None = Field(None, description="CSV or Parquet, path from this file")
    columns: dict[Text, Annotated[ColumnSource, BeforeValidator(_column)]] = Field(
        default_factory=dict, description="our column: the file's column, or {from:, unit: percent}"
    )
    where: FilterField = Field(default_factory=dict, description="keep only creators who match")
    bad_rows: Literal["refuse", "skip"] = Field("refuse", description="skip: leave rows with faults out, counted")


def _creators(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


class Product(Strict):
    """A product that goes to the creator."""

    cost: Amount = Field(description="what the product costs you, per booking")
    value: Amount | None = Field(None, description="what it is worth to the creator (default: its cost)")


class Pay(Strict):
    """Pay terms."""

    model: Literal["fee", "gift"] = Field(description="fee: the creator's fee is paid; gift: a product is given")
    product: Product | None = Field(None, description="a product that goes to the creator")
    shipping: Amount | None = Field(None, description="cost of sending it, per booking")
    handling: Amount | None = Field(None, description="other cost per booking")
    hours: Amount | None = Field(None, description="your team's hours per booking")
    post_rate: Rate | None = Field(None, description="share of booked creators who post (default 100%)")


class OfferTerms(Strict):
    """What may be booked."""

    deliver: dict[Text, Whole] = Field(min_length=1, description="deliverables with their pieces: {video: 1}")
    pay: Text = Field("fee", description="the name of pay terms")
    to: FilterField = Field(default_factory=dict, description="which creators may get this offer")
    price: Amount | None = Field(None, description="fixed price of the whole booking, instead of the creator's fees")
    discount: Rate | None = Field(None, description="off the creator's fees")


class Economics(Strict):
    """What a conversion is worth."""

    order_value: Amount | None = Field(None, description="revenue of one conversion, net of VAT and returns")
    margin: Rate | None = Field(None, description="profit share of revenue before campaign cost")


def _table(value: Any) -> Any:
    """A plain number is a table of one line."""
    if isinstance(value, dict):
        fault("not-a-list", "a number or a table is expected here", "put it in brackets: [{tier: nano, is: 100}]")
    return value if isinstance(value, list) else [{"is": value}]


class AssumedLine(BaseModel):
    """One line of a table of assumptions: any columns to match, and `is`."""

    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)
    __pydantic_extra__: FilterField
    value: NumberField = Field(alias="is")


def _bound(value: Any) -> Number:
    if isinstance(value, dict):
        fault("not-yet", "a bound for each value is part of the format, but not yet supported", "write a rule for each")
    return number(value)


BoundField = Annotated[Number, PlainValidator(_bound)]


def _of(value: Any) -> str | dict[str, Condition] | None:
    if value is None or (isinstance(value, str) and value in ("plan", "budget")):
        return value
    if not isinstance(value, dict) or not value:
        fault("share-of", "a share is of the plan, the budget or a group", "write plan, budget, or {tier: micro}")
    return {text(column): condition(asked) for column, asked in value.items()}


OfField = Annotated[str | dict[str, Condition], PlainValidator(_of)]


class Rule(Strict):
    """A constraint: a quantity, over a group, held between bounds."""

    quantity: Text = Field(description="what is counted: spend, creators, engagements, cpa, ...")
    group: FilterField = Field(default_factory=dict, description="which creators and offers count")
    people: FilterField = Field(default_factory=dict, description="which people count, for gross_reach")
    per: Text | None = Field(None, description="one rule for each value of this column")
    among: list[Text] | None = Field(None, min_length=1, description="the values that `per` runs over")
    of: OfField | None = Field(None, description="what a share is a share of: plan, budget, or a filter")
    at_least: BoundField | None = None
    at_most: BoundField | None = None
    exactly: BoundField | None = None


class IncludedCreator(Strict):
    """A creator by handle, with the terms that were agreed."""

    creator: Text
    offer: Text | None = None
    fee: Amount | None = Field(None, description="the fee per piece that was agreed")
    price: Amount | None = Field(None, description="the price of the whole booking that was agreed")


class Who(Strict):
    """A creator or a filter, in `include` and `exclude`."""

    creator: IncludedCreator | None = None
    where: FilterField = Field(default_factory=dict)


_TERMS = {"offer", "fee", "price"}


def _who(value: Any) -> Any:
    """A handle; or a mapping with `creator` as text (and terms); or a filter."""
    if isinstance(value, str):
        return {"creator": {"creator": value}}
    if not isinstance(value, dict):
        fault("not-a-creator", "a handle or a filter is expected here", 'write "@name" or {niche: fantasy}')
    if isinstance(value.get("creator"), str):
        return {"creator": value}
    if _TERMS & set(value):
        fault("terms-without-creator", "terms need a creator", 'write {creator: "@name", offer: ..., fee: ...}')
    if not value:
        fault("empty-filter", "an empty filter matches every creator", "name a column: {niche: fantasy}")
    return {"where": value}


WhoField = Annotated[Who, BeforeValidator(_who)]


class Goal(Strict):
    """The objective: exactly one of the two."""

    maximize: dict[Text, NumberField] | None = Field(None, min_length=1)
    minimize: dict[Text, NumberField] | None = Field(None, min_length=1)


def _goal(value: Any) -> Any:
    if not isinstance(value, dict):
        fault("objective", "the objective says what to maximize or minimize", "write {maximize: engagements}")
    if set(value) <= {"maximize", "minimize"} and all(inner is None for inner in value.values()):
        fault("objective", "the objective names no quantity", "write {maximize: engagements}")
    if len([key for key in ("maximize", "minimize") if value.get(key) is not None]) > 1:
        fault("objective", "both maximize and minimize are given", "keep one of them")
    return {key: {inner: _ONE} if isinstance(inner, str) else inner for key, inner in value.items()}


_ONE = number("1")


def _tier(value: Any) -> tuple[Number, Number]:
    if not isinstance(value, list) or len(value) != 2:
        fault("tier", "a tier is a pair of follower counts", "write [1_000, 9_999]")
    low, high = amount(value[0]), amount(value[1])
    if any(bound.value != bound.value.to_integral_value() for bound in (low, high)):
        fault("not-whole", f"followers are whole; this tier goes from {low} to {high}", "write [1_000, 9_999]")
    if low.value > high.value:
        fault("tier", f"a tier from {low} to {high} holds nobody", "write the lower bound first")
    return low, high


def _format(value: Any) -> int:
    if value not in ("1", 1):
        shown = f"format {short(value)}" if isinstance(value, str) else "this format"
        fault("format", f"{shown} is not known", "write format: 1")
    return 1


class ScenarioFile(Strict):
    """A scenario file, as it says."""

    format: Annotated[int, PlainValidator(_format)] = Field(description="version of this format: 1")
    name: Text | None = Field(None, description="shown on every plan (default: the file's name)")
    currency: Text = Field(description="ISO code of all money: EUR, USD, JPY, ...")
    budget: Amount | None = Field(None, description="the most that may be spent, net of VAT")
    objective: Annotated[Goal, BeforeValidator(_goal)] = Field(description="what to maximize or minimize")
    creators: Annotated[CreatorsFile, BeforeValidator(_creators)] | None = Field(
        None, description="the file of creators"
    )
    assume: dict[Text, Annotated[list[AssumedLine], BeforeValidator(_table)]] = Field(
        default_factory=dict, max_length=MOST_FIGURES, description="your own figures, where a creator's row gives none"
    )
    tiers: dict[Text, Annotated[tuple[Number, Number], PlainValidator(_tier)]] | None = Field(
        None, min_length=1, max_length=MOST_TIERS, description="follower bounds, both included"
    )
    pay: dict[Text, Pay] = Field(default_factory=dict, description="named pay terms")
    offers: dict[Text, OfferTerms] | None = Field(
        None, min_length=1, max_length=MOST_OFFERS, description="what may be booked"
    )
    economics: Economics = Field(
        default_factory=lambda: Economics(order_value=None, margin=None), description="what a conversion is worth"
    )
    fit: dict[Text, Rate] | None = Field(None, min_length=1, description="how well each niche matches, 0 to 1")
    constraints: dict[Text, Rule] = Field(
        default_factory=dict, max_length=MOST_RULES, description="your rules, by name"
    )
    include: list[WhoField] = Field(default_factory=list, description="creators who must be booked")
    exclude: list[WhoField] = Field(default_factory=list, description="creators who may not")


NOT_YET = {
    "segments": "anonymous supply",
    "benchmarks": "benchmark packs",
    "costs": "agency cost, fixed cost and reserve",
    "wallets": "several budgets",
    "audience": "people reached",
    "quantities": "your own quantities",
    "whole": "fractional bookings",
    "rights": "usage rights",
    "rate": "commission",
    "cap": "commission",
    "minimum_fee": "a minimum fee",
    "returns": "falling returns",
    "available": "segments",
    "at_most_one_of": "logic rules",
    "exactly_one_of": "logic rules",
    "together": "logic rules",
    "if": "logic rules",
    "then": "logic rules",
    "negotiable": "repairs",
}
