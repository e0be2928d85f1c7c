"""People reached in each draw: by the curves of the audience, each counted once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from optimizer.domain.curves import Curve
from optimizer.ranges.drawing import Ranges, drawn
from optimizer.ranges.outlook import Common, Group, Outlook
from optimizer.ranges.people import People
from tests.support.crowds import SHAPES, audience, exactly, people_of, sample, seeing
from tests.support.outlooks import ALONE, alike, mixed, taken

MICRO = 10**6
NAMES = ("gross_reach", "posts", "reach")


def ranges(
    outlook: Outlook, *, common: Common | None = None, groups: Any = (), draws: int = 200, **more: Any
) -> Ranges:
    return drawn(outlook, common, groups, draws, quantities=NAMES, each=(), **more)


def by_row(outlook: Outlook, **more: Any) -> tuple[np.ndarray, np.ndarray]:
    """Gross reach and posts of each row in each draw (n, draws)."""
    every = [Group(np.array([at]), ("gross_reach", "posts")) for at in range(len(outlook))]
    found = drawn(outlook, groups=every, quantities=(), each=(), **more).groups
    return tuple(np.array([group[name] for group in found]) for name in ("gross_reach", "posts"))  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(4))
def test_people_are_those_of_the_exact_curves_for_the_plan_and_for_groups(seed: int) -> None:
    """Within a few thousandths: exposures of the exact curves are rounded to billionths."""
    crowd = audience(12, 9, seed)
    outlook = seeing(mixed(12, seed=seed), people_of(crowd, np.arange(12)))
    assert outlook.people is not None
    mask, cells = outlook.platform == 0, np.arange(9) % 2 == 0
    groups = [
        Group(mask, ("reach", "spend")),
        Group(~mask, ("reach",), cells),
        Group(np.arange(12), ("reach",), ~cells),
    ]
    found = ranges(outlook, groups=groups, draws=25)
    gross, posts = by_row(outlook, draws=25)
    asked = [(range(12), range(9)), (np.flatnonzero(mask), range(9)), (np.flatnonzero(~mask), np.flatnonzero(cells))]
    asked.append((range(12), np.flatnonzero(~cells)))
    every = [found.totals["reach"], *(group["reach"] for group in found.groups)]
    for (rows, which), people in zip(asked, every, strict=True):
        for draw in range(25):
            again = exactly(outlook.people, [*rows], [*which], gross[:, draw], posts[:, draw] > 0)
            assert people[draw] / 1000 == pytest.approx(again, rel=1e-8, abs=2e-3)
    assert found.totals["reach"].any()


@pytest.mark.parametrize("views", [False, True])
def test_people_of_a_sample_are_counted_one_by_one(views: bool) -> None:
    crowd = sample(6, 300, 3, views=views)
    outlook = seeing(
        alike(6, post_rate=0.6, viewers=400.0, seen=[150.0], views_sd=(0.4, 0.8)), people_of(crowd, np.arange(6))
    )
    assert outlook.people is not None
    found = ranges(outlook, groups=[Group(np.array([1, 4]), ("reach",))], draws=40)
    gross, posts = by_row(outlook, draws=40)
    for rows, people in ((range(6), found.totals["reach"]), ((1, 4), found.groups[0]["reach"])):
        for draw in range(40):
            again = exactly(outlook.people, rows, range(300), gross[:, draw], posts[:, draw] > 0)
            assert people[draw] / 1000 == pytest.approx(again, rel=1e-7, abs=1e-3)


def test_with_no_errors_the_people_are_those_of_the_plan() -> None:
    crowd = audience(8, 6, 5)
    outlook = seeing(alike(8), people_of(crowd, np.arange(8)))
    assert outlook.people is not None
    found = ranges(outlook, common=ALONE, draws=50)
    again = exactly(outlook.people, range(8), range(6), np.full(8, 4_000_000), np.ones(8))
    for totals in (found.totals, found.alone):
        assert len(set(totals["reach"].tolist())) == 1
        assert totals["reach"][0] / 1000 == pytest.approx(again, abs=2e-3)


@pytest.mark.parametrize(("k", "every"), SHAPES)
def test_one_booking_reaches_what_it_reaches_by_itself(k: Fraction | None, every: bool) -> None:
    people = People(np.zeros(1, int), np.zeros(1, int), np.ones(1), np.ones(1), (Curve(30_000 * MICRO, k, every),))
    found = ranges(seeing(alike(views_sd=(0.3, 0.5)), people))
    expected = np.full(200, 30_000_000) if every else found.totals["gross_reach"]
    assert np.abs(found.totals["reach"] - expected).max() <= 1


def test_what_is_not_posted_reaches_nobody() -> None:
    for crowd in (audience(1, 4, 2), sample(1, 50, 2, views=False), sample(1, 50, 2, views=True)):
        found = ranges(seeing(alike(post_rate=0.4), people_of(crowd, np.zeros(1, int))), common=ALONE)
        posted = found.totals["posts"] > 0
        assert 0.2 < posted.mean() < 0.6
        assert (found.totals["reach"][~posted] == 0).all()
        assert len(set(found.totals["reach"][posted].tolist())) == 1
        assert found.totals["reach"][posted][0] > 0


def test_who_is_posted_reaches_all_of_a_sample_however_many_views_it_has() -> None:
    crowd = sample(1, 50, 2, views=False)
    found = ranges(seeing(alike(viewers=0.0, views_sd=(1.0, 1.0)), people_of(crowd, np.zeros(1, int))))
    assert set(found.totals["reach"].tolist()) == {round(len(crowd.cell) * 3_700.001)}


@pytest.mark.parametrize(("k", "left"), [(None, 1e-6), (Fraction(1), 1e-6), (Fraction("0.1"), (1 + 1e7) ** -0.1)])
def test_a_draw_that_brings_more_people_than_there_are_reaches_nearly_all(k: Fraction | None, left: float) -> None:
    """As the exposure of one booking has a limit: with k of 0.1 it is met far from all."""
    people = People(np.zeros(1, int), np.zeros(1, int), np.ones(1), np.ones(1), (Curve(1_000 * MICRO, k),))
    found = ranges(seeing(alike(), people), common=ALONE, draws=10)
    assert set(found.totals["gross_reach"].tolist()) == {4_000_000}
    assert set(found.totals["reach"].tolist()) == {round(MICRO * (1 - left))}


def test_a_row_that_stands_for_several_reaches_as_many_as_several_rows() -> None:
    crowd = audience(1, 6, 7, shapes=SHAPES[:-1])
    one = seeing(alike(reach_scale=3.0), people_of(crowd, np.zeros(1, int), np.array([3.0])))
    three = seeing(alike(3), people_of(crowd, np.zeros(3, int)))
    found = [ranges(outlook, common=ALONE, draws=9).totals for outlook in (one, three)]
    assert found[0]["gross_reach"].tolist() == found[1]["gross_reach"].tolist()
    assert np.abs(found[0]["reach"] - found[1]["reach"]).max() <= 1
    assert found[0]["reach"][0] < found[0]["gross_reach"][0]


def test_never_more_people_than_contacts_nor_fewer_than_by_one_booking_of_them() -> None:
    crowd = audience(10, 7, 8, people=100_000, shapes=SHAPES[:-1])
    alone = [Group(np.array([at]), ("reach",)) for at in range(10)]
    found = ranges(seeing(mixed(10), people_of(crowd, np.arange(10))), groups=alone, draws=300)
    together, each = found.totals["reach"], np.array([group["reach"] for group in found.groups])
    assert (together <= found.totals["gross_reach"] + 20).all()
    assert (together <= each.sum(axis=0) + 20).all()
    assert (together >= each.max(axis=0) - 20).all()


def test_neither_the_order_of_rows_nor_blocks_nor_more_draws_change_who_is_reached() -> None:
    for crowd in (audience(9, 40, 9), sample(9, 90, 9, views=True), sample(9, 90, 9, views=False)):
        outlook, creators = mixed(9), np.arange(9)
        found = ranges(seeing(outlook, people_of(crowd, creators)), draws=120)
        order = np.random.default_rng(1).permutation(9)
        others = {
            "shuffled": ranges(seeing(taken(outlook, order), people_of(crowd, creators[order])), draws=120),
            "in blocks": ranges(seeing(outlook, people_of(crowd, creators)), draws=120, block=2),
            "more draws": ranges(seeing(outlook, people_of(crowd, creators)), draws=700),
        }
        for name, other in others.items():
            assert other.totals["reach"][:120].tolist() == found.totals["reach"].tolist(), name
            assert other.alone["reach"][:120].tolist() == found.alone["reach"].tolist(), name


def test_cells_in_any_order_and_with_two_threads_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = audience(9, 30, 4)
    people = people_of(crowd, np.arange(9))
    found = ranges(seeing(mixed(9), people), draws=160).totals["reach"]
    order = np.random.default_rng(2).permutation(len(people.row))
    parts = (people.row[order], people.cell[order], people.share[order])
    monkeypatch.setattr("optimizer.ranges.drawing._WORTH_THREADS", 1)
    monkeypatch.setattr("optimizer.ranges.people._AT_ONCE", 320)
    again = ranges(seeing(mixed(9), People(*parts, people.stands_for, people.curves)), draws=160).totals["reach"]
    assert again.tolist() == found.tolist()


def test_errors_that_bookings_share_cost_people_and_others_cost_none() -> None:
    """By chance overlap a booking adds in proportion to what it brings, as long as the others bring the same."""
    people = People(np.arange(6), np.zeros(6, int), np.ones(6), np.ones(6), (Curve(9_000 * MICRO),))
    said = {"viewers": 1e6, "seen": [1_500.0], "reach_scale": 1.0}
    sure = ranges(seeing(alike(6, **said), people), common=ALONE, draws=1).totals
    found = ranges(seeing(alike(6, **said, views_sd=(0.2, 0.3)), people), draws=20_000)
    assert found.totals["gross_reach"].mean() == pytest.approx(sure["gross_reach"][0], rel=0.02)
    assert found.alone["reach"].mean() == pytest.approx(sure["reach"][0], rel=0.004)
    assert found.totals["reach"].mean() < 0.98 * sure["reach"][0]


def test_people_are_only_asked_where_there_are_any() -> None:
    with pytest.raises(ValueError, match="reach: neither drawn nor fixed"):
        ranges(alike())
    with pytest.raises(ValueError, match="reach: neither drawn nor fixed"):
        drawn(alike(), groups=[Group(np.array([0]), ("reach",))], quantities=())
    people = people_of(audience(2, 3, 1), np.arange(2))
    assert "reach" not in drawn(seeing(alike(2), people), draws=5).totals
    nobody = seeing(taken(alike(2), np.array([], int)), people_of(audience(2, 3, 1), np.array([], int)))
    assert not ranges(nobody, draws=5).totals["reach"].any()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"row": np.array([1])}, "row: must be between 0 and 0"),
        ({"cell": np.array([-1])}, "cell: must be between 0 and 0"),
        ({"share": np.array([np.nan])}, "share"),
        ({"share": np.array([-0.1])}, "share"),
    ],
)
def test_people_who_cannot_be_are_refused(said: dict[str, np.ndarray], why: str) -> None:
    entry: dict[str, Any] = {"row": np.zeros(1, int), "cell": np.zeros(1, int), "share": np.ones(1)}
    with pytest.raises(ValueError, match=why):
        People(**{**entry, **said}, stands_for=np.ones(1), curves=(Curve(MICRO),))
    with pytest.raises(ValueError, match="people: shape"):
        seeing(alike(2), People(**entry, stands_for=np.ones(1), curves=(Curve(MICRO),)))
