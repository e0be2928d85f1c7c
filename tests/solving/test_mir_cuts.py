"""Rounded rows: whatever is rounded, no whole plan is lost, nothing overflows, and parts of bookings are cut off."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.solving import mir_cuts
from optimizer.solving.mir_cuts import (
    SIDES_MOST,
    SIZE,
    WEIGHT,
    Rounding,
    Side,
    best_roundings,
    rounded,
    side,
    sides_of,
    whole_weights,
)
from tests.support.amounts import seeded, times
from tests.support.programs import program_from
from tests.support.proofs import (
    PlainSide,
    brought_to_size,
    coefficients,
    drawn_program,
    keeps,
    plans_of,
    rounded_again,
    said_program,
)
from tests.support.proofs import sides_again as plain_sides

SIZES = (3, 10, 1000, 2**20, 2**35)


def plain(one: Side) -> PlainSide:
    return one.values.tolist(), one.limit


def keeps_all(sides: list[Side], points: Ints) -> Flags:
    """Which points keep all sides."""
    found = np.ones(len(points), dtype=np.bool_)
    for one in sides:
        found &= keeps(*plain(one), points)
    return found


def box_of(most: Ints) -> Ints:
    """All whole points up to `most`."""
    return np.array(list(product(*(range(int(high) + 1) for high in most))), dtype=np.int64)


def drawn_sides(rng: random.Random, most: Ints) -> list[Side]:
    """Rows of some size, with a limit near which some points are."""
    found = []
    for _ in range(rng.randint(1, 4)):
        size = rng.choice(SIZES)
        values = [rng.randint(rng.choice([0, -size]), size) for _ in most]
        near = sum(value * rng.randint(0, int(high)) for value, high in zip(values, most, strict=True))
        found.append(Side(np.array(values, dtype=np.int64), near + rng.choice([0, 0, 1, -1, rng.randint(0, size)])))
    return found


def drawn_rounding(rng: random.Random, sides: list[Side], most: Ints) -> Rounding:
    """Any weights, columns counted down, and divisor; often one that is near a coefficient of the sum."""
    heavy = rng.choice([2, 10, 2**WEIGHT])
    places = rng.sample(range(len(sides)), rng.randint(1, len(sides)))
    weights = tuple((place, rng.randint(1, heavy) * rng.choice([1, 1, -1])) for place in places)
    total = sum(sides[place].values * weight for place, weight in weights)
    near = max(abs(rng.choice(total.tolist())), 1)
    divisor = rng.choice([1, near, near + 1, max(near // rng.randint(2, 8), 1), rng.randint(1, 2 * near)])
    full = [at for at in range(len(most)) if rng.random() < 0.4]
    return Rounding(weights, np.array(full, dtype=np.int64), divisor)


def test_no_whole_point_that_keeps_the_sides_breaks_a_rounded_one() -> None:
    cutting = 0
    for number in range(times(1500)):
        rng = random.Random(f"{seeded('rounding')} {number}")
        most = np.array([rng.choice([1, 1, 2, 3, 5]) for _ in range(rng.randint(1, 4))])
        sides = drawn_sides(rng, most)
        points = box_of(most)
        kept = keeps_all(sides, points)
        found = rounded(sides, most, drawn_rounding(rng, sides, most))
        keeping = keeps(*plain(found), points)
        assert keeping[kept].all(), number
        cutting += kept.any() and not keeping.all()
    assert cutting > times(1500) / 4


def test_a_rounded_side_may_be_rounded_again_and_again() -> None:
    for number in range(times(150)):
        rng = random.Random(f"{seeded('again')} {number}")
        most = np.array([rng.choice([1, 1, 2, 3]) for _ in range(rng.randint(2, 4))])
        sides = drawn_sides(rng, most)
        points = box_of(most)
        kept = keeps_all(sides, points)
        for _ in range(12):
            sides.append(rounded(sides, most, drawn_rounding(rng, sides, most)))
            assert keeps(*plain(sides[-1]), points)[kept].all(), number


def test_rounding_is_the_formula_of_books_in_integers() -> None:
    for number in range(times(600)):
        rng = random.Random(f"{seeded('formula')} {number}")
        most = np.array([rng.choice([1, 1, 2, 10**6]) for _ in range(rng.randint(1, 6))])
        sides = drawn_sides(rng, most)
        how = drawn_rounding(rng, sides, most)
        assert plain(rounded(sides, most, how)) == rounded_again([*map(plain, sides)], most.tolist(), how), number


def test_nothing_overflows_where_everything_is_as_large_as_it_may_be() -> None:
    """The most sides, with coefficients and weights at their largest, and all of one sign."""
    top, heavy = 2**SIZE, 2**WEIGHT
    for number in range(times(200)):
        rng = random.Random(f"{seeded('extreme')} {number}")
        n = rng.randint(1, 5)
        most = np.array([rng.choice([1, 3, 2**31, 10**9]) for _ in range(n)])
        signs = [rng.choice([1, -1]) for _ in range(n)]
        sides, weights = [], []
        for place in range(rng.choice([1, 2, SIDES_MOST])):
            sign = rng.choice([1, -1]) if number % 2 else 1
            values = [sign * (one * top - rng.choice([0, 0, 1, rng.randint(0, top)]) * one) for one in signs]
            limit = rng.choice([0, -1, 2**200, -(2**200), rng.randint(-(2**70), 2**70), sign * top])
            sides.append(Side(np.array(values, dtype=np.int64), limit))
            weights.append((place, sign * heavy))
        total = [sum(weight * int(sides[place].values[at]) for place, weight in weights) for at in range(n)]
        largest = max(map(abs, total))
        divisor = rng.choice([1, largest, max(largest - 1, 1), largest // 3 + 1, 2**60, rng.randint(1, 2**60)])
        how = Rounding(tuple(weights), np.array([at for at in range(n) if rng.random() < 0.5], dtype=np.int64), divisor)
        found = rounded(sides, most, how)
        assert plain(found) == rounded_again([*map(plain, sides)], most.tolist(), how), number
        assert max(map(abs, found.values.tolist())) <= top


def test_zero_rows_a_divisor_of_one_and_a_limit_that_is_a_multiple_of_it_change_nothing_but_the_size() -> None:
    most = np.array([1, 2, 3])
    nothing = np.zeros(0, dtype=np.int64)
    for values, limit, divisor in [
        ([0, 0, 0], 5, 1),
        ([0, 0, 0], -5, 7),
        ([4, -6, 9], 11, 1),
        ([4, -6, 9], 14, 7),
        ([4, -6, 9], -21, 7),
        ([4, -6, 9], 0, 7),
    ]:
        one = Side(np.array(values, dtype=np.int64), limit)
        for full in (nothing, np.array([0, 2])):
            found = rounded([one], most, Rounding(((0, 1),), full, divisor))
            points = box_of(most)
            assert keeps(*plain(found), points)[keeps(values, limit, points)].all()
            if limit % divisor == 0 and not len(full):
                assert np.array_equal(keeps(*plain(found), points), keeps(values, limit, points))


def test_a_side_of_any_size_is_kept_by_all_points_that_keep_its_row() -> None:
    """Also of coefficients beyond 64 bits, which only Python's integers hold."""
    for number in range(times(400)):
        rng = random.Random(f"{seeded('size')} {number}")
        most = np.array([rng.choice([1, 2, 4]) for _ in range(rng.randint(1, 4))])
        size = rng.choice([0, 1, 5, 2**35, 2**36 - 1, 2**36, 2**37, 2**60, 2**63, 2**64 + 1, 2**90])
        values = [rng.choice([rng.randint(-size, size), size, -size, 0]) for _ in most]
        near = sum(value * rng.randint(0, int(high)) for value, high in zip(values, most, strict=True))
        limit = near + rng.choice([0, 0, 1, -1, rng.randint(-size, size)])
        for sign in (1, -1):
            kinds = [object, np.int64] if size <= 2**62 else [object]
            found = side(np.array(values, dtype=rng.choice(kinds)), limit, 3, sign)
            assert plain(found) == brought_to_size([sign * value for value in values], sign * limit)
            assert found.row == 3
            points = box_of(most)
            within = keeps([sign * value for value in values], sign * limit, points)
            keeping = keeps(*plain(found), points)
            assert keeping[within].all(), number
            if max(map(abs, values)) < 2**SIZE:
                assert np.array_equal(keeping, within), number
                assert found.values.tolist() == [int(found.scale) * value for value in values]


