"""A scenario with every reference resolved and every number exact."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.domain.audience import Audience
from optimizer.domain.benchmarks import Benchmark, Level
from optimizer.domain.constraints import Constraint, Goal, Logic, Measure, Objective
from optimizer.domain.doubts import Accepted, Doubt
from optimizer.domain.exact import Currency, Ints
from optimizer.domain.filters import EVERYTHING, Filter
from optimizer.domain.forecast import Expecting, Forecast, PastPosts
from optimizer.domain.offers import Offer
from optimizer.domain.pool import Numbers, Pool
from optimizer.domain.quantities import GROSS_REACH, MONEY, QUANTITIES, REACH, Quantity


@dataclass(frozen=True, slots=True)
class Assumption:
    """One line of a table of figures: a figure for the creators, offers and deliverables that it applies to.

    `value` is a float, or for money an integer in minor units; `where` may hold pool and offer columns. A line from a
    benchmark pack has it in `benchmark`; where followers are not known, `tier` replaces its bounds of followers. Its
    `value` may hold for each 1,000 followers. The lines of a table are in order: the first that applies to a booking
    counts.
    """

    value: float | int
    where: Filter = EVERYTHING
    deliverables: tuple[str, ...] | None = None
    benchmark: Benchmark | None = None
    tier: str | None = None
    per_thousand_followers: bool = False
    level: Level = "base"
    rank: int = 1  # what comes first where two figures lead to the same quantity: 1 for the planner's, then packs

    @property
    def source(self) -> str:
        """What a plan calls the origin of the figure."""
        return self.benchmark.pack if self.benchmark else "assume"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A creator who must be booked, by position in the pool, and the terms that the client fixed."""

    creator: int
    offer: str | None = None
    fee: int | None = None
    price: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Bookings of a segment up to a count (cumulative) keep a share of their outcome."""

    up_to: Fraction
    keep: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Anonymous supply: how often one row of the pool (by position) can be booked.

    `steps` are falling returns, in order; the last one ends at `available`. `whole`: only in whole bookings.
    """

    position: int
    available: Fraction
    steps: tuple[Step, ...] = ()
    whole: bool = True

    @property
    def widths(self) -> tuple[Fraction, ...]:
        """How many bookings each step takes; without returns there is one step."""
        ends = [step.up_to for step in self.steps] or [self.available]
        return tuple(end - start for start, end in zip([Fraction(0), *ends[:-1]], ends, strict=True))


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the scenario was read from, by its path from the scenario's folder."""

    path: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Scenario:
    """One planning question, ready to be estimated.

    The pool holds only creators who may be booked: inside the filters and tiers, not excluded. `assume` maps a figure
    (`fee`, or `fee_video` for one deliverable) to its table, of which the first line that matches counts. `fit` maps a
    folded niche to its fit; `other` is everything else. `order_value` is in minor units, `margin` and `agency` (the
    agency's fee over cash) in millionths. `quantities` are all that can be counted. Without `whole`, creators are
    booked in parts. `unusable` are benchmarks that would be used if their currency or their columns were known.
    `definitions` says what figures of the pool count, as far as it is known; `notes` how the file was read.
    `doubts` are about the pool and the scenario, without those that the planner has `accepted`.
    `forecast` says which figures are planned with; `expecting` has those that are expected of creators, and
    `past_posts` the single posts that they rest on, where a file gives some.
    `audience` says who of which people is reached, where that is asked for.
    `excluded` says by what the creators who may not be booked are left out, and how many: each under the first reason.
    """

    name: str
    currency: Currency
    objective: Objective
    pool: Pool
    offers: tuple[Offer, ...]
    constraints: tuple[Constraint | Logic, ...] = ()
    segments: tuple[Segment, ...] = ()
    whole: bool = True
    include: tuple[Inclusion, ...] = ()
    assume: Mapping[str, tuple[Assumption, ...]] = field(default_factory=dict)
    fit: Mapping[str, float] | None = None
    order_value: int | None = None
    margin: int | None = None
    agency: int = 0
    quantities: Mapping[str, Quantity] = field(default_factory=lambda: QUANTITIES)
    unusable: tuple[tuple[Benchmark, str], ...] = ()
    variant: str | None = None
    changes: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[InputFile, ...] = ()
    warnings: tuple[str, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    pool_name: str = ""  # the file of creators as `inputs` name it, wherever the scenario is read from
    excluded: tuple[tuple[str, int], ...] = ()
    forecast: Forecast = field(default_factory=Forecast)
    expecting: Expecting | None = None  # the expected figures of the pool
    goals: tuple[Goal, ...] = ()  # in order, the objective among them as the first; none where it is the only one
    audience: Audience | None = None
    past_posts: PastPosts | None = None  # single posts of the pool's creators, by position
    resolved: object = None  # the document with the origin of each value, opaque here
    read: object = None  # the pool as it was read, so that a changed scenario need not read it again; opaque here
    part_of: tuple[Pool, Ints] | None = None  # a pool of which this one is some rows, with the same figures

    def figure(self, column: str, rows: Ints) -> Numbers | None:
        """The figure that some creators (by position) are planned with: the expected one, else the file's own."""
        expected = None if self.expecting is None else self.expecting.figure(column, rows)
        if expected is not None:
            return expected
        found = self.pool.columns.get(column)
        return found.take(rows) if isinstance(found, Numbers) else None

    def scale(self, quantity: str) -> int:
        """How many integer units make one of a quantity: minor units of money, else millionths."""
        return self.currency.scale if self.quantities[quantity].unit == MONEY else 10**6

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every additive measure that the objective and the rules are made of."""
        named = [Measure(name) for goal in self.objectives for name, _ in goal.weights]
        asked = [*named, *(measure for rule in self.constraints for measure in rule.measures)]
        views = [] if self.audience is not None and self.audience.seen_by_all else [Measure(GROSS_REACH)]
        known = [other for one in asked for other in (views if one.quantity == REACH else [one])]
        return tuple(measure for measure in dict.fromkeys(known) if self.distinct(measure) is None)

    @property
    def asks_for_reach(self) -> bool:
        """Whether a goal or a rule is about people reached."""
        named = {name for goal in self.objectives for name, _ in goal.weights}
        return REACH in named or any(one.quantity == REACH for rule in self.constraints for one in rule.measures)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """All goals, in order."""
        return tuple(goal.objective for goal in self.goals) or (self.objective,)

    @property
    def additive(self) -> tuple[str, ...]:
        """The quantities that are sums over bookings."""
        return tuple(name for name, quantity in self.quantities.items() if quantity.additive)

    def distinct(self, measure: Measure) -> str | None:
        """The column whose different values a measure counts; None for a sum over bookings."""
        quantity = self.quantities.get(measure.quantity)
        return None if quantity is None else quantity.distinct

    @property
    def rules(self) -> tuple[Constraint, ...]:
        """The constraints that hold a quantity between bounds."""
        return tuple(rule for rule in self.constraints if isinstance(rule, Constraint))


def check_loaded(scenario: object, verb: str) -> None:
    """Refuse anything but a loaded scenario, as a wrong call; `verb` is the function that was called.

    Raises
    ------
    TypeError
        Naming `load_scenario`, which makes a scenario of a path or a mapping.
    """
    if isinstance(scenario, Scenario):
        return
    what = "a path" if isinstance(scenario, (str, os.PathLike)) else f"a {type(scenario).__name__}"
    what = "a mapping" if isinstance(scenario, Mapping) else what
    raise TypeError(f"{verb} takes a loaded scenario, not {what}: load it first, with load_scenario(...)")
