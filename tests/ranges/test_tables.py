"""The tables hold the exact values, rounded to their grids; nobody's last digit decides an entry."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest

from optimizer.ranges.tables import EQUAL, STEPS, kept, normals, power, powers, small_counts, thresholds
from optimizer.verification import drawn

EXACT = Context(prec=50)
PI = Decimal("3.14159265358979323846264338327950288419716939937510")


def below(z: Decimal) -> Decimal:
    """The share of the normal distribution below z: 1/2 + density(z) (z + z^3/3 + z^5/(3 5) + ...)."""
    term = total = z
    odd = 1
    while abs(term) > Decimal("1e-45"):
        odd += 2
        term = EXACT.divide(EXACT.multiply(term, z * z), Decimal(odd))
        total = EXACT.add(total, term)
    density = EXACT.divide(EXACT.exp(-z * z / 2), EXACT.sqrt(2 * PI))
    return Decimal("0.5") + EXACT.multiply(density, total)


def test_normals_are_the_exact_quantiles_to_the_nearest_step() -> None:
    half = Decimal(1) / 2**21
    exact = np.array([NormalDist().inv_cdf((2 * at + 1) / (2 * EQUAL)) for at in range(EQUAL // 2, EQUAL)]) * 2**20
    nearest_ties = np.argsort(np.abs(exact % 1 - 0.5))[:40] + EQUAL // 2
    for at in [*range(EQUAL // 2, EQUAL, 997), *range(EQUAL - 20, EQUAL), *nearest_ties.tolist()]:
        entry, share = Decimal(float(normals()[at])), Decimal(2 * at + 1) / (2 * EQUAL)
        assert below(entry - half) < share < below(entry + half)
        assert normals()[EQUAL - 1 - at] == -normals()[at]


def test_no_quantile_is_so_near_a_tie_that_a_last_digit_decides() -> None:
    exact = np.array([NormalDist().inv_cdf((2 * at + 1) / (2 * EQUAL)) for at in range(EQUAL // 2, EQUAL)]) * 2**20
    assert np.abs(exact % 1 - 0.5).min() * 2.0**-20 > 1e-11


def test_both_ways_to_the_normals_agree() -> None:
    assert normals().tolist() == drawn._normals()


def test_powers_are_the_nearest_floats() -> None:
    large, small = powers()
    assert (large.size, small.size) == (96 * 64, 1024)
    for at in [*range(0, large.size, 61), large.size - 1]:
        assert large[at] == float(EXACT.exp(Decimal(at - 4096) / 64))
    for at in range(0, small.size, 11):
        assert small[at] == float(EXACT.exp(Decimal(at) / 65_536))


def test_a_power_is_of_the_nearest_whole_unit() -> None:
    exponents = np.array([-63.9, -1, -1e-5, 0, 1e-9, 0.5, 1, 20]) * 65_536
    assert power(exponents) == pytest.approx(np.exp(np.rint(exponents) / 65_536), rel=1e-15)
    assert power(np.array([0.5, 1.5, -0.5])).tolist() == power(np.array([0.0, 2.0, 0.0])).tolist()


def test_thresholds_are_poisson_probabilities() -> None:
    for row in (0, 1, 2, 64, 200, 511, 512):
        mean = Fraction(row, STEPS)
        none = Fraction(EXACT.exp(-Decimal(row) / STEPS))
        term, total = Fraction(1), Fraction(0)
        for k, threshold in enumerate(thresholds()[row].tolist()):
            total += term
            assert abs(none * total * EQUAL - threshold) <= Fraction(1, 2)
            term *= mean / (k + 1)
        assert threshold == EQUAL


def test_both_ways_to_the_thresholds_agree() -> None:
    for row in range(thresholds().shape[0]):
        assert thresholds()[row].tolist() == drawn._shares(row)[:32]


def test_the_guide_leads_to_the_count_of_every_uniform() -> None:
    uniforms = np.arange(EQUAL)
    for row in (0, 1, 17, 64, 300, 512):
        found = small_counts(np.full(EQUAL, row), uniforms)
        assert (found == np.searchsorted(thresholds()[row], uniforms, side="right")).all()


@pytest.mark.parametrize("sd", [0, 0.1, 0.3, 0.45, 0.5, 0.8, 1, 1.3, 1.7, 2, 2.4, 2.7, 3])
def test_a_factor_keeps_its_mean_though_the_table_ends(sd: float) -> None:
    assert np.exp(sd * normals() - sd * sd / 2).mean() * kept(sd) == pytest.approx(1, abs=0.004)
    assert kept(sd) == drawn._kept(sd)


def test_small_errors_need_nothing_to_keep_their_mean() -> None:
    assert kept(0.4) == 1
