"""Small public knapsacks with known optima, written as scenarios: items are creators, what they need is own quantities.

python performance/knapsacks.py [--limit 30]

plans each to a gap of 0 and checks that no bound lies below the optimum that is known, and no plan above it.

- PET: C. C. Petersen, "Computational experience with variants of the Balas algorithm applied to the selection of R&D
  projects", Management Science 13(9), 1967; the smaller ones are the first items of the larger ones
- WEING: H. M. Weingartner and D. N. Ness, "Methods for the solution of the multi-dimensional 0/1 knapsack problem",
  Operations Research 15, 1967
- WEISH: W. Shih, "A branch and bound method for the multiconstraint zero-one knapsack problem", Journal of the
  Operational Research Society 30, 1979

Their figures and optima are those of J. E. Beasley's OR-Library. Of the multiple-choice knapsacks, which are drawn here
in the usual ways (D. Pisinger, "A minimal algorithm for the multiple-choice knapsack problem", European Journal of
Operational Research 83, 1995), the optima are computed here, in integers.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer import load_scenario, optimize  # noqa: E402  # the root must be known first
from optimizer.domain.scenario import Scenario  # noqa: E402

Known = tuple[str, Scenario, float]

# Worth of the items in the first line, then what they need of one resource in each line.
_PET1: Final = """
    100 600 1200 2400 500 2000
    8 12 13 64 22 41
    8 12 13 75 22 41
    3 6 4 18 6 4
    5 10 8 32 6 12
    5 13 8 42 6 20
    5 13 8 48 6 20
    0 0 0 0 8 0
    3 0 4 0 8 0
    3 2 4 0 8 4
    3 2 4 8 8 4
"""
_PET2: Final = """
    600.1 310.5 1800 3850 18.6 198.7 882 4200 402.5 327
    20 5 100 200 2 4 60 150 80 40
    20 7 130 280 2 8 110 210 100 40
    60 3 50 100 4 2 20 40 6 12
    60 8 70 200 4 6 40 70 16 20
    60 13 70 250 4 10 60 90 20 24
    60 13 70 280 4 10 70 105 22 28
    5 2 20 100 2 5 10 60 0 0
    45 14 80 180 6 10 40 100 20 0
    55 14 80 200 6 10 50 140 30 40
    65 14 80 220 6 10 50 180 30 50
"""
_PET5: Final = """
    100 220 90 400 300 400 205 120 160 580 400 140 100 1300 650 320 480 80 60 2550 3100 1100 950 450 300 220 200 520
    8 24 13 80 70 80 45 15 28 90 130 32 20 120 40 30 20 6 3 180 220 50 30 50 12 5 8 18
    8 44 13 100 100 90 75 25 28 120 130 32 40 160 40 60 55 10 6 240 290 80 90 70 27 17 8 28
    3 6 4 20 20 30 8 3 12 14 40 6 3 20 5 0 5 3 0 20 30 40 10 0 5 0 0 10
    5 9 6 40 30 40 16 5 18 24 60 16 11 30 25 10 13 5 1 80 60 50 20 30 10 5 3 20
    5 11 7 50 40 40 19 7 18 29 70 21 17 30 25 15 25 5 1 100 70 55 20 50 15 15 6 20
    5 11 7 55 40 40 21 9 18 29 70 21 17 35 25 20 25 5 2 110 70 55 20 50 20 15 6 20
    0 0 1 10 4 10 0 6 0 6 32 3 0 70 10 0 0 0 0 0 30 10 0 10 10 5 0 10
    3 4 5 20 14 20 6 12 10 18 42 9 12 100 20 5 6 4 1 20 50 30 5 20 20 10 10 20
    3 6 9 30 29 20 12 12 10 30 42 18 18 110 20 15 18 7 2 40 60 50 25 25 25 15 10 28
    3 8 9 35 29 20 16 15 10 30 42 20 18 120 20 20 22 7 3 50 60 55 25 30 25 15 10 28
