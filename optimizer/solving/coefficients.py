"""The coefficients of many terms in some columns: laid out in full where they are few or dense, else sparse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.terms import Term

Matrix: TypeAlias = Floats | sparse.csr_array
_SMALL: Final = 4_000_000  # coefficients, of 8 bytes each
_SHARE: Final = 8  # of all coefficients one in so many is not 0, above which a sparse matrix saves little


def coefficients(terms: Sequence[Term], columns: Ints) -> Matrix:
    """The coefficients of terms in some columns (ascending)."""
    found = [term.entries(columns) for term in terms]
    if len(terms) * len(columns) <= _SMALL or sum(len(places) for places, _ in found) * _SHARE > len(terms) * len(
        columns
    ):
        matrix = np.zeros((len(terms), len(columns)))
        for row, term, (places, values) in zip(matrix, terms, found, strict=True):
            row[places] = values.astype(np.float64) * term.multiplier
        return matrix
    data = [values.astype(np.float64) * term.multiplier for term, (_, values) in zip(terms, found, strict=True)]
    starts = np.cumsum([0, *(len(places) for places, _ in found)])
    where = np.concatenate([places for places, _ in found])
    return sparse.csr_array((np.concatenate(data), where, starts), shape=(len(terms), len(columns)))


def stacked(matrix: Matrix, rows: Sequence[Floats]) -> Matrix:
    """A matrix with more rows below."""
    if not rows:
        return matrix
    if sparse.issparse(matrix):
        return sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(np.array(rows))], format="csr"))
    return np.vstack([matrix, *rows])
