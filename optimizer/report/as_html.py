"""Results as HTML for a notebook: the content of the printed text, as tables.

Every text is escaped. There is no script, and nothing is loaded from elsewhere: a name in a file of creators may be
hostile, and a notebook is opened by others.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.report.printed import printed
from optimizer.report.text import document
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.unseen import visible

_WIDE = 1_000  # columns are left out of the text on a narrow page only


def to_html(result: object) -> str:
    """A plan or a NoPlan as tables; a comparison, whose blocks are laid out in columns of text, as it is printed."""
    if isinstance(result, (Plan, NoPlan)):
        return f"<div>\n{''.join(_parts(document(result, _WIDE)))}</div>"
    return f"<div>\n<pre>{_shown(printed(result, 120))}</pre>\n</div>"


def _parts(part: RenderableType) -> Iterator[str]:
    if isinstance(part, Group):
        for inner in part.renderables:
            yield from _parts(inner)
    elif isinstance(part, Table):
        yield _table(part)
    elif isinstance(part, Text) and part.plain:
        yield f"<p>{'<br>'.join(map(_shown, part.plain.split(chr(10))))}</p>\n"


def _table(table: Table) -> str:
    title = f"<caption>{_shown(_words(table.title))}</caption>\n" if table.title else ""
    below = f"<p><small>{_shown(_words(table.caption))}</small></p>\n" if table.caption else ""
    right = [column.justify == "right" for column in table.columns]
    heads = [_words(column.header) for column in table.columns]
    head = f"<thead>{_row(heads, right, 'th')}</thead>\n" if any(heads) else ""
    cells = zip(*([_words(cell) for cell in column.cells] for column in table.columns), strict=True)
    rows = "\n".join(_row(row, right, "td") for row in cells)
    return f"<table>\n{title}{head}<tbody>\n{rows}\n</tbody>\n</table>\n{below}"


def _row(cells: tuple[str, ...] | list[str], right: list[bool], tag: str) -> str:
    shown = (
        f'<{tag} style="text-align: {"right" if number else "left"}">{_shown(cell)}</{tag}>'
        for cell, number in zip(cells, right, strict=True)
    )
    return f"<tr>{''.join(shown)}</tr>"


def _words(part: object) -> str:
    return part.plain if isinstance(part, Text) else str(part)


def _shown(text: str) -> str:
    return escape(visible(text))
