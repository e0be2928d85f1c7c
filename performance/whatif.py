"""Time what is asked again and again of a loaded pool: a changed budget, a bound alone, one pass of prices.

python performance/whatif.py [--creators 1000000] [--offers 3] [--gap 1e-3] [--limit 60]

Prints a Markdown table, of which each line is a ratio within one run: plans under changed budgets against the first
plan, and a pass of prices over all bookings against reading the arrays of the rows once.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer import Plan, Planner  # noqa: E402  # the root must be known first
from optimizer.estimation.estimate import estimate  # noqa: E402
from optimizer.formulation.build import build  # noqa: E402
from optimizer.formulation.program import Program  # noqa: E402
from optimizer.solving.scaling import scaled  # noqa: E402
from performance.instances import Instance  # noqa: E402
from performance.peers import machine  # noqa: E402


def seconds(run: Callable[[], object], runs: int = 1) -> float:
    """The median time of some runs."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def read_once(program: Program) -> None:
    """Read what a pass of prices reads: the values of all terms, and who is inside."""
    for values in {id(term.values): term.values for row in program.rows for term in row.terms}.values():
        values.sum()
    for term in (term for row in program.rows for term in row.terms):
        if term.members is not None:
            term.members.sum()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=1_000_000)
    parser.add_argument("--offers", type=int, choices=[1, 3], default=3)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--limit", type=float, default=60.0)
    given = parser.parse_args()
    scenario = Instance("many", given.creators, given.offers).scenario()
    planner = Planner(scenario, gap=given.gap, time_limit_s=given.limit)
    first = seconds(planner.plan)
    print(f"{machine()} {given.creators:,} creators on {given.offers} offers, gap {given.gap:.2%}.\n")
    print("| asked | seconds | of the first plan | proven gap |\n|---|---|---|---|")
    budget = next(float(rule.at_most or 0) for rule in scenario.rules if rule.name == "budget")
    for name, factor in (("first plan", None), ("budget + 1 %", 1.01), ("budget - 5 %", 0.95), ("budget + 20 %", 1.2)):
        took, gap = first, None
        if factor is not None:
            started = time.perf_counter()
            found = planner.plan({"budget": round(budget * factor)})
            took = time.perf_counter() - started
            gap = found.objective.gap if isinstance(found, Plan) else None
        print(
            f"| {name} | {took:.2f} | {took / first:.2f} | {'' if gap is None else f'{100 * gap:.4f} %'} |", flush=True
        )
    plan = planner.plan()
    booked = plan.allocations[0].creator if isinstance(plan, Plan) else ""
    someone = planner.scenario.pool.ids[len(planner.scenario.pool) // 3]
    asks: dict[str, dict[str, object]] = {
        "ask: budget + 1 %": {"budget": round(budget * 1.01)},
        "ask: budget - 5 %": {"budget": round(budget * 0.95)},
        "ask: budget + 20 %": {"budget": round(budget * 1.2)},
        "ask: one who is booked left out": {"exclude": [booked]},
        "ask: one who is not booked insisted on": {"include": [someone]},
    }
    for name, changes in asks.items():
        started = time.perf_counter()
        point = planner.ask(changes)
        took = time.perf_counter() - started
        gap = point.gap
        print(
            f"| {name} | {took:.2f} | {took / first:.2f} | {'' if gap is None else f'{100 * gap:.4f} %'} |", flush=True
        )
    planner.plan()
    took = seconds(lambda: planner.bound({"budget": budget * 1.01}), 9)
    print(f"| a bound under budget + 1 %, without a plan | {took:.4f} | {took / first:.4f} | |")
    program = build(estimate(scenario))
    layout, duals = scaled(program), np.linspace(0.1, 1.0, len(program.rows))
    reading, passing = seconds(lambda: read_once(program), 9), seconds(lambda: layout.charges(duals), 9)
    print(f"| one pass of prices | {passing:.3f} | {passing / reading:.2f} times reading its arrays once | |")


if __name__ == "__main__":
    main()
