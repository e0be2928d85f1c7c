"""What planning gives: a plan with its proof, or the reason why there is none. Frozen, plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from optimizer.domain.scenario import InputFile
from optimizer.errors import Place

Claim = Literal["optimal", "within_gap", "feasible"]


@dataclass(frozen=True, slots=True)
class ScenarioName:
    """Which question was asked: the scenario, its variant, and what was changed for this run."""

    name: str
    variant: str | None = None
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    """The goal: what the plan reaches, and the proven bound that no plan passes; in the objective's unit."""

    sense: str
    of: Mapping[str, float]
    value: float
    bound: float
    gap: float
    gap_absolute: float


@dataclass(frozen=True, slots=True)
class ClashingRule:
    """A rule that cannot hold together with others, with its bounds; of a logic rule, what it says; and its place."""

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
    """Rules that cannot hold together, by name (`include` stands for the creators who must be booked); `says` so in a
    sentence, with whether it is proved."""

    names: tuple[str, ...]
    rules: tuple[ClashingRule, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A change that lets a plan keep all rules; changes with the same `option` belong together.

    `bound` is the bound to change, from `from_` to `to`, as they are written; None: the rule is to be dropped, or a
    creator not to be included. Of a budget that other costs come out of, `leaves` is what it leaves for creators,
    before and after. `least` says whether it is proved that less would not do, the other changes of
    the option being made.
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

    `kind` is `absolute`, `share`, `ratio` or `logic`. A logic rule has what it says in `says`, its kind of logic as
    `quantity`, and as `value` how many of its parts are booked; it binds where one more or less would break it. A rule
    for each creator shows the booking with the least room, whose creator is `per_value`. `note` says how a budget was
    reduced before creators are paid from it.

    `shadow_price` says how much the objective gains per unit by which the bound is loosened (a currency unit, a person,
    a percentage point of a share), from the relaxation; for `exactly` it is what raising the bound gains. Where many
    rules bind at once, that may hold in one direction only. So `price_of` says which bound the price belongs to
    (`at_most`, `at_least` or `exactly`), and `price_up` and `price_down` what the objective gains (less than 0: loses)
    per unit by which that bound is raised, or lowered; None where the relaxation has no plan on that side.
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
class Allocation:
    """A creator booked on an offer; `values`: what it is expected to bring, `estimated`: where figures came from.

    Of a segment, `count` is how often; where it has returns, `step` is the step of these bookings, and `keeps` what
    they keep of their outcome.
    Where bookings may be parts, `count` may be one, and `exact_count` is it as a fraction.
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


@dataclass(frozen=True, slots=True)
class UsedBenchmark:
    """A figure of a benchmark pack that filled what nothing else gave, or that was passed over for another one."""

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
    """What a proof speaks of: bookings of one creator on one offer (on one step), or one of the program's switches."""

    creator: str | None = None
    offer: str | None = None
    step: int | None = None
    switch: int | None = None


@dataclass(frozen=True, slots=True)
class RelaxedBooking:
    """How often a booking is made (or a switch is on) where parts of all were allowed."""

    at: BookingAt
    count: float


@dataclass(frozen=True, slots=True)
class SplitAt:
    """Where a case is split: at `at_most` bookings of one of the certificate's `bookings` (its place, from 0)."""

    booking: int
    at_most: int


@dataclass(frozen=True, slots=True)
class ProofCase:
    """One case of a proof: split in two, or closed by prices.

    A case with `split` is followed by all cases with at most so many of these bookings, then by those with more; its
    prices, if any, leave out of both what costs too much. Any other has `prices` for some rows (`rows`: their places,
    from 0, among those of the certificate and then all that follow by rounding; all others are 0), which bound what a
    plan in it can be worth; or, where `impossible`, show that there is none. A price that no float is stands as a
    fraction (`"1/3"`).
    """

    split: SplitAt | None = None
    rows: tuple[int, ...] = ()
    prices: tuple[float | str, ...] = ()
    impossible: bool = False


@dataclass(frozen=True, slots=True)
class RoundedRow:
    """A row that follows from others because bookings are whole: the sum of the sides at some places (`sides`), times
    `weights`, where the bookings `full` (places among those of the certificate) are counted down from the most that
    they may be, rounded down to multiples of the divisor."""

    sides: tuple[int, ...]
    weights: tuple[int, ...]
    full: tuple[int, ...]
    divisor: int


@dataclass(frozen=True, slots=True)
class ProofStage:
    """What follows by rounding while so many bookings are `open`, and prices (as in a case) that close some of them;
    none in the last stage."""

    open: int
    rounded: tuple[RoundedRow, ...]
    rows: tuple[int, ...] = ()
    prices: tuple[float | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """What proves the bound: one price per row. Prices are float64, read as exact.

    By themselves they prove `root_bound`. Where `bound` is nearer, it took `stages` and `cases`, which are about plans
    that are worth `above` or more, in the smallest unit of the objective (None: of any worth), and speak of `bookings`.

    `relaxed` is what the relaxation books: worth what the prices prove, nearly, so that these are the prices of the
    rules. It is None where no rule has a price, or the relaxation was not solved to its end.
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
    """What proves that the rules of a conflict clash: one price per row, or `cases` with prices of their own.

    No bookings are worth to these prices what the bounds of the rows ask for.
    """

    rows: Mapping[str, float]
    cells: Mapping[str, float]
    bookings: tuple[BookingAt, ...] = ()
    stages: tuple[ProofStage, ...] = ()
    cases: tuple[ProofCase, ...] = ()


@dataclass(frozen=True, slots=True)
class SolverRun:
    """How the answer was found; `gap` is the one that was asked for.

    `ties` says what decided among plans that are worth as much: `only` (there is no other), `spend` (this one spends
    the least), `names` (of those, it books first names), or `open` (not all was looked at, or it is not proved best).
    `way` says what proves the bound: the `prices` of all rows alone; or rounded rows and `cases` over the `open`
    bookings that prices leave open. Where it was `stopped`, by a limit or by whoever asked, as many `rounds` of work
    give the same plan on any machine.
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
    """What a plan brings that was found with `amount` more in the budget, all else alike: its `value`, and the
    `difference` that it makes. Where that is 0, it is proved that no plan brings more."""

    amount: float
    value: float
    difference: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Who to book, on which offers, with totals, how each rule stands, and how close to the best this is, proved.

    `claim` rests on our own proof alone: `optimal`, `within_gap` (of the gap that was asked for) or `feasible`. `units`
    says of each quantity and ratio what it is counted in: `money`, `count` or `share`.

    A plan that books nobody is `empty`. Where that is because of its rules, which only an empty plan keeps, `conflict`
    names them, `conflicts` tells them apart as in a NoPlan, and `repairs` are changes after which somebody can be
    booked.

    `more_budget` says what a plan brings that was found with a little more in the budget; None where none was looked
    for, or none found that needs it.
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
    units: Mapping[str, str] = field(default_factory=dict)
    conflict: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    repairs: tuple[Repair, ...] = ()
    more_budget: MoreBudget | None = None
    outcome: Literal["plan"] = "plan"

    @property
    def empty(self) -> bool:
        """Whether nobody is booked."""
        return not self.allocations

    def __str__(self) -> str:
        from optimizer.report.text import render  # rendering is loaded only when a plan is printed

        return render(self, width=100)

    def to_dict(self) -> dict[str, Any]:
        """The plan as one object of plain values: `creatormix/plan/1`."""
        from optimizer.report.as_json import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        """The same as JSON text."""
        from optimizer.report.as_json import to_json

        return to_json(self)


@dataclass(frozen=True, slots=True)
class NoPlan:
    """Why there is no plan: the rules clash (`infeasible`), or none was found within the limit (`no_plan`).

    `conflict` names rules that cannot hold together; `proof` is `prices` or `branches` where that is proved
    exactly, else `none`. `conflicts` tells them apart where there are several, of which each by itself rules out any
    plan; they share no rule, and `proof` and `certificate` are about the first one.
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

    def __str__(self) -> str:
        from optimizer.report.text import render  # as in Plan

        return render(self, width=100)

    def to_dict(self) -> dict[str, Any]:
        """What is said instead of a plan, as one object of plain values: `creatormix/plan/1`."""
        from optimizer.report.as_json import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        """The same as JSON text."""
        from optimizer.report.as_json import to_json

        return to_json(self)
