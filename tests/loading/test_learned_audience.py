"""`audience:` of a scenario with learned overlap, or with a sample of people."""

from __future__ import annotations

import json
import random
from itertools import combinations
from math import inf
from pathlib import Path
from typing import Any

import pytest

from optimizer import ScenarioError
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.solving.engine import solve
from optimizer.solving.highs import Clock
from tests.loading.audiences import POOL, SAID, audience, codes, loaded, people, shares


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


def written(folder: Path, **content: Any) -> None:
    made = {"format": "creatormix/audience/1", "errors": [], "made_from": {}, "seed": 1}
    (folder / "audience.json").write_text(json.dumps(made | content))


def test_a_curve_for_everybody_has_one_cell_with_its_people(folder: Path) -> None:
    written(folder, method="curve", k=2.5, people=500_000)
    found = audience(folder, "overlap: audience.json")
    assert people(found) == {"everybody": 500_000}
    assert found.curves[0].k == 2.5
    by_country = audience(folder, "overlap: audience.json, cells: [country]")
    assert [curve.k for curve in by_country.curves] == [2.5, 2.5]


def test_curves_by_cell_are_those_of_its_cells(folder: Path) -> None:
    cells = [{"cell": {"country": "FR"}, "k": 2.0, "people": 300_000}, {"cell": {"country": "BE"}, "k": None}]
    written(folder, method="curve", cells=cells)
    found = audience(folder, "overlap: audience.json")
    assert [curve.k for curve in found.curves] == [None, 2]
    assert codes(folder, "audience: {overlap: audience.json, cells: [niche]}") == ["audience-overlap"]


def test_latent_cells_are_those_of_the_creators_in_the_file(folder: Path) -> None:
    creators = {"a": {"0": 10_000, "1": 5_000}, "@B": {"0": 20_000, "1": 20_000}}
    written(folder, method="pairs", cells=[25_000, 30_000], creators=creators)
    scenario = loaded(folder, "audience: {overlap: audience.json}")
    found = scenario.audience
    assert found.learned.tolist() == [True, True, False, False]
    assert shares(found, 0) == {"latent cell 1": 0.2, "latent cell 2": 0.1, "only @a": 0.7}
    assert shares(found, 1) == {"latent cell 1": 0.5, "latent cell 2": 0.5}
    assert "BE, fantasy" in shares(found, 2)
    assert any("2 of 4 creators are not in the file" in text for text in scenario.warnings)
    rule = "{quantity: reach, at_least: 5, people: {country: FR}}"
    assert codes(folder, f"audience: {{overlap: audience.json}}\nconstraints: {{a: {rule}}}") == ["people"]


def test_cells_of_the_pool_are_not_needed_where_all_are_in_the_file(folder: Path) -> None:
    written(folder, method="pairs", cells=[25_000], creators={name: {"0": 10_000} for name in "abcd"})
    scenario = loaded(folder, "audience: {overlap: audience.json}")
    assert scenario.audience.names == ("latent cell 1", "only @a", "only @b", "only @c", "only @d")
    assert not scenario.audience.estimated
    assert scenario.warnings == ()


def test_an_audience_that_shrank_since_it_was_learned_is_not_reached_twice(folder: Path) -> None:
    written(folder, method="pairs", cells=[60_000, 60_000], creators={"a": {"0": 50_000, "1": 50_000}})
    assert shares(audience(folder, "overlap: audience.json"), 0) == {"latent cell 1": 0.5, "latent cell 2": 0.5}


def test_a_file_of_a_sample_is_a_sample(folder: Path) -> None:
    written(folder, method="sample", cells=[7, 3], creators={"@a": {"0": 7, "1": 3}, "@b": {"1": 3}})
    found = audience(folder, "overlap: audience.json")
    assert all(curve.all_of_it for curve in found.curves)
    assert people(found) == {"followers of @a": 7, "followers of @a, @b": 3}
    assert codes(folder, "audience: {overlap: audience.json, cells: [country]}") == ["audience-mixed"]


