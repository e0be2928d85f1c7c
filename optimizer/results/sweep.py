"""A sweep: the best plan at each of many points, of which each is one value of the inputs that are varied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from optimizer.domain.scenario import InputFile
from optimizer.results.common import Repair, ScenarioName
from optimizer.results.plan import Claim
from optimizer.results.shown import Tables

At = Mapping[str, int | float | str]


@dataclass(frozen=True, slots=True)
class Marginal:
    """What one `per` more of the varied input changes of the goal's value, in two ways.

    `difference` is that of the values of this point and the one before it, over the distance; it is None where one of
    the two is not proved within the gap. The best plans' difference lies between `low` and `high`, proved. `price` is
    that of the rule whose bound is varied, if bookings could be split; None where no such bound is varied. `per` is a
    unit of the currency, a `point` of a share, or a `unit`.
    """

    per: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    price: float | None = None


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """The best plan at one point, or why there is none.

    `at` has the varied values, shares as fractions; `changes` has them as they are set. `value`, `bound` and `gap` are
    of the goal (`sense`, `of`), of several goals in order of the first. `totals` and `creators` are those of the plan.
    `prices` has the price of each rule that has one, by the name that a report shows. `lacks` are repairs of a point
    without a plan. `comes_in` and `leaves` are against the point before it, None where there is none with a plan.
    `likely` is the range of the goal that four draws in five lie in; None where ranges were not asked for.

    Of a frontier, `proved` says that no plan is at least as good in both goals and better in one.
    """

    at: At
    changes: Mapping[str, str]
    outcome: Literal["plan", "infeasible", "no_plan"]
    sense: str
    of: Mapping[str, float]
    claim: Claim | None = None
    value: float | None = None
    bound: float | None = None
    gap: float | None = None
    totals: Mapping[str, float] = field(default_factory=dict)
    creators: tuple[str, ...] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    marginal: Marginal | None = None
    comes_in: tuple[str, ...] | None = None
    leaves: tuple[str, ...] | None = None
    likely: tuple[float, float] | None = None
    reason: str | None = None
    proof: str | None = None
    conflict: tuple[str, ...] = ()
    lacks: tuple[Repair, ...] = ()
    proved: bool | None = None
    stopped: bool = False

    @property
    def roster_changes(self) -> bool:
        """Whether other creators are booked than at the point before it."""
        return bool(self.comes_in or self.leaves)


@dataclass(frozen=True, slots=True)
class FailedPoint:
    """A point that could not be planned, and why."""

    at: At
    changes: Mapping[str, str]
    cause: str


@dataclass(frozen=True, slots=True)
class Frontier:
    """The second goal of a frontier."""

    quantity: str
    sense: Literal["maximize", "minimize"]


@dataclass(frozen=True, slots=True)
class Sweep(Tables):
    """The best plans over ranges of one or two inputs; or, with a `frontier`, between two goals.

    `vary` names the inputs; `points` are in their order, the last input varying first. The points of a frontier go from
    the best plan of the scenario's own goal to that of the second one. `failed` points are those that could not be
    planned, and `not_planned` those that were left out because the sweep was stopped. `gap` is what was asked for.
    """

    scenario: ScenarioName
    inputs: tuple[InputFile, ...]
    currency: str
    decimals: int
    units: Mapping[str, str]
    vary: tuple[str, ...]
    points: tuple[SweepPoint, ...]
    gap: float
    failed: tuple[FailedPoint, ...] = ()
    not_planned: tuple[At, ...] = ()
    frontier: Frontier | None = None
    warnings: tuple[str, ...] = ()
