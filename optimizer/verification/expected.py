"""Expected figures as a plan states them: its fit applied again, in decimals. The fit itself is not made again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal, localcontext
from math import isfinite, isnan, sqrt
from typing import Any

from optimizer.domain.accounts import platform_key
from optimizer.domain.filters import fold
from optimizer.domain.pool import values_of
from optimizer.domain.scenario import Scenario
from optimizer.verification.creators import Creators

_RATE, _POSTS = "engagement_rate", "posts_measured"
_COUNTED = {"click_rate": "impressions_measured", "conversion_rate": "clicks_measured"}
_POOLED = ("average_views", "average_engagements", "engagement_rate")
_ENGAGEMENTS, _VIEWS = ("average_engagements", _RATE), ("average_views", "view_rate")
_DIGITS, _LOW, _MILLIONTH = 6, "1.281552", Decimal("1e-6")
_SINGLE = {"average_views": "views", "average_engagements": "interactions", _RATE: "interactions"}
NUMBERS = ("level", "slope", "curve", "between", "post", "outliers", "scale", "posts")


def _number(fit: Mapping[str, Any], name: str) -> Decimal:
    """A number of a fit that plans without single posts need not state."""
    return Decimal(repr(float(fit.get(name, 0))))


class Expected:
    """The figures that a plan was made with: by its fits where it states any, else the file's own."""

    def __init__(self, scenario: Scenario, creators: Creators, stated: Mapping[str, Any]) -> None:
        self._scenario, self._creators = scenario, creators
        self._fits: Mapping[str, Mapping[str, Mapping[str, Any]]] = stated.get("fit", {})
        self._counts: Mapping[str, Mapping[str, Any]] = stated.get("counts", {})
        self._cautious = stated.get("rates") == "cautious"
        self._fills = stated.get("unmeasured") == "expected"
        self._segments = {segment.position for segment in scenario.segments}
        self._found: dict[tuple[str, int], float | None] = {}
        self._spreads: dict[tuple[str, int], tuple[float, float]] = {}
        self._grounds: dict[tuple[str, int], tuple[float, float]] = {}

    def figure(self, column: str, at: int) -> float | int | None:
        """The figure of a creator (by position); None where nothing gives it."""
        if (column not in self._fits and column not in self._counts) or at in self._segments:
            return self._creators.number(column, at)
        if (column, at) not in self._found:
            made = self._of_counts if column in self._counts else self._of_posts
            self._found[column, at] = made(column, at)
        return self._found[column, at]

    def is_measured(self, column: str, at: int) -> bool:
        """Whether the file gives a creator this figure."""
        return self._creators.number(column, at) is not None

    def _of_counts(self, column: str, at: int) -> float | None:
        rate, count = (self._creators.number(name, at) for name in (column, _COUNTED[column]))
        if rate is None or count is None or count <= 0:
            return None if rate is None else float(rate)
        fit = self._counts[column]
        weight, usual = float(fit["weight"]), float(fit["mean"])
        hits = weight * usual + rate * count
        value = hits / (weight + count)
        if self._cautious:
            value = value * max(1.0 - float(_LOW) * sqrt((1.0 - value) / hits), 0.0)
        return value

    def _of_posts(self, column: str, at: int) -> float | None:
        measured, followers = self._creators.number(column, at), self._creators.number("followers", at)
        if column != _RATE and not self._fits[column][""].get("by_followers", True):
            followers = 10_000.0  # nobody's are known
        if followers is None or followers <= 0:
            return None if measured is None else float(measured)
        if measured is None:
            return self._made(column, at, None, float(followers)) if self._is_filled(column, at) else None
        if measured < 0:
            return float(measured)
        mean = float(measured) * float(followers) if column == _RATE else float(measured)
        return self._made(column, at, mean, float(followers))

    def _is_filled(self, column: str, at: int) -> bool:
        """Whether a creator without this figure, and without any that leads to the same, gets what is usual."""
        if not self._fills:
            return False
        family = _ENGAGEMENTS if column in _ENGAGEMENTS else _VIEWS
        if column == _RATE and _ENGAGEMENTS[0] in self._fits:
            return False
        if family is _VIEWS and column != _VIEWS[0] and _VIEWS[0] in self._fits:
            return False
        names = [
            name for name in self._creators.names() if name in family or (family is _VIEWS and name.startswith(family))
        ]
        return not any(self.is_measured(name, at) for name in names)

    def spread(self, column: str, at: int) -> tuple[float, float] | None:
        """The log variances of a creator's own mean, and of one post; None where the figure is not pooled."""
        if column not in self._fits or at in self._segments or self.figure(column, at) is None:
            return None
        return self._spreads.get((column, at))

    def ground(self, column: str, at: int) -> tuple[float, float]:
        """Over how many posts a figure was measured, and how far it rests on the pool."""
        return self._grounds.get((column, at), (0.0, 0.0))

    def _made(self, column: str, at: int, mean: float | None, followers: float) -> float:
        """The formula, with 40 digits, rounded to six."""
        platform, fits = self._platform(at), self._fits[column]
        fit = fits.get(platform, fits[""])
        said = {name: Decimal(repr(float(fit[name]))) for name in NUMBERS}
        niche = Decimal(repr(float(fit["niches"].get(self._niche(at), 0))))
        with localcontext(Context(prec=40)):
            size = (Decimal(repr(followers)) / 10_000).ln()
            middle = said["level"] + said["slope"] * size + said["curve"] * size * size + niche
            cases = [(Decimal(1), middle, said["between"])]
            self._grounds[column, at] = 0.0, 1.0
            single = None if mean is None else self._single(column, at, fit, followers)
            if single is not None:
                count, log = single
                error = said["post"] / count
                cases = list(_cases(said["between"], error, log + said["post"] / 2, middle, said["outliers"]))
                self._grounds[column, at] = float(count), float(_rest(said["between"], error, cases))
            elif mean is not None:
                posts = self._posts(column, at, float(fit["posts"]))
                error = (1 + (said["post"].exp() - 1) / Decimal(repr(posts))).ln()
                seen = ((Decimal(repr(mean)) + 2) / Decimal(repr(followers))).ln() + error / 2
                cases = list(_cases(said["between"], error, seen, middle, said["outliers"]))
                self._grounds[column, at] = posts, float(_rest(said["between"], error, cases))
            self._spreads[column, at] = float(_variance(cases)), float(fit["post"])
            if self._cautious:
                mean_of = sum((chance * log for chance, log, _ in cases), Decimal(0))
                spread = sum((chance * (own + (log - mean_of) ** 2) for chance, log, own in cases), said["post"])
                value = (mean_of - said["post"] / 2 - Decimal(_LOW) * spread.sqrt()).exp()
            else:
                value = sum((chance * (log + own / 2).exp() for chance, log, own in cases), Decimal(0))
            value *= said["scale"] * _number(fit, "sponsored").exp()
            if column != _RATE:
                value *= Decimal(repr(followers))
            found = float(Context(prec=_DIGITS).plus(value))
        return min(found, 1.0) if column == _RATE else found

    def _single(self, column: str, at: int, fit: Mapping[str, Any], followers: float) -> tuple[Decimal, Decimal] | None:
        """What a creator's single posts say: the sum of their weights, and their mean logarithm over followers."""
        if column not in _SINGLE:
            return None
        half_life, effect = _number(fit, "half_life"), _number(fit, "sponsored")
        count, total = Decimal(0), Decimal(0)
        for value, age, sponsored in self._posts_of(at, _SINGLE[column]):
            if half_life <= 0:
                raise NotAFit(f"forecast > fit > {column} > half_life")
            weight = (Decimal(2) ** (-Decimal(age) / half_life)).quantize(_MILLIONTH)
            log = ((Decimal(repr(value)) + 2) / Decimal(repr(followers))).ln()
            count += weight
            total += weight * (log - effect if sponsored else log)
        return (count, (total / count).quantize(_MILLIONTH)) if count else None

    def _posts_of(self, at: int, figure: str) -> Iterator[tuple[float, int, bool]]:
        """A creator's posts of which a figure is known: the figure, the age in months, and whether it was sponsored."""
        past = self._scenario.past_posts
        if past is None:
            return
        mine = slice(bisect_left(past.creator, at), bisect_left(past.creator, at + 1))
        columns = (getattr(past, figure), past.age, past.sponsored)
        for value, age, sponsored in zip(*(one[mine].tolist() for one in columns), strict=True):
            if not isnan(value):
                yield value, age, sponsored

    def _posts(self, column: str, at: int, usual: float) -> float:
        """Over how many posts a figure was measured: as the row says, else the scenario, else as is usual."""
        for name in (f"{_POSTS}_{column}", _POSTS):
            said = self._creators.number(name, at)
            if said is not None and said > 0:
                return max(float(said), 1.0)
        for line in self._scenario.assume.get(_POSTS, ()):
            if self._creators.matching(line.where)[at]:
                return max(float(line.value), 1.0)
        return max(usual, 1.0)

    def _platform(self, at: int) -> str:
        return platform_key(_first(self._creators.text("platform", at)))

    def _niche(self, at: int) -> str:
        return fold(_first(self._creators.text("niche", at)))


