"""Single figures that are far from those of comparable creators, or that contradict the others of their row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.figures import AUDIENCE, FIGURES, is_about_posts
from optimizer.doubts.asking import Asking, Finding, amount
from optimizer.doubts.digits import odd_digits
from optimizer.doubts.levels import SIZES, Level, cliff, level, sized

# How many spreads from the usual ratio to another figure a figure is asked of: to the only other one; to one of
# several, if it is far from each (FROM_EACH); where its digits are odd too. Chosen by `performance/doubts.py`, so that
# there is at most one false alarm in 1,000 good rows.
FAR, FAR_FROM_ALL, FROM_EACH, FAR_AND_ODD = 3.6, 3.9, 1.8, 3.0
_FAR_OFF = 4.3  # of contradictions, whose spread is narrow
_ZERO_TAIL = 1.35  # real engagements have a longer tail towards zero than a normal distribution with their spread
_CONTRADICTS = float(np.log(3))
_BEYOND = float(np.log(1.5))  # past the end of a list that was filtered by followers
_SIZES = ("followers", "viewers", "average_views", "average_engagements", "fee")
_SPREADS = {
    frozenset({"followers", "viewers"}): 1.2,
    frozenset({"followers", "average_views"}): 1.2,
    frozenset({"followers", "average_engagements"}): 1.0,
    frozenset({"followers", "fee"}): 0.9,
    frozenset({"average_views", "average_engagements"}): 1.0,
    frozenset({"average_views", "viewers"}): 0.8,
}
_ALIKE_SPREAD, _OTHER_SPREAD, _LEVEL_SPREAD, _SHARE_SPREAD = 0.5, 1.2, 1.5, 0.8
_MAIN = 6  # figures that others are compared with
_RATE, _COUNT, _FOLLOWERS = "engagement_rate", "average_engagements", "followers"


@dataclass(eq=False)
class _Figures:
    """The figures of a pool as logarithms, and how their ratios stand.

    The rate of engagements stands for engagements (rate x followers) where these are not given.
    """

    asking: Asking
    logs: dict[str, Floats] = field(default_factory=dict)
    groups: Ints = field(init=False)
    flat: Ints = field(init=False)

    def __post_init__(self) -> None:
        numbers, platforms = self.asking.numbers, self.asking.platforms
        for name in numbers:
            if _base(name) in _SIZES:
                self.logs[name] = self.asking.logs(name)
        followers = self.logs.get(_FOLLOWERS)
        if _RATE in numbers and _COUNT not in self.logs and followers is not None:
            self.logs[_RATE] = self.asking.logs(_RATE) + followers
        self.groups, self.flat = sized(followers, platforms), platforms * SIZES

    def ratio(self, one: str, other: str) -> Level | None:
        """How `one` over `other` stands."""
        first, second = (_COUNT if name == _RATE else _base(name) for name in (one, other))
        alike = first == second
        spread = _ALIKE_SPREAD if alike else _SPREADS.get(frozenset({first, second}), _OTHER_SPREAD)
        found = level(self.logs[one] - self.logs[other], self.groups, self.asking.platforms, spread)
        if found is None or alike or _COUNT not in (first, second):
            return found
        tail = found.far < 0 if first == _COUNT else found.far > 0
        found.far[tail] /= _ZERO_TAIL
        return found

    def odd(self, name: str, rows: Ints) -> Flags:
        """Whether the digits of some figures are odd for their column."""
        numbers = self.asking.numbers[name]
        return odd_digits(numbers, rows)

    def raw(self, name: str) -> Level | None:
        """How a figure stands by itself, among all of its platform."""
        logs = self.asking.logs(name)
        return level(logs, self.flat, self.asking.platforms, _LEVEL_SPREAD)


def _base(name: str) -> str:
    """The figure that a column holds, without its kind: fee for fee_video."""
    return next((figure for figure in FIGURES if name == figure or name.startswith(f"{figure}_")), name)


def cells(asking: Asking, passed_over: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Ask of single figures; not of columns that are asked of as a whole (`passed_over`)."""
    if len(asking.pool) < 4:
        return
    figures = _Figures(asking)
    derived = {_RATE} if _FOLLOWERS in passed_over else set()
    for name in (passed_over | derived) & figures.logs.keys():
        del figures.logs[name]
    contradicted, findings = _contradictions(figures, passed_over)
    yield from findings
    blamed = _blamed(figures)
    for name, (rows, usual) in blamed.items():
        left = rows[~contradicted[rows]]
        if len(left) and name not in passed_over:
            yield _far(asking, name, left, usual)
    said = contradicted.copy()
    for rows, _ in blamed.values():
        said[rows] = True
    yield from _alone(figures, said, passed_over)


