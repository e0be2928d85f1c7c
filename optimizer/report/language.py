"""Results in another language: a finished document becomes one in that language, text by text.

Describers write English, and know no other language. What each text is in another one stands in files of phrases
(`optimizer/report/fr`); numbers are written as that language writes them; a planner's own words stay as they are. Where
they stand is known: in columns of names, and in the holes of phrases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from optimizer.domain.quantities import DISTINCT, HELD_BACK, RATIOS, quantity_table
from optimizer.report.document import (
    Cell,
    Column,
    Document,
    Figures,
    Part,
    Picture,
    Section,
    Table,
    Valued,
    Words,
    chance_words,
    shown,
)
from optimizer.report.phrases import ENGLISH, LANGUAGES, NARROW, NO_BREAK, TEXT, Translating, book, lines_apart, number

_HOME = "optimizer.report"
_HEADING, _TITLE, _OWN = "heading", "title", "own"
_COLUMNS = {  # the family of the texts in a column, where it is not that of any text
    **dict.fromkeys(
        "offer tier niche platform and case file sha256 falls\xa0out on before now unit doubt place note pack source"
        " date breaks\xa0alone stand-ins low high".replace("\xa0", "_").split(),
        _OWN,
    ),
    "creator": "creator",
    "rule": "rule",
    "bound": "bound",
    "key": "key",
    "from": "origin",
    "to": "origin",
    "in their place": "others",
    "steps in": "stand_in",
    "figure": "figure",
    "figures": "rests",
    "of": "people_of",
    "speaks of": "people_of",
    "estimated": "estimates",
    "pay": "pay_models",
    "quantity": "quantity",
    "point and cause": "failed",
    "comes in": _OWN,
    "leaves": _OWN,
    "item": _HEADING,
    "country": _OWN,
    "exact_count": _OWN,
    "sha256": _OWN,
    "left out by": "left_out",
}
_COLUMNS |= {"falls out": _OWN, "breaks alone": _OWN}
_SIDE_BY_SIDE = ("Cases", "Totals", "Rules")  # tables whose first column has labels, and no heading
_NAMED = frozenset(
    "creator creators offer name names per_value variant comes_in leaves enters in_all runners_up replaced_by breaks"
    " constraint base pack source date declined labels not_planned".split()
)
_OURS = frozenset(
    {*quantity_table(agency=True, boost=True), *RATIOS, HELD_BACK}
)  # quantities that are no planner's own
_COUNTED = ("deliverables.", DISTINCT)
_HOLDS = {ord(NO_BREAK): "\U0010fff0", ord(NARROW): "\U0010fff1"}  # spaces at which a terminal's text is not folded
_RELEASED = {ord(held): chr(space) for space, held in _HOLDS.items()}
_missing: list[list[str]] = []


@contextmanager
def missing() -> Iterator[list[str]]:
    """The texts that are left in English in the meantime, as there is no phrase for them."""
    found: list[str] = []
    _missing.append(found)
    try:
        yield found
    finally:
        _missing.remove(found)


def said(text: str, language: str, *packages: str, names: frozenset[str] = frozenset()) -> str:
    """A single text in a language, as it stands in the files of phrases here or of further packages."""
    return Speaker(language, names, packages=packages).said(text)


def names_of(result: Any) -> frozenset[str]:
    """A planner's own names in a result: of creators, offers, rules, scenarios and cases."""
    return frozenset(_names(result, named=False))


def _names(value: Any, *, named: bool) -> Iterator[str]:
    if isinstance(value, str):
        if named:
            yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for keyed in (getattr(value, "units", None), getattr(value, "prices", None)):
            names = keyed if isinstance(keyed, Mapping) else ()  # own quantities, and rules
            yield from (name for name in names if name not in _OURS and not name.startswith(_COUNTED))
        for one in fields(value):
            yield from _names(getattr(value, one.name), named=one.name in _NAMED)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _names(inner, named=named)
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from _names(inner, named=named)


