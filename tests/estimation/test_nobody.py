"""Nobody can be booked at all: whatever is asked, it is refused with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import Plan, Planner, ScenarioError, load_scenario, to_json, try_optimize, verify
from optimizer.cli.main import main

POOL = "creator,followers,niche,engagement_rate,fee\na,2000,food,0.03,50\nb,3000,home,0.02,60\n"
TOP = "format: 1\ncurrency: EUR\nbudget: 500\nobjective: {maximize: engagements}\n"
FILE = f"{TOP}creators: pool.csv\n"
SEGMENT = "segments: [{name: radio, tier: nano, followers: 4_000, available: 0}]\n"
ASSUME = "assume: {engagement_rate: 3%, fee: 100}\n"
MICRO = "offers: {post: {deliver: {post: 1}, to: {tier: micro}}}\n"
NOBODY = {
    "offers without a match": (FILE + MICRO, "offer post is for tier micro, which matches none of the 2 creators"),
    "several offers": (
        FILE
        + "offers: {a: {deliver: {post: 1}, to: {tier: micro}}, b: {deliver: {post: 1}, to: {fee: {above: 70}}}}\n",
        "a is for tier micro, which matches none of the 2 creators; offer b is for fee above 70, which",
    ),
    "filters and offers": (
        TOP + "creators: {file: pool.csv, where: {niche: food}}\n" + MICRO.replace("tier: micro", "niche: home"),
        "none of the 1 creator",
    ),
    "segments out of reach": (
        TOP + SEGMENT.replace("0}", "5}") + ASSUME + MICRO,
        "offer post is for tier micro, which matches none of the 1 segment",
    ),
    "rules that ask for somebody": (
        FILE
        + MICRO
        + "constraints: {x: {quantity: creators, at_least: 1}, y: {quantity: spend, per: niche, at_most: 50%}}\n",
        "which matches none of the 2 creators",
    ),
    "logic": (FILE + MICRO + "constraints: {x: {exactly_one_of: [a, b]}}\n", "which matches none of the 2 creators"),
    "each": (
        FILE + MICRO + "constraints: {x: {quantity: spend, per: creator, at_most: 5%}}\n",
        "none of the 2 creators",
    ),
    "nobody after the filters": (FILE + "exclude: [a, b]\n", "no creator is left to book"),
    "nobody in a tier": (FILE + "tiers: {big: [50_000, 60_000]}\n", "no creator is left to book"),
}
COMMANDS = {
    "check": ["check"],
    "check --solve": ["check", "--solve"],
    "check --json": ["check", "--json"],
    "plan": ["plan"],
    "plan --json": ["plan", "--json"],
    "plan --csv": ["plan", "--csv"],
    "plan --write-model": ["plan", "--write-model", "model.lp"],
    "compare": ["compare", "--set", "budget=100"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.csv").write_text(POOL)
    return tmp_path


@pytest.mark.parametrize("case", NOBODY)
def test_every_command_refuses_it_with_the_reason(folder: Path, case: str) -> None:
    text, reason = NOBODY[case]
    (folder / "s.yaml").write_text(text)
    for command in COMMANDS.values():
        result = CliRunner().invoke(main, [command[0], "s.yaml", *command[1:]])
        said = " ".join(result.output.split())
        assert (command, result.exit_code) == (command, 3), said
        assert reason in said, (command, said)
        assert "mend" in said
        assert not (folder / "model.lp").exists()


@pytest.mark.parametrize("case", NOBODY)
def test_the_library_refuses_it_with_the_reason(folder: Path, case: str) -> None:
    text, reason = NOBODY[case]
    (folder / "s.yaml").write_text(text)
    with pytest.raises(ScenarioError, match=reason):
        try_optimize(load_scenario("s.yaml"))


def test_the_place_is_that_of_the_filter(folder: Path) -> None:
    (folder / "s.yaml").write_text(FILE + MICRO)
    with pytest.raises(ScenarioError) as error:
        try_optimize(load_scenario("s.yaml"))
    (problem,) = error.value.problems
    assert (problem.code, str(problem.place)) == ("nobody-bookable", "s.yaml:6:37")


def test_a_planner_goes_on_after_a_question_in_which_nobody_can_be_booked(folder: Path) -> None:
    (folder / "s.yaml").write_text(FILE + MICRO.replace("micro", "nano"))
    planner = Planner(load_scenario("s.yaml"))
    assert isinstance(planner.plan(), Plan)
    with pytest.raises(ScenarioError, match="nobody can be booked"):
        planner.plan({"offers.post.to.tier": "micro"})
    assert isinstance(planner.plan(), Plan)


def test_who_is_included_comes_first(folder: Path) -> None:
    (folder / "s.yaml").write_text(FILE + MICRO + "include: [a]\n")
    with pytest.raises(ScenarioError, match="no offer is for this creator"):
        load_scenario("s.yaml")


def test_one_who_can_be_booked_is_enough(folder: Path) -> None:
    (folder / "s.yaml").write_text(FILE + SEGMENT + ASSUME)
    plan = try_optimize(load_scenario("s.yaml"))
    assert isinstance(plan, Plan)
    assert [booking.creator for booking in plan.allocations] == ["a", "b"]


@pytest.mark.parametrize(
    "more", ["", "whole: false\n", FILE[len(TOP) :] + MICRO.replace("tier: micro", "segment: radio")]
)
def test_where_none_is_available_the_empty_plan_says_why(folder: Path, more: str) -> None:
    reason = "nobody can be booked: none is available of the segment radio"
    (folder / "s.yaml").write_text(TOP + SEGMENT + ASSUME + more)
    scenario = load_scenario("s.yaml")
    plan = try_optimize(scenario)
    assert isinstance(plan, Plan)
    assert (plan.allocations, plan.claim, reason in plan.warnings) == ((), "optimal", True)
    assert verify(plan, scenario).holds
    assert reason in str(plan)
    for command in (
        ["check"],
        ["check", "--json"],
        ["plan", "--json"],
        ["plan", "--csv"],
        ["compare", "--set", "budget=1"],
    ):
        result = CliRunner().invoke(main, [command[0], "s.yaml", *command[1:]])
        assert (result.exit_code, reason in " ".join(result.output.split())) == (0, True), result.output
    asking = {"constraints": "{x: {quantity: creators, at_least: 1}}"}
    none = try_optimize(load_scenario("s.yaml", changes=asking))
    assert (none.outcome, reason in none.warnings) == ("infeasible", True)


def test_the_verifier_takes_an_empty_plan_for_what_it_is(folder: Path) -> None:
    """A forged plan ends in words, not in a fault."""
    (folder / "s.yaml").write_text(FILE)
    stated: dict[str, Any] = to_json(try_optimize(load_scenario("s.yaml", changes={"budget": 0})))
    (folder / "s.yaml").write_text(FILE + MICRO)
    result = verify(stated, load_scenario("s.yaml"))
    assert not result.holds
    assert "this is not a plan" not in result.says
    assert any(one.where == "solver.columns" for one in result.differences)
