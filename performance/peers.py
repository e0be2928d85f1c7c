"""Time our planning against other solvers on the same programs, and print tables in Markdown.

python performance/peers.py [--limit 300] [--gap 1e-4] [--seeds 1] [--only tight-1000x1-1 many] [--solvers ours highs]

Each solver runs in a fresh process and has one thread. Measured is what it takes from the loaded pool to the checked
plan (ours), and from the program's rows as arrays to the solver's last word, its model's building included (the
others); `search` is the part of it that the search took. All have the same limit and the same gap to reach. A process
that is not done 30 seconds after the limit is ended. Every plan is rounded to whole bookings, its rows and its value
are computed again in integers: what breaks a row is no plan.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
GRACE_S: Final = 30.0
MAKING_S: Final = 600.0  # for a pool of a million; it is part of no measurement
SOLVERS: Final = {
    "ours": "creatormix",
    "pulp-cbc": "PuLP, CBC",
    "pulp-highs": "PuLP, HiGHS",
    "highs": "HiGHS",
    "scipy": "SciPy milp",
    "cp-sat": "OR-Tools, CP-SAT",
    "scip": "OR-Tools, SCIP",
}
USUAL: Final = [name for name in SOLVERS if name != "scip"]  # of OR-Tools, the one that finds plans more often
PACKAGES: Final = ("numpy", "scipy", "pulp", "highspy", "ortools", "pyarrow")
Told = dict[str, Any]


def run(arguments: list[str], seconds: float) -> Told:
    """What one process says; `status` alone where it was ended, or broke down."""
    line = [sys.executable, "-W", "ignore", str(ROOT / "performance/contestants.py"), *arguments]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    process = subprocess.Popen(
        line,
        cwd=ROOT,
        env={**os.environ, **single},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that it is ended with whatever it began
    )
    try:
        said, faults = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return {"status": "no answer"}
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        last = (faults.strip().splitlines() or [""])[-1]
        return {"status": f"broke down ({process.returncode}) {last[:120]}"}
    told: Told = json.loads(said.splitlines()[-1])
    return told


def compared(instance: str, solvers: Iterable[str], gap: float, limit: float) -> None:
    """Print the table of one instance, a line as soon as it is known."""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/program.npz"
        size = run(["arrays", instance, file], MAKING_S)
        if "rows" not in size:
            raise RuntimeError(f"{instance} could not be made: {size['status']}")
        print(f"\n### {instance}: {size['columns']:,} bookings, {size['rows']} rows\n")
        print("| solver | seconds | search | times ours | value | against ours | gap | memory | says |")
        print("|---|---|---|---|---|---|---|---|---|", flush=True)
        ours: Told = {}
        for solver in solvers:
            words = [solver, instance, file, "--gap", str(gap), "--limit", str(limit)]
            # Making the pool comes on top of our own process, and is not measured.
            told = run(words, limit + GRACE_S + (MAKING_S if solver == "ours" else 0))
            ours = told if solver == "ours" else ours
            print(line_of(solver, told, ours, limit), flush=True)


def line_of(solver: str, told: Told, ours: Told, limit: float) -> str:
    """One line of a table: what a solver said, beside ours."""
    seconds = told.get("seconds")
    value = None if told.get("broken") else told.get("value")
    cells = [
        SOLVERS[solver],
        f"{limit + GRACE_S:.0f} and more" if seconds is None else f"{seconds:.2f}",
        "" if seconds is None else f"{told['solving']:.2f}",
        _times(told | {"seconds": limit + GRACE_S if seconds is None else seconds}, ours),
        "" if value is None else f"{value:,.2f}",
        _against(value, ours.get("value")),
        "" if value is None else _share(gap_of(value, told.get("bound"))),
        f"{told['memory'] / 1e6:,.0f} MB" if "memory" in told else "",
        "; ".join([told["status"], *notes(told, ours)]),
    ]
    return "| " + " | ".join(cells) + " |"


def gap_of(value: float, bound: float | None) -> float | None:
    """How far a plan is from a bound, as a fraction of its value."""
    return None if bound is None else abs(bound - value) / max(abs(value), 1.0)


def notes(told: Told, ours: Told) -> list[str]:
    """What is wrong: a plan that breaks rows, a plan above our bound, a bound below our plan. All our goals rise."""
    found = []
    broken = told.get("broken") or []
    if broken:
        more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
        found.append(f"no plan: {broken[0]}{more}")
    value, bound = told.get("value"), told.get("bound")
    if not broken and value is not None and ours.get("bound") is not None and _below(ours["bound"], value):
        found.append("ABOVE OUR PROVEN BOUND")
    if bound is not None and ours.get("value") is not None and _below(bound, ours["value"]):
        found.append(f"its bound is {_share((ours['value'] - bound) / abs(bound or 1))} below our plan")
    return found


def _below(bound: float, value: float) -> bool:
    return bound < value - 1e-9 * max(abs(value), 1.0)  # both are floats of exact sums, or the solver's own


def _times(told: Told, ours: Told) -> str:
    """How many times our seconds a solver took; over or under that, where one of the two did not get done."""
    done, ours_done = _done(told), _done(ours)
    if "seconds" not in ours or not (done or ours_done):
        return ""
    word = "" if done and ours_done else "over " if ours_done else "under "
    return f"{word}{told['seconds'] / ours['seconds']:.3g}"


def _done(told: Told) -> bool:
    """Whether it says that it reached the gap, or that there is no plan."""
    said = told.get("status", "")
    return not told.get("broken") and said.startswith(("optimal", "within_gap", "infeasible"))


def _against(value: float | None, ours: float | None) -> str:
    return "" if value is None or not ours else f"{100 * (value / ours - 1):+.3f} %"


def _share(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.3f} %"


def machine() -> str:
    """The day and what it was measured on, as one paragraph."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    day = datetime.date.today()
    return (
        f"Measured on {day.day} {day:%B %Y}: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, {versions}, CBC as PuLP brings it."
    )


def chosen(names: list[str], seeds: int) -> list[str]:
    """The names of the instances that were asked for; a mix stands for all of its instances."""
    listing = [sys.executable, str(ROOT / "performance/instances.py"), "--names", "--seeds", str(seeds)]
    usual = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    if not names:
        return usual
    return [found for name in names for found in ([at for at in usual if at.split("-")[0] == name] or [name])]


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for each solver on each instance")
    parser.add_argument("--gap", type=float, default=1e-4, help="the relative gap that all are asked for")
    parser.add_argument("--seeds", type=int, default=1, help="pools for each instance")
    parser.add_argument("--only", nargs="*", default=[], help="instances, or mixes")
    parser.add_argument("--solvers", nargs="*", default=USUAL, choices=list(SOLVERS))
    given = parser.parse_args()
    print(f"{machine()} Limit {given.limit:g} s, gap {100 * given.gap:g} %, one thread each.")
    for instance in chosen(given.only, given.seeds):
        compared(instance, given.solvers, given.gap, given.limit)


if __name__ == "__main__":
    main()
