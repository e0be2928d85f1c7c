"""Time a budget sweep over a large pool against one plan from a cold start, in seconds of processor time.

python performance/sweeps.py [--creators 100000] [--points 100] [--gap 1e-3] [--workers 1]

Prints a Markdown table. The cold plan and the points have the same gap; both begin from the loaded pool. Processor
time is that of this process and of its workers; with workers, the longest of them is what an idle machine waits for.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer import sweep  # noqa: E402  # the root must be known first
from optimizer.planning.optimize import Terms, planned  # noqa: E402
from performance.instances import Instance  # noqa: E402
from performance.peers import machine  # noqa: E402


def spent() -> float:
    """Processor seconds of this process and of those that it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mix", default="many")
    parser.add_argument("--creators", type=int, default=100_000)
    parser.add_argument("--offers", type=int, choices=[1, 3], default=1)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    scenario = Instance(given.mix, given.creators, given.offers).scenario()
    budget = next(float(rule.at_most or 0) for rule in scenario.rules if rule.name == "budget")
    print(f"{machine()} {given.creators:,} creators on {given.offers} offers, gap {given.gap:.2%}.\n")
    print("| work | processor seconds | of the cold plan | seconds |\n|---|---|---|---|")
    began, started = spent(), time.perf_counter()
    planned(scenario, Terms(given.gap, None, rounds=3_000, more_budget=False))
    cold, wall = spent() - began, time.perf_counter() - started
    print(f"| one plan from a cold start | {cold:.2f} | 1 | {wall:.1f} |", flush=True)
    step = round(budget * 0.5 / given.points)
    values = [round(budget * 0.75) + at * step for at in range(given.points)]
    began, started = spent(), time.perf_counter()
    found = sweep(scenario, {"budget": values}, gap=given.gap, workers=given.workers)
    took, wall = spent() - began, time.perf_counter() - started
    proved = sum(point.claim in ("optimal", "within_gap") for point in found.points)
    name = f"{given.points} budgets from 75 % to 125 %, {given.workers} workers, {proved} of them within the gap"
    print(f"| {name} | {took:.2f} | {took / cold:.1f} | {wall:.1f} |")


if __name__ == "__main__":
    main()
