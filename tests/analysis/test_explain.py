"""Explanations: each statement against all plans of small scenarios."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from optimizer import Explanation, InfeasibleError, explain, load_scenario
from optimizer.analysis import fees, rule_worth
from optimizer.planning.near import Near
from optimizer.planning.questions import Found, Question
from optimizer.results.explanation import CreatorWorth
from tests.support.amounts import times

COUNT = 6
Fees = Sequence[int]


class World:
    """A small scenario in whole cents, and all of its plans."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        size = rng.randint(4, 7)
        self.names = [f"@c{at}" for at in range(size)]
        self.cities = [rng.choice(["Lyon", "Paris"]) for _ in range(size)]
        self.worth = [rng.randint(5, 100) for _ in range(size)]
        self.fees = [100 * rng.choice([rng.randint(5, 90), rng.randint(1, 9) * 10]) for _ in range(size)]
        self.budget = 100 * rng.randint(60, 200)
        self.agency = rng.choice([0, 0, 12])
        self.share = rng.choice([None, None, 30, 50])
        self.floor = None if self.share else rng.choice([None, 100 * rng.randint(20, 60)])
        self.team = rng.choice([None, rng.randint(2, 4)])
        self.saves = rng.choice([0, 0, 1])  # each euro spent counts as -0.2 engagements
        more = random.Random(f"more rules {seed}")
        self.each = more.choice([None, None, 100 * more.randint(30, 90)])  # the most that one may cost
        self.paris = more.choice([None, None, (0, 100 * more.randint(20, 90)), (1_000, 100 * more.randint(30, 120))])
        self.included = more.choice([None, None, None, more.randrange(size)])

    def said(self) -> dict[str, Any]:
        rules: dict[str, Any] = {}
        lyon = {"quantity": "spend", "group": {"city": "Lyon"}}
        if self.share:
            rules["floor"] = {**lyon, "at_least": f"{self.share}%"}
        if self.floor:
            rules["floor"] = {**lyon, "at_least": self.floor / 100}
        if self.team:
            rules["team"] = {"quantity": "creators", "at_most": self.team}
        if self.each:
            rules["each"] = {"quantity": "spend", "per": "creator", "at_most": self.each / 100}
        if self.paris:
            low, high = (bound / 100 for bound in self.paris)
            rules["paris"] = {"quantity": "spend", "group": {"city": "Paris"}, "at_least": low, "at_most": high}
        goal: Any = {"engagements": 1, "spend": -0.2} if self.saves else "engagements"
        said = {"format": 1, "currency": "EUR", "budget": self.budget / 100, "objective": {"maximize": goal}}
        agency = {"costs": {"agency": f"{self.agency}%"}} if self.agency else {}
        included = {} if self.included is None else {"include": [self.names[self.included]]}
        return said | agency | included | {"constraints": rules}

    def pool(self) -> dict[str, list[Any]]:
        return {
            "creator": self.names,
            "city": self.cities,
            "average_engagements": self.worth,
            "fee": [f"{fee / 100:.2f}" for fee in self.fees],
        }

    def cost(self, spend: int) -> int:
        return spend - (-spend * self.agency // 100)

    def best(
        self,
        fees: Fees | None = None,
        *,
        without: int | None = None,
        inside: int | None = None,
        budget: int | None = None,
        dropped: str = "",
    ) -> Fraction | None:
        """The value of the best plan."""
        fees, found = fees or self.fees, list[Fraction]()
        limit = self.budget if budget is None else budget
        for chosen in product((0, 1), repeat=len(self.names)):
            if (without is not None and chosen[without]) or (inside is not None and not chosen[inside]):
                continue
            spend = sum(fee * one for fee, one in zip(fees, chosen, strict=True))
            cost = sum(self.cost(fee) * one for fee, one in zip(fees, chosen, strict=True))
            there = zip(fees, chosen, self.cities, strict=True)
            lyon = sum(fee * one for fee, one, city in there if city == "Lyon")
            if dropped != "budget" and cost > limit:
                continue
            if dropped != "floor" and self.share and lyon * 100 < self.share * spend:
                continue
            if dropped != "floor" and self.floor and lyon < self.floor:
                continue
            if self.included is not None and not chosen[self.included]:
                continue
            if (
                dropped != "each"
                and self.each
                and any(fee > self.each for fee, one in zip(fees, chosen, strict=True) if one)
            ):
                continue
            if dropped != "paris" and self.paris and not self.paris[0] <= spend - lyon <= self.paris[1]:
                continue
            if dropped != "team" and self.team and sum(chosen) > self.team:
                continue
            worth = Fraction(sum(value * one for value, one in zip(self.worth, chosen, strict=True)))
            found.append(worth - Fraction(spend * self.saves, 500))
        return max(found, default=None)


def plain() -> World:
    """A world of few rules."""
    world = World(1)
    world.each = world.paris = world.included = None
    return world


def explained(world: World, **asked: Any) -> Explanation | None:
    try:
        return explain(load_scenario(world.said(), creators=world.pool()), gap=0, **asked)
    except InfeasibleError:
        return None


def booked_at(world: World, at: int, fee: int) -> bool:
    """Whether a best plan books a creator at a fee."""
    fees = [*world.fees]
    fees[at] = fee
    inside, without = world.best(fees, inside=at), world.best(fees, without=at)
    return inside is not None and (without is None or inside >= without)


def test_at_each_stated_fee_a_best_plan_books_the_creator_and_at_no_other() -> None:
    wrong, checked, several = [], 0, 0
    for seed in (12, 19, *range(times(COUNT))):  # the first two have fees that are not one interval
        world, rng = World(seed), random.Random(seed)
        found = explained(world, creators=world.names, rules=False, figures=False)
        for one in () if found is None else found.creators:
            at = world.names.index(one.creator)
            intervals = [
                (round(low * 100), None if high is None else round(high * 100)) for low, high in one.fee_intervals
            ]
            fees = {rng.randrange(30_000), world.fees[at]}
            for low, high in intervals:
                fees |= {max(low - 1, 0), low} | ({low + 5_000} if high is None else {high, high + 1, high + 40})
            several += len(intervals) > 1
            highest = one.walk_away_fee if one.is_in else one.enters_at_fee
            assert highest == (one.fee_intervals[-1][1] if one.fee_intervals else None)
            for fee in fees:
                stated = any(low <= fee and (high is None or fee <= high) for low, high in intervals)
                checked += 1
                if stated != booked_at(world, at, fee) or not one.proved:
                    wrong.append((seed, one.creator, fee, intervals))
    assert wrong == []
    assert checked >= 60 * COUNT // 2
    assert several


def test_the_bracket_of_a_large_pool_holds_the_fee_up_to_which_a_best_plan_books(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fees, "MANY", 0)
    monkeypatch.setattr(fees, "is_listable", lambda _program: False)
    wrong, checked, narrow = [], 0, 0
    for seed in (12, 19, *range(times(COUNT))):
        world, rng = World(seed), random.Random(seed)
        found = explained(world, creators=world.names, rules=False, figures=False)
        for one in () if found is None else found.creators:
            at = world.names.index(one.creator)
            end = 10**9 if one.fee_high is None else round(one.fee_high * 100)
            inside = {fee for low, high in one.fee_intervals for fee in (round(low * 100), round((high or low) * 100))}
            outside = {end + 1, end + 40, rng.randrange(30_000), world.fees[at]}
            wrong += [(seed, one.creator, fee) for fee in inside if not booked_at(world, at, fee)]
            wrong += [(seed, one.creator, fee) for fee in outside if fee > end and booked_at(world, at, fee)]
            checked += len(inside) + len(outside)
            narrow += end < 3 * world.fees[at] and bool(inside)
    assert wrong == []
    assert checked >= 60 * COUNT // 2
    assert narrow > COUNT // 2


def test_who_is_missed_and_who_is_insisted_on_changes_the_value_as_said() -> None:
    checked = 0
    for seed in range(times(COUNT)):
        world = World(100 + seed)
        found = explained(world, creators=world.names, rules=False, figures=False)
        best = world.best()
        for one in () if found is None or best is None else found.creators:
            at = world.names.index(one.creator)
            if one.is_in:
                without = world.best(without=at)
                assert one.loss_without == (None if without is None else pytest.approx(float(best - without)))
            else:
                inside = world.best(inside=at)
                assert (one.insisting is None) == (inside is None)
                if one.insisting is not None and inside is not None:
                    assert one.insisting.value_change == pytest.approx(float(inside - best))
            checked += 1
    assert checked >= 3 * COUNT


def test_rules_cost_what_all_plans_gain_without_them_and_by_a_step() -> None:
    checked = 0
    for seed in range(times(COUNT)):
        world = World(300 + seed)
        found, best = explained(world, creators=[], figures=False), world.best()
        if found is None or best is None:
            continue
        for rule in found.rules:
            without = world.best(dropped=rule.name)
            assert without is not None
            assert rule.dropped_proved
            assert rule.dropped_value_change == pytest.approx(float(without - best))
            if rule.name == "budget":
                more = world.best(budget=world.budget + 100 * 100)
                assert more is not None
                assert rule.step == 100
                assert rule.step_value_change == pytest.approx(float(more - best))
            checked += 1
    assert checked >= 2 * COUNT


def test_rules_that_cost_nothing_are_dropped_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, ask = [], Near.ask

    def counted(near: Near, question: Question, **terms: Any) -> Found:
        asked.append(question)
        return ask(near, question, **terms)

    monkeypatch.setattr(Near, "ask", counted)
    world = plain()
    world.budget = sum(world.fees) // 2
    rules = {f"room {at}": {"quantity": "creators", "per": "city", "at_most": 50 + at} for at in range(6)}
    found = explain(
        load_scenario(world.said() | {"constraints": rules}, creators=world.pool()), creators=[], figures=False, gap=0
    )
    idle = [rule for rule in found.rules if rule.name != "budget"]
    assert len(idle) == 12
    assert {(rule.step_value_change, rule.dropped_value_change) for rule in idle} == {(0.0, 0.0)}
    assert all(rule.step_proved and rule.dropped_proved for rule in idle)
    assert len(asked) == 3  # all of them together; the budget, and a step of it


def test_in_a_large_pool_a_rule_without_a_price_is_not_planned_without_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_worth, "_RANGED_MOST", 0)
    monkeypatch.setattr("optimizer.analysis.explain._EXACT_MOST", 0)
    asked: list[Question] = []
    whole = Near.ask
    monkeypatch.setattr(
        Near, "ask", lambda near, question, **more: [asked.append(question), whole(near, question, **more)][1]
    )
    names = [f"@c{at}" for at in range(40)]
    pool = {"creator": names, "average_engagements": [*range(60, 100)], "fee": [50 + at % 7 for at in range(40)]}
    rules = {
        "few": {"quantity": "creators", "at_most": 30},
        "some": {"quantity": "engagements", "at_least": 10},
        "nobody is dear": {"quantity": "spend", "per": "creator", "at_most": 55},
    }
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 480,
        "objective": {"maximize": "engagements"},
        "constraints": rules,
    }
    found = explain(load_scenario(said, creators=pool), gap=0.05, creators=[], figures=False)
    worth = {one.name: one for one in found.rules}
    for name in ("few", "some"):
        assert worth[name].step_value_change == worth[name].dropped_value_change == 0.0
        assert not worth[name].dropped_proved or found.plan.claim == "optimal"
    assert (worth["budget"].dropped_value_change or 0) > 0
    assert asked, "rules that have a price, or forbid bookings, are planned without"
    assert len(asked) <= 4


