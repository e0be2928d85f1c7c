"""Results in another language for tests: every document and sheet of a result, and what is left in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from optimizer.report import alternatives, as_html, audience, comparison, explanation, sheets, sweep, sweep_page, text
from optimizer.report.document import Document, Figures, Table, Valued, Words
from optimizer.report.language import missing, names_of, speaker
from optimizer.results.alternatives import Alternatives
from optimizer.results.audience import AudienceFit
from optimizer.results.comparison import Comparison
from optimizer.results.explanation import Explanation
from optimizer.results.plan import Plan
from optimizer.results.sweep import Sweep

_RENDERERS = {
    Comparison: comparison.render,
    Sweep: sweep.render,
    Explanation: explanation.render,
    Alternatives: alternatives.render,
    AudienceFit: audience.render,
}
_SHEETS: dict[type, Any] = {
    Plan: sheets.plan_sheets,
    Comparison: sheets.comparison_sheets,
    Sweep: sweep_page.sweep_sheets,
    Alternatives: alternatives.sheets,
}
_ENGLISH = re.compile(
    r"\b(?:the|of|was|were|with|each|without|which|who|that|this|these|those|least|more|than|would|could|bookings?"
    r"|rules?|creators|price|room|gains|saves|spend|from|nobody|people|every|leaves|there|taken|known)\b"
)
_CODE = re.compile(
    r"(?:\w+: )?\{.*\}|\w+(?:\.\w+)+|^- \S+:\d+|^\S+:\d+$"
    r"|`[^`]*`|\[.*?\]|--[a-z-]+|\S+\.(?:yaml|csv|xlsx|json)|[a-z]+(?:[_-][a-z]+)+|\(.* is .*\)"
)


def page_of(result: Any, language: str = "fr") -> Document:
    """The document of a result's page."""
    return speaker(language, result).document(as_html._described(result))


def sheets_of(result: Any, language: str = "fr") -> list[Table]:
    """The sheets of a result's workbook."""
    make = _SHEETS.get(type(result))
    return [] if make is None else speaker(language, result).tables(make(result))


def text_of(result: Any, language: str = "fr", **options: Any) -> str:
    """A result as plain text."""
    return _RENDERERS.get(type(result), text.render)(result, language=language, **options)


def untold(result: Any) -> list[str]:
    """The texts of all faces of a result for which there is no phrase."""
    with missing() as found:
        page_of(result)
        sheets_of(result)
        text_of(result)
        if not isinstance(result, (Explanation, AudienceFit)):
            text_of(result, everything=True)
    return found


def texts_of(document: Document | Table) -> Iterator[str]:
    """Every text of a document or a table."""
    if isinstance(document, Table):
        yield from (document.title, document.caption, *(column.name for column in document.columns))
        for row in document.rows:
            values = (cell.value if isinstance(cell, Valued) else cell for cell in row)
            yield from (value for value in values if isinstance(value, str))
        return
    yield document.title
    for section in document.sections:
        yield section.heading
        for part in section.parts:
            if isinstance(part, Table):
                yield from texts_of(part)
            elif isinstance(part, Words):
                yield from (part.title, *part.lines)
            elif isinstance(part, Figures):
                yield from (str(text) for pair in part.values for text in pair)
            else:
                yield from (part.title, part.says)


def english_left(result: Any) -> list[str]:
    """Texts that have English words in French, outside names, code and what files say of their cells."""
    names = sorted((name for name in names_of(result) if len(name) > 2), key=len, reverse=True)
    own = re.compile("|".join(map(re.escape, names)) or r"\Z.")
    told = [text for part in (page_of(result), *sheets_of(result)) for text in texts_of(part)]
    return [text for text in told if _ENGLISH.search(_CODE.sub("", own.sub("", text)))]
