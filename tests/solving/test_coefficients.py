"""Coefficients of many terms: the same laid out in full as sparse, and so are the bounds that are made of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.terms import Term
from optimizer.solving import coefficients
from optimizer.solving.coefficients import stacked
from optimizer.solving.reduced_problem import ReducedProblem, settle
from optimizer.solving.scaling import scaled
from tests.support.audiences import drawn


def test_entries_of_a_term_are_its_values_but_for_zeros() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        values, members = rng.integers(-3, 4, 30), np.flatnonzero(rng.random(30) < rng.random())
        columns = np.flatnonzero(rng.random(30) < rng.random())
        for term in (
            Term(2, None, values, None),  # type: ignore[arg-type]
            Term(2, None, values, members),  # type: ignore[arg-type]
            Term(2, None, values[members], members, own=True),  # type: ignore[arg-type]
        ):
            places, found = term.entries(columns)
            dense = np.zeros(len(columns), dtype=np.int64)
            dense[places] = found
            assert (dense == term.of(columns)).all()


def reduced_problem(number: int, small: int, patch: pytest.MonkeyPatch) -> ReducedProblem:
    patch.setattr(coefficients, "_SMALL", small)
    patch.setattr(coefficients, "_SHARE", 0)
    layout = scaled(build(estimate(drawn(f"sparse {number}"))))
    rows = layout.program.tangents(np.full(len(layout.program), 0.5), 0.0)
    return settle(layout.with_rows(rows), (), Fraction(0), None)


def test_a_sparse_matrix_gives_the_same_reduced_costs_and_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, met = np.random.default_rng(3), 0
    for number in range(30):
        full, few = (reduced_problem(number, small, monkeypatch) for small in (10**9, 0))
        assert isinstance(full.matrix, np.ndarray)
        assert sparse.issparse(few.matrix)
        assert (few.matrix.todense() == full.matrix).all()
        prices = rng.normal(size=len(full.program.rows)) * (rng.random(len(full.program.rows)) < 0.5)
        places = np.flatnonzero(rng.random(len(full.free)) < 0.6)
        for one, other in zip(full.reduced(prices, places), few.reduced(prices, places), strict=True):
            assert one == pytest.approx(other, rel=1e-9, abs=1e-6)
        exact = full.bound(prices.tolist(), full.box())
        assert min(full.at_most(prices.tolist(), full.box()), few.at_most(prices.tolist(), few.box())) >= float(exact)
        met += len(places)
    assert met > 100


def test_rows_are_added_below_either() -> None:
    full = np.arange(6.0).reshape(2, 3)
    rows = [np.ones(3), np.zeros(3)]
    for matrix in (full, sparse.csr_array(full)):
        found = stacked(matrix, rows)
        assert (np.asarray(found.todense() if sparse.issparse(found) else found) == np.vstack([full, *rows])).all()
        assert stacked(matrix, []).shape == (2, 3)
