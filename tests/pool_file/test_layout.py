"""The names of the columns are found where that is clear, and asked for where it is not; in CSV and workbooks alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.errors import Problem, ScenarioError
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from tests.pool_file.books import book
from tests.pool_file.reading import only

KNOWN = {"creator", "followers", "fee", "niche", "engagement_rate"}
Rows = Sequence[Sequence[str]]


def wanted(header: tuple[str, ...]) -> list[str]:
    """As a scenario that uses these columns; a mapping may name others."""
    return [name for name in header if name.casefold() in KNOWN or name.startswith("Abon") or "followers" in name]


@pytest.fixture(params=["csv", "xlsx"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def read(folder: Path, kind: str, rows: Rows, header: int | None = None) -> Table:
    path = folder / f"pool.{kind}"
    if kind == "csv":
        stream = io.StringIO(newline="")
        csv.writer(stream, lineterminator="\r\n").writerows(rows)
        path.write_text(stream.getvalue(), encoding="utf-8", newline="")
    else:
        path.write_bytes(book([[cell or None for cell in row] for row in rows]))
    return read_table(path, path.name, wanted, None, header)


def refused(folder: Path, kind: str, rows: Rows, header: int | None = None) -> Problem:
    with pytest.raises(ScenarioError) as error:
        read(folder, kind, rows, header)
    problem = only(error)
    assert (problem.code, bool(problem.cause), bool(problem.mend)) == ("pool-header", True, True), problem
    return problem


HEAD = ["creator", "followers", "fee"]
BODY = [["@a", "5000", "100"], ["@b", "6000", "90"]]
READ = {"creator": ["@a", "@b"], "followers": ["5000", "6000"], "fee": ["100", "90"]}


def columns(table: Table) -> dict[str, list[str | None]]:
    return {name: cells.to_pylist() for name, cells in table.columns.items()}


@pytest.mark.parametrize(
    "above",
    [
        [],
        [["", "", ""]],
        [["Our list", "", ""]],
        [["Our list", "", ""], ["", "", ""], ["as of", "2024-05-01", ""], ["", "", ""]],
        [["Campaign", "Spring", ""]],
        [["", "", "confidential"]],
    ],
)
def test_titles_and_blank_lines_may_stand_above_the_names(tmp_path: Path, kind: str, above: Rows) -> None:
    found = read(tmp_path, kind, [*above, HEAD, *BODY])
    assert (columns(found), found.rows.tolist()) == (READ, [len(above) + 2, len(above) + 3])
    assert bool(found.notes) == any(map(any, above))


def test_a_title_of_another_width_may_stand_above_the_names(tmp_path: Path) -> None:
    for title in ("Cookie export", "List, 2024", "a;b"):
        assert columns(read(tmp_path, "csv", [[title], [], HEAD, *BODY])) == READ


def test_what_is_above_the_names_is_told(tmp_path: Path, kind: str) -> None:
    rows = [["Our list", "", ""], ["of May", "", ""], HEAD, *BODY]
    assert read(tmp_path, kind, rows).notes == ("has rows 1 to 2 above the names of the columns, passed over",)


def test_groups_above_the_names_are_put_before_names_that_are_not_unique(tmp_path: Path, kind: str) -> None:
    rows = [
        ["", "Instagram", "", "TikTok", ""],
        ["creator", "followers", "fee", "followers", "rate"],
        ["@a", "1", "2", "3", "4"],
    ]
    found = read(tmp_path, kind, rows)
    assert found.header == ("creator", "Instagram followers", "fee", "TikTok followers", "rate")
    assert found.rows.tolist() == [3]


def test_groups_are_left_away_where_names_are_unique(tmp_path: Path, kind: str) -> None:
    rows = [["", "Account", "", "Offer"], ["creator", "followers", "niche", "fee"], ["@a", "1", "x", "4"]]
    assert read(tmp_path, kind, rows).header == ("creator", "followers", "niche", "fee")


def test_names_may_stand_beside_groups_in_the_upper_line(tmp_path: Path, kind: str) -> None:
    rows = [
        ["creator", "followers", "Audience", "", "fee"],
        ["", "", "FR", "BE", ""],
        ["@a", "5000", "0.5", "0.1", "9"],
    ]
    found = read(tmp_path, kind, rows)
    assert found.header == ("creator", "followers", "FR", "BE", "fee")
    assert found.rows.tolist() == [3]


def test_a_blank_cell_of_the_first_row_of_data_does_not_make_it_names(tmp_path: Path, kind: str) -> None:
    rows = [["creator", "niche", "", "note"], ["ana", "food", "x", "good"], ["bea", "film", "y", "fine"]]
    assert read(tmp_path, kind, rows).rows.tolist() == [2, 3]


def test_line_breaks_in_names_become_spaces(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, kind, [["creator", "Abonnés\r\nInstagram", " fee\n"], *BODY])
    assert found.header == ("creator", "Abonnés Instagram", "fee")
    assert columns(found)["Abonnés Instagram"] == ["5000", "6000"]


def test_columns_without_names_are_passed_over(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, kind, [["", *HEAD, "", ""], *(["0", *row, "", "x"] for row in BODY)])
    assert columns(found) == READ


def test_a_file_without_names_is_refused(tmp_path: Path, kind: str) -> None:
    problem = refused(tmp_path, kind, BODY)
    assert "row 1 looks like data" in problem.cause
    assert "header: 1" in problem.mend
    refused(tmp_path, kind, [["Our list", "", ""], *BODY])


def test_rows_of_data_above_the_names_are_not_passed_over(tmp_path: Path, kind: str) -> None:
    problem = refused(tmp_path, kind, [*BODY, HEAD, *BODY])
    assert "row 1 is" in problem.cause
    assert "row 3 is" in problem.cause
    assert "header: 3" in problem.mend


def test_the_scenario_decides(tmp_path: Path, kind: str) -> None:
    rows = [*BODY, HEAD, *BODY]
    assert columns(read(tmp_path, kind, rows, header=3)) == READ
    assert read(tmp_path, kind, rows, header=1).header == ("@a", "5000", "100")
    refused(tmp_path, kind, [HEAD, *BODY], header=9)
    refused(tmp_path, kind, [HEAD, ["", "", ""], *BODY], header=2)


def test_names_that_nothing_knows_are_taken_from_the_first_whole_row(tmp_path: Path, kind: str) -> None:
    rows = [["Liste", "", ""], ["Nom", "Compte", "2024"], ["Léa", "lea.lit", "5"]]
    assert read(tmp_path, kind, rows).header == ("Nom", "Compte", "2024")


def test_a_title_does_not_make_a_file_one_of_one_column(tmp_path: Path) -> None:
    path = tmp_path / "pool.csv"
    path.write_text("Liste\n\nNom;Compte\nLéa;lea.lit\n")
    assert read_table(path, "pool.csv", wanted).header == ("Nom", "Compte")


def test_a_file_of_one_column_may_have_a_title(tmp_path: Path, kind: str) -> None:
    assert columns(read(tmp_path, kind, [["My list"], ["creator"], ["@a"]])) == {"creator": ["@a"]}
    refused(tmp_path, kind, [["@a"], ["@b"]])


def test_a_note_at_the_end_is_passed_over_and_told(tmp_path: Path, kind: str) -> None:
    rows = [HEAD, *BODY, [], ["Source: our own survey"]]
    found = read(tmp_path, kind, rows)
    assert (columns(found), found.problems, found.bad_rows) == (READ, (), 0)
    assert found.notes == ("ends with a note in row 5, passed over",)


def test_a_short_row_that_no_blank_row_parts_from_the_others_is_no_note(tmp_path: Path) -> None:
    found = read(tmp_path, "csv", [HEAD, *BODY, ["@c"]])
    assert [problem.code for problem in found.problems] == ["pool-ragged-row"]
    found = read(tmp_path, "csv", [HEAD, [], ["@c"], *BODY])
    assert [problem.code for problem in found.problems] == ["pool-ragged-row"]
    assert columns(read(tmp_path, "xlsx", [HEAD, *BODY, ["@c"]]))["creator"] == ["@a", "@b", "@c"]


def test_a_total_at_the_end_stays_a_row(tmp_path: Path, kind: str) -> None:
    assert columns(read(tmp_path, kind, [HEAD, *BODY, [], ["Total", "11000", "190"]]))["creator"] == [
        "@a",
        "@b",
        "Total",
    ]


def test_the_separator_is_the_one_that_gives_known_names(tmp_path: Path) -> None:
    path = tmp_path / "pool.csv"
    path.write_text("Report, all, of, May\ncreator;fee, net;followers\n@a;1,5;5000\n")
    found = read_table(path, "pool.csv", wanted)
    assert (found.separator, found.header) == (";", ("creator", "fee, net", "followers"))


CELL = st.text(st.sampled_from("ab1@., é"), max_size=4)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    title=st.lists(st.sampled_from(["", "Our list", "May 2024", "12"]), max_size=3),
    body=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5),
)
def test_names_that_are_known_are_found_below_any_title_or_asked_for(
    tmp_path: Path, kind: str, title: list[str], body: list[tuple[str, str, str]]
) -> None:
    rows = [*([one, "", ""] for one in title), HEAD, *body]
    if not any(cell.strip() for row in body for cell in row):
        return
    found = read(tmp_path, kind, rows)
    assert found.header == tuple(HEAD)
    assert set(found.rows.tolist()) <= set(range(len(title) + 2, len(rows) + 1))
