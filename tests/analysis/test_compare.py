"""Plans side by side: what differs adds up, and nothing is subtracted that cannot be."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from optimizer import Comparison, NoPlan, Plan, ScenarioError, compare, load_scenario
from optimizer.domain.accounts import handle_key
from optimizer.results.comparison import AgainstBase, Case, Move, RuleRow, TotalRow
from tests.support.scenarios import WORDS, scenario
from tests.support.small import FRAME, SAID, planned, segments, small
from tests.support.unexplained import plan_alone

COUNT = 30
CASES = [
    {"budget": 150},
    {"budget": 400},
    {"budget": 700},
    {"constraints": {"pets": {"quantity": "spend", "group": {"niche": "pets"}, "at_most": "20%"}}},
]


@cache
def drawn() -> tuple[tuple[Plan | NoPlan, Plan | NoPlan], ...]:
    """Plans of a random scenario, before and after some of its rules are dropped and its budget is changed."""
    found = []
    for number in range(COUNT):
        said, frame = scenario(f"compared {number}", words=WORDS)
        rules = dict(list(said.get("constraints", {}).items())[::2])
        other = {**said, "constraints": rules}
        found.append((answer(said, frame), answer(other, frame)))
    return tuple(found)


def answer(said: dict[str, Any], frame: Any) -> Plan | NoPlan:
    loaded = load_scenario(said) if frame is None else load_scenario(said, creators=frame)
    return plan_alone(loaded, gap=0.01)


def total(comparison: Comparison, quantity: str) -> TotalRow:
    return next(row for row in comparison.totals if row.quantity == quantity)


def rule(comparison: Comparison, name: str, per_value: str | None = None) -> RuleRow:
    (found,) = (row for row in comparison.rules if (row.name, row.per_value) == (name, per_value))
    return found


def against(case: Case) -> AgainstBase:
    assert case.against_base is not None
    return case.against_base


def moves(comparison: Comparison, at: int = 1) -> dict[str, Move]:
    return {move.creator: move for move in against(comparison.cases[at]).moves}


def changes(comparison: Comparison, at: int = 1) -> dict[str, str]:
    return {name: move.change for name, move in moves(comparison, at).items()}


def sides(move: Move) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    before, after = ([(booked.offer, booked.count) for booked in side] for side in (move.before, move.after))
    return before, after


def exact(values: list[float]) -> Fraction:
    return sum((Fraction(repr(value)) for value in values), start=Fraction(0))


# --- what holds for any two plans ---


def test_a_plan_compared_with_itself_has_no_difference() -> None:
    for one, _ in drawn():
        comparison = compare({"one": one, "again": one})
        case = comparison.cases[1]
        assert case.differs == ()
        assert all(row.alike for row in comparison.rules)
        assert comparison.creators.in_some == ()
        assert comparison.not_compared in ((), ("no case has a plan, so there is nothing to compare",))
        for row in comparison.totals:
            assert row.cases[1] is not None
            assert row.cases[1].difference == 0
        if isinstance(one, Plan):
            assert against(case).difference == 0
            assert against(case).proved in ("equal", "open")
            for move in against(case).moves:
                assert move.change == "stays"
                assert not any(move.difference.values())


def test_who_stays_and_who_comes_in_are_the_roster_of_the_case() -> None:
    seen = 0
    for one, other in drawn():
        if isinstance(one, Plan) and isinstance(other, Plan):
            seen += 1
            found = against(compare({"one": one, "other": other}).cases[1]).moves
            here = [handle_key(move.creator) for move in found if move.change != "comes_in"]
            there = [handle_key(move.creator) for move in found if move.change != "leaves"]
            assert sorted(here) == sorted({handle_key(booking.creator) for booking in one.allocations})
            assert sorted(there) == sorted({handle_key(booking.creator) for booking in other.allocations})
    assert seen > COUNT // 3


def test_differences_of_all_moves_add_up_to_those_of_the_totals() -> None:
    for one, other in drawn():
        if isinstance(one, Plan) and isinstance(other, Plan):
            comparison = compare({"one": one, "other": other})
            found = against(comparison.cases[1]).moves
            for quantity in found[0].difference if found else ():
                cell = total(comparison, quantity).cases[1]
                assert cell is not None
                assert cell.difference is not None
                parts = [part for move in found if (part := move.difference[quantity]) is not None]
                assert exact(parts) == Fraction(repr(cell.difference)), quantity


def test_a_difference_is_the_value_less_the_base_and_relative_to_its_size() -> None:
    for one, other in drawn():
        for row in compare({"one": one, "other": other}).totals:
            first, second = row.cases
            if first is not None and second is not None:
                assert second.difference is not None
                assert first.difference is None
                assert second.difference == pytest.approx(second.value - first.value, abs=1e-9, rel=1e-9)
                if first.value:
                    assert second.relative == second.difference / abs(first.value)
                else:
                    assert second.relative is None


def test_every_booking_of_every_case_is_in_the_roster_once() -> None:
    for one, other in drawn():
        comparison = compare({"one": one, "other": other})
        for at, plan in enumerate((one, other)):
            booked = [(row, cell) for row in comparison.roster if (cell := row.cases[at]) is not None]
            counted = sum(cell.count for _, cell in booked)
            wanted = sum(booking.count for booking in plan.allocations) if isinstance(plan, Plan) else 0
            assert counted == wanted
        keys = [(handle_key(row.creator), row.offer) for row in comparison.roster]
        assert len(keys) == len(set(keys))


def test_what_two_bounds_prove_is_never_more_than_they_can() -> None:
    for one, other in drawn():
        if isinstance(one, Plan) and isinstance(other, Plan):
            sign = 1 if one.objective.sense == "maximize" else -1
            match against(compare({"one": one, "other": other}).cases[1]).proved:
                case "better":
                    assert sign * other.objective.value > sign * one.objective.bound
                case "worse":
                    assert sign * other.objective.bound < sign * one.objective.value
                case "equal":
                    assert one.objective.gap == other.objective.gap == 0


# --- who comes in and who leaves ---


def test_more_money_brings_somebody_in_and_the_core_stays() -> None:
    comparison = compare({"poor": planned(budget=300), "rich": planned(budget=700)})
    assert changes(comparison) == {"@ann": "comes_in", "@bob": "comes_in", "@cyd": "stays", "@dan": "comes_in"}
    assert comparison.creators.in_all == ("@cyd",)
    assert [(one.creator, one.cases) for one in comparison.creators.in_some] == [
        ("@ann", ("rich",)),
        ("@bob", ("rich",)),
        ("@dan", ("rich",)),
    ]


def test_a_creator_on_another_offer_neither_comes_in_nor_leaves() -> None:
    offers = {"one": {"deliver": {"video": 1}}}
    more = {"one": {"deliver": {"video": 1}}, "two": {"deliver": {"video": 2}, "discount": "50%"}}
    comparison = compare({"before": planned(budget=5_000, offers=offers), "after": planned(budget=5_000, offers=more)})
    assert set(changes(comparison).values()) == {"offer_changes"}
    move = moves(comparison)["@ann"]
    assert sides(move) == ([("one", 1)], [("two", 1)])
    assert move.difference == {"spend": 0.0, "engagements": 100.0}
    assert len(comparison.creators.in_all) == 4


def test_a_creator_who_stays_for_another_fee_is_held_by_what_it_changes() -> None:
    dearer = FRAME | {"fee": ["110.10", "200.05", "300", "50"]}
    comparison = compare({"before": planned(budget=5_000), "after": planned(dearer, budget=5_000)})
    assert set(changes(comparison).values()) == {"stays"}
    assert moves(comparison)["@ann"].difference == {"spend": 10.0, "engagements": 0.0}


def test_handles_are_the_same_with_or_without_their_sign_and_in_any_case() -> None:
    other = FRAME | {"creator": ["ANN", "Bob", "@cyd", "dan"]}
    comparison = compare({"before": planned(budget=5_000), "after": planned(other, budget=5_000)})
    assert changes(comparison) == {"@ann": "stays", "@bob": "stays", "@cyd": "stays", "@dan": "stays"}


def test_the_same_handle_on_two_platforms_is_two_creators() -> None:
    tiktok, instagram = (FRAME | {"platform": [name] * 4} for name in ("tiktok", "instagram"))
    comparison = compare({"before": planned(tiktok, budget=5_000), "after": planned(instagram, budget=5_000)})
    assert comparison.creators.in_all == ()
    assert len(comparison.creators.in_some) == 8


def test_a_pool_that_does_not_say_the_platform_is_taken_to_speak_of_the_same_people() -> None:
    tiktok = FRAME | {"platform": ["tiktok"] * 4}
    comparison = compare({"before": planned(budget=5_000), "after": planned(tiktok, budget=5_000)})
    assert len(comparison.creators.in_all) == 4


def test_a_segment_that_is_booked_more_often_changes_its_count_over_all_steps() -> None:
    comparison = compare({"before": segments(budget=800), "after": segments(budget=3_200)})
    before, after = (case.plan for case in comparison.cases)
    assert before is not None
    assert after is not None
    assert [booking.step for booking in before.allocations] == [1]
    assert [booking.step for booking in after.allocations] == [1, 2]
    assert changes(comparison) == {"food nano": "count_changes"}
    assert sides(moves(comparison)["food nano"]) == ([("two", 5)], [("two", 20)])
    assert [row.cases[1].count for row in comparison.roster if row.cases[1]] == [20]


def test_a_segment_on_two_offers_has_a_row_for_each() -> None:
    rules = {"some": {"quantity": "creators", "group": {"creator": "food nano", "offer": "one"}, "exactly": 3}}
    comparison = compare({"before": segments(budget=800), "after": segments(budget=1_100, constraints=rules)})
    assert changes(comparison) == {"food nano": "offer_changes"}
    assert sides(moves(comparison)["food nano"]) == ([("two", 5)], [("one", 3), ("two", 5)])
    assert {row.offer for row in comparison.roster} == {"one", "two"}


def test_parts_of_bookings_are_counted_exactly() -> None:
    comparison = compare({"whole": segments(budget=800), "parts": segments(budget=777, whole=False)})
    (row,) = comparison.roster
    assert row.cases[1] is not None
    assert row.cases[1].exact_count == "777/160"
    assert changes(comparison) == {"food nano": "count_changes"}


# --- totals and rules ---


def test_differences_are_taken_as_on_paper() -> None:
    comparison = compare({"one": planned(budget=200), "other": planned(budget=100.20)})
    spent = [cell.value for cell in total(comparison, "spend").cases if cell]
    difference = total(comparison, "spend").cases[1]
    assert difference is not None
    assert difference.difference == float(f"{spent[1] - spent[0]:.2f}")


def test_a_rule_whose_bounds_differ_shows_both() -> None:
    comparison = compare({"poor": planned(budget=300), "rich": planned(budget=700)})
    row = rule(comparison, "budget")
    assert not row.alike
    assert [cell.at_most for cell in row.cases if cell] == [300, 700]


def test_a_rule_that_a_case_does_not_have_is_blank_there() -> None:
    rules = {"pets": {"quantity": "spend", "group": {"niche": "pets"}, "at_most": "20%"}}
    comparison = compare({"free": planned(), "held": planned(constraints=rules)})
    assert rule(comparison, "pets").cases[0] is None
    assert rule(comparison, "pets").cases[1] is not None
    assert rule(comparison, "pets").alike


def test_values_of_per_stand_in_one_row_however_they_are_written() -> None:
    rules = {"niches": {"quantity": "spend", "per": "niche", "at_most": "80%"}}
    other = FRAME | {"niche": ["Food", "Food", "pets", "pets"]}
    comparison = compare({"one": planned(constraints=rules), "other": planned(other, constraints=rules)})
    row = rule(comparison, "niches", "food")
    assert [cell.per_value for cell in row.cases if cell] == ["food", "Food"]


def test_a_rule_for_each_creator_is_one_row_whoever_has_the_least_room() -> None:
    rules = {"each": {"quantity": "spend", "per": "creator", "at_most": 310}}
    comparison = compare(
        {"one": planned(budget=150, constraints=rules), "other": planned(budget=700, constraints=rules)}
    )
    row = rule(comparison, "each")
    assert [cell.per_value for cell in row.cases if cell] == ["@ann", "@cyd"]
    assert row.alike


def test_a_rule_of_logic_stands_beside_itself() -> None:
    comparison = compare(
        {
            "one": planned(constraints={"rivals": {"at_most_one_of": ["@ann", "@bob"]}}),
            "other": planned(constraints={"rivals": {"at_most_one_of": ["@ann", "@cyd"]}}),
        }
    )
    row = rule(comparison, "rivals")
    assert not row.alike
    assert [cell.says for cell in row.cases if cell] == ["at most one of @ann, @bob", "at most one of @ann, @cyd"]


# --- what cannot be compared ---


def test_money_in_another_currency_stands_beside_and_is_never_subtracted() -> None:
    comparison = compare({"euro": planned(), "dollar": planned(currency="USD")})
    for row in comparison.totals:
        cell = row.cases[1]
        assert cell is not None
        assert (cell.difference is None) == (row.unit == "money"), row.quantity
    assert all(move.difference["spend"] is None for move in moves(comparison).values())
    assert all(move.difference["engagements"] == 0 for move in moves(comparison).values())
    assert against(comparison.cases[1]).difference == 0
    (said,) = comparison.not_compared
    assert said.startswith("dollar counts money in USD, euro in EUR")
    assert not rule(comparison, "budget").alike


def test_an_objective_in_money_is_not_compared_across_currencies() -> None:
    goal = {"objective": {"minimize": "spend"}, "constraints": {"some": {"quantity": "engagements", "at_least": 200}}}
    comparison = compare({"euro": planned(**goal), "dollar": planned(currency="USD", **goal)})
    assert against(comparison.cases[1]).difference is None
    assert against(comparison.cases[1]).proved is None


def test_other_objectives_are_said_and_their_totals_compared() -> None:
    comparison = compare({"engagements": planned(), "people": planned(objective={"maximize": "creators"})})
    assert against(comparison.cases[1]).difference is None
    assert total(comparison, "engagements").cases[1].difference is not None  # type: ignore[union-attr]
    assert comparison.not_compared == (
        "people has another objective than engagements: their values are not compared, only the totals",
    )
    assert set(moves(comparison)["@ann"].difference) == {"spend", "engagements", "creators"}


def test_a_quantity_that_only_one_case_knows_has_no_difference() -> None:
    known = {"assume": {"view_rate": "45%"}, "constraints": {"seen": {"quantity": "impressions", "at_least": 1}}}
    comparison = compare({"blind": planned(), "seeing": planned(**known)})
    first, second = total(comparison, "impressions").cases
    assert first is None
    assert second is not None
    assert second.difference is None


# --- cases without a plan ---


IMPOSSIBLE: dict[str, Any] = {"budget": 10, "constraints": {"many": {"quantity": "creators", "at_least": 3}}}


def test_a_case_without_a_plan_says_why_and_the_others_are_compared() -> None:
    comparison = compare({"base": planned(), "none": planned(**IMPOSSIBLE), "rich": planned(budget=700)})
    case = comparison.cases[1]
    assert (case.outcome, case.plan, case.objective, case.against_base) == ("infeasible", None, None, None)
    assert case.conflict == ("budget", "many")
    assert case.reason is not None
    assert case.proof == "prices"
    assert all(row.cases[1] is None for row in (*comparison.totals, *comparison.rules, *comparison.roster))
    assert against(comparison.cases[2]).difference is not None
    assert comparison.creators.in_all == ("@cyd", "@dan")


def test_without_a_plan_of_the_first_differences_are_taken_from_the_next_that_has_one() -> None:
    comparison = compare({"none": planned(**IMPOSSIBLE), "poor": planned(budget=300), "rich": planned(budget=700)})
    assert comparison.base == "poor"
    assert comparison.cases[1].against_base is None
    assert against(comparison.cases[2]).difference is not None
    assert comparison.not_compared == (
        "none has no plan: differences are taken from poor, the first case that has one",
    )


def test_where_no_case_has_a_plan_nothing_is_compared() -> None:
    comparison = compare({"none": planned(**IMPOSSIBLE), "neither": planned(**IMPOSSIBLE)})
    assert comparison.base is None
    assert comparison.totals == comparison.rules == comparison.roster == ()
    assert comparison.creators.in_all == comparison.creators.in_some == ()


# --- the call ---


def test_scenarios_are_planned_and_plans_taken_as_they_are() -> None:
    plan = planned()
    comparison = compare([("there", plan), ("asked", small(budget=700))], gap=0)
    assert comparison.cases[0].result is plan
    assert [booking.creator for booking in comparison.cases[1].plan.allocations] == FRAME["creator"]  # type: ignore[union-attr]


def test_what_differs_from_the_first_is_said_in_words() -> None:
    said = {"variants": {"lean": {"budget": 150}}, "budget": 400}
    base = small(**said)
    lean = load_scenario({**SAID, **said}, creators=FRAME, variant="lean")
    both = load_scenario({**SAID, **said}, creators=FRAME, variant="lean", changes={"budget": 120})
    comparison = compare({"base": base, "lean": lean, "both": both})
    assert [case.differs for case in comparison.cases] == [(), ("variant lean",), ("variant lean", "budget = 120")]
    back = compare({"both": both, "base": base})
    assert back.cases[1].differs == ("no variant", "without budget = 120")


def test_cases_that_come_after_a_stop_are_left_out_by_name() -> None:
    asked: list[str] = []
    comparison = compare(
        {"one": small(), "two": small(budget=700), "three": small(budget=900)},
        on_progress=lambda name, progress: asked.append(name) if progress is None else None,
        cancel=lambda: len(asked) >= 2,
    )
    assert asked == ["one", "two"]
    assert [case.name for case in comparison.cases] == ["one", "two"]
    assert comparison.not_planned == ("three",)


def test_progress_names_each_case_as_it_begins() -> None:
    seen: list[tuple[str, bool]] = []
    compare({"one": small(), "two": planned()}, on_progress=lambda name, found: seen.append((name, found is None)))
    assert seen[0] == ("one", True)
    assert {name for name, _ in seen} == {"one"}


def test_nothing_and_two_of_the_same_name_are_wrong_calls() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        compare({})
    with pytest.raises(ValueError, match="two cases have the name 'one'"):
        compare([("one", planned()), ("one", planned())])


def test_a_faulty_scenario_is_told_as_when_it_is_planned() -> None:
    with pytest.raises(ScenarioError):
        compare({"one": small(FRAME | {"fee": [None] * 4})})


def test_the_same_cases_give_the_same_comparison() -> None:
    first, second = (compare({str(case): planned(**case) for case in CASES}) for _ in range(2))
    assert first.totals == second.totals
    assert first.roster == second.roster
    assert [case.against_base for case in first.cases] == [case.against_base for case in second.cases]


def test_more_of_the_budget_is_never_proved_worse() -> None:
    plans = [planned(budget=budget) for budget in (100, 200, 300, 400, 500, 600, 700)]
    for poorer, richer in pairwise(plans):
        assert against(compare({"poorer": poorer, "richer": richer}).cases[1]).proved != "worse"
