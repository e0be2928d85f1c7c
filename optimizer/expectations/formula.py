"""The expected figure: one formula, in floats for arrays, and in decimals near a rounding tie.

By definition an expected figure is the value of the formula, with the fit's decimals, rounded half to even to six
significant digits. Floats are wrong by less than 1e-11 of it, so they decide all but the values that near a tie.

For a creator with F followers, a mean of x over n posts, on a platform with fit (level, slope, curve, between = t,
post = s, outliers = e, scale = c, sponsored = d) and the effect of a niche, all logarithms natural:

    L = ln(F / 10,000)            m = level + slope L + curve L^2 + niche
    v = ln(1 + (exp(s) - 1) / n)  z = ln((x + 2) / F) + v / 2
    (of single posts: v = s / n   z = mean of ln((post + 2) / F) + s / 2; see `single`)
    a = t + v, b = a + 4          q = (1 - e) / e sqrt(b / a) exp((z - m)^2 (1 / 2b - 1 / 2a)),  p = 1 / (1 + q)
    expected = c exp(d) F ((1 - p) exp(m + t/a (z - m) + t v / 2a) + p exp(m + t/b (z - m) + t (v + 4) / 2b))

The figure's error is normal on the log scale, or with the small chance e far wider (variance v + 4); p is how likely
the latter is, given the figure. Source: normal shrinkage with a contaminated error, closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from math import exp

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.forecast import Fit

EXTRA = 4.0  # the further variance of a figure that is far off
OFFSET = 2.0  # added to every mean, so that a mean of 0 has a logarithm
BASE = 10_000.0
LOW = 1.281552  # standard deviations from the middle to the lowest tenth
DIGITS = 6
_POWERS = np.array([float(f"1e{at}") for at in range(301)])  # np.power may err in the last digit
_NEAR = 1e-4  # of the last digit: floats are wrong by less than a thousandth of it


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was measured of some creators of one platform, arrays of shape (n,).

    `logs`: the mean logarithm of (post + 2) over `followers`; NaN where only the mean over posts is known. `effect` is
    that of the niche. Where `measured` is NaN, nothing is known of the creator.
    """

    followers: Floats
    measured: Floats
    posts: Floats
    effect: Floats
    logs: Floats

    def take(self, rows: Ints) -> Evidence:
        return Evidence(*(part[rows] for part in (self.followers, self.measured, self.posts, self.effect, self.logs)))


@dataclass(frozen=True, eq=False)
class Posterior:
    """The two cases of each creator (a usual figure, one far off): chance of the latter, means, variances; in logs of
    the figure over followers."""

    far: Floats
    means: tuple[Floats, Floats]
    variances: tuple[Floats, Floats]
    weight: Floats

    @property
    def mean(self) -> Floats:
        return (1.0 - self.far) * self.means[0] + self.far * self.means[1]

    @property
    def variance(self) -> Floats:
        between = self.far * (1.0 - self.far) * (self.means[0] - self.means[1]) ** 2
        return (1.0 - self.far) * self.variances[0] + self.far * self.variances[1] + between


def usual(fit: Fit, followers: Floats, effect: Floats) -> Floats:
    """m: what is usual for creators of this size and niche."""
    size = np.log(followers / BASE)
    return fit.level + fit.slope * size + fit.curve * size * size + effect


def error(post: float, one: Evidence) -> tuple[Floats, Floats]:
    """z and v: what was measured, in logs over followers, and its variance; NaN and infinity of nothing."""
    single = ~np.isnan(one.logs)
    v = np.where(single, post / one.posts, np.log1p(np.expm1(post) / one.posts))
    z = np.where(single, one.logs + post / 2.0, np.log((one.measured + OFFSET) / one.followers) + v / 2.0)
    return z, v


def posterior(fit: Fit, one: Evidence) -> Posterior:
    """What is known of each creator, given the fit and what was measured."""
    m = usual(fit, one.followers, one.effect)
    z, v = error(fit.post, one)
    t = fit.between
    a = t + v
    b = a + EXTRA
    apart = z - m
    likely = (1.0 - fit.outliers) / fit.outliers * np.sqrt(b / a) * np.exp(apart * apart * (0.5 / b - 0.5 / a))
    unknown = np.isnan(z)
    first = np.where(unknown, m, m + t / a * apart), np.where(unknown, t, t * v / a)
    second = np.where(unknown, m, m + t / b * apart), np.where(unknown, t, t * (v + EXTRA) / b)
    far = np.where(unknown, 0.0, 1.0 / (1.0 + likely))
    weight = np.where(unknown, 0.0, (1.0 - far) * t / a + far * t / b)
    return Posterior(far, (first[0], second[0]), (first[1], second[1]), weight)


