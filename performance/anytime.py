"""How good the plan is after so many seconds, and when it is proved, beside HiGHS alone; tables in Markdown.

python performance/anytime.py [--limit 60] [--gap 1e-4] [--only knapsack cover scenarios tight-1000x1-1 ...]

Each run is a process of its own with one thread; the two of an instance follow each other. Ours is timed from the
loaded scenario; HiGHS from the program, the building of its model included. A solution of HiGHS counts once it keeps
every row in integers, so a plan of ours may not be worth less than what HiGHS has after half the time. `closed` is when
the gap that is asked for was reached: ours by exact proof, HiGHS on its word.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer import load_scenario  # noqa: E402  # the root must be known first
from optimizer.domain.scenario import Scenario  # noqa: E402

MOMENTS: Final = (1.0, 5.0, 20.0, 60.0)
GROUPS: Final[dict[str, list[str]]] = {
    "scenarios": sorted(str(path.relative_to(ROOT)) for path in (ROOT / "scenarios").glob("*.yaml")),
    "pools": [f"{mix}-{size}x1-1" for mix in ("tight", "equal", "many") for size in (1000, 10000)],
    "knapsack": [f"knapsack-{seed}" for seed in range(1, 11)],
    "cover": [f"cover-{seed}" for seed in range(1, 11)],
}
Told = dict[str, Any]


def scenario_of(name: str) -> Scenario:
    """An instance by its name."""
    from performance import publics
    from performance.instances import named

    if name.endswith(".yaml"):
        return load_scenario(ROOT / name)
    kind, _, seed = name.partition("-")
    if kind in ("knapsack", "cover"):
        return publics.knapsack(int(seed)) if kind == "knapsack" else publics.cover(int(seed))
    return named(name).scenario()


def ours(name: str, gap: float, limit: float) -> Told:
    """Our own run: each better plan with its time, and when the gap was reached."""
    from optimizer import try_optimize

    scenario, found, reached = scenario_of(name), list[tuple[float, float]](), list[float]()
    begun = time.perf_counter()

    def improved(progress: Any) -> None:
        if progress.value is None:
            return
        found.append((time.perf_counter() - begun, progress.value))
        if progress.bound is not None and abs(progress.bound - progress.value) <= gap * abs(progress.value):
            reached.append(found[-1][0])

    result: Any = try_optimize(scenario, gap=gap, time_limit_s=limit, on_progress=improved)
    seconds = time.perf_counter() - begun
    found.append((seconds, result.objective.value))
    closed = None if result.claim == "feasible" else (reached or [seconds])[0]
    return {"found": found, "closed": closed, "gap": result.objective.gap, "seconds": seconds}


def highs(name: str, gap: float, limit: float) -> Told:
    """HiGHS alone on the whole program: each better solution that keeps all rows, and when it says that it is done."""
    from optimizer.estimation.estimate import estimate
    from optimizer.formulation.build import build
    from optimizer.solving import highs as solver
    from optimizer.solving import restricted_mip
    from optimizer.solving.clock import Clock
    from optimizer.solving.scaling import scaled
    from optimizer.solving.search import Search

    program, found = build(estimate(scenario_of(name))).with_all_rows(), list[tuple[float, float]]()
    begun = time.perf_counter()
    search = Search(program, scaled(program), gap=0, clock=Clock(), backend=solver.solve, progress=None)  # type: ignore[arg-type]
    every = restricted_mip.everything(program)

    def improved(x: Any) -> bool:
        seconds = time.perf_counter() - begun
        whole = every.held.copy()
        whole[every.columns] = x
        plan = search.plan_of(whole)
        if plan is not None and search.keeps_rules(plan):
            found.append((seconds, float(program.objective.sign * program.value(plan) / program.denominator)))
        return False

    clock = Clock(begun + limit, now=time.perf_counter)
    answer = solver.solve(restricted_mip.model_of(search.layout, every), clock, relative_gap=gap, on_solution=improved)
    seconds = time.perf_counter() - begun
    return {"found": found, "closed": seconds if answer.status in ("optimal", "infeasible") else None}


def at(told: Told, moment: float) -> float | None:
    """The value of the last plan that was there at a moment."""
    values = [value for seconds, value in told["found"] if seconds <= moment]
    return values[-1] if values else None


def run(what: str, name: str, gap: float, limit: float) -> Told:
    """One of both in a process of its own."""
    line = [sys.executable, "-W", "ignore", __file__, "--one", what, name, "--gap", str(gap), "--limit", str(limit)]
    said = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True, timeout=limit * 3 + 120)
    told: Told = json.loads(said.stdout.splitlines()[-1])
    return told


def row_of(name: str, mine: Told, theirs: Told, limit: float) -> tuple[str, bool]:
    """A line of the table, and whether our plan was never below theirs of half the time."""
    sense = 1 if scenario_of(name).objective.sense == "maximize" else -1
    cells, never_below = [], True
    for moment in MOMENTS:
        if moment > limit:
            continue
        now, half = at(mine, moment), at(theirs, moment / 2)
        below = half is not None and (now is None or sense * (now - half) < -1e-9 * abs(half))
        never_below &= not below
        cells.append(f"{_number(now)} / {_number(half)}{' **below**' if below else ''}")
    closed, claimed = mine["closed"], theirs["closed"]
    cells.append(f"{mine['seconds']:.2f} s")
    cells.append(f"{closed:.2f} s" if closed else f"{mine['gap']:.3%} left")
    cells.append(f"{claimed:.2f} s" if claimed else "open")
    cells.append(f"{closed / claimed:.1f}" if closed and claimed else "")
    return f"| {name} | {' | '.join(cells)} |", never_below


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=1e-4)
    parser.add_argument("--only", nargs="*", default=list(GROUPS))
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "NAME"))
    given = parser.parse_args()
    if given.one:
        what, name = given.one
        print(json.dumps({"ours": ours, "highs": highs}[what](name, given.gap, given.limit)))
        return
    moments = [moment for moment in MOMENTS if moment <= given.limit]
    heads = [f"ours at {moment:g} s / HiGHS at {moment / 2:g} s" for moment in moments]
    print(f"| instance | {' | '.join(heads)} | answer | proved | HiGHS says so | times |")
    print("|---" * (len(heads) + 5) + "|")
    names = [name for asked in given.only for name in GROUPS.get(asked, [asked])]
    kept = 0
    for name in names:
        line, never_below = row_of(
            name, *(run(what, name, given.gap, given.limit) for what in ("ours", "highs")), given.limit
        )
        kept += never_below
        print(line, flush=True)
    print(f"\nNever below: {kept} of {len(names)}.")


if __name__ == "__main__":
    main()
