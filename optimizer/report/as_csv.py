"""Bookings as CSV that a spreadsheet cannot run as formulas."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from optimizer.report import views
from optimizer.report.booked import booked
from optimizer.report.csv_styles import DEFAULT, RAW, STYLES, Style
from optimizer.report.document import Table
from optimizer.report.sweep_page import rows_table
from optimizer.results.comparison import Comparison
from optimizer.results.plan import Plan
from optimizer.results.sweep import Sweep

_LIKE_A_NUMBER = re.compile(r"\d[\d.,:/eE+-]*")  # 00123, 1e5 and 3-4 would be changed to a number or a date
LIVE = ("=", "+", "-", "@", "\t", "\r", "|")  # a spreadsheet may run a text that starts like this


def to_csv(
    plan: Plan,
    *,
    raw: bool = False,
    style: str = DEFAULT,
    carried: Mapping[str, Mapping[str, str | None]] | None = None,
) -> str:
    """One line per booking, the biggest first.

    Texts that a spreadsheet might run (`@lea`, `=cmd`) or take for a number or a date (`00123`, `3-4`) get a leading
    apostrophe, headers too; numbers never. Our own reader of pools takes the apostrophe off again.

    Parameters
    ----------
    raw, style
        The style, as in `STYLES`; `raw` is the style of that name, which leaves texts as they are, for programs.
    carried
        Columns of the file of creators: heading -> creator -> cell.
    """
    view = booked(plan, carried)
    return _written([column.name for column in view.columns], view.rows, STYLES[RAW if raw else style])


def roster_csv(comparison: Comparison, *, raw: bool = False, style: str = DEFAULT) -> str:
    """One line per creator and offer, with the count in each case: 0 if it is not booked, blank without a plan.

    Texts are as safe as in `to_csv`, and `raw` and `style` mean the same.
    """
    return table_csv(views.roster(comparison), raw=raw, style=style)


def table_csv(view: Table, *, raw: bool = False, style: str = DEFAULT) -> str:
    """Any table, one line per row, as safe as in `to_csv`; `raw` and `style` mean the same."""
    return _written([column.name for column in view.columns], view.rows, STYLES[RAW if raw else style])


def sweep_csv(sweep: Sweep, *, raw: bool = False, style: str = DEFAULT) -> str:
    """One line per point, with all its numbers. Texts are as safe as in `to_csv`."""
    view = rows_table(sweep)
    return _written([column.name for column in view.columns], view.rows, STYLES[RAW if raw else style])


def _written(header: Sequence[str], rows: Iterable[Sequence[Any]], style: Style) -> str:
    """Write CSV; every table goes through here."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=style.separator, lineterminator="\r\n")
    for row in itertools.chain([header], rows):
        writer.writerow([_safe(cell, style) for cell in row])
    return out.getvalue()


def _safe(value: Any, style: Style) -> Any:
    if isinstance(value, float):
        return _decimal(value).replace(".", style.decimal)
    if isinstance(value, str) and style.guarded and (value.startswith(LIVE) or _LIKE_A_NUMBER.fullmatch(value)):
        return f"'{value}"
    return "" if value is None else value


def _decimal(value: float) -> str:
    """A number in full, without an exponent."""
    text = repr(value)
    return f"{value:.6f}".rstrip("0").rstrip(".") if "e" in text else text