def expected_floats(fit: Fit, one: Evidence, post: Posterior, *, cautious: bool) -> Floats:
    """The formula in floats; `cautious`: the lowest tenth of one post instead of the mean."""
    scale = fit.scale * exp(fit.sponsored)
    if cautious:
        low = post.mean - fit.post / 2.0 - LOW * np.sqrt(post.variance + fit.post)
        return scale * one.followers * np.exp(low)
    parts = [np.exp(mean + variance / 2.0) for mean, variance in zip(post.means, post.variances, strict=True)]
    return scale * one.followers * ((1.0 - post.far) * parts[0] + post.far * parts[1])


def expected(fit: Fit, one: Evidence, *, over: bool, cautious: bool) -> tuple[Floats, Posterior]:
    """Expected figures, rounded as defined; `over`: over followers, at most 1, as a rate."""
    known = posterior(fit, one)
    values = expected_floats(fit, one, known, cautious=cautious)
    if over:
        values = values / one.followers
    found, near = rounded(values)
    for at in np.flatnonzero(near).tolist():
        found[at] = in_decimals(fit, one, at, over=over, cautious=cautious)
    return (np.minimum(found, 1.0) if over else found), known


def rounded(values: Floats) -> tuple[Floats, Flags]:
    """Values to six significant digits, and where a float is too near a tie to decide."""
    positive = values > 0
    safe = np.where(positive, values, 1.0)
    exponent = np.floor(np.log10(safe)) - (DIGITS - 1)
    digits = _shifted(safe, -exponent)
    low, high = digits < 10.0 ** (DIGITS - 1), digits >= 10.0**DIGITS
    exponent = exponent - low + high
    digits = np.where(low | high, _shifted(safe, -exponent), digits)
    near = np.abs(digits - np.floor(digits) - 0.5) < _NEAR
    near |= (digits - 10.0 ** (DIGITS - 1) < _NEAR) | (np.abs(exponent) > 20)
    return np.where(positive, _shifted(np.rint(digits), exponent), 0.0), near & positive


def _shifted(values: Floats, exponent: Floats) -> Floats:
    """Times a power of ten, by one rounded operation where the power is exact."""
    power = _POWERS[np.minimum(np.abs(exponent), 300.0).astype(np.int64)]
    shifted: Floats = np.where(exponent >= 0, values * power, values / power)
    return shifted


def in_decimals(fit: Fit, one: Evidence, at: int, *, over: bool, cautious: bool) -> float:
    """The same formula for one creator, in decimals of 40 digits."""
    with localcontext(Context(prec=40)):
        said = {name: _exact(getattr(fit, name)) for name in ("level", "slope", "curve", "between", "post", "scale")}
        far, t, s = _exact(fit.outliers), said["between"], said["post"]
        followers, n = _exact(one.followers[at]), _exact(one.posts[at])
        size = (followers / 10_000).ln()
        m = said["level"] + said["slope"] * size + said["curve"] * size * size + _exact(one.effect[at])
        if np.isnan(one.measured[at]) and np.isnan(one.logs[at]):
            p, means, variances = Decimal(0), (m, m), (t, t)
        else:
            single = not np.isnan(one.logs[at])
            v = s / n if single else (1 + (s.exp() - 1) / n).ln()
            z = _exact(one.logs[at]) + s / 2 if single else ((_exact(one.measured[at]) + 2) / followers).ln() + v / 2
            a = t + v
            b = a + 4
            p = 1 / (1 + (1 - far) / far * (b / a).sqrt() * ((z - m) ** 2 * (1 / (2 * b) - 1 / (2 * a))).exp())
            means, variances = (m + t / a * (z - m), m + t / b * (z - m)), (t * v / a, t * (v + 4) / b)
        if cautious:
            middle = (1 - p) * means[0] + p * means[1]
            variance = (1 - p) * variances[0] + p * variances[1] + p * (1 - p) * (means[0] - means[1]) ** 2
            value = said["scale"] * (middle - s / 2 - Decimal("1.281552") * (variance + s).sqrt()).exp()
        else:
            parts = [(mean + variance / 2).exp() for mean, variance in zip(means, variances, strict=True)]
            value = said["scale"] * ((1 - p) * parts[0] + p * parts[1])
        value *= _exact(fit.sponsored).exp()
        return float(Context(prec=DIGITS).plus(value if over else value * followers))


def _exact(value: float) -> Decimal:
    """A float as the decimal that it is written as: the fit has at most 6 decimals; other floats are exact."""
    return Decimal(repr(float(value)))
