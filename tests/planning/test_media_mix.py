"""Media mixes of the textbooks, written as scenarios: segments for channels, own quantities for rows.

Each case is checked against the optimum that its source gives, and that an independent solver finds, and its plan
against every row in exact fractions.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from optimizer import NoPlan, Plan, load_scenario, optimize, try_optimize
from tests.support.media_mixes import EVERY, SOURCED, Mix, Number

BOUND = {"<=": "at_most", ">=": "at_least", "=": "exactly"}


# --- as scenarios ---


def scenario_of(mix: Mix, *, in_words: bool = False, as_returns: bool = False) -> dict[str, object]:
    """The mix as a scenario: rows in its own words where there are, steps as returns or as segments apart."""
    own = _own_rows(mix, in_words)
    rules: dict[str, object] = {}
    for name in own:
        _, op, bound = mix.rows[name]
        rules[name] = {"quantity": name, BOUND[op]: str(bound)}
    if in_words:
        rules |= {name: dict(said) for name, said in mix.said.items() if said}
    for at, least in enumerate(mix.least):
        rules[f"least {at}"] = {"quantity": "creators", "group": {"niche": mix.names[at]}, "at_least": str(least)}
    for at, name in enumerate(mix.names):
        if name in mix.steps and not as_returns:
            limit = {"quantity": "creators", "group": {"niche": name}, "at_most": str(mix.available(at))}
            rules[f"most of {name}"] = limit
    counted = [*own, *([] if mix.worth is None else ["worth"])]
    return {
        "format": 1,
        "currency": "EUR",
        "objective": {"minimize": "spend"} if mix.worth is None else {"maximize": "worth"},
        "segments": [one for at in range(len(mix.names)) for one in _segments(mix, at, as_returns, in_words)],
        "quantities": {name: {"falls": as_returns and name == mix.fallen} for name in counted},
        "constraints": rules,
    } | ({} if mix.budget is None else {"budget": str(mix.budget)})


def _own_rows(mix: Mix, in_words: bool) -> list[str]:
    return [name for name in mix.rows if not (in_words and name in mix.said)]


def _segments(mix: Mix, at: int, as_returns: bool, in_words: bool) -> list[dict[str, object]]:
    name = mix.names[at]
    plain: dict[str, object] = {"niche": name, "whole": "true" if mix.is_whole(at) else "false"}
    plain |= {row: str(mix.rows[row][0][at]) for row in _own_rows(mix, in_words)}
    plain |= {} if mix.cost is None else {"fee": str(mix.cost[at])}
    plain |= {} if mix.worth is None else {"worth": str(mix.worth[at])}
    steps = mix.steps.get(name, ())
    if not steps or as_returns:
        one = {"name": name, "available": str(mix.available(at)), **plain}
        return [one | ({"returns": _returns(steps)} if steps else {})]
    return [
        {"name": f"{name} {number}", "available": str(width), **plain, mix.fallen: str(worth)}
        for number, (width, worth) in enumerate(steps, 1)
    ]


def _returns(steps: tuple[tuple[Number, Number], ...]) -> list[dict[str, str]]:
    first, up_to, said = Fraction(steps[0][1]), Fraction(0), []
    for width, worth in steps:
        up_to += Fraction(width)
        keep = Fraction(worth) / first
        said.append({"up_to": f"{float(up_to):g}", "keep": f"{float(keep):.16f}"})
    return said


# --- what another solver finds ---


def best_of(mix: Mix) -> float:
    """The optimum by scipy, each step a column of its own."""
    columns = [(at, step) for at, name in enumerate(mix.names) for step in (mix.steps.get(name) or ((None, None),))]

    def spread(values: tuple[Number, ...], name: str) -> list[float]:
        return [
            float(Fraction(step[1] if step[1] is not None and name == mix.fallen else values[at]))
            for at, step in columns
        ]

    rows, low, high = [], [], []
    for name, (values, op, bound) in mix.lines:
        rows.append(spread(values, name))
        low.append(float(Fraction(bound)) if op in (">=", "=") else -np.inf)
        high.append(float(Fraction(bound)) if op in ("<=", "=") else np.inf)
    for at in range(len(mix.names)):
        rows.append([float(of == at) for of, _ in columns])
        low.append(-np.inf)
        high.append(float(mix.available(at)))
    goal = np.array(spread(mix.worth or mix.cost or (), "worth")) * (1 if mix.worth is None else -1)
    most = [float(mix.available(at) if step[0] is None else Fraction(step[0])) for at, step in columns]
    found = milp(
        goal,
        constraints=LinearConstraint(np.array(rows), low, high),
        bounds=Bounds(0, most),
        integrality=[int(mix.is_whole(at)) for at, _ in columns],
        options={"mip_rel_gap": 0},
    )
    assert found.success
    return abs(float(found.fun))


# --- the tests ---


def planned(mix: Mix, **form: bool) -> Plan:
    return optimize(load_scenario(scenario_of(mix, **form)), gap=1e-7, time_limit_s=None)


def counts(mix: Mix, plan: Plan) -> list[Fraction]:
    """How often each channel is booked, all its steps together."""
    total = dict.fromkeys(mix.names, Fraction(0))
    for one in plan.allocations:
        total[str(one.labels["niche"])] += Fraction(one.exact_count or str(one.count))
    return list(total.values())


def fallen_total(mix: Mix, plan: Plan) -> Fraction:
    """What the bookings bring, each by its step."""
    total = Fraction(0)
    for one in plan.allocations:
        step = one.step or int(one.creator.rsplit(" ", 1)[1])
        total += Fraction(mix.steps[str(one.labels["niche"])][step - 1][1]) * Fraction(
            one.exact_count or str(one.count)
        )
    return total


def check(mix: Mix, plan: Plan) -> None:
    """The objective is the optimum, and every row holds, exactly; where only one plan is the best, it is this one."""
    best = best_of(mix)
    assert plan.objective.value == pytest.approx(best, rel=1e-6)
    if mix.best is not None:
        assert plan.objective.value == pytest.approx(float(mix.best), rel=1e-6)
    booked = counts(mix, plan)
    for at, count in enumerate(booked):
        assert 0 <= count <= Fraction(mix.available(at))
        assert not mix.is_whole(at) or count.denominator == 1
    for name, (values, op, bound) in mix.lines:
        total = sum(Fraction(value) * count for value, count in zip(values, booked, strict=True))
        if mix.steps and name == mix.fallen:
            total = fallen_total(mix, plan)
        assert {"<=": total <= Fraction(bound), ">=": total >= Fraction(bound), "=": total == Fraction(bound)}[op]
    if mix.plan is not None:
        assert [float(count) for count in booked] == pytest.approx([float(Fraction(count)) for count in mix.plan])


def names(mixes: list[Mix]) -> list[str]:
    return [mix.name for mix in mixes]


@pytest.mark.parametrize("mix", EVERY, ids=names(EVERY))
def test_a_media_mix_is_planned_at_its_optimum(mix: Mix) -> None:
    check(mix, planned(mix))


WORDED = [mix for mix in EVERY if mix.said]


@pytest.mark.parametrize("mix", WORDED, ids=names(WORDED))
def test_a_media_mix_with_its_rules_in_words_is_planned_at_its_optimum(mix: Mix) -> None:
    check(mix, planned(mix, in_words=True))


STEPPED = [mix for mix in EVERY if mix.steps]


@pytest.mark.parametrize("in_words", [False, True])
@pytest.mark.parametrize("mix", STEPPED, ids=names(STEPPED))
def test_falling_tiers_as_returns_of_one_segment_give_the_same_optimum(mix: Mix, in_words: bool) -> None:
    check(mix, planned(mix, as_returns=True, in_words=in_words))


@pytest.mark.parametrize("mix", SOURCED, ids=names(SOURCED))
def test_the_bound_of_a_plan_is_never_better_than_its_proof_allows(mix: Mix) -> None:
    plan, best = planned(mix), float(mix.best or 0)
    if mix.worth is None:
        assert plan.objective.bound <= best * (1 + 1e-9)
    else:
        assert plan.objective.bound >= best * (1 - 1e-9)


def test_steps_open_in_order_even_where_the_objective_would_rather_not() -> None:
    """As many spots as can be, but few viewers: the later spots have fewer, and still come after the first ones."""
    mix = Mix("spots", "tv", cost=(100,), worth=(50,), most=(8,), steps={"tv": ((3, 50), (5, 20))})
    said = scenario_of(mix, as_returns=True) | {
        "objective": {"maximize": "creators"},
        "constraints": {"viewers": {"quantity": "worth", "at_most": 200}},
    }
    plan = optimize(load_scenario(said))
    assert [(one.step, one.count) for one in plan.allocations] == [(1, 3), (2, 2)]


def test_rules_that_cannot_hold_together_are_named() -> None:
    mix = replace(
        SOURCED[0],
        rows={**SOURCED[0].rows, "customers": ((1000, 2000, 1500, 2500, 300), ">=", 62_000)},
    )
    result = try_optimize(load_scenario(scenario_of(mix)))
    assert isinstance(result, NoPlan)
    assert result.outcome == "infeasible"
    assert set(result.conflict) == {"budget", "tv spots", "customers"}


def test_a_rule_that_no_channel_can_keep_is_named_alone() -> None:
    mix = replace(SOURCED[5], rows={**SOURCED[5].rows, "tv at night": ((1, 0, 0), ">=", 5)})
    result = try_optimize(load_scenario(scenario_of(mix)))
    assert isinstance(result, NoPlan)
    assert set(result.conflict) == {"tv at night"}
