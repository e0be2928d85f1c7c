"""Time what is asked about a plan after it, against the plan itself, in seconds of processor time.

python performance/questions.py [--creators 60 1000] [--gap 1e-4] [--named 5]

Prints a Markdown table for the scenario of `creatormix new --creators N`: explaining its rules, its figures and some
of the booked creators, answers of a `Planner` to changed inputs, and alternatives.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer import Plan, Planner, alternatives, explain, load_scenario  # noqa: E402  # the root must be known first
from optimizer.cli.new import Invented, make_starter  # noqa: E402
from performance.peers import machine  # noqa: E402


def took(work: Callable[[], object]) -> float:
    """Processor seconds of some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(creators: int, gap: float, named: int, folder: Path) -> None:
    """Print the rows of one pool."""
    with redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        make_starter(folder, Invented(creators, 1, "csv"))
    scenario = load_scenario(folder / "scenario.yaml")
    planner = Planner(scenario, gap=gap)
    found: list[Plan] = []
    first = took(lambda: found.append(planner.plan()))  # type: ignore[arg-type]  # it has a plan
    plan, budget = found[0], found[0].totals["spend"]
    names = list(dict.fromkeys(one.creator for one in plan.allocations))[:named]
    outside = list(plan.runners_up[:1])
    rows: dict[str, Callable[[], object]] = {
        "ask: budget + 5 %": lambda: planner.ask({"budget": round(budget * 1.05)}),
        "ask: budget - 10 %": lambda: planner.ask({"budget": round(budget * 0.9)}),
        "ask: one who is booked left out": lambda: planner.ask({"exclude": [names[0]]}),
        "explain: all rules": lambda: explain(scenario, creators=[], figures=False, gap=gap),
        f"explain: {len(names)} who are booked": lambda: explain(scenario, creators=names, rules=False, figures=False),
        "explain: one who is not": lambda: explain(scenario, creators=outside, rules=False, figures=False),
        "explain: all figures": lambda: explain(scenario, creators=[], rules=False),
        "alternatives": lambda: alternatives(scenario, gap=gap),
    }
    print(f"| {creators:,}: plan | {first:.2f} | 1 |", flush=True)
    for name, work in rows.items():
        seconds = took(work)
        print(f"| {creators:,}: {name} | {seconds:.2f} | {seconds / first:.2f} |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, nargs="+", default=[60, 1_000])
    parser.add_argument("--gap", type=float, default=1e-4)
    parser.add_argument("--named", type=int, default=5)
    given = parser.parse_args()
    print(f"{machine()} Scenarios of `creatormix new`; explaining plans the scenario itself too.\n")
    print("| creators and question | processor seconds | of the plan |\n|---|---|---|")
    for creators in given.creators:
        with tempfile.TemporaryDirectory() as folder:
            measure(creators, given.gap, given.named, Path(folder) / "measured")


if __name__ == "__main__":
    main()
