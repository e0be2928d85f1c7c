"""Check: all that planning does before its search, and perhaps a search for any plan at all."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import estimate
from optimizer.estimation.nobody import none_available
from optimizer.formulation.build import build
from optimizer.planning.optimize import Terms, planned
from optimizer.results.checked import Checked
from optimizer.results.common import Excluded
from optimizer.results.no_plan import NoPlan

_ANY_PLAN = 0.999_999  # a gap that the first plan meets


def check(scenario: Scenario, idle: Iterable[str] = (), *, solve: bool = False) -> Checked | NoPlan:
    """Check a loaded scenario; `idle` are warnings about variants that were not chosen.

    With `solve`, a plan is looked for, whatever it is worth; a `NoPlan` says why there is none.

    Raises
    ------
    ScenarioError
        If a figure that is needed is given nowhere, or a rule cannot be expressed.
    """
    estimates = estimate(scenario)
    build(estimates)  # which finds rules that no program can express
    found = planned(scenario, Terms(gap=_ANY_PLAN, more_budget=False)).result if solve else None
    if isinstance(found, NoPlan):
        return found
    return Checked(
        creators=len(scenario.pool),
        bookings=len(estimates),
        rules=len(scenario.constraints),
        excluded=[Excluded(by, count) for by, count in scenario.excluded],
        warnings=[*scenario.warnings, *idle, *none_available(scenario, estimates.columns)],
        doubts=scenario.doubts,
        notes=scenario.notes,
        found=found,
    )
