"""Files of creators and of handles, as a scenario says them.

Each key has a description, which ends with its default in brackets where the default is no plain value: see `schema`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from optimizer.loading import forms, shapes
from optimizer.loading.fields import (
    ColumnName,
    FilterField,
    PresetName,
    Text,
    Whole,
)
from optimizer.loading.strict import Open, Strict

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