def _first(text: str | None) -> str:
    return next(iter(values_of(text)), "") if text is not None else ""


def _cases(
    between: Decimal, error: Decimal, seen: Decimal, middle: Decimal, outliers: Decimal
) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    """A usual figure, and one that is far off: how likely, the log, and its variance."""
    spreads = [error, error + 4]
    apart = seen - middle
    priors = [1 - outliers, outliers]
    weights = [
        prior * (-(apart**2) / (2 * (between + spread))).exp() / (between + spread).sqrt()
        for prior, spread in zip(priors, spreads, strict=True)
    ]
    total = sum(weights, Decimal(0))
    for weight, spread in zip(weights, spreads, strict=True):
        share = between / (between + spread)
        yield weight / total, middle + share * apart, between * spread / (between + spread)


def _variance(cases: list[tuple[Decimal, Decimal, Decimal]]) -> Decimal:
    """The log variance of a creator's mean over its cases."""
    middle = sum((chance * log for chance, log, _ in cases), Decimal(0))
    return sum((chance * (own + (log - middle) ** 2) for chance, log, own in cases), Decimal(0))


def _rest(between: Decimal, error: Decimal, cases: list[tuple[Decimal, Decimal, Decimal]]) -> Decimal:
    """How far an expectation rests on the pool."""
    weights = (between / (between + spread) for spread in (error, error + 4))
    return 1 - sum((chance * weight for (chance, _, _), weight in zip(cases, weights, strict=True)), Decimal(0))


