"""Version 0.1.0 verifies the plans of today, as far as it knows their fields."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from optimizer import load_scenario, to_dict, try_optimize
from tests.stored.files import FOLDER, PLANS
from tests.stored.later import SINCE_0_1_0, UNREADABLE_BY_0_1_0, has, is_proved_in_a_later_way, without

SCENARIOS = FOLDER.parents[1] / "scenarios"
SHIPPED = sorted(path for path in SCENARIOS.glob("*.yaml") if path.stem not in UNREADABLE_BY_0_1_0)
OF_0_1_0 = [plan for plan in PLANS if plan.version == "0.1.0"]

# runs in a folder of its own, where there is no other creatormix to find
VERIFY = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import optimizer
from optimizer import load_scenario, verify
from optimizer.verification.stated import digest
assert optimizer.__version__ == "0.1.0" and optimizer.__file__.startswith(sys.argv[1]), optimizer.__file__
answers = []
for asked in json.load(sys.stdin):
    plan = asked.pop("plan")
    plan["digest"] = digest(plan)
    os.chdir(os.path.dirname(asked["source"]))  # it names files in warnings by their path from here
    answers.append(str(verify(plan, load_scenario(**asked))))
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def version_0_1_0(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it was then."""
    folder = tmp_path_factory.mktemp("creatormix-0.1.0").resolve()
    with zipfile.ZipFile(FOLDER / "creatormix-0.1.0.zip") as file:
        file.extractall(folder)
    return folder


def verified_by(folder: Path, asked: list[dict[str, Any]]) -> list[str]:
    """What that version says of plans of scenarios."""
    command = [sys.executable, "-W", "error", "-c", VERIFY, str(folder)]
    run = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False, cwd=folder)
    assert run.returncode == 0, run.stderr
    said: list[str] = json.loads(run.stdout)
    return said


@cache
def planned_today() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What is asked, and the JSON of today's answer, for all that 0.1.0 can read."""
    asked: list[dict[str, Any]] = [{"source": str(path), "variant": None, "changes": {}} for path in SHIPPED]
    made = [(one, as_measured(one, gap=0.05)) for one in asked]
    for plan in OF_0_1_0:
        made.append((plan.asked, as_measured(plan.asked, gap=plan.said["solver"]["gap"], rounds=300)))
    return made


def as_measured(asked: dict[str, Any], **limits: Any) -> dict[str, Any]:
    """Today's answer by measured figures: 0.1.0 knows no others, nor the word for them."""
    measured = {"forecast.rates": "measured"}
    scenario = load_scenario(**{**asked, "changes": asked["changes"] | measured})
    said = to_dict(try_optimize(scenario, **({"rounds": None, "time_limit_s": None} | limits)))
    assert "forecast" not in said
    said["scenario"]["changes"] = asked["changes"]
    return said


def test_0_1_0_accepts_the_plans_of_today(version_0_1_0: Path) -> None:
    asked = [{**one, "plan": without(said, SINCE_0_1_0)} for one, said in json.loads(json.dumps(planned_today()))]
    said = verified_by(version_0_1_0, asked)
    assert len(said) == len(SHIPPED) + len(OF_0_1_0) > 40
    wrong = []
    for one, text in zip(asked, said, strict=True):
        lines = text.splitlines()
        if is_proved_in_a_later_way(one["plan"]):  # 0.1.0 looks no further than the proof
            refused = [line.partition(":")[0].strip() for line in lines[1:]]
            holds = (lines[0], refused) == ("not verified", ["certificate"])
        else:
            holds = text.startswith("verified:")
        if not holds:
            wrong.append((one["source"], one["variant"], text))
    assert wrong == []


def test_0_1_0_refuses_a_plan_that_was_changed(version_0_1_0: Path) -> None:
    one, plan = next((one, json.loads(json.dumps(said))) for one, said in planned_today() if said["outcome"] == "plan")
    plan["objective"]["value"] *= 2
    (text,) = verified_by(version_0_1_0, [{**one, "plan": without(plan, SINCE_0_1_0)}])
    assert text.startswith("not verified")


def test_the_fields_that_are_dropped_for_0_1_0_are_those_that_plans_have_since() -> None:
    for field in SINCE_0_1_0:
        assert any(has(said, field) for _, said in planned_today()), field
        assert not any(has(plan.said, field) for plan in OF_0_1_0), field


def test_a_field_is_dropped_from_every_item_of_a_list() -> None:
    value = {"a": [{"b": 1, "c": 2}, {"b": 3}], "d": {"b": 4}}
    assert has(value, "a[].c")
    assert not has(value, "d.c")
    assert without(value, ("a[].b", "d.b", "e.f", "d[].b")) == {"a": [{"c": 2}, {}], "d": {}}
