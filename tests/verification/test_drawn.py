"""The plain twin draws the same, to the last digit."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.ranges.drawing import drawn
from optimizer.ranges.outlook import QUANTITIES, Common, Group
from optimizer.verification.drawn import NAMES, count, percentiles, redrawn
from tests.support.outlooks import ALONE, alike, errors, mixed, plain


@pytest.mark.parametrize(
    ("size", "draws", "seed", "common"),
    [(25, 501, 2**40 + 7, Common()), (6, 1, 1, Common()), (12, 300, 0, Common(1, 0.5, 0, 0.7)), (5, 64, 3, ALONE)],
)
def test_totals_groups_and_percentiles_are_equal(size: int, draws: int, seed: int, common: Common) -> None:
    outlook = mixed(size, seed=size)
    members = np.flatnonzero(outlook.platform != 1)
    names = (*QUANTITIES, "creators", "hours")
    ours = drawn(outlook, common, [Group(members, names)], draws, seed)
    twin = redrawn(plain(outlook), errors(common), [set(members.tolist())], draws=draws, seed=seed)
    assert set(twin.totals) == set(ours.totals) == set(names)
    for name in names:
        assert ours.totals[name].tolist() == twin.totals[name], name
        assert ours.alone[name].tolist() == twin.alone[name], name
        assert ours.groups[0][name].tolist() == twin.groups[0][name], name
        assert ours.bookings[name].tolist() == [list(each[name]) for each in twin.bookings], name
        assert ours.bookings_alone[name].tolist() == [list(each[name]) for each in twin.bookings_alone], name


@pytest.mark.parametrize(
    "said",
    [
        {"views_sd": (3.0, 3.0), "engagements_sd": (3.0, 0.0), "impressions": 1e12, "clicks": 1e12},
        {"post_rate": 1e-3, "viewers": 0.0, "conversions": 7.99, "views_sd": (0.0, 0.1)},
        {"order_value": 10**14, "rate": 10**6, "margin": -(10**9), "agency": 10**6, "fee": 10**14, "cap": 10**15},
        {"pieces": [0, 40, 1], "seen": [1.0, 300.0, 9_000.0], "views_sd": (0.5, 0.0)},
    ],
)
def test_extremes_are_equal_too(said: dict[str, object]) -> None:
    outlook = alike(3, **said)
    ours, twin = drawn(outlook, draws=200), redrawn(plain(outlook), errors(Common()), draws=200, seed=1)
    for name in QUANTITIES:
        assert ours.totals[name].tolist() == twin.totals[name], name
        assert ours.bookings[name].tolist() == [list(each[name]) for each in twin.bookings], name


def test_both_know_the_same_quantities() -> None:
    assert set(NAMES) == set(QUANTITIES)


def test_percentiles_are_draws_at_stated_places() -> None:
    assert percentiles([5, 1, 4, 2, 3]) == (1, 3, 5)
    assert percentiles([7]) == (7, 7, 7)


def test_counts_keep_their_mean() -> None:
    for mean in (0.3, 7.9, 8.1, 500.0):
        counts = [count(mean, (step << 16) + step * 40_503 % 65_536) for step in range(65_536)]
        assert sum(counts) / 65_536 == pytest.approx(mean, rel=0.002)
