"""The formula of expected figures: floats and decimals agree to the last of six digits, on odd inputs too."""

from __future__ import annotations

from decimal import Context, Decimal

import numpy as np
import pytest

from optimizer.domain.forecast import Fit
from optimizer.expectations import formula
from optimizer.expectations.formula import Evidence, expected, in_decimals, posterior, rounded
from tests.support.amounts import seeded, times

FIT = Fit(-3.4, -0.2, 0.03, {}, 0.45, 0.3364, 0.01, 0.98, 12.0, 100)


def evidence(size: int, seed: str) -> Evidence:
    rng = np.random.default_rng(abs(hash_of(seed)))
    followers = np.rint(np.exp(rng.uniform(0, np.log(1e9), size)))
    mean = np.exp(rng.uniform(np.log(1e-6), np.log(1e9), size))
    mean[rng.random(size) < 0.1] = 0.0
    mean[rng.random(size) < 0.1] = np.nan
    logs = np.where(rng.random(size) < 0.2, np.round(rng.normal(-3, 3, size), 6), np.nan)
    posts = rng.choice([1, 2, 3, 12, 500, 1.5], size)
    return Evidence(followers, mean, posts, np.round(rng.normal(0, 0.3, size), 6), logs)


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode()[:8], "little")


def fits() -> list[Fit]:
    rng = np.random.default_rng(5)
    more = [
        Fit(
            *(round(float(value), 6) for value in (rng.normal(-3, 3), rng.normal(0, 1), rng.normal(0, 0.1))),
            {},
            *(round(float(value), 6) for value in (rng.uniform(0.02, 4), rng.uniform(0.01, 3), 0.02, 1.3)),
            10.0,
            50,
            sponsored=round(float(rng.normal(0, 0.3)), 6),
        )
        for _ in range(4)
    ]
    return [FIT, *more]


@pytest.mark.parametrize("cautious", [False, True])
@pytest.mark.parametrize("over", [False, True])
def test_floats_give_the_digits_that_decimals_give(over: bool, cautious: bool) -> None:
    for number, fit in enumerate(fits()):
        one = evidence(times(200), f"{seeded('digits')}{number}")
        values, _ = expected(fit, one, over=over, cautious=cautious)
        again = [in_decimals(fit, one, at, over=over, cautious=cautious) for at in range(len(values))]
        assert values.tolist() == [min(value, 1.0) if over else value for value in again]


def test_a_float_near_a_tie_is_left_to_the_decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(formula, "in_decimals", lambda *args, **_: asked.append(args[2]) or 7.0)
    monkeypatch.setattr(formula, "expected_floats", lambda *_, **__: np.array([123456.4, 123456.50000001, 0.0]))
    values, _ = expected(FIT, evidence(3, "tie"), over=False, cautious=False)
    assert values.tolist() == [123456.0, 7.0, 0.0]
    assert asked == [1]


def test_six_digits_are_those_of_decimal_arithmetic() -> None:
    rng = np.random.default_rng(1)
    values = np.exp(rng.uniform(-40, 40, 3_000))
    found, near = rounded(values)
    for value, mine, unsure in zip(values.tolist(), found.tolist(), near.tolist(), strict=True):
        if not unsure:
            assert mine == float(Context(prec=6).plus(Decimal(value)))


def test_more_posts_are_believed_more_and_a_figure_far_off_less() -> None:
    followers, mean = np.full(4, 10_000.0), np.array([1_000.0, 1_000.0, 1_000.0, 100_000.0])
    one = Evidence(followers, mean, np.array([1.0, 3.0, 12.0, 12.0]), np.zeros(4), np.full(4, np.nan))
    values, _ = expected(FIT, one, over=False, cautious=False)
    assert 300 < values[0] < values[1] < values[2] < 1_000
    weights = posterior(FIT, one).weight
    assert weights[0] < weights[1] < weights[2]
    assert weights[3] < weights[2]


def test_the_lowest_tenth_is_below_what_is_expected() -> None:
    one = evidence(500, "low")
    low, middle = (expected(FIT, one, over=False, cautious=cautious)[0] for cautious in (True, False))
    assert (low < middle).all()
