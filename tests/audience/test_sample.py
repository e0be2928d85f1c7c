"""A sample of people: merged into cells that give true unions, in any order, and split by people alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.audience.sample import kept_half, merged
from tests.audience import planted

ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 12)), min_size=1, max_size=60)


@given(ROWS, st.lists(st.integers(0, 6), max_size=7))
def test_cells_give_true_unions(rows, wanted):
    creators, persons = np.array(rows).T
    sample = merged(7, creators, persons)
    chosen = np.unique(np.array(wanted, dtype=np.int64))
    assert sample.unions([chosen])[0] == len({person for creator, person in rows if creator in set(wanted)})
    assert sample.everybody == len(set(persons.tolist()))


@given(ROWS, st.randoms())
def test_the_order_of_rows_and_rows_that_stand_twice_make_no_difference(rows, random):
    again = [*rows, *rows[:5]]
    random.shuffle(again)
    one, other = (merged(7, *np.array(some).T) for some in (rows, again))
    assert (one.people == other.people).all()
    assert (one.creators == other.creators).all()
    assert (one.starts == other.starts).all()


def test_people_with_the_same_creators_are_one_cell():
    sample = merged(3, np.array([0, 1, 0, 1, 2]), np.array([7, 7, 4, 4, 9]))
    assert sample.people.tolist() == [1.0, 2.0]
    assert sample.audiences.tolist() == [2.0, 2.0, 1.0]


def test_shared_people_are_counted_pair_by_pair():
    known = planted.followed(20, 500)
    persons, creators = np.nonzero(known)
    pairs = merged(20, creators, persons).pairs()
    shared = planted.overlaps(known)
    assert pairs.others_share_nobody
    assert pairs.shared == pytest.approx(shared[pairs.first, pairs.second])
    assert len(pairs) == (np.triu(shared, 1) > 0).sum()


def test_a_scaled_sample_stands_for_so_many_people():
    sample = merged(3, np.array([0, 1, 0]), np.array([7, 7, 4])).scaled_to(900)
    assert sample.everybody == 900
    assert sample.unions([np.array([1])])[0] == 450


def test_about_half_of_the_people_are_held_back_whoever_else_is_there():
    names = [f"u{at}" for at in range(10_000)]
    kept = kept_half(names, 0)
    assert 4_800 < kept.sum() < 5_200
    assert (kept_half(names[::-1], 0)[::-1] == kept).all()
    assert (kept_half(names[:10], 0) == kept[:10]).all()
    assert (kept_half(names, 1) != kept).any()
