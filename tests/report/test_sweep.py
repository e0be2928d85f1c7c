"""How a sweep reads: headings, places, marginal values, curves."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import load_scenario, sweep
from optimizer.report.curves import curves
from optimizer.report.sweep import lacking, named, points_table, render
from optimizer.report.sweep_page import sweep_page
from tests.analysis.sweeping import loaded

SAID: dict[str, Any] = {"format": 1, "name": "S", "currency": "EUR", "budget": 250}
ANA = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}


def two(**more: object) -> Any:
    return load_scenario(SAID | {"objective": {"maximize": "engagements"}} | more, creators=ANA)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("budget", "budget"),
        ('constraints."nano keeps a third".at_least', "nano keeps a third, at least"),
        ("constraints.team.at_most", "team, at most"),
        ("assume.click_rate", "assume.click_rate"),
    ],
)
def test_a_path_is_named_as_a_planner_says_it(path: str, says: str) -> None:
    assert named(path) == says


def test_shares_are_shown_as_they_were_set_and_marginal_values_per_point() -> None:
    rule = {"cheap": {"quantity": "spend", "group": {"creator": ["@ana"]}, "at_most": "50%"}}
    found = sweep(two(constraints=rule), {"constraints.cheap.at_most": "0%:100%:50%"}, gap=0.0)
    table = points_table(found)
    assert table.column("cheap, at most") == ["0%", "50%", "100%"]
    assert "per point" in [column.name for column in table.columns]
    assert "per point: how the value changes with one more point" in render(found)


def test_money_names_its_currency_and_counts_have_thousands() -> None:
    found = sweep(two(), {"budget": [1_000, 250]})
    table = points_table(found)
    assert table.column("budget (EUR)") == ["1,000", "250"]
    assert table.column("engagements") == ["750", "600"]


def test_a_long_list_of_changes_is_cut_unless_all_is_asked_for() -> None:
    many = sweep(loaded(2, 40), {"budget": "100:2600:100"}, gap=0.02)
    cut, whole = render(many), render(many, everything=True)
    assert "more (--all)" in cut
    assert "more (--all)" not in whole
    assert len(whole) > len(cut)


def test_a_point_without_a_plan_says_so_in_its_row() -> None:
    found = sweep(two(constraints={"some": {"quantity": "creators", "at_least": 1}}), {"budget": [50, 250]})
    table = points_table(found)
    assert table.column("engagements") == ["no plan", "600"]
    assert table.column("proved") == ["rules clash", "best"]
    assert lacking(found)[0].startswith("budget 50: no plan can keep these rules at once (proved)")


def test_the_curve_has_a_point_for_each_plan_and_one_line_for_each_value_of_the_first_input() -> None:
    (one,) = curves(sweep(two(), {"budget": [100, 250]}))
    assert [row["value"] for row in one.spec["data"]["values"]] == [150, 600]
    assert one.says == "100: 150; 250: 600"
    team = {"team": {"quantity": "creators", "at_most": 2}}
    (several,) = curves(sweep(two(constraints=team), {"constraints.team.at_most": [1, 2], "budget": [100, 350]}))
    assert {row["line"] for row in several.spec["data"]["values"]} == {"1", "2"}
    assert len(several.spec["layer"]) == 1


def test_values_of_different_goals_have_no_curve() -> None:
    assert curves(sweep(two(), {"objective.maximize": ["engagements", "creators"]})) == []
    assert curves(sweep(two(), {"budget": [100]})) == []


def test_a_page_has_the_points_and_the_curve() -> None:
    page = sweep_page(sweep(two(), {"budget": [100, 250]}))
    assert [section.heading for section in page.sections] == ["The points", "Who changes"]
    assert [type(part).__name__ for part in page.sections[0].parts] == ["Words", "Picture", "Table", "Words"]


def test_a_result_prints_itself_also_in_a_notebook() -> None:
    found = sweep(two(), {"budget": [100, 250]}, ranges=True)
    assert str(found) == render(found, 100)
    assert "The points" in found._repr_html_()
    assert "30.46 to" in str(found)
    assert "most likely" not in str(sweep(two(), {"budget": [100, 250]}))
