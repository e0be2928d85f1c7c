"""Plans that are made once and looked at many times: for tests of what is shown and written, not of the search."""

from __future__ import annotations

import pytest

from optimizer.analysis import compare
from optimizer.domain.scenario import Scenario
from optimizer.planning import optimize
from optimizer.planning.optimize import Planned, Terms

_KNOWN: dict[str, Planned] = {}


def plan_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the same question of the same files be planned once in this process, whoever asks it.

    What tells its progress, or begins where another search ended, is planned anew.
    """
    anew = optimize.planned

    def planned(scenario: Scenario, terms: Terms, before: Planned | None = None) -> Planned:
        if before is not None or terms.on_progress is not None or not scenario.inputs:
            return anew(scenario, terms, before)
        said = (scenario.inputs, scenario.name, scenario.variant, sorted(scenario.changes.items()))
        asked = repr((said, terms.gap, terms.time_limit_s, terms.rounds, terms.solver, terms.more_budget))
        if asked not in _KNOWN:
            _KNOWN[asked] = anew(scenario, terms)
        return _KNOWN[asked]

    for module in (optimize, compare):
        monkeypatch.setattr(module, "planned", planned)
