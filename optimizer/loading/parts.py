"""Parts of a scenario file: creators and segments, pay and offers, costs, figures. `schema` puts them together.

Each key has a description, which ends with its default in brackets where the default is no plain value: see `schema`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from optimizer.loading import forms, shapes
from optimizer.loading.fields import (
    Amount,
    AssumedColumn,
    Cell,
    ColumnName,
    ConditionField,
    DrawCount,
    FilterField,
    Flag,
    NumberField,
    PackName,
    PayName,
    PresetName,
    Rate,
    Rights,
    Seed,
    SegmentColumn,
    Text,
    Whole,
)


class Strict(BaseModel):
    """A mapping that takes no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Open(BaseModel):
    """A mapping that takes any column beside its own keys."""

    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True)


SourceColumns = Annotated[list[str], PlainValidator(forms.columns), WithJsonSchema(shapes.COLUMNS)]
Separators = Annotated[list[str], PlainValidator(forms.separators), WithJsonSchema(shapes.SEPARATORS)]


class ColumnSource(Strict, title="a column of the file"):
    """Where one of our columns comes from."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [shapes.given(key) for key in forms.SOURCES]})
    source: SourceColumns | None = Field(
        None,
        alias="from",
        description="the column's name in the file; of several columns, a text has the values of all (default: none)",
    )
    split: Separators | None = Field(
        None,
        description="what parts the values of a cell, beside |: a mark such as a comma, or a list of marks; for texts"
        " (default: only |)",
    )
    sum: list[Text] | None = Field(
        None,
        min_length=2,
        max_length=20,
        title="a list of columns",
        description="columns of the file whose numbers are added up, such as likes and comments (default: none)",
    )
    all_but: Text | None = Field(
        None,
        description="a column of the file with the rest of the share: authenticity is all but fake_followers (default:"
        " none)",
    )
    constant: Text | None = Field(
        None, alias="is", description="the same for all rows, instead of a column of the file (default: none)"
    )
    unit: Literal["percent", "fraction"] = Field(
        "fraction", description="percent: the cells say 3 and mean 3 %; fraction: they say 0.03 or 3%"
    )
    decimal: Literal["comma", "point"] | None = Field(
        None, description="what begins the decimals in this column (default: as in the file)"
    )
    definition: Text | None = Field(
        None,
        description="what the figure counts, as in median likes / followers; plans keep it beside the figure (default:"
        " as the preset says, else unknown)",
    )


Column = Annotated[ColumnSource, BeforeValidator(forms.column, json_schema_input_type=SourceColumns | ColumnSource)]


class ColumnsSaid(Open, title="our names of columns, each with its name in the file"):
    """Which of the file's columns is which of ours. Any column fits."""

    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": {"description": "where this column of ours comes from"}}
    )
    __pydantic_extra__: dict[ColumnName, Column]
    preset: PresetName | None = Field(
        None,
        description="the tool that wrote the file, whose headers and rates are known; a column that is named here comes"
        " before the preset's (default: none)",
    )

    @property
    def named(self) -> dict[str, ColumnSource]:
        """The columns that are named one by one."""
        return dict(self.__pydantic_extra__)


class CreatorsFile(Strict, title="a file of creators"):
    """The file of creators, and how to read it."""

    file: Text | None = Field(
        None,
        title="a file's name",
        description="CSV, Excel workbook (.xlsx, .xlsm), Parquet, JSON, or a zip file with a CSV; the path starts at"
        " this file (default: none; needed unless creators are handed over in Python)",
    )
    sheet: Text | None = Field(
        None,
        description="the sheet of a workbook; in a zip file the file, in JSON the list (default: the only one that"
        " holds a table)",
    )
    header: Whole | None = Field(
        None,
        description="the row that has the names of the columns, as a spreadsheet numbers rows (default: it is found,"
        " or asked for)",
    )
    columns: ColumnsSaid = Field(
        default_factory=lambda: ColumnsSaid.model_validate({}),
        description="which of the file's columns is which of ours; more than a name is written {from: ER, unit:"
        " percent}, several columns of values as one [niche1, niche2]; {preset: modash} knows the headers of a tool"
        " (default: the file's own names)",
    )
    where: FilterField = Field(
        default_factory=dict, description="only creators who match can be booked (default: everybody)"
    )
    decimal: Literal["comma", "point"] | None = Field(
        None,
        description="what begins the decimals in this file: comma reads 1.234,5 and point reads 1,234.5 (default: told"
        " from the numbers; refused where two readings are possible)",
    )
    means_blank: list[Text] = Field(
        default_factory=list,
        max_length=100,
        title="a list of texts",
        description="cells that say that there is no figure, beside N/A, #N/A, -, nan and the like (default: none)",
    )
    rows: Literal["creators", "posts"] = Field(
        "creators",
        description="what a row of the file is: a creator; or a post, so that figures are means over a creator's posts",
    )
    bad_rows: Literal["refuse", "skip"] = Field(
        "refuse", description="refuse: a row with a fault is a mistake; skip: such rows are left out, and counted"
    )