def test_a_figure_holds_up_to_where_another_plan_is_better() -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 100,
        "objective": {"maximize": "engagements"},
        "assume": {"engagement_rate": [{"city": "Lyon", "is": "3%"}, {"is": "2%"}], "fee": 100},
    }
    pool = {"creator": ["@ana", "@bea"], "city": ["Lyon", "Paris"], "followers": [2_000, 2_400]}
    found = explain(load_scenario(said, creators=pool), creators=[], rules=False, gap=0)
    lyon, others, fee = found.figures  # 60 engagements of @ana against 48 of @bea
    assert (lyon.flips_above, others.flips_below) == (None, None)
    assert lyon.flips_below == pytest.approx(0.024, rel=0.02)
    assert others.flips_above == pytest.approx(0.025, rel=0.02)
    assert (fee.figure, fee.flips_above) == ("fee", pytest.approx(100, rel=0.02))


def test_a_creator_who_is_unknown_is_named_with_a_suggestion() -> None:
    world = plain()
    with pytest.raises(ValueError, match=r"@c9 cannot be booked: is not in the file of creators"):
        explain(load_scenario(world.said(), creators=world.pool()), creators=["@c9"])


def test_names_are_taken_as_planners_write_them() -> None:
    world = plain()
    found = explain(load_scenario(world.said(), creators=world.pool()), creators=["C0"], rules=False, figures=False)
    assert [one.creator for one in found.creators] == ["@c0"]


