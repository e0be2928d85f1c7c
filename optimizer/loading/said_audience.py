"""The audience of a scenario: the people whom creators reach, as a scenario says them.

Each key has a description, which ends with its default in brackets where the default is no plain value: see `schema`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from optimizer.domain import curves
from optimizer.domain.exact import Number, parse_number
from optimizer.domain.filters import fold
from optimizer.loading import shapes
from optimizer.loading.fields import Amount, Rate, Text, amount, fault, number, text
from optimizer.loading.source import short
from optimizer.loading.strict import Strict
from optimizer.unseen import visible

CHANCE, ALL = "chance", "all"
MOST_DIMENSIONS, MOST_VALUES, MOST_NESTED = 4, 2_000, 100_000
MOST_PEOPLE = 10**10  # more than there are
LEAST_K, MOST_K = Number(Decimal(curves.LEAST_K.numerator) / curves.LEAST_K.denominator), 10**6
_FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]*$")

Dimensions = tuple[tuple[str, tuple[str, ...] | None], ...]
Keys = tuple[str, ...]  # the values of a cell, or of its first dimensions, as they are written
Sizes = str | dict[Keys, Number]
Overlap = str | dict[Keys, Number | None]  # a file; or k, None for chance overlap


def parted_by(value: Any) -> Dimensions:
    """Columns of texts, or a mapping of dimensions to their values (`all`: those of the column)."""
    said: Mapping[Any, Any]
    if isinstance(value, dict):
        said = value
    else:
        names = [text(one) for one in (value if isinstance(value, list) else [value])]
        _check_once(names, "the column")
        said = dict.fromkeys(names, ALL)
    if len(said) > MOST_DIMENSIONS:
        fault("audience-cells", f"at most {MOST_DIMENSIONS} columns can part the audience", "name those that matter")
    found = tuple((text(name), None if values == ALL else _values(values)) for name, values in said.items())
    _check_once([name for name, _ in found], "the column")
    return found


def _check_once(names: Sequence[str], what: str) -> None:
    keys = [fold(name) for name in names]
    twice = next((name for at, name in enumerate(names) if keys[at] in keys[:at]), None)
    if twice is not None:
        fault("audience-cells", f'{what} "{_shown(twice)}" is named twice', "name each once")


def _shown(text_: str) -> str:
    return visible(short(text_))


def _values(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict) or value == []:
        fault("audience-cells", "a list of values is expected here", "write {age: [18-24, 25-34]}")
    found = tuple(text(one) for one in (value if isinstance(value, list) else [value]))
    if len({fold(one) for one in found}) < len(found):
        _check_once(found, "the value")
    if len(found) > MOST_VALUES:
        fault("audience-cells", f"at most {MOST_VALUES:,} values can part the audience", "name those that matter")
    return found


def sized(value: Any) -> Sizes:
    """A file; or numbers of people, nested by the values of the cells' dimensions."""
    if isinstance(value, str) and parse_number(value) is None and _FILE.search(value.strip()):
        return text(value)
    return _nested(value, _people, "write {FR: 30_000_000, DE: 40_000_000}, or a file such as sizes.csv")


def _people(value: Any, path: Keys) -> Number:
    found = amount(value)
    if not found.value:
        cause = f"{_where(path)}a part of the audience without people"
        fault("audience-size", cause, "write how many people there are, or leave it out")
    if found.value > MOST_PEOPLE:
        cause = f"{_where(path)}{found.value:,f} people are more than live on Earth"
        fault("audience-size", cause, "write the number of people")
    return found


def overlapping(value: Any) -> Overlap:
    """A file of learned overlap; or k, for all cells or nested by the values of the cells' dimensions."""
    if isinstance(value, str) and parse_number(value) is None and _FILE.search(value.strip()):
        return text(value)
    return _nested(value, _k, "write chance, a number k from 0.1 up, or {FR: 2.5, DE: chance}")


def _where(path: Keys) -> str:
    """A part of the audience, before what is said of it."""
    return f"{_shown(' > '.join(path))}: " if path else ""


