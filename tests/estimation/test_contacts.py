"""What bookings reach of each cell of the audience by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from optimizer import ScenarioError, load_scenario
from optimizer.domain.audience import Audience, audience_of
from optimizer.domain.constraints import Objective
from optimizer.domain.curves import UNIT, Curve, exposure_of
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.scenario import Scenario
from optimizer.estimation.contacts import Contacts, contacts
from optimizer.estimation.estimate import estimate

FRAME = {
    "creator": ["@a", "@b", "@c"],
    "followers": [1_000, 3_000, 5_000],
    "average_views": [800, 3, 500],
    "fee": [10, 10, 10],
}
MICRO = 10**6


def reaching(curves: Sequence[Curve], entries: Sequence[tuple[int, int, float]]) -> Scenario:
    said = {"format": 1, "currency": "EUR", "budget": 20, "objective": {"maximize": "gross_reach"}}
    scenario = replace(load_scenario(said, creators=FRAME), objective=Objective("maximize", (("reach", Fraction(1)),)))
    columns = tuple(np.array(column) for column in zip(*entries, strict=True))
    names = [f"cell {at}" for at in range(len(curves))]
    return replace(scenario, audience=audience_of(names, curves, [{}] * len(curves), columns, 3))


def entries(found: Contacts) -> list[tuple[int, int, int, int]]:
    return list(
        zip(found.booking.tolist(), found.cell.tolist(), found.gross.tolist(), found.exposure.tolist(), strict=True)
    )


def test_a_booking_reaches_of_each_cell_its_share_of_all_whom_it_reaches() -> None:
    curves = [Curve(2_000 * MICRO), Curve(3_000 * MICRO, Fraction(1))]
    found = contacts(estimate(reaching(curves, [(0, 1, 0.75), (0, 0, 0.25), (2, 0, 1.0)])))
    parts = [(0, 0, 200 * MICRO), (0, 1, 600 * MICRO), (2, 0, 500 * MICRO)]
    ks = (None, Fraction(1), None)
    exact = [(*part, exposure_of(part[2], curves[part[1]].people, k)) for part, k in zip(parts, ks, strict=True)]
    assert entries(found) == exact


def test_a_share_of_people_is_rounded_to_the_nearest_millionth_and_a_half_to_the_even_one() -> None:
    """As Python rounds the product of floats. @b reaches 3,000,000 millionths of a person."""
    halves = 0
    for number in range(1, 200):
        share = (number + 0.5) / 3_000_000
        found = contacts(estimate(reaching([Curve(10 * MICRO)], [(1, 0, share)])))
        assert [one[2] for one in entries(found)] == [round(3_000_000 * share)]
        halves += 3_000_000 * share == number + 0.5
    assert halves > 50


def test_whoever_reaches_all_of_a_cell_has_an_exposure_of_one_there() -> None:
    curve = Curve(70 * MICRO, all_of_it=True)
    found = contacts(estimate(reaching([curve], [(0, 0, 0.001), (2, 0, 1.0)])))
    assert entries(found) == [(0, 0, 70 * MICRO, UNIT), (2, 0, 70 * MICRO, UNIT)]


def test_more_people_of_a_cell_than_there_are_is_a_fault_that_names_both() -> None:
    with pytest.raises(ScenarioError, match="@a reaches 800 people of cell 0, which has 799") as caught:
        contacts(estimate(reaching([Curve(799 * MICRO)], [(0, 0, 1.0), (2, 0, 1.0)])))
    assert [problem.code for problem in caught.value.problems] == ["audience-too-small"]


def test_whoever_would_reach_nearly_all_reaches_as_many_as_the_greatest_exposure_does() -> None:
    """Or one booking would reach more people than two of them do. Of k = 0.1, that begins at 80 % of a cell."""
    for k, least, most in ((None, 0.999998, 1.0), (Fraction(1), 0.999998, 1.0), (Fraction("0.1"), 0.79, 0.81)):
        curve = Curve(800 * MICRO, k)
        ((_, _, gross, exposure),) = entries(contacts(estimate(reaching([curve], [(0, 0, 1.0)]))))
        assert exposure == exposure_of(800 * MICRO, 800 * MICRO, k)
        assert least * curve.people < gross < most * curve.people
        assert gross == curve.reached(exposure) <= curve.reached(2 * exposure)


def test_whoever_reaches_some_reaches_exactly_these() -> None:
    for k in (None, Fraction(1), Fraction("0.5")):
        ((_, _, gross, exposure),) = entries(contacts(estimate(reaching([Curve(801 * MICRO, k)], [(0, 0, 1.0)]))))
        assert (gross, exposure) == (800 * MICRO, exposure_of(800 * MICRO, 801 * MICRO, k))


def test_cells_of_some_people_are_those_with_all_of_their_values() -> None:
    values = [{"country": "fr", "age": "young"}, {"country": "fr", "age": "old"}, {}]
    names = ["a", "b", "learned"]
    audience = audience_of(names, [Curve(MICRO)] * 3, values, (np.zeros(0, int), np.zeros(0, int), np.zeros(0)), 1)
    french = Filter((("Country", AnyOf(("FR",))),))
    assert audience.cells_of(french).tolist() == [True, True, False]
    assert audience.cells_of(Filter((*french, ("age", AnyOf(("old", "older")))))).tolist() == [False, True, False]
    assert audience.cells_of(Filter()).all()


def test_cells_with_one_name_are_told_apart() -> None:
    names = ["others", "others #2", "others"]
    audience: Audience = audience_of(
        names, [Curve(MICRO)] * 3, [{}] * 3, (np.zeros(0, int), np.zeros(0, int), np.zeros(0)), 1
    )
    assert audience.names == ("others", "others #2", "others #3")
