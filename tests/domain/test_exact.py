"""Exact numbers: integer products are rounded by rule, decimals are read as written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimizer.domain.exact import LIMIT, MICRO, Currency, millionths, parse_number, plain, times_even, times_up

AMOUNTS = st.integers(min_value=0, max_value=LIMIT)
FACTORS = st.integers(min_value=0, max_value=10**9)


def one(amount: int) -> np.ndarray:
    return np.array([amount], dtype=np.int64)


@given(AMOUNTS, FACTORS)
def test_what_we_pay_is_the_product_rounded_up(amount: int, factor: int) -> None:
    assume(amount * factor <= LIMIT * MICRO)
    assert times_up(one(amount), factor).tolist() == [ceil(Fraction(amount * factor, MICRO))]


@given(AMOUNTS, FACTORS)
def test_what_we_earn_is_the_product_rounded_half_to_even(amount: int, factor: int) -> None:
    assume(amount * factor <= LIMIT * MICRO)
    assert times_even(one(amount), factor).tolist() == [round(Fraction(amount * factor, MICRO))]


@given(
    st.lists(st.integers(min_value=-LIMIT, max_value=LIMIT), max_size=3), st.integers(min_value=0, max_value=2 * MICRO)
)
def test_products_are_exact_on_either_side_of_what_64_bits_hold(amounts: list[int], factor: int) -> None:
    assume(max(map(abs, amounts), default=0) * factor <= LIMIT * MICRO)
    found = np.array(amounts, dtype=np.int64)
    assert times_up(found, factor).tolist() == [ceil(Fraction(amount * factor, MICRO)) for amount in amounts]
    assert times_even(found, factor).tolist() == [round(Fraction(amount * factor, MICRO)) for amount in amounts]


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_halves_go_to_the_even_neighbour_below_zero_too(amount: int) -> None:
    assert times_even(one(amount), MICRO // 2).tolist() == [round(Fraction(amount, 2))]


@given(st.integers(min_value=1, max_value=LIMIT), st.integers(min_value=1, max_value=10**6))
def test_a_product_that_floats_cannot_hold_is_refused(amount: int, beyond: int) -> None:
    factor = ceil(Fraction(LIMIT * MICRO, amount) * (1 + Fraction(1, 10**9))) + beyond
    with pytest.raises(OverflowError):
        times_even(one(amount), factor)


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_millionths_give_back_every_decimal_of_six_places(number: int) -> None:
    assert millionths(np.array([float(f"{number}e-6")])).tolist() == [number]


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_a_decimal_is_read_and_written_without_loss(number: Decimal) -> None:
    read = parse_number(plain(number))
    assert read is not None
    assert read.value == number


@given(st.decimals(min_value=0, max_value=10**6, places=4))
def test_a_percentage_is_a_hundredth_of_its_number(number: Decimal) -> None:
    read = parse_number(f"{plain(number)}%")
    assert read is not None
    assert (read.fraction, read.percent) == (Fraction(number) / 100, True)


@pytest.mark.parametrize(
    ("text", "value"),
    [("25_000", 25_000), ("1e6", 10**6), ("-3", -3), ("0.8%", Fraction(8, 1000)), (".5", Fraction(1, 2)), ("+7", 7)],
)
def test_numbers_are_read_as_planners_write_them(text: str, value: Fraction) -> None:
    read = parse_number(text)
    assert read is not None
    assert read.fraction == value


@pytest.mark.parametrize("text", ["", "%", "1__0", "1_", "1,5", "nan", "inf", "0x10", "1e", "12:30", "1" * 19, "e5"])
def test_what_is_no_number_is_not_read_as_one(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("code", "amount", "minor"),
    [("EUR", "12.34", 1234), ("EUR", "12.345", None), ("JPY", "12", 12), ("JPY", "0.5", None), ("KWD", "1.234", 1234)],
)
def test_money_is_counted_in_the_currencys_smallest_unit(code: str, amount: str, minor: int | None) -> None:
    assert Currency(code).minor(Decimal(amount)) == minor
