"""By what creators are left out is said with counts: each creator once, under the first reason that applies."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import ScenarioError, load_scenario, to_dict, try_optimize, verify
from optimizer.cli.main import main
from optimizer.report.beside import left_out
from optimizer.report.text import render
from optimizer.results.stated import digest

FRAME: dict[str, list[Any]] = {
    "creator": ["@ann", "@bob", "@cyd", "@dee", "@eve", "@fay", "@gus"],
    "niche": ["food", "food", "pets", "pets", "food", "food", "food"],
    "country": ["FR", "FR", "FR", "DE", "FR", "FR", "FR"],
    "followers": [2_000, 3_000, 4_000, 5_000, 500, None, 6_000],
    "average_engagements": [100] * 7,
    "fee": [50] * 7,
}
ASKED = {
    "creators": {"where": {"country": "FR"}},
    "exclude": [{"niche": "pets"}, "@Bob", {"followers": {"below": 600}}],
}


def loaded(frame: dict[str, list[Any]] = FRAME, **more: Any) -> Any:
    said = {"format": 1, "currency": "EUR", "budget": 500, "objective": {"maximize": "engagements"}}
    return load_scenario({**said, **more}, creators=frame)


def test_each_creator_counts_once_under_the_first_reason_in_the_planners_words() -> None:
    assert loaded(**ASKED).excluded == (
        ("where", 1),
        ("exclude: {niche: pets}", 1),  # two have pets, of whom `where` left out one
        ("exclude: @Bob", 1),
        ("exclude: {followers: {below: 600}}", 1),
        ("no followers", 1),
    )


def test_who_is_in_no_tier_is_told_from_who_has_no_followers() -> None:
    assert loaded().excluded == (("no followers", 1), ("no tier", 1))
    assert loaded({**FRAME, "followers": [5_000] * 7}).excluded == ()


def test_entries_in_the_same_words_are_counted_together() -> None:
    assert loaded(exclude=["@ann", "@ann", {"niche": "pets"}, {"niche": "pets"}]).excluded[:2] == (
        ("exclude: @ann", 1),
        ("exclude: {niche: pets}", 2),
    )


def test_a_long_filter_is_cut() -> None:
    names = ["@ann", *("@bob" for _ in range(60))]
    (by, count), *_ = loaded(exclude=[{"creator": names}]).excluded
    assert (len(by), by[-3:], count) == (len("exclude: ") + 80, "...", 2)


@pytest.mark.parametrize("seed", range(40))
def test_the_counts_and_those_who_can_be_booked_are_the_whole_pool(seed: int) -> None:
    rng = random.Random(seed)
    size = rng.randint(1, 40)
    frame = {
        "creator": [f"@c{at}" for at in range(size)],
        "niche": [rng.choice(["food", "pets", "home", None]) for _ in range(size)],
        "followers": [rng.choice([None, 200, 2_000, 20_000, 900_000]) for _ in range(size)],
        "average_engagements": [100] * size,
        "fee": [50] * size,
    }
    exclude = [rng.choice([{"niche": "food"}, {"followers": {"above": 10_000}}, "@c1", "@c2"]) for _ in range(3)]
    try:
        scenario = loaded(frame, creators={"where": {"niche": ["food", "pets"]}}, exclude=exclude)
    except ScenarioError:  # nobody is left, or the filter names a column without cells
        return
    counts = [count for _, count in scenario.excluded]
    assert sum(counts) + len(scenario.pool) == size
    assert min(counts, default=1) > 0


def test_a_plan_and_its_text_say_it_and_a_forged_count_is_found() -> None:
    scenario = loaded(**ASKED)
    plan = try_optimize(scenario)
    said = to_dict(plan)
    assert (said["considered"], said["excluded"][0]) == (2, {"by": "where", "count": 1})
    told = (
        "Not considered: 5 of 7 creators: 1 by where, 1 by exclude {niche: pets}, 1 by exclude @Bob, 1 by exclude "
        "{followers: {below: 600}}, 1 with no followers."
    )
    assert told in render(plan, 400)
    assert verify(said, scenario).holds
    for forged in (said | {"considered": 3}, said | {"excluded": said["excluded"][1:]}):
        forged["digest"] = digest(forged)
        assert not verify(forged, scenario).holds


def test_no_plan_says_it_too() -> None:
    nothing = try_optimize(loaded(**ASKED, constraints={"many": {"quantity": "creators", "at_least": 3}}))
    assert to_dict(nothing)["excluded"][0] == {"by": "where", "count": 1}
    assert "Not considered: 5 of 7 creators: 1 by where" in render(nothing)


def test_check_says_it_in_text_and_json(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("creator,average_engagements,fee\n@ann,100,50\n@bob,90,40\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        "format: 1\ncurrency: EUR\nobjective: {maximize: engagements}\ncreators: c.csv\nexclude: ['@ann']\n",
        encoding="utf-8",
    )
    shown = CliRunner().invoke(main, ["check", str(tmp_path / "s.yaml")]).stdout
    assert shown.endswith("Not considered: 1 of 2 creators: 1 by exclude @ann.\n")
    said = json.loads(CliRunner().invoke(main, ["check", str(tmp_path / "s.yaml"), "--json"]).stdout)
    assert (said["creators"], said["excluded"]) == (1, [{"by": "exclude: @ann", "count": 1}])


def test_many_reasons_are_cut_and_their_creators_counted() -> None:
    from optimizer.results.common import Excluded

    many = [Excluded(f"exclude: @c{at}", 1) for at in range(30)]
    assert left_out(many, 70).endswith("1 by exclude @c4, 25 for 25 other reasons.")
    assert left_out([], 70) == ""
