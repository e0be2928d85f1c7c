"""What a result says, apart from how it is shown: sections of words, figures, tables and pictures, with raw values.

A describer turns a result into a document, and each renderer writes any document: as text, as HTML, as a workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from optimizer.results import words

Kind = Literal["text", "words", "count", "money", "money_each", "share", "chance"]
Raw = str | float | None
Own = Literal["", "heading", "all"]
_SURE = 0.9995  # a chance from which on a rule is as good as certain to be kept


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    `words` are texts that stand for numbers; `money` is in the currency, `money_each` in smaller parts of it; `share`
    and `chance` are fractions. Where the heading is a planner's `own`, or all of the column, no language changes it.
    """

    name: str
    kind: Kind = "text"
    own: Own = ""


@dataclass(frozen=True, slots=True)
class Valued:
    """A value with a kind of its own; its `unit`, and how many `decimals` it is shown with, if not as its kind is."""

    value: Raw
    kind: Kind
    unit: str = ""
    decimals: int | None = None


Cell = Raw | Valued


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns, and rows of raw values. `caption` explains it.

    Columns that are `spare` are left out, in this order, where a page is too narrow; `empty` is shown without rows.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    spare: tuple[str, ...] = ()
    empty: str = ""

    def column(self, name: str) -> list[Cell]:
        """The cells of one column."""
        at = [column.name for column in self.columns].index(name)
        return [row[at] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Figures:
    """Key figures by name."""

    title: str
    values: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of text. One that begins with a dash is an item of a list; lines of which the rest is indented are
    `hanging`.
    """

    lines: tuple[str, ...]
    title: str = ""
    hanging: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a Vega-Lite specification, with the words for those who do not see it."""

    title: str
    says: str
    spec: Mapping[str, Any]


Part = Words | Figures | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """Parts that belong together."""

    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Sections under a title; `decimals` are those of money."""

    title: str
    sections: tuple[Section, ...]
    decimals: int = 2


def words_of(*lines: str, title: str = "", hanging: bool = False) -> tuple[Words, ...]:
    """Words, if there are any."""
    said = tuple(line for line in lines if line)
    return (Words(said, title, hanging),) if said else ()


def section(heading: str, *parts: Part | None) -> tuple[Section, ...]:
    """A section, if there is anything in it."""
    found = tuple(part for part in parts if part is not None)
    return (Section(heading, found),) if found else ()


def shown(cell: Cell, kind: Kind, decimals: int) -> str:
    """A cell as text, with its unit."""
    one = cell if isinstance(cell, Valued) else Valued(cell, kind)
    if one.value is None or isinstance(one.value, str):
        return one.value or ""
    if one.kind == "chance":
        return chance_words(one.value)
    usual = decimals if one.decimals is None and one.kind.startswith("money") else one.decimals
    number = words.written(one.value, one.kind, usual)
    return f"{number} {one.unit}" if one.unit else number


def chance_words(chance: float) -> str:
    """A chance in words for a table."""
    return "sure" if is_sure(chance) else "none" if chance < 1 - _SURE else f"{100 * chance:.0f} %"


def is_sure(chance: float) -> bool:
    """Whether a chance is as good as certain."""
    return chance >= _SURE
