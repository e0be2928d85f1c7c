"""Views as an Excel workbook: one sheet a view, numbers as numbers, and no cell that could be run as a formula.

The same views give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter
from rich.cells import cell_len

from optimizer.report.as_csv import LIVE
from optimizer.report.document import Column, Kind, Raw, Table, Valued
from optimizer.unseen import visible

_ROWS_MOST = 1_048_575  # below the header; further rows go to further sheets
_WIDTHS = (8, 60)
_MEASURED = 1_000  # rows by whose cells a column's width is set
_DATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def workbook(views: Sequence[Table], decimals: int) -> bytes:
    """The bytes of a workbook; `decimals` are those of money."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _OPTIONS)
    book.set_properties({"created": _DATED, "title": "creatormix"})
    writer = _Writer(book, decimals)
    for view in views:
        for start in range(0, max(len(view.rows), 1), _ROWS_MOST):
            more = f" {start // _ROWS_MOST + 1}" if start else ""
            writer.sheet(f"{view.title}{more}", view.columns, view.rows[start : start + _ROWS_MOST])
    book.close()
    return out.getvalue()


class _Writer:
    """Writes sheets, with a format for each kind of cell."""

    def __init__(self, book: Any, decimals: int) -> None:
        self.book = book
        self.heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        money = "#,##0" + (f".{'0' * decimals}" if decimals else "")
        self.formats: dict[Kind, Any] = {
            "money": book.add_format({"num_format": money}),
            "money_each": book.add_format({"num_format": f"#,##0.{'0' * (decimals + 2)}"}),
            "share": book.add_format({"num_format": "0.00%"}),
        }
        self.whole, self.broken = (book.add_format({"num_format": form}) for form in ("#,##0", "#,##0.00"))
        self.guarded = book.add_format({"quote_prefix": True})  # stays a text where a cell is edited

    def sheet(self, title: str, columns: Sequence[Column], rows: Sequence[tuple[Raw | Valued, ...]]) -> None:
        """Write a sheet: a header that stays in sight, a filter on each column, and widths that fit."""
        sheet = self.book.add_worksheet(title)
        for at, column in enumerate(columns):
            sheet.write_string(0, at, visible(column.name), self.heading)
        for number, row in enumerate(rows, 1):
            for at, (column, cell) in enumerate(zip(columns, row, strict=True)):
                self._cell(sheet, number, at, cell if isinstance(cell, Valued) else Valued(cell, column.kind))
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        for at, column in enumerate(columns):
            longest = max([cell_len(column.name), *(self._width(row[at]) for row in rows[:_MEASURED])])
            sheet.set_column(at, at, min(max(longest + 2, _WIDTHS[0]), _WIDTHS[1]))

    def _cell(self, sheet: Any, row: int, at: int, cell: Valued) -> None:
        value = cell.value
        if value is None or value == "":
            return
        if isinstance(value, str):
            sheet.write_string(row, at, visible(value), self.guarded if value.startswith(LIVE) else None)
            return
        form = self.formats.get(cell.kind) or (self.whole if value == int(value) else self.broken)
        sheet.write_number(row, at, value, form)

    @staticmethod
    def _width(cell: Raw | Valued) -> int:
        value = cell.value if isinstance(cell, Valued) else cell
        return cell_len(value) if isinstance(value, str) else 0 if value is None else len(f"{value:,.2f}")
