"""What was written for format 1 once is read, planned and verified as it was then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from optimizer import Plan, load_scenario, to_dict, try_optimize, verify
from tests.stored.files import FORMAT1, PLANS, SCENARIOS, Stored
from tests.support.said_words import said, words


class Texts(yaml.SafeLoader):
    """Reads every value as text, as creatormix does, but for what is left out."""


Texts.yaml_implicit_resolvers = {
    sign: [kind for kind in kinds if kind[0] == "tag:yaml.org,2002:null"]
    for sign, kinds in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_the_stored_scenarios_say_every_word_of_the_format() -> None:
    found = set()
    for path in SCENARIOS:
        found |= said(yaml.load(path.read_text(encoding="utf-8"), Texts))
    assert sorted(words() - found) == [], "store a scenario that says these words: see tests/stored/README.md"


def test_every_scenario_and_every_variant_has_a_plan() -> None:
    made = {(plan.asked["source"], plan.asked["variant"]) for plan in PLANS}
    for path in SCENARIOS:
        variants = yaml.load(path.read_text(encoding="utf-8"), Texts).get("variants", {})
        assert {(str(path), variant) for variant in (None, *variants)} <= made


def test_the_stored_plans_are_of_every_kind() -> None:
    kinds: Counter[str] = Counter()
    for plan in PLANS:
        kinds[plan.said["outcome"] + " by " + plan.said["solver"]["way"]] += 1
        kinds["in parts"] += any(one["exact_count"] for one in plan.said.get("allocations", ()))
        kinds["on a later step"] += any((one["step"] or 0) > 1 for one in plan.said.get("allocations", ()))
        kinds["figures of packs"] += bool(plan.said.get("benchmarks"))
        kinds["repaired"] += bool(plan.said.get("repairs"))
        kinds["changed"] += bool(plan.said["scenario"]["changes"])
    wanted = ["plan by prices", "plan by cases", "infeasible by prices", "infeasible by cases", "in parts"]
    wanted += ["on a later step", "figures of packs", "repaired", "changed"]
    assert [kind for kind in wanted if not kinds[kind]] == []


def test_no_stored_plan_names_a_folder_of_where_it_was_made() -> None:
    for plan in PLANS:
        stated = plan.said
        files = [file["path"] for file in stated["inputs"]] + [rule["file"] for rule in stated.get("rules", ())]
        assert [file for file in files if file is not None and not (plan.path.parents[1] / file).is_file()] == [], plan
        assert [file for file in files if file is not None and file.startswith("/")] == [], plan


def test_what_is_stored_is_small() -> None:
    assert sum(path.stat().st_size for path in FORMAT1.parent.rglob("*") if path.is_file()) < 2_000_000


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_stored_plan_is_verified(plan: Stored) -> None:
    verification = verify(plan.path, plan.scenario())
    assert verification.holds, str(verification)


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_stored_scenario_has_the_same_answer_today(plan: Stored) -> None:
    said = plan.said
    older = {} if "forecast" in said else {"forecast.rates": "measured"}  # as all plans were before
    scenario = load_scenario(**{**plan.asked, "changes": plan.asked["changes"] | older})
    result = try_optimize(scenario, gap=said["solver"]["gap"], rounds=2_000)
    assert result.outcome == said["outcome"]
    if not isinstance(result, Plan):
        assert (result.proof, sorted(result.conflict)) == (said["proof"], sorted(said["conflict"]))
    elif said["claim"] == "optimal":
        assert (result.claim, result.objective.value) == ("optimal", said["objective"]["value"])
    else:  # in parts, where a proof may leave something open
        before, now = said["objective"], result.objective
        assert before["value"] <= now.bound
        assert now.value <= before["bound"]
        assert now.gap <= max(before["gap"], 1e-9)
    for kept, now_said in both(said, to_dict(result)):
        assert set(kept) <= set(now_said), "fields may be added to a format, never taken away or renamed"


def both(then: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The objects of two answers that say the same thing."""
    yield then, now
    for name in ("scenario", "objective", "totals", "certificate", "solver"):
        if isinstance(then.get(name), dict):
            yield then[name], now[name]
    for name in ("inputs", "constraints", "allocations", "benchmarks", "rules", "repairs"):
        yield from zip(then.get(name, ())[:1], now.get(name, ())[:1], strict=True)


@pytest.mark.parametrize("plan", [one for one in PLANS if "reach" in one.said.get("totals", {})], ids=str)
def test_the_ranges_of_a_stored_plan_about_people_are_verified(plan: Stored) -> None:
    """Also of plans that were made before people reached were drawn."""
    verification = verify(plan.path, plan.scenario(), ranges=True)
    assert verification.holds, str(verification)
