"""A plan's tables for programs: the numbers of the JSON, in columns whose type never changes."""

from __future__ import annotations

import sys
from typing import Any, get_args

import polars
import pyarrow
import pytest

from optimizer import Plan, load_scenario, optimize
from optimizer.results.as_json import allocation_row
from optimizer.results.shown import View
from tests.docs.pages import ROOT

VIEWS = get_args(View)


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    names = ["first_test", "mix_without_names", "lyon_gifts"]
    return [optimize(load_scenario(ROOT / "scenarios" / f"{name}.yaml"), gap=0.1) for name in names]


def empty() -> Plan:
    said = {"format": 1, "currency": "EUR", "budget": 1, "objective": {"maximize": "engagements"}}
    creators = {"creator": ["@ann"], "average_engagements": [10], "fee": [100]}
    return optimize(load_scenario(said, creators=creators))


def test_bookings_have_a_row_each_and_every_number_of_the_json(plans: list[Plan]) -> None:
    for plan in plans:
        rows = plan.to_arrow().to_pylist()
        assert len(rows) == len(plan.allocations)
        for row, booking in zip(rows, plan.allocations, strict=True):
            said = allocation_row(booking)
            assert {name: row[name] for name in said} == said
            assert row["estimated"].count(": ") == len(booking.estimated)


def test_constraints_and_totals_have_a_row_each(plans: list[Plan]) -> None:
    for plan in plans:
        rules = plan.to_arrow("constraints").to_pylist()
        assert [(row["name"], row["value"], row["binding"]) for row in rules] == [
            (rule.name, rule.value, rule.binding) for rule in plan.constraints
        ]
        totals = {row["quantity"]: row["value"] for row in plan.to_arrow("totals").to_pylist()}
        assert totals == plan.totals
        units = {row["quantity"]: row["unit"] for row in plan.to_arrow("totals").to_pylist()}
        assert units["spend"] == plan.currency
        assert units["creators"] == "count"


@pytest.mark.parametrize("view", VIEWS)
def test_tables_of_several_plans_can_be_stacked(plans: list[Plan], view: View) -> None:
    tables = [plan.to_arrow(view) for plan in (*plans, empty())]
    stacked = pyarrow.concat_tables(tables, promote_options="default")
    assert stacked.num_rows == sum(table.num_rows for table in tables)
    fixed = {"creator", "offer", "count", "exact_count", "step", "keeps", "estimated"}
    assert view != "bookings" or set(tables[-1].column_names) == fixed


@pytest.mark.parametrize("view", VIEWS)
def test_pandas_and_polars_give_the_same_table(plans: list[Plan], view: View) -> None:
    for plan in plans:
        table = plan.to_arrow(view)
        assert isinstance(plan.to_polars(view), polars.DataFrame)
        assert plan.to_polars(view).to_dicts() == table.to_pylist()
        frame = plan.to_pandas(view)
        assert list(frame.columns) == table.column_names
        assert frame.shape == (table.num_rows, table.num_columns)


def test_money_adds_up_to_the_total_to_the_cent(plans: list[Plan]) -> None:
    for plan in plans:
        assert round(plan.to_pandas()["spend"].sum(), plan.decimals) == round(plan.totals["spend"], plan.decimals)


@pytest.mark.parametrize(("package", "verb"), [("pandas", "to_pandas"), ("polars", "to_polars")])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    package: str, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = empty()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"^{package} is not installed: pip install {package}$"):
        getattr(plan, verb)()


def test_another_view_is_a_wrong_call() -> None:
    other: Any = "rules"
    with pytest.raises(ValueError, match="view must be one of bookings, constraints, totals, not 'rules'"):
        empty().to_arrow(other)
