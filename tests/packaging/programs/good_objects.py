"""Results as objects of plain values: what is in them is known only where it is read."""

from typing import Any, assert_type

from optimizer import Plan, compare, generate_pool, load_scenario, sweep, to_dict, try_optimize, verify

scenario = load_scenario("scenario.yaml")
result = try_optimize(scenario)
assert_type(to_dict(result), dict[str, Any])
assert_type(result.to_dict(), dict[str, Any])
assert_type(compare({"one": result}).to_dict(), dict[str, Any])
assert_type(verify(to_dict(result), scenario).to_dict(), dict[str, Any])

plan = Plan.from_json(to_dict(result))
pool = generate_pool(100, seed=7)
print(pool.num_rows, len(load_scenario({"format": 1}, creators=pool).pool))
print(plan.to_arrow().num_rows, plan.to_pandas("constraints"), plan.to_polars(view="totals"))
print(sweep(scenario, frontier="spend").to_polars(), sweep(scenario, {"budget": "1:9:1"}).to_arrow().num_rows)
