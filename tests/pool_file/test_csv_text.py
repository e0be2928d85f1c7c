"""A pool file is read cell for cell, or refused with the place of what is wrong."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.errors import Place, ScenarioError
from optimizer.pool_file import csv_records
from optimizer.pool_file.cleaning import SPACES
from optimizer.pool_file.limits import LISTED
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from tests.pool_file.reading import read, refused, survives, texts

FOLDER_IS_SHARED = [HealthCheck.function_scoped_fixture]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pool.csv"


# --- what a table is ---


def test_cells_stay_text_as_written(path: Path) -> None:
    found = read(path, "id,fee\n00123,1.50\n007,\n")
    assert texts(found) == {"id": ["00123", "007"], "fee": ["1.50", None]}


def test_only_the_wanted_columns_are_read(path: Path) -> None:
    found = read(path, "id,bio,fee\na,long,1\nb,longer,2\n", "fee", "id", "no such column")
    assert texts(found) == {"id": ["a", "b"], "fee": ["1", "2"]}
    assert found.header == ("id", "bio", "fee")


def test_no_column_need_be_wanted(path: Path) -> None:
    path.write_text("id,fee\na,1\n")
    found = read_table(path, "pool.csv", lambda header: ())
    assert (texts(found), found.rows.tolist()) == ({}, [2])


def test_columns_and_their_names_are_trimmed(path: Path) -> None:
    found = read(path, " id\u00a0,\ufefffee\na ,\u00a0 1\u2009\n\u00a0,\u200b\nb,2\n")
    assert texts(found) == {"id": ["a", None, "b"], "fee": ["1", None, "2"]}


def test_text_is_composed(path: Path) -> None:
    found = read(path, "name,cafe\u0301\nZoe\u0308,x\n")
    assert texts(found) == {"name": ["Zoë"], "café": ["x"]}


def test_a_place_names_the_row_and_column_a_spreadsheet_shows(path: Path) -> None:
    found = read(path, 'id,note,fee\na,"two\nlines",1\n\nb,x,2\n')
    assert found.place(1, "fee") == Place("pool.csv", 4, 3)


def test_a_file_of_one_column_needs_no_separator(path: Path) -> None:
    assert texts(read(path, "id\na\nb")) == {"id": ["a", "b"]}


def test_the_same_file_gives_the_same_table(path: Path) -> None:
    content = "id;name\n1;Zoë\n2\n"
    first, second = read(path, content), read(path, content)
    assert (texts(first), first.problems) == (texts(second), second.problems)


def test_the_apostrophe_that_our_export_adds_is_taken_off(path: Path) -> None:
    found = read(path, "id,'=x\n'@lea,'+1\n'\tb,'-1\n'|c,\"'=1+1\"\n'plain,''@x\nO'Neil,it's\n")
    assert texts(found) == {
        "id": ["@lea", "b", "|c", "'plain", "O'Neil"],
        "=x": ["+1", "-1", "=1+1", "''@x", "it's"],
    }


# --- lines and rows ---


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_kind_of_line_end_is_known(path: Path, end: str, last: bool) -> None:
    found = read(path, end.join(["id,fee", "a,1", "", "b,2"]) + end * last)
    assert texts(found) == {"id": ["a", "b"], "fee": ["1", "2"]}
    assert found.rows.tolist() == [2, 4]


def test_blank_lines_are_passed_over_but_counted(path: Path) -> None:
    found = read(path, '\n\nid;fee\n\na;1\n  \n;\n"";""\nb;2\n;\n')
    assert texts(found) == {"id": ["a", "b"], "fee": ["1", "2"]}
    assert found.rows.tolist() == [5, 9]


@pytest.mark.parametrize("cell", ['","', '""""', '"\n.\n"', '","""'])
def test_a_row_of_one_odd_cell_is_not_blank(path: Path, cell: str) -> None:
    found = read(path, f"id,fee\na,1\n{cell},\n")
    assert found.columns["id"][1].as_py() == next(csv.reader(io.StringIO(cell)))[0].strip()


def test_line_ends_in_quotes_belong_to_the_cell(path: Path) -> None:
    found = read(path, 'id,note\r\na,"one\r\ntwo\n\nthree"\r\nb,x\r\n')
    assert texts(found)["note"] == ["one\r\ntwo\n\nthree", "x"]
    assert found.rows.tolist() == [2, 3]


@pytest.mark.parametrize("cell", ["\ufeff", "\ufeff\ufeff", " \ufeff", "\u200b"])
def test_a_row_of_a_mark_alone_is_a_row_where_a_block_begins_too(
    path: Path, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    monkeypatch.setattr(csv_records, "BLOCK", 8)
    found = read(path, f"id,fee\n{cell}\na,1\n{cell}b,2\n{cell},\nc,3\n")
    assert texts(found) == {"id": ["a", "b", None, "c"], "fee": ["1", "2", None, "3"]}
    assert found.rows.tolist() == [3, 4, 5, 6]
    assert [problem.place for problem in found.problems] == [Place("pool.csv", 2)]


def test_rows_of_another_width_are_named_and_left_out(path: Path) -> None:
    found = read(path, "id,name,fee\na,x,1\nb,2\nc,x,3,4\nd,y,5\n")
    assert texts(found)["id"] == ["a", "d"]
    assert found.rows.tolist() == [2, 5]
    assert [(problem.place, problem.cause) for problem in found.problems] == [
        (Place("pool.csv", 3), "the row has 2 cells, the header has 3"),
        (Place("pool.csv", 4), "the row has 4 cells, the header has 3"),
    ]
    assert {problem.code for problem in found.problems} == {"pool-ragged-row"}
    assert found.bad_rows == 2


def test_faults_beyond_the_first_twenty_are_counted(path: Path) -> None:
    found = read(path, "id,fee\n" + "a\n" * (LISTED + 7) + "b,1\n")
    assert len(found.problems) == LISTED + 1
    assert found.problems[-1].cause.startswith("7 more rows")
    assert ScenarioError(found.problems).problems == found.problems
    assert found.bad_rows == LISTED + 7


def test_a_pool_may_lose_all_its_rows(path: Path) -> None:
    found = read(path, "id,fee\na\n")
    assert (texts(found), found.bad_rows) == ({"id": [], "fee": []}, 1)


def test_a_cell_too_long_is_named_and_its_row_left_out(path: Path) -> None:
    found = read(path, f"id,bio\na,{'é' * 10_000}\nb,{'é' * 10_001}\nc,x\n")
    assert texts(found)["id"] == ["a", "c"]
    assert [(problem.code, problem.place) for problem in found.problems] == [
        ("pool-long-cell", Place("pool.csv", 3, 2))
    ]


# --- separators ---


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_told_from_the_header(path: Path, separator: str) -> None:
    found = read(path, f"id{separator}fee\na{separator}1.5\n")
    assert (found.separator, texts(found)) == (separator, {"id": ["a"], "fee": ["1.5"]})


def test_decimal_commas_stay_in_their_cells(path: Path) -> None:
    assert texts(read(path, "id;fee\na;1,50\n"))["fee"] == ["1,50"]


def test_separators_in_quotes_do_not_count(path: Path) -> None:
    assert read(path, '"a;b;c;d",fee\n1,2\n').header == ("a;b;c;d", "fee")


def test_a_doubtful_header_is_settled_by_the_rows(path: Path) -> None:
    assert read(path, "id;fee, EUR\na;1\nb;2\n").header == ("id", "fee, EUR")


def test_a_header_that_stays_doubtful_is_refused(path: Path) -> None:
    problem = refused(path, "id;fee, EUR\na;1,5\n", "pool-separator")
    assert "a comma" in problem.cause
    assert "a semicolon" in problem.cause


@pytest.mark.parametrize("first", ["sep=;", "SEP=;"])
def test_a_first_line_may_name_the_separator(path: Path, first: str) -> None:
    found = read(path, f"{first}\r\nid;fee, EUR\r\na;1,5\r\n")
    assert (found.header, found.rows.tolist()) == (("id", "fee, EUR"), [3])


def test_a_separator_that_is_not_known_is_refused(path: Path) -> None:
    refused(path, "sep=|\nid|fee\na|1\n", "pool-separator", 1)


# --- quotes ---


def test_a_quote_that_is_never_closed_is_named_where_it_opens(path: Path) -> None:
    refused(path, 'id,note\n\na,x\nb,"y\nc,z\n', "pool-quote", 4, 2)


def test_a_quote_inside_a_plain_cell_is_named(path: Path) -> None:
    refused(path, 'id,note\na,"fine"\nb,5" nails\n', "pool-quote", 3, 2)


def test_text_behind_a_closing_quote_is_named_where_the_cell_opens(path: Path) -> None:
    refused(path, 'id,note\na,"fine ""so"""\nb,"open\nc,"x"\n', "pool-quote", 3, 2)


