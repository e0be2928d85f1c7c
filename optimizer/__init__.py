"""creatormix: the best mix of creators for a campaign, proved.

    from optimizer import load_scenario, optimize

    plan = optimize(load_scenario("scenarios/booktok.yaml"))
    print(plan.objective.value, plan.claim)

Names are loaded when they are first used, so that importing the package is quick and touches no solver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from optimizer.results.shown import Faces, install

if TYPE_CHECKING:
    from optimizer.analysis.alternatives import alternatives
    from optimizer.analysis.compare import compare
    from optimizer.analysis.explain import explain
    from optimizer.analysis.fit_audience import fit_audience
    from optimizer.analysis.planner import Planner
    from optimizer.analysis.replan import replan
    from optimizer.analysis.sweep import sweep
    from optimizer.domain.doubts import Doubt
    from optimizer.domain.scenario import Scenario
    from optimizer.errors import CheckError, CreatormixError, DocumentError, Place, Problem, ScenarioError
    from optimizer.loading.load import load_scenario
    from optimizer.planning.model_file import write_model
    from optimizer.planning.optimize import optimize, try_optimize
    from optimizer.results.alternatives import Alternative, Alternatives, MarkedCreator, Reserve, StandIn
    from optimizer.results.as_json import to_dict, to_json
    from optimizer.results.audience import AudienceFit
    from optimizer.results.comparison import Case, Comparison
    from optimizer.results.errors import InfeasibleError, NoPlanFoundError
    from optimizer.results.explanation import Explanation
    from optimizer.results.no_plan import NoPlan
    from optimizer.results.plan import Allocation, ConstraintResult, Plan
    from optimizer.results.sweep import Sweep, SweepPoint
    from optimizer.results.verification import Difference, Verification
    from optimizer.solving.search import Progress
    from optimizer.synthetic.pool import generate_pool
    from optimizer.verification.verify import verify

__version__ = "0.2.0.dev0"

_HOMES = {
    "Allocation": "optimizer.results.plan",
    "Alternative": "optimizer.results.alternatives",
    "Alternatives": "optimizer.results.alternatives",
    "AudienceFit": "optimizer.results.audience",
    "Case": "optimizer.results.comparison",
    "CheckError": "optimizer.errors",
    "Comparison": "optimizer.results.comparison",
    "ConstraintResult": "optimizer.results.plan",
    "CreatormixError": "optimizer.errors",
    "Difference": "optimizer.results.verification",
    "DocumentError": "optimizer.errors",
    "Doubt": "optimizer.domain.doubts",
    "Explanation": "optimizer.results.explanation",
    "InfeasibleError": "optimizer.results.errors",
    "MarkedCreator": "optimizer.results.alternatives",
    "NoPlan": "optimizer.results.no_plan",
    "NoPlanFoundError": "optimizer.results.errors",
    "Place": "optimizer.errors",
    "Plan": "optimizer.results.plan",
    "Planner": "optimizer.analysis.planner",
    "Problem": "optimizer.errors",
    "Progress": "optimizer.solving.search",
    "Reserve": "optimizer.results.alternatives",
    "Scenario": "optimizer.domain.scenario",
    "Sweep": "optimizer.results.sweep",
    "SweepPoint": "optimizer.results.sweep",
    "ScenarioError": "optimizer.errors",
    "StandIn": "optimizer.results.alternatives",
    "Verification": "optimizer.results.verification",
    "alternatives": "optimizer.analysis.alternatives",
    "compare": "optimizer.analysis.compare",
    "explain": "optimizer.analysis.explain",
    "fit_audience": "optimizer.analysis.fit_audience",
    "generate_pool": "optimizer.synthetic.pool",
    "load_scenario": "optimizer.loading.load",
    "optimize": "optimizer.planning.optimize",
    "replan": "optimizer.analysis.replan",
    "sweep": "optimizer.analysis.sweep",
    "to_dict": "optimizer.results.as_json",
    "to_json": "optimizer.results.as_json",
    "try_optimize": "optimizer.planning.optimize",
    "verify": "optimizer.verification.verify",
    "write_model": "optimizer.planning.model_file",
}

__all__ = [
    "Allocation",
    "Alternative",
    "Alternatives",
    "AudienceFit",
    "Case",
    "CheckError",
    "Comparison",
    "ConstraintResult",
    "CreatormixError",
    "Difference",
    "DocumentError",
    "Doubt",
    "Explanation",
    "InfeasibleError",
    "MarkedCreator",
    "NoPlan",
    "NoPlanFoundError",
    "Place",
    "Plan",
    "Planner",
    "Problem",
    "Progress",
    "Reserve",
    "Scenario",
    "ScenarioError",
    "StandIn",
    "Sweep",
    "SweepPoint",
    "Verification",
    "alternatives",
    "compare",
    "explain",
    "fit_audience",
    "generate_pool",
    "load_scenario",
    "optimize",
    "replan",
    "sweep",
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


def _faces() -> Faces:
    """What results are given out by: above them, so that this module, which may import anything, brings it to them."""
    from optimizer.report import faces

    return faces


install(_faces)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
