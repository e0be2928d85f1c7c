"""Curves of people reached: rounded to a known side, in floats and in 60 digits alike."""

from __future__ import annotations

import random
from fractions import Fraction
from math import exp, inf, log

import numpy as np
import pytest

from optimizer.domain.curves import LEAST_K, MOST_EXPOSED, UNIT, Curve, exposure_of, exposures
from tests.support.amounts import seeded, times

KS = (None, LEAST_K, Fraction("0.3"), Fraction(1, 2), Fraction(1), Fraction(5, 2), Fraction(50), Fraction(10**6))
MILLION = 10**6 * 10**6  # a million people, in millionths


def drawn_people(rng: random.Random) -> int:
    return rng.choice([10**6 * rng.randint(1, 2_000), rng.randint(10**6, 10**15), 10 ** rng.randint(6, 15)])


def drawn_part(rng: random.Random, people: int) -> int:
    """Anybody from one millionth of a person to all, often hardly anybody or nearly all."""
    near = rng.choice([rng.random(), 10 ** rng.uniform(-9, 0), 1 - 10 ** rng.uniform(-8, 0), 1.0])
    return min(max(int(people * near), 1), people)


@pytest.mark.parametrize("k", KS)
def test_floats_give_the_exposures_of_sixty_digits(k: Fraction | None) -> None:
    """Also where nearly all are reached, so that floats of what is left have few right digits."""
    rng = random.Random(seeded(f"exposures {k}"))
    people = [drawn_people(rng) for _ in range(times(1_500))]
    reached = [drawn_part(rng, many) for many in people]
    found = exposures(np.array(reached), np.array(people), k)
    exact = [exposure_of(one, many, k) for one, many in zip(reached, people, strict=True)]
    assert found.tolist() == exact


@pytest.mark.parametrize("k", KS[1:5])
def test_an_exposure_that_is_a_whole_number_of_billionths_is_not_rounded_up(k: Fraction) -> None:
    """Of k = 1 and half of the people, it is 1: k ((1 - p)^(-1/k) - 1)."""
    power = int(1 / k)
    people, reached = np.full(199, 200 * 10**6), np.arange(1, 200) * 10**6
    found = exposures(reached, people, k)
    for part, exposure in zip(reached.tolist(), found.tolist(), strict=True):
        left = 1 - Fraction(part, 200 * 10**6)
        exact = k * (1 / left**power - 1) * UNIT if power * k == 1 else None
        assert exact is None or exposure == min(-(-exact // 1), MOST_EXPOSED), (k, part)
    assert k != 1 or found[99] == UNIT


def test_nobody_has_no_exposure_and_nobody_has_more_than_the_most() -> None:
    assert exposures(np.array([0, MILLION]), np.array([MILLION, MILLION]), LEAST_K).tolist() == [0, MOST_EXPOSED]


def test_one_booking_alone_reaches_no_fewer_than_its_people() -> None:
    """And no more than its exposure is rounded up by, where it does not reach nearly all."""
    rng = random.Random(seeded("alone"))
    for _ in range(times(1_500)):
        people, k = drawn_people(rng), rng.choice(KS)
        reached, curve = drawn_part(rng, people), Curve(people, k)
        exposure = exposure_of(reached, people, k)
        if exposure == MOST_EXPOSED or reached > people * (1 - 1e-6):
            continue
        assert curve.reached(exposure) >= reached - 1
        assert curve.reached(exposure - 1) <= reached
        assert curve.reached(exposure) - reached <= people // UNIT + 1


@pytest.mark.parametrize(
    ("k", "e", "share"),
    [(None, 1.0, 1 - exp(-1)), (Fraction(1), 1.0, 0.5), (Fraction(1, 2), 4.0, 1 - 1 / 3), (Fraction(2), 2.0, 0.75)],
)
def test_the_curves_are_those_of_the_reference(k: Fraction | None, e: float, share: float) -> None:
    curve = Curve(MILLION, k)
    assert curve.reached(int(e * UNIT)) == pytest.approx(MILLION * share, abs=1)
    part = int(MILLION * share)
    assert exposure_of(part, MILLION, k) == pytest.approx(e * UNIT, rel=1e-9)


def test_where_each_booking_reaches_all_the_first_one_does() -> None:
    curve = Curve(MILLION, all_of_it=True)
    assert [curve.reached(e * UNIT // 2) for e in range(4)] == [0, MILLION // 2, MILLION, MILLION]


def test_a_tangent_lies_above_its_curve_everywhere_and_touches_it() -> None:
    rng = random.Random(seeded("tangents"))
    for _ in range(times(400)):
        curve = Curve(drawn_people(rng), rng.choice(KS), rng.random() < 0.2)
        at = 10 ** rng.uniform(-6, 4)
        slope = Fraction(curve.slope(at * UNIT)) if rng.random() < 0.8 else Fraction(rng.randint(0, 2**40), 2**24)
        c = curve.above(slope)
        places = [
            at,
            0.0,
            *(10 ** rng.uniform(-9, 6) for _ in range(12)),
            *(at * rng.uniform(0.99, 1.01) for _ in "ab"),
        ]
        for e in places:
            assert curve.reached(int(e * UNIT)) <= slope * int(e * UNIT) + c, (curve, slope, e)
        if slope == Fraction(curve.slope(at * UNIT)) > 0 and not curve.all_of_it:
            assert slope * int(at * UNIT) + c - curve.reached(int(at * UNIT)) <= curve.people * 1e-8 + 2


def test_a_booking_alone_keeps_every_tangent_of_its_cell() -> None:
    """Its overlap is 0 there, so what it reaches by itself must lie below each of them."""
    rng = random.Random(seeded("alone below tangents"))
    for _ in range(times(400)):
        people, k = drawn_people(rng), rng.choice(KS)
        reached, curve = drawn_part(rng, people), Curve(people, k)
        exposure = exposure_of(reached, people, k)
        if reached > people * (1 - 1e-6):
            reached = min(reached, curve.reached(exposure))
        if exposure == MOST_EXPOSED:  # who would reach more counts as reaching what that does
            reached = min(reached, curve.reached(exposure))
        for near in (0.5, 1.0 - 1e-9, 1.0, 1.0 + 1e-9, 2.0):
            slope = Fraction(curve.slope(exposure * near))
            assert reached <= slope * exposure + curve.above(slope), (people, k, reached, near)


def test_a_steeper_line_than_the_curve_and_a_flat_one_are_its_bounds() -> None:
    for curve in (Curve(MILLION), Curve(MILLION, Fraction(1)), Curve(MILLION, all_of_it=True)):
        assert curve.above(Fraction(MILLION, UNIT)) == 0
        assert curve.above(Fraction(0)) == MILLION
    assert Curve(MILLION).slope(0) == MILLION / UNIT
    assert -log(Curve(MILLION).slope(UNIT) / Curve(MILLION).slope(0)) == pytest.approx(1)
    assert Curve(MILLION, all_of_it=True).slope(UNIT) == 0 < inf
