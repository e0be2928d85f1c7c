"""Rules and goals about people reached, as a scenario says them."""

from __future__ import annotations

from itertools import combinations
from math import prod
from pathlib import Path

import numpy as np
import pytest

from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.terms import Booked
from tests.loading.audiences import POOL, SAID, codes, loaded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


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


def test_a_group_is_unclear_also_where_cells_were_merged(folder: Path) -> None:
    rows = [f"@c{at},{1000 + at},10,900,n{at}" for at in range(700)]
    (folder / "pool.csv").write_text("\n".join(["creator,followers,fee,average_views,niche", *rows]))
    rule = "{quantity: reach, at_least: 5, group: {niche: n5}}"
    assert codes(folder, f"constraints: {{a: {rule}}}") == ["unclear-group"]


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


def test_frequency_counts_the_views_of_the_people_that_it_names(folder: Path) -> None:
    """@c has 10,000 views, of whom 2,000 by French people, and 10,000 / 9,000 views each: @d has 9,000, 3/4 of them."""
    more = "audience: {cells: [country], sizes: {FR: 3e5, BE: 1e5}}\n"
    reached = 3e5 * (1 - (1 - 2_000 / 3e5) * (1 - 6_750 / 3e5))
    for bound, kept in ((8_750 / reached + 1e-6, True), (8_750 / reached - 1e-6, False)):
        rule = f"{{quantity: frequency, people: {{country: FR}}, at_most: {bound:.9f}}}"
        program = build(estimate(loaded(folder, f"{more}constraints: {{a: {rule}}}")))
        plan = program.settled(Booked(np.array([2, 3]), np.ones(2, dtype=np.int64)))
        assert any(one.name == "a" and one.failure(plan) for one in program.rules) is not kept


def test_price_for_a_person_counts_the_people_that_it_names(folder: Path) -> None:
    rule = "{quantity: cost_per_person, people: {country: FR}, at_most: 0.0125}"  # @a alone: 200 for 16,000
    more = f"audience: {{cells: [country], sizes: {{FR: 3e5, BE: 1e5}}}}\ninclude: ['@a']\nconstraints: {{a: {rule}}}"
    for bound, kept in (("0.0125", True), ("0.012499", False)):
        scenario = loaded(folder, more.replace("0.0125", bound))
        program = build(estimate(scenario))
        plan = program.settled(Booked(np.array([0]), np.ones(1, dtype=np.int64)))
        assert any(rule.failure(plan) for rule in program.rules) is not kept
