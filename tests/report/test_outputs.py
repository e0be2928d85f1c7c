"""What planning found, as text, JSON and CSV: complete, safe, and the same twice."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, to_dict, to_json, try_optimize
from optimizer.errors import Place, Problem
from optimizer.report.as_csv import to_csv
from optimizer.report.plan_parts import proof_words
from optimizer.report.text import render
from optimizer.results import words
from optimizer.results.as_json import dumps, problems_json
from optimizer.solving import branch

HOSTILE = [
    "=1+1",
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "|pipe",
    "</script><script>alert(1)</script>",
    "[red]bold[/red]",
    "{{7*7}}",
    '"quoted", with comma',
    "$x_{$",
    "Zoë 🎀",
    "日本語",
    "a" * 200,
]


def planned(creators: dict[str, list[Any]] | None = None, **more: Any) -> Plan | NoPlan:
    frame = creators or {
        "creator": ["@ann", "@bob", "@cyd"],
        "niche": ["food", "food", "pets"],
        "followers": [2000, 3000, 9000],
        "engagement_rate": [0.05, 0.04, None],
        "fee": ["100.10", "200.05", "900"],
    }
    said = {
        "format": 1,
        "name": "small",
        "currency": "EUR",
        "budget": 1000,
        "objective": {"maximize": "engagements"},
        "assume": {"engagement_rate": "2%"},
        "constraints": {"food": {"quantity": "spend", "group": {"niche": "food"}, "at_least": "10%"}},
    }
    return try_optimize(load_scenario({**said, **more}, creators=frame))


def plan_of(result: Plan | NoPlan) -> Plan:
    assert isinstance(result, Plan)
    return result


def test_json_has_every_field_of_the_contract() -> None:
    found = to_dict(planned())
    assert list(found) == [
        "format",
        "scenario",
        "inputs",
        "outcome",
        "forecast",
        "claim",
        "solver_claim",
        "currency",
        "objective",
        "totals",
        "constraints",
        "allocations",
        "empty",
        "conflict",
        "conflicts",
        "repairs",
        "clashes",
        "more_budget",
        "benchmarks",
        "definitions",
        "certificate",
        "considered",
        "excluded",
        "runners_up",
        "unspent",
        "warnings",
        "doubts",
        "solver",
        "units",
        "digest",
    ]
    assert set(found["objective"]) == {"sense", "of", "value", "bound", "gap", "gap_absolute"}
    assert {"name", "quantity", "group", "kind", "of", "at_least", "at_most", "value", "room", "binding"} <= set(
        found["constraints"][0]
    )


def test_json_of_no_plan_names_the_clash_its_proof_and_repairs() -> None:
    found = to_dict(planned(constraints={"many": {"quantity": "creators", "at_least": 3}}))
    assert found["outcome"] == "infeasible"
    assert found["proof"] == "prices"
    assert found["conflict"] == ["budget", "many"]
    texts = [repair["text"] for repair in found["repairs"] if repair["least"]]
    assert any(text.startswith("raise budget to ") for text in texts)
    assert any(text.startswith("lower many to ") for text in texts)


def test_json_survives_its_own_reader() -> None:
    found = to_dict(planned())
    assert json.loads(dumps(found)) == json.loads(json.dumps(found))


def test_money_in_json_is_exact_to_the_cent() -> None:
    plan = plan_of(planned(budget=400))
    assert plan.totals["spend"] == 300.15
    assert '"spend": 300.15' in to_json(plan)


def test_a_problem_without_a_place_has_nulls_for_it() -> None:
    found = problems_json([Problem("code", "cause", "mend"), Problem("x", "y", place=Place("f", 1, 2))])["problems"]
    assert found[0] == {"code": "code", "file": None, "line": None, "column": None, "cause": "cause", "mend": "mend"}
    assert (found[1]["file"], found[1]["line"], found[1]["column"]) == ("f", 1, 2)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_the_csv_begins_like_a_formula(name: str) -> None:
    frame = {"creator": [name], "niche": [name], "followers": [2000], "engagement_rate": [0.05], "fee": [100]}
    plan = plan_of(planned(frame, constraints={}))
    rows = list(csv.reader(io.StringIO(to_csv(plan))))
    assert len(rows) == 2
    assert all(not cell.startswith(("=", "+", "@", "|", "\t", "\r")) for row in rows for cell in row)
    assert not rows[1][0].startswith("-")


@pytest.mark.parametrize("name", HOSTILE)
def test_raw_csv_and_json_give_names_back_as_they_are(name: str) -> None:
    frame = {"creator": [name], "niche": ["x"], "followers": [2000], "engagement_rate": [0.05], "fee": [100]}
    plan = plan_of(planned(frame, constraints={}))
    assert next(csv.DictReader(io.StringIO(to_csv(plan, raw=True))))["creator"] == name
    assert to_dict(plan)["allocations"][0]["creator"] == name


@pytest.mark.parametrize("name", HOSTILE)
def test_the_terminal_shows_names_as_they_are(name: str) -> None:
    frame = {"creator": [name], "niche": ["x"], "followers": [2000], "engagement_rate": [0.05], "fee": [100]}
    shown = render(plan_of(planned(frame, constraints={})), width=400)
    assert name[:40] in shown
    assert "\x1b" not in shown


def test_the_csv_that_we_write_is_read_back_with_the_same_handles(tmp_path: Path) -> None:
    plan = plan_of(planned())
    (tmp_path / "booked.csv").write_text(to_csv(plan), encoding="utf-8", newline="")
    said = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}, "creators": "booked.csv"}
    again = load_scenario(said, root=tmp_path)
    assert list(again.pool.ids) == [booking.creator for booking in plan.allocations]


@pytest.mark.parametrize("handle", ["0012345", "1e5", "3-4", "12/11"])
def test_a_handle_that_looks_like_a_number_or_a_date_stays_a_text(handle: str, tmp_path: Path) -> None:
    frame = {"creator": [handle], "niche": ["x"], "followers": [2000], "engagement_rate": [0.05], "fee": [100]}
    plan = plan_of(planned(frame, constraints={}))
    assert next(csv.DictReader(io.StringIO(to_csv(plan))))["creator"] == f"'{handle}"
    (tmp_path / "booked.csv").write_text(to_csv(plan), encoding="utf-8", newline="")
    said = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}, "creators": "booked.csv"}
    assert list(load_scenario({**said, "assume": {"fee": 1}}, root=tmp_path).pool.ids) == [handle]


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_number_is_cut_on_a_narrow_terminal(width: int) -> None:
    plan = plan_of(planned())
    shown = render(plan, width=width)
    assert "…" not in shown
    for booking in plan.allocations:
        assert f"{booking.values['spend']:,.2f}" in shown
    assert all(len(line) <= width for line in shown.splitlines())


def test_the_text_says_where_estimated_figures_came_from() -> None:
    shown = render(planned(budget=2000))
    assert "engagement_rate" in shown
    assert "the scenario's assume" in shown


def test_the_text_says_what_a_plan_with_more_budget_brings_and_that_it_was_found() -> None:
    shown = render(planned(budget=250))
    assert "With 100 EUR more, a plan was found that brings " in shown


def test_a_minimised_plan_is_held_against_the_bound_and_not_against_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch, "WORK", 0)  # a gap stays
    frame = {"creator": ["a", "b"], "followers": [2000, 3000], "average_engagements": [100, 300], "fee": [201, 250]}
    plan = plan_of(
        planned(
            frame,
            objective={"minimize": "spend"},
            constraints={"some": {"quantity": "engagements", "at_least": 200}},
        )
    )
    assert plan.totals["spend"] == 250
    shortfall = (plan.objective.value - plan.objective.bound) / plan.objective.bound
    said = float(proof_words(plan).split("at most ")[1].split(" %")[0].replace(",", ""))
    assert said / 100 >= shortfall
    assert said / 100 - shortfall < 0.0002


def test_a_plan_prints_itself_and_no_plan_says_why() -> None:
    assert "@ann" in str(planned())
    assert "these rules at once" in str(planned(constraints={"many": {"quantity": "creators", "at_least": 3}}))


def test_a_plan_without_bookings_does_not_claim_what_was_not_found_out() -> None:
    shown = render(planned(budget=0, constraints={}))
    assert "Booked: nobody" in shown


def test_the_currency_decides_how_many_decimals_are_shown() -> None:
    frame = {"creator": ["a"], "followers": [2000], "average_engagements": [100], "fee": [1200]}
    assert "1,200 JPY" in render(planned(frame, currency="JPY", budget=5000, constraints={}))
    assert "1,200.000 KWD" in render(planned(frame, currency="KWD", budget=5000, constraints={}))


def test_that_others_spend_no_less_is_said_only_where_spend_is_known() -> None:
    plan = plan_of(planned(budget=2000))
    tied = replace(plan, solver=replace(plan.solver, ties="names"), claim="optimal")
    assert proof_words(tied).endswith("; others do as well, and none of them spends less")
    unknown = replace(tied, totals={name: total for name, total in plan.totals.items() if name != "spend"})
    assert proof_words(unknown).endswith("no plan does better; others do as well")


def test_a_gap_that_is_closed_is_called_nothing() -> None:
    plan = plan_of(planned(budget=2000))
    assert plan.objective.gap_absolute == 0
    assert words.shortfall(plan) == "nothing"


def test_the_text_says_what_authenticity_changes_where_it_is_not_known() -> None:
    rule = {"seen": {"quantity": "gross_reach", "at_least": 1}}
    pool = {"creator": ["@ann"], "followers": [2000], "average_views": [900], "average_engagements": [90], "fee": [100]}
    said = str(planned(pool, constraints=rule))
    assert "authenticity   not known, taken as 100 %" in said
    assert "authenticity changes reach and what follows from it" in " ".join(said.split())
    known = str(planned(pool | {"authenticity": [0.9]}, constraints=rule))
    assert "authenticity changes" not in known