def test_a_quote_behind_a_blank_is_named(path: Path) -> None:
    refused(path, 'id,note\na, "x"\n', "pool-quote", 2, 2)


def test_doubled_quotes_stand_for_one(path: Path) -> None:
    assert texts(read(path, 'id,note\na,"""x"" and ""y"""\nb,""\n'))["note"] == ['"x" and "y"', None]


def test_ragged_rows_are_reported_along_with_the_quote_that_ends_reading(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "BLOCK", 16)
    with pytest.raises(ScenarioError) as error:
        read(path, "id,note\na\n" + "b,x\n" * 10 + 'c,"x\n')
    assert [problem.code for problem in error.value.problems] == ["pool-ragged-row", "pool-quote"]


def test_a_row_without_end_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "BLOCK", 16)
    monkeypatch.setattr(csv_records, "LONGEST", 64)
    refused(path, "id,note\na,x\nb," + "x" * 100 + "\nc,x\n", "pool-long-row", 3)
    refused(path, 'id,note\na,x\nb,"' + "x" * 100 + '"\nc,x\n', "pool-quote", 3, 2)


# --- header ---


def test_equal_names_are_refused_with_both_positions(path: Path) -> None:
    problem = refused(path, "id,Fee,name, Fee\u00a0\na,1,x,2\n", "pool-duplicate-header", 1, 4)
    assert "column 4 has the same name as column 2" in problem.cause


