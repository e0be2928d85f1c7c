"""`audience:` of a scenario: who of which people each creator reaches."""

from __future__ import annotations

import json
import random
from itertools import combinations
from math import inf, prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import ScenarioError, load_scenario
from optimizer.domain.audience import Audience
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.terms import Booked
from optimizer.loading.load import changed_scenario
from optimizer.solving.engine import solve
from optimizer.solving.highs import Clock

POOL = """\
creator,followers,fee,average_views,engagement_rate,country,niche,audience_FR,audience_BE,audience_18-24,talent
@a,50000,200,20000,3%,FR,fantasy,80%,10%,50%,Ana
@b,40000,150,20000,3%,FR,romance,,,,Ana
@c,30000,100,10000,3%,BE,fantasy|romance,20%,70%,,
@d,20000,90,9000,4%,,fantasy,,,,
"""
SAID = """format: 1
currency: EUR
budget: 400
objective: {maximize: reach}
creators: pool.csv
tiers: {any: [1, 1_000_000]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


def loaded(folder: Path, more: str = "", said: str = SAID) -> Any:
    (folder / "s.yaml").write_text(f"{said}{more}\n", encoding="utf-8")
    return load_scenario(folder / "s.yaml")


def audience(folder: Path, inner: str = "", more: str = "") -> Audience:
    found = loaded(folder, f"audience: {{{inner}}}\n{more}").audience
    assert found is not None
    return found


def people(found: Audience) -> dict[str, float]:
    return {name: curve.people / 1e6 for name, curve in zip(found.names, found.curves, strict=True)}


def shares(found: Audience, creator: int) -> dict[str, float]:
    mine = range(int(found.starts[creator]), int(found.starts[creator + 1]))
    return {found.names[int(found.cell[at])]: round(float(found.share[at]), 6) for at in mine}


def codes(folder: Path, more: str, said: str = SAID) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loaded(folder, more, said)
    assert all(problem.cause and problem.mend for problem in caught.value.problems)
    assert all(problem.place is not None for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]


def test_nothing_is_built_where_nothing_asks_for_it(folder: Path) -> None:
    assert loaded(folder, said=SAID.replace("reach", "engagements")).audience is None
    assert loaded(folder).audience is not None
    assert loaded(folder, "audience: {}", SAID.replace("reach", "engagements")).audience is not None


@pytest.mark.parametrize(
    "rule",
    [
        "{quantity: reach, at_least: 5}",
        "{quantity: frequency, at_most: 5}",
        "{quantity: cost_per_person, at_most: 5}",
    ],
)
def test_a_rule_about_people_reached_asks_for_it(folder: Path, rule: str) -> None:
    scenario = loaded(folder, f"constraints: {{a: {rule}}}", SAID.replace("reach", "spend"))
    assert scenario.audience is not None


def test_by_default_country_and_niche_part_the_audience(folder: Path) -> None:
    found = audience(folder)
    assert found.estimated
    assert found.names == ("BE, fantasy", "BE, romance", "FR, fantasy", "FR, romance")
    assert shares(found, 0) == {"BE, fantasy": 0.1, "FR, fantasy": 0.8}
    assert shares(found, 1) == {"FR, romance": 1.0}
    assert shares(found, 2) == {"BE, fantasy": 0.35, "BE, romance": 0.35, "FR, fantasy": 0.1, "FR, romance": 0.1}


def test_a_creator_without_a_value_is_spread_by_the_people_of_the_cells(folder: Path) -> None:
    found = audience(folder, "cells: [country], sizes: {FR: 3e5, BE: 1e5}")
    assert shares(found, 3) == {"BE": 0.25, "FR": 0.75}
    assert not found.estimated
    warnings = loaded(folder, "audience: {cells: [country], sizes: {FR: 3e5, BE: 1e5}}").warnings
    assert any("1 of 4 creators have no country" in text for text in warnings)


def test_a_pool_without_these_columns_has_one_cell(folder: Path) -> None:
    (folder / "pool.csv").write_text("creator,followers,fee,average_views\n@a,5000,10,900\n@b,4000,9,800\n")
    found = audience(folder)
    assert people(found) == {"everybody": 9000.0}
    assert shares(found, 1) == {"everybody": 1.0}


def test_no_cells_are_one_cell(folder: Path) -> None:
    assert people(audience(folder, "cells: []")) == {"everybody": 140000.0}
    assert people(audience(folder, "sizes: 2_000_000")) == {"everybody": 2e6}


def test_sizes_are_said_inline_nested_or_in_a_file(folder: Path) -> None:
    by_hand = audience(folder, "sizes: {FR: {fantasy: 4e5, romance: 3e5}, BE: {fantasy: 2e5, romance: 1e5}}")
    (folder / "sizes.csv").write_text(
        "Country;Niche;People;k\nFR;fantasy;400.000;\nFR;romance;300 000;2,5\n"
        "BE;fantasy;200000;chance\nbe;romance;1e5;1\n"
    )
    by_file = audience(folder, "sizes: sizes.csv")
    assert people(by_hand) == people(by_file)
    assert [curve.k for curve in by_file.curves] == [None, 1, None, 2.5]
    assert any(one.path == "sizes.csv" for one in loaded(folder, "audience: {sizes: sizes.csv}").inputs)


def test_values_of_a_dimension_without_a_column_are_named(folder: Path) -> None:
    found = audience(folder, "cells: {age: [18-24]}")
    assert shares(found, 0) == {"18-24": 0.5}
    assert shares(found, 1) == {"18-24": 1.0}  # not known: spread over the cells


def test_what_lies_outside_of_all_cells_is_not_counted(folder: Path) -> None:
    found = audience(folder, "cells: {country: [FR]}")
    assert shares(found, 0) == {"FR": 0.8}
    assert shares(found, 2) == {"FR": 0.2}


def test_joint_shares_are_used_where_there_are(folder: Path) -> None:
    text = POOL.splitlines()
    head = f"{text[0]},audience_18-24_FR,audience_BE_18-24"
    (folder / "pool.csv").write_text("\n".join([head, f"{text[1]},30%,5%", *(f"{one},," for one in text[2:])]))
    found = audience(folder, "cells: {country: [FR, BE], age: [18-24]}")
    assert shares(found, 0) == {"BE, 18-24": 0.05, "FR, 18-24": 0.3}


@pytest.mark.parametrize(
    ("said", "ks"),
    [("chance", [None, None]), ("2.5", [2.5, 2.5]), ("{FR: 0.1}", [None, 0.1]), ("{BE: chance, FR: 7}", [None, 7])],
)
def test_overlap_is_said_for_all_cells_or_by_value(folder: Path, said: str, ks: list[Any]) -> None:
    found = audience(folder, f"cells: [country], overlap: {said}")
    assert [None if curve.k is None else float(curve.k) for curve in found.curves] == ks


def test_accounts_of_one_talent_share_a_cell_of_their_own(folder: Path) -> None:
    found = audience(folder, "cells: [country], shared: 30%")
    assert people(found)["FR: accounts of Ana"] == 12000  # 30 % of 40,000
    assert shares(found, 0) == {"BE": 0.1, "FR": 0.56, "FR: accounts of Ana": 0.24}
    assert shares(found, 1) == {"FR": 0.7, "FR: accounts of Ana": 0.3}


FAULTS = {
    "cells: [age]": "unknown-column",
    "cells: [followers]": "unknown-column",
    "cells: [country, Country]": "audience-cells",
    "cells: [a, b, c, d, e]": "audience-cells",
    "cells: {age: []}": "audience-cells",
    "cells: {age: [a, A]}": "audience-cells",
    "sizes: 0": "audience-size",
    "sizes: {FR: 0}": "audience-size",
    "sizes: -5": "negative",
    "sizes: nan": "not-a-number",
    "sizes: 1e30": "not-a-number",
    "sizes: 2e11": "audience-size",
    "sizes: 30%": "not-an-amount",
    "sizes: [1]": "audience-table",
    "sizes: {FR: {}}": "audience-table",
    "cells: [country], sizes: {FR: {fantasy: 5}}": "audience-table",
    "cells: [country], sizes: {FR: 3e5}": "audience-no-size",
    "cells: {country: [FR]}, sizes: {FRA: 3e5}": "unknown-value",
    "sizes: none.csv": "pool-missing",
    "sizes: ../s.csv": "path-outside",
    "cells: [country], sizes: {FR: {x: 1}, BE: 5}": "audience-table",
    "cells: [country], sizes: 5": "audience-table",
    "sizes: {FR: {a: {b: {c: {d: 5}}}}}": "audience-table",
    "sizes: {FR: }": "audience-table",
    "cells: [], overlap: {FR: 2}": "audience-table",
    "cells: 5e": "unknown-column",
    "overlap: []": "audience-table",
    "overlap: inf": "audience-overlap",
    "overlap: 0": "audience-overlap",
    "overlap: 0.09": "audience-overlap",
    "overlap: -1": "audience-overlap",
    "overlap: nan": "audience-overlap",
    "overlap: 1e9": "audience-overlap",
    "overlap: 20%": "audience-overlap",
    "overlap: {FR: maybe}": "audience-overlap",
    "overlap: {XX: 2}": "unknown-value",
    "overlap: none.json": "audience-missing",
    "shared: 130%": "share-above-one",
    "seen: views": "audience-mixed",
    "scale_to: 5": "audience-mixed",
    "sample: people.csv, cells: [country]": "audience-mixed",
    "sample: people.csv, sizes: 5": "audience-mixed",
    "sample: people.csv, overlap: 5": "audience-mixed",
    "sample: people.csv, shared: 5%": "audience-mixed",
    "sample: people.csv, scale_to: 0": "audience-size",
    "sample: none.csv": "pool-missing",
    "sampel: 5": "unknown-key",
}


@pytest.mark.parametrize("inner", FAULTS)
def test_each_fault_is_told_with_its_place(folder: Path, inner: str) -> None:
    assert codes(folder, f"audience: {{{inner}}}")[0] == FAULTS[inner]


FILES = {
    "country,people\nFR,300000\nFR,4\nBE,5\n": "audience-twice",
    "country,people\nFR,300000\n": "audience-no-size",
    "country,people\nFR,0\nBE,5\n": "audience-size",
    "country,people\nFR,-4\nBE,5\n": "negative",
    "country,people\nFR,\nBE,5\n": "audience-size",
    "country,people\nFR,lots\nBE,5\n": "not-a-number",
    "country,people\n,4\nBE,5\n": "audience-blank",
    "country,people\nFR,30000000000\nBE,5\n": "audience-size",
    "country,people,k\nFR,300000,0.01\nBE,5,1\n": "audience-overlap",
    "land,people\nFR,300000\n": "audience-no-column",
    "country,many\nFR,300000\n": "audience-no-column",
}


@pytest.mark.parametrize("text", FILES)
def test_each_fault_of_a_file_of_sizes_is_told(folder: Path, text: str) -> None:
    (folder / "sizes.csv").write_text(text)
    assert codes(folder, "audience: {cells: [country], sizes: sizes.csv}")[0] == FILES[text]


def test_shares_that_add_up_to_more_than_everybody_are_refused_of_those_who_can_be_booked(folder: Path) -> None:
    (folder / "pool.csv").write_text(POOL.replace("80%,10%", "80%,30%"))
    assert codes(folder, "audience: {cells: [country]}") == ["audience-shares"]
    assert loaded(folder, "audience: {cells: [country]}\nexclude: ['@a']").audience is not None
    (folder / "pool.csv").write_text(POOL.replace("80%,10%", "80%,20.5%"))  # rounded one by one
    assert sum(shares(audience(folder, "cells: [country]"), 0).values()) == pytest.approx(1)


def test_a_size_below_the_audience_of_a_creator_is_warned_of(folder: Path) -> None:
    scenario = loaded(folder, "audience: {cells: [country], sizes: {FR: 30_000, BE: 1e5}}")
    assert any("@a has 40,000 people of FR" in text for text in scenario.warnings)


def test_sizes_are_drawn_from_the_pool_before_filters(folder: Path) -> None:
    assert people(audience(folder, "cells: [country]", "exclude: ['@a']")) == people(
        audience(folder, "cells: [country]")
    )


def test_the_only_creator_of_a_cell_does_not_reach_all_of_it(folder: Path) -> None:
    (folder / "pool.csv").write_text("creator,followers,fee,average_views,country\n@a,5000,10,900,FR\n@b,4000,9,8,BE\n")
    found = people(audience(folder))
    assert found["FR"] == pytest.approx(5000 * 1.000002, abs=1e-5)


def test_the_smallest_of_too_many_cells_are_merged(folder: Path) -> None:
    rows = [f"@c{at},{1000 + at},10,900,n{at}" for at in range(700)]
    (folder / "pool.csv").write_text("\n".join(["creator,followers,fee,average_views,niche", *rows]))
    scenario = loaded(folder)
    found = scenario.audience
    assert len(found) == 500
    assert found.names[-1] == "others"
    assert people(found)["n699"] == pytest.approx(1699, rel=1e-5)
    assert found.curves[-1].people / 1e6 == pytest.approx(sum(1000 + at for at in range(201)), rel=1e-5)
    assert any("700 cells are more than 500" in text for text in scenario.warnings)


def test_a_segment_without_a_value_is_spread_and_counts_as_often_as_it_is_there(folder: Path) -> None:
    more = "segments: [{name: s, available: 10, followers: 1000, fee: 5, average_views: 100, tier: any}]"
    found = loaded(folder, f"audience: {{cells: [country]}}\n{more}").audience
    assert sum(people(found).values()) == pytest.approx(132_000 + 10_000)


RULES = {
    "{quantity: reach, at_most: 5}": "reach-not-convex",
    "{quantity: reach, exactly: 5}": "reach-not-convex",
    "{quantity: reach, group: {niche: fantasy}, at_least: 5%}": "reach-not-convex",
    "{quantity: reach, of: {niche: fantasy}, at_least: 5%}": "reach-not-convex",
    "{quantity: reach, at_least: 5, or_none: true}": "reach-not-convex",
    "{quantity: reach, at_least: 5, per: creator}": "reach-per",
    "{quantity: reach, at_least: 5, per: talent}": "reach-per",
    "{quantity: frequency, at_most: 5, per: creator}": "reach-per",
    "{quantity: frequency, at_least: 5}": "reach-not-convex",
    "{quantity: frequency, exactly: 5}": "reach-not-convex",
    "{quantity: cost_per_person, at_least: 5}": "reach-not-convex",
    "{quantity: frequency, at_most: 5, people: {country: FR}}": "people",
    "{quantity: reach, at_least: 5, people: {city: Lyon}}": "unknown-people",
    "{quantity: reach, at_least: 5, people: {country: Fr, niche: fantsy}}": "unknown-people",
    "{quantity: reach, at_least: 5, people: {country: {from: 3}}}": "range",
    "{quantity: reach, at_least: 5, group: {country: FR}}": "unclear-group",
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_that_cannot_be_kept_is_refused_with_the_reason(folder: Path, rule: str) -> None:
    assert codes(folder, f"constraints: {{a: {rule}}}") == [RULES[rule]]


@pytest.mark.parametrize("goal", ["{minimize: reach}", "{maximize: {engagements: 1, reach: -2}}"])
def test_a_goal_of_fewer_people_is_refused(folder: Path, goal: str) -> None:
    assert codes(folder, "", SAID.replace("{maximize: reach}", goal)) == ["reach-not-convex"]


@pytest.mark.parametrize("goal", ["{maximize: {engagements: 1, reach: 2}}", "{minimize: {spend: 1, reach: -0.1}}"])
def test_a_mix_may_want_more_people(folder: Path, goal: str) -> None:
    assert loaded(folder, "", SAID.replace("{maximize: reach}", goal)).audience is not None


@pytest.mark.parametrize("goal", ["frequency", "cost_per_person"])
def test_a_ratio_of_people_is_no_goal(folder: Path, goal: str) -> None:
    assert codes(folder, "", SAID.replace("{maximize: reach}", f"{{minimize: {goal}}}")) == ["ratio-objective"]


def test_people_reached_are_no_wallet_and_not_booked_in_parts(folder: Path) -> None:
    assert codes(folder, "wallets: {reach: 5}") == ["wallet"]
    assert codes(folder, "whole: false") == ["reach-in-parts"]
    segment = "{name: s, available: 10, followers: 1000, fee: 5, average_views: 100, whole: false}"
    assert codes(folder, f"segments: [{segment}]") == ["reach-in-parts"]


def test_group_and_people_of_one_column_may_stand_together(folder: Path) -> None:
    rule = "{quantity: reach, at_least: 5, group: {country: BE}, people: {country: fr}}"
    assert loaded(folder, f"constraints: {{a: {rule}}}").audience is not None


def test_an_audience_is_kept_while_nothing_of_it_changes(folder: Path) -> None:
    scenario = loaded(folder, "audience: {cells: [country]}")
    again = changed_scenario(scenario, {"budget": 300})
    assert again.audience is scenario.audience
    assert again.warnings == scenario.warnings
    other = changed_scenario(scenario, {"audience.overlap": "2"})
    assert [curve.k for curve in other.audience.curves] == [2, 2]


# --- learned overlap, and samples ---


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


def test_a_group_is_unclear_also_where_cells_were_merged(folder: Path) -> None:
    rows = [f"@c{at},{1000 + at},10,900,n{at}" for at in range(700)]
    (folder / "pool.csv").write_text("\n".join(["creator,followers,fee,average_views,niche", *rows]))
    rule = "{quantity: reach, at_least: 5, group: {niche: n5}}"
    assert codes(folder, f"constraints: {{a: {rule}}}") == ["unclear-group"]


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


@pytest.mark.parametrize("k", ["chance", "0.1", "2.5", "1e6"])
def test_people_are_counted_by_the_formula_of_the_reference(folder: Path, k: str) -> None:
    more = f"audience: {{cells: [country], sizes: {{FR: 3e5, BE: 1e5}}, overlap: {k}}}"
    scenario = loaded(folder, more, SAID.replace("400", "1e6"))
    program = build(estimate(scenario))
    part = {"FR": [0.8, 1, 0.2, 0.75], "BE": [0.1, 0, 0.7, 0.25]}
    gross, sizes = [20000, 20000, 10000, 9000], {"FR": 3e5, "BE": 1e5}
    for some in (columns for size in range(1, 5) for columns in combinations(range(4), size)):
        expected = 0.0
        for cell, people_there in sizes.items():
            p = [gross[at] * part[cell][at] / people_there for at in some]
            if k == "chance":
                expected += people_there * (1 - prod(1 - one for one in p))
            else:
                e = sum(float(k) * ((1 - one) ** (-1 / float(k)) - 1) for one in p)
                expected += people_there * (1 - (1 + e / float(k)) ** -float(k))
        booked = np.array(some, dtype=np.int64)
        found = program.value(program.settled(Booked(booked, np.ones(len(booked), dtype=np.int64)))) / 10**6
        assert float(found) == pytest.approx(expected, rel=1e-6)


def test_price_for_a_person_counts_the_people_that_it_names(folder: Path) -> None:
    rule = "{quantity: cost_per_person, people: {country: FR}, at_most: 0.0125}"  # @a alone: 200 for 16,000
    more = f"audience: {{cells: [country], sizes: {{FR: 3e5, BE: 1e5}}}}\ninclude: ['@a']\nconstraints: {{a: {rule}}}"
    for bound, kept in (("0.0125", True), ("0.012499", False)):
        scenario = loaded(folder, more.replace("0.0125", bound))
        program = build(estimate(scenario))
        plan = program.settled(Booked(np.array([0]), np.ones(1, dtype=np.int64)))
        assert any(rule.failure(plan) for rule in program.rules) is not kept
