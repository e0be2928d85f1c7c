"""Slips that a checker of types must find, each with the code of its error."""

from optimizer import NoPlan, Plan, Planner, Progress, compare, load_scenario, optimize, to_json, try_optimize, verify

scenario = load_scenario("scenario.yaml", variants="lean")  # error: call-arg
load_scenario(42)  # error: arg-type
plan = optimize(scenario, gap="loose")  # error: arg-type
value: int = plan.objective.value  # error: assignment
plan.claim = "optimal"  # error: misc
if plan.claim == "best":  # error: comparison-overlap
    print(plan.allocation)  # error: unreachable
print(plan.allocation)  # error: attr-defined
print(try_optimize(scenario).totals)  # error: union-attr
Planner(scenario).bound({"budget": "1_000"})  # error: dict-item
to_json(scenario)  # error: arg-type
text: dict[str, object] = to_json(plan)  # error: assignment
compare([scenario])  # error: list-item
verify(42, scenario)  # error: arg-type


def show(progress: Progress) -> int:
    return progress.value  # error: return-value


def only_plans(result: Plan | NoPlan) -> Plan:
    return result  # error: return-value