class HandleColumns(Strict, title="the column that names creators"):
    """Which column of a file of handles names creators."""

    creator: Text = Field(description="the column's name in the file")


class HandleFile(Strict, title="a file of handles"):
    """A file of creators who may not be booked."""

    file: Text = Field(
        title="a file's name",
        description="a file of any kind that creators can be in; of one column, with or without a header, or with a"
        " column that names creators; the path starts at this file",
    )
    sheet: Text | None = Field(
        None, description="the sheet of a workbook, as for creators (default: the only one that holds a table)"
    )
    header: Whole | None = Field(
        None, description="the row that has the names of the columns, as for creators (default: it is found)"
    )
    columns: HandleColumns | None = Field(
        None,
        title="the column that names creators",
        description="the column that names creators, as in {creator: Handle} (default: creator, the only one, or one"
        " that is called handle, username and so on)",
    )


class Product(Strict, title="a product"):
    """A product that goes to the creator."""

    cost: Amount = Field(description="what the product costs you, per booking")
    value: Amount | None = Field(
        None, description="what it is worth to the creator; no formula uses it so far (default: its cost)"
    )


class Pay(Strict, title="pay terms"):
    """Terms on which creators are paid."""

    model: Literal["fee", "gift", "commission", "hybrid"] = Field(
        description="fee: the creator's fee is paid; gift: a product is given, and no fee; commission: a part of what"
        " is sold is paid, and no fee; hybrid: a share of the fee, and a commission"
    )
    fee: Rate | None = Field(
        None, description="how much of the creator's fee is paid (default: needed on hybrid terms, else not allowed)"
    )
    rate: Rate | None = Field(
        None,
        description="the commission as a share of the revenue; commission and hybrid terms need this or"
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


class CommonErrors(Strict, title="a mapping"):
    """How far figures may be off for many bookings at once, as standard deviations of logarithms: 0.2 is some 20 %."""

    bias: Rate | None = Field(None, description="of a figure, for all creators, lastingly (default: 0.3)")
    campaign: Rate | None = Field(None, description="of this campaign, for all figures (default: 0.2)")
    platform: Rate | None = Field(None, description="of each platform (default: 0.1)")
    niche: Rate | None = Field(None, description="of each niche (default: 0.1)")


class PostColumnsSaid(Strict, title="our names of columns, each with its name in the file"):
    """Which column of a file of posts is which of ours."""

    creator: Column | None = Field(None, description="the handle of the creator (default: the column creator)")
    platform: Column | None = Field(None, description="the platform of the account (default: the column platform)")
    date: Column | None = Field(None, description="when the post came out (default: the column date)")
    views: Column | None = Field(None, description="what it brought in views (default: the column views)")
    likes: Column | None = Field(None, description="what it brought in likes (default: the column likes)")
    comments: Column | None = Field(None, description="what it brought in comments (default: the column comments)")
    shares: Column | None = Field(None, description="what it brought in shares (default: the column shares)")
    interactions: Column | None = Field(
        None,
        description="what it brought in interactions of all kinds (default: the column interactions, else the sum of"
        " likes, comments and shares)",
    )
    sponsored: Column | None = Field(
        None, description="whether it was sponsored: yes or no (default: the column sponsored)"
    )
    pinned: Column | None = Field(
        None, description="whether it is pinned, and so left out: yes or no (default: the column pinned)"
    )
    paid: Column | None = Field(
        None,
        description="whether views were paid for, so that it is left out: yes or no (default: the column paid)",
    )

    @property
    def named(self) -> dict[str, ColumnSource]:
        """The columns that are named one by one."""
        pairs = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: source for name, source in pairs if source is not None}


class PostsFile(Strict, title="a file of posts"):
    """A file with single posts of creators, and how to read it."""

    file: Text = Field(
        title="a file's name",
        description="a file of any kind that creators can be in, with a row for each post; the path starts at this"
        " file",
    )
    sheet: Text | None = Field(
        None, description="the sheet of a workbook, as for creators (default: the only one that holds a table)"
    )
    header: Whole | None = Field(
        None, description="the row that has the names of the columns, as for creators (default: it is found)"
    )
    columns: PostColumnsSaid = Field(
        default_factory=lambda: PostColumnsSaid.model_validate({}),
        description="which of the file's columns is which of ours, as for creators (default: the file's own names)",
    )
    decimal: Literal["comma", "point"] | None = Field(
        None, description="what begins the decimals in this file, as for creators (default: told from the numbers)"
    )