@dataclass(eq=False)
class Speaker:
    """Says documents, tables and texts in a language; in English, as they are.

    `names` are a planner's own. With `held`, spaces that must not break are written so that no text is folded there,
    until it is `released`.
    """

    language: str
    names: frozenset[str] = frozenset()
    held: bool = False
    packages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"language is one of {', '.join(LANGUAGES)}, not {self.language}")
        found = None if self.is_english else book(self.language, _HOME, *self.packages)
        self._by = None if found is None else Translating(found, self.names)

    @property
    def is_english(self) -> bool:
        """Whether nothing is to be translated."""
        return self.language == ENGLISH

    def said(self, text: str, family: str = TEXT) -> str:
        """A text of a family; in English, and reported, where there is no phrase for it."""
        if self._by is None or not text.strip():
            return text
        found = text if family == _OWN else self._by.text(text, family)
        if found is None:
            for listed in _missing:
                listed.append(text)
        return self._hold(text if found is None else found)

    def line(self, text: str, family: str = TEXT) -> str:
        """A line, with what begins it: spaces, a dash or a number."""
        begin, rest = lines_apart(text)
        own = family == TEXT and self._is_named(rest)
        return begin + (self._hold(rest) if own else self.said(rest, family))

    def _is_named(self, text: str) -> bool:
        """Whether a text is a name, or a list of names."""
        return text in self.names or all(name.removesuffix("*") in self.names for name in text.split(", "))

    def release(self, text: str) -> str:
        """A finished text with its own spaces again."""
        return text.translate(_RELEASED) if self.held and not self.is_english else text

    def _hold(self, text: str) -> str:
        return text.translate(_HOLDS) if self.held else text

    # --- documents ---

    def document(self, document: Document) -> Document:
        """A document with every text in the language, and its numbers as texts."""
        if self.is_english:
            return document
        title = self.title(document.title)

        def part(one: Part, family: str = TEXT) -> Part:
            if isinstance(one, Words):
                lines = tuple(title if line == document.title else self.line(line, family) for line in one.lines)
                return Words(lines, self.said(one.title), one.hanging)
            if isinstance(one, Figures):
                values = (
                    (name, self._cell(value, Column("", "count"), document.decimals)) for name, value in one.values
                )
                return Figures(self.said(one.title), tuple((self.said(name, _HEADING), cell) for name, cell in values))
            return self.table(one, document.decimals) if isinstance(one, Table) else self.picture(one)

        sections = (
            Section(self.said(one.heading), tuple(part(inner, _of_section(one.heading)) for inner in one.parts))
            for one in document.sections
        )
        return Document(title, tuple(sections), document.decimals)

    def title(self, title: str) -> str:
        """The title of a document, which is mostly a planner's own."""
        return self._hold(title) if title in self.names else self.said(title, _TITLE)

    def table(self, table: Table, decimals: int | None) -> Table:
        """A table; its numbers become texts, unless `decimals` is None, which is for spreadsheets."""
        if self.is_english:
            return table
        columns = tuple(self._column(one) for one in table.columns)
        headings = {old.name: new.name for old, new in zip(table.columns, columns, strict=True)}
        return Table(
            self.said(table.title),
            columns,
            tuple(self._row(table, row, decimals) for row in table.rows),
            self.said(table.caption),
            tuple(headings.get(name, name) for name in table.spare),
            self.said(table.empty or ("none" if decimals is not None else "")),
        )

    def tables(self, tables: Sequence[Table]) -> list[Table]:
        """The sheets of a workbook, whose numbers stay numbers."""
        return [self.table(one, None) for one in tables]

    def _column(self, column: Column) -> Column:
        if column.own:
            return replace(column, name=self._hold(column.name))
        return replace(column, name=self.said(column.name, _HEADING))

    def _row(self, table: Table, row: tuple[Cell, ...], decimals: int | None) -> tuple[Cell, ...]:
        item = str(row[0]) if table.title == "Plan" else ""
        own = item in ("scenario", "variant") or item.startswith("changed: ")
        return tuple(
            cell if own and at == 1 else self._cell(cell, column, decimals, self._family(table, column, at, row))
            for at, (column, cell) in enumerate(zip(table.columns, row, strict=True))
        )

    @staticmethod
    def _family(table: Table, column: Column, at: int, row: tuple[Cell, ...]) -> str:
        """The family of a cell's text, by where it stands."""
        if column.own == "all":
            return _OWN
        if column.name or at:
            return _COLUMNS.get(column.name, TEXT)
        if table.title not in _SIDE_BY_SIDE:
            return _OWN
        return label_family(table.title, str(row[0]))

    def _cell(self, cell: Cell, column: Column, decimals: int | None, family: str = TEXT) -> Cell:
        one = cell if isinstance(cell, Valued) else Valued(cell, column.kind)
        if isinstance(one.value, str):
            return self.line(one.value, family) if family == "label" else self.said(one.value, family)
        if one.value is None or decimals is None:
            return cell
        if one.kind == "chance":
            return self.said(chance_words(one.value), "chance")
        return self._hold(number(shown(one, column.kind, decimals)))

    # --- pictures ---

    def picture(self, picture: Picture) -> Picture:
        """A picture with its words in the language; names in it stay."""
        return Picture(self.said(picture.title), self.said(picture.says, "says"), self._spec(picture.spec))

    def _spec(self, value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {name: self._spec(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._spec(inner, key) for inner in value]
        if not isinstance(value, str) or self._by is None:
            return value
        if key == "title":
            return self.said(value, _HEADING)
        if key in ("kind", "domain"):
            return self.said(value, "picture_kind")
        if key == "name" and value not in self.names:
            return self._by.text(value, "picture_name") or value
        return value


def label_family(title: str, label: str) -> str:
    """The family of a label in a table of cases: rules have names of a planner, below which stands what is ours."""
    return "rule_label" if title == "Rules" and not label.startswith(" ") else "label"


def _of_section(heading: str) -> str:
    return "failed" if heading == "Failed" else TEXT


def speaker(language: str, result: Any, *, held: bool = False) -> Speaker:
    """A speaker for a result, whose names it knows."""
    return Speaker(language, frozenset() if language == ENGLISH else names_of(result), held)