SAMPLES = {
    "rows": "creator,person\n@a,1\n@a,2\n@a,3\nb,3\n@b,4\n@a,3\n",
    "respondents": "id,@a,@b\n1,1,0\n2,yes,\n3,1,1\n4,0,1\n",
}


@pytest.mark.parametrize("form", SAMPLES)
def test_people_of_a_sample_with_the_same_creators_are_one_cell(folder: Path, form: str) -> None:
    (folder / "people.csv").write_text(SAMPLES[form])
    scenario = loaded(folder, "audience: {sample: people.csv}")
    found = scenario.audience
    assert people(found) == {"followers of @a": 2, "followers of @b": 1, "followers of @a, @b": 1}
    assert all(curve.all_of_it for curve in found.curves)
    assert any("2 of 4 creators are not in the sample" in text for text in scenario.warnings)
    assert any(one.path == "people.csv" for one in scenario.inputs)
    assert people(audience(folder, "sample: people.csv, scale_to: 4_000_000"))["followers of @a"] == 2e6


def test_a_sample_may_be_seen_by_views(folder: Path) -> None:
    (folder / "people.csv").write_text(SAMPLES["rows"])
    found = audience(folder, "sample: people.csv, seen: views, scale_to: 40_000")
    assert not any(curve.all_of_it for curve in found.curves)
    assert shares(found, 0) == {"followers of @a": 0.4, "followers of @a, @b": 0.2}


def test_only_those_who_can_be_booked_are_in_a_sample(folder: Path) -> None:
    (folder / "people.csv").write_text(SAMPLES["rows"])
    found = audience(folder, "sample: people.csv", "exclude: ['@b']")
    assert people(found) == {"followers of @a": 3}


def test_a_sample_says_which_columns_it_needs(folder: Path) -> None:
    (folder / "people.csv").write_text("x,y\n1,2\n")
    with pytest.raises(ScenarioError) as caught:
        loaded(folder, "audience: {sample: people.csv}")
    assert not any("--column" in problem.mend for problem in caught.value.problems)


def test_a_curve_of_a_value_that_is_gone_is_left_out_and_others_are_estimated(folder: Path) -> None:
    cells = [{"cell": {"country": "FR"}, "k": 2.0, "people": 10}, {"cell": {"country": "DE"}, "k": 3.0, "people": 9}]
    written(folder, method="curve", cells=cells)
    found = audience(folder, "overlap: audience.json")
    assert found.names == ("BE", "FR")
    assert [curve.k for curve in found.curves] == [None, 2]
    assert people(found)["FR"] == pytest.approx(40_000, rel=1e-5)  # never fewer than the largest audience
    assert found.estimated


@pytest.mark.parametrize("seed", range(5))
def test_the_best_roster_of_a_sample_is_the_one_that_counting_finds(folder: Path, seed: int) -> None:
    draw = random.Random(seed)
    names = [f"@c{at}" for at in range(8)]
    follow = {name: {draw.randrange(60) for _ in range(draw.randrange(1, 30))} for name in names}
    fees = {name: draw.randrange(10, 60) for name in names}
    rows = [f"{name},{draw.randrange(1000, 5000)},{fees[name]},900,50" for name in names]
    head = "creator,followers,fee,average_views,average_engagements"
    (folder / "pool.csv").write_text("\n".join([head, *rows]))
    rows = [f"{name},p{one}" for name in names for one in follow[name]]
    draw.shuffle(rows)
    (folder / "people.csv").write_text("\n".join(["creator,person", *rows]))
    scenario = loaded(folder, "audience: {sample: people.csv}", SAID.replace("400", "120"))
    rosters = [some for size in range(9) for some in combinations(names, size) if sum(map(fees.get, some)) <= 120]
    best = max(len(set().union(*(follow[name] for name in some))) for some in rosters)
    program = build(estimate(scenario))
    found = solve(program, gap=0.0, clock=Clock(inf, lambda: False))
    assert found.plan is not None
    assert program.value(found.plan) == best * 10**6
