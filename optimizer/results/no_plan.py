"""The reason why there is no plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from optimizer.domain.doubts import Doubt
from optimizer.domain.scenario import InputFile
from optimizer.results.common import ClashingRule, Conflict, Excluded, ForecastResult, Repair, ScenarioName, SolverRun
from optimizer.results.proof import Refutation
from optimizer.results.replanned import Committed
from optimizer.results.shown import Kept


@dataclass(frozen=True, slots=True)
class NoPlan(Kept):
    """Why there is no plan: the rules clash (`infeasible`), or none was found within the limit (`no_plan`).

    `conflict` names rules that cannot hold together; `proof` is `prices` or `branches` if that is proved exactly, else
    `none`. `conflicts` lists separate conflicts, each of which excludes every plan by itself; they share no rule, and
    `proof` and `certificate` are about the first one. An answer of `replan` says what is `committed`.
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
    committed: Committed | None = None
