"""Time whole commands, and plans of growing pools: medians of several runs, printed as a Markdown table.

python performance/measure.py [--runs 5]
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def seconds(run: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median and longest time of some runs, in seconds."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return statistics.median(times), max(times)


def command(*arguments: str) -> Callable[[], object]:
    """A whole command, from the start of Python to its end."""
    line = [sys.executable, "-m", "optimizer.cli.main", *arguments]
    return lambda: subprocess.run(line, cwd=ROOT, capture_output=True, check=True)


def inventing(form: str) -> Callable[[], object]:
    """Make a million creators and write them with their scenario: the whole command."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            command("new", folder, "--creators", "1000000", "--format", form)()

    return run


def planning(creators: int) -> Callable[[], object]:
    """Load and plan a pool of this size, two offers each, to a proven gap of half a percent."""
    from optimizer import load_scenario, optimize

    rng = random.Random(creators)
    frame = {
        "creator": [f"c{at}" for at in range(creators)],
        "niche": [f"niche {rng.randint(0, 8)}" for _ in range(creators)],
        "followers": [int(1000 * 100 ** rng.random()) for _ in range(creators)],
        "engagement_rate": [round(0.035 * rng.lognormvariate(0, 0.7), 4) for _ in range(creators)],
    }
    frame["engagement_rate"] = [min(rate, 1.0) for rate in frame["engagement_rate"]]
    frame["fee"] = [round((40 + 0.012 * f) * rng.lognormvariate(0, 0.3), 2) for f in frame["followers"]]
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 60_000,
        "objective": {"maximize": "engagements"},
        "offers": {
            "one": {"deliver": {"post": 1}},
            "three": {"deliver": {"post": 3}, "discount": "15%"},
        },
        "assume": {"repeat_keeps": "70%"},
        "constraints": {
            "nano": {"quantity": "spend", "group": {"tier": "nano"}, "at_least": "30%"},
            "niches": {"quantity": "spend", "per": "niche", "at_most": "25%"},
            "team": {"quantity": "creators", "at_most": 300},
        },
    }
    return lambda: optimize(load_scenario(said, creators=frame), gap=0.005)


def planning_invented(creators: int, folder: str) -> Callable[[], object]:
    """Plan what `creatormix new` invents, to a gap of a percent: the whole command, from Parquet on."""
    command("new", folder, "--creators", str(creators), "--format", "parquet")()
    return command("plan", f"{folder}/scenario.yaml", "--gap", "0.01", "--json", "--out", f"{folder}/plan.json")


def verifying(folder: str) -> Callable[[], object]:
    """Verify a plan of 400 creators that was proved by cases: the whole command."""
    command("plan", "scenarios/booktok.yaml", "--json", "--out", f"{folder}/booktok.json")()
    return command("verify", f"{folder}/booktok.json", "--scenario", "scenarios/booktok.yaml")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        measure(runs, folder)


def measure(runs: int, folder: str) -> None:
    """Print a line for each work."""
    works = {
        "`import optimizer`": lambda: subprocess.run([sys.executable, "-c", "import optimizer"], cwd=ROOT, check=True),
        "`creatormix --help`": command("--help"),
        "`creatormix check scenarios/booktok.yaml` (400 creators)": command("check", "scenarios/booktok.yaml"),
        "`creatormix plan scenarios/booktok.yaml` (400 creators)": command("plan", "scenarios/booktok.yaml"),
        "`creatormix new` with 1,000,000 invented creators as CSV": inventing("csv"),
        "`creatormix new` with 1,000,000 invented creators as Parquet": inventing("parquet"),
        "load and plan 2,000 creators x 2 offers to a proven gap of 0.5 %": planning(2_000),
        "load and plan 20,000 creators x 2 offers to a proven gap of 0.5 %": planning(20_000),
        "`creatormix plan` of 1,000,000 invented creators x 3 offers, Parquet to answer, to a proven gap of 1 %": (
            planning_invented(1_000_000, f"{folder}/million")
        ),
        "`creatormix verify` of the plan of scenarios/booktok.yaml": verifying(folder),
    }
    print("| work | median | longest |")
    print("|---|---|---|")
    for name, run in works.items():
        median, longest = seconds(run, runs)
        print(f"| {name} | {median:.2f} s | {longest:.2f} s |", flush=True)


if __name__ == "__main__":
    main()
