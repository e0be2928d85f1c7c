"""Tables with a column for each case: as many side by side as the page holds, the others in blocks below."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from optimizer.report.tables import plain

_ACROSS = 4
_BROAD = 100
_GAP = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: a label, and a cell for each case. `texts` may be folded; numbers are never cut."""

    label: str
    cells: tuple[str, ...]
    texts: bool = False


def blocks(title: str, headings: Sequence[str], lines: Sequence[Line], width: int, base: int) -> str:
    """The table in blocks of at most four cases; each block begins with the base, to be read by itself.

    Lines that are blank throughout a block are left out of it.
    """
    least, texts = (34, 22) if width >= _BROAD else (24, 15)  # of labels and of texts, which may be folded
    longest = max((cell_len(line.label) for line in lines), default=0)
    widths = [_case_width(at, heading, lines, texts) for at, heading in enumerate(headings)]
    shown = []
    for chosen in _chosen(widths, width - min(longest, least) - _GAP, base):
        cases = sum(widths[at] + _GAP for at in chosen)
        label = min(longest, max(least, width - _GAP - cases))
        needed = _GAP + label + cases
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
        table.add_column("", width=label, overflow="fold")
        for at in chosen:
            table.add_column(Text(headings[at]), justify="right", width=widths[at], overflow="fold")
        for line in lines:
            if any(line.cells[at] for at in chosen):
                table.add_row(Text(_hanging(line.label, label)), *(Text(line.cells[at]) for at in chosen))
        shown.append(plain(table, max(width, needed)).rstrip("\n") + "\n")  # better too wide than cut
    return title + "\n" + "".join(shown)


def _hanging(label: str, width: int) -> str:
    """A label whose further lines are indented."""
    begin = label[: len(label) - len(label.lstrip())]
    text = label.lstrip().replace(" %", "\xa0%")  # which stays together
    folded = textwrap.fill(
        text, max(width, 8), initial_indent=begin, subsequent_indent=f"{begin}  ", break_on_hyphens=False
    )
    return folded.replace("\xa0", " ")


def _case_width(at: int, heading: str, lines: Sequence[Line], most: int) -> int:
    """The width of a case's column: numbers in full, texts and its name within limits."""
    numbers = [cell_len(line.cells[at]) for line in lines if not line.texts]
    texts = [cell_len(heading), *(cell_len(line.cells[at]) for line in lines if line.texts)]
    return max([min(max(texts), most), *numbers])


def _chosen(widths: Sequence[int], room: int, base: int) -> list[list[int]]:
    """The cases of each block."""
    found = [[base]]
    for at in range(len(widths)):
        if at == base:
            continue
        taken = sum(widths[other] + _GAP for other in (*found[-1], at))
        if len(found[-1]) > 1 and (len(found[-1]) == _ACROSS or taken > room):
            found.append([base])
        found[-1].append(at)
    return found
