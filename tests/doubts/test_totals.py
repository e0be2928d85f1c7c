"""Rows of totals are refused; what only looks like one is asked about."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import ScenarioError
from tests.doubts.pools import Columns, asked, invented, loaded, small


def with_row(columns: Columns, at: int, **row: Any) -> Columns:
    return {name: [*column[:at], row.get(name), *column[at:]] for name, column in columns.items()}


def summed(columns: Columns, upto: int | None = None, **row: Any) -> dict[str, Any]:
    cells: dict[str, Any] = {
        name: round(sum(cell for cell in column[:upto] if cell is not None), 2)
        for name, column in columns.items()
        if name in ("followers", "fee", "average_views")
    }
    return cells | row


def refused(columns: Columns, **changes: Any) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        loaded(columns, **changes)
    return [problem.code for problem in raised.value.problems]


@pytest.mark.parametrize(
    "label", ["Total", "TOTAL", "Totaux", "Gesamt", "Summe", "Total général", "Total (8 creators)", "Sum:"]
)
@pytest.mark.parametrize("at", [0, 8])
def test_a_row_of_totals_is_refused_wherever_it_stands(label: str, at: int) -> None:
    pool = small()
    assert refused(with_row(pool, at, **summed(pool, creator=label))) == ["totals-row"]


@pytest.mark.parametrize("label", ["Moyenne", "average", "Durchschnitt"])
def test_a_row_of_means_is_refused(label: str) -> None:
    pool = small()
    row = {"followers": sum(pool["followers"]) // 8, "fee": round(sum(pool["fee"]) / 8, 2), "creator": label}
    assert refused(with_row(pool, 8, **row)) == ["totals-row"]


def test_subtotals_and_the_total_of_all_are_each_refused() -> None:
    pool = small()
    first = with_row(pool, 4, **summed(pool, 4, creator="Sous-total"))
    rest = {name: column[4:] for name, column in pool.items()}
    second = with_row(first, 9, **summed(rest, creator="Sous-total 2"))
    assert refused(with_row(second, 10, **summed(pool, creator="Total"))) == ["totals-row"] * 3


def test_a_label_in_another_column_is_enough() -> None:
    pool = small()
    assert refused(with_row(pool, 8, **summed(pool, creator="8 creators", niche="Total"))) == ["totals-row"]


def test_a_row_of_sums_without_a_name_is_refused_where_many_rows_add_up() -> None:
    pool = small()
    assert refused(with_row(pool, 8, **summed(pool, creator="x"))) == ["totals-row"]


def test_blanks_do_not_hide_a_total() -> None:
    pool = invented(100)
    pool["fee"][3] = pool["followers"][7] = None
    assert refused(with_row(pool, 100, **summed(pool, creator="Total"))) == ["totals-row"]


def test_a_row_named_total_with_other_numbers_is_asked_about_and_can_be_accepted() -> None:
    pool = with_row(small(), 8, creator="Total", followers=7_700, fee=120.0, engagement_rate=0.03)
    (doubt,) = asked(pool, "totals-row")
    assert (doubt.certain, doubt.creator) == (False, "Total")
    settled = [{"doubt": "totals-row", "creator": "Total", "because": "a band of that name"}]
    assert asked(pool, accepted=settled) == []


def test_an_accepted_row_of_totals_is_no_fault() -> None:
    pool = small()
    row = with_row(pool, 8, **summed(pool, creator="Total", engagement_rate=0.03))
    settled = [{"doubt": "totals-row", "creator": "Total", "because": "a band of that name"}]
    assert len(loaded(row, accepted=settled, tiers={"all": [1, 10**9]}).pool) == 9


@pytest.mark.parametrize("name", ["@total.fit", "@total", "total_fitness", "@sum.of.us", "totally.ana", "@somme"])
def test_a_handle_that_says_total_is_a_creator(name: str) -> None:
    pool = with_row(small(), 8, creator=name, followers=7_700, fee=120.0, engagement_rate=0.03)
    assert asked(pool, "totals-row") == []


def test_where_rows_with_faults_are_skipped_totals_are_left_out_and_counted(tmp_path) -> None:
    (tmp_path / "pool.csv").write_text("creator,followers,fee\n@a,5200,100\n@b,12000,90\nTotal,17200,190\n")
    (tmp_path / "s.yaml").write_text(
        "format: 1\ncurrency: EUR\nbudget: 500\nobjective: {maximize: creators}\n"
        "creators: {file: pool.csv, bad_rows: skip}\n"
    )
    from optimizer import load_scenario

    scenario = load_scenario(tmp_path / "s.yaml")
    assert list(scenario.pool.ids) == ["@a", "@b"]
    assert "pool.csv: 1 row of totals left out (row 4)" in scenario.warnings
    assert [(doubt.code, doubt.certain, doubt.place.line) for doubt in scenario.doubts if doubt.place] == [
        ("totals-row", True, 4)
    ]
