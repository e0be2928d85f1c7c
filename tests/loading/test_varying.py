"""Ranges and lists of values that inputs are varied over."""

from __future__ import annotations

import pytest

from optimizer.errors import ScenarioError
from optimizer.loading.varying import MOST, asked_values, grid, shown_value, values_of


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("10_000:20_000:5_000", ("10000", "15000", "20000")),
        ("0%:60%:20%", ("0%", "20%", "40%", "60%")),
        ("0:0.3:10%", ("0%", "10%", "20%", "30%")),
        ("0.1:0.35:0.1", ("0.1", "0.2", "0.3")),
        ("3:1:-1", ("3", "2", "1")),
        ("5:5:1", ("5",)),
        ("1e3:2e3:1e3", ("1000", "2000")),
        ("-1:1:1", ("-1", "0", "1")),
        ("10,20,10", ("10", "20")),
        ("clicks, posts", ("clicks", "posts")),
        ("{maximize: clicks},[{pack: a, level: low}]", ("{maximize: clicks}", "[{pack: a, level: low}]")),
        ('"a, b",c', ('"a, b"', "c")),
    ],
)
def test_a_range_and_a_list_are_values_as_they_are_set(said: str, values: tuple[str, ...]) -> None:
    assert values_of("x", said) == values


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("budget=1:2", "vary-range"),
        ("budget=1:2:3:4", "vary-range"),
        ("budget=", "vary-range"),
        ("budget=1:2:0", "vary-step"),
        ("budget=2:1:1", "vary-step"),
        (f"budget=0:{MOST}:1", "vary-many"),
        ("budget", "set-form"),
    ],
)
def test_what_is_no_range_is_refused_with_a_cure(text: str, code: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        asked_values([text])
    (problem,) = raised.value.problems
    assert problem.code == code
    assert problem.mend or code == "set-form"


def test_an_input_that_is_varied_twice_is_refused() -> None:
    with pytest.raises(ScenarioError, match="varied twice"):
        asked_values(["budget=1,2", "budget=3:4:1"])


def test_two_inputs_make_a_grid_whose_last_one_varies_first() -> None:
    points = grid({"a": ("1", "2"), "b": ("x", "y")})
    assert points == [{"a": "1", "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "x"}, {"a": "2", "b": "y"}]


def test_a_third_input_and_too_many_points_are_refused() -> None:
    with pytest.raises(ScenarioError, match="two at most"):
        grid({"a": ("1",), "b": ("1",), "c": ("1",)})
    many = tuple(map(str, range(101)))
    with pytest.raises(ScenarioError, match="10,201 points"):
        grid({"a": many, "b": many})


def test_values_are_shown_as_numbers_and_percent_as_fractions() -> None:
    shown = [shown_value(text) for text in ("10_000", "12.5", "30%", '"a b"', "clicks")]
    assert shown == [10_000, 12.5, 0.3, "a b", "clicks"]
    assert isinstance(shown[0], int)
