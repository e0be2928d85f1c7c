"""Scenarios and plans go to other processes: as arrays, not as objects of Python; and are planned there as here."""

from __future__ import annotations

import multiprocessing
import pickle
import pickletools
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from optimizer import NoPlan, Plan, Planner, compare, generate_pool, load_scenario, optimize, try_optimize, verify
from optimizer import write_model as write
from optimizer.domain.scenario import Scenario
from tests.docs.pages import ROOT

SCENARIOS = [ROOT / "scenarios" / f"{name}.yaml" for name in ("first_test", "gifts_or_fees", "mix_without_names")]
QUESTION = {
    "format": 1,
    "currency": "EUR",
    "budget": 2_000,
    "objective": {"maximize": "engagements"},
    "assume": {"engagement_rate": "3%", "fee": 100},
}


def timeless(result: Plan | NoPlan) -> str:
    return re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', result.to_json())


def planned(scenario: Scenario) -> str:
    return timeless(try_optimize(scenario, gap=0.05))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_that_was_pickled_is_planned_alike(path: Path) -> None:
    scenario = load_scenario(path)
    again = pickle.loads(pickle.dumps(scenario))
    assert planned(again) == planned(scenario)


def test_a_plan_that_was_pickled_is_equal() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "first_test.yaml")
    impossible = load_scenario(ROOT / "scenarios" / "first_test.yaml", changes={"budget": 1})
    for result in (optimize(scenario, gap=0.05), try_optimize(impossible, rounds=200)):
        again = pickle.loads(pickle.dumps(result))
        assert again == result
        assert str(again) == str(result)


def test_a_planner_goes_on_from_a_scenario_that_was_pickled() -> None:
    scenario = load_scenario(QUESTION, creators=generate_pool(200))
    again = pickle.loads(pickle.dumps(scenario))
    changes = {"budget": 1_000, "exclude": [{"niche": "food"}]}  # another column of the frame
    assert timeless(Planner(again).plan(changes)) == timeless(Planner(scenario).plan(changes))


def steps(value: object) -> int:
    return sum(1 for _ in pickletools.genops(pickle.dumps(value, protocol=5)))


def test_a_large_pool_is_pickled_as_arrays() -> None:
    """As many steps of pickle for 20,000 creators as for 1,000, but for the keys that they are sorted by."""

    def beside_keys(creators: int) -> int:
        scenario = load_scenario(QUESTION, creators=generate_pool(creators))
        assert len(pickle.dumps(scenario, protocol=5)) < 600 * creators
        return steps(scenario) - steps(scenario.pool.keys)

    assert abs(beside_keys(20_000) - beside_keys(1_000)) < 300


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_plans_are_made_in_processes_of_their_own(method: str) -> None:
    path, draws = ROOT / "scenarios" / "first_test.yaml", {"forecast.draws": 1_001}  # as many here as there
    scenarios = [load_scenario(path, changes={"budget": budget, **draws}) for budget in (800, 1_000)]
    optimize(scenarios[0], gap=0.05)  # so that a solver has run here, with its threads
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as processes:
        found = list(processes.map(planned, scenarios))
    assert found == [planned(scenario) for scenario in scenarios]


def wrong(value: Any) -> list[tuple[str, Any]]:
    plan = optimize(load_scenario(ROOT / "scenarios" / "first_test.yaml"), gap=0.5)
    return [
        ("optimize", lambda: optimize(value)),
        ("try_optimize", lambda: try_optimize(value)),
        ("Planner", lambda: Planner(value)),
        ("compare", lambda: compare({"a": plan, "b": value})),
        ("verify", lambda: verify(plan, value)),
        ("write_model", lambda: write(value, "program.lp")),
    ]


@pytest.mark.parametrize(
    ("value", "what"), [(QUESTION, "a mapping"), ("s.yaml", "a path"), (Path("s.yaml"), "a path"), (None, "a NoneType")]
)
def test_what_is_not_loaded_is_a_wrong_call_that_names_load_scenario(value: Any, what: str) -> None:
    for verb, call in wrong(value):
        with pytest.raises(TypeError) as raised:
            call()
        assert str(raised.value) == (
            f"{verb} takes a loaded scenario, not {what}: load it first, with load_scenario(...)"
        )
