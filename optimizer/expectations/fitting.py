"""The fit: what is usual in a pool, by likelihood on a fixed grid; the same whatever the order of the rows.

Creators are taken in the order of their ids, residuals are counted in bins, and every number of the fit is rounded to
six decimals, which the formula then takes as exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.forecast import Fit
from optimizer.expectations.evidence import Measured
from optimizer.expectations.formula import BASE, EXTRA, Evidence, error, expected_floats, posterior
from optimizer.expectations.formula import usual as middle
from optimizer.expectations.usual import Usual

LARGEST = 50_000  # creators that a fit looks at
_GRID = np.round(np.exp(np.linspace(np.log(0.02), np.log(4.0), 61)), 6)  # variances between creators
_OUTLIERS = (0.01, 0.02)
_WIDTH = 0.05  # of a bin of residuals
_MOST = 12.0  # residuals beyond are counted as this
_ROUNDS = 6
_AT_ONCE = 200_000  # cells of the grid
_KINDS = 50  # distinct variances of figures, beyond which those of single posts are taken in steps
_LEAST_OF_NICHE, _NICHES = 10, 100
_LEVEL_SD, _SLOPE_SD, _CURVE_SD, _NICHE_SD, _BETWEEN_SD = 1.0, 0.15, 0.03, 0.2, 0.7  # how far our table may be off
_CAP = 2.5  # standard deviations above what is usual, beyond which a figure adds nothing to the pool's sum
_EDGE, _EDGE_SHARE, _EDGE_LEAST, _EDGE_SD = 0.1, 0.04, 100, 0.35


def fitted(
    seen: Measured, usual: Usual, platform: int, posts: float, *, pooled: bool, by_followers: bool = True
) -> tuple[Fit, bool]:
    """The fit of one platform, and whether its creators were cut by rate, so that our table alone is used.

    `pooled`: few creators have the figure, so that only the pool's level is believed. Not `by_followers`: nobody's are
    known, so that our table says nothing of the level.
    """
    rows = np.flatnonzero(seen.usable & (seen.platform == platform))
    prior = Fit(
        usual.level, usual.slope, usual.curve, {}, usual.between, usual.post, _OUTLIERS[0], 1.0, posts, 0, "pack"
    )
    if not len(rows):
        return (prior if by_followers else replace(prior, by_followers=False)), False
    bare = seen.on(rows, posts, {})
    if not by_followers:
        level = round(float(np.median(error(prior.post, bare)[0])), 6)
        prior = replace(prior, level=level, slope=0.0, curve=0.0, by_followers=False)
    elif is_cut(bare):
        return prior, True
    effects = [] if pooled else list(_niches(seen, rows))
    return _fit(prior, seen, rows, bare, effects), False


def is_cut(one: Evidence) -> bool:
    """Whether figures over followers begin at an edge, as where a list was exported from some rate on."""
    rates = np.log((one.measured + 1e-9) / one.followers)
    rates = rates[one.measured > 0]
    if len(rates) < _EDGE_LEAST or float(rates.std()) < _EDGE_SD:
        return False
    return float((rates < rates.min() + _EDGE).mean()) >= _EDGE_SHARE


def _niches(seen: Measured, rows: Ints) -> Iterator[tuple[str, Flags]]:
    """Niches with creators enough, the largest first."""
    codes = seen.niche[rows]
    counts = np.bincount(codes[codes >= 0], minlength=len(seen.niches))
    for code in np.argsort(-counts, kind="stable")[:_NICHES].tolist():
        if counts[code] >= _LEAST_OF_NICHE:
            yield seen.niches[code], codes == code


def _fit(prior: Fit, seen: Measured, rows: Ints, bare: Evidence, effects: list[tuple[str, Flags]]) -> Fit:
    z, v = error(prior.post, bare)
    numbers = _design(bare.followers)
    columns = np.column_stack([numbers, *(mask.astype(np.float64) for _, mask in effects)])
    towards = np.array([prior.level, prior.slope, prior.curve, *(0.0 for _ in effects)])
    precision = np.array([_LEVEL_SD, _SLOPE_SD, _CURVE_SD, *(_NICHE_SD for _ in effects)]) ** -2
    between, outliers = prior.between, prior.outliers
    kinds, kind_of = _kinds(v, bare)
    found = towards
    for _ in range(_ROUNDS):
        apart = z - columns @ found
        weight = _weights(apart, v, between, outliers)
        normal = columns.T @ (columns * weight[:, None]) + np.diag(precision)
        found = np.linalg.solve(normal, columns.T @ (weight * z) + precision * towards)
        apart = z - columns @ found
        between, outliers = _likeliest(apart, kinds, kind_of, prior.between)
    level, slope, curve, *of_niches = (round(float(value), 6) for value in found)
    niches = dict(sorted((name, value) for (name, _), value in zip(effects, of_niches, strict=True)))
    fit = replace(
        prior,
        level=level,
        slope=slope,
        curve=curve,
        niches=niches,
        between=float(between),
        outliers=outliers,
        rows=len(rows),
        source="pool",
    )
    return _scaled(fit, seen.on(rows, prior.posts, niches))


def _kinds(v: Floats, one: Evidence) -> tuple[Floats, Ints]:
    """The distinct variances of figures, and that of each; of single posts, there are many, and those nearly equal are
    counted as one.
    """
    near = np.round(v, 3)
    kinds, kind_of = np.unique(near, return_inverse=True)
    if len(kinds) > _KINDS:
        coarse = np.exp(np.round(np.log(v) / _WIDTH) * _WIDTH)
        kinds, kind_of = np.unique(np.where(np.isnan(one.logs), near, np.round(coarse, 6)), return_inverse=True)
    return kinds, kind_of.reshape(-1)


def _design(followers: Floats) -> Floats:
    size = np.log(followers / BASE)
    return np.column_stack([np.ones(len(size)), size, size * size])


def _weights(apart: Floats, v: Floats, between: float, outliers: float) -> Floats:
    """How much each creator says about what is usual: figures that are far off say little."""
    a = between + v
    b = a + EXTRA
    likely = (1.0 - outliers) / outliers * np.sqrt(b / a) * np.exp(apart * apart * (0.5 / b - 0.5 / a))
    far = 1.0 / (1.0 + likely)
    weights: Floats = (1.0 - far) / a + far / b
    return weights


def _likeliest(apart: Floats, kinds: Floats, kind_of: Ints, usual: float) -> tuple[float, float]:
    """The variance between creators, and the share of outliers, that make the residuals likeliest."""
    half = round(_MOST / _WIDTH)
    bins = np.clip(np.rint(apart / _WIDTH), -half, half).astype(np.int64) + half
    width = 2 * half + 1
    counts = np.bincount(kind_of * width + bins, minlength=len(kinds) * width).reshape(len(kinds), width)
    kind, bin_of = np.nonzero(counts)
    times, error, square = counts[kind, bin_of], kinds[kind], ((bin_of - half) * _WIDTH) ** 2
    best = (-np.inf, usual, _OUTLIERS[0])
    for grid in np.array_split(_GRID, -(-len(_GRID) * len(times) // _AT_ONCE)):
        a = grid[:, None] + error
        b = a + EXTRA
        near, far = np.exp(-square / (2 * a)) / np.sqrt(a), np.exp(-square / (2 * b)) / np.sqrt(b)
        priors = -0.5 * (np.log(grid / usual) / _BETWEEN_SD) ** 2
        for share in _OUTLIERS:
            likely = (times * np.log((1 - share) * near + share * far)).sum(axis=1) + priors
            most = int(likely.argmax())
            if likely[most] > best[0] + 1e-9:
                best = (float(likely[most]), float(grid[most]), share)
    return best[1], best[2]


def _scaled(fit: Fit, one: Evidence) -> Fit:
    """The fit with the scale that keeps the pool's sum, each figure counted up to a cap; before the effect of sponsored
    posts.
    """
    _, v = error(fit.post, one)
    cap = one.followers * np.exp(middle(fit, one.followers, one.effect) + _CAP * np.sqrt(fit.between + v))
    sums = expected_floats(fit, one, posterior(fit, one), cautious=False).sum(), np.minimum(one.measured, cap).sum()
    scale = round(float(sums[1] / sums[0]), 6) if sums[0] > 0 and sums[1] > 0 else 1.0
    return replace(fit, scale=max(scale, 1e-6))
