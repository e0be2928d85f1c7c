"""People of a sample who are not planned with, and judge the plan."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from optimizer import ScenarioError, load_scenario, optimize, to_json, verify
from optimizer.audience.sample import held_back
from tests.support.audiences import sealed

CREATORS = [f"@c{at}" for at in range(30)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw = Random(1)
    pool = [f"{name},{draw.randint(2_000, 60_000)},{draw.randint(50, 300)}" for name in CREATORS]
    (tmp_path / "pool.csv").write_text("\n".join(["creator,followers,fee", *pool]), encoding="utf-8")
    follows = [(name, person) for name in CREATORS for person in draw.sample(range(400), draw.randint(5, 60))]
    rows = [f"{name},p{person}" for name, person in follows]
    (tmp_path / "people.csv").write_text("\n".join(["creator,person", *rows]), encoding="utf-8")
    return tmp_path


def said(folder: Path, audience: str) -> Path:
    path = folder / "s.yaml"
    lines = ["format: 1", "name: t", "currency: EUR", "budget: 900", "objective: {maximize: reach}"]
    path.write_text("\n".join([*lines, "creators: pool.csv", f"audience: {audience}", ""]), encoding="utf-8")
    return path


def test_a_plan_is_judged_on_the_people_who_were_kept_back(folder: Path) -> None:
    path = said(folder, "{sample: people.csv, keep_back: 30%}")
    plan = optimize(load_scenario(path), gap=0)
    follows: dict[str, set[str]] = {}
    for row in (folder / "people.csv").read_text(encoding="utf-8").splitlines()[1:]:
        name, person = row.split(",")
        follows.setdefault(name, set()).add(person)
    everybody = sorted(set().union(*follows.values()))
    back = {one for one, held in zip(everybody, held_back(everybody, 0.3, 1).tolist(), strict=True) if held}
    booked = set().union(*(follows[booking.creator] for booking in plan.allocations))
    for name, mine in (("reach", booked - back), ("reach_held_back", booked & back)):
        whom = len(everybody) - len(back) if name == "reach" else len(back)
        assert plan.totals[name] == pytest.approx(len(mine) * len(everybody) / whom, rel=1e-6)
    assert verify(plan, load_scenario(path)).holds


def test_what_those_who_were_kept_back_say_cannot_be_forged(folder: Path) -> None:
    path = said(folder, "{sample: people.csv, keep_back: 30%}")
    forged: dict[str, Any] = json.loads(to_json(optimize(load_scenario(path), gap=0)))
    forged["totals"]["reach_held_back"] += 1
    assert not verify(sealed(forged), load_scenario(path)).holds


def test_without_people_kept_back_the_sample_is_counted_exactly(folder: Path) -> None:
    plan = optimize(load_scenario(said(folder, "{sample: people.csv}")), gap=0)
    assert "reach_held_back" not in plan.totals
    assert plan.totals["reach"] == int(plan.totals["reach"])


@pytest.mark.parametrize("audience", ["{keep_back: 20%}", "{sample: people.csv, keep_back: 91%}"])
def test_people_who_cannot_be_kept_back_are_a_fault(folder: Path, audience: str) -> None:
    with pytest.raises(ScenarioError):
        load_scenario(said(folder, audience))


def test_who_is_kept_back_depends_on_nobody_else() -> None:
    people = [f"p{at}" for at in range(2_000)]
    back = held_back(people, 0.2, 1)
    assert held_back(people[::-1], 0.2, 1).tolist() == back.tolist()[::-1]
    assert 0.15 < back.mean() < 0.25
