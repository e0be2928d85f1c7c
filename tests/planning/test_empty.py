"""An empty plan says why it is empty: which rules nobody can be booked under, and what would let somebody be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import Plan, compare, load_scenario, to_dict, try_optimize, verify
from optimizer.cli.main import main
from optimizer.report.text import render
from optimizer.results.stated import digest
from tests.planning.test_conflicts import mended, options
from tests.support.amounts import seeded, times
from tests.support.brute import Question
from tests.support.scenarios import scenario

FRAME: dict[str, list[Any]] = {
    "creator": ["a", "b", "c", "d"],
    "followers": [2_000, 4_000, 20_000, 9_000],
    "niche": ["food", "food", "travel", "travel"],
    "fee": ["100", "200.50", "400", "300"],
    "average_engagements": [100, 250, 900, 500],
}
HALVES = {"halves": {"quantity": "creators", "per": "niche", "exactly": "50%"}}
SEARCH = {"name": "search", "followers": 1_000, "available": 10, "average_engagements": 100, "fee": 100}
ROAS: dict[str, Any] = {
    "format": 1,
    "currency": "EUR",
    "budget": 1_000,
    "objective": {"maximize": "revenue"},
    "economics": {"order_value": 50},
    "assume": {"conversions_per_engagement": "2%"},
    "whole": False,
    "segments": [SEARCH],
    "constraints": {"target": {"quantity": "roas", "at_least": 2}},
}


def said(**more: Any) -> dict[str, Any]:
    return {"format": 1, "currency": "EUR", "objective": {"maximize": "engagements"}, **more}


def planned(question: dict[str, Any], frame: dict[str, list[Any]] | None = FRAME) -> Plan:
    result = try_optimize(load_scenario(question, creators=frame), gap=0)
    assert isinstance(result, Plan)
    return result


def test_a_ratio_out_of_reach_is_named_with_the_best_one_in_reach() -> None:
    plan = planned(ROAS, None)
    assert (plan.empty, plan.conflict) == (True, ("target",))
    (repair,) = plan.repairs
    assert (repair.constraint, repair.bound, repair.from_, repair.to, repair.least) == (
        "target",
        "at_least",
        2,
        1,
        True,
    )
    again = planned(ROAS | {"constraints": {"target": {"quantity": "roas", "at_least": 1}}}, None)
    assert (again.empty, again.conflict, again.repairs) == (False, (), ())


def test_shares_that_the_budget_is_too_small_for_are_named_with_the_budget() -> None:
    question = said(budget=350, constraints=HALVES)
    plan = planned(question)
    assert plan.empty
    assert set(plan.conflict) >= {"budget"}
    assert any(name.startswith("halves (") for name in plan.conflict)
    raised = [repair for repair in plan.repairs if repair.constraint == "budget"]
    assert [(repair.to, repair.least) for repair in raised] == [(400, True)]
    assert not planned(said(budget=400, constraints=HALVES)).empty


def test_a_budget_below_every_fee_is_named() -> None:
    plan = planned(said(budget=99))
    assert plan.conflict == ("budget",)
    assert [(repair.constraint, repair.to) for repair in plan.repairs] == [("budget", 100)]


def test_two_reasons_for_an_empty_plan_are_both_named_and_mended_together() -> None:
    question = said(
        budget=50,
        constraints={
            "good food": {"quantity": "cpe", "at_most": "0.1"},
            "few": {"quantity": "creators", "at_most": 0},
        },
    )
    plan = planned(question)
    assert len(plan.conflicts) == 3
    assert sorted(plan.conflict) == ["budget", "few", "good food"]
    assert options(plan)
    for option in options(plan):
        assert {repair.constraint for repair in plan.repairs if repair.option == option} == {*plan.conflict}
    assert "Booked: nobody. The plan is empty: there are 3 separate conflicts\n1. nobody can" in render(plan)


def test_an_empty_plan_that_is_the_best_one_blames_no_rule() -> None:
    for question in (
        said(objective={"minimize": "spend"}, budget=500),
        said(budget=500, objective={"maximize": {"engagements": 1, "spend": -100}}),
    ):
        plan = planned(question)
        assert (plan.empty, plan.conflict, plan.conflicts, plan.repairs) == (True, (), (), ())
        assert "Booked: nobody. No booking that keeps the rules helps the objective." in render(plan)


def test_a_plan_that_books_somebody_blames_no_rule() -> None:
    plan = planned(said(budget=500))
    assert (plan.empty, plan.conflict, plan.repairs) == (False, (), ())
    assert {key: to_dict(plan)[key] for key in ("empty", "conflict", "conflicts", "repairs")} == {
        "empty": False,
        "conflict": [],
        "conflicts": [],
        "repairs": [],
    }


def test_the_text_says_that_the_plan_is_empty_and_why() -> None:
    text = render(planned(ROAS, None))
    assert (
        "Booked: nobody. The plan is empty: nobody can be booked under this rule (proved): target\n"
        "- target: roas at least 2\n\nThis would let somebody be booked:\n- lower target to 1\n"
    ) in text


def test_rules_are_blamed_for_an_empty_plan_exactly_where_every_other_plan_breaks_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Held against all plans of small scenarios; and each way that is offered lets somebody be booked."""
    monkeypatch.setattr("optimizer.planning.outcome.clashes", lambda solution, clock: [])  # of those without a plan
    blamed = useless = ways = 0
    for number in range(times(55)):
        question, frame = scenario(f"{seeded('empty')} {number}", style=("plain", "round")[number % 2], sizes=(3, 6))
        if number % 2:
            rules = dict(question.get("constraints", {})) | {"dear": {"quantity": "cpe", "at_most": "0.0001"}}
            question = question | {"constraints": rules}
        loaded = load_scenario(question, creators=frame)
        plan = try_optimize(loaded, gap=0)
        if not isinstance(plan, Plan) or not plan.empty or plan.claim != "optimal":
            continue
        somebody = any(chosen for _, chosen in Question(question, frame).plans())
        assert bool(plan.conflict) == (not somebody), number
        blamed += not somebody
        useless += somebody
        assert verify(plan, loaded).holds, number
        for option in options(plan):
            moved = [repair for repair in plan.repairs if repair.option == option]
            if all(one.bound is None and one.per_value is None and one.constraint != "include" for one in moved):
                again = mended(question, plan, option)
                assert any(chosen for _, chosen in Question(again, frame).plans()), (number, moved)
                ways += 1
    assert blamed > 5
    assert useless > 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(json.dumps(ROAS), encoding="utf-8")
    return tmp_path


