"""`audience:` of a scenario: who of which people each creator reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from optimizer.loading.load import changed_scenario
from optimizer.loading.pool import ReadPool, read_pool
from optimizer.pool_file.table import Table
from tests.loading.audiences import POOL, SAID, audience, codes, loaded, people, shares


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


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
    found = audience(folder, "cells: {country: all, age: [18-24]}")
    assert shares(found, 0) == {"BE, 18-24": 0.05, "FR, 18-24": 0.3}


def test_the_file_is_read_and_cast_once_with_the_columns_of_shares(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = list[list[str]]()

    def counted(table: Table, *rest: Any) -> ReadPool:
        cast.append([name for name in table.columns if name.startswith("audience_")])
        return read_pool(table, *rest)

    monkeypatch.setattr("optimizer.loading.known.read_pool", counted)
    scenario = loaded(folder, "audience: {cells: [country]}")
    assert cast == [["audience_FR", "audience_BE"]]  # no cell asks for those of 18 to 24
    assert [one.path for one in scenario.inputs] == ["s.yaml", "pool.csv"]
    changed_scenario(scenario, {"audience.cells": "[country, niche]"})
    assert len(cast) == 1


def test_columns_of_shares_that_nothing_asks_for_may_be_at_fault(folder: Path) -> None:
    lines = POOL.splitlines()
    spoilt = [f"{lines[0]},audience_XX,audience_xx", *(f"{one},many,{'9' * 40_000}" for one in lines[1:])]
    (folder / "pool.csv").write_text("\n".join(spoilt), encoding="utf-8")
    found = audience(folder, "cells: [country]")
    assert shares(found, 0) == {"BE": 0.1, "FR": 0.8}
    spoilt = [f"{lines[0]},audience_XX", *(f"{one},{'9' * 40_000}" for one in lines[1:])]  # too long to be read
    (folder / "pool.csv").write_text("\n".join(spoilt), encoding="utf-8")
    assert shares(audience(folder, "cells: [country]"), 0) == {"BE": 0.1, "FR": 0.8}


def test_a_value_of_a_segment_alone_has_its_column_of_shares(folder: Path) -> None:
    lines = POOL.splitlines()
    (folder / "pool.csv").write_text(
        "\n".join([f"{lines[0]},audience_CH", f"{lines[1]},5%", *(f"{one}," for one in lines[2:])]), encoding="utf-8"
    )
    more = "segments: [{name: s, available: 2, followers: 1000, fee: 5, average_views: 100, tier: any, country: CH}]"
    assert shares(audience(folder, "cells: [country]", more), 0) == {"BE": 0.1, "CH": 0.05, "FR": 0.8}
    assert shares(audience(folder, "cells: [country]"), 0) == {"BE": 0.1, "FR": 0.8}


def test_another_file_of_creators_has_other_columns_of_shares(folder: Path) -> None:
    (folder / "other.csv").write_text(POOL.replace("audience_BE", "audience_IT"), encoding="utf-8")
    scenario = loaded(folder, "audience: {cells: [country]}")
    other = changed_scenario(scenario, {"creators": "other.csv"})
    assert shares(other.audience, 0) == {"FR": 0.8}


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


def test_an_audience_is_kept_while_nothing_of_it_changes(folder: Path) -> None:
    scenario = loaded(folder, "audience: {cells: [country]}")
    again = changed_scenario(scenario, {"budget": 300})
    assert again.audience is scenario.audience
    assert again.warnings == scenario.warnings
    other = changed_scenario(scenario, {"audience.overlap": "2"})
    assert [curve.k for curve in other.audience.curves] == [2, 2]
