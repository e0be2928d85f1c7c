"""Time plans for people reached, in seconds of processor time.

python performance/people.py [--creators 1000000] [--gaps 1e-3] [--sample 4000] [--graph GRAPH.csv]

Prints a Markdown table: pools of `creatormix new` with an audience of a country and a niche, once with a floor of
people and once to reach as many as can be; and a drawn sample of followers, where a budget buys the largest coverage,
beside the greedy that takes the most new people for a coin. GRAPH.csv has rows (creator, person), of which
those creators are taken who have two people or more.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer import Plan, load_scenario, optimize  # noqa: E402  # the root must be known first
from optimizer.cli.new import Invented, make_starter  # noqa: E402
from performance.peers import machine  # noqa: E402

PEOPLE = {"BE": 600_000, "CA": 1_600_000, "CH": 600_000, "DE": 4_000_000, "ES": 2_400_000, "FR": 3_200_000}  # a niche's
NICHES = ("beauty", "family", "fashion", "fitness", "food", "interior", "other", "pet", "travel")
ROWS = 90_000  # of a sample
BUDGET, GRAPH_BUDGET = 3_000, 1_000


def timed(scenario: object, gap: float, limit: float) -> tuple[Plan, float, float]:
    """A plan; processor seconds of loading and of planning."""
    began = time.process_time()
    loaded = load_scenario(scenario)  # type: ignore[arg-type]
    middle = time.process_time()
    plan = optimize(loaded, gap=gap, time_limit_s=limit)
    return plan, middle - began, time.process_time() - middle


def row(name: str, gap: float, found: tuple[Plan, float, float], beside: str = "") -> None:
    """Print one line."""
    plan, loading, planning = found
    reached = f"{plan.totals['reach']:,.0f}{beside}"
    print(f"| {name} | {gap:g} | {reached} | {plan.objective.gap:.5f} | {loading:.1f} | {planning:.1f} |", flush=True)


def pool(creators: int, gap: float, limit: float, folder: Path) -> None:
    """The rows of one pool."""
    with redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        make_starter(folder, Invented(creators, 1, "parquet"))
    sizes = [f"{country},{niche},{people}" for country, people in PEOPLE.items() for niche in NICHES]
    (folder / "sizes.csv").write_text("\n".join(["country,niche,people", *sizes]), encoding="utf-8")
    audience = "audience: {cells: [country, niche], sizes: sizes.csv, overlap: 2.5}\n"
    most = "extends: scenario.yaml\nobjective: {maximize: reach}\n" + audience
    (folder / "most.yaml").write_text(most, encoding="utf-8")
    plan, *seconds = timed(folder / "most.yaml", gap, limit)
    row(f"{creators:,} creators, the most people", gap, (plan, *seconds))
    floor = round(plan.totals["reach"] * 0.6)
    rule = f"constraints:\n  people: {{quantity: reach, at_least: {floor}}}\n"
    (folder / "floor.yaml").write_text(f"extends: scenario.yaml\n{audience}{rule}", encoding="utf-8")
    row(f"{creators:,} creators, at least {floor:,} people", gap, timed(folder / "floor.yaml", gap, limit))


def coverage(creators: int, gap: float, limit: float, folder: Path) -> None:
    """The row of a drawn sample: 40 communities, people and creators of very unequal sizes."""
    rng = np.random.default_rng(1)
    persons = ROWS // 5
    sizes = np.minimum((rng.pareto(1.2, creators) + 1) * ROWS / creators / 4, persons / 10).astype(int) + 1
    active, home, of = rng.pareto(1.5, persons) + 1, rng.integers(0, 40, persons), rng.integers(0, 40, creators)
    weights = [active * np.where(home == at, 20, 1) for at in range(40)]
    sets = [
        np.unique(rng.choice(persons, size, p=weights[at] / weights[at].sum()))
        for at, size in zip(of.tolist(), sizes.tolist(), strict=True)
    ]
    cover(sets, fees_of(sizes, rng), BUDGET, gap, limit, folder)


def graph(path: Path, gap: float, limit: float, folder: Path) -> None:
    """The row of a graph of followers."""
    people: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for creator, person in list(csv.reader(file))[1:]:
            people.setdefault(creator, set()).add(person)
    of = [people[creator] for creator in sorted(people) if len(people[creator]) > 1]
    number = {person: at for at, person in enumerate(sorted(set().union(*of)))}
    sets = [np.array(sorted(number[person] for person in mine)) for mine in of]
    fees = fees_of(np.array([len(mine) for mine in sets]), np.random.default_rng(1))
    cover(sets, fees, GRAPH_BUDGET, gap, limit, folder)


def fees_of(sizes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What creators take, less for each person the more they have."""
    return np.maximum(sizes**0.8 * rng.uniform(0.5, 1.5, len(sizes)), 2).round().astype(int)


def cover(sets: list[np.ndarray], fees: np.ndarray, budget: int, gap: float, limit: float, folder: Path) -> None:
    """Plan the most people of a sample for a budget, and print the row."""
    pool_rows = [f"@c{at},{2_000 + at},{fee}" for at, fee in enumerate(fees.tolist())]
    (folder / "pool.csv").write_text("\n".join(["creator,followers,fee", *pool_rows]), encoding="utf-8")
    pairs = [f"@c{at},p{person}" for at, mine in enumerate(sets) for person in mine.tolist()]
    (folder / "people.csv").write_text("\n".join(["creator,person", *pairs]), encoding="utf-8")
    said = f"format: 1\nname: coverage\ncurrency: EUR\nbudget: {budget}\n"
    said += "objective: {maximize: reach}\ncreators: pool.csv\n"
    (folder / "cover.yaml").write_text(said + "audience: {sample: people.csv}\n", encoding="utf-8")
    name = f"{len(sets):,} creators, {len(pairs):,} rows of a sample"
    row(name, gap, timed(folder / "cover.yaml", gap, limit), f" (greedy {greedy(sets, fees, budget):,})")


def greedy(sets: list[np.ndarray], fees: np.ndarray, budget: int) -> int:
    """How many people the greedy reaches that takes the most new people for a coin."""
    reached, left = np.zeros(1 + max(int(mine.max(initial=0)) for mine in sets), dtype=np.bool_), budget
    waiting = set(range(len(sets)))
    while True:
        gains = {at: np.count_nonzero(~reached[sets[at]]) / fees[at] for at in waiting if fees[at] <= left}
        best = max(gains, key=gains.__getitem__, default=None)
        if best is None or not gains[best]:
            return int(np.count_nonzero(reached))
        reached[sets[best]], left = True, left - int(fees[best])
        waiting.discard(best)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--gaps", type=float, nargs="+", default=[1e-3])
    parser.add_argument("--sample", type=int, nargs="*", default=[4_000])
    parser.add_argument("--graph", type=Path)
    parser.add_argument("--limit", type=float, default=120.0)
    given = parser.parse_args()
    print(f"{machine()}\n")
    print("| question | gap asked | people reached | gap proved | seconds of loading | of planning |")
    print("|---|---|---|---|---|---|")
    for gap in given.gaps:
        for creators in given.creators:
            with tempfile.TemporaryDirectory() as folder:
                pool(creators, gap, given.limit, Path(folder) / "measured")
    for creators in given.sample:
        with tempfile.TemporaryDirectory() as folder:
            coverage(creators, 0.01, given.limit, Path(folder))
    if given.graph is not None:
        with tempfile.TemporaryDirectory() as folder:
            graph(given.graph, 0.01, given.limit, Path(folder))


if __name__ == "__main__":
    main()
