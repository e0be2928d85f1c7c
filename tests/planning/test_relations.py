"""How answers hang together: what must not change when a question is asked otherwise, and what must not get worse."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, to_json, try_optimize
from tests.support.brute import Question
from tests.support.drawn_pools import Frame, Mapping
from tests.support.draws import decimal
from tests.support.reading import DECIMALS, MONEY, exact, is_percent, key
from tests.support.scenarios import PARTS, WORDS, scenario

COUNT = 40
STYLES = ("plain", "cents", "round", "ties")
SLACK = 1e-9  # values are reported as floats
LOGIC_WORDS = {"at_most_one_of", "exactly_one_of", "together", "if"}


def asked(seed: str, words: tuple[str, ...] = ()) -> tuple[Mapping, Frame]:
    said, frame = scenario(seed, style=STYLES[len(seed) % len(STYLES)], sizes=(5, 9), words=words)
    return said, frame or {}


def drawn(name: str, *, only: tuple[str, ...] | None = None) -> Iterator[tuple[int, Mapping, Frame]]:
    """Scenarios with any words; or with `only` some, of which those named twice are drawn more often.

    Of those with any words, half know only creators, fees and gifts.
    """
    for number in range(COUNT):
        words = WORDS if only is None else only
        yield (number, *asked(f"{name} {number}", words if only or number % 2 else ()))


def answer(said: Mapping, frame: Frame) -> Plan | NoPlan:
    return try_optimize(load_scenario(said, creators=frame or None), gap=0)


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


def booked(result: Plan) -> list[tuple[str, str, int | None, float]]:
    return [(one.creator, one.offer, one.step, one.count) for one in result.allocations]


def rules_in(said: Mapping) -> dict[str, Mapping]:
    found: dict[str, Mapping] = said.get("constraints", {})
    return found


def reordered(frame: Frame, rng: random.Random) -> Frame:
    order = list(range(len(frame.get("creator", ()))))
    rng.shuffle(order)
    names = list(frame)
    rng.shuffle(names)
    return {name: [frame[name][at] for at in order] for name in names}


def test_the_order_of_rows_and_columns_of_the_pool_changes_nothing() -> None:
    for number, said, frame in drawn("shuffled"):
        shuffled = reordered(frame, random.Random(number))
        assert as_json(answer(said, shuffled)) == as_json(answer(said, frame)), number


def test_the_order_of_segments_and_of_their_cells_changes_nothing_but_the_order_of_warnings() -> None:
    several = 0
    for number, said, frame in drawn("shuffled segments", only=WORDS):
        rng = random.Random(number)
        segments = [dict(rng.sample(list(one.items()), len(one))) for one in said.get("segments", [])]
        rng.shuffle(segments)
        several += len(segments) > 1
        shown = [as_json(answer(one, frame)) for one in (said, said | ({"segments": segments} if segments else {}))]
        for one in shown:
            one["warnings"].sort()
        assert shown[0] == shown[1], number
    assert several > COUNT / 10


def test_the_same_question_asked_twice_has_the_same_answer() -> None:
    for _, said, frame in drawn("twice"):
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
        full = worth(answer(said, frame))
        for name, rule in rules_in(said).items():
            fewer = deepcopy(said)
            del fewer["constraints"][name]
            assert not_below(worth(answer(fewer, frame)), full), (number, name)
            dropped += 1
            about_who += bool(LOGIC_WORDS & set(rule))
    assert dropped > COUNT / 2
    assert about_who > COUNT / 10


def test_loosening_a_bound_never_lowers_the_value() -> None:
    loosened = 0
    for number, said, frame in drawn("loosened"):
        full, question = worth(answer(said, frame)), Question(said, frame)
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
                assert not_below(worth(answer(looser, frame)), full), (number, name, bound)
                loosened += 1
    assert loosened > COUNT / 3


def test_a_larger_budget_never_lowers_the_value() -> None:
    for number, said, frame in drawn("richer"):
        if "budget" not in said or any(rule.get("of") == "budget" for rule in rules_in(said).values()):
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
    for number, said, frame in drawn("split"):
        said.pop("include", None)
        said.pop("exclude", None)
        if any("per" in rule for rule in rules_in(said).values()):
            continue
        bookable = {column.creator for column in Question(said, frame).columns}
        names = [*frame.get("creator", ()), *(segment["name"] for segment in said.get("segments", []))]
        for creator in [name for name in names[1:4] + names[-1:] if name in bookable and len(bookable) > 1]:
            whole = worth(answer(said, frame))
            parts = [
                worth(answer({**said, "include": [creator]}, frame)),
                worth(answer({**said, "exclude": [creator]}, frame)),
            ]
            assert max(parts) == pytest.approx(whole, rel=SLACK), (number, creator)
            split += 1
    assert split > COUNT / 2


def test_no_value_passes_its_bound_at_any_gap() -> None:
    for _, said, frame in drawn("gap"):
        for gap in (0, 1e-4, 0.05, 0.5):
            result = try_optimize(load_scenario(said, creators=frame or None), gap=gap)
            if isinstance(result, Plan):
                sign = 1 if result.objective.sense == "maximize" else -1
                assert sign * result.objective.value <= sign * result.objective.bound
                assert (result.claim == "feasible") == (result.objective.gap > gap)


def test_a_wider_gap_never_finds_more_than_the_best() -> None:
    for _, said, frame in drawn("wider"):
        best = worth(answer(said, frame))
        loose = try_optimize(load_scenario(said, creators=frame or None), gap=0.1)
        assert not_below(best, worth(loose))


# --- segments, terms, costs, parts ---


def with_segments(name: str, *, returns: bool = True) -> Iterator[tuple[int, Mapping, Frame, Mapping]]:
    """Scenarios with segments, and one of these that can be booked.

    Without rules for each booking: a share of such is refused where a segment can be booked several times.
    """
    words = tuple(word for word in WORDS if word != "each")
    for number, said, frame in drawn(name, only=("segments", "segments", *words)):
        if not returns:
            for segment in said.get("segments", []):
                segment.pop("returns", None)
        for segment in said.get("segments", []):
            if any(column.creator == segment["name"] for column in Question(said, frame).columns):
                yield number, said, frame, segment
                break


def test_one_more_of_a_segment_never_lowers_the_value() -> None:
    more = 0
    for number, said, frame, segment in with_segments("one more"):
        full = worth(answer(said, frame))
        segment["available"] = str(int(segment["available"]) + 1)
        assert not_below(worth(answer(said, frame)), full), number
        more += 1
    assert more > COUNT / 4


def test_a_segment_of_several_is_worth_as_much_as_several_creators_of_the_same_figures() -> None:
    compared = 0
    for number, said, frame, segment in with_segments("apart", returns=False):
        name, rules = segment["name"], str(rules_in(said)).lower()
        if name.lower() in str([said.get("include"), said.get("exclude"), rules]).lower() or "segment" in rules:
            continue  # they go by its name
        copies = [segment | {"name": f"{name} {at}", "available": "1"} for at in range(int(segment["available"]))]
        others = [one for one in said["segments"] if one is not segment]
        if not copies:
            continue
        apart = worth(answer(said | {"segments": [*others, *copies]}, frame))
        assert apart == pytest.approx(worth(answer(said, frame)), rel=SLACK), number
        compared += len(copies) > 1
    assert compared > COUNT / 10


def test_returns_that_keep_everything_are_no_returns() -> None:
    for number, said, frame, segment in with_segments("keeping all"):
        available = int(segment["available"])
        if available < 2:
            continue
        segment.pop("returns", None)
        plain = worth(answer(said, frame))
        for own in said["quantities"].values() if isinstance(said.get("quantities"), dict) else ():
            own.setdefault("falls", "true")
        if isinstance(said.get("quantities"), list):
            said["quantities"] = {name: {"falls": "false"} for name in said["quantities"]}
        segment["returns"] = [{"up_to": "1", "keep": "100%"}, {"up_to": str(available), "keep": "100%"}]
        try:
            assert worth(answer(said, frame)) == pytest.approx(plain, rel=SLACK), number
        finally:
            segment.pop("returns")


def test_a_higher_cap_never_helps_where_money_is_only_a_limit() -> None:
    raised = 0
    for number, said, frame in drawn("capped", only=("terms", "terms", *WORDS)):
        money = {*MONEY, "cpm", "cpe", "cpc", "cpa", "roas"}
        (weights,) = said["objective"].values()
        goal = {weights} if isinstance(weights, str) else set(weights)
        if goal & money or any(rule.get("quantity") in money for rule in rules_in(said).values()):
            continue
        full = worth(answer(said, frame))
        capped = [pay for pay in said.get("pay", {}).values() if "cap" in pay]
        for pay in capped:
            pay["cap"] = str(2 * Decimal(pay["cap"]))
        assert not_below(full, worth(answer(said, frame))), number
        raised += bool(capped)
    assert raised > COUNT / 20


def test_a_wallet_of_spend_is_the_budget() -> None:
    for number, said, frame in drawn("wallet"):
        if "budget" in said:
            wallets = said.get("wallets", {}) | {"spend": said["budget"]}
            other = {word: value for word, value in said.items() if word != "budget"} | {"wallets": wallets}
            assert worth(answer(other, frame)) == worth(answer(said, frame)), number


def test_costs_of_nothing_change_nothing() -> None:
    for number, said, frame in drawn("costless"):
        said.pop("costs", None)
        costs = {"agency": "0%"} | ({"fixed": "0", "reserve": "0%"} if "budget" in said else {})
        one, other = answer(said, frame), answer(said | {"costs": costs}, frame)
        assert worth(one) == worth(other), number
        if isinstance(one, Plan) and isinstance(other, Plan):
            assert booked(one) == booked(other), number


def test_bookings_in_parts_are_worth_at_least_as_much_as_whole_ones() -> None:
    more = 0
    for number, said, frame in drawn("parted", only=("segments", "terms", "own", "kinds")):
        whole, parts = answer(said, frame), answer(said | {"whole": "false"}, frame)
        if isinstance(whole, Plan):
            assert isinstance(parts, Plan), number
            assert not_below(worth(parts), worth(whole)), number
            more += worth(parts) > worth(whole)
    assert more > COUNT / 8


def test_plans_in_parts_do_not_change_with_the_order_of_the_pool() -> None:
    for number in range(COUNT // 2):
        said, frame = asked(f"parts {number}", (*WORDS, PARTS))
        shuffled = reordered(frame, random.Random(number))
        assert as_json(answer(said, shuffled)) == as_json(answer(said, frame)), number
