"""The list of bookings: the biggest first, cut with what is left out, measured figures told from estimated ones."""

from __future__ import annotations

import csv
import io
import random
import re
from typing import Any

import pytest

from optimizer import Plan, load_scenario, to_dict, try_optimize
from optimizer.report import views
from optimizer.report.as_csv import to_csv
from optimizer.report.text import render

SIZE = 30
FRAME: dict[str, list[Any]] = {
    "creator": [f"@c{at:02}" for at in range(SIZE)],
    "platform": ["instagram"] * SIZE,
    "followers": [5_000] * SIZE,
    "engagement_rate": [0.05 if at % 2 else None for at in range(SIZE)],
    "average_views": [1_000] * SIZE,
    "fee": [100 + at for at in range(SIZE)],
}
SAID = {
    "format": 1,
    "currency": "EUR",
    "budget": 100_000,
    "objective": {"maximize": "engagements"},
    "assume": {"engagement_rate": "3%"},
}


def planned(frame: dict[str, list[Any]] = FRAME, **more: Any) -> Plan:
    plan = try_optimize(load_scenario({**SAID, **more}, creators=frame))
    assert isinstance(plan, Plan)
    return plan


def listed(text: str) -> list[str]:
    """The creators of the list of bookings, in its order."""
    block = text.split("\nBooked\n")[1]
    return re.findall(r"^ (@\S+)", re.split("\nExpected |Estimated figures", block)[0], re.MULTILINE)


def test_the_biggest_bookings_come_first_and_of_equal_ones_the_dearest() -> None:
    shown = listed(render(planned(), 120, everything=True))
    odd = [f"@c{at:02}" for at in range(SIZE) if at % 2]
    even = [f"@c{at:02}" for at in range(SIZE) if not at % 2]
    assert shown == [*reversed(odd), *reversed(even)]


def test_the_list_is_cut_after_twenty_and_says_what_it_leaves_out() -> None:
    text = render(planned(), 120)
    assert len(listed(text)) == 20
    left = (
        "... and 10 more bookings with 1,090.00 of 3,435.00 EUR spend and 1,500 of 6,000 engagements: --all lists them"
    )
    assert left in " ".join(text.split())


def test_what_is_left_out_and_what_is_listed_are_the_whole_plan() -> None:
    rng = random.Random(7)
    for _ in range(5):
        frame = {**FRAME, "fee": [rng.randint(50, 300) for _ in range(SIZE)]}
        plan = planned(frame, budget=rng.randint(2_500, 6_000))
        every = views.biggest_first(plan)
        assert sorted(one.creator for one in every) == [one.creator for one in plan.allocations]
        text = " ".join(render(plan, 120).split())
        spends = [one.values["spend"] for one in every]
        if len(every) > 20:
            assert f"{len(every) - 20} more booking" in text
            assert f" with {sum(spends[20:]):,.2f} of {plan.totals['spend']:,.2f} EUR spend" in text


def test_nothing_is_cut_from_a_short_list_or_with_all() -> None:
    assert "more booking" not in render(planned(budget=2_000), 120)
    assert "more booking" not in render(planned(), 120, everything=True)


def test_a_goal_to_spend_little_lists_the_dearest_first() -> None:
    rule = {"enough": {"quantity": "creators", "at_least": 5}}
    plan = planned(objective={"minimize": "spend"}, constraints=rule)
    assert listed(render(plan, 120)) == ["@c04", "@c03", "@c02", "@c01", "@c00"]


def test_each_booking_says_which_of_its_figures_are_measured_assumed_or_from_a_pack() -> None:
    without_fee = {name: cells for name, cells in FRAME.items() if name != "fee"}
    plan = planned(without_fee, benchmarks=["pap-instagram"], exchange={"USD": 0.9}, budget=30_000)
    text = render(plan, 140, everything=True)
    booked = text.split("\nBooked\n")[1].split("\nExpected ")[0]
    rows = dict(re.findall(r"^ (@c\d\d) .*?  ([A-Za-z]+)  +[\d,.]+ ", booked, re.MULTILINE))
    assert {len(rows[one.creator]) for one in plan.allocations if one.creator in rows} <= {2, 3}
    for one in plan.allocations:
        assumed = {name for name, source in one.estimated.items() if source == "assume"}
        pack = {name for name, source in one.estimated.items() if source == "pap-instagram"}
        assert len(re.findall("[A-Z]", rows[one.creator])) == len(pack) == 1
        assert len(re.findall("[a-z]", rows[one.creator])) == len(assumed) + 1  # and authenticity, which is not known
    assert "small letters: assumed; capital letters: from a benchmark pack" in text
    kinds = {row["creator"].lstrip("'"): row["figures"] for row in csv.DictReader(io.StringIO(to_csv(plan)))}
    assert set(kinds.values()) == {"assumed and benchmark"}


def test_figures_that_are_all_measured_are_called_own() -> None:
    plan = planned({**FRAME, "engagement_rate": [0.05] * SIZE, "authenticity": [0.9] * SIZE}, budget=300)
    (first, *_) = csv.DictReader(io.StringIO(to_csv(plan)))
    assert (first["figures"], first["estimated"]) == ("own", "")
    mixed = planned({**FRAME, "authenticity": [0.9] * SIZE})
    text = render(mixed, 120, everything=True)
    assert re.search(r"^ @c29 +booking +own ", text, re.MULTILINE)
    assert re.search(r"^ @c28 +booking +a ", text, re.MULTILINE)


def test_json_keeps_its_order_and_csv_follows_the_text() -> None:
    plan = planned()
    assert [one["creator"] for one in to_dict(plan)["allocations"]] == sorted(FRAME["creator"])
    raw = csv.DictReader(io.StringIO(to_csv(plan, raw=True)))
    assert [row["creator"] for row in raw] == listed(render(plan, 120, everything=True))


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_marks_stay_on_a_narrow_page(width: int) -> None:
    assert re.search(r"^ creator .*figures", render(planned(), width), re.MULTILINE)
