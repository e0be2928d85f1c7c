"""What a page says of plans side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from optimizer.report import comparison as told
from optimizer.report.blocks import Line
from optimizer.report.document import Column, Document, Part, Section, Table, Words, section, words_of
from optimizer.report.moves import moves_table
from optimizer.report.plan_page import inputs_table
from optimizer.report.what_differs import keys_notes, keys_table
from optimizer.results.comparison import Case, Comparison

_MOVES_MOST = 100
_DIFFERENCE = "difference from the base"


def comparison_page(comparison: Comparison) -> Document:
    """The page of a comparison."""
    clash = [Words(tuple(lines)) for lines in told.clashes(comparison)]
    cases = _side_by_side("Cases", comparison.cases, told.case_lines(comparison))
    inputs = dict.fromkeys(file for case in comparison.cases for file in case.inputs)
    return Document(
        " against ".join(dict.fromkeys(case.scenario.name for case in comparison.cases)),
        (
            *section("The cases", Words(tuple(told.heading(comparison))), cases, *clash, *_keys(comparison)),
            *(_planned(comparison) if comparison.base is not None else ()),
            *section(
                "Notes",
                *words_of(*(f"- {one}" for one in comparison.not_compared), title="Not compared"),
                *words_of(*(f"- {one}" for one in comparison.not_planned), title="Not planned, because it was stopped"),
                *words_of(*(f"- {one}" for one in told.warnings_of(comparison)), title="Warnings"),
            ),
            *section("Where the figures come from", inputs_table(inputs)),
        ),
        max((case.plan.decimals for case in comparison.cases if case.plan), default=2),
    )


def _keys(comparison: Comparison) -> Iterator[Part | None]:
    """The keys in which each case differs, with what they account for."""
    for case in comparison.cases:
        yield keys_table(comparison, case, None)
        yield from keys_notes(case)


def _planned(comparison: Comparison) -> tuple[Section, ...]:
    """What there is to compare between plans."""
    cases = told.planned_cases(comparison)
    where = "a file that ends in .json lists them (--out)"
    moves = (moves_table(comparison, case, _MOVES_MOST, where) for case in comparison.cases if case.against_base)
    rules = _side_by_side("Rules", cases, told.rule_lines(comparison)) if comparison.rules else None
    return (
        *section("Totals", _side_by_side("Totals", cases, told.total_lines(comparison))),
        *section("Rules", rules, *(words_of(*told.rule_notes(comparison)) if rules else ())),
        *section(
            "Who is booked",
            *(one if one is None or one.rows else Words((one.title,)) for one in moves),
            *told.creators(comparison, everything=False),
        ),
    )


def _side_by_side(title: str, cases: Sequence[Case], lines: Iterable[Line]) -> Table:
    """A table with a column for each case."""
    rows = tuple((line.label or _DIFFERENCE, *line.cells) for line in lines if any(line.cells))
    return Table(title, (Column(""), *(Column(case.name, "words", "heading") for case in cases)), rows)
