"""Comparisons as text, JSON and CSV: complete, safe, and legible on any terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from optimizer import Comparison, compare, load_scenario, to_dict, to_json
from optimizer.report.as_csv import roster_csv
from optimizer.report.comparison import render
from optimizer.report.document import Valued
from optimizer.report.sheets import comparison_sheets
from optimizer.results.as_json import dumps
from tests.report.test_outputs import HOSTILE
from tests.support.small import FRAME, SAID, planned, segments, small

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


# --- what differs ---


def explained(**terms: Any) -> Comparison:
    pets = {"quantity": "spend", "group": {"niche": "pets"}, "at_most": "20%"}
    return compare({"base": small(), "other": small(budget=700, name="renamed", constraints={"pets": pets})}, **terms)


def test_keys_that_differ_are_listed_with_both_values() -> None:
    shown = render(explained(gap=0), 110)
    assert "other: keys that differ from base" in shown
    assert lines_with(shown, "budget")[0].split() == ["budget", "400", "700"]
    assert lines_with(shown, "constraints.pets")[0].split()[1:3] == ["not", "there"]
    assert "renamed" not in shown.split("Totals")[0].split("keys that differ")[1]
    assert "accounts for" not in shown


def test_what_each_key_accounts_for_stands_beside_it_and_is_summed() -> None:
    shown = render(explained(gap=0, why=True), 110)
    assert lines_with(shown, "budget")[0].split()[-1] == "+110"
    assert lines_with(shown, "constraints.pets")[0].split()[-1] == "-160"
    assert lines_with(shown, "all together")[0].split()[-1] == "-50"
    assert "Shapley value" in shown
    assert "not proved" not in shown


@pytest.mark.parametrize("width", [60, 80])
def test_keys_stay_within_a_narrow_terminal(width: int) -> None:
    shown = render(explained(gap=0, why=True), width)
    assert all(len(line) <= width for line in shown.splitlines())
    assert "-160" in shown


def test_parts_that_are_not_proved_are_marked_and_notes_are_given() -> None:
    comparison = explained(gap=0, why=True)
    case = comparison.cases[1]
    assert case.against_base is not None
    sure, *others = case.against_base.accounts or ()
    unsure = [sure, *(replace(one, proved=False, low=-170.0, high=0.0) for one in others)]
    against = replace(case.against_base, accounts=tuple(unsure), accounts_note="in file order, because of rain")
    shown = render(replace(comparison, cases=(comparison.cases[0], replace(case, against_base=against))), 120)
    assert lines_with(shown, "budget")[0].endswith("+110          the same")
    assert lines_with(shown, "constraints.pets")[0].endswith("-160   -170 to nothing")
    assert "in file order, because of rain" in shown
    assert "not proved optimal" in shown
    vague = [replace(one, proved=False, low=None, high=None) for one in others]
    against = replace(case.against_base, accounts=(sure, *vague))
    shown = render(replace(comparison, cases=(comparison.cases[0], replace(case, against_base=against))), 120)
    assert lines_with(shown, "constraints.pets")[0].endswith("-160   not proved")
    none = replace(case.against_base, accounts=None, accounts_note="it cannot be told")
    shown = render(replace(comparison, cases=(comparison.cases[0], replace(case, against_base=none))), 120)
    assert "it cannot be told" in shown
    assert lines_with(shown, "budget")[0].split() == ["budget", "400", "700"]


def test_of_a_finished_plan_it_is_said_that_nothing_can_be_told() -> None:
    said = "plan: what accounts for the difference can be told of two scenarios, not of a finished plan"
    comparison = compare([("base", small()), ("plan", planned(budget=300))], why=True)
    assert said in render(comparison, 120)
    assert said in comparison.to_html()


def test_a_case_whose_changes_say_all_needs_no_list_of_keys_until_parts_are_asked_for() -> None:
    changed = load_scenario(SAID, creators=FRAME, changes={"budget": 300})
    assert "keys that differ" not in render(compare({"base": small(), "other": changed}, gap=0), 100)
    assert "keys that differ" in render(compare({"base": small(), "other": changed}, gap=0, why=True), 100)


def test_a_long_value_is_cut_unless_everything_is_asked_for() -> None:
    out = [f"@creator{n}" for n in range(30)]
    comparison = compare({"base": small(), "other": small(exclude=[*out, "@ann"])}, gap=0)
    cut, full = (render(comparison, 100, everything).split("Totals")[0] for everything in (False, True))
    assert "@creator29" not in cut
    assert "@creator29" in full


def test_very_many_keys_are_cut_and_what_their_sections_account_for_is_told() -> None:
    rules = {f"rule {n}": {"quantity": "creators", "at_most": 1 + n % 3} for n in range(25)}
    comparison = compare({"base": small(), "other": small(budget=300, constraints=rules)}, gap=0, why=True)
    shown = render(comparison, 110)
    assert lines_with(shown, "... 6 more")[0].split("  ")[-1].strip() == "--all lists them"
    assert not lines_with(shown, 'constraints."rule 24"')
    assert lines_with(shown, "constraints (all keys)")
    assert "keys of a section are taken together, because more than 20 differ" in shown
    full = render(comparison, 110, everything=True)
    assert lines_with(full, 'constraints."rule 24"')
    assert "... 6 more" not in full


def test_keys_and_parts_are_in_json_page_and_workbook() -> None:
    comparison = explained(gap=0, why=True)
    case = json.loads(to_json(comparison))["cases"][1]
    assert case["differs_in"][:2] == [
        {"key": "name", "from": "small", "to": "renamed"},
        {"key": "budget", "from": "400", "to": "700"},
    ]
    assert case["against_base"]["accounts"][0] == {
        "key": "budget",
        "change": 110.0,
        "exact_change": None,
        "low": 110.0,
        "high": 110.0,
        "how": "shapley",
        "proved": True,
    }
    page = comparison.to_html()
    assert "other: keys that differ from base" in page
    assert "Shapley value" in page
    sheet = next(one for one in comparison_sheets(comparison) if one.title == "What differs")
    assert [row[:2] for row in sheet.rows] == [("other", "name"), ("other", "budget"), ("other", "constraints.pets")]
    assert [cell.value if isinstance(cell, Valued) else cell for cell in sheet.column("accounts for")] == [
        None,
        110,
        -160,
    ]
