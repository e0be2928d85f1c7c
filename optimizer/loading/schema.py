"""The scenario file: what it may say, key by key. What it means is worked out in `resolve`.

The words here are the one source of what an editor shows (`json_schema`) and of the tables of the reference page: each
key has a description, which ends with its default in brackets where the default is no plain value.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from optimizer.domain.exact import Number
from optimizer.loading import forms, shapes
from optimizer.loading.fields import (
    AdditiveName,
    Amount,
    CurrencyCode,
    FigureName,
    FilterField,
    Flag,
    ForeignCurrency,
    GroupField,
    Niche,
    NumberField,
    PeopleField,
    QuantityName,
    Rate,
    Text,
    TextColumn,
    WalletName,
)
from optimizer.loading.parts import (
    AcceptedDoubt,
    AssumedLine,
    Costs,
    OwnQuantities,
    OwnQuantity,
    Pack,
    PackChoice,
    ReturnsStep,
    SegmentSaid,
    Table,
)
from optimizer.loading.said_audience import AudienceSaid
from optimizer.loading.said_files import ColumnSource, ColumnsSaid, CreatorsFile, HandleColumns, HandleFile
from optimizer.loading.said_forecast import CommonErrors, ForecastSaid, PostColumnsSaid, PostsFile
from optimizer.loading.said_terms import BoostStep, BoostWay, Economics, OfferTerms, Pay, Product
from optimizer.loading.strict import Strict

__all__ = [
    "LOGIC",
    "OUTSIDE",
    "AcceptedDoubt",
    "AssumedLine",
    "AudienceSaid",
    "BoostStep",
    "BoostWay",
    "Bound",
    "ColumnSource",
    "ColumnsSaid",
    "CommonErrors",
    "Costs",
    "CreatorsFile",
    "Economics",
    "ForecastSaid",
    "Goal",
    "HandleColumns",
    "HandleFile",
    "IncludedCreator",
    "LogicTerms",
    "OfferTerms",
    "OwnQuantity",
    "PackChoice",
    "Pay",
    "PostColumnsSaid",
    "PostsFile",
    "Product",
    "ReturnsStep",
    "Rule",
    "ScenarioFile",
    "SegmentSaid",
]

MOST_TIERS, MOST_OFFERS, MOST_FIGURES, MOST_RULES, MOST_SEGMENTS, MOST_PACKS = 50, 100, 500, 2_000, 2_000, 50
Bound = forms.Bound
LOGIC = forms.LOGIC
BoundField = Annotated[Bound, PlainValidator(forms.bound), WithJsonSchema(shapes.BOUND)]
OfField = Annotated[str | forms.Part, PlainValidator(forms.share_of), WithJsonSchema(shapes.OF)]


class Rule(Strict, title="a rule"):
    """A quantity, over a group, held between bounds."""

    quantity: QuantityName = Field(description="what is counted: spend, creators, engagements, cpa, ...")
    group: GroupField = Field(default_factory=dict, description="which bookings count (default: all)")
    people: PeopleField = Field(
        default_factory=dict,
        title="a filter of people",
        description="which people count, as in {country: FR}; only with gross_reach, reach,"
        " frequency and cost_per_person (default: all)",
    )
    per: TextColumn | None = Field(
        None,
        description="the rule holds for each value of this column apart; creator: for each single booking; talent: for"
        " all accounts of each person (default: one rule)",
    )
    among: list[Text] | None = Field(
        None,
        min_length=1,
        title="a list of values",
        description="the values that per runs over (default: those of the creators who can be booked)",
    )
    of: OfField | None = Field(
        None, description="what a share is a share of (default: plan, where a bound is written in percent)"
    )
    at_least: BoundField | None = Field(
        None, description="the lower bound, itself allowed; for each value only with per (default: none)"
    )
    at_most: BoundField | None = Field(
        None, description="the upper bound, itself allowed; for each value only with per (default: none)"
    )
    exactly: BoundField | None = Field(
        None, description="both bounds at once; for each value only with per (default: none)"
    )
    or_none: Flag = Field(
        False,
        description="true: the quantity over the group may also be 0, so that the group is used properly or not at all"
        " (default: false)",
    )
    negotiable: Flag = Field(True, description="false: no repair may bend this rule where rules clash (default: true)")


PartField = Annotated[forms.Part, PlainValidator(forms.part), WithJsonSchema(shapes.PART)]
Parts = Annotated[list[PartField], Field(min_length=2, max_length=200)]
Clause = Annotated[
    list[PartField],
    Field(min_length=1, max_length=200),
    BeforeValidator(forms.several, json_schema_input_type=PartField | list[PartField]),
]
_PARTS, _CLAUSE = "a list of creators, segments and filters", "a creator, a segment, a filter, or a list of them"


class LogicTerms(Strict, title="a rule about who is booked together"):
    """Who is booked together: exactly one of these keys, or if with then."""

    model_config = ConfigDict(json_schema_extra=shapes.some_of(*forms.LOGIC))
    at_most_one_of: Parts | None = Field(None, title=_PARTS, description="no two of these are booked (default: none)")
    exactly_one_of: Parts | None = Field(
        None, title=_PARTS, description="one of these is booked, and only one (default: none)"
    )
    together: Parts | None = Field(
        None, title=_PARTS, description="all of these are booked, or none of them (default: none)"
    )
    condition: Clause | None = Field(
        None, alias="if", title=_CLAUSE, description="the condition: all of these are booked (default: none)"
    )
    then: Clause | None = Field(
        None, title=_CLAUSE, description="what follows from the condition: all of these are booked, too (default: none)"
    )
    negotiable: Flag = Field(True, description="false: no repair may bend this rule where rules clash (default: true)")


AnyRule = Annotated[
    Annotated[Rule, Tag("rule")] | Annotated[LogicTerms, Tag("logic")], Discriminator(forms.kind_of_rule)
]


class IncludedCreator(Strict, title="a creator with terms"):
    """A creator by handle, with the terms that were agreed."""

    creator: Text = Field(description="the handle")
    platform: Text | None = Field(
        None, description="the platform that the account is on, where the handle is on several (default: any)"
    )
    offer: Text | None = Field(None, description="the name of the offer that was agreed (default: any offer)")
    fee: Amount | None = Field(None, description="the fee for one piece that was agreed (default: the creator's own)")
    price: Amount | None = Field(
        None, description="the price of the whole booking that was agreed, instead of a fee (default: none)"
    )


class Who(Strict):
    """A creator or a filter, in `include` and `exclude`; or a file of creators, in `exclude`."""

    creator: IncludedCreator | None = None
    where: FilterField = Field(default_factory=dict)
    file: HandleFile | None = None


WhoField = Annotated[
    Who,
    BeforeValidator(
        forms.who,
        json_schema_input_type=Text | IncludedCreator | Annotated[object, WithJsonSchema(shapes.WHO)],
    ),
]
ExcludedField = Annotated[
    Who,
    BeforeValidator(
        forms.excluded,
        json_schema_input_type=Text | IncludedCreator | HandleFile | Annotated[object, WithJsonSchema(shapes.WHO)],
    ),
]
Mix = Annotated[
    dict[AdditiveName, NumberField],
    Field(min_length=1),
    BeforeValidator(forms.mix, json_schema_input_type=AdditiveName | dict[AdditiveName, NumberField]),
]
_MIX = "a quantity, or several with weights"


class Goal(Strict, title="a mapping"):
    """What should be as high, or as low, as the rules allow: exactly one of the two keys."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [shapes.given("maximize"), shapes.given("minimize")]})
    maximize: Mix | None = Field(None, title=_MIX, description="what should be as high as possible (default: none)")
    minimize: Mix | None = Field(None, title=_MIX, description="what should be as low as possible (default: none)")
    keep: Rate | None = Field(
        None,
        description="the share of the value found for this goal that later goals keep, where there are several"
        " (default: 100 %)",
    )


