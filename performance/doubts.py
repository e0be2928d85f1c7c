"""Measures how many planted mistakes the doubts name, and how often they name a good row.

    .venv/bin/python performance/doubts.py                       # invented pools of 2,000 and 50,000 creators
    .venv/bin/python performance/doubts.py creators.csv followers=followers average_engagements=avg_likes

Each kind is planted alone, 30 times, at random places that are the same in each run.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from optimizer import generate_pool, load_scenario
from optimizer.domain.doubts import Doubt
from optimizer.doubts import asking
from optimizer.errors import ScenarioError

PLANTED = 30
CAMPAIGN = {
    "format": 1,
    "currency": "EUR",
    "budget": 10_000,
    "objective": {"maximize": "creators"},
    "assume": {"fee": 100},
    "tiers": {"any": [0, 10**12]},
}
FACTORS = (0.001, 0.01, 0.1, 10.0, 100.0, 1000.0)
FIGURES = ("followers", "engagement_rate", "average_engagements", "average_views", "fee", "authenticity")
Columns = dict[str, list[Any]]


def doubts_of(columns: Columns) -> tuple[set[str], list[Doubt]]:
    """The creators that are named, by doubts or by faults, and the doubts."""
    try:
        found = load_scenario(CAMPAIGN, creators=of_one_kind(columns)).doubts
    except ScenarioError as error:
        rows = {problem.place.line for problem in error.problems if problem.place and problem.place.line}
        if not rows:
            raise
        return {who for row, who in enumerate(columns["creator"], 1) if row in rows}, []
    return {doubt.creator for doubt in found if doubt.creator}, list(found)


def of_one_kind(columns: Columns) -> Columns:
    """The columns as they may be handed over: all floats where one cell is a float."""
    floats = {name for name, column in columns.items() if any(isinstance(cell, float) for cell in column)}
    return {
        name: [float(cell) if name in floats and cell is not None else cell for cell in column]
        for name, column in columns.items()
    }


def slipped(columns: Columns, figure: str, factor: float, rng: np.random.Generator) -> tuple[Columns, set[str]] | None:
    """The pool with some cells of a figure too large or too small; None where the figure cannot be so."""
    most = 1.0 if figure in ("engagement_rate", "authenticity") else 1e12
    least = 1.0 if figure == "followers" else 0.01 if figure == "fee" else 0.0
    able = [at for at, value in enumerate(columns[figure]) if value and least <= float(value) * factor <= most]
    if len(able) < PLANTED:
        return None
    chosen = rng.choice(able, PLANTED, replace=False).tolist()
    changed = {name: list(column) for name, column in columns.items()}
    for at in chosen:
        value = float(changed[figure][at]) * factor
        whole, money = figure == "followers", figure == "fee"
        changed[figure][at] = round(value) if whole else round(value, 2) if money else float(f"{value:.6g}")
    return changed, {columns["creator"][at] for at in chosen}


def respelled(columns: Columns, rng: np.random.Generator) -> tuple[Columns, set[str]]:
    """The pool with some creators twice, spelled otherwise."""
    chosen = rng.choice(len(columns["creator"]), PLANTED, replace=False).tolist()
    changed = {name: [*column, *(column[at] for at in chosen)] for name, column in columns.items()}
    handles = [str(columns["creator"][at]) for at in chosen]
    changed["creator"][-PLANTED:] = [f"{handle[:4]}_{handle[4:].upper()}" for handle in handles]
    return changed, {*handles, *changed["creator"][-PLANTED:]}


def totalled(columns: Columns, rng: np.random.Generator) -> list[tuple[Columns, str]]:
    """The pool with a row of totals, in many wordings and places, each by itself; cut to a length of its own."""
    words = ("Total", "TOTAL", "Totaux", "Summe", "Gesamt", "Moyenne", "Average", "Sous-total", "Total général", "Sum")
    found = []
    for at in range(PLANTED):
        size = int(rng.integers(10, min(400, len(columns["creator"]))))
        word, where = words[at % len(words)], int(rng.choice([0, size]))
        row: dict[str, Any] = {}
        for name, column in columns.items():
            known = [float(value) for value in column[:size] if isinstance(value, (int, float))]
            means = word in ("Moyenne", "Average") or name in ("engagement_rate", "authenticity")
            total = sum(known) / max(len(known), 1) if means else sum(known)
            row[name] = word if name == "creator" else None if not known else total
            if known and name in ("followers", "average_views"):
                row[name] = round(total)
            elif known and name == "fee":
                row[name] = round(total, 2)
        rows = {name: [*column[:where], row[name], *column[where:size]] for name, column in columns.items()}
        found.append((rows, word))
    return found


def measure(name: str, columns: Columns) -> None:
    """Print the table of one pool."""
    size = len(columns["creator"])
    asking.LISTED = size  # all are listed, not the first twenty
    good, before = doubts_of(columns)
    told = len({doubt.creator for doubt in before if doubt.creator})
    wholes = [f"{doubt.code}: {doubt.what}" for doubt in before if not doubt.creator]
    print(f"\n{name}, {size:,} creators: false alarms {1000 * told / size:.2f} in 1,000 rows; {wholes or 'no others'}")
    print(f"{'planted':32}{'':2}" + "".join(f"{f'x {factor:g}':>10}" for factor in FACTORS))
    rng = np.random.default_rng(1)
    for figure in (figure for figure in FIGURES if figure in columns):
        shares = []
        for factor in FACTORS:
            planted = slipped(columns, figure, factor, rng)
            shares.append("-" if planted is None else _share(planted[1], doubts_of(planted[0])[0] - good))
        print(f"{figure:34}" + "".join(f"{share:>10}" for share in shares))
    for figure in (figure for figure in FIGURES if figure in columns):
        shares = [_column(columns, figure, factor) for factor in FACTORS]
        print(f"{f'all of {figure}':34}" + "".join(f"{share:>10}" for share in shares))
    changed, who = respelled(columns, rng)
    pairs = len(doubts_of(changed)[0] & who)
    print(f"{'repeats under other spellings':34}{pairs:>7} of {PLANTED}")
    refused = sum(_refuses(rows) for rows, _ in totalled(columns, rng))
    print(f"{'rows of totals':34}{refused:>7} of {PLANTED}")


def _share(planted: set[str], named: set[str]) -> str:
    return f"{len(planted & named)}/{len(planted)}"


def _column(columns: Columns, figure: str, factor: float) -> str:
    """Whether a whole column in another unit is named."""
    changed = dict(columns)
    most = 1.0 if figure in ("engagement_rate", "authenticity") else 1e12
    values = [float(value) * factor if value else value for value in columns[figure]]
    if max(value or 0 for value in values) > most:
        return "refused"
    changed[figure] = [round(value) if value and figure == "followers" else value for value in values]
    if figure == "fee":
        changed[figure] = [round(value, 2) if value else value for value in values]
    return "yes" if any(doubt.code == "column-unit" for doubt in doubts_of(changed)[1]) else "no"


def _refuses(columns: Columns) -> bool:
    try:
        load_scenario(CAMPAIGN, creators=of_one_kind(columns))
    except ScenarioError as error:
        return any(problem.code == "totals-row" for problem in error.problems)
    return False


def read(path: Path, mapped: Sequence[str]) -> Columns:
    """A CSV with numbers and texts; `ours=theirs` names a column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = dict(one.split("=") for one in mapped) or {name: name for name in rows[0]}
    names = {"creator": "creator", **names}
    return {
        ours: [_value(row[theirs]) if ours in FIGURES else row[theirs] or None for row in rows]
        for ours, theirs in names.items()
    }


def _value(cell: str) -> Any:
    return (
        None
        if not cell
        else float(cell)
        if re.fullmatch(r"-?\d+\.\d+", cell)
        else int(cell)
        if cell.isdecimal()
        else cell
    )


def invented(size: int, seed: int) -> Columns:
    """An invented pool."""
    pool = generate_pool(size, seed=seed)
    return {name: pool[name].to_pylist() for name in pool.column_names}


def main() -> None:
    """Measure the pool that is named, else invented ones."""
    pools: list[tuple[str, Callable[[], Columns]]] = [
        ("invented", lambda: invented(2_000, 3)),
        ("invented", lambda: invented(50_000, 2)),
    ]
    if len(sys.argv) > 1:
        path = Path(sys.argv[1])
        pools = [(path.name, lambda: read(path, sys.argv[2:]))]
    for name, make in pools:
        measure(name, make())


if __name__ == "__main__":
    main()