def test_without_a_plan_there_is_nothing_to_explain() -> None:
    world = plain()
    said = world.said() | {"constraints": {"many": {"quantity": "creators", "at_least": 50}}}
    with pytest.raises(InfeasibleError):
        explain(load_scenario(said, creators=world.pool()))


def test_a_word_to_stop_keeps_what_was_found() -> None:
    world, asked = plain(), []

    def stop() -> bool:
        return len(asked) > 1

    found = explain(
        load_scenario(world.said(), creators=world.pool()),
        on_progress=lambda what, progress: None if progress else asked.append(what),
        cancel=stop,
    )
    assert len(found.rules) + len(found.creators) <= 2
    assert found.figures == ()
    assert "stopped" in found.left_out[-1]


def test_the_order_of_the_pool_changes_nothing() -> None:
    world = plain()
    pool = world.pool()
    turned = {column: cells[::-1] for column, cells in pool.items()}
    one, other = (explain(load_scenario(world.said(), creators=cells), gap=0) for cells in (pool, turned))
    assert one.to_json() == other.to_json()


def fees_of(said: dict[str, Any], pool: dict[str, list[Any]], creator: str) -> CreatorWorth:
    """What is said of a creator, with the fees at which a best plan makes the booking."""
    base = {"format": 1, "currency": "EUR", "objective": {"maximize": "engagements"}}
    found = explain(load_scenario(base | said, creators=pool), creators=[creator], rules=False, figures=False, gap=0)
    return found.creators[0]