def test_names_that_differ_in_capitals_are_refused_where_all_are_wanted(path: Path) -> None:
    problem = refused(path, "id,Fee,name,fee\na,1,x,2\n", "pool-duplicate-header", 1, 4)
    assert "differs in capitals only from column 2" in problem.cause
    assert "under columns:" in problem.mend


def test_a_spelling_decides_between_names_that_differ_in_capitals(path: Path) -> None:
    assert texts(read(path, "id,Fee,fee\na,1,2\n", "id", "Fee")) == {"id": ["a"], "Fee": ["1"]}


def test_all_equal_names_are_reported_at_once(path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        read(path, "a,b,a,b,A\n1,2,3,4,5\n")
    assert [problem.place for problem in error.value.problems] == [Place("pool.csv", 1, at) for at in (3, 4, 5)]


def test_equal_names_that_nothing_needs_are_passed_over(path: Path) -> None:
    assert texts(read(path, "id,note,note,NOTE,fee\na,1,2,3,4\n", "id", "fee")) == {"id": ["a"], "fee": ["4"]}


@pytest.mark.parametrize("name", ["", " ", '""'])
def test_a_column_without_a_name_is_passed_over_with_its_cells(path: Path, name: str) -> None:
    found = read(path, f"{name},id,fee\n0,a,1\n1,b,2\n")
    assert (found.header, texts(found)) == (("", "id", "fee"), {"id": ["a", "b"], "fee": ["1", "2"]})


def test_nameless_columns_without_cells_are_passed_over(path: Path) -> None:
    found = read(path, "id;fee;;\na;1;;\nb;2; ;\n")
    assert (texts(found), found.header) == ({"id": ["a", "b"], "fee": ["1", "2"]}, ("id", "fee", "", ""))


def test_a_name_may_hold_quotes_and_line_ends(path: Path) -> None:
    assert read(path, '"fee\n(""net"")",id\n1,a\n').header == ('fee ("net")', "id")


def test_a_name_too_long_is_refused(path: Path) -> None:
    refused(path, f"id,{'x' * 10_001}\na,1\n", "pool-long-cell", 1, 2)


# --- properties ---

SIGNS = st.sampled_from(list("aZ0 ,;\t\"'=@\r\n\u00a0é€🎈\u0301\u0338\u200b\ufeff\x1f|"))
NASTY = st.text(SIGNS, max_size=6)
QUOTING: list[Literal[0, 1, 2, 3]] = [csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE]
PLAIN = st.text(st.sampled_from(list("aZ0 éê🎈.-")), max_size=5)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """Give a file as the csv module writes it, and its rows as the csv module reads them."""
    width, end = draw(st.integers(1, 4)), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    separator = draw(st.sampled_from(",;\t")) if width > 1 else ","  # a header of one name does not tell
    quoting = draw(st.sampled_from(QUOTING))
    cell = NASTY
    if quoting == csv.QUOTE_NONE:  # there is no way to write the others
        cell = PLAIN
    elif quoting == csv.QUOTE_MINIMAL and end != "\r\n":  # it leaves foreign line ends bare
        cell = NASTY.map(lambda text: text.replace("\r", end).replace("\n", end))
    if width == 1:  # a separator in a file of one column would look like a second one
        cell = cell.map(lambda text: text.replace(";", "").replace("\t", ""))
    body = draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=6))
    if quoting == csv.QUOTE_NONE:
        body = [row for row in body if row != [""]]
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=end, quoting=quoting).writerows(
        [[f"c{at}" for at in range(width)], *body]
    )
    read_back = list(csv.reader(io.StringIO(stream.getvalue(), newline=""), delimiter=separator))
    return stream.getvalue(), read_back


