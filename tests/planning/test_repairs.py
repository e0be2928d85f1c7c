"""Rules that clash come with changes that mend them: each one works, and one step less does not."""

from __future__ import annotations

import random
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, to_dict, try_optimize
from optimizer.planning.repairs import repairs
from optimizer.results.common import Repair
from optimizer.solving.clock import Clock
from optimizer.solving.restricted_mip import WHOLE_MOST
from tests.support.amounts import seeded, times
from tests.support.scenarios import scenario
from tests.support.unexplained import plan_alone

FRAME: dict[str, list[Any]] = {
    "creator": ["a", "b", "c", "d"],
    "followers": [2_000, 4_000, 20_000, 9_000],
    "niche": ["food", "food", "travel", "travel"],
    "fee": ["100", "200.50", "400", "300"],
    "average_engagements": [100, 250, 900, 500],
}


def said(**more: Any) -> dict[str, Any]:
    return {"format": 1, "currency": "EUR", "objective": {"maximize": "engagements"}, **more}


def no_plan(question: dict[str, Any], frame: dict[str, list[Any]] = FRAME) -> NoPlan:
    result = try_optimize(load_scenario(question, creators=frame))
    assert isinstance(result, NoPlan)
    assert result.outcome == "infeasible"
    return result


def changed(question: dict[str, Any], repair: Repair, to: float) -> dict[str, Any]:
    """The question with one bound moved."""
    assert repair.bound is not None
    if repair.constraint == "budget":
        return question | {"budget": f"{to:.3f}".rstrip("0").rstrip(".")}
    rules = dict(question["constraints"])
    rule = dict(rules[repair.constraint])
    share = repair.rule is not None and repair.rule.kind == "share"
    key = "exactly" if "exactly" in rule else repair.bound
    rule[key] = f"{100 * to:.4f}%" if share else f"{to:.6f}"
    rules[repair.constraint] = rule
    return question | {"constraints": rules}


def is_feasible(question: dict[str, Any], frame: dict[str, list[Any]] = FRAME) -> bool:
    return isinstance(plan_alone(load_scenario(question, creators=frame), gap=0.5), Plan)


def by_name(result: NoPlan) -> dict[str, Repair]:
    options: dict[int, list[Repair]] = {}
    for repair in result.repairs:
        options.setdefault(repair.option, []).append(repair)
    return {way[0].constraint: way[0] for way in options.values() if len(way) == 1}


def can_be_moved(question: dict[str, Any], repair: Repair) -> bool:
    """Whether `changed` can write the change down: one plain bound of one rule, not one for each value of `per`."""
    rule = question.get("constraints", {}).get(repair.constraint)
    if repair.bound is None or repair.to is None or repair.per_value is not None or repair.rule is None:
        return False
    if rule is None:
        return repair.constraint == "budget"
    return repair.rule.kind != "ratio" and "exactly" not in rule and rule.get("of") is None


def test_a_budget_too_small_is_raised_to_the_cent_and_a_floor_lowered_to_the_unit() -> None:
    found = by_name(no_plan(said(budget=500, constraints={"many": {"quantity": "engagements", "at_least": 1_200}})))
    assert (found["budget"].to, found["budget"].least) == (700, True)
    assert (found["many"].to, found["many"].least) == (1_000, True)


def test_a_share_is_moved_by_hundredths_of_a_percent() -> None:
    rules = {
        "food": {"quantity": "spend", "group": {"niche": "food"}, "at_least": "60%"},
        "travel too": {"quantity": "creators", "group": {"niche": "travel"}, "at_least": 1},
    }
    repair = by_name(no_plan(said(budget="610", constraints=rules)))["food"]
    assert repair.to == pytest.approx(0.5004)  # 300.50 of 600.50
    question = said(budget="610", constraints=rules)
    assert is_feasible(changed(question, repair, 0.5004))
    assert not is_feasible(changed(question, repair, 0.5005))


def test_a_rule_that_is_not_negotiable_is_never_bent() -> None:
    rules = {"many": {"quantity": "engagements", "at_least": 1_200, "negotiable": "false"}}
    assert set(by_name(no_plan(said(budget=500, constraints=rules)))) == {"budget"}


def test_a_rule_of_logic_may_be_dropped() -> None:
    rules = {
        "one of them": {"exactly_one_of": ["a", "b"]},
        "both": {"quantity": "creators", "group": {"niche": "food"}, "at_least": 2},
    }
    repair = by_name(no_plan(said(constraints=rules)))["one of them"]
    assert (repair.bound, repair.to) == (None, None)


def test_an_included_creator_may_be_left_out() -> None:
    found = no_plan(said(budget=250, include=["c"]))
    assert ("include", "c") in [(repair.constraint, repair.per_value) for repair in found.repairs]


