"""What cannot be drawn from is refused, by the name of the field."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer.ranges.outlook import QUANTITIES, Common, ceiling, unit
from tests.support.outlooks import alike


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"keys": ["one", "one"]}, "keys"),
        ({"post_rate": 0.0}, "post_rate"),
        ({"post_rate": 1.1}, "post_rate"),
        ({"views_sd": (0.1, -0.1)}, "views_sd"),
        ({"engagements_sd": (4.5, 0)}, "engagements_sd"),
        ({"conversions": -1.0}, "conversions"),
        ({"impressions": np.nan}, "impressions"),
        ({"cap": -2}, "cap"),
        ({"rate": 1_000_001}, "rate"),
        ({"pieces": [-1]}, "pieces"),
        ({"fixed": {"spend": 1.0}}, "spend"),
        ({"fixed": {"hours": np.inf}}, "hours"),
    ],
)
def test_a_wrong_figure_is_refused_by_name(said: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        alike(2, **said)


def test_a_wrong_shape_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"seen: shape \(2, 1\) where \(2, 2\)"):
        alike(2, pieces=[1, 1])


def test_shared_errors_are_bounded() -> None:
    with pytest.raises(ValueError, match="campaign"):
        Common(campaign=-0.1)


def test_sums_of_the_largest_draws_are_exact() -> None:
    for size in (1, 3, 500, 10**6):
        assert ceiling(size) * size <= 2**53
    assert ceiling(0) == ceiling(1)


def test_money_is_in_minor_units_and_all_else_in_thousandths() -> None:
    assert {name for name in QUANTITIES if unit(name) == 1} == {
        *("revenue", "commission", "cash", "spend", "agency", "cost", "profit")
    }
    assert unit("hours") == 1000