def cleaned(cell: str) -> str | None:
    text = unicodedata.normalize("NFC", cell.strip(SPACES))
    if text[:1] == "'" and text[1:2] and text[1] in "=+-@\t\r|":
        text = text[1:].strip(SPACES)
    return text or None


def outcome(path: Path, content: bytes | str) -> Table | ScenarioError:
    try:
        return read(path, content)
    except ScenarioError as error:
        return error


@settings(max_examples=250, suppress_health_check=FOLDER_IS_SHARED, deadline=None)
@given(case=written(), block=st.sampled_from([4, 5, 7, 16, 1 << 22]))
def test_what_the_csv_module_writes_is_read_as_it_reads_it(
    path: Path, case: tuple[str, list[list[str]]], block: int
) -> None:
    content, (_, *body) = case
    blank = " \t\n\v\f\r\x1c\x1d\x1e\x1f"
    expected = {
        row: [cleaned(cell) for cell in cells]
        for row, cells in enumerate(body, 2)
        if any(cell.strip(blank) for cell in cells)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "BLOCK", block)
        found = outcome(path, content)
    if not expected:
        assert isinstance(found, ScenarioError)
        assert [problem.code for problem in found.problems] == ["pool-no-rows"]
        return
    assert isinstance(found, Table), found
    assert found.problems == ()
    assert found.rows.tolist() == list(expected)
    assert [list(row) for row in zip(*texts(found).values(), strict=True)] == list(expected.values())


@settings(max_examples=250, suppress_health_check=FOLDER_IS_SHARED, deadline=None)
@given(
    content=st.binary(max_size=60) | st.text(SIGNS, max_size=30).map(str.encode), block=st.sampled_from([4, 5, 1 << 22])
)
def test_any_bytes_give_a_table_or_a_fault(path: Path, content: bytes, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "BLOCK", block)
        survives(path, content)


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(changed) - 1))
        changed[at : at + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b'"', b"\n", b",", b"\r"])
        )
    return bytes(changed)


VALID = 'id,name,note,fee\r\n1,Zoë,"a, ""b""\r\nc",1.5\r\n\r\n2,Lea,,2\r\n'


@settings(max_examples=250, suppress_health_check=FOLDER_IS_SHARED, deadline=None)
@given(content=mutated(VALID.encode()) | mutated(VALID.encode("utf-16")) | mutated(VALID.encode("cp1252")))
def test_a_damaged_csv_gives_a_table_or_a_fault(path: Path, content: bytes) -> None:
    survives(path, content)
