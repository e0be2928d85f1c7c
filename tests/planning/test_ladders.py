"""Offers with ladders of pieces and of boost, against all plans, enumerated in plain Python; and what boost means."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, to_json, try_optimize, verify
from optimizer.domain.constraints import Measure
from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import estimate
from tests.support.amounts import seeded, times
from tests.support.brute import Best, Question
from tests.support.scenarios import LADDERS, WORDS, scenario
from tests.support.unexplained import plan_alone

COUNT = times(100)
SEED = seeded("ladders")
STYLES = ("plain", "cents", "round", "ties", "plain")


@dataclass(frozen=True)
class Case:
    seed: str
    said: dict[str, Any]
    question: Question
    best: Best
    scenario: Scenario
    result: Plan | NoPlan

    @property
    def chosen(self) -> list[int]:
        """The columns that are booked, each as often as it is."""
        assert isinstance(self.result, Plan)
        booked = self.result.allocations
        places = self.question.places([(one.creator, one.offer, one.step) for one in booked])
        return [at for at, one in zip(places, booked, strict=True) for _ in range(int(one.count))]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Scenarios with ladders; a quarter of them know only creators, fees and gifts beside."""
    found = []
    for number in range(COUNT):
        words = (*(WORDS if number % 4 else ()), LADDERS)
        seed = f"{SEED} {number}"
        said, frame = scenario(seed, style=STYLES[number % len(STYLES)], sizes=(3, 7), words=words)
        question, loaded = Question(said, frame), load_scenario(said, creators=frame)
        found.append(Case(seed, said, question, question.best(), loaded, plan_alone(loaded, gap=0)))
    return found


def test_the_ladders_reach_every_shape(cases: list[Case]) -> None:
    seen: Counter[str] = Counter()
    for one in cases:
        seen["plan" if one.best.value is not None else "clash"] += 1
        written = json.dumps(one.said.get("constraints", {}))
        seen.update(word for word in ("boost", "impressions.paid", "offer") if f'"{word}"' in written)
        seen["wallet"] += "boost" in one.said.get("wallets", {})
        seen["agreed"] += any(isinstance(who, dict) and "offer" in who for who in one.said.get("include", []))
        seen["segments"] += "segments" in one.said
        seen["agency"] += "agency" in one.said.get("costs", {})
        for at in one.chosen if isinstance(one.result, Plan) else ():
            terms = one.question.columns[at].terms
            seen.update({f"model {terms.model}"} if terms.boost else ())
            seen["boosted"] += any(bought.money for bought in terms.boost)
            seen["two ways"] += len(terms.boost) > 1
            seen["pieces"] += terms.offer != terms.base and not terms.boost
    wanted = ["plan", "clash", "boost", "impressions.paid", "offer", "wallet", "agreed", "segments", "agency"]
    wanted += ["boosted", "two ways", "pieces", "model fee", "model gift", "model commission", "model hybrid"]
    assert [word for word in wanted if not seen[word]] == []


def test_a_plan_is_the_best_of_all_plans_or_none_exists(cases: list[Case]) -> None:
    wrong = []
    for one in cases:
        if not isinstance(one.result, Plan):
            wrong += [(one.seed, one.result.outcome)] if one.best.value is not None else []
        elif one.best.value is None:
            wrong.append((one.seed, "a plan"))
        elif (one.question.value(one.chosen), one.result.claim) != (one.best.value, "optimal"):
            wrong.append((one.seed, f"{one.question.value(one.chosen)} {one.result.claim}, not {one.best.value}"))
        elif one.result.objective.bound != one.result.objective.value or not one.question.keeps_all(one.chosen):
            wrong.append((one.seed, "a bound, or a rule"))
    assert wrong == []


def test_every_amount_of_every_booking_is_what_its_formula_gives(cases: list[Case]) -> None:
    wrong = []
    for one in cases:
        for booking in one.result.allocations if isinstance(one.result, Plan) else ():
            (at,) = one.question.places([(booking.creator, booking.offer, booking.step)])
            amounts = one.question.columns[at].amounts
            for name, shown in booking.values.items():
                if shown != float(Fraction((amounts[name] or 0) * int(booking.count), one.question.scale(name))):
                    wrong.append((one.seed, booking.creator, booking.offer, name, shown))
    assert wrong == []


def test_every_answer_is_verified(cases: list[Case]) -> None:
    for one in cases[::4]:
        answer = try_optimize(one.scenario, gap=0, rounds=250)
        verification = verify(json.loads(to_json(answer)), one.scenario, ranges=isinstance(answer, Plan))
        assert verification.holds, f"{one.seed}: {verification}"


def test_answers_in_parts_and_their_repairs_are_verified() -> None:
    for number in range(times(8)):
        said, frame = scenario(f"{SEED} parts {number}", words=(*WORDS, "parts", LADDERS))
        loaded = load_scenario(said, creators=frame)
        verification = verify(try_optimize(loaded, gap=0, rounds=250), loaded)
        assert verification.holds, f"{number}: {verification}"


