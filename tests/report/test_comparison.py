"""Comparisons as text, JSON and CSV: complete, safe, and legible on any terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from optimizer import Comparison, compare, to_dict, to_json
from optimizer.report.as_csv import roster_csv
from optimizer.report.comparison import render
from optimizer.results.as_json import dumps
from tests.report.test_outputs import HOSTILE
from tests.support.small import FRAME, planned, segments

RULES: dict[str, Any] = {
    "food": {"quantity": "spend", "group": {"niche": "food"}, "at_least": "10%"},
    "team": {"quantity": "creators", "at_most": 4},
}
IMPOSSIBLE: dict[str, Any] = {"budget": 10, "constraints": {"many": {"quantity": "creators", "at_least": 3}}}


def budgets(*amounts: int) -> Comparison:
    return compare({f"budget {amount}": planned(budget=amount, constraints=RULES) for amount in amounts})


def lines_with(shown: str, label: str) -> list[str]:
    return [line for line in shown.splitlines() if line.lstrip().startswith(label)]


# --- text ---


@pytest.mark.parametrize("width", [60, 80, 110, 140])
def test_no_number_is_cut_and_no_line_is_too_long(width: int) -> None:
    comparison = budgets(300, 400, 700)
    shown = render(comparison, width)
    assert "…" not in shown
    assert all(len(line) <= width for line in shown.splitlines())
    for case in comparison.cases:
        assert case.plan is not None
        assert f"{case.plan.totals['spend']:,.2f}" in shown


def test_every_total_stands_beside_its_difference_in_units_and_in_percent() -> None:
    shown = render(budgets(300, 700), 100)
    lines = shown.splitlines()
    spend = lines.index(lines_with(shown, "spend (EUR)")[0])
    assert lines[spend].split()[2:] == ["250.05", "650.15"]
    assert lines[spend + 1].strip() == "+400.10 +160.0 %"


def test_at_most_four_cases_stand_side_by_side_and_each_block_begins_with_the_base() -> None:
    shown = render(budgets(300, 400, 500, 600, 700, 800), 140)
    totals = shown[shown.index("Totals") : shown.index("Rules")]
    headings = [re.findall(r"budget \d+", line) for line in totals.splitlines() if "budget" in line]
    assert headings == [
        ["budget 300", "budget 400", "budget 500", "budget 600"],
        ["budget 300", "budget 700", "budget 800"],
    ]


def test_a_narrow_terminal_has_fewer_cases_side_by_side() -> None:
    shown = render(budgets(300, 400, 500, 600), 60)
    totals = shown[shown.index("Totals") : shown.index("Rules")]
    assert max(len(re.findall(r"budget \d+", line)) for line in totals.splitlines()) == 2


def test_bounds_that_differ_stand_in_each_column_and_others_once() -> None:
    shown = render(budgets(300, 700), 110)
    assert re.search(r"^ +spend +at most 300.00 EUR +at most 700.00 EUR$", shown, re.MULTILINE)
    assert shown.count("creators at most 4") == 1


def test_who_comes_in_is_told_with_what_that_changes_and_it_adds_up() -> None:
    shown = render(budgets(300, 700), 100)
    assert "budget 700 against budget 300:" in shown
    assert "in: booking" in shown
    comparison = budgets(300, 700)
    cell = next(row for row in comparison.totals if row.quantity == "spend").cases[1]
    assert cell is not None
    assert f"+{cell.difference:,.2f}" in lines_with(shown, "all together")[0]


def test_a_case_that_books_the_same_people_says_so() -> None:
    shown = render(compare({"one": planned(budget=500), "other": planned(budget=500)}), 100)
    assert "other against one: the same 3 creators on the same offers" in shown
    assert "Creators in both plans: 3 of 3" in shown


def test_a_segment_shows_how_often_it_is_booked() -> None:
    shown = render(compare({"before": segments(budget=800), "after": segments(budget=3_200)}), 100)
    assert "two x 5 -> x 20" in shown


def test_a_case_without_a_plan_has_its_reason_and_no_column_of_totals() -> None:
    shown = render(compare({"base": planned(), "none": planned(**IMPOSSIBLE), "rich": planned(budget=700)}), 110)
    assert "none: no plan can keep these rules at once (proved): budget, many" in shown
    assert "- budget: spend at most 10.00 EUR" in shown
    totals = shown[shown.index("Totals") : shown.index("Rules")]
    assert "none" not in totals


def test_nothing_but_reasons_is_shown_where_no_case_has_a_plan() -> None:
    shown = render(compare({"none": planned(**IMPOSSIBLE), "neither": planned(**IMPOSSIBLE)}), 100)
    assert "Totals" not in shown
    assert shown.count("these rules at once (proved)") == 2


def test_two_currencies_stand_with_every_amount_and_no_difference_is_shown() -> None:
    shown = render(compare({"euro": planned(), "dollar": planned(currency="USD")}), 110)
    assert re.search(r"spend +350.00 EUR +350.00 USD", shown)
    assert "are never subtracted" in " ".join(shown.split())
    totals = shown[shown.index("Totals") : shown.index("Rules")]
    spend = totals.splitlines().index(lines_with(totals, "spend")[0])
    assert totals.splitlines()[spend + 1].lstrip().startswith("cash")


def test_money_of_moves_in_two_currencies_is_shown_before_and_after() -> None:
    shown = render(compare({"euro": planned(), "dollar": planned(currency="USD", budget=700)}), 110)
    assert "spend (EUR) before" in shown
    assert "spend (USD) after" in shown


def test_warnings_of_all_cases_are_shown_once_and_others_with_their_case() -> None:
    outside = FRAME | {"followers": [2_000, 3_000, 9_000, 400]}
    shown = render(compare({"all": planned(), "fewer": planned(outside)}), 110)
    assert "- fewer: 1 of 4 creators are in no tier" in shown
    shown = render(compare({"one": planned(outside), "other": planned(outside)}), 110)
    assert "- 1 of 4 creators are in no tier" in shown


def test_a_comparison_prints_itself() -> None:
    assert "2 cases side by side; differences are taken from budget 300" in str(budgets(300, 700))


@pytest.mark.parametrize("name", HOSTILE)
def test_the_terminal_shows_names_of_creators_and_cases_as_they_are(name: str) -> None:
    frame = FRAME | {"creator": [name, "@bob", "@cyd", "@dan"]}
    shown = render(compare({"base": planned(frame, budget=320), name: planned(frame, budget=700)}), 600)
    assert name[:20] in shown
    assert "\x1b" not in shown


# --- JSON ---


def test_json_survives_its_own_reader_and_has_one_entry_per_case() -> None:
    found = to_dict(budgets(300, 400, 700))
    assert json.loads(dumps(found)) == found
    assert found["format"] == "creatormix/comparison/1"
    assert found["base"] == "budget 300"
    for part in ("totals", "rules", "roster"):
        assert {len(row["cases"]) for row in found[part]} == {3}


def test_json_of_two_runs_is_the_same_to_the_byte() -> None:
    assert to_json(budgets(300, 700)) == to_json(budgets(300, 700))


def test_attributes_are_named_as_in_the_json() -> None:
    comparison = budgets(300, 700)
    found = to_dict(comparison)
    assert found["cases"][1]["against_base"]["difference"] == comparison.cases[1].against_base.difference  # type: ignore[union-attr]
    for name in set(found) - {"format"}:
        assert hasattr(comparison, name)
    for name in found["cases"][0]:
        assert hasattr(comparison.cases[0], name)


@pytest.mark.parametrize("name", HOSTILE)
def test_json_gives_names_back_as_they_are(name: str) -> None:
    frame = FRAME | {"creator": [name, "@bob", "@cyd", "@dan"]}
    found = to_dict(compare({"base": planned(frame, budget=5_000), name: planned(frame, budget=5_000)}))
    assert found["cases"][1]["name"] == name
    assert name in found["creators"]["in_all"]


# --- CSV ---


def rows_of(comparison: Comparison, *, raw: bool = False) -> list[list[str]]:
    return list(csv.reader(io.StringIO(roster_csv(comparison, raw=raw))))


def test_csv_has_a_row_for_each_creator_and_offer_and_a_column_for_each_case() -> None:
    header, *rows = rows_of(compare({"poor": planned(budget=300), "rich": planned(budget=700)}), raw=True)
    assert header == ["creator", "offer", "poor", "rich"]
    assert rows == [
        ["@ann", "booking", "0", "1"],
        ["@bob", "booking", "0", "1"],
        ["@cyd", "booking", "1", "1"],
        ["@dan", "booking", "0", "1"],
    ]


def test_csv_leaves_the_column_of_a_case_without_a_plan_blank() -> None:
    _, *rows = rows_of(compare({"base": planned(), "none": planned(**IMPOSSIBLE)}))
    assert {row[3] for row in rows} == {""}


def test_csv_counts_the_bookings_of_a_segment() -> None:
    comparison = compare({"before": segments(budget=800), "after": segments(budget=777, whole=False)})
    assert rows_of(comparison)[1:] == [["food nano", "two", "5", "4.85625"]]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_the_csv_begins_like_a_formula(name: str) -> None:
    frame = FRAME | {"creator": [name, "bob", "cyd", "dan"]}
    offers = {name: {"deliver": {"video": 1}}}
    comparison = compare({name: planned(frame, budget=5_000, offers=offers), "other": planned(frame)})
    rows = rows_of(comparison)
    assert all(not cell.startswith(("=", "+", "-", "@", "|", "\t", "\r")) for row in rows for cell in row)


@pytest.mark.parametrize("name", HOSTILE)
def test_raw_csv_gives_names_back_as_they_are(name: str) -> None:
    frame = FRAME | {"creator": [name, "bob", "cyd", "dan"]}
    header, *rows = rows_of(compare({name: planned(frame, budget=5_000)}), raw=True)
    assert header[2] == name
    assert name in [row[0] for row in rows]
