"""creatormix: the best mix of creators for a campaign, proved.

    from optimizer import load_scenario, optimize

    plan = optimize(load_scenario("scenarios/booktok.yaml"))
    print(plan.objective.value, plan.claim)

Names are loaded when they are first used, so that importing the package is quick and touches no solver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.analysis.compare import compare
    from optimizer.analysis.comparison import Case, Comparison
    from optimizer.analysis.planner import Planner
    from optimizer.domain.doubts import Doubt
    from optimizer.domain.scenario import Scenario
    from optimizer.errors import (
        CheckError,
        CreatormixError,
        DocumentError,
        InfeasibleError,
        NoPlanFoundError,
        Place,
        Problem,
        ScenarioError,
    )
    from optimizer.loading.load import load_scenario
    from optimizer.planning.model_file import write_model
    from optimizer.planning.optimize import optimize, try_optimize
    from optimizer.planning.plan import Allocation, ConstraintResult, NoPlan, Plan
    from optimizer.report.as_json import to_dict, to_json
    from optimizer.solving.search import Progress
    from optimizer.synthetic.pool import generate_pool
    from optimizer.verification.differences import Difference
    from optimizer.verification.verify import Verification, verify

__version__ = "0.2.0.dev0"

_HOMES = {
    "Allocation": "optimizer.planning.plan",
    "Case": "optimizer.analysis.comparison",
    "CheckError": "optimizer.errors",
    "Comparison": "optimizer.analysis.comparison",
    "ConstraintResult": "optimizer.planning.plan",
    "CreatormixError": "optimizer.errors",
    "Difference": "optimizer.verification.differences",
    "DocumentError": "optimizer.errors",
    "Doubt": "optimizer.domain.doubts",
    "InfeasibleError": "optimizer.errors",
    "NoPlan": "optimizer.planning.plan",
    "NoPlanFoundError": "optimizer.errors",
    "Place": "optimizer.errors",
    "Plan": "optimizer.planning.plan",
    "Planner": "optimizer.analysis.planner",
    "Problem": "optimizer.errors",
    "Progress": "optimizer.solving.search",
    "Scenario": "optimizer.domain.scenario",
    "ScenarioError": "optimizer.errors",
    "Verification": "optimizer.verification.verify",
    "compare": "optimizer.analysis.compare",
    "generate_pool": "optimizer.synthetic.pool",
    "load_scenario": "optimizer.loading.load",
    "optimize": "optimizer.planning.optimize",
    "to_dict": "optimizer.report.as_json",
    "to_json": "optimizer.report.as_json",
    "try_optimize": "optimizer.planning.optimize",
    "verify": "optimizer.verification.verify",
    "write_model": "optimizer.planning.model_file",
}

__all__ = [
    "Allocation",
    "Case",
    "CheckError",
    "Comparison",
    "ConstraintResult",
    "CreatormixError",
    "Difference",
    "DocumentError",
    "Doubt",
    "InfeasibleError",
    "NoPlan",
    "NoPlanFoundError",
    "Place",
    "Plan",
    "Planner",
    "Problem",
    "Progress",
    "Scenario",
    "ScenarioError",
    "Verification",
    "compare",
    "generate_pool",
    "load_scenario",
    "optimize",
    "to_dict",
    "to_json",
    "try_optimize",
    "verify",
    "write_model",
]


if not TYPE_CHECKING:  # otherwise a type checker would accept any misspelt name

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