# --- what a boost means ---

POOL = {
    "creator": ["@ana", "@bea", "@cem"],
    "followers": [5_000, 20_000, 8_000],
    "average_views": [1_500, 6_000, 2_000.5],
    "average_engagements": [100, 200, 300],
    "fee": [100.01, 250, 80],
    "post_rate": [0.9, 0.5, 1],
}
SAID: dict[str, Any] = {
    "format": 1,
    "currency": "EUR",
    "objective": {"maximize": {"conversions": 1, "profit": "0.1"}},
    "assume": {"click_rate": "1.3%", "conversion_rate": "4%"},
    "economics": {"order_value": 30, "margin": "45%"},
    "costs": {"agency": "15%"},
    "pay": {"by sale": {"model": "hybrid", "fee": "50%", "rate": "10%"}, "box": {"model": "gift"}},
    "boost": {"spark": {"cpm": "6.5", "rights": "12.5%", "keeps": [{"up_to": 200, "keep": "90%"}]}},
    "segments": [
        {"name": "typical", "followers": 4_000, "average_views": 900, "average_engagements": 40, "fee": 60}
        | {"available": 6, "returns": [{"up_to": 2, "keep": "100%"}, {"up_to": 6, "keep": "40%"}]}
    ],
}


def amounts_of(offers: dict[str, Any], **said: Any) -> tuple[Scenario, dict[str, dict[str, list[int]]]]:
    """Every quantity of each offer, over the same bookings."""
    loaded = load_scenario(SAID | {"offers": offers} | said, creators=POOL)
    names = [name for name, one in loaded.quantities.items() if not one.helper and one.additive]
    asked = {f"all {at}": {"quantity": name, "at_least": 0} for at, name in enumerate(names)}
    loaded = load_scenario(SAID | {"offers": offers, "constraints": asked} | said, creators=POOL)
    found = estimate(loaded)
    return loaded, {
        offer.name: {name: found.values[Measure(name)][found.columns.offer == at].tolist() for name in (*names,)}
        for at, offer in enumerate(loaded.offers)
    }


@pytest.mark.parametrize("pay", ["fee", "by sale", "box"])
def test_a_step_of_no_money_equals_the_offer_without_boost_in_every_quantity(pay: str) -> None:
    plain = {"deliver": {"video": 2}, "pay": pay}
    _, found = amounts_of({"bare": plain, "booktok": plain | {"boost": {"spark": [0, 150]}}})
    assert found["booktok, spark 0"] == found["bare"]
    assert found["booktok, spark 150"] != found["bare"]


def test_more_money_never_gives_fewer_impressions() -> None:
    ladder = [0, 1, "99.99", 100, 180, 200]
    keeps = [{"up_to": 100, "keep": "70%"}, {"up_to": 180, "keep": "10%"}, {"up_to": 200, "keep": 0}]
    _, found = amounts_of(
        {"a": {"deliver": {"video": 1}, "boost": {"spark": ladder}}}, boost={"spark": {"cpm": 6, "keeps": keeps}}
    )
    for name in ("impressions", "impressions.paid", "clicks", "conversions", "boost", "spend"):
        steps = list(zip(*(amounts[name] for amounts in found.values()), strict=True))
        assert all(list(one) == sorted(one) for one in steps), name
    paid = [amounts["impressions.paid"][-1] for amounts in found.values()]  # of the segment, where everybody posts
    assert [one / 10**6 for one in paid] == pytest.approx(
        [0, 700 / 6, 69_993 / 6, 70_000 / 6, 78_000 / 6, 78_000 / 6], abs=1e-6
    )


