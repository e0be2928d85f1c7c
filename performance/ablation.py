"""What each heuristic of the engine is worth: the same programs without one of them, in a table in Markdown.

python performance/ablation.py [--limit 20] [--only booktok tight-1000x1-1 knapsack-1]

A heuristic stays in the engine only while this table says so. Each line is a program, each cell the plan's value, the
proved gap and CPU seconds, with all heuristics or without one. Each program is planned in a fresh process with one
thread, until the gap is closed or the limit has passed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SHIPPED: Final = tuple(sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml")))
USUAL: Final = (
    *SHIPPED,
    "tight-1000x1-1",
    "many-1000x1-1",
    "many-10000x3-1",
    "tight-10000x1-1",
    "many-100000x3-1",
    *(f"knapsack-{seed}" for seed in (1, 2, 3)),
    *(f"cover-{seed}" for seed in (1, 2)),
)


def _without_cuts(strategies: Any) -> None:
    strategies.tightened = lambda *_: None


def _without_guided(strategies: Any) -> None:
    strategies.scouting = lambda *_: None
    strategies.lead = lambda *_: None


def _without_branching(strategies: Any) -> None:
    strategies._opened = lambda *_, **__: None


def _without_restricted(strategies: Any) -> None:
    strategies.restricted_mip.nearest = lambda *_: None


def _without_exchanges(_: Any) -> None:
    from optimizer.solving import engine

    engine.exchange = lambda *_: None  # type: ignore[assignment]  # the search goes on without


WITHOUT: Final[dict[str, Callable[[Any], None]]] = {
    "all": lambda _: None,
    "no exchanges": _without_exchanges,
    "no cutting planes": _without_cuts,
    "no guided MIPs": _without_guided,
    "no restricted MIPs": _without_restricted,
    "no branch and bound": _without_branching,
}


def plan_one(name: str, without: str, limit: float) -> None:
    """Plan one program without a heuristic, and print what came of it as JSON."""
    from optimizer import Plan, load_scenario, try_optimize
    from optimizer.solving import strategies
    from performance import instances, publics

    WITHOUT[without](strategies)
    kind, _, number = name.partition("-")
    if name in SHIPPED:
        scenario = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
    elif kind in ("knapsack", "cover"):
        scenario = getattr(publics, kind)(int(number))
    else:
        scenario = instances.named(name).scenario()
    started = time.process_time()
    result = try_optimize(scenario, gap=0.0 if name in SHIPPED else 1e-4, time_limit_s=limit)
    seconds = time.process_time() - started
    found = {"value": result.objective.value, "gap": result.objective.gap} if isinstance(result, Plan) else {}
    print(json.dumps(found | {"seconds": seconds}))


def told(name: str, without: str, limit: float) -> str:
    """A cell of the table: the value, the gap in percent, and the seconds."""
    line = [sys.executable, "-W", "ignore", __file__, "--one", name, "--without", without, "--limit", str(limit)]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = subprocess.run(
        line, cwd=ROOT, env={**os.environ, **single}, stdout=subprocess.PIPE, text=True, check=False, timeout=600
    )
    if done.returncode:
        return "broke down"
    said = json.loads(done.stdout.splitlines()[-1])
    if "value" not in said:
        return f"no plan, {said['seconds']:.1f} s"
    return f"{said['value']:,.6g}, {100 * said['gap']:.3f} %, {said['seconds']:.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("--only", nargs="+", default=list(USUAL))
    parser.add_argument("--one")
    parser.add_argument("--without", default="all", choices=list(WITHOUT))
    asked = parser.parse_args()
    if asked.one:
        plan_one(asked.one, asked.without, asked.limit)
        return
    print(f"| program | {' | '.join(WITHOUT)} |\n|---|{'---|' * len(WITHOUT)}")
    for name in asked.only:
        print(f"| {name} | {' | '.join(told(name, without, asked.limit) for without in WITHOUT)} |", flush=True)


if __name__ == "__main__":
    main()
