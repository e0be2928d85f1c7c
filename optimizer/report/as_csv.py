"""Who is booked, as CSV that a spreadsheet cannot mistake for formulas."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from optimizer.planning.plan import Plan
from optimizer.report.as_json import allocation_row

_LIKE_A_NUMBER = re.compile(r"\d[\d.,:/eE+-]*")  # 00123, 1e5 and 3-4 would be changed to a number or a date
_LIVE = ("=", "+", "-", "@", "\t", "\r", "|")  # a text that starts so may be run by a spreadsheet


def to_csv(plan: Plan, *, raw: bool = False) -> str:
    """One line per booking.

    Texts that a spreadsheet might run (`@lea`, `=cmd`) or take for a number or a date (`00123`, `3-4`) get a leading
    apostrophe, headers too; numbers never. `raw` leaves texts as they are, for programs. Our own reader of pools takes
    the apostrophe off again.
    """
    rows = [allocation_row(booking) for booking in plan.allocations]
    header = list(dict.fromkeys(["creator", "offer", "count", *(name for row in rows for name in row)]))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    header = [*header, "estimated"]
    writer.writerow([_safe(name, raw) for name in header])
    for booking, row in zip(plan.allocations, rows, strict=True):
        row["estimated"] = "; ".join(f"{name}: {source}" for name, source in booking.estimated.items())
        writer.writerow([_safe(row.get(name), raw) for name in header])
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