def _blamed(figures: _Figures) -> dict[str, tuple[Ints, dict[int, float]]]:
    """The rows in which a figure is far from what each of the others makes usual, by the figure that is at fault.

    A wrong figure of followers puts all ratios over followers out, but not those of views over fees; so a figure must
    be far from each of the others. Where that holds of several, the one that is furthest out by itself is at fault.
    """
    names, size = list(figures.logs), len(figures.asking.pool)
    standing = {name: _Standing(size) for name in names}
    for at, one in enumerate(names[:_MAIN]):
        for other in names[at + 1 :]:
            found = figures.ratio(one, other)
            if found is None:
                continue
            if (one, other) != (_FOLLOWERS, _RATE) and other in names[:_MAIN]:
                standing[one].add(other, found, 1)  # followers are part of what the rate stands for
            standing[other].add(one, found, -1)
    hits = {name: standing[name].hits(figures, name) for name in names}
    candidates = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *hits.values()]))
    return _by_fault(figures, candidates, standing, hits) if len(candidates) else {}


class _Standing:
    """How far one figure of each creator is from what its partners make usual: at least, at most, and by which of them.

    Nothing is kept for each pair of figures, as a pool may have a million rows.
    """

    def __init__(self, size: int) -> None:
        self.least, self.most = np.full(size, np.inf, dtype=np.float32), np.zeros(size, dtype=np.float32)
        self.partners, self.furthest = np.zeros(size, dtype=np.int8), np.full(size, -1, dtype=np.int8)
        self.known: list[tuple[str, Floats, Ints, int]] = []

    def add(self, other: str, found: Level, sign: int) -> None:
        known = np.flatnonzero(~np.isnan(found.far))
        far = (sign * found.far[known]).astype(np.float32)
        least, most = self.least[known], self.most[known]
        nearer, further = (np.abs(far) < np.abs(least)) | (far * most < 0), np.abs(far) > np.abs(most)
        self.least[known[nearer]] = far[nearer]
        self.most[known[further]] = far[further]
        self.furthest[known[further]] = len(self.known)
        self.partners[known] += 1
        self.known.append((other, found.middle, found.groups, sign))

    def hits(self, figures: _Figures, name: str) -> Ints:
        """The rows that are far from each partner, in the same direction."""
        agree = (np.abs(self.least) > FROM_EACH) & (np.sign(self.least) == np.sign(self.most))
        rows = np.flatnonzero(agree & (np.abs(self.most) > FAR_AND_ODD) & (self.partners > 0))
        far = np.abs(self.most[rows]) > np.where(self.partners[rows] > 1, FAR_FROM_ALL, FAR)
        return rows[far | figures.odd(name, rows)]

    def usual(self, figures: _Figures, row: int) -> float:
        """What the furthest partner makes usual, as a logarithm."""
        other, middle, groups, sign = self.known[int(self.furthest[row])]
        return float(figures.logs[other][row] + sign * middle[groups[row]])


def _by_fault(
    figures: _Figures, candidates: Ints, standing: Mapping[str, _Standing], hits: Mapping[str, Ints]
) -> dict[str, tuple[Ints, dict[int, float]]]:
    """Each row to one figure: of those that hit it, the one that is furthest out by itself in that direction."""
    names = [name for name in hits if len(hits[name])]
    scores = np.full((len(names), len(candidates)), -np.inf)
    for at, name in enumerate(names):
        raw = figures.raw(name)
        mine = np.isin(candidates, hits[name])
        direction = np.sign(standing[name].most[candidates])
        alone = np.zeros(len(candidates)) if raw is None else np.nan_to_num(raw.far[candidates]) * direction
        scores[at] = np.where(mine, alone, -np.inf)
    best = scores.argmax(axis=0)
    found = {}
    for at, name in enumerate(names):
        rows = candidates[best == at]
        if len(rows):
            usual = {row: standing[name].usual(figures, row) for row in rows.tolist()}
            if name == _RATE:
                usual = {row: value - float(figures.logs[_FOLLOWERS][row]) for row, value in usual.items()}
            found[name] = rows, usual
    return found


def _far(asking: Asking, name: str, rows: Ints, usual: Floats | dict[int, float]) -> Finding:
    """Ask of figures that are far from the usual ones (as logarithms)."""
    actual = asking.logs(name)

    def what(row: int) -> str:
        apart = float(actual[row] - usual[row])
        slip = _slip(apart)
        likely = float(asking.numbers[name].values[row]) / asking.numbers[name].scale / slip
        guess = f" (by a slip of the unit, instead of {amount(name, likely, asking.currency)}?)" if slip != 1 else ""
        return (
            f"{asking.called(name)} of {asking.creator(row)} is {asking.written(name, row)}; comparable creators have"
            f" about {amount(name, float(np.exp(usual[row])), asking.currency)}: {_times(apart)}{guess}"
        )

    def mend(_row: int) -> str:
        return "correct the cell if it is wrong"

    return Finding("far-out", rows, what, mend, name)


def _times(apart: float) -> str:
    factor = float(np.exp(abs(apart)))
    shown = f"{factor:,.0f}" if factor >= 10 else f"{factor:.2g}"
    return f"{shown} times as {'much' if apart > 0 else 'little'}"


