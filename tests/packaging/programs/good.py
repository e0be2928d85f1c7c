"""A program that plans by the public names only; no expression in it may be of unknown type."""

# mypy: disallow-any-expr

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, assert_type

from optimizer import (
    Allocation,
    Alternative,
    Alternatives,
    AudienceFit,
    Case,
    CheckError,
    Comparison,
    ConstraintResult,
    CreatormixError,
    Difference,
    DocumentError,
    Doubt,
    Explanation,
    InfeasibleError,
    MarkedCreator,
    NoPlan,
    NoPlanFoundError,
    Place,
    Plan,
    Planner,
    Problem,
    Progress,
    Reserve,
    Scenario,
    ScenarioError,
    StandIn,
    Sweep,
    SweepPoint,
    Verification,
    alternatives,
    compare,
    explain,
    fit_audience,
    load_scenario,
    optimize,
    replan,
    sweep,
    to_json,
    try_optimize,
    verify,
    write_model,
)


def show(progress: Progress) -> None:
    assert_type(progress.value, float | None)
    assert_type(progress.seconds, float)


def show_case(name: str, progress: Progress | None) -> None:
    if progress is not None:
        show(progress)


def spend(bookings: tuple[Allocation, ...]) -> float:
    return sum(booking.values["spend"] * booking.count for booking in bookings)


def binding(rules: tuple[ConstraintResult, ...]) -> list[str]:
    return [f"{rule.name} ({rule.shadow_price:.2f})" for rule in rules if rule.binding]


def whys(after: Plan | NoPlan) -> list[tuple[str, str]]:
    return [(change.creator, change.why) for change in after.changes] if isinstance(after, Plan) else []


def told(problem: Problem) -> str:
    assert_type(problem.place, Place | None)
    where = "" if problem.place is None else f"{problem.place.file}:{problem.place.line}"
    return f"{problem.code} {where} {problem.cause} {problem.mend}"


def main() -> int:
    try:
        scenario = load_scenario(Path("scenario.yaml"), variant="lean", changes={"budget": 12_000})
        plan = optimize(scenario, gap=0.01, time_limit_s=None, solver="highs", on_progress=show, cancel=lambda: False)
    except InfeasibleError as error:
        assert_type(error.result, NoPlan)
        assert_type(error.result.conflict, tuple[str, ...])
        return 4
    except NoPlanFoundError as error:
        assert_type(error.result.reason, str)
        return 5
    except ScenarioError as error:
        assert_type(error.problems, tuple[Problem, ...])
        print("\n".join(told(problem) for problem in error.problems))
        return 3
    except CheckError as error:
        assert_type(error.failures, tuple[str, ...])
        return 1
    except CreatormixError:
        return 1

    assert_type(scenario, Scenario)
    assert_type(scenario.warnings, tuple[str, ...])
    assert_type(plan, Plan)
    assert_type(plan.claim, Literal["optimal", "within_gap", "feasible"])
    assert_type(plan.objective.value, float)
    assert_type(plan.objective.bound, float)
    assert_type(plan.objective.of, Mapping[str, float])
    assert_type(plan.totals["spend"], float)
    assert_type(plan.allocations, tuple[Allocation, ...])
    assert_type(plan.allocations[0].creator, str)
    assert_type(plan.allocations[0].labels["niche"], str | None)
    assert_type(plan.constraints, tuple[ConstraintResult, ...])
    assert_type(plan.constraints[0].at_least, float | None)
    assert_type(plan.certificate.rows, Mapping[str, float])
    assert_type(plan.solver.ties, Literal["only", "spend", "names", "open"])
    print(spend(plan.allocations), binding(plan.constraints), str(plan))

    result = try_optimize(scenario)
    assert_type(result, Plan | NoPlan)
    if isinstance(result, NoPlan):
        assert_type(result.outcome, Literal["infeasible", "no_plan"])
        assert_type([repair.note for repair in result.repairs], list[str])
    text = to_json(result)
    assert_type(text, str)
    assert_type(result.to_json(), str)

    planner = Planner(scenario, gap=0, time_limit_s=5)
    assert_type(planner.plan({"budget": 1_000}, on_progress=show), Plan | NoPlan)
    assert_type(planner.bound({"budget": 1_250, "nano": {"at_least": 3}}), float)

    comparison = compare({"one": scenario, "two": plan, "three": result}, on_progress=show_case)
    assert_type(comparison, Comparison)
    assert_type(comparison.cases, tuple[Case, ...])
    for case in comparison.cases:
        assert_type(case.objective.value if case.objective else None, float | None)
        assert_type(case.result, Plan | NoPlan)
        assert_type(case.against_base.difference if case.against_base else None, float | None)
    assert_type(comparison.totals[0].cases[0].value if comparison.totals[0].cases[0] else None, float | None)
    assert_type(comparison.creators.in_all, tuple[str, ...])

    after = replan(plan, Path("results.csv"), scenario=scenario, keep=0.98)
    assert_type(after, Plan | NoPlan)
    assert_type(after.committed.spend if after.committed else None, float | None)
    assert_type(whys(after), list[tuple[str, str]])
    curve = sweep(scenario, {"budget": range(1_000, 3_000, 500)}, workers=2)
    assert_type(curve, Sweep)
    assert_type(curve.points, tuple[SweepPoint, ...])
    assert_type(curve.points[0].value, float | None)
    assert_type(curve.points[0].creators, tuple[str, ...])

    why = explain(scenario, creators=["@ana"], figures=False)
    assert_type(why, Explanation)
    assert_type(why.creators[0].walk_away_fee, float | None)
    assert_type(why.rules[0].dropped_value_change, float | None)

    overlap = fit_audience(scenario, pairs=Path("pairs.csv"), share_of="smaller", unlisted="nobody")
    assert_type(overlap, AudienceFit)
    assert_type(overlap.fitted.cells, tuple[float, ...])
    assert_type(overlap.fitted.errors[0].median, float)

    others = alternatives(scenario, within=0.02, count=2)
    assert_type(others, Alternatives)
    assert_type(others.plans, tuple[Alternative, ...])
    assert_type(others.marked("core"), tuple[MarkedCreator, ...])
    assert_type(others.reserves, tuple[Reserve, ...])
    assert_type(others.reserves[0].stand_ins, tuple[StandIn, ...])
    assert_type(planner.ask({"budget": 900}).value, float | None)

    try:
        again = Plan.from_json(text)
    except DocumentError as error:
        print(error)
        return 1
    assert_type(again, Plan)
    assert_type(again.allocations[0].count, float)
    assert_type(NoPlan.from_json(text.encode()), NoPlan)
    assert_type(again.to_polars("totals").height, int)

    verification = verify(text, scenario)
    assert_type(verification, Verification)
    assert_type(verification.holds, bool)
    assert_type(verification.differences, tuple[Difference, ...])
    for stated in (plan, Path("plan.json"), "plan.json"):
        print(verify(stated, scenario).says)

    assert_type(plan.doubts, tuple[Doubt, ...])
    print(plan.doubts[0].code, plan.doubts[0].what, plan.doubts[0].mend)
    write_model(load_scenario({"format": 1}, creators={"creator": ["@ana"], "fee": [100]}), "program.mps")
    return 0
