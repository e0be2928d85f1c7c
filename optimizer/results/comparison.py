"""The parts of a comparison: cases side by side, and differences from the base. Frozen, plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from optimizer.domain.scenario import InputFile
from optimizer.results.common import Range, ScenarioName
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Claim, ConstraintResult, ObjectiveResult, Plan
from optimizer.results.shown import Shown

Proved = Literal["better", "worse", "equal", "open"]
AccountedBy = Literal["shapley", "in file order"]
Change = Literal["comes_in", "leaves", "offer_changes", "count_changes", "stays"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A total of one case, with its absolute and relative difference to the base's.

    `difference` is None for the base itself, if the base has no such total, and between currencies. `relative` is a
    fraction of the base's total; it is None too if that is 0.
    """

    value: float
    difference: float | None
    relative: float | None


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A quantity or ratio with its total in each case; None if a case has none.

    `unit` is `money`, `count` or `share`.
    """

    quantity: str
    unit: str
    cases: tuple[Amount | None, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule, with how it stands in each case; None where a case does not have it, or has no plan.

    `alike`: all cases that have the rule write it alike. A rule for each creator shows in each case the booking with
    the least room, so that `per_value` is left to the cases.
    """

    name: str
    per_value: str | None
    alike: bool
    cases: tuple[ConstraintResult | None, ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """The bookings of a creator on an offer in one case, over all steps of returns.

    `values` holds spend and the quantities of the cases' objectives. `exact_count` is the count as a fraction, where it
    is not whole.
    """

    offer: str
    count: float
    exact_count: str | None
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A creator on an offer, with the bookings of each case; None if a case does not book it."""

    creator: str
    offer: str
    cases: tuple[Booked | None, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """The change of a creator from the base to a case.

    `change` is `comes_in`, `leaves`, `offer_changes` (at least one offer differs), `count_changes` (only how often) or
    `stays`. `difference` is the change in spend and in the quantities of the objectives; a creator who stays may have
    other figures. It is None where the two cannot be compared.
    """

    creator: str
    change: Change
    before: tuple[Booked, ...]
    after: tuple[Booked, ...]
    difference: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key in which a case's scenario differs from the base's, as it is written in a change.

    `before` is its value in the base, `after` in the case, as they would be written in one line; None where it is not
    there.
    """

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """The part of the difference of the objective's value that a key accounts for.

    `shapley`: what it changes on average over all orders in which the keys can be changed; `in file order`: what it
    changes after the keys before it. `exact_change` is the change as a fraction, where it is no decimal. `proved`: all
    plans that it rests on are proved optimal. Else it is from `low` to `high` for the best plans, as far as bounds
    prove it; None with goals in order.
    """

    key: str
    change: float
    exact_change: str | None
    low: float | None
    high: float | None
    how: AccountedBy
    proved: bool


@dataclass(frozen=True, slots=True)
class AgainstBase:
    """A case's plan compared with the base's.

    `difference` and `relative` are of the objective's value, None if the objectives differ. `proved` says which
    of the two optimal plans is better, as far as values and bounds prove it: `better` or `worse` than the
    base's, `equal`, or `open`. `accounts` are the parts of the difference, by key, which sum exactly to it; None if
    nobody asked, or if it cannot be told. `accounts_note` says why, or why it was told in file order.
    """

    difference: float | None
    relative: float | None
    proved: Proved | None
    moves: tuple[Move, ...]
    accounts: tuple[Account, ...] | None = None
    accounts_note: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One of the plans that are compared, or the reason why there is none; `result` holds all of it.

    `differs` says in words what distinguishes its scenario from the first one's. `differs_in` are the keys in which it
    differs from the base's (the first one's, if no case has a plan); None if one of them was handed over as a plan.
    """

    name: str
    result: Plan | NoPlan
    differs: tuple[str, ...]
    against_base: AgainstBase | None
    differs_in: tuple[KeyChange, ...] | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan, where there is one."""
        return self.result if isinstance(self.result, Plan) else None

    @property
    def scenario(self) -> ScenarioName:
        """The question that was planned."""
        return self.result.scenario

    @property
    def inputs(self) -> tuple[InputFile, ...]:
        """The files that the scenario was read from."""
        return self.result.inputs

    @property
    def outcome(self) -> Literal["plan", "infeasible", "no_plan"]:
        """Whether there is a plan."""
        return self.result.outcome

    @property
    def claim(self) -> Claim | None:
        """How good the plan is, by our own proof."""
        return self.plan.claim if self.plan else None

    @property
    def solver_claim(self) -> str | None:
        """What the solver says of the plan."""
        return self.plan.solver_claim if self.plan else None

    @property
    def currency(self) -> str:
        """The currency of its money."""
        return self.result.currency

    @property
    def objective(self) -> ObjectiveResult | None:
        """What the plan reaches, and the proven bound."""
        return self.plan.objective if self.plan else None

    @property
    def forecast(self) -> Mapping[str, Range] | None:
        """The ranges of the plan's totals and goal; None where figures are taken as measured."""
        return self.plan.forecast.ranges if self.plan and self.plan.forecast else None

    @property
    def reason(self) -> str | None:
        """Why there is no plan."""
        return self.result.reason if isinstance(self.result, NoPlan) else None

    @property
    def proof(self) -> str | None:
        """Whether it is proved that there is no plan."""
        return self.result.proof if isinstance(self.result, NoPlan) else None

    @property
    def conflict(self) -> tuple[str, ...]:
        """Rules that cannot be kept together; of an empty plan, those that only an empty plan keeps."""
        return self.result.conflict

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of this case."""
        return self.result.warnings

    @property
    def stopped(self) -> bool:
        """Whether its search ended early."""
        return self.result.solver.stopped

    @property
    def rounds(self) -> int | None:
        """How many rounds of work repeat a search that ended early."""
        return self.result.solver.rounds


@dataclass(frozen=True, slots=True)
class Shared:
    """A creator who is in some plans, and in which."""

    creator: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Creators:
    """Who is in all plans, on any offer, and who only in some; cases without a plan are ignored."""

    in_all: tuple[str, ...]
    in_some: tuple[Shared, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Shown):
    """Plans side by side. Everything that has one entry per case has it in the order of `cases`.

    `base` names the case that differences are taken from: the first one that has a plan. `not_compared` says what
    cannot be compared, and why; `not_planned` names cases that were left out because the comparison was stopped.
    """

    base: str | None
    cases: tuple[Case, ...]
    totals: tuple[TotalRow, ...]
    rules: tuple[RuleRow, ...]
    roster: tuple[RosterRow, ...]
    creators: Creators
    not_compared: tuple[str, ...] = ()
    not_planned: tuple[str, ...] = ()