def _slip(apart: float) -> float:
    """The power of ten that a figure is likely off by; 1 where none is near."""
    decades = round(apart / np.log(10))
    return float(10.0**decades) if decades else 1.0


def _contradictions(figures: _Figures, passed_over: frozenset[str]) -> tuple[Flags, list[Finding]]:
    """Rows whose engagement_rate, followers and average_engagements do not fit, as they do in the other rows."""
    asking = figures.asking
    nowhere = np.zeros(len(asking.pool), dtype=np.bool_)
    names = (_RATE, _FOLLOWERS, _COUNT)
    if any(name not in asking.numbers or name in passed_over for name in names):
        return nowhere, []
    rate, followers, count = (asking.logs(name) for name in names)
    apart = rate + followers - count
    found = level(apart, figures.flat, asking.platforms, 0.1)
    if found is None:
        return nowhere, []
    distance = apart - found.usual
    hit = (np.abs(found.far) > _FAR_OFF) & (np.abs(distance) > _CONTRADICTS)
    rows = np.flatnonzero(hit)
    if not len(rows):
        return nowhere, []
    alone = []
    for name, sign in ((_RATE, 1), (_FOLLOWERS, 1), (_COUNT, -1)):
        raw = figures.raw(name)
        alone.append(
            np.zeros(len(rows)) if raw is None else np.nan_to_num(raw.far[rows]) * sign * np.sign(distance[rows])
        )
    fault = np.argmax(alone, axis=0)
    findings = []
    for at, name in enumerate(names):
        mine = rows[fault == at]
        if len(mine):
            findings.append(_contradiction(asking, name, mine, distance * (-1 if name == _COUNT else 1)))
    return hit, findings


def _contradiction(asking: Asking, name: str, rows: Ints, distance: Floats) -> Finding:
    def what(row: int) -> str:
        said = [f"{asking.called(other)} {asking.written(other, row)}" for other in (_RATE, _FOLLOWERS, _COUNT)]
        return (
            f"{', '.join(said)} of {asking.creator(row)} contradict each other;"
            f" {name} seems to be {_times(float(distance[row]))}"
        )

    def mend(_row: int) -> str:
        return "correct the wrong one of the three"

    return Finding("contradiction", rows, what, mend, name)


def _alone(figures: _Figures, said: Flags, passed_over: frozenset[str]) -> Iterator[Finding]:
    """Ask of figures that nothing else can be held against: by their level among all of the platform."""
    asking = figures.asking
    sizes = [name for name in figures.logs if name != _RATE]
    for name in asking.numbers:
        if name in passed_over or name.startswith(AUDIENCE) or is_about_posts(name):
            continue
        if name == _FOLLOWERS:
            yield from _beyond(figures, said)
        elif name in figures.logs and (len(figures.logs) > 1 or name == _RATE):
            continue
        elif _base(name) not in FIGURES and len(sizes) > 1:
            continue  # the scenario's own quantities may be anything
        elif name != _RATE or _COUNT not in figures.logs:
            yield from _level_alone(figures, name, said)


def _level_alone(figures: _Figures, name: str, said: Flags) -> Iterator[Finding]:
    asking = figures.asking
    share = _base(name) in FIGURES and FIGURES[_base(name)].unit == "rate"
    logs = asking.logs(name)
    groups = figures.groups if _base(name) in (_RATE, "view_rate") else figures.flat
    found = level(logs, groups, asking.platforms, _SHARE_SPREAD if share else _LEVEL_SPREAD)
    if found is None:
        return
    distance = found.far
    if name == _RATE:
        distance = np.where(distance < 0, distance / _ZERO_TAIL, distance)
    rows = np.flatnonzero((np.abs(distance) > FAR_AND_ODD) & ~said)
    rows = rows[(np.abs(distance[rows]) > FAR) | figures.odd(name, rows)]
    if len(rows):
        said[rows] = True
        yield _far(asking, name, rows, found.usual)


def _beyond(figures: _Figures, said: Flags) -> Iterator[Finding]:
    """Ask of followers past the end of a list that was filtered by followers, where no other figure speaks for them."""
    asking, logs = figures.asking, figures.logs.get(_FOLLOWERS)
    if logs is None:
        return
    upper, lower = cliff(logs, upper=True), cliff(logs, upper=False)
    out = np.zeros(len(logs), dtype=np.bool_)
    if upper is not None:
        out |= logs > upper + _BEYOND
    if lower is not None:
        out |= logs < lower - _BEYOND
    others = [name for name in figures.logs if name not in (_FOLLOWERS, _RATE)]
    for name in others:
        found = figures.ratio(name, _FOLLOWERS)
        if found is not None:
            out &= ~(np.abs(found.far) < 2)
    rows = np.flatnonzero(out & ~said)
    if len(rows):
        said[rows] = True
        usual = np.full(len(logs), np.nanmedian(logs))
        yield _far(asking, _FOLLOWERS, rows, usual)
