"""Rates of counts, as clicks or sales: shrunk towards what is usual by how many they rest on."""

from __future__ import annotations

import numpy as np

from optimizer.domain.exact import Floats
from optimizer.domain.forecast import CountFit
from optimizer.expectations.formula import LOW

_WEIGHTS = np.round(np.exp(np.linspace(np.log(1.0), np.log(100_000.0), 81)), 6)


def fitted(rates: Floats, counts: Floats) -> CountFit | None:
    """The usual rate, and how many counts it is worth, by the likelihood of beta-binomial counts; None of no counts."""
    from scipy.special import betaln  # a third of a second, for the few pools that count

    hits = np.rint(rates * counts)
    total = counts.sum()
    if total <= 0 or hits.sum() <= 0:
        return None
    mean = round(float(hits.sum() / total), 9)
    pairs, times = np.unique(np.column_stack([hits, counts]), axis=0, return_counts=True)
    made, of = pairs[:, 0], pairs[:, 1]

    def likely(weight: float) -> float:
        one, other = weight * mean, weight * (1 - mean)
        return float((times * (betaln(made + one, of - made + other) - betaln(one, other))).sum())

    best = max(_WEIGHTS.tolist(), key=lambda weight: (round(likely(weight), 6), weight))
    return CountFit(min(mean, 0.999999), best, len(rates))


def expected(fit: CountFit, rates: Floats, counts: Floats, *, cautious: bool) -> tuple[Floats, Floats]:
    """(weight x mean + rate x count) / (weight + count), and its variance on the log scale.

    By + - x / and square roots alone, in this order, so that every machine has the same float. `cautious`: its lowest
    tenth.
    """
    hits = fit.weight * fit.mean + rates * counts
    values = hits / (fit.weight + counts)
    variance = (1.0 - values) / hits
    if cautious:
        values = values * np.maximum(1.0 - LOW * np.sqrt(variance), 0.0)
    return values, variance
