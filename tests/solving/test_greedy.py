"""Plans by marginal gain: they keep the rules, and are no worse than the greedy that takes the most for a coin."""

from __future__ import annotations

import random
from fractions import Fraction
from math import inf
from pathlib import Path

import numpy as np

from optimizer import load_scenario
from optimizer.domain.exact import MICRO
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.solving import highs
from optimizer.solving.column_generation import relax
from optimizer.solving.greedy import greedy
from optimizer.solving.scaling import scaled
from optimizer.solving.search import Search

BUDGET = 1_500


def sample(folder: Path, seed: int) -> tuple[Program, dict[str, set[int]], dict[str, int], list[str]]:
    """A program of coverage under a budget, who follows whom, and what each creator costs."""
    draw = random.Random(seed)
    names = [f"@c{at}" for at in range(60)]
    fees = {name: draw.randint(30, 300) for name in names}
    follows = {name: set(draw.sample(range(500), draw.randint(5, 90))) for name in names}
    pool = [f"{name},{5_000 + at},{fees[name]}" for at, name in enumerate(names)]
    (folder / "pool.csv").write_text("\n".join(["creator,followers,fee", *pool]), encoding="utf-8")
    rows = [f"{name},p{person}" for name, mine in follows.items() for person in sorted(mine)]
    (folder / "people.csv").write_text("\n".join(["creator,person", *rows]), encoding="utf-8")
    said = ["format: 1", "name: t", "currency: EUR", f"budget: {BUDGET}", "objective: {maximize: reach}"]
    said += ["creators: pool.csv", "audience: {sample: people.csv}", ""]
    (folder / "s.yaml").write_text("\n".join(said), encoding="utf-8")
    scenario = load_scenario(folder / "s.yaml")
    return build(estimate(scenario)), follows, fees, list(scenario.pool.ids)


def by_the_coin(follows: dict[str, set[int]], fees: dict[str, int]) -> int:
    """How many people the classical greedy reaches."""
    reached, left, waiting = set[int](), BUDGET, set(follows)
    while True:
        fitting = [name for name in sorted(waiting) if fees[name] <= left and follows[name] - reached]
        if not fitting:
            return len(reached)
        best = max(fitting, key=lambda name: len(follows[name] - reached) / fees[name])
        reached, left = reached | follows[best], left - fees[best]
        waiting.discard(best)


def test_a_plan_is_no_worse_than_the_greedy_that_takes_the_most_people_for_a_coin(tmp_path: Path) -> None:
    for seed in range(5):
        program, follows, fees, _ = sample(tmp_path, seed)
        clock = highs.Clock(inf, lambda: False)
        relaxed = relax(scaled(program), clock)
        assert relaxed.x is not None
        assert relaxed.prices is not None
        layout = relaxed.layout
        search = Search(layout.program, layout, Fraction(0), clock, highs.solve, None)
        greedy(search, relaxed.x, relaxed.prices, np.arange(len(program)))
        assert search.best is not None
        assert search.best.value >= by_the_coin(follows, fees) * MICRO
        assert not layout.program.failures(search.best.plan)


def test_without_people_counted_once_nothing_is_looked_for(tmp_path: Path) -> None:
    said = {"format": 1, "currency": "EUR", "budget": 90, "objective": {"maximize": "creators"}}
    program = build(estimate(load_scenario(said, creators={"creator": ["@a"], "followers": [5_000], "fee": [50]})))
    search = Search(program, scaled(program), Fraction(0), highs.Clock(inf, lambda: False), highs.solve, None)
    greedy(search, np.zeros(len(program)), [0.0] * len(program.rows), np.arange(len(program)))
    assert search.best is None
