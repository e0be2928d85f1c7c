"""Latent cells: what they predict of pairs and sets, how many there are, and that no order matters."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.audience import latent
from optimizer.audience.errors import errors, random_sets, sets_around_one
from optimizer.audience.pairs import Pairs, held_back, pairs_of
from tests.audience import planted

KNOWN = planted.followed()
SHARED = planted.overlaps(KNOWN)
AUDIENCES = np.diag(SHARED).copy()
EVERY = planted.pairs(SHARED)


def test_sets_with_and_without_one_fan_base_are_predicted():
    cells = latent.learned(EVERY, AUDIENCES, 5)
    for sets in (random_sets(120, 60, 1), sets_around_one(EVERY, 60, 1)):
        off = errors(cells.unions(sets, AUDIENCES), planted.reached(KNOWN, sets))
        assert off.median < 0.03
        assert off.p90 < 0.08


def test_a_third_of_the_pairs_is_enough():
    part = planted.pairs(SHARED, 0.34)
    cells = latent.learned(part, AUDIENCES, 5)
    sets = sets_around_one(EVERY, 60, 1)
    assert errors(cells.unions(sets, AUDIENCES), planted.reached(KNOWN, sets)).median < 0.05


def test_one_creator_alone_reaches_exactly_their_audience():
    cells = latent.learned(EVERY, AUDIENCES, 5)
    alone = [np.array([at]) for at in range(120)]
    assert cells.unions(alone, AUDIENCES) == pytest.approx(AUDIENCES, rel=1e-9)


def test_two_creators_reach_at_least_the_larger_and_at_most_the_sum():
    cells = latent.learned(EVERY, AUDIENCES, 5)
    both = cells.unions(list(np.stack([EVERY.first, EVERY.second], axis=1)), AUDIENCES)
    a, b = AUDIENCES[EVERY.first], AUDIENCES[EVERY.second]
    assert (both >= np.maximum(a, b) * (1 - 1e-9)).all()
    assert (both <= (a + b) * (1 + 1e-9)).all()
    assert (a + b - both) == pytest.approx(cells.shared(EVERY.first, EVERY.second), rel=1e-6, abs=1e-6)


def test_cells_hold_no_more_of_anybody_than_they_may():
    cells = latent.learned(EVERY, AUDIENCES, 8)
    assert (cells.inside >= 0).all()
    assert (cells.inside <= cells.people * (1 + 1e-9)).all()
    assert (cells.inside.sum(axis=1) <= AUDIENCES * (1 + 1e-9)).all()


def test_audiences_that_share_nobody_add_up():
    nobody = pairs_of(30, *np.triu_indices(30, 1), np.zeros(435))
    audiences = np.arange(1.0, 31.0)
    assert latent.learned(nobody, audiences, 5).unions([np.arange(30)], audiences)[0] == pytest.approx(audiences.sum())


def test_audiences_that_are_the_same_count_once():
    groups = np.repeat(np.arange(4), 8)
    first, second = np.triu_indices(32, 1)
    same = pairs_of(32, first, second, np.where(groups[first] == groups[second], 500.0, 0.0))
    audiences = np.full(32, 500.0)
    cells = latent.learned(same, audiences, 4)
    assert cells.unions([np.arange(8)], audiences)[0] == pytest.approx(500, rel=0.03)
    assert cells.unions([np.arange(32)], audiences)[0] == pytest.approx(2_000, rel=0.03)


def test_the_order_of_the_rows_makes_no_difference():
    order = np.random.default_rng(7).permutation(len(EVERY))
    turned = pairs_of(120, EVERY.second[order], EVERY.first[order], EVERY.shared[order])
    one, other = (latent.learned(some, AUDIENCES, 5) for some in (EVERY, turned))
    assert (one.people == other.people).all()
    assert (one.inside == other.inside).all()


@pytest.mark.parametrize("part", [0.3, 0.7])
def test_pairs_that_share_nobody_are_known_whether_they_are_listed_or_not(part):
    sparse = np.where(np.quantile(SHARED, 1 - part) < SHARED, SHARED, 0.0)
    first, second = np.triu_indices(120, 1)
    some = sparse[first, second] > 0
    short = pairs_of(120, first[some], second[some], sparse[first, second][some], others_share_nobody=True)
    full = planted.pairs(sparse)
    one, other = (latent.learned(pairs, AUDIENCES, 4) for pairs in (short, full))
    assert one.people == pytest.approx(other.people, rel=1e-6)


def test_unknown_pairs_are_not_taken_for_zeros():
    part = planted.pairs(SHARED, 0.3)
    as_zeros = Pairs(part.size, part.first, part.second, part.shared, others_share_nobody=True)
    sets = sets_around_one(EVERY, 60, 1)
    true = planted.reached(KNOWN, sets)
    off = [errors(latent.learned(some, AUDIENCES, 5).unions(sets, AUDIENCES), true).median for some in (part, as_zeros)]
    assert off[0] < off[1] / 3


def test_each_creator_needs_twenty_known_pairs_for_each_cell():
    assert latent.most_cells(EVERY) == 5  # 119 / 20
    assert latent.most_cells(planted.pairs(SHARED, 0.5)) == 2
    few = Pairs(401, np.array([0]), np.array([1]), np.array([3.0]), others_share_nobody=True)
    assert latent.most_cells(few) == 20


def test_the_number_of_cells_is_chosen_by_pairs_that_were_held_back():
    known = planted.followed(200, 4_000, 12, seed=3)
    shared = planted.overlaps(known)
    trials, held = latent.tried(planted.pairs(shared), np.diag(shared).copy(), (2, 5, 12, 40), seed=0)
    assert min(trials, key=lambda one: one.error).count >= 12
    assert len(held) == 1_990
    assert [one.error for one in trials[:3]] == sorted((one.error for one in trials[:3]), reverse=True)


def test_held_back_pairs_include_those_that_share_nobody():
    few = Pairs(100, np.array([0, 3]), np.array([1, 9]), np.array([5.0, 6.0]), others_share_nobody=True)
    held = held_back(few, 0.5, 1, 10_000)
    assert len(held) > 1_500
    assert (held.first < held.second).all()
    assert len(np.unique(held.codes)) == len(held)
    listed = {(0, 1): 5.0, (3, 9): 6.0}
    for first, second, shared in zip(held.first, held.second, held.shared, strict=True):
        assert shared == listed.get((int(first), int(second)), 0.0)