@pytest.fixture(params=["to the coin", "bracketed"])
def bracketed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether fees are looked for as in a large pool."""
    if request.param == "bracketed":
        monkeypatch.setattr(fees, "MANY", 0)
        monkeypatch.setattr(fees, "is_listable", lambda _program: False)
    return bool(request.param == "bracketed")


def test_a_creator_whose_own_fee_is_too_low_for_a_rule_enters_at_a_higher_one(bracketed: bool) -> None:
    rule = {"quantity": "spend", "per": "creator", "at_least": 30, "or_none": True}
    pool: dict[str, list[Any]] = {"creator": ["@ana", "@bea"], "average_engagements": [90, 20], "fee": [16, 40]}
    found = fees_of({"budget": 100, "constraints": {"each": rule}}, pool, "@ana")
    assert found.fee_high == 100
    assert all(30 <= low <= (high or 0) <= 100 for low, high in found.fee_intervals)
    assert bracketed or found.fee_intervals == ((30, 100),)


def test_a_fee_of_nothing_leaves_an_amount_unused_and_says_nothing_of_the_fees_above(bracketed: bool) -> None:
    rule = {"quantity": "spend", "group": {"city": "Paris"}, "at_least": 56, "or_none": True}
    pool: dict[str, list[Any]] = {"creator": ["@ana", "@bea"], "city": ["Paris", "Lyon"]}
    pool |= {"average_engagements": [90, 20], "fee": [60, 40]}
    found = fees_of({"budget": 100, "constraints": {"paris": rule}}, pool, "@ana")
    assert found.fee_high == 100
    assert found.fee_intervals == (((56, 60),) if bracketed else ((0, 0), (56, 100)))