def test_every_repair_of_random_clashes_works_and_one_step_less_does_not() -> None:
    """Held by planning anew with the bound moved, and moved one step less; shares and amounts alike."""
    worked = least = 0
    for seed in range(times(45)):
        question, frame = scenario(f"{seeded('repairs')} {seed}", style="plain", sizes=(3, 6))
        if seed % 2 and frame is not None:
            question = with_everybody(question, frame)
        result = try_optimize(load_scenario(question, creators=frame), gap=0.5, rounds=250)
        if not isinstance(result, NoPlan) or result.outcome != "infeasible":
            continue
        for name, repair in by_name(result).items():
            if not can_be_moved(question, repair) or repair.rule is None or repair.to is None:
                continue
            assert is_feasible(changed(question, repair, repair.to), frame), (seed, name, repair)
            worked += 1
            if repair.least and repair.rule.kind == "absolute" and repair.rule.quantity not in ("profit",):
                step = 10.0**-result.decimals if result.units[repair.rule.quantity] == "money" else 1.0
                less = repair.to + (step if repair.bound == "at_least" else -step)
                if less >= 0:
                    assert not is_feasible(changed(question, repair, less), frame), (seed, name, repair, less)
                    least += 1
    assert worked > 10
    assert least > 5


def with_everybody(question: dict[str, Any], frame: dict[str, list[Any]]) -> dict[str, Any]:
    """The question with a rule that nearly always clashes with others."""
    everybody = {"quantity": "creators", "at_least": len(frame["creator"])}
    return question | {"constraints": question.get("constraints", {}) | {"everybody": everybody}}


def test_changes_that_belong_together_work_together() -> None:
    """All bounds of a joint repair moved at once leave a plan that keeps every rule, those outside the clash too."""
    worked = 0
    for seed in range(times(64)):
        question, frame = scenario(f"{seeded('joint')} {seed}", style=("plain", "round")[seed % 2], sizes=(3, 6))
        if seed % 4 and frame is not None:
            question = with_everybody(question, frame)
        result = try_optimize(load_scenario(question, creators=frame), gap=0.5, rounds=250)
        if not isinstance(result, NoPlan) or result.outcome != "infeasible":
            continue
        options: dict[int, list[Repair]] = {}
        for repair in result.repairs:
            options.setdefault(repair.option, []).append(repair)
        for way in (way for way in options.values() if len(way) > 1):
            if any(not can_be_moved(question, repair) for repair in way):
                continue
            mended = question
            for repair in way:
                assert repair.to is not None
                mended = changed(mended, repair, repair.to)
            assert is_feasible(mended, frame), (seed, way)
            worked += 1
    assert worked > 4


def test_a_joint_repair_breaks_no_share_that_each_creator_keeps() -> None:
    """The share of each creator has no rows until it is broken; a joint repair is held against it all the same."""
    rules = {
        "many": {"quantity": "engagements", "at_least": 1_500},
        "none rules": {"quantity": "spend", "per": "creator", "at_most": "45%"},
    }
    question = said(budget=650, constraints=rules)
    result = no_plan(question)
    for option in {repair.option for repair in result.repairs}:
        mended = question
        for repair in (one for one in result.repairs if one.option == option):
            if repair.bound is None:
                kept = {name: rule for name, rule in mended["constraints"].items() if name != repair.constraint}
                mended = mended | {"constraints": kept}
            else:
                assert repair.to is not None
                mended = changed(mended, repair, repair.to)
        assert is_feasible(mended), (option, result.repairs)


def test_a_share_that_each_creator_keeps_may_be_dropped() -> None:
    rules = {
        "none rules": {"quantity": "spend", "per": "creator", "at_most": "30%"},
        "two": {"quantity": "creators", "exactly": 2},
    }
    found = by_name(no_plan(said(constraints=rules)))
    assert "none rules" in found
    assert found["none rules"].bound is None


def test_a_bound_on_both_sides_is_told_which_way_to_give() -> None:
    result = no_plan(said(budget=450, constraints={"three": {"quantity": "creators", "exactly": 3}}))
    texts = [repair["text"] for repair in to_dict(result)["repairs"]]
    assert "let three fall to 2" in texts


def test_a_large_pool_has_its_repairs_proved_with_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = []

    def counted(scenario: Any, program: Any, clashes: Any, clock: Clock) -> Any:
        before = clock.counted
        ways = repairs(scenario, program, clashes, clock)
        spent.append(clock.counted - before)
        assert len(program) > WHOLE_MOST
        return ways

    monkeypatch.setattr("optimizer.planning.told.repairs", counted)
    size, draw = 6_000, random.Random(7)
    frame: dict[str, list[Any]] = {
        "creator": [f"c{at}" for at in range(size)],
        "niche": [draw.choice(["food", "travel", "pets"]) for _ in range(size)],
        "fee": [str(draw.randrange(50, 2_000)) for _ in range(size)],
        "average_engagements": [draw.randrange(20, 9_000) for _ in range(size)],
    }
    rules = {
        "team": {"quantity": "creators", "at_most": 40},
        "food": {"quantity": "creators", "group": {"niche": "food"}, "at_least": 60},
        "mixed": {"quantity": "spend", "per": "niche", "at_most": "50%"},
    }
    question = said(budget="30000", constraints=rules)
    result = no_plan(question, frame)
    assert set(result.conflict) == {"team", "food"}
    assert {name: (repair.to, repair.least) for name, repair in by_name(result).items()} == {
        "team": (63, True),
        "food": (38, True),
    }
    assert sum(spent) < 200
    for name, repair in by_name(result).items():
        assert repair.to is not None
        assert is_feasible(changed(question, repair, repair.to), frame), name
