"""The plain twin finds the same people in each draw, to a thousandth of a person."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.domain.audience import Audience
from optimizer.ranges.drawing import drawn
from optimizer.ranges.outlook import Common, Group
from optimizer.verification.drawn import redrawn
from optimizer.verification.drawn_people import Asked, DrawnPeople
from tests.support.crowds import SHAPES, audience, people_of, sample, seeing
from tests.support.outlooks import errors, mixed, plain

CROWDS = {
    "all curves": audience(9, 12, 1),
    "few people": audience(9, 12, 2, people=300, shapes=SHAPES[:-1]),
    "a sample": sample(9, 200, 3, views=False),
    "a sample by views": sample(9, 200, 4, views=True),
}


@pytest.mark.parametrize("crowd", CROWDS.values(), ids=list(CROWDS))
def test_people_of_the_plan_and_of_groups_are_the_same(crowd: Audience) -> None:
    outlook, creators = mixed(9, seed=9), np.arange(9)
    often = np.array([1.0, 2.5, 1.0, 40.0, *[1.0] * 5])
    members, cells = np.array([0, 3, 4, 8]), np.arange(len(crowd)) % 3 > 0
    groups = [Group(members, ("reach",)), Group(members, ("reach",), cells)]
    ours = drawn(
        seeing(outlook, people_of(crowd, creators, often)), Common(), groups, 150, 7, ("gross_reach", "reach"), each=()
    )
    twin = DrawnPeople(crowd, list(zip(creators.tolist(), often.tolist(), strict=True)))
    found = redrawn(plain(outlook), errors(Common()), draws=150, seed=7, see=twin.see)
    assert found.totals["gross_reach"] == ours.totals["gross_reach"].tolist()
    every = [
        (ours.totals, twin.reached(twin.everybody())),
        (ours.alone, twin.reached(twin.everybody(), alone=True)),
        (ours.groups[0], twin.reached(Asked(members.tolist(), range(len(crowd))))),
        (ours.groups[1], twin.reached(Asked(members.tolist(), np.flatnonzero(cells).tolist()))),
    ]
    for totals, again in every:
        assert np.abs(totals["reach"] - np.array(again)).max() <= 1
        assert len(set(again)) > 5


def test_nobody_is_reached_by_no_rows() -> None:
    crowd = CROWDS["all curves"]
    twin = DrawnPeople(crowd, [(0, 1.0)])
    redrawn(plain(mixed(1)), errors(Common()), draws=3, seed=1, see=twin.see)
    assert twin.reached(Asked((), range(len(crowd)))) == [0, 0, 0]
    assert twin.reached(Asked((0,), ())) == [0, 0, 0]
    assert DrawnPeople(crowd, []).reached(Asked((), ())) == []