"""
_WEING: Final = """
    1898 440 22507 270 14148 3100 4650 30800 615 4975 1160 4225 510 11880 479 440 490 330 110 560 24355 2885 11748 4550
        750 3720 1950 10500
    45 0 85 150 65 95 30 0 170 0 40 25 20 0 0 25 0 0 25 0 165 0 85 0 0 0 0 100
    30 20 125 5 80 25 35 73 12 15 15 40 5 10 10 12 10 9 0 20 60 40 50 36 49 40 19 150
"""
_WEISH: Final = """
    360 83 59 130 431 67 230 52 93 125 670 892 600 38 48 147 78 256 63 17 120 164 432 35 92 110 22 42 50 323
    7 0 30 22 80 94 11 81 70 64 59 18 0 36 3 8 15 42 9 0 42 47 52 32 26 48 55 6 29 84
    8 66 98 50 0 30 0 88 15 37 26 72 61 57 17 27 83 3 9 66 97 42 2 44 71 11 25 74 90 20
    3 74 88 50 55 19 0 6 30 62 17 81 25 46 67 28 36 8 1 52 19 37 27 62 39 84 16 14 21 5
    21 40 0 6 82 91 43 30 62 91 10 41 12 4 80 77 98 50 78 35 7 1 96 67 85 4 23 38 2 57
    94 86 80 92 31 17 65 51 46 66 44 3 26 0 39 20 11 6 55 70 11 75 82 35 47 99 5 14 23 38
