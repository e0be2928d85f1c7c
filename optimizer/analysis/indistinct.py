"""How much value may be given up for a plan that the forecast cannot tell from the best one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimizer.analysis.most_different import Different, most_different
from optimizer.analysis.near_best import NearBest
from optimizer.domain.exact import Floats
from optimizer.estimation.estimate import trace
from optimizer.formulation.terms import Booked
from optimizer.planning.forecast import Forecasting
from optimizer.results.common import Range

_TIMES = 3
_FIRST = Fraction(2, 100)  # of the value, at first
_NEARLY = Fraction(1, 10)  # two thresholds are as good as the same
_LOWER, _UPPER = 0.1, 0.9


@dataclass(frozen=True, eq=False)
class Drawn:
    """A plan's goal in each draw, better the higher, and its range in its own sense."""

    goal: Floats
    range: Range


def drawn(near_best: NearBest, plan: Booked) -> Drawn | None:
    """The goal of a plan as it is drawn; None where it is not."""
    near = near_best.near
    traced = trace(near.estimates.scenario, near.estimates.columns.take(plan.columns))
    found = Forecasting(traced, plan, near.program.rules).goal()
    return None if found is None else Drawn(near.program.objective.sign * found[0], found[1])


def lead(best: Drawn, other: Drawn) -> tuple[float, float, float]:
    """By how much the best plan is better than another one in the same draws: the lowest tenth, the mean, the highest
    tenth."""
    size = min(len(best.goal), len(other.goal))
    apart = best.goal[:size] - other.goal[:size]
    ordered = np.sort(apart)
    return float(ordered[int(_LOWER * size)]), float(apart.mean()), float(ordered[int(_UPPER * size)])


def share_within_forecast(near_best: NearBest, plans: Sequence[Booked], best: Drawn, gap: float) -> Fraction:
    """The share of the value that may be given up so that the most different plan is within the forecast: by as much
    as the lowest tenth of draws lies below the mean of the lead of the best plan over it.
    """
    value = abs(near_best.near.value) / near_best.near.program.denominator
    share = _FIRST
    for _ in range(_TIMES):
        found = most_different(near_best.giving_up(share), plans, gap)
        other = drawn(near_best, found.plan) if isinstance(found, Different) else None
        if other is None or not value:
            return share
        low, mean, _ = lead(best, other)
        before, share = share, min(Fraction(max(mean - low, 0.0)) / value, Fraction(1))
        if abs(share - before) <= _NEARLY * before:
            break
    return share