def _k(value: Any, path: Keys) -> Number | None:
    """How unevenly people follow creators; None for chance overlap."""
    if isinstance(value, str) and value.strip().casefold() == CHANCE:
        return None
    mend = "write chance, a number k from 0.1 up, or a file that ends in .json"
    if not isinstance(value, Number) and (not isinstance(value, str) or parse_number(value) is None):
        said = f'"{short(value)}"' if isinstance(value, str) else "this"
        fault("audience-overlap", f"{_where(path)}{said} is neither chance nor a number", mend)
    found = number(value)
    if found.percent or found.value < LEAST_K.value:
        cause = f"{_where(path)}{found} is no k, which says how unevenly people follow creators"
        fault("audience-overlap", f"{cause}: it is a plain number, at least {LEAST_K}", mend)
    if found.value > MOST_K:
        fault("audience-overlap", f"{_where(path)}a k of {found.value:,f} is overlap by chance", "write chance")
    return found


def _nested(value: Any, leaf: Any, mend: str) -> dict[Keys, Any]:
    """A table as a mapping from the values on the way to each of its numbers."""
    found: dict[Keys, Any] = {}

    def walk(one: Any, path: Keys) -> None:
        if not isinstance(one, dict):
            if one is None or isinstance(one, list):
                fault("audience-table", f"{_where(path)}a number is expected", mend)
            found[path] = leaf(one, path)
            return
        if not one or len(path) >= MOST_DIMENSIONS:
            fault("audience-table", "a table has one level for each column of cells, with numbers inside", mend)
        names = [text(name) for name in one]
        if len({fold(name) for name in names}) < len(names):
            fault("audience-twice", "a value is named twice", "name each once, in one spelling")
        if len(found) + len(one) > MOST_NESTED:
            fault("audience-table", f"more than {MOST_NESTED:,} numbers", "write a file")
        for name, inner in zip(names, one.values(), strict=True):
            walk(inner, (*path, name))

    walk(value, ())
    return found


class AudienceSaid(Strict, title="a mapping"):
    """The people whom creators reach, for the quantities reach, frequency and cost_per_person."""

    cells: Annotated[Dimensions, PlainValidator(parted_by), WithJsonSchema(shapes.CELLS)] | None = Field(
        None,
        title="a list of columns, or columns with their values",
        description="what parts the audience: columns of texts, or a mapping such as {country: all, age: [18-24,"
        " 25-34]} (default: country and niche, where the pool has them)",
    )
    sizes: Annotated[Sizes, PlainValidator(sized), WithJsonSchema(shapes.SIZES)] | None = Field(
        None,
        title="numbers of people, or a file",
        description="how many people each part has, as in {FR: 30_000_000}, nested where there are several columns; or"
        " a file with these columns and people (default: the audiences in the pool, added up)",
    )
    overlap: Annotated[Overlap, PlainValidator(overlapping), WithJsonSchema(shapes.OVERLAP)] | None = Field(
        None,
        title="chance, a number, a table or a file",
        description="how audiences overlap: chance; k from 0.1 up, the lower the more the same people follow all; a"
        " table of these by the values of cells; or a file of creatormix audience fit (default: chance)",
    )
    sample: Text | None = Field(
        None, description="a file of people with the creators whom each follows, instead of cells (default: none)"
    )
    seen: Literal["all", "views"] = Field(
        "all", description="of a sample: all, who follows a creator is reached; views, as many as the views say"
    )
    scale_to: Amount | None = Field(
        None, description="of a sample: how many people it stands for (default: those who are in it)"
    )
    keep_back: Rate | None = Field(
        None,
        description="of a sample: the share of its people who are not planned with, and on whom the plan is judged, as"
        " choosing on a sample flatters it (default: 0)",
    )
    shared: Rate | None = Field(
        None,
        description="of accounts of one talent: the share of the smaller audience that they have in common, beyond"
        " chance (default: 0)",
    )
