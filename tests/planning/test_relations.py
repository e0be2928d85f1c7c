"""How answers hang together: what must not change when a question is asked otherwise, and what must not get worse."""

from __future__ import annotations

import random
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, to_json, try_optimize
from tests.support.brute import DECIMALS, MONEY, Question, exact, key
from tests.support.scenarios import Frame, Mapping, decimal, scenario

COUNT = 40
STYLES = ("plain", "cents", "round", "ties")
SLACK = 1e-9  # values are reported as floats


def asked(seed: str, sizes: tuple[int, int] = (5, 9)) -> tuple[Mapping, Frame]:
    return scenario(seed, style=STYLES[len(seed) % len(STYLES)], sizes=sizes)


def answer(said: Mapping, frame: Frame) -> Plan | NoPlan:
    return try_optimize(load_scenario(said, creators=frame), gap=0)


def worth(result: Plan | NoPlan) -> float:
    """The value, higher is better; without a plan it is minus infinity."""
    if isinstance(result, NoPlan):
        assert result.outcome == "infeasible"
        return float("-inf")
    return result.objective.value * (1 if result.objective.sense == "maximize" else -1)


def not_below(better: float, than: float) -> bool:
    return better >= than - SLACK * abs(than) if than != float("-inf") else True


def as_json(result: Plan | NoPlan) -> dict[str, Any]:
    shown = to_json(result)
    del shown["solver"]["seconds"]
    return shown


def reordered(frame: Frame, rng: random.Random) -> Frame:
    order = list(range(len(frame["creator"])))
    rng.shuffle(order)
    names = list(frame)
    rng.shuffle(names)
    return {name: [frame[name][at] for at in order] for name in names}


def test_the_order_of_rows_and_columns_of_the_pool_changes_nothing() -> None:
    for number in range(COUNT):
        said, frame = asked(f"shuffled {number}")
        shuffled = reordered(frame, random.Random(number))
        assert as_json(answer(said, shuffled)) == as_json(answer(said, frame))


def test_the_same_question_asked_twice_has_the_same_answer() -> None:
    for number in range(COUNT // 3):
        said, frame = asked(f"twice {number}")
        assert as_json(answer(said, frame)) == as_json(answer(deepcopy(said), deepcopy(frame)))


def scaled(amount: Any, factor: int) -> str:
    return str(Decimal(str(amount)) * factor)


def money_at(said: Mapping) -> list[tuple[Mapping, str]]:
    """Every place of a scenario where an amount of money stands, as mapping and key."""
    assumed = said["assume"]["fee"]
    places = [(line, "is") for line in assumed] if isinstance(assumed, list) else [(said["assume"], "fee")]
    for pay in said.get("pay", {}).values():
        places += [(pay, "shipping"), (pay, "handling"), (pay.get("product", {}), "cost")]
    for terms in [*said.get("offers", {}).values(), *(who for who in said.get("include", []) if isinstance(who, dict))]:
        places += [(terms, "price"), (terms, "fee")]
    places += [(said, "budget"), (said.get("economics", {}), "order_value")]
    for rule in said.get("constraints", {}).values():
        if rule["quantity"] in (*MONEY, "cpm", "cpe", "cpc", "cpa"):
            bounds = [name for name in ("at_least", "at_most", "exactly") if not rule.get(name, "").endswith("%")]
            places += [(rule, name) for name in bounds]
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
    for number in range(COUNT):
        said, frame = asked(f"currency {number}")
        one, other = answer(said, frame), answer(*in_minor_units(said, frame))
        assert one.outcome == other.outcome
        if isinstance(one, Plan) and isinstance(other, Plan):
            assert one.claim == other.claim
            booked = [[(b.creator, b.offer) for b in plan.allocations] for plan in (one, other)]
            assert booked[0] == booked[1]
            factor = 10 ** DECIMALS.get(said["currency"], 2)
            assert other.totals["spend"] == pytest.approx(one.totals["spend"] * factor, rel=1e-12)


def test_dropping_a_rule_never_lowers_the_value() -> None:
    dropped = 0
    for number in range(COUNT):
        said, frame = asked(f"dropped {number}")
        full = worth(answer(said, frame))
        for name in said.get("constraints", {}):
            fewer = deepcopy(said)
            del fewer["constraints"][name]
            assert not_below(worth(answer(fewer, frame)), full), (number, name)
            dropped += 1
    assert dropped > COUNT / 2


def test_loosening_a_bound_never_lowers_the_value() -> None:
    loosened = 0
    for number in range(COUNT):
        said, frame = asked(f"loosened {number}")
        full = worth(answer(said, frame))
        for name, rule in said.get("constraints", {}).items():
            for bound, factor in (("at_least", Fraction(9, 10)), ("at_most", Fraction(11, 10))):
                if bound not in rule or rule["quantity"] in ("creators", "deliverables", "gifts"):
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
                assert not_below(worth(answer(looser, frame)), full), (number, name, bound)
                loosened += 1
    assert loosened > COUNT / 3


def test_a_larger_budget_never_lowers_the_value() -> None:
    for number in range(COUNT):
        said, frame = asked(f"richer {number}")
        if "budget" not in said or any(rule.get("of") == "budget" for rule in said.get("constraints", {}).values()):
            continue
        full = worth(answer(said, frame))
        richer = {**said, "budget": decimal(exact(said["budget"]) * Fraction(3, 2), DECIMALS.get(said["currency"], 2))}
        assert not_below(worth(answer(richer, frame)), full), number


def test_one_more_creator_never_lowers_the_value() -> None:
    more = 0
    for number in range(COUNT):
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
        assert not_below(worth(answer(said, frame)), worth(answer(said, smaller))), number
        more += 1
    assert more > COUNT / 6


def test_the_best_plan_either_has_a_creator_or_has_not() -> None:
    split = 0
    for number in range(COUNT):
        said, frame = asked(f"split {number}")
        said.pop("include", None)
        said.pop("exclude", None)
        if any("per" in rule for rule in said.get("constraints", {}).values()):
            continue
        bookable = {column.creator for column in Question(said, frame).columns}
        for creator in frame["creator"][1:4]:
            if creator not in bookable:
                continue
            whole = worth(answer(said, frame))
            parts = [
                worth(answer({**said, "include": [creator]}, frame)),
                worth(answer({**said, "exclude": [creator]}, frame)),
            ]
            assert max(parts) == pytest.approx(whole, rel=SLACK), (number, creator)
            split += 1
    assert split > COUNT / 2


def test_no_value_passes_its_bound_at_any_gap() -> None:
    for number in range(COUNT):
        said, frame = asked(f"gap {number}")
        for gap in (0, 1e-4, 0.05, 0.5):
            result = try_optimize(load_scenario(said, creators=frame), gap=gap)
            if isinstance(result, Plan):
                sign = 1 if result.objective.sense == "maximize" else -1
                assert sign * result.objective.value <= sign * result.objective.bound
                assert (result.claim == "feasible") == (result.objective.gap > gap)


def test_a_wider_gap_never_finds_more_than_the_best() -> None:
    for number in range(COUNT):
        said, frame = asked(f"wider {number}")
        best = worth(answer(said, frame))
        loose = try_optimize(load_scenario(said, creators=frame), gap=0.1)
        assert not_below(best, worth(loose))
