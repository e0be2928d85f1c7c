"""Parts of a scenario file: assumed figures, segments, costs, own quantities, packs, settled doubts.

Each key has a description, which ends with its default in brackets where the default is no plain value: see `schema`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from optimizer.loading import forms
from optimizer.loading.fields import (
    Amount,
    AssumedColumn,
    Cell,
    ConditionField,
    Flag,
    NumberField,
    PackName,
    Rate,
    SegmentColumn,
    Text,
)
from optimizer.loading.strict import Open, Strict


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
