"""How answers hang together: what must not change when a question is asked otherwise, and what must not get worse."""

from __future__ import annotations

import random
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from optimizer import Plan, load_scenario
from tests.support.asking import (
    COUNT,
    SLACK,
    answer,
    as_json,
    as_json_of_any_order,
    asked,
    booked,
    drawn,
    not_below,
    reordered,
    rules_in,
    valued,
)
from tests.support.brute import LOGIC, Question
from tests.support.drawn_pools import Frame, Mapping
from tests.support.draws import decimal
from tests.support.reading import DECIMALS, MONEY, exact, is_percent, key
from tests.support.unexplained import plan_alone


def test_the_order_of_rows_and_columns_of_the_pool_changes_nothing() -> None:
    for number, said, frame in drawn("shuffled"):
        shuffled = reordered(frame, random.Random(number))
        assert as_json_of_any_order(answer(said, shuffled)) == as_json_of_any_order(answer(said, frame)), number


def test_the_same_question_asked_twice_has_the_same_answer() -> None:
    for _, said, frame in drawn("twice", count=COUNT // 3):
        assert as_json(answer(said, frame)) == as_json(answer(deepcopy(said), deepcopy(frame)))


def scaled(amount: Any, factor: int) -> Any:
    if isinstance(amount, dict):
        return {name: scaled(one, factor) for name, one in amount.items()}
    return amount if is_percent(amount) else f"{(Decimal(str(amount)) * factor).normalize():f}"


def money_at(said: Mapping) -> list[tuple[Mapping, str]]:
    """Every place of a scenario where an amount of money stands, as mapping and key."""
    assumed = said["assume"]["fee"]
    places = [(line, "is") for line in assumed] if isinstance(assumed, list) else [(said["assume"], "fee")]
    for pay in said.get("pay", {}).values():
        places += [(pay, word) for word in ("shipping", "handling", "minimum_fee", "per_conversion", "cap", "rights")]
        places += [(pay.get("product", {}), word) for word in ("cost", "value")]
    for terms in [*said.get("offers", {}).values(), *(who for who in said.get("include", []) if isinstance(who, dict))]:
        places += [(terms, word) for word in ("price", "fee", "rights")]
    places += [(segment, word) for segment in said.get("segments", []) for word in ("fee", "fee_story")]
    places += [(said.get("wallets", {}), word) for word in ("spend", "cash")]
    places += [(said, "budget"), (said.get("economics", {}), "order_value"), (said.get("costs", {}), "fixed")]
    for rule in rules_in(said).values():
        if rule.get("quantity") in (*MONEY, "cpm", "cpe", "cpc", "cpa"):
            places += [(rule, word) for word in ("at_least", "at_most", "exactly")]
    return [(mapping, name) for mapping, name in places if name in mapping]


def in_minor_units(said: Mapping, frame: Frame) -> tuple[Mapping, Frame]:
    """The same money, written in a currency whose smallest unit is the unit."""
    factor = 10 ** DECIMALS.get(said["currency"], 2)
    said, frame = deepcopy(said), deepcopy(frame)
    said["currency"] = "JPY"
    for mapping, name in money_at(said):
        mapping[name] = scaled(mapping[name], factor)
    for name in [name for name in frame if name.startswith("fee")]:
        frame[name] = [None if cell is None else scaled(cell, factor) for cell in frame[name]]
    ((sense, weights),) = said["objective"].items()
    if isinstance(weights, dict):
        mix = {q: str(Decimal(w) / factor) if q in MONEY else w for q, w in weights.items()}
        said["objective"] = {sense: mix}
    return said, frame


def test_money_in_another_unit_leaves_the_plan_as_it_is() -> None:
    for number, said, frame in drawn("currency"):
        one, other = answer(said, frame), answer(*in_minor_units(said, frame))
        assert one.outcome == other.outcome, number
        if isinstance(one, Plan) and isinstance(other, Plan):
            assert one.claim == other.claim
            assert booked(one) == booked(other), number
            factor = 10 ** DECIMALS.get(said["currency"], 2)
            assert other.totals["spend"] == pytest.approx(one.totals["spend"] * factor, rel=1e-12)


def test_dropping_a_rule_never_lowers_the_value() -> None:
    dropped, about_who = 0, 0
    for number, said, frame in drawn("dropped"):
        full = valued(said, frame)
        for name, rule in rules_in(said).items():
            fewer = deepcopy(said)
            del fewer["constraints"][name]
            assert not_below(valued(fewer, frame), full), (number, name)
            dropped += 1
            about_who += any(word in rule for word in LOGIC)
    assert dropped > COUNT / 2
    assert about_who > COUNT / 10


def test_loosening_a_bound_never_lowers_the_value() -> None:
    loosened = 0
    for number, said, frame in drawn("loosened"):
        full, question = valued(said, frame), Question(said, frame)
        for name, rule in rules_in(said).items():
            for bound, factor in (("at_least", Fraction(9, 10)), ("at_most", Fraction(11, 10))):
                if not isinstance(rule.get(bound), str) or question.is_whole(rule["quantity"]):
                    continue
                if exact(rule[bound]) < 0:
                    continue
                value = exact(rule[bound]) * factor
                share = rule[bound].endswith("%")
                if share or rule["quantity"] in ("authenticity", "engagement_rate"):
                    value = min(value, Fraction(1))
                looser = deepcopy(said)
                text = decimal(value * 100, 6, up=bound == "at_most") + "%" if share else None
                places = 2 if rule["quantity"] in MONEY and said["currency"] != "JPY" else 6
                places = 0 if rule["quantity"] in MONEY and said["currency"] == "JPY" else places
                looser["constraints"][name][bound] = text or decimal(value, places, up=bound == "at_most")
                assert not_below(valued(looser, frame), full), (number, name, bound)
                loosened += 1
    assert loosened > COUNT / 3


def test_a_larger_budget_never_lowers_the_value() -> None:
    for number, said, frame in drawn("richer"):
        if "budget" not in said or any(rule.get("of") == "budget" for rule in rules_in(said).values()):
            continue
        full = valued(said, frame)
        richer = {**said, "budget": decimal(exact(said["budget"]) * Fraction(3, 2), DECIMALS.get(said["currency"], 2))}
        assert not_below(valued(richer, frame), full), number


def test_one_more_creator_never_lowers_the_value() -> None:
    more = 0
    for number in range(2 * COUNT):
        said, frame = asked(f"joined {number}")
        if any("per" in rule for rule in said.get("constraints", {}).values()):
            continue
        out = next(
            (name for name in frame["creator"][1:] if key(name) not in str(said.get("include", "")).lower()), None
        )
        kept = [at for at, name in enumerate(frame["creator"]) if name != out]
        smaller = {name: [cells[at] for at in kept] for name, cells in frame.items()}
        if out is None or not {"yoga", "books", "chess"} <= {n for c in smaller["niche"] for n in (c or "").split("|")}:
            continue
        if any(set(frame[name]) != set(smaller[name]) for name in ("platform", "country")):
            continue
        if any(all(cell is None for cell in cells) for cells in smaller.values()) or key(
            str(said.get("exclude"))
        ) in key(out):
            continue
        assert not_below(valued(said, frame), valued(said, smaller)), number
        more += 1
    assert more > COUNT / 6


def test_the_best_plan_either_has_a_creator_or_has_not() -> None:
    split = 0
    for number, said, frame in drawn("split"):
        said.pop("include", None)
        said.pop("exclude", None)
        if any("per" in rule for rule in rules_in(said).values()):
            continue
        bookable = {column.creator for column in Question(said, frame).columns}
        names = [*frame.get("creator", ()), *(segment["name"] for segment in said.get("segments", []))]
        whole = valued(said, frame)
        for creator in [name for name in names[1:2] + names[-1:] if name in bookable and len(bookable) > 1]:
            parts = [
                valued({**said, "include": [creator]}, frame),
                valued({**said, "exclude": [creator]}, frame),
            ]
            assert max(parts) == pytest.approx(whole, rel=SLACK), (number, creator)
            split += 1
    assert split > COUNT / 2


def test_no_value_passes_its_bound_at_any_gap() -> None:
    for number, said, frame in drawn("gap"):
        for gap in ((0, 0.05), (1e-4, 0.5))[number % 2]:
            result = plan_alone(load_scenario(said, creators=frame or None), gap=gap)
            if isinstance(result, Plan):
                sign = 1 if result.objective.sense == "maximize" else -1
                assert sign * result.objective.value <= sign * result.objective.bound
                assert (result.claim == "feasible") == (result.objective.gap > gap)


def test_a_wider_gap_never_finds_more_than_the_best() -> None:
    for _, said, frame in drawn("wider"):
        best = valued(said, frame)
        assert not_below(best, valued(said, frame, gap=0.1))
