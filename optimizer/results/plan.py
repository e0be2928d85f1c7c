"""A plan with its proof: frozen, plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from optimizer.domain.doubts import Doubt
from optimizer.domain.scenario import InputFile
from optimizer.results.common import Conflict, Excluded, ForecastResult, Repair, ScenarioName, SolverRun
from optimizer.results.people import People
from optimizer.results.proof import Certificate
from optimizer.results.replanned import Committed, NameChange, Replanned
from optimizer.results.shown import Tabular

Claim = Literal["optimal", "within_gap", "feasible"]


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    """The goal: the value of the plan, and the proven bound that no plan passes; in the objective's unit."""

    sense: str
    of: Mapping[str, float]
    value: float
    bound: float
    gap: float
    gap_absolute: float


@dataclass(frozen=True, slots=True)
class GoalResult:
    """One of several goals in order: the value of the plan, and the proven bound that no plan passes which keeps what
    was asked to be kept of the goals before it.

    `found` is the best value that was found in its own step, of which later goals keep the share `keep` (None of the
    last goal). `gap` is between `value` and `bound`, so that it holds what later goals gave up too. `certificate` is
    the proof of the bound; None of the first goal, whose proof is that of the plan.
    """

    sense: str
    of: Mapping[str, float]
    value: float
    bound: float
    gap: float
    keep: float | None
    found: float
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class ConstraintResult:
    """How a rule stands. `room` is the distance to its nearer bound in the quantity's unit.

    `kind` is `absolute`, `share`, `ratio` or `logic`. A logic rule has its words in `says`, its kind of logic in
    `quantity`, and the number of its booked parts in `value`; it binds if one more or less would break it. A rule for
    each creator shows the booking with the least room, whose creator is `per_value`. `note` explains the deductions
    from a budget.

    `shadow_price` is the gain of the objective per unit by which the bound is loosened (a currency unit, a person, a
    percentage point of a share), from the LP relaxation; for `exactly`, per unit by which it is raised. If many rules
    bind at once, it may hold in one direction only. So `price_of` names the bound that the price belongs to (`at_most`,
    `at_least` or `exactly`), and `price_up` and `price_down` are the gain of the objective (below 0: a loss) per unit
    by which that bound is raised or lowered; None if the relaxation is infeasible on that side.
    """

    name: str
    quantity: str
    group: Mapping[str, Any]
    people: Mapping[str, Any]
    kind: str
    of: Any
    at_least: float | None
    at_most: float | None
    value: float | None
    room: float
    binding: bool
    shadow_price: float
    per_value: str | None = None
    says: str = ""
    note: str = ""
    or_none: bool = False
    price_of: Literal["at_most", "at_least", "exactly"] | None = None
    price_up: float | None = None
    price_down: float | None = None


@dataclass(frozen=True, slots=True)
class BookingForecast:
    """What one booking is expected to bring of a quantity, and within which range.

    `measured` is what the file's own figures would bring, None where they say nothing; `posts` is over how many posts
    the creator's figure was measured, None where it is not pooled. `why` says why measured and expected differ.
    """

    measured: float | None
    posts: float | None
    expected: float
    p10: float
    p50: float
    p90: float
    why: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """A creator booked on an offer. `values`: expected outcome and cost; `estimated`: sources of estimated figures.

    `count` is the number of bookings, which may be above 1 for a segment. If the segment has returns, `step` is the
    step of these bookings, from 1, and `keeps` the share of their outcome that they keep, from 0 to 1. If bookings may
    be parts, `count` may be a fraction, and `exact_count` is its exact value as text. `forecast` has the range of each
    quantity that varies. `adds_people` is how many fewer people would be reached without this booking (one of them), by
    nobody else of the plan; None where that is not known.
    """

    creator: str
    offer: str
    count: float
    labels: Mapping[str, str | None]
    values: Mapping[str, float]
    estimated: Mapping[str, str]
    step: int | None = None
    keeps: float | None = None
    exact_count: str | None = None
    forecast: Mapping[str, BookingForecast] = field(default_factory=dict)
    adds_people: float | None = None


@dataclass(frozen=True, slots=True)
class UsedBenchmark:
    """A figure of a benchmark pack that was used, or that was passed over for another one."""

    pack: str
    figure: str
    speaks_of: str
    level: str
    value: str
    low: str | None
    high: str | None
    source: str
    date: str
    passed_over: bool


@dataclass(frozen=True, slots=True)
class MoreBudget:
    """The plan that was found with `amount` more budget and nothing else changed: its `value`, and the `difference` to
    this plan. If that is 0, it is proved that no plan is better.
    """

    amount: float
    value: float
    difference: float


@dataclass(frozen=True, slots=True)
class Unspent:
    """What is left of the budget for creators, in the currency, and why: a sentence of which each part was checked."""

    amount: float
    why: str


@dataclass(frozen=True, slots=True)
class Plan(Tabular):
    """Who to book, on which offers, with totals, how each rule stands, and how close to the best this is, proved.

    `claim` rests on our own proof alone: `optimal`, `within_gap` (of the gap that was asked for) or `feasible`. `units`
    gives the unit of each quantity and ratio: `money`, `count` or `share`.

    A plan that books nobody is `empty`. If only an empty plan keeps the rules, `conflict` names these, `conflicts`
    lists them separately as in a NoPlan, and `repairs` are changes after which somebody can be booked.

    `more_budget` is a plan that was found with a little more budget; None if none was searched for, or none found that
    needs it. `doubts` are what an experienced planner would ask about the pool, the scenario and the bookings.

    Of all creators, `considered` can be booked; the others are `excluded`, each for the first reason that applies.
    `runners_up` are those nearest to being booked, by the prices of the rules. `unspent` is None without a budget.
    Plans that older versions wrote do not say these.

    `definitions` says what figures of the creators count, as in median likes / followers, as far as that is known.

    `goals` are all goals in order, `objective` the first of them, if there are several; `claim` then holds for each of
    them in its own step.

    `forecast` says what was expected of creators, and on what grounds; None where figures are taken as measured.

    `people` says whom the plan reaches, each counted once; None where the scenario says nothing of its audience.

    A plan of `replan` says what is `committed`, what has become of each name (`changes`), and from which plan it
    follows (`replan`).
    """

    scenario: ScenarioName
    inputs: tuple[InputFile, ...]
    claim: Claim
    solver_claim: str
    currency: str
    decimals: int
    objective: ObjectiveResult
    totals: Mapping[str, float]
    constraints: tuple[ConstraintResult, ...]
    allocations: tuple[Allocation, ...]
    certificate: Certificate
    warnings: tuple[str, ...]
    solver: SolverRun
    benchmarks: tuple[UsedBenchmark, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    conflict: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    repairs: tuple[Repair, ...] = ()
    more_budget: MoreBudget | None = None
    considered: int | None = None
    excluded: tuple[Excluded, ...] | None = None
    runners_up: tuple[str, ...] = ()
    unspent: Unspent | None = None
    doubts: tuple[Doubt, ...] = ()
    forecast: ForecastResult | None = None
    goals: tuple[GoalResult, ...] = ()
    changes: tuple[NameChange, ...] = ()
    committed: Committed | None = None
    replan: Replanned | None = None
    people: People | None = None
    outcome: Literal["plan"] = "plan"

    @property
    def empty(self) -> bool:
        """Whether nobody is booked."""
        return not self.allocations