class NotAFit(ValueError):  # noqa: N818  it is told as what a plan is
    """What a plan states of its forecast is not as it should be."""


def checked(stated: Any) -> Mapping[str, Any]:
    """The forecast that a plan states; empty where it states none, as older versions did. Fields of later versions are
    left out.

    Raises
    ------
    NotAFit
        If a part of it is missing, or a number is out of range.
    """
    if stated is None:
        return {}
    if not isinstance(stated, Mapping) or not {"rates", "unmeasured", "fit", "counts", "draws"} <= set(stated):
        raise NotAFit("forecast")
    fits = {
        column: {platform: fit for platform, fit in of.items() if isinstance(fit, Mapping)}
        for column, of in stated["fit"].items()
        if column.startswith(_POOLED)
    }
    for column, of in fits.items():
        if "" not in of or not all(map(_is_a_fit, of.values())):
            raise NotAFit(f"forecast > fit > {column}")
    counts = {column: fit for column, fit in stated["counts"].items() if column in _COUNTED}
    for column, fit in counts.items():
        if not 0 < float(fit["mean"]) < 1 or not 0 < float(fit["weight"]) < 1e9 or "rows" not in fit:
            raise NotAFit(f"forecast > counts > {column}")
    return {**stated, "fit": fits, "counts": counts}


def _is_a_fit(fit: Mapping[str, Any]) -> bool:
    if not {*NUMBERS, "niches", "rows", "source"} <= set(fit):
        return False
    niches = [value for value in fit["niches"].values() if isinstance(value, (int, float))]
    values = [float(fit[name]) for name in NUMBERS] + [float(value) for value in niches]
    values += [float(_number(fit, name)) for name in ("sponsored", "half_life")]
    positive = min(float(fit[name]) for name in ("between", "post", "scale", "posts", "outliers"))
    sound = all(map(isfinite, values)) and max(map(abs, values)) <= 1e6 and float(fit["outliers"]) < 1
    return sound and positive > 0 and _number(fit, "half_life") >= 0