def test_check_says_that_only_an_empty_plan_keeps_the_rules(folder: Path) -> None:
    result = CliRunner().invoke(main, ["check", "s.yaml", "--solve"])
    assert result.exit_code == 0
    assert (
        "; only an empty plan keeps all rules: nobody can be booked under this rule (proved): target\n" in result.stdout
    )
    assert "- lower target to 1\n" in result.stdout
    found = json.loads(CliRunner().invoke(main, ["check", "s.yaml", "--solve", "--json"]).stdout)
    assert (found["possible"], found["empty"], found["conflict"]) == (True, True, ["target"])
    assert found["repairs"][0]["to"] == 1


def test_check_does_not_take_a_useless_booking_for_an_impossible_one(folder: Path) -> None:
    cheap = ROAS | {"objective": {"minimize": "spend"}, "constraints": {}}
    (folder / "s.yaml").write_text(json.dumps(cheap), encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "s.yaml", "--solve"])
    assert result.stdout.endswith("; all rules can be kept at once\n")
    found = json.loads(CliRunner().invoke(main, ["check", "s.yaml", "--solve", "--json"]).stdout)
    assert (found["possible"], found["empty"], found["conflict"]) == (True, False, [])


def test_a_table_of_an_empty_plan_comes_with_a_warning(folder: Path) -> None:
    result = CliRunner().invoke(main, ["plan", "s.yaml", "--csv"])
    assert result.exit_code == 0
    assert "warning: nobody can be booked under this rule (proved): target" in result.stderr


def test_a_comparison_says_which_case_is_empty_and_why() -> None:
    reachable = ROAS | {"constraints": {"target": {"quantity": "roas", "at_least": 1}}}
    comparison = compare({"two": load_scenario(ROAS), "one": load_scenario(reachable)})
    assert "two: nobody is booked: nobody can be booked under this rule (proved): target" in str(comparison)
    assert [case["conflict"] for case in to_dict(comparison)["cases"]] == [["target"], []]


@pytest.mark.parametrize(
    "forgery",
    [
        {"empty": False},
        {"conflict": ["nobody"], "conflicts": [["nobody"]]},
        {"conflicts": []},
        {"conflict": ["target", "budget"]},
    ],
)
def test_a_false_word_about_an_empty_plan_is_refused(forgery: dict[str, Any]) -> None:
    loaded = load_scenario(ROAS)
    found = json.loads(json.dumps(to_dict(try_optimize(loaded))))
    assert verify(found, loaded).holds
    forged = found | forgery
    assert not verify(forged | {"digest": digest(forged)}, loaded).holds


def test_a_plan_that_books_somebody_cannot_blame_a_rule_for_being_empty() -> None:
    loaded = load_scenario(said(budget=500), creators=FRAME)
    found = json.loads(json.dumps(to_dict(try_optimize(loaded))))
    forged = found | {"conflict": ["budget"], "conflicts": [["budget"]]}
    assert not verify(forged | {"digest": digest(forged)}, loaded).holds
    before = {key: value for key, value in found.items() if key not in ("empty", "conflict", "conflicts", "repairs")}
    assert verify(before | {"digest": digest(before)}, loaded).holds