def test_a_rounding_that_is_proposed_cuts_the_solution_off() -> None:
    proposed = 0
    for number in range(times(1500)):
        rng = random.Random(f"{seeded('best')} {number}")
        most = np.array([rng.choice([1, 1, 2, 3]) for _ in range(rng.randint(1, 6))])
        sides = drawn_sides(rng, most)
        x = np.array([rng.choice([0.0, float(high), rng.uniform(0, float(high))]) for high in most])
        multipliers = np.array([rng.choice([0.0, 1.0, rng.uniform(-1, 1)]) for _ in sides])
        best = best_roundings(sides, multipliers[None], np.arange(len(sides)), x, most, np.flatnonzero(x > 1e-9))
        if not best:
            continue
        proposed += 1
        [(size, how)] = best
        assert size > 0
        [weights] = whole_weights(multipliers[None]).tolist()
        assert how.weights == tuple((place, weight) for place, weight in enumerate(weights) if weight)
        assert how.divisor > 0
        found = rounded(sides, most, how)
        total = sum(int(value) * Fraction(float(part)) for value, part in zip(found.values, x, strict=True))
        assert total > found.limit, number
        points = box_of(most)
        kept = keeps_all(sides, points)
        assert keeps(*plain(found), points)[kept].all(), number
    assert proposed > times(1500) / 5


