"""What planning gives: a plan with its proof, or the reason why there is none. Frozen, plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from optimizer.domain.scenario import InputFile

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
    """A rule that cannot hold together with others, with its bounds."""

    name: str
    per_value: str | None
    quantity: str
    kind: str
    of: Any
    at_least: float | None
    at_most: float | None


@dataclass(frozen=True, slots=True)
class ConstraintResult:
    """How a rule stands. `room` is the distance to its nearer bound in the quantity's unit.

    `shadow_price` says how much the objective gains per unit by which the bound is loosened (a currency unit, a person,
    a percentage point of a share), from the relaxation; for `exactly` it is what raising the bound gains.
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


@dataclass(frozen=True, slots=True)
class Allocation:
    """A creator booked on an offer; `values`: what it is expected to bring, `estimated`: where figures came from."""

    creator: str
    offer: str
    count: int
    labels: Mapping[str, str | None]
    values: Mapping[str, float]
    estimated: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What proves the bound: one price per row. Prices are float64, read as exact."""

    rows: Mapping[str, float]
    cells: Mapping[str, float]
    bound: float
    gap: float


@dataclass(frozen=True, slots=True)
class SolverRun:
    """How the answer was found."""

    engine: str
    columns: int
    rows: int
    seconds: float
    stopped: bool = False  # before the search ended: by the limit, or by whoever asked


@dataclass(frozen=True, slots=True)
class Plan:
    """Who to book, on which offers, with totals, how each rule stands, and how close to the best this is, proved.

    `claim` rests on our own proof alone: `optimal`, `within_gap` (of the gap that was asked for) or `feasible`.
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
    outcome: Literal["plan"] = "plan"

    def __str__(self) -> str:
        from optimizer.report.text import render  # rendering is loaded only when a plan is printed

        return render(self, width=100)


@dataclass(frozen=True, slots=True)
class NoPlan:
    """Why there is no plan: the rules clash (`infeasible`), or none was found within the limit (`no_plan`).

    `conflict` names rules that cannot hold together; `proof` is `prices` where that is proved exactly, else `none`.
    """

    scenario: ScenarioName
    inputs: tuple[InputFile, ...]
    outcome: Literal["infeasible", "no_plan"]
    reason: str
    proof: Literal["prices", "none"]
    conflict: tuple[str, ...]
    warnings: tuple[str, ...]
    solver: SolverRun
    currency: str
    decimals: int
    rules: tuple[ClashingRule, ...] = ()
    repairs: tuple[Mapping[str, Any], ...] = ()

    def __str__(self) -> str:
        from optimizer.report.text import render  # as in Plan

        return render(self, width=100)
