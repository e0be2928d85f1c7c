"""`to_json` gives the bytes that the command prints with `--json`, and `to_dict` the values in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer import (
    Comparison,
    NoPlan,
    Plan,
    Verification,
    compare,
    load_scenario,
    to_dict,
    to_json,
    try_optimize,
    verify,
)
from optimizer.cli.main import main

SCENARIO = """\
format: 1
name: Zoë's launch
currency: EUR
creators: {file: creators.csv}
budget: 500
objective: {maximize: engagements}
constraints:
  some food: {quantity: creators, group: {niche: food}, at_least: 1}
"""
POOL = "creator,niche,followers,engagement_rate,fee\n@ann,food,2000,5%,100.10\n@bob,food,3000,4%,200.05\n"
IMPOSSIBLE = 'constraints."some food".at_least=3'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "creators.csv").write_text(POOL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def result_of(kind: str) -> Plan | NoPlan | Comparison | Verification:
    scenario = load_scenario("scenario.yaml")
    path, value = IMPOSSIBLE.split("=")
    changed = load_scenario("scenario.yaml", changes={path: value})
    if kind == "comparison":
        return compare({"Zoë's launch": scenario, IMPOSSIBLE: changed})
    if kind == "verification":
        return verify(try_optimize(scenario), scenario)
    return try_optimize(changed if kind == "no plan" else scenario)


def printed(kind: str) -> bytes:
    said = {
        "plan": ["plan", "scenario.yaml", "--json"],
        "no plan": ["plan", "scenario.yaml", "--set", IMPOSSIBLE, "--json"],
        "comparison": ["compare", "scenario.yaml", "--set", IMPOSSIBLE, "--json"],
        "verification": ["verify", "plan.json", "--json"],
    }
    if kind == "verification":
        Path("plan.json").write_text(to_json(result_of("plan")), encoding="utf-8")
    return CliRunner().invoke(main, said[kind]).stdout_bytes


def timeless(text: str) -> str:
    """Without how long it took."""
    return re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', text)


KINDS = ["plan", "no plan", "comparison", "verification"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_what_the_command_prints(kind: str) -> None:
    assert timeless(to_json(result_of(kind))).encode() == timeless(printed(kind).decode()).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_object_holds_the_values_of_the_text(kind: str) -> None:
    result = result_of(kind)
    assert json.loads(to_json(result)) == json.loads(json.dumps(to_dict(result)))


@pytest.mark.parametrize("kind", KINDS)
def test_each_result_says_of_itself_what_the_functions_say(kind: str) -> None:
    result = result_of(kind)
    assert result.to_dict() == to_dict(result)
    assert result.to_json() == to_json(result)


@pytest.mark.parametrize("kind", ["plan", "no plan"])
def test_a_result_its_object_its_text_and_its_file_are_verified_alike(kind: str) -> None:
    result = result_of(kind)
    assert isinstance(result, (Plan, NoPlan))
    scenario = load_scenario("scenario.yaml", changes=dict(result.scenario.changes))
    Path("plan.json").write_text(to_json(result), encoding="utf-8")
    for stated in (result, to_dict(result), to_json(result), "\n " + to_json(result), "plan.json", Path("plan.json")):
        assert verify(stated, scenario).holds, stated


@pytest.mark.parametrize("text", ["{", '{"format": 1, "format": 2}', '{"outcome": "plan"}', "{\ud800", "{" * 100_000])
def test_text_that_is_no_plan_is_not_verified(text: str) -> None:
    found = verify(text, load_scenario("scenario.yaml"))
    assert not found.holds
    assert "this is not a plan" in str(found)