PastPostsField = Annotated[PostsFile, BeforeValidator(forms.creators, json_schema_input_type=Text | PostsFile)]


class ForecastSaid(Strict, title="a mapping"):
    """Which figures are planned with, and how outcomes are drawn."""

    rates: Literal["expected", "pooled", "measured", "cautious"] = Field(
        "expected",
        description="expected: what the next post of a creator will bring, where 30 creators or more have the figure;"
        " pooled: the same for fewer creators; cautious: the lowest tenth of it; measured: the figures of the file",
    )
    unmeasured: Literal["assumed", "expected"] = Field(
        "assumed",
        description="what creators without a figure get: what assume says, or, before that, what is expected of"
        " creators like them",
    )
    past_posts: PastPostsField | None = Field(
        None,
        title="a file's name, or a file of posts",
        description="single posts of creators, which figures then rest on (default: none)",
    )
    common: CommonErrors = Field(
        default_factory=lambda: CommonErrors.model_validate({}),
        description="how far figures may be off for many bookings at once (default: our guesses)",
    )
    draws: DrawCount = Field(
        10_000, description="how often outcomes are drawn for the ranges, from 1,000 to 100,000 (default: 10,000)"
    )
    seed: Seed = Field(1, description="the number that draws begin with, from 0 to 1,000,000 (default: 1)")


class AssumedLine(Open, title="a line of a table"):
    """One line of a table: a figure, and whom it speaks of."""

    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": {"description": "what is asked of the column, as in a filter"}}
    )
    __pydantic_extra__: dict[AssumedColumn, ConditionField]
    value: NumberField = Field(alias="is", description="the figure, for whom all other keys of the line match")


Table = Annotated[
    list[AssumedLine], BeforeValidator(forms.table, json_schema_input_type=NumberField | list[AssumedLine])
]


class ReturnsStep(Strict, title="a step of returns"):
    """One step of falling returns."""

    up_to: Amount = Field(description="the step's last booking, counted from the first one of all")
    keep: Rate = Field(description="how much of its outcome each booking of this step keeps")


class SegmentSaid(Open, title="a segment"):
    """A typical creator of whom several can be booked, before names are known. Any column of a file fits."""

    model_config = ConfigDict(
        json_schema_extra={
            "additionalProperties": {"description": "the column's value for all creators of the segment"}
        }
    )
    __pydantic_extra__: dict[SegmentColumn, Cell]
    name: Text = Field(description="shown in plans; rules name it as a creator, or by the column segment")
    available: Amount = Field(description="how many can be booked at most, on all offers together")
    returns: list[ReturnsStep] | None = Field(
        None,
        min_length=1,
        max_length=20,
        title="a list of steps",
        description="what further bookings keep of their outcome; nothing is booked beyond the last step (default:"
        " every booking keeps all)",
    )
    whole: Flag | None = Field(
        None, description="false: it may be booked in parts (default: as the scenario's whole says)"
    )


class Costs(Strict, title="a mapping"):
    """What comes out of the budget beside creators."""

    agency: Rate | None = Field(
        None, description="the agency's fee, as a share of cash; the budget then holds spend and fee (default: none)"
    )
    fixed: Amount | None = Field(None, description="fixed costs, which come off the budget first (default: 0)")
    reserve: Rate | None = Field(None, description="how much of the budget is kept back (default: 0)")


class OwnQuantity(Strict, title="a quantity of your own"):
    """A quantity of your own: a column of numbers, counted once per booking."""

    column: Text | None = Field(None, description="the column that holds it (default: the quantity's name)")
    falls: Flag | None = Field(
        None,
        description="whether it falls with a segment's returns, as outcomes do (default: false; must be said where"
        " segments have returns)",
    )


OwnQuantities = Annotated[
    dict[Text, OwnQuantity],
    BeforeValidator(forms.own_quantities, json_schema_input_type=list[Text] | dict[Text, Text | OwnQuantity]),
]


class PackChoice(Strict, title="a pack"):
    """A pack of market figures, and which of its levels counts."""

    pack: PackName = Field(description="which pack; creatormix benchmarks lists them")
    level: Literal["low", "base", "high"] = Field(
        "base", description="which of its figures counts; low is always the lower number"
    )


Pack = Annotated[PackChoice, BeforeValidator(forms.pack, json_schema_input_type=PackName | PackChoice)]


class AcceptedDoubt(Strict, title="a doubt that is settled"):
    """A doubt that you have looked into, and that is not shown again."""

    doubt: Text = Field(description="the code of the doubt, such as far-out")
    creator: Text | None = Field(None, description="the creator it is about (default: all of this code)")
    because: Text = Field(description="why it is settled, for whoever reads the scenario")