OneGoal = Annotated[Goal, BeforeValidator(forms.goal, json_schema_input_type=Goal)]
Goals = Annotated[list[OneGoal], Field(min_length=1, max_length=5)]
Tier = Annotated[tuple[Number, Number], PlainValidator(forms.tier), WithJsonSchema(shapes.TIER)]


class ScenarioFile(Strict, title="a scenario"):
    """A planning question for creatormix: who to book, on which offers, within which rules."""

    format: Annotated[int, PlainValidator(forms.version), WithJsonSchema(shapes.FORMAT)] = Field(
        description="the version of this format"
    )
    name: Text | None = Field(None, description="shown on every plan (default: the file's name)")
    currency: CurrencyCode = Field(description="the currency of all money: EUR, USD, JPY, ...")
    budget: Amount | None = Field(
        None,
        description="the most that may be spent, net of VAT; it is a rule named budget, on spend (default: no limit)",
    )
    wallets: dict[WalletName, Amount] | None = Field(
        None,
        min_length=1,
        max_length=20,
        title="quantities with an amount each",
        description="the most of each, as in {spend: 25_000, hours: 80}; each is a rule, named budget hours and so"
        " on (default: none)",
    )
    costs: Costs = Field(
        default_factory=lambda: Costs(agency=None, fixed=None, reserve=None),
        description="what comes out of the budget beside creators (default: nothing)",
    )
    objective: Annotated[
        Annotated[OneGoal, Tag("goal")] | Annotated[Goals, Tag("goals")], Discriminator(forms.kind_of_goal)
    ] = Field(
        title="a mapping, or a list of goals in order",
        description="what should be as high, or as low, as the rules allow; of a list, each next goal among the plans"
        " that keep what was found for those before it",
    )
    creators: (
        Annotated[CreatorsFile, BeforeValidator(forms.creators, json_schema_input_type=Text | CreatorsFile)] | None
    ) = Field(
        None,
        title="a file's name, or a mapping",
        description="the file of creators (default: none; needed unless there are segments, or creators are handed"
        " over in Python)",
    )
    segments: list[SegmentSaid] = Field(
        default_factory=list,
        max_length=MOST_SEGMENTS,
        title="a list of segments",
        description="typical creators before names are known, instead of a file or beside it (default: none)",
    )
    whole: Flag = Field(True, description="false: creators and segments may be booked in parts")
    assume: dict[FigureName, Table] = Field(
        default_factory=dict,
        max_length=MOST_FIGURES,
        title="figures, each a number or a list of lines",
        description="your own figures, where a creator's row gives none (default: none)",
    )
    benchmarks: list[Pack] = Field(
        default_factory=list,
        max_length=MOST_PACKS,
        title="a list of packs",
        description="market figures, where neither a creator's row nor assume gives one; the first pack that speaks of"
        " a booking counts (default: none)",
    )
    exchange: dict[ForeignCurrency, Amount] = Field(
        default_factory=dict,
        max_length=50,
        title="currencies with an amount each",
        description="what 1 of another currency is worth in the scenario's, for packs: {USD: 0.92} (default: none)",
    )
    tiers: dict[Text, Tier] | None = Field(
        None,
        min_length=1,
        max_length=MOST_TIERS,
        title="names with a lowest and a highest number of followers",
        description="the tiers, as in {nano: [1_000, 9_999]}, both numbers included (default: nano 1,000 to 9,999;"
        " micro 10,000 to 99,999)",
    )
    pay: dict[Text, Pay] = Field(
        default_factory=dict,
        title="terms by name",
        description="on which terms creators are paid (default: the terms fee, which pay the creator's fee)",
    )
    boost: dict[Text, BoostWay] = Field(
        default_factory=dict,
        max_length=50,
        title="ways to boost by name",
        description="ways to buy impressions for creators' posts, which offers take money for (default: none)",
    )
    offers: dict[Text, OfferTerms] | None = Field(
        None,
        min_length=1,
        max_length=MOST_OFFERS,
        title="offers by name",
        description="what may be booked; each creator gets at most one (default: one offer, booking: one post at the"
        " creator's fee)",
    )
    quantities: OwnQuantities = Field(
        default_factory=dict,
        max_length=100,
        title="a list of columns, or names with a column each",
        description="columns of numbers that rules and the objective may count, as your own quantities (default: none)",
    )
    economics: Economics = Field(
        default_factory=lambda: Economics(order_value=None, margin=None),
        description="what a conversion is worth (default: unknown)",
    )
    forecast: ForecastSaid = Field(
        default_factory=lambda: ForecastSaid.model_validate({}),
        description="what is expected of creators, given what was measured, and how far outcomes may fall from it"
        " (default: expected figures where 30 creators or more have them)",
    )
    audience: AudienceSaid | None = Field(
        None,
        title="a mapping",
        description="the people whom creators reach, for rules and goals about reach (default: country and niche, with"
        " the audiences in the pool)",
    )
    fit: dict[Niche, Rate] | None = Field(
        None,
        min_length=1,
        title="niches with a share each",
        description="how well each niche matches the campaign; engagements and clicks are multiplied by it (default: 1"
        " for everybody)",
    )
    constraints: dict[Text, AnyRule] = Field(
        default_factory=dict,
        max_length=MOST_RULES,
        title="rules by name",
        description="what the plan must keep (default: nothing)",
    )
    include: list[WhoField] = Field(
        default_factory=list,
        title="a list of creators and filters",
        description="who must be booked (default: nobody)",
    )
    exclude: list[ExcludedField] = Field(
        default_factory=list,
        title="a list of creators, filters and files",
        description="who may not be booked (default: nobody)",
    )
    accepted: list[AcceptedDoubt] = Field(
        default_factory=list,
        max_length=1_000,
        title="a list of doubts",
        description="doubts that are settled, each with the reason, and not shown again (default: none)",
    )


# keys of the file that are worked in before it is read as a scenario: what they take, and what they are
OUTSIDE = {
    "variants": ("changes of the scenario by name", "laid over it by --variant NAME (default: none)"),
    "extends": ("the path of a scenario", "this file is laid over that one (default: none)"),
}
