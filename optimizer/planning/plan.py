"""The results of planning: a plan with its proof, or the reason why there is none. Frozen, plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from optimizer.domain.doubts import Doubt
from optimizer.domain.scenario import InputFile
from optimizer.errors import Place
from optimizer.planning.result import Kept, Tabular

Claim = Literal["optimal", "within_gap", "feasible"]


@dataclass(frozen=True, slots=True)
class ScenarioName:
    """The question: the scenario, its variant, and the changes of this run."""

    name: str
    variant: str | None = None
    changes: Mapping[str, str] = field(default_factory=dict)


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
class ClashingRule:
    """A rule of a conflict with its bounds and its place; a logic rule has its words in `says`."""

    name: str
    per_value: str | None
    quantity: str
    kind: str
    of: Any
    at_least: float | None
    at_most: float | None
    says: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that conflict, by name (`include` stands for the creators who must be booked). `says` is a sentence that
    also tells whether the conflict is proved."""

    names: tuple[str, ...]
    rules: tuple[ClashingRule, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A change that lets a plan keep all rules; changes with the same `option` belong together.

    `bound` is the bound to change, from `from_` to `to`, as written; None means to drop the rule, or not to include the
    creator. For a budget that other costs are deducted from, `leaves` is what it leaves for creators, before and after.
    `least`: it is proved that no smaller change suffices, given the other changes of the option.
    """

    constraint: str
    per_value: str | None
    bound: str | None
    from_: float | None
    to: float | None
    least: bool
    option: int
    rule: ClashingRule | None = None
    note: str = ""
    leaves: tuple[float, float] | None = None


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
    price_of: Literal["at_most", "at_least", "exactly"] | None = None
    price_up: float | None = None
    price_down: float | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """What is expected of a total, and the values that one draw in ten, in two, and nine in ten stay below; `alone`
    are these without the errors that bookings share.
    """

    expected: float
    p10: float
    p50: float
    p90: float
    alone: tuple[float, float, float]


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
class RuleChance:
    """In which share of the draws a rule is kept; None where its quantity is not drawn (as of some people only)."""

    name: str
    per_value: str | None
    chance: float | None


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """What was expected of creators, and on what grounds.

    `fit` are the fits by column and platform, `counts` those of rates that are counts, as objects of plain values.
    `ranges` are those of the totals by quantity, and of the goal as `objective`; with `draws` draws from `seed`, under
    the `common` errors (log standard deviations) that bookings share. `rules` has the rules in their order. A NoPlan
    has no ranges.
    """

    rates: str
    unmeasured: str
    fit: Mapping[str, Mapping[str, Mapping[str, Any]]]
    counts: Mapping[str, Mapping[str, float]]
    draws: int = 0
    seed: int = 1
    common: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[RuleChance, ...] = ()
    ranges: Mapping[str, Range] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allocation:
    """A creator booked on an offer. `values`: expected outcome and cost; `estimated`: sources of estimated figures.

    `count` is the number of bookings, which may be above 1 for a segment. If the segment has returns, `step` is the
    step of these bookings, from 1, and `keeps` the share of their outcome that they keep, from 0 to 1. If bookings may
    be parts, `count` may be a fraction, and `exact_count` is its exact value as text. `forecast` has the range of each
    quantity that varies.
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
class BookingAt:
    """A column of a proof: the bookings of one creator on one offer (on one step), or a switch of the program."""

    creator: str | None = None
    offer: str | None = None
    step: int | None = None
    switch: int | None = None


@dataclass(frozen=True, slots=True)
class RelaxedBooking:
    """The value of a booking (or a switch) in the LP relaxation."""

    at: BookingAt
    count: float


@dataclass(frozen=True, slots=True)
class SplitAt:
    """A branch: at most `at_most`, or more, of one of the certificate's `bookings` (its position, from 0)."""

    booking: int
    at_most: int


@dataclass(frozen=True, slots=True)
class ProofCase:
    """A node of the branch-and-bound tree of a proof: split in two, or closed by prices.

    A case with `split` is followed by all cases with at most so many of these bookings, then by those with more; its
    prices, if any, fix columns by reduced cost in both. A leaf has `prices` for some rows (`rows`: their positions,
    from 0, among those of the certificate and then all rounded rows; all others are 0), which bound the value of its
    plans; or, if `impossible`, prove that it has none. A price that no float equals is written as a fraction (`"1/3"`).
    """

    split: SplitAt | None = None
    rows: tuple[int, ...] = ()
    prices: tuple[float | str, ...] = ()
    impossible: bool = False


@dataclass(frozen=True, slots=True)
class RoundedRow:
    """A cutting plane by mixed-integer rounding: the sum of the sides at some positions (`sides`) times `weights`, with
    the bookings `full` (positions among those of the certificate) complemented at their upper bounds, rounded down to
    multiples of the divisor."""

    sides: tuple[int, ...]
    weights: tuple[int, ...]
    full: tuple[int, ...]
    divisor: int


@dataclass(frozen=True, slots=True)
class ProofStage:
    """The cutting planes that follow while so many bookings are `open`, and prices (as in a case) that close some of
    them by reduced cost; none in the last stage.
    """

    open: int
    rounded: tuple[RoundedRow, ...]
    rows: tuple[int, ...] = ()
    prices: tuple[float | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proof of the bound: one price per row. Prices are float64, read as exact.

    By themselves they prove `root_bound`. If `bound` is tighter, it is proved by `stages` and `cases`, which cover the
    plans with a value of `above` or more, in the smallest unit of the objective (None: all plans), and refer to
    `bookings`.

    `relaxed` is a solution of the LP relaxation with nearly the value that the prices prove, which shows that they are
    optimal duals. It is None if no rule has a price, or the relaxation was not solved to optimality.
    """

    rows: Mapping[str, float]
    cells: Mapping[str, float]
    bound: float
    gap: float
    root_bound: float
    above: int | None = None
    bookings: tuple[BookingAt, ...] = ()
    stages: tuple[ProofStage, ...] = ()
    cases: tuple[ProofCase, ...] = ()
    relaxed: tuple[RelaxedBooking, ...] | None = None


@dataclass(frozen=True, slots=True)
class Refutation:
    """The proof of a conflict: one price per row, or `cases` with prices of their own.

    At these prices no bookings reach what the bounds of the rows require (Farkas).
    """

    rows: Mapping[str, float]
    cells: Mapping[str, float]
    bookings: tuple[BookingAt, ...] = ()
    stages: tuple[ProofStage, ...] = ()
    cases: tuple[ProofCase, ...] = ()


@dataclass(frozen=True, slots=True)
class SolverRun:
    """How the answer was found; `gap` is the requested gap.

    `ties` says what decided among plans of equal value: `only` (there is no other), `spend` (this one spends the
    least), `names` (of those, it has the first names), or `open` (not all were compared, or it is not proved optimal).
    `way` says what proves the bound: the `prices` of all rows alone; or rounded rows and `cases` over the `open`
    bookings that prices leave open. If it was `stopped`, by a limit or on request, the same number of `rounds` gives
    the same plan on any machine.
    """

    engine: str
    gap: float
    columns: int
    rows: int
    seconds: float
    stopped: bool = False
    ties: Literal["only", "spend", "names", "open"] = "open"
    way: Literal["prices", "cases"] = "prices"
    open: int = 0
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class MoreBudget:
    """The plan that was found with `amount` more budget and nothing else changed: its `value`, and the `difference` to
    this plan. If that is 0, it is proved that no plan is better.
    """

    amount: float
    value: float
    difference: float


@dataclass(frozen=True, slots=True)
class Excluded:
    """How many creators are left out `by` something: `where`, an entry of `exclude` as written, `no tier`, ..."""

    by: str
    count: int


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

    `forecast` says what was expected of creators, and on what grounds; None where figures are taken as measured.
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
    outcome: Literal["plan"] = "plan"

    @property
    def empty(self) -> bool:
        """Whether nobody is booked."""
        return not self.allocations


@dataclass(frozen=True, slots=True)
class NoPlan(Kept):
    """Why there is no plan: the rules clash (`infeasible`), or none was found within the limit (`no_plan`).

    `conflict` names rules that cannot hold together; `proof` is `prices` or `branches` if that is proved exactly, else
    `none`. `conflicts` lists separate conflicts, each of which excludes every plan by itself; they share no rule, and
    `proof` and `certificate` are about the first one.
    """

    scenario: ScenarioName
    inputs: tuple[InputFile, ...]
    outcome: Literal["infeasible", "no_plan"]
    reason: str
    proof: Literal["prices", "branches", "none"]
    conflict: tuple[str, ...]
    warnings: tuple[str, ...]
    solver: SolverRun
    currency: str
    decimals: int
    rules: tuple[ClashingRule, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    repairs: tuple[Repair, ...] = ()
    certificate: Refutation | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    considered: int | None = None
    excluded: tuple[Excluded, ...] | None = None
    doubts: tuple[Doubt, ...] = ()
    forecast: ForecastResult | None = None
