"""Time our planning of large pools, how it grows with them, and what memory it takes; printed as Markdown tables.

python performance/large.py [--limit 300] [--gap 1e-4] [--runs 1] [--offers 1 3] [--sizes 100000 1000000] [--command]

Each plan is made in a fresh process, from the loaded pool to the checked plan; the memory is the most that this process
held, the pool's making included. With `--command`, also the whole command on a million creators, from Parquet to the
answer.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from performance.measure import planning_invented, seconds  # noqa: E402  # the root must be known first
from performance.peers import GRACE_S, MAKING_S, gap_of, machine, run  # noqa: E402

Told = dict[str, Any]


def grown(offers: int, sizes: list[int], gap: float, limit: float, runs: int) -> None:
    """Print a line for each size, with its ratio to the size before where both reached the gap."""
    before: float | None = None
    for creators in sizes:
        name = f"many-{creators}x{offers}-1"
        told = median_of([planned(name, gap, limit) for _ in range(runs)])
        done = told["status"] in {"optimal", "within_gap"}
        ratio = f"{told['seconds'] / before:.2f}" if before and done else ""
        before = told["seconds"] if done else None
        reached = gap_of(told["value"], told["bound"]) if told["value"] is not None else None
        cells = [
            f"{creators:,}",
            f"{offers}",
            f"{told['seconds']:.2f} s",
            f"{told['solving']:.2f} s",
            ratio,
            "" if reached is None else f"{100 * reached:.4f} %",
            f"{told['memory'] / 1e6:,.0f} MB",
            f"{told['pool'] / 1e6:,.0f} MB",
            told["status"],
        ]
        print("| " + " | ".join(cells) + " |", flush=True)


def planned(name: str, gap: float, limit: float) -> Told:
    """One plan in a fresh process.

    Raises
    ------
    RuntimeError
        Where it was not done in time, or broke down.
    """
    told = run(["ours", name, "--gap", str(gap), "--limit", str(limit)], limit + GRACE_S + MAKING_S)
    if "seconds" not in told:
        raise RuntimeError(f"{name}: {told['status']}")
    return told


def median_of(runs: list[Told]) -> Told:
    """The run with the median time (of an even number, the quicker of the middle two)."""
    middle = statistics.median_low(told["seconds"] for told in runs)
    return next(told for told in runs if told["seconds"] == middle)


def whole_command(runs: int) -> None:
    """Print how long `creatormix plan` takes on what `creatormix new` invents, a million creators in Parquet."""
    with tempfile.TemporaryDirectory() as folder:
        median, longest = seconds(planning_invented(1_000_000, f"{folder}/million"), runs)
    # This process itself is small, so the largest of its children is the planning one.
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print("\n| `creatormix plan` of 1,000,000 creators on 3 offers, Parquet to answer, to a gap of 1 % | |")
    print("|---|---|")
    print(f"| median of {runs} | {median:.2f} s |")
    print(f"| longest | {longest:.2f} s |")
    print(f"| memory | {held / 1e6:,.0f} MB |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for each plan")
    parser.add_argument("--gap", type=float, default=1e-4)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--offers", type=int, nargs="*", choices=[1, 3], default=[1, 3])
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--command", action="store_true", help="the whole command, too")
    given = parser.parse_args()
    print(f"{machine()} Limit {given.limit:g} s, gap {100 * given.gap:g} %, median of {given.runs}.\n")
    if given.command:  # first, while no larger child has been
        whole_command(given.runs)
        print()
    print("| creators | offers | seconds | search | times the size before | gap | memory | of it the pool | says |")
    print("|---|---|---|---|---|---|---|---|---|")
    for offers in given.offers:
        grown(offers, given.sizes, given.gap, given.limit, given.runs)


if __name__ == "__main__":
    main()