def test_what_a_boost_adds_and_what_it_leaves() -> None:
    _, found = amounts_of({"a": {"deliver": {"video": 1}, "boost": {"spark": [0, 130]}}})
    bare, boosted = found["a, spark 0"], found["a, spark 130"]
    for name in ("engagements", "gross_reach", "posts", "hours", "impressions.organic", "deliverables"):
        assert bare[name] == boosted[name], name
    ana = 0
    assert boosted["boost"][ana] == 13_000
    assert boosted["impressions.paid"][ana] == round(0.9 * (1000 * 117 / 6.5) * 1e6)  # 90 % of the money is kept
    assert boosted["impressions"][ana] == bare["impressions"][ana] + boosted["impressions.paid"][ana]
    rights = 1_251  # 12.5 % of 100.01, rounded up
    assert boosted["cash"][ana] == bare["cash"][ana] + 13_000 + rights
    assert boosted["agency"][ana] == -(-boosted["cash"][ana] * 15 // 100)
    last_step = -1  # of the segment's returns: paid impressions do not fall
    assert boosted["impressions.paid"][last_step] == round(18_000 * 1e6)


def test_engagements_that_sell_sell_no_more_with_a_boost() -> None:
    said = {"assume": {"conversions_per_engagement": "2%", "click_rate": "1%"}}
    _, found = amounts_of({"a": {"deliver": {"video": 1}, "boost": {"spark": [0, 130]}}}, **said)
    assert found["a, spark 0"]["conversions"] == found["a, spark 130"]["conversions"]
    assert found["a, spark 0"]["clicks"] != found["a, spark 130"]["clicks"]


def test_a_price_that_was_agreed_holds_the_rights_and_not_the_boost() -> None:
    include = [{"creator": "@ana", "offer": "a", "price": 90}]
    _, found = amounts_of({"a": {"deliver": {"video": 1}, "boost": {"spark": [0, 130]}}}, include=include)
    assert (found["a, spark 0"]["spend"][0], found["a, spark 130"]["spend"][0]) == (9_000, 9_000 + 13_000)


def test_a_scenario_without_a_boost_shows_nothing_of_it() -> None:
    said = {key: value for key, value in SAID.items() if key != "boost"}
    result = try_optimize(load_scenario(said | {"budget": 400}, creators=POOL), gap=0)
    assert isinstance(result, Plan)
    assert [name for name in to_json(result).split('"') if name in ("boost", "impressions.organic")] == []


# --- how a plan treats a ladder ---


def planned(offers: dict[str, Any], **said: Any) -> Plan:
    loaded = load_scenario(SAID | {"offers": offers, "budget": 900} | said, creators=POOL)
    plan = try_optimize(loaded, gap=0)
    assert isinstance(plan, Plan)
    assert verify(plan, loaded, ranges=True).holds
    return plan


LADDER = {"booktok": {"deliver": {"video": [1, 2]}, "boost": {"spark": [0, 50, 200]}}}


def test_a_wallet_of_boost_is_kept_and_its_ranges_hold() -> None:
    plan = planned(LADDER, wallets={"boost": 250})
    assert plan.totals["boost"] <= 250
    (wallet,) = (rule for rule in plan.constraints if rule.name == "budget boost")
    assert wallet.value == plan.totals["boost"] > 0


def test_a_group_of_the_written_name_holds_all_steps_and_one_of_a_step_only_that() -> None:
    rules = {
        "all": {"quantity": "creators", "group": {"offer": "BookTok"}, "exactly": 3},
        "one": {"quantity": "creators", "group": {"offer": "booktok, video 2, spark 50"}, "at_most": 1},
        "each": {"quantity": "creators", "per": "offer", "at_most": 2},
    }
    plan = planned(LADDER | {"other": {"deliver": {"story": 1}}}, constraints=rules)
    steps = [one.offer for one in plan.allocations for _ in range(int(one.count))]
    assert sum(name.startswith("booktok, ") for name in steps) == 3
    assert max(Counter(steps).values()) <= 2
    labels = [rule.per_value for rule in plan.constraints if rule.name == "each"]
    assert labels == sorted(labels)
    assert len(labels) == 7


def test_bounds_of_single_values_may_name_a_whole_ladder() -> None:
    rules = {"each": {"quantity": "creators", "per": "offer", "exactly": {"booktok": 2, "other": 1}}}
    plan = planned(LADDER | {"other": {"deliver": {"story": 1}}}, constraints=rules)
    assert [rule.value for rule in plan.constraints if rule.name == "each"] == [2, 1]


@pytest.mark.parametrize(("offer", "count"), [("booktok", 6), ("booktok, video 1, spark 50", 1)])
def test_an_agreed_ladder_is_any_of_its_steps(offer: str, count: int) -> None:
    said = SAID | {
        "offers": LADDER | {"other": {"deliver": {"story": 1}}},
        "include": [{"creator": "@bea", "offer": offer}],
    }
    found = estimate(load_scenario(said, creators=POOL))
    bea = [at for at, name in enumerate(found.scenario.pool.ids) if name == "@bea"]
    assert (found.columns.creator == bea[0]).sum() == count
    assert "@bea" in [one.creator for one in planned(LADDER, include=[{"creator": "@bea", "offer": offer}]).allocations]


def test_an_assumption_may_speak_of_a_ladder_or_of_a_step() -> None:
    lines = [{"offer": "booktok, video 1, spark 50", "is": "3%"}, {"offer": "booktok", "is": "2%"}]
    _, found = amounts_of(LADDER, assume={"click_rate": lines, "conversion_rate": "4%"})
    ana = {name: amounts["clicks"][0] / amounts["impressions"][0] for name, amounts in found.items()}
    assert ana["booktok, video 1, spark 50"] == pytest.approx(0.03)
    assert {round(rate, 9) for name, rate in ana.items() if name != "booktok, video 1, spark 50"} == {0.02}


def test_a_ladder_is_worth_the_same_as_its_steps_written_out() -> None:
    written = {
        f"booktok, video {pieces}, spark {money}": {"deliver": {"video": pieces}, "boost": {"spark": money}}
        for pieces in (1, 2)
        for money in (0, 50, 200)
    }
    one, other = planned(LADDER), planned(written)
    assert one.objective == other.objective
    assert one.allocations == other.allocations
