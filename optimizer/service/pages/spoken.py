"""Parts of reports in the language of a page: the one place where pages have them put into words.

Reports are described in English. Whoever speaks another language takes a whole document: parts are handed over as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from optimizer.report.document import Cell, Column, Document, Figures, Part, Section, Table, Words, shown
from optimizer.report.language import Speaker, speaker
from optimizer.report.phrases import number
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan

ENGLISH: Final = Speaker("en")


def numeral(text: str, language: str) -> str:
    """A number that is written in English, with its unit, as the language writes it."""
    return text if language == "en" else number(text)


def speaker_of(language: str, result: Plan | NoPlan) -> Speaker:
    """Who says a result in a language."""
    return speaker(language, result)


def told(parts: Iterable[Part | None], result: Plan | NoPlan, speaker: Speaker) -> list[Part]:
    """Parts in the language."""
    found = tuple(part for part in parts if part is not None)
    return list(speaker.document(Document("", (Section("", found),), result.decimals)).sections[0].parts)


def lines(said: Sequence[str], result: Plan | NoPlan, speaker: Speaker) -> list[str]:
    """Lines in the language."""
    found = [part for part in told([Words(tuple(said))], result, speaker) if isinstance(part, Words)]
    return [line for part in found for line in part.lines]


def figures(said: Iterable[tuple[str, Cell]], result: Plan | NoPlan, speaker: Speaker) -> list[tuple[str, str]]:
    """Key figures in the language, as texts."""
    found = [part for part in told([Figures("", tuple(said))], result, speaker) if isinstance(part, Figures)]
    return [(name, shown(cell, "count", result.decimals)) for part in found for name, cell in part.values]


def table(said: Table, result: Plan | NoPlan, speaker: Speaker) -> Table:
    """A table in the language, with every cell as it is shown."""
    (found,) = [part for part in told([said], result, speaker) if isinstance(part, Table)]
    rows = tuple(
        tuple(_text(cell, column, result.decimals) for cell, column in zip(row, found.columns, strict=True))
        for row in found.rows
    )
    return Table(found.title, found.columns, rows, found.caption, found.spare, found.empty)


def _text(cell: Cell, column: Column, decimals: int) -> str:
    return shown(cell, column.kind, decimals)
