"""The forms that results are given out in, each loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.results.shown import Kind, View


def printed(result: Any, width: int) -> str:
    """A result as plain text."""
    from optimizer.report.printed import printed as text

    return text(result, width)


def to_html(result: Any, language: str) -> str:
    """A result as a page of its own, in a language."""
    from optimizer.report.as_html import to_html as page

    return page(result, language)


def to_fragment(result: Any) -> str:
    """A result as HTML for a notebook."""
    from optimizer.report.as_html import to_fragment as part

    return part(result)


def to_dict(result: Any) -> dict[str, Any]:
    """A result as one object of plain values."""
    from optimizer.results.as_json import to_dict as plain

    return plain(result)


def to_json(result: Any) -> str:
    """A result as JSON text."""
    from optimizer.results.as_json import to_json as json

    return json(result)


def from_json(document: str | bytes | Mapping[str, Any], kind: type[Kind]) -> Kind:
    """A result read back from its JSON."""
    from optimizer.results.from_json import from_json as read

    return read(document, kind)


def arrow(result: Any, view: View | None) -> Any:
    """One of a result's tables for Arrow."""
    from optimizer.results.frames import arrow as table

    return table(result, view)


def pandas_frame(result: Any, view: View | None) -> Any:
    """The same for pandas."""
    from optimizer.results.frames import pandas_frame as frame

    return frame(result, view)


def polars_frame(result: Any, view: View | None) -> Any:
    """The same for polars."""
    from optimizer.results.frames import polars_frame as frame

    return frame(result, view)
