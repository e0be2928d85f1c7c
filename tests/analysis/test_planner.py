"""A planner over a loaded pool: its plans are as good as those of a fresh start, its bounds are never broken."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from optimizer import Planner, load_scenario, optimize, verify
from optimizer.domain.scenario import Scenario
from optimizer.errors import ScenarioError
from optimizer.loading import known
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.solving import column_generation

FRAME = {
    "creator": [f"@c{at:03}" for at in range(120)],
    "niche": [("books", "food", "travel")[at % 3] for at in range(120)],
    "followers": [1_000 + 173 * at for at in range(120)],
    "engagement_rate": [round(0.01 + 0.0007 * ((at * 37) % 61), 4) for at in range(120)],
    "fee": [round(40 + ((at * 53) % 97) * 4.35, 2) for at in range(120)],
}
SAID: Mapping[str, Any] = {
    "format": 1,
    "name": "Sweep",
    "currency": "EUR",
    "budget": 4_000,
    "objective": {"maximize": "engagements"},
    "constraints": {
        "books": {"quantity": "spend", "group": {"niche": "books"}, "at_most": "40%"},
        "team": {"quantity": "creators", "at_least": 5, "at_most": 18},
        "seen": {"quantity": "impressions", "at_least": 20_000},
    },
    "assume": {"view_rate": "20%"},
}


def scenario(changes: Mapping[str, object] | None = None) -> Scenario:
    return load_scenario(SAID, creators=FRAME, changes=changes)


def planned(planner: Planner, changes: Mapping[str, object] | None = None) -> Plan:
    found = planner.plan(changes)
    assert isinstance(found, Plan)
    return found


CHANGES: list[dict[str, object]] = [
    {"budget": 4_040},
    {"budget": 2_500},
    {"constraints.books.at_most": "25%"},
    {"constraints.team.at_most": 9, "budget": 6_000},
    {"objective.maximize": "impressions"},
    {"constraints.new": {"quantity": "creators", "group": {"niche": "travel"}, "at_least": 6}},
    {"exclude": ["@c007"]},
    {"assume.view_rate": "30%"},
]


def test_each_changed_plan_is_worth_what_a_fresh_start_finds_and_is_verified() -> None:
    planner = Planner(scenario(), gap=0)
    planned(planner)
    for changes in CHANGES:
        plan, fresh = planned(planner, changes), optimize(scenario(changes), gap=0)
        assert plan.claim == fresh.claim == "optimal", changes
        assert plan.objective.value == fresh.objective.value, changes
        assert plan.scenario.changes == fresh.scenario.changes
        assert verify(plan, scenario(changes)).holds, changes


def test_after_any_change_the_scenario_as_it_was_has_its_plan_again() -> None:
    planner = Planner(scenario(), gap=0)
    first = planned(planner)
    for changes in CHANGES:
        planner.plan(changes)
    assert planned(planner).allocations == first.allocations


def test_the_pool_is_read_once_and_estimates_are_kept_while_only_goal_and_rules_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planner = Planner(scenario())
    planned(planner)

    def never(*_: object) -> None:
        raise AssertionError("the pool is read again")

    monkeypatch.setattr(known, "read_pool", never)
    for changes in CHANGES[:-1]:
        planner.plan(changes)


def test_a_rule_that_asks_for_another_column_reads_it() -> None:
    frame = {**FRAME, "audience_fr": [0.01 * (at % 90) for at in range(120)]}
    planner = Planner(load_scenario(SAID, creators=frame))
    planned(planner)
    rule = {"quantity": "gross_reach", "people": {"audience": "fr"}, "at_least": 1_000}
    changes = {"constraints.french": rule}
    assert (
        planned(planner, changes).objective.value
        == optimize(load_scenario(SAID, creators=frame, changes=changes)).objective.value
    )


def test_a_rule_that_counts_different_values_comes_and_goes() -> None:
    planner = Planner(load_scenario(SAID, creators=FRAME), gap=0)
    rule = {"constraints.wide": {"quantity": "distinct.niche", "at_most": 2}}
    for changes in ({}, rule, {}, rule | {"objective": {"maximize": "distinct.niche"}}):
        found, fresh = planner.plan(changes), load_scenario(SAID, creators=FRAME, changes=changes)
        assert isinstance(found, Plan)
        assert found.objective.value == optimize(fresh, gap=0).objective.value
        assert ("distinct.niche" in found.totals) == bool(changes)


def test_a_change_with_a_fault_is_refused_and_the_planner_goes_on() -> None:
    planner = Planner(scenario(), gap=0)
    value = planned(planner).objective.value
    with pytest.raises(ScenarioError):
        planner.plan({"budgett": 1})
    with pytest.raises(ScenarioError):
        planner.plan({"budget": "-5"})
    assert planned(planner).objective.value == value


def test_changes_that_no_plan_can_keep_say_so_and_the_planner_goes_on() -> None:
    planner = Planner(scenario(), gap=0)
    value = planned(planner).objective.value
    assert isinstance(planner.plan({"budget": 100}), NoPlan)
    assert planned(planner).objective.value == value


def test_a_bound_is_never_below_the_best_plan_under_these_bounds() -> None:
    rng = random.Random(5)
    planner = Planner(scenario(), gap=0)
    for _ in range(12):
        planned(planner)
        budget, share, team = rng.randint(900, 9_000), rng.randint(5, 90), rng.randint(6, 40)
        asked = rng.choice([("budget",), ("books",), ("team",), ("budget", "books", "team")])
        paths: dict[str, tuple[str, object, object]] = {
            "budget": ("budget", budget, budget),
            "books": ("constraints.books.at_most", f"{share}%", share / 100),
            "team": ("constraints.team.at_most", team, {"at_most": team}),
        }
        bound = planner.bound({name: paths[name][2] for name in asked})  # type: ignore[misc]
        best = planner.plan({paths[name][0]: paths[name][1] for name in asked})
        assert isinstance(best, NoPlan) or bound >= best.objective.value


def test_a_bound_where_nothing_changes_is_what_the_prices_prove() -> None:
    planner = Planner(scenario(), gap=0)
    plan = planned(planner)
    assert planner.bound({}) == pytest.approx(plan.certificate.root_bound, rel=1e-6)
    assert planner.bound({"budget": 4_000}) == pytest.approx(planner.bound({}), rel=1e-12)


def test_a_bookings_that_the_old_budget_ruled_out_counts_under_a_higher_one() -> None:
    frame = {"creator": ["@a", "@b"], "average_engagements": [10, 900], "followers": [1_000, 9_000], "fee": [10, 500]}
    said = {"format": 1, "currency": "EUR", "budget": 100, "objective": {"maximize": "engagements"}}
    planner = Planner(load_scenario(said, creators=frame), gap=0)
    assert planned(planner).objective.value == 10
    assert planner.bound({"budget": 510}) >= 910


def test_a_goal_that_is_minimised_has_a_bound_from_below() -> None:
    said = {**SAID, "objective": {"minimize": "spend"}}
    planner = Planner(load_scenario(said, creators=FRAME), gap=0)
    planned(planner)
    bound = planner.bound({"seen": 30_000})
    assert bound <= planned(planner, {"constraints.seen.at_least": 30_000}).objective.value


def test_what_no_rule_is_named_or_holds_is_refused_in_words() -> None:
    planner = Planner(scenario())
    with pytest.raises(ValueError, match="no plan yet"):
        planner.bound({"budget": 1})
    planned(planner)
    with pytest.raises(ValueError, match="no rule over amounts or shares is named 'bugdet'"):
        planner.bound({"bugdet": 1})
    with pytest.raises(ValueError, match="say which"):
        planner.bound({"team": 4})
    with pytest.raises(ValueError, match="has no bound 'at_least'"):
        planner.bound({"budget": {"at_least": 4}})


def test_rules_of_logic_come_and_go_between_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """They have switches, which are columns behind those of the bookings."""
    logic = {"if": {"niche": "books"}, "then": {"niche": "food"}}
    changes: list[dict[str, object] | None] = [None, {"constraints.pair": logic}, None, {"budget": 3_000}]
    for large in (False, True):
        if large:
            monkeypatch.setattr(column_generation, "_ALL_AT_ONCE", 0)
        planner = Planner(scenario(), gap=0)
        for change in changes:
            value = optimize(scenario(change), gap=0).objective.value
            assert planned(planner, change).objective.value == value


def test_a_bound_under_another_budget_is_refused_where_rules_are_shares_of_it() -> None:
    share = {"quantity": "spend", "group": {"niche": "food"}, "at_most": "20%", "of": "budget"}
    planner = Planner(scenario({"constraints.food": share}))
    planned(planner)
    with pytest.raises(ValueError, match="food is a share of the budget"):
        planner.bound({"budget": 5_000})
    assert planner.bound({"books": 0.5}) > 0


# --- quick answers ---


@pytest.mark.parametrize(
    "changes",
    [
        {"budget": 3_000},
        {"exclude": "['@c119', '@c118']"},
        {"include": "['@c000']"},
        {"constraints.team.at_most": 9},
        {},
    ],
)
def test_a_quick_answer_is_within_its_gap_of_what_a_fresh_start_finds(changes: Mapping[str, object]) -> None:
    planner = Planner(scenario())
    planned(planner)
    answer, fresh = planner.ask(changes), optimize(scenario(changes), gap=0)
    assert answer.value is not None
    assert answer.bound is not None
    assert answer.value <= fresh.objective.value <= answer.bound
    assert (answer.bound - answer.value) <= 0.001 * answer.value
    assert answer.totals["creators"] == len(answer.creators)
    after = planned(planner, changes)  # which begins where the answer ended
    assert after.objective.value == pytest.approx(fresh.objective.value, rel=1e-4)
    assert verify(after, scenario(changes)).holds


def test_a_quick_answer_comes_before_any_plan_and_says_why_there_is_none() -> None:
    planner = Planner(scenario())
    assert planner.ask().outcome == "plan"
    none = planner.ask({"constraints.team.at_least": 100, "constraints.team.at_most": 110})
    assert (none.outcome, none.value) == ("infeasible", None)
    assert none.conflict
    assert planned(planner).claim in ("optimal", "within_gap")


@pytest.mark.parametrize("verb", ["ask", "plan"])
def test_an_answer_without_a_plan_leaves_the_next_search_its_start(verb: str) -> None:
    planner = Planner(scenario())
    before = planned(planner)
    out = [one.creator for one in before.allocations][:2]
    none = getattr(planner, verb)({"exclude": out, "budget": 100})
    assert none.outcome == "infeasible"
    estimates, begin = planner._known, planner._begin
    assert estimates is not None
    assert begin is not None
    assert begin.plan is not None
    assert len(estimates) == 120  # all bookings, and the plan is among these
    ids = estimates.scenario.pool.ids
    assert sorted(ids[at] for at in estimates.columns.creator[begin.plan.columns]) == sorted(
        one.creator for one in before.allocations
    )
