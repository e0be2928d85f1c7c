"""How answers hang together where scenarios speak of segments, commissions, costs, wallets, and parts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

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
    worth,
)
from tests.support.brute import Question
from tests.support.drawn_pools import Frame, Mapping
from tests.support.reading import MONEY
from tests.support.scenarios import PARTS, WORDS
from tests.support.unexplained import plan_alone


def test_the_order_of_segments_and_of_their_cells_changes_nothing_but_the_order_of_warnings() -> None:
    several = 0
    for number, said, frame in drawn("shuffled segments", only=WORDS, count=COUNT // 2):
        rng = random.Random(number)
        segments = [dict(rng.sample(list(one.items()), len(one))) for one in said.get("segments", [])]
        rng.shuffle(segments)
        several += len(segments) > 1
        shown = [as_json(answer(one, frame)) for one in (said, said | ({"segments": segments} if segments else {}))]
        for one in shown:
            one["warnings"].sort()
        assert shown[0] == shown[1], number
    assert several > COUNT / 10


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
        full = valued(said, frame)
        segment["available"] = str(int(segment["available"]) + 1)
        assert not_below(valued(said, frame), full), number
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
        apart = valued(said | {"segments": [*others, *copies]}, frame)
        assert apart == pytest.approx(valued(said, frame), rel=SLACK), number
        compared += len(copies) > 1
    assert compared > COUNT / 10


def test_returns_that_keep_everything_are_no_returns() -> None:
    for number, said, frame, segment in with_segments("keeping all"):
        available = int(segment["available"])
        if available < 2:
            continue
        segment.pop("returns", None)
        plain = valued(said, frame)
        for own in said["quantities"].values() if isinstance(said.get("quantities"), dict) else ():
            own.setdefault("falls", "true")
        if isinstance(said.get("quantities"), list):
            said["quantities"] = {name: {"falls": "false"} for name in said["quantities"]}
        segment["returns"] = [{"up_to": "1", "keep": "100%"}, {"up_to": str(available), "keep": "100%"}]
        try:
            assert valued(said, frame) == pytest.approx(plain, rel=SLACK), number
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
        full = valued(said, frame)
        capped = [pay for pay in said.get("pay", {}).values() if "cap" in pay]
        for pay in capped:
            pay["cap"] = str(2 * Decimal(pay["cap"]))
        assert not_below(full, valued(said, frame)), number
        raised += bool(capped)
    assert raised > COUNT / 20


def test_a_wallet_of_spend_is_the_budget() -> None:
    for number, said, frame in drawn("wallet", count=COUNT // 2):
        if "budget" in said:
            wallets = said.get("wallets", {}) | {"spend": said["budget"]}
            other = {word: value for word, value in said.items() if word != "budget"} | {"wallets": wallets}
            assert valued(other, frame) == valued(said, frame), number


def test_costs_of_nothing_change_nothing() -> None:
    for number, said, frame in drawn("costless", count=COUNT // 2):
        said.pop("costs", None)
        costs = {"agency": "0%"} | ({"fixed": "0", "reserve": "0%"} if "budget" in said else {})
        one, other = answer(said, frame), answer(said | {"costs": costs}, frame)
        assert worth(one) == worth(other), number
        if isinstance(one, Plan) and isinstance(other, Plan):
            assert booked(one) == booked(other), number


def test_bookings_in_parts_are_worth_at_least_as_much_as_whole_ones() -> None:
    more = 0
    for number, said, frame in drawn("parted", only=("segments", "terms", "own", "kinds")):
        whole, parts = (
            plan_alone(load_scenario(one, creators=frame or None), gap=0) for one in (said, said | {"whole": "false"})
        )
        if isinstance(whole, Plan):
            assert isinstance(parts, Plan), number
            assert not_below(worth(parts), worth(whole)), number
            more += worth(parts) > worth(whole)
    assert more > COUNT / 8


def test_plans_in_parts_do_not_change_with_the_order_of_the_pool() -> None:
    for number in range(COUNT // 2):
        said, frame = asked(f"parts {number}", (*WORDS, PARTS))
        shuffled = reordered(frame, random.Random(number))
        assert as_json_of_any_order(answer(said, shuffled)) == as_json_of_any_order(answer(said, frame)), number
