"""Planning for what a scenario is worth alone: most of the work on a clash goes into conflicts and repairs.

What is left out here is tested where it is the question: conflicts, repairs, empty plans, more budget, ties.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from optimizer import NoPlan, Plan, try_optimize
from optimizer.domain.scenario import Scenario


@contextmanager
def without_explanations() -> Iterator[None]:
    """No search for why there is no plan, for what would mend it, for more budget, or among plans of equal value."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizer.planning.outcome.clashes", lambda solution, clock: [])
        patch.setattr("optimizer.planning.outcome.emptied", lambda solution, clock: (solution.program, []))
        patch.setattr("optimizer.planning.outcome.with_more_budget", lambda solution, gap, clock: None)
        patch.setattr("optimizer.planning.goals.with_ties_decided", lambda estimates, solution, clock: solution)
        yield


@contextmanager
def with_brief_explanations(rounds: int = 100) -> Iterator[None]:
    """Conflicts are named, further ones after so much work; no changes are sought that would mend them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizer.planning.conflicts.ROUNDS", rounds)
        patch.setattr("optimizer.planning.empty.ROUNDS", rounds)
        patch.setattr("optimizer.planning.told.repairs", lambda scenario, program, found, clock: [])
        yield


def plan_alone(scenario: Scenario, **terms: Any) -> Plan | NoPlan:
    """The checked plan with its bound, or that there is none; without explanations."""
    with without_explanations():
        return try_optimize(scenario, **terms)
