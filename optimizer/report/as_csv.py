"""Bookings as CSV that a spreadsheet cannot run as formulas."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Any

from optimizer.analysis.comparison import Comparison
from optimizer.planning.plan import Plan
from optimizer.report.as_json import allocation_row

_LIKE_A_NUMBER = re.compile(r"\d[\d.,:/eE+-]*")  # 00123, 1e5 and 3-4 would be changed to a number or a date
_LIVE = ("=", "+", "-", "@", "\t", "\r", "|")  # a spreadsheet may run a text that starts like this


def to_csv(plan: Plan, *, raw: bool = False) -> str:
    """One line per booking.

    Texts that a spreadsheet might run (`@lea`, `=cmd`) or take for a number or a date (`00123`, `3-4`) get a leading
    apostrophe, headers too; numbers never. `raw` leaves texts as they are, for programs. Our own reader of pools takes
    the apostrophe off again.
    """
    rows = [allocation_row(booking) for booking in plan.allocations]
    header = list(dict.fromkeys(["creator", "offer", "count", *(name for row in rows for name in row)]))
    for booking, row in zip(plan.allocations, rows, strict=True):
        row["estimated"] = "; ".join(f"{name}: {source}" for name, source in booking.estimated.items())
    header = [*header, "estimated"]
    return _written(header, ([row.get(name) for name in header] for row in rows), raw)


def roster_csv(comparison: Comparison, *, raw: bool = False) -> str:
    """One line per creator and offer, with the count in each case: 0 if it is not booked, blank without a plan.

    Texts are as safe as in `to_csv`, and `raw` means the same.
    """
    cases = comparison.cases
    counts = (
        [(booked.count if booked else 0) if case.plan else None for case, booked in zip(cases, row.cases, strict=True)]
        for row in comparison.roster
    )
    rows = ([row.creator, row.offer, *cells] for row, cells in zip(comparison.roster, counts, strict=True))
    return _written(["creator", "offer", *(case.name for case in cases)], rows, raw)


def _written(header: Sequence[str], rows: Iterable[Sequence[Any]], raw: bool) -> str:
    """Write CSV; every table goes through here."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in itertools.chain([header], rows):
        writer.writerow([_safe(cell, raw) for cell in row])
    return out.getvalue()


def _safe(value: Any, raw: bool) -> Any:
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, str) and not raw and (value.startswith(_LIVE) or _LIKE_A_NUMBER.fullmatch(value)):
        return f"'{value}"
    return "" if value is None else value


def _decimal(value: float) -> str:
    """A number in full, without an exponent."""
    text = repr(value)
    return f"{value:.6f}".rstrip("0").rstrip(".") if "e" in text else text
