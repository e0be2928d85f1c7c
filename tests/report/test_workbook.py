"""A plan as a workbook: one sheet a view, numbers as numbers, no cell that is a formula, the same bytes twice."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from optimizer import Plan, compare, load_scenario, try_optimize
from optimizer.report.document import Column, Table, Valued
from optimizer.report.sheets import comparison_sheets, plan_sheets
from optimizer.report.workbook import workbook
from tests.cli.hostile import PLAIN

FRAME: dict[str, list[Any]] = {
    "creator": ["@ann", "=1+1", "00123"],
    "niche": ['=HYPERLINK("http://x")', "food", "food"],
    "followers": [2_000, 3_000, 4_000],
    "engagement_rate": [0.0511, 0.04, None],
    "fee": ["100.10", "1200", "50.5"],
}
SAID = {
    "format": 1,
    "name": "=cmd|' /C calc'!A0",
    "currency": "EUR",
    "budget": 200,
    "objective": {"maximize": "engagements"},
    "assume": {"engagement_rate": "2%"},
    "exclude": ["@nobody"],
    "constraints": {"food": {"quantity": "spend", "group": {"niche": "food"}, "at_least": "10%"}},
}


def planned(**more: Any) -> Plan:
    plan = try_optimize(load_scenario({**SAID, **more}, creators=FRAME))
    assert isinstance(plan, Plan)
    return plan


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def cells(book: openpyxl.Workbook) -> list[Any]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_there_is_a_sheet_for_each_view() -> None:
    book = opened(workbook(plan_sheets(planned()), 2))
    assert book.sheetnames == [
        "Plan",
        "Rules",
        "Forecast",
        "Booked",
        "Figures",
        "Runners-up",
        "Not considered",
        "Doubts",
        "Warnings",
    ]
    assert all(sheet.freeze_panes == "A2" for sheet in book)


def test_doubts_have_a_sheet_of_their_own() -> None:
    size = 60
    frame = {
        "creator": [f"@c{at:02}" for at in range(size)],
        "followers": [5_000 + 10 * at for at in range(size)],
        "average_views": [1_000 + at for at in range(size - 1)] + [900_000],
        "fee": [100] * size,
    }
    said = {"format": 1, "currency": "EUR", "budget": 500, "objective": {"maximize": "impressions"}}
    plan = try_optimize(load_scenario(said, creators=frame))
    assert isinstance(plan, Plan)
    assert plan.doubts
    heading, *rows = opened(workbook(plan_sheets(plan), 2))["Doubts"].iter_rows(values_only=True)
    assert heading == ("doubt", "creator", "place", "what", "why", "mend")
    assert [(row[0], row[3]) for row in rows] == [(one.code, one.what) for one in plan.doubts]


def test_its_numbers_are_those_of_the_plan_as_numbers() -> None:
    plan = planned()
    sheet = opened(workbook(plan_sheets(plan), 2))["Booked"]
    heading, *rows = sheet.iter_rows(values_only=True)
    found = {row[0]: dict(zip(heading, row, strict=True)) for row in rows}
    assert set(found) == {one.creator for one in plan.allocations}
    for one in plan.allocations:
        assert found[one.creator]["spend (EUR)"] == one.values["spend"]
        assert found[one.creator]["engagements"] == one.values["engagements"]
        assert found[one.creator]["figures"] in ("own", "assumed")
    formats = {cell.value: cell.number_format for cell in sheet[2]}
    assert formats[rows[0][heading.index("spend (EUR)")]] == "#,##0.00"
    overview = dict(list(row[:2]) for row in opened(workbook(plan_sheets(plan), 2))["Plan"].iter_rows(values_only=True))
    assert overview["value"] == plan.objective.value
    assert overview["total spend"] == plan.totals["spend"]
    assert plan.unspent is not None
    assert overview["why it is left"] == plan.unspent.why


def test_shares_are_written_as_percent_and_yen_without_decimals() -> None:
    sheet = opened(workbook(plan_sheets(planned()), 2))["Rules"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "food")
    assert (row[3].value, row[3].number_format) == (0.1, "0.00%")
    view = Table("x", (Column("m", "money"),), ((5,), (Valued(7.5, "money"),)))
    assert opened(workbook([view], 0))["x"]["A2"].number_format == "#,##0"


def test_no_cell_is_a_formula_or_a_link_and_every_text_is_whole() -> None:
    view = Table("Texts", (Column("text"), Column("again")), tuple((text, text) for text in PLAIN))
    data = workbook([view], 2)
    book = opened(data)
    assert [cell.value for cell in book["Texts"]["A"]][1:] == list(PLAIN)
    assert {cell.data_type for cell in cells(book)} == {"s"}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [parts.read(name).lower() for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    for sign in (b"<f>", b"<f ", b"hyperlink"):
        assert not any(sign in sheet for sheet in sheets)


def test_texts_of_a_plan_that_look_like_formulas_stay_texts() -> None:
    book = opened(workbook(plan_sheets(planned()), 2))
    assert {cell.data_type for cell in cells(book)} <= {"s", "n"}
    texts = {cell.value for cell in cells(book)}
    assert {"@ann", "00123", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0"} <= texts


def test_lone_surrogates_and_controls_are_written_as_escapes() -> None:
    view = Table(
        "x", (Column("a\x07"),), (("a\ud800b",), ("a\x1b[31mb",), ("\u202eevil",), ("_x0041_",), ("x" * 40_000,))
    )
    sheet = opened(workbook([view], 2))["x"]
    assert [cell.value for cell in sheet["A"]][:5] == [
        "a\\u0007",
        "a\\ud800b",
        "a\\u001b[31mb",
        "\\u202eevil",
        "_x0041_",
    ]
    assert len(sheet["A6"].value) == 32_767


def test_the_same_plan_gives_the_same_bytes() -> None:
    plan = planned()
    assert workbook(plan_sheets(plan), 2) == workbook(plan_sheets(plan), 2)


def test_more_rows_than_a_sheet_holds_go_to_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.report.workbook._ROWS_MOST", 3)
    view = Table("Many", (Column("n", "count"),), tuple((at,) for at in range(7)))
    book = opened(workbook([view], 2))
    assert book.sheetnames == ["Many", "Many 2", "Many 3"]
    assert [cell.value for sheet in book for cell in sheet["A"][1:]] == list(range(7))


def test_a_comparison_has_cases_totals_rules_and_who_is_booked() -> None:
    cases = [
        (name, load_scenario({**SAID, "budget": budget}, creators=FRAME))
        for name, budget in (("=a", 200), ("b", 2_000))
    ]
    none = load_scenario(
        {**SAID, "budget": 1, "constraints": {"x": {"quantity": "creators", "at_least": 2}}}, creators=FRAME
    )
    compared = compare([*cases, ("none", none)])
    book = opened(workbook(comparison_sheets(compared), 2))
    assert book.sheetnames == ["Cases", "What differs", "Totals", "Rules", "Who is booked", "Warnings"]
    rows = list(book["Who is booked"].iter_rows(values_only=True))
    assert rows[0] == ("creator", "offer", "=a", "b", "none")
    assert {row[0]: row[2:] for row in rows[1:]} == {
        row.creator: tuple(
            one.count if one else (None if case.plan is None else 0)
            for one, case in zip(row.cases, compared.cases, strict=True)
        )
        for row in compared.roster
    }
    assert {cell.data_type for cell in cells(book)} <= {"s", "n"}