"""
_OF_28: Final = (930, 1210, 272, 462, 532, 572, 240, 400, 470, 490)
_OF_20: Final = (550, 700, 130, 240, 280, 310, 110, 205, 260, 275)

# Name, figures, how many resources they have, how many of the items count, how much there is of each, and the optimum.
_LISTED: Final = (
    ("PET1", _PET1, 10, 6, (80, 96, 20, 36, 44, 48, 10, 18, 22, 24), 3_800),
    ("PET2", _PET2, 10, 10, (450, 540, 200, 360, 440, 480, 200, 360, 440, 480), 8_706.1),
    ("PET3", _PET5, 10, 15, _OF_20, 4_015),
    ("PET4", _PET5, 10, 20, _OF_20, 6_120),
    ("PET5", _PET5, 10, 28, _OF_28, 12_400),
    ("WEING1", _WEING, 2, 28, (600, 600), 141_278),
    ("WEING2", _WEING, 2, 28, (500, 500), 130_883),
    ("WEING3", _WEING, 2, 28, (300, 300), 95_677),
    ("WEING4", _WEING, 2, 28, (300, 600), 119_337),
    ("WEING5", _WEING, 2, 28, (600, 300), 98_796),
    ("WEING6", _WEING, 2, 28, (562, 497), 130_623),
    ("WEISH01", _WEISH, 5, 30, (400, 500, 500, 600, 600), 4_554),
    ("WEISH02", _WEISH, 5, 30, (370, 650, 460, 980, 870), 4_536),
    ("WEISH03", _WEISH, 5, 30, (480, 800, 500, 300, 620), 4_115),
)
_DRAWN: Final = (("uncorrelated", 40, 10), ("weakly correlated", 40, 10), ("strongly correlated", 30, 8))


def instances() -> list[Known]:
    """Every knapsack: its name, its scenario, and the value of its best plan."""
    known = [
        (name, packed(name, *_table(figures, rows, items), held), float(best))
        for name, figures, rows, items, held, best in _LISTED
    ]
    for kind, classes, size in _DRAWN:
        drawn = _drawn(kind, classes, size)
        least = sum(min(weight for weight, _ in items) for items in drawn)
        most = sum(max(weight for weight, _ in items) for items in drawn)
        held = (least + most) // 2
        name = f"choice, {kind}"
        known.append((name, chosen(name, drawn, held), float(best_choice(drawn, held))))
    return known


def packed(name: str, worth: list[float], needs: list[list[float]], held: tuple[int, ...]) -> Scenario:
    """A multidimensional knapsack: which items, within what there is (`held`) of each resource.

    `needs` has a list for each resource. The first one is money: the items' fees and the budget.
    """
    first, *others = needs
    resources = {f"resource {at}": column for at, column in enumerate(others, 2)}
    rules = {
        f"{key} is short": {"quantity": key, "at_most": most} for key, most in zip(resources, held[1:], strict=True)
    }
    return _scenario(name, worth, first, held[0], resources, rules)


def chosen(name: str, classes: list[list[tuple[int, int]]], held: int) -> Scenario:
    """A multiple-choice knapsack: of each class (a list of weight and worth) one item, within the weight `held`."""
    items = [(str(at), weight, worth) for at, items in enumerate(classes, 1) for weight, worth in items]
    labels, weights, worths = (list(column) for column in zip(*items, strict=True))
    rules = {"one of each": {"quantity": "creators", "per": "class", "exactly": 1}}
    return _scenario(name, worths, weights, held, {"class": labels}, rules)


def _scenario(
    name: str, worth: list[Any], fees: list[Any], budget: int, columns: dict[str, Any], rules: dict[str, Any]
) -> Scenario:
    own = ["worth", *(key for key in columns if key.startswith("resource"))]
    frame = {
        "creator": [f"item{at:04}" for at in range(len(worth))],
        "followers": [5_000] * len(worth),
        "fee": fees,
        "worth": worth,
        **columns,
    }
    said = {
        "format": 1,
        "name": name,
        "currency": "EUR",
        "budget": budget,
        "quantities": own,
        "objective": {"maximize": "worth"},
        "constraints": rules,
    }
    return load_scenario(said, creators=frame)


def _table(figures: str, rows: int, items: int) -> tuple[list[float], list[list[float]]]:
    """The worth of the first items, and what they need of each resource."""
    numbers = [float(number) for number in figures.split()]
    width = len(numbers) // (rows + 1)
    worth, *needs = [numbers[width * row : width * row + items] for row in range(rows + 1)]
    return worth, needs


def _drawn(kind: str, classes: int, size: int) -> list[list[tuple[int, int]]]:
    """Classes of items with a weight and a worth from 1 to about 1,000; the same kind gives the same ones."""
    rng = random.Random(f"{kind} {classes} {size}")

    def item() -> tuple[int, int]:
        weight = rng.randint(1, 1000)
        if kind == "uncorrelated":
            return weight, rng.randint(1, 1000)
        if kind == "weakly correlated":
            return weight, max(weight + rng.randint(-10, 10), 1)
        return weight, weight + 10

    if kind != "strongly correlated":
        return [[item() for _ in range(size)] for _ in range(classes)]
    # Sums of strongly correlated items: the heavier of a class has always the larger worth.
    drawn = []
    for _ in range(classes):
        weight = worth = 0
        items = []
        for more_weight, more_worth in sorted(item() for _ in range(size)):
            weight, worth = weight + more_weight, worth + more_worth
            items.append((weight, worth))
        drawn.append(items)
    return drawn


def best_choice(classes: list[list[tuple[int, int]]], held: int) -> int:
    """The best worth of one item of each class within a weight, by dynamic programming over all weights."""
    best = np.full(held + 1, -1)  # by the weight that is used; below 0 where none fills it
    best[0] = 0
    for items in classes:
        following = np.full(held + 1, -1)
        for weight, more in items:
            before = best[: max(held + 1 - weight, 0)]
            np.maximum(following[weight:], np.where(before < 0, -1, before + more), out=following[weight:])
        best = following
    return int(best.max())


def main() -> None:
    """Plan every knapsack and say how it ends beside what is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=30.0, help="seconds for each")
    limit = parser.parse_args().limit
    wrong = []
    print("| knapsack | optimum | value | bound | claim | seconds |")
    print("|---|---|---|---|---|---|")
    for name, scenario, best in instances():
        started = time.perf_counter()
        plan = optimize(scenario, gap=0, time_limit_s=limit)
        value, bound = plan.objective.value, plan.objective.bound
        spent = time.perf_counter() - started
        print(f"| {name} | {best:,.10g} | {value:,.10g} | {bound:,.10g} | {plan.claim} | {spent:.2f} |", flush=True)
        if bound < best - 1e-6 or value > best + 1e-6:
            wrong.append(name)
    if wrong:
        sys.exit(f"a bound below the optimum, or a plan above it: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
