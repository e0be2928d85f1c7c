"""Tables and paragraphs as plain text of some width."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text


def plain(part: RenderableType, width: int) -> str:
    """Render plain text of some width, without trailing spaces."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, highlight=False, markup=False, emoji=False)
    console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def titled_table(title: str, texts: list[str], numbers: list[str], rows: list[list[str]]) -> Table:
    """A table whose texts wrap on a narrow terminal; numbers are never cut."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in texts:
        table.add_column(heading, overflow="fold", max_width=40)
    for at, heading in enumerate(numbers, len(texts)):
        longest = max([len(heading), *(len(row[at]) for row in rows)])
        table.add_column(heading, justify="right", no_wrap=True, min_width=longest)
    for row in rows:
        table.add_row(*map(Text, row))
    return table
