"""Ways in which a false plan was once believed, or a true one refused."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from optimizer import load_scenario, optimize, to_json, verify
from optimizer.domain.scenario import Scenario
from optimizer.results.stated import digest

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def sealed(said: dict[str, Any], **changes: Any) -> dict[str, Any]:
    changed = said | changes
    return changed | {"digest": digest(changed)}


def asked(creators: dict[str, list[Any]], **said: Any) -> Scenario:
    return load_scenario(
        {"format": 1, "currency": "EUR", "objective": {"maximize": "engagements"}} | said, creators=creators
    )


def planned(scenario: Scenario, gap: float = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(optimize(scenario, gap=gap)))
    return found


THREE = {"creator": ["@a", "@b", "@c"], "average_engagements": [100, 100, 100], "fee": [100, 100, 100]}


def test_cases_about_plans_of_a_value_that_none_can_have_prove_nothing() -> None:
    """Values are multiples of 100 engagements; "plans worth 200.000001 or more" leaves out those worth 200."""
    scenario = asked(THREE, budget=200)
    poor = planned(asked(THREE, budget=100))
    certificate = poor["certificate"] | {
        "rows": {"budget: at_most": 10000.0},
        "above": 200_000_001,
        "cases": [{"rows": [0], "prices": [1.0], "impossible": True}],
        "bound": 100.000001,
    }
    forged = sealed(poor, certificate=certificate, claim="within_gap")
    verification = verify(forged, scenario)
    assert not verification.holds
    assert "a value that no plan can have" in str(verification)


@pytest.mark.parametrize(
    "rule",
    [
        {"both": {"together": ["@a", "@b"]}},
        {"spread": {"quantity": "spend", "per": "creator", "at_most": "60%"}},
    ],
)
def test_what_cannot_be_planned_is_not_verified(rule: dict[str, Any]) -> None:
    said = planned(asked(THREE, budget=200, whole=False))
    verification = verify(said, asked(THREE, budget=200, whole=False, constraints=rule))
    assert not verification.holds
    assert "cannot be planned as it is" in str(verification)


@pytest.mark.parametrize("field", ["source", "date", "value", "low", "speaks_of", "passed_over"])
def test_no_source_of_a_figure_can_be_forged(field: str) -> None:
    scenario = load_scenario(SCENARIOS / "gifts_or_fees.yaml")
    said = planned(scenario)
    assert verify(said, scenario).holds
    forged = [one | {field: True if field == "passed_over" else "1"} for one in said["benchmarks"]]
    assert not verify(sealed(said, benchmarks=forged), scenario).holds
    assert not verify(sealed(said, benchmarks=said["benchmarks"] * 2), scenario).holds


def test_no_booking_hides_behind_another_whose_names_read_alike() -> None:
    creators = {"creator": ["a", "a on b"], "average_engagements": [100, 90], "fee": [100, 100]}
    offers = {"b on x": {"deliver": {"video": 1}, "to": {"creator": "a"}}, "x": {"deliver": {"video": 1}}}
    scenario = asked(creators, budget=200, offers=offers)
    said = planned(scenario)
    first, second = said["allocations"]
    for forged in ([first | {"spend": 1.0}, second], [first, second | {"engagements": 1e9}]):
        assert not verify(sealed(said, allocations=forged), scenario).holds


def test_nothing_stands_twice_in_a_plan(tmp_path: Path) -> None:
    scenario = asked(THREE, budget=200)
    text = json.dumps(planned(scenario))
    path = tmp_path / "plan.json"
    path.write_text('{"claim": "optimal", "totals": {"spend": 1}, ' + text[1:], encoding="utf-8")
    assert "a field appears twice" in str(verify(path, scenario))
    path.write_text(text.replace('"gap": 0.0', '"gap": NaN'), encoding="utf-8")
    assert "NaN is not a number" in str(verify(path, scenario))


@pytest.mark.parametrize("count", ["1e100000000", "3/0", "9" * 5000 + "/2", " 1/2", "-1/2", "0x1/2", "inf", "\u0661/2"])
def test_a_count_in_parts_is_a_plain_fraction(count: str) -> None:
    scenario = asked(THREE, budget=250, whole=False)
    said = planned(scenario)
    assert verify(said, scenario).holds
    forged = [one | {"exact_count": count} for one in said["allocations"]]
    assert not verify(sealed(said, allocations=forged), scenario).holds


def test_deep_nesting_is_refused() -> None:
    scenario, deep = asked(THREE, budget=200), "[" * 2000 + "]" * 2000
    assert not verify(planned(scenario) | {"warnings": json.loads(deep[1900:2100])}, scenario).holds
    nested: Any = []
    for _ in range(3000):
        nested = [nested]
    assert not verify(planned(scenario) | {"reason": nested}, scenario).holds


def test_a_case_is_split_at_a_switch_that_there_is() -> None:
    scenario = asked({"creator": list("abcd"), "average_engagements": [50, 40, 33, 29], "fee": [5, 4, 3, 3]}, budget=9)
    said = planned(scenario)
    split = {"split": {"booking": len(said["certificate"]["bookings"]), "at_most": 0}, "rows": [], "prices": []}
    cases = [split, *said["certificate"]["cases"], *said["certificate"]["cases"]]
    bookings = [*said["certificate"]["bookings"], {"switch": 7}]
    forged = sealed(said, certificate=said["certificate"] | {"bookings": bookings, "cases": cases})
    assert not verify(forged, scenario).holds


def test_a_weaker_bound_than_the_proof_gives_is_true() -> None:
    scenario = asked(THREE, budget=200)
    said = planned(scenario)
    goal = said["objective"] | {"bound": 250.0, "gap": 0.25, "gap_absolute": 50.0}
    certificate = said["certificate"] | {"bound": 250.0, "gap": 0.25}
    weaker = sealed(said, objective=goal, certificate=certificate, claim="feasible")
    assert verify(weaker, scenario).holds
    assert not verify(sealed(weaker, claim="optimal"), scenario).holds
    assert not verify(sealed(weaker, objective=goal | {"bound": 150.0}), scenario).holds


def test_a_clash_states_the_rules_as_they_are() -> None:
    scenario = asked(THREE, budget=100, constraints={"all": {"quantity": "creators", "at_least": 3}})
    from optimizer import try_optimize

    said = json.loads(to_json(try_optimize(scenario)))
    assert verify(said, scenario).holds
    assert not verify(sealed(said, rules=[]), scenario).holds
    assert not verify(sealed(said, rules=[one | {"at_least": 2.0} for one in said["rules"]]), scenario).holds
    assert not verify(sealed(said, conflict=[*said["conflict"], "include"]), scenario).holds
    assert not verify(sealed(said, conflict=[*said["conflict"], "all"]), scenario).holds


def test_with_what_a_plan_was_made_is_said() -> None:
    path = SCENARIOS / "first_test.yaml"
    scenario = load_scenario(path, changes={"budget": 700})
    assert str(verify(planned(scenario), scenario)).endswith(" (budget = 700)")


def test_a_split_that_leaves_something_out_without_any_price_is_verified() -> None:
    """Where all prices are 0, a certificate names none: such a split may leave nothing out."""
    scenario = load_scenario(
        {
            "format": 1,
            "currency": "EUR",
            "budget": "141550.11",
            "quantities": {"worth": {"column": "worth"}},
            "objective": {"maximize": "worth"},
            "constraints": {"floor": {"quantity": "spend", "at_least": "141550.09"}},
        },
        creators={
            "creator": list("abcdef"),
            "fee": ["0.02", "0.06", "47709", "0.09", "93841", "0.02"],
            "worth": ["896778.759742", "3", "7", "5", "372018.354835", "960121.306133"],
        },
    )
    assert str(verify(planned(scenario), scenario)).startswith("verified: the plan keeps every rule")


@pytest.mark.parametrize("size", ["8999999999.5", "9000000000", "9000000000.5", "12345678901.123457"])
def test_a_figure_that_is_too_large_to_count_exactly_is_stated_by_neither_side(size: str) -> None:
    creators = {"creator": ["@a", "@b"], "average_engagements": [100, 90], "fee": [100, 100], "fame": [size, "2"]}
    scenario = asked(creators, budget=200, quantities={"fame": {"column": "fame"}})
    said = planned(scenario)
    assert ("fame" in said["totals"]) == (float(size) <= 9e9)
    assert verify(said, scenario).holds


@pytest.mark.parametrize("value", ["1000000", "90000000000"])
def test_revenue_that_is_too_large_to_count_exactly_is_stated_by_neither_side(value: str) -> None:
    creators = {"creator": ["@a"], "average_engagements": [10**6], "average_views": [10**9], "fee": [100]}
    scenario = asked(
        creators,
        budget=200,
        assume={"click_rate": "100%", "conversion_rate": "100%"},
        economics={"order_value": value, "margin": "50%"},
    )
    said = planned(scenario)
    assert "revenue" not in said["totals"]
    assert verify(said, scenario).holds


MIXED: dict[str, Any] = {
    "format": 1,
    "currency": "EUR",
    "whole": False,
    "quantities": ["score"],
    "objective": {"minimize": "score"},
    "segments": [
        {"name": "parts", "available": 1, "fee": 7, "score": 1, "whole": False, "followers": 5000},
        {"name": "wholes", "available": 2, "fee": 3, "score": 38, "whole": True, "followers": 5000},
    ],
    "constraints": {
        "n": {"quantity": "creators", "at_least": "1.3"},
        "m": {"quantity": "spend", "at_least": "5.50"},
    },
}


def mixed_proof() -> tuple[Scenario, dict[str, Any], dict[str, Any]]:
    scenario = load_scenario(MIXED)
    said = planned(scenario)
    assert said["claim"] == "optimal"
    assert verify(said, scenario).holds
    return scenario, said, json.loads(json.dumps(said["certificate"]))


def test_a_booking_in_parts_is_no_place_to_split() -> None:
    """Between none and one lies all that matters: cases at both ends prove nothing."""
    scenario, said, certificate = mixed_proof()
    certificate["bookings"] = [{"creator": "parts", "offer": "booking"}]
    certificate["cases"] = [
        {"split": {"booking": 0, "at_most": 0}, "rows": [], "prices": []},
        {"rows": [0], "prices": [-1.0], "impossible": True},
        {"rows": [0], "prices": [-1.0], "impossible": True},
    ]
    assert "may be made in parts" in str(verify(sealed(said, certificate=certificate), scenario))


def test_nothing_is_rounded_beside_parts() -> None:
    scenario, said, certificate = mixed_proof()
    certificate["stages"] = [{"open": 2, "rounded": [], "rows": [], "prices": []}]
    assert "nothing is rounded" in str(verify(sealed(said, certificate=certificate), scenario))


@pytest.mark.parametrize("price", ["0/1", "1/0", "-1/-3", " -1/3", "1e9/3", f"{9**500}/2", "nan", "-1", None, True])
def test_a_price_is_a_number_or_a_plain_fraction(price: Any) -> None:
    scenario, said, certificate = mixed_proof()
    case = next(case for case in certificate["cases"] if case["prices"])
    case["prices"][0] = price
    assert not verify(sealed(said, certificate=certificate), scenario).holds


def test_exact_prices_of_parts_cannot_be_changed() -> None:
    """Thirds are no floats: at the nearest ones, the bound is another."""
    creators = {"creator": ["@a", "@b"], "average_engagements": [100, 91], "fee": [300, 290]}
    scenario = asked(
        creators, budget="400", whole=False, constraints={"few": {"quantity": "creators", "at_most": "1.35"}}
    )
    said = planned(scenario)
    assert said["claim"] == "optimal"
    texts = [price for case in said["certificate"]["cases"] for price in case["prices"] if isinstance(price, str)]
    assert texts
    for near in (float(Fraction(texts[0])), str(Fraction(texts[0]) + Fraction(1, 10**30))):
        certificate = json.loads(json.dumps(said["certificate"]))
        certificate["cases"][0]["prices"] = [
            near if price == texts[0] else price for price in certificate["cases"][0]["prices"]
        ]
        verification = verify(sealed(said, certificate=certificate), scenario)
        assert not verification.holds or Fraction(texts[0]) == Fraction(near)


def test_no_row_holds_many_nameless_people_as_one() -> None:
    """Each booking of a segment without a talent is another person, and all of them may spend more than one may."""

    def of(available: int) -> Scenario:
        segment = {"name": "nano", "fee": 50, "average_engagements": 10, "available": available}
        cap = {"quantity": "spend", "per": "talent", "at_most": 60}
        creators = {"creator": ["@a"], "talent": ["Ana"], "average_engagements": [10], "fee": [50]}
        return asked(creators, segments=[segment], budget=500, constraints={"cap": cap})

    said = planned(of(1))
    forged = said["certificate"] | {"rows": {"cap: creator nano: at_most": 2000.0}}
    cap = said["constraints"][1] | {"shadow_price": 0.2}
    verification = verify(sealed(said, certificate=forged, constraints=[said["constraints"][0], cap]), of(3))
    assert not verification.holds
    assert "the rules make no row cap: creator nano: at_most" in str(verification)
