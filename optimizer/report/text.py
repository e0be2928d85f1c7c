"""Documents as text for a terminal."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from optimizer.report import clash, goals, replanned, views
from optimizer.report import plan_parts as parts
from optimizer.report.document import Document, Figures, Part, Section, Table, Words, section, shown
from optimizer.report.doubts import doubts_words
from optimizer.report.forecast import goal
from optimizer.report.language import speaker
from optimizer.report.phrases import ENGLISH
from optimizer.report.tables import plain, titled_table
from optimizer.results import words
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan

_BOOKED_MOST = 20


def render(result: Plan | NoPlan, width: int | None = None, everything: bool = False, language: str = ENGLISH) -> str:
    """A plan, or why there is none, as plain text in a language."""
    described = _plan(result, everything) if isinstance(result, Plan) else _no_plan(result)
    return spoken(described, result, width or 100, language)


def _plan(plan: Plan, everything: bool) -> Document:
    every = views.biggest_first(plan)
    booked = every if everything else every[:_BOOKED_MOST]
    first = f"{words.goal(plan)}: {goal(plan)}"
    heading = (parts.named(plan), first, *goals.later(plan), parts.proof_words(plan), *parts.changed(plan))
    more = parts.cut(plan, every[len(booked) :], "--all lists them")
    in_order: tuple[tuple[Part | None, ...], ...] = (
        (Words(heading),),
        replanned.summary(plan),
        replanned.changes(plan, everything=everything),
        doubts_words(plan.doubts),
        (parts.totals(plan),),
        parts.people(plan),
        (parts.rules(plan),),
        (parts.ranges(plan),),
        (parts.mix(plan),),
        (parts.booked(plan, booked), Words((more,)) if more else None),
        (parts.expected(plan, booked),),
        parts.sources(plan),
        parts.definitions(plan),
        parts.benchmarks(plan),
        parts.budget(plan),
        parts.not_booked(plan),
        parts.warnings(plan.warnings),
    )
    return Document(parts.named(plan), _sections(in_order), plan.decimals)


def _no_plan(result: NoPlan) -> Document:
    outcome = "No plan." if result.outcome == "infeasible" else "No plan found."
    in_order: tuple[tuple[Part | None, ...], ...] = (
        (Words((parts.named(result), outcome, *parts.clashes(result), *parts.changed(result), *clash.ways(result))),),
        doubts_words(result.doubts),
        parts.not_booked(result),
        parts.warnings(result.warnings),
    )
    return Document(parts.named(result), _sections(in_order), result.decimals)


def _sections(in_order: tuple[tuple[Part | None, ...], ...]) -> tuple[Section, ...]:
    return tuple(one for some in in_order for one in section("", *some))


def spoken(document: Document, result: object, width: int, language: str) -> str:
    """A document about a result as plain text in a language."""
    speak = speaker(language, result, held=True)
    return speak.release(text_of(speak.document(document), width))


def text_of(document: Document, width: int) -> str:
    """Any document as plain text; a blank line between sections, whose headings are those of their tables."""
    said: list[RenderableType] = []
    for one in document.sections:
        said += [Text()] if said else []
        said += [_part(part, document.decimals, width) for part in one.parts]
    return plain(Group(*said), width)


def words_text(said: Words, width: int) -> str:
    """Words as text; only hanging ones are folded here."""
    lines = [line for text in said.lines for line in (_folded(text, width) if said.hanging else [text])]
    return "\n".join([said.title, *lines] if said.title else lines)


def _folded(line: str, width: int) -> list[str]:
    text = line.lstrip()
    begin = line[: len(line) - len(text)]
    return textwrap.wrap(
        text,
        width,
        initial_indent=begin,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _part(part: Part, decimals: int, width: int) -> RenderableType:
    if isinstance(part, Words):
        return Text(words_text(part, width))
    if isinstance(part, Figures):
        return _figures(part, decimals)
    if isinstance(part, Table):
        return _table(part, decimals, width)
    return Text(part.says)


def _figures(figures: Figures, decimals: int) -> Grid:
    """Figures in two columns."""
    grid = Grid(title=figures.title, title_justify="left", box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for _ in range(2):
        grid.add_column(no_wrap=True)
        grid.add_column(justify="right", no_wrap=True)
    cells = [(name, shown(value, "count", decimals)) for name, value in figures.values]
    height = -(-len(cells) // 2)
    for left, right in zip(cells[:height], [*cells[height:], ("", "")], strict=False):
        grid.add_row(*map(Text, (*left, *right)))
    return grid


def _table(table: Table, decimals: int, width: int) -> Grid:
    rows = _rows(table, decimals)
    for spare in table.spare:
        if _needed_width(table, rows) <= width:
            break
        table = _without(table, spare)
        rows = _rows(table, decimals)
    texts = [column.name for column in table.columns if column.kind == "text"]
    numbers = [column.name for column in table.columns[len(texts) :]]
    blank = [[table.empty, *([""] * (len(table.columns) - 1))]] if table.empty else []
    grid = titled_table(table.title, texts, numbers, rows or blank)
    grid.caption = table.caption or None
    grid.caption_justify = "left"
    return grid


def _rows(table: Table, decimals: int) -> list[list[str]]:
    """The cells as text."""
    kinds = [column.kind for column in table.columns]
    return [[shown(cell, kind, decimals) for cell, kind in zip(row, kinds, strict=True)] for row in table.rows]


def _without(table: Table, name: str) -> Table:
    kept = [at for at, column in enumerate(table.columns) if column.name != name]
    rows = tuple(tuple(row[at] for at in kept) for row in table.rows)
    return replace(table, columns=tuple(table.columns[at] for at in kept), rows=rows)


def _needed_width(table: Table, rows: list[list[str]]) -> int:
    """The approximate width of a table."""
    texts = [at for at, column in enumerate(table.columns) if column.kind == "text"]
    headings = [0, 0, *(len(table.columns[at].name) for at in texts[2:])]  # names are longer than what is above them
    longest = (max([heading, *(len(row[at]) for row in rows)]) for at, heading in zip(texts, headings, strict=False))
    return sum(min(length, 40) + 3 for length in longest) + 15 * (len(table.columns) - len(texts))