def test_no_whole_solution_that_keeps_the_sides_is_proposed_to_be_cut_off() -> None:
    for number in range(times(400)):
        rng = random.Random(f"{seeded('whole')} {number}")
        most = np.array([rng.choice([1, 1, 2, 3]) for _ in range(rng.randint(1, 4))])
        sides = [one for one in drawn_sides(rng, most) if abs(one.values).max() < 2**21]
        points = box_of(most)
        for point in points[
            np.logical_and.reduce([np.ones(len(points), bool), *(keeps(*plain(s), points) for s in sides)])
        ]:
            x = point.astype(np.float64)
            each = np.eye(len(sides))
            assert best_roundings(sides, each, np.arange(len(sides)), x, most, np.flatnonzero(x)) == []


def likely(sizes: set[int]) -> list[int]:
    """Up to twelve of the different coefficients, evenly from the smallest to the largest."""
    every = sorted(size for size in sizes if size > max(sizes) >> 20)
    return every if len(every) <= 12 else [every[(len(every) - 1) * at // 11] for at in range(12)]


def cut_off(sides: list[Side], weights: Mapping[int, int], x: Floats, most: Ints, divisor: int) -> float:
    """By how much a sum of sides that is rounded cuts a solution off, worked out alone, in plain numbers."""
    parts = [float(min(one, high - one)) for one, high in zip(x, most, strict=True)]
    full = [one > high / 2 for one, high in zip(x, most, strict=True)]
    total = [sum(w * int(sides[at].values[column]) for at, w in weights.items()) for column in range(len(x))]
    slack = [sum(min(w, 0) * int(sides[at].values[column]) for at, w in weights.items()) for column in range(len(x))]
    limit = sum(w * sides[at].limit for at, w in weights.items())
    limit -= sum(value * int(high) for value, high, down in zip(total, most, full, strict=True) if down)
    unused = float(sum(min(w, 0) * sides[at].limit for at, w in weights.items()))
    unused -= sum(value * float(one) for value, one in zip(slack, x, strict=True))
    whole, rest = divmod(limit, divisor)
    if not 0.01 * divisor < rest < 0.99 * divisor:
        return -1.0
    found = []
    for value, down, part in zip(total, full, parts, strict=True):
        if part > 1e-6:
            times, over = divmod(-value if down else value, divisor)
            found.append((float((divisor - rest) * times + max(over - rest, 0)), part))
    broken = sum(value * part for value, part in found) + unused - float((divisor - rest) * whole)
    return broken / (math.sqrt(sum(value * value for value, _ in found)) + 1.0)


def test_many_sums_together_are_rounded_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    proposed = 0
    for number in range(times(300)):
        rng = random.Random(f"{seeded('together')} {number}")
        monkeypatch.setattr(mir_cuts, "_AT_ONCE", rng.choice([1, 30, 50_000]))
        most = np.array([rng.choice([1, 1, 2, 3]) for _ in range(rng.choice([3, 6, 30]))])
        sides = [one for _ in range(3) for one in drawn_sides(rng, most)]
        if number % 5 == 0:  # beyond what 64 bits hold
            sides.append(Side(sides[0].values, sides[0].limit + rng.choice([-1, 1]) * 2 ** rng.choice([44, 62, 90])))
        x = np.array([rng.choice([0.0, float(high), rng.uniform(0, float(high))]) for high in most])
        sums = [[rng.choice([0.0, 0.0, 1.0, rng.uniform(-1, 1)]) for _ in sides] for _ in range(rng.randint(1, 12))]
        places, booked = np.arange(len(sides)), np.flatnonzero(x > 1e-9)
        best = {
            how.weights: (size, how) for size, how in best_roundings(sides, np.array(sums), places, x, most, booked)
        }
        parts = [at for at in booked.tolist() if min(x[at], most[at] - x[at]) > 1e-6]
        for row in whole_weights(np.array(sums)).tolist():
            weights = {at: weight for at, weight in enumerate(row) if weight}
            sizes = {abs(sum(w * int(sides[at].values[column]) for at, w in weights.items())) for column in parts}
            tried = {divisor: cut_off(sides, weights, x, most, divisor) for divisor in likely(sizes or {0})}
            first = max(tried, key=lambda divisor: tried[divisor], default=1)
            size, how = best.get(tuple(weights.items()), (0.0, None))
            if how is None:
                assert max(tried.values(), default=0.0) < 2e-6, number
                continue
            proposed += 1
            assert np.array_equal(how.full, np.flatnonzero(x > most / 2))
            tried |= {
                part: cut_off(sides, weights, x, most, part) for part in (max(first // by, 1) for by in (2, 4, 8))
            }
            assert math.isclose(size, max(tried.values()), rel_tol=1e-6), number
            assert math.isclose(size, cut_off(sides, weights, x, most, how.divisor), rel_tol=1e-6), number
    assert proposed > times(300)


def test_weights_are_whole_small_and_near_their_multipliers() -> None:
    for number in range(times(300)):
        rng = random.Random(f"{seeded('weights')} {number}")
        count = rng.choice([1, 2, 10, SIDES_MOST, SIDES_MOST + 1, 100])
        size = 10.0 ** rng.uniform(-300, 300) if number % 3 else 1.0
        multipliers = np.array([size * rng.uniform(-1, 1) * rng.choice([1.0, 1.0, 1e-3, 0.0]) for _ in range(count)])
        places = np.array(rng.sample(range(1000), count))
        [found] = whole_weights(multipliers[None]).tolist()
        weights = [(int(place), weight) for place, weight in zip(places, found, strict=True) if weight]
        largest = float(np.abs(multipliers).max())
        if not largest:
            assert weights == []
            continue
        expected = {
            int(place): round(Fraction(float(one)) / Fraction(largest) * 2**WEIGHT)
            for place, one in zip(places, multipliers, strict=True)
        }
        used = {place: weight for place, weight in expected.items() if weight}
        if len(used) > SIDES_MOST + 1:
            assert weights == []
        elif weights:
            assert len(weights) <= SIDES_MOST
            assert all(0 < abs(weight) <= 2**WEIGHT and isinstance(weight, int) for _, weight in weights)
            assert all(abs(weight - expected[place]) <= 1 for place, weight in weights)
            assert abs(len(weights) - len(used)) <= 1


def test_of_no_multipliers_there_are_no_weights() -> None:
    assert not whole_weights(np.zeros((2, 3))).any()
    assert whole_weights(np.zeros((0, 3))).shape == (0, 3)
    side_ = Side(np.array([3, 2]), 4)
    x, most, both = np.array([0.5, 0.5]), np.array([1, 1]), np.array([0, 1])
    assert best_roundings([side_], np.zeros((1, 1)), np.array([0]), x, most, both) == []
    assert best_roundings([side_], np.zeros((0, 1)), np.array([0]), x, most, both) == []


def test_the_sides_of_a_program_are_kept_by_exactly_the_plans_that_keep_its_rows_and_units() -> None:
    """Also by plans of which some units are held; where coefficients have too many bits, by no fewer."""
    exactly, held_some = 0, 0
    programs = [drawn_program(f"{seeded('sides')} {number}") for number in range(times(80))]
    programs += [said for number in range(times(30)) if (said := said_program(f"{seeded('sides said')} {number}"))]
    for program in programs:
        rng = random.Random(len(program))
        matrix, plans = coefficients(program), plans_of(program)
        small = all(abs(value) < 2**SIZE for value in matrix[:-1].ravel().tolist())
        whole = rng.random() < 0.5 or not len(plans.points)
        units = [unit for unit in range(len(program.available)) if whole or rng.random() < 0.6]
        inside = np.isin(program.unit, units)
        columns = np.flatnonzero(inside)
        held = rng.choice(plans.points.tolist()) if not whole else [0] * len(program)
        used = (matrix[:-1] @ np.where(inside, 0, held).astype(object)).tolist() if len(program.rows) else []
        sides = sides_of(program, columns, used)
        assert [*map(plain, sides)] == plain_sides(program, columns.tolist(), used)
        like = [(points[:, ~inside] == np.array(held)[~inside]).all(axis=1) for points in (plans.points, plans.broken)]
        for one in sides:
            assert keeps(*plain(one), plans.points[like[0]][:, columns]).all()
        broken = plans.broken[like[1]][:, columns]
        if small and len(broken):
            keeping = np.logical_and.reduce(
                [np.ones(len(broken), bool), *(keeps(*plain(one), broken) for one in sides)]
            )
            assert not keeping.any()
            exactly += 1
        held_some += not whole
    assert exactly > len(programs) / 4
    assert held_some > len(programs) / 5


def test_the_sides_of_units_say_what_they_may_and_must() -> None:
    program = replace(
        program_from([1, 1, 1, 1, 1, 1], []),
        unit=np.array([0, 0, 1, 2, 2, 2]),
        available=np.array([1, 3, 4]),
        required=np.array([0, 2, 1]),
        most=np.array([1, 1, 3, 4, 4, 4]),
    )
    sides = sides_of(program, np.arange(6), [])
    points = box_of(program.most)
    keeping = keeps_all(sides, points)
    assert [(one.values >> (SIZE - 1)).tolist() for one in sides] == [
        [1, 1, 0, 0, 0, 0],
        [0, 0, -1, 0, 0, 0],
        [0, 0, 0, 1, 1, 1],
        [0, 0, 0, -1, -1, -1],
    ]
    must = (points[:, 2] >= 2) & (points[:, 3:].sum(axis=1) >= 1)
    assert np.array_equal(keeping, (points[:, :2].sum(axis=1) <= 1) & (points[:, 3:].sum(axis=1) <= 4) & must)
