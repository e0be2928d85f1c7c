"""Latent cells: groups of people that nobody named, learned from how many people pairs of creators share.

The matrix O of shared people is factored as O = W W^T with W >= 0: two creators share `sum_s W_is W_js` people. The
diagonal, which holds audiences and not overlaps, is left out, and so is every pair that is unknown. Cell s has q_s**2
people, of whom W_is q_s belong to the audience of creator i; inside a cell audiences overlap by chance, so that two
creators share `W_is q_s * W_js q_s / q_s**2` of its people, as the matrix says. What remains of an audience overlaps
with nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import lsq_linear
from scipy.sparse import coo_array, csr_array

from optimizer.audience.pairs import Pairs, held_back
from optimizer.domain.exact import Floats, Ints

FEWEST_CELLS: Final = 5
PAIRS_EACH: Final = 20  # known pairs per creator and cell, below which fewer cells are learned
LADDER: Final = (5, 10, 15, 20, 30, 45, 60)
HELD_SHARE: Final = 0.1
_MOST_HELD: Final = 100_000
_ROUNDS, _TRIAL_ROUNDS = 150, 60
_PULL: Final = 0.04  # of how strongly W and H are drawn together in the end, against what they are fitted with
_FURTHEST: Final = 1.8
_AT_ONCE: Final = 65_536
_WORTH: Final = 0.03  # how much smaller the error must be for more cells
_NOBODY: Final = 1e-3  # people of a creator in a cell that are left to the rest


@dataclass(frozen=True, eq=False)
class LatentCells:
    """Learned cells: `people` of each, shape (n_cells,), and how many of each creator's audience are in each cell,
    `inside`, shape (n_creators, n_cells): at most the cell's people, and in sum at most the creator's audience.
    """

    people: Floats
    inside: Floats

    def unions(self, sets: Sequence[Ints], audiences: Floats) -> Floats:
        """How many people each set of creators reaches."""
        shares = self.inside / self.people if len(self.people) else self.inside
        rest = audiences - self.inside.sum(axis=1)
        found = [self.people @ (1 - np.prod(1 - shares[one], axis=0)) + rest[one].sum() for one in sets]
        return np.array(found, dtype=np.float64)

    def shared(self, first: Ints, second: Ints) -> Floats:
        """How many people two creators share, pair by pair."""
        w = self.inside / np.sqrt(self.people)
        return _products(w, w, first, second)


@dataclass(frozen=True, eq=False)
class Trial:
    """How well a number of cells tells pairs that were held back: the root of the mean square of the errors, in which
    pairs of large audiences weigh less; and the cells, learned without those pairs.
    """

    count: int
    error: float
    cells: LatentCells


def most_cells(pairs: Pairs) -> int:
    """How many cells the known pairs can tell apart: each creator needs 20 known pairs for each."""
    return int(2 * pairs.known / (PAIRS_EACH * max(1, pairs.size)))


def tried(pairs: Pairs, audiences: Floats, counts: Sequence[int], seed: int) -> tuple[list[Trial], Pairs]:
    """Numbers of cells in ascending order, until more cells tell held-back pairs no better; and those pairs."""
    held = held_back(pairs, HELD_SHARE, seed, _MOST_HELD)
    found: list[Trial] = []
    scale = (audiences[held.first] * audiences[held.second]) ** -0.25
    for count in counts:
        cells = learned(pairs, audiences, count, seed=seed, without=held, rounds=_TRIAL_ROUNDS)
        errors = (cells.shared(held.first, held.second) - held.shared) * scale
        found.append(Trial(count, float(np.sqrt(np.mean(errors**2))), cells))
        if len(found) > 1 and found[-1].error > found[-2].error * (1 - _WORTH):
            break
    return found, held


def learned(
    pairs: Pairs,
    audiences: Floats,
    count: int,
    *,
    seed: int = 0,
    without: Pairs | None = None,
    rounds: int = _ROUNDS,
) -> LatentCells:
    """Learn cells from pairs.

    After W, the roots q minimise `sum_i (sum_s W_is q_s - a_i)**2 / a_i` with `q_s >= max_i W_is`, so that each
    creator's cells add up to the audience a_i as nearly as may be, and large audiences do not decide alone. Then each
    creator's cells are scaled down to at most the audience.

    Parameters
    ----------
    pairs
        What is known of pairs.
    audiences
        How many people each creator reaches, shape (n_creators,), above 0.
    count
        The number of cells.
    seed
        Of the numbers that the search begins from.
    without
        Pairs that are not to be learned from, as they are held back.
    rounds
        How many steps the search makes.
    """
    w = _factored(_Known.of(pairs, without), count, seed, rounds)
    w = w[:, w.max(axis=0, initial=0.0) > 0]
    if not w.size:
        return LatentCells(np.zeros(0), np.zeros((pairs.size, 0)))
    root = 1 / np.sqrt(audiences)
    least = w.max(axis=0)
    # in units of the least that each may be, so that cells of all sizes count alike
    found = lsq_linear(w * least * root[:, None], audiences * root, bounds=(1.0, np.inf))
    q = least * np.maximum(found.x, 1.0)
    inside = w * q
    inside *= np.minimum(1.0, audiences / np.maximum(inside.sum(axis=1), 1e-300))[:, None]
    inside[inside < _NOBODY] = 0.0
    order = np.lexsort((np.arange(len(q)), -q))
    return LatentCells((q * q)[order], inside[:, order])


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known of the matrix of shared people: `shared` holds the listed pairs, both ways.

    Where a pair that is not listed shares nobody, `first` and `second` are the few pairs that are unknown all the same;
    else they are the known pairs, with their `values`.
    """

    shared: csr_array
    zeros_known: bool
    first: Ints
    second: Ints
    values: Floats
    pattern: csr_array  # of `first` and `second`, both ways
    place: Ints  # which of these pairs each entry of the pattern is: first those of (first, second), then the others
    further: Floats  # how much further each creator's step goes than if what is unknown were as the round before says

    @classmethod
    def of(cls, pairs: Pairs, without: Pairs | None) -> _Known:
        """What is known without some pairs; where most pairs are listed, those that are not are what is held."""
        codes, zeros_known = pairs.codes, pairs.others_share_nobody
        held = np.zeros(0, dtype=np.int64) if without is None else without.codes
        kept = pairs if without is None else pairs.take(~np.isin(codes, held))
        if not zeros_known and 2 * len(pairs) > pairs.every:
            unknown = np.triu(np.ones((pairs.size, pairs.size), dtype=np.bool_), 1).ravel()
            unknown[kept.codes] = False
            held, zeros_known = np.flatnonzero(unknown), True
        first, second = (held // pairs.size, held % pairs.size) if zeros_known else (kept.first, kept.second)
        some = kept.take(kept.shared > 0)
        shared = _symmetric(pairs.size, some.first, some.second, some.shared)
        both = np.append(first, second), np.append(second, first)
        numbers = np.arange(2 * len(first), dtype=np.float64) + 1
        pattern = csr_array(coo_array((numbers, both), shape=(pairs.size, pairs.size)))
        known = np.bincount(np.append(kept.first, kept.second), minlength=pairs.size) / max(1, pairs.size - 1)
        further = np.clip(1 / np.maximum(known, 1e-9), 1.0, _FURTHEST)  # below 2, where it still comes to rest
        return cls(shared, zeros_known, first, second, kept.shared, pattern, pattern.data.astype(np.int64) - 1, further)

    def times(self, w: Floats, h: Floats, gram: Floats) -> Floats:
        """The matrix times H, with what W H^T says where the matrix is unknown, as on its diagonal."""
        said = np.append(_products(w, h, self.first, self.second), _products(w, h, self.second, self.first))
        if self.zeros_known:
            own = (w * h).sum(axis=1)
            met: Floats = self.shared @ h + own[:, None] * h + self._filled(said) @ h
            return met
        stepped: Floats = w @ gram + self.further[:, None] * (
            self._filled(np.append(self.values, self.values) - said) @ h
        )
        return stepped

    def _filled(self, values: Floats) -> csr_array:
        """The matrix that has these values at the pairs of `first` and `second`, both ways."""
        return csr_array((values[self.place], self.pattern.indices, self.pattern.indptr), shape=self.pattern.shape)


def _factored(known: _Known, count: int, seed: int, rounds: int) -> Floats:
    """W of shape (n_creators, count), by hierarchical alternating least squares on W and H, which are drawn together.

    Each round minimises the squared errors of W H^T over W, a cell at a time, with what is unknown filled by the round
    before; then W and H change places. No matrix of all pairs is made.

    Notes
    -----
    Cichocki and Phan, "Fast local algorithms for large scale nonnegative matrix and tensor factorizations", 2009; the
    term that draws W and H together as in Kuang, Ding and Park, "Symmetric nonnegative matrix factorization", 2012.
    """
    rng = np.random.default_rng(seed)
    each = np.asarray(known.shared.sum(axis=1)).ravel()
    w = rng.uniform(0.5, 1.5, (len(each), count)) * np.sqrt(each)[:, None]
    w *= np.sqrt(each.sum() / max(float((w.sum(axis=0) ** 2).sum()), 1e-300))
    h = w.copy()
    for at in range(rounds):
        gram = h.T @ h
        target = known.times(w, h, gram)
        pull = _PULL * float(np.trace(gram)) / count * at / rounds
        for s in range(count):
            step = target[:, s] - w @ gram[:, s] + pull * (h[:, s] - w[:, s])
            w[:, s] = np.maximum(0.0, w[:, s] + step / (gram[s, s] + pull + 1e-12))
        w, h = h, w
    mean: Floats = (w + h) / 2
    return mean


def _products(w: Floats, h: Floats, first: Ints, second: Ints) -> Floats:
    """`w_i . h_j` of listed pairs, some at a time, as the rows of millions of pairs would not fit into memory."""
    found = np.zeros(len(first))
    for at in range(0, len(first), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        found[part] = np.einsum("ij,ij->i", w[first[part]], h[second[part]])
    return found


def _symmetric(size: int, first: Ints, second: Ints, values: Floats) -> csr_array:
    row, column = np.append(first, second), np.append(second, first)
    return csr_array(coo_array((np.append(values, values), (row, column)), shape=(size, size)))
