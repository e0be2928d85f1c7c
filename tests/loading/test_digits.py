"""Cells with more digits than a number holds are refused; digits that change nothing are welcome."""

from __future__ import annotations

import pytest

from tests.loading.desk import Desk
from tests.loading.test_pool import column, faults, values


@pytest.mark.parametrize(
    "cell", ["5000000000.0000007", "123456789012.123456", "-5000000000.0000007", "1e-400", "4E-999"]
)
@pytest.mark.parametrize("name", ["score", "average_views"])
def test_a_cell_with_more_digits_than_can_be_held_is_refused(desk: Desk, name: str, cell: str) -> None:
    if cell.startswith("-") and name != "score":
        return
    assert faults(desk, name, ["1", cell, "2"], ranges="score") == [("too-many-digits", 3, 2)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0.03333333333333333333", 1 / 30),  # as databases write a thirtieth
        ("0.030000000000000002", 0.030000000000000002),
        ("5000000000.5", 5_000_000_000.5),
        ("123456789012", 123_456_789_012.0),
        ("123456789012.000000000000", 123_456_789_012.0),
        ("4e-7", 4e-7),
        ("0e9", 0.0),
        ("0.000000000000000000000", 0.0),
    ],
)
def test_digits_that_change_nothing_are_welcome(desk: Desk, cell: str, value: float) -> None:
    assert values(column(desk, "score", ["1", cell], ranges="score")) == [1.0, value]


def test_a_percent_sign_does_not_count(desk: Desk) -> None:
    assert values(column(desk, "view_rate", ["0.03333333333333333333%"])) == [0.0003333333333333333333]


def test_a_column_of_nothing_but_exponents_holds_numbers(desk: Desk) -> None:
    assert values(column(desk, "score", ["4e-6", "3E+2"], ranges="score")) == [4e-6, 300.0]


def test_a_number_far_below_zero_is_beyond_belief_too(desk: Desk) -> None:
    assert faults(desk, "score", ["1", "-2e12"], ranges="score") == [("number-too-large", 3, 2)]
