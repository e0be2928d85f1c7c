"""A pool file is read cell for cell, or refused with the place of what is wrong."""

from __future__ import annotations

import csv
import datetime
import io
import os
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.pool_file import csv_records, limits
from optimizer.pool_file.cleaning import SPACES
from optimizer.pool_file.encoding import row_at
from optimizer.pool_file.frames import table_from_frame
from optimizer.pool_file.limits import LISTED
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from tests.pool_file.reading import everything, only, read, refused, survives, texts

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


# --- encodings ---


def test_a_byte_order_mark_is_no_part_of_the_first_name(path: Path) -> None:
    found = read(path, "id,name\na,Zoë\n".encode("utf-8-sig"))
    assert (found.header, found.notes) == (("id", "name"), ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_its_mark_is_read_with_a_note(path: Path, encoding: str) -> None:
    found = read(path, "\ufeffid\tname\na\tZoë 🎈\n".encode(encoding))
    assert texts(found)["name"] == ["Zoë 🎈"]
    assert found.notes == ("is UTF-16; read as such",)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_refused(path: Path, encoding: str) -> None:
    assert "CSV UTF-8" in refused(path, "id,name\na,Zoë\n".encode(encoding), "pool-encoding").mend


def test_broken_utf_16_is_refused(path: Path) -> None:
    refused(path, "\ufeffid,name\na,x\n".encode("utf-16-le")[:-1], "pool-encoding")
    refused(path, "\ufeffid,name\na,x\n".encode("utf-32-le"), "pool-encoding")


def test_windows_1252_is_read_with_a_note(path: Path) -> None:
    found = read(path, "id,name,fee\na,Zoë Müller „Spaß“ für Jürgen,5 €\n".encode("cp1252"))
    assert texts(found) == {"id": ["a"], "name": ["Zoë Müller „Spaß“ für Jürgen"], "fee": ["5 €"]}
    assert found.notes == ("is not UTF-8; read as Windows-1252",)


def test_a_byte_of_neither_encoding_is_refused_with_its_row(path: Path) -> None:
    problem = refused(path, b'id,name\na,"x\ny"\r\nb,Zo\x81\n', "pool-encoding", 3)
    assert "byte 22 " in problem.cause


def test_damaged_utf_8_is_not_read_as_windows_1252(path: Path) -> None:
    refused(path, "id,name\na,Zoë Müller\nb,Zoë".encode()[:-1], "pool-encoding", 3)
    refused(path, b"id,name\na,\xed\xa0\xbd\xed\xb8\x80\n", "pool-encoding", 2)


def test_zero_bytes_are_refused_with_their_row(path: Path) -> None:
    refused(path, b"id,name\na,x\nb,x\0y\n", "pool-nul", 3)


def test_rows_are_counted_alike_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'a\r\n"b\r\n\n"\r\rc\n\n"d""\n"\r\nx'
    rows = [row_at(text, at) for at in range(len(text))]
    assert rows[-1] == 7
    for size in range(1, 9):
        monkeypatch.setattr(csv_records, "BLOCK", size)
        assert [row_at(text, at) for at in range(len(text))] == rows


# --- files ---


def missing(path: Path, code: str) -> Problem:
    with pytest.raises(ScenarioError) as error:
        read_table(path, "pool.csv", everything)
    assert only(error).code == code
    assert only(error).mend
    return only(error)


def test_a_missing_file_is_refused(path: Path) -> None:
    missing(path, "pool-missing")
    missing(path / "below" / "nothing", "pool-missing")
    missing(Path("a\0b"), "pool-missing")
    missing(Path("\ud800"), "pool-missing")


def test_a_name_beyond_the_systems_limit_is_refused(tmp_path: Path) -> None:
    missing(tmp_path / ("x" * 5000), "pool-unreadable")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "folder" in missing(tmp_path, "pool-not-a-file").cause


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_or_a_device_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    missing(tmp_path / "pipe", "pool-not-a-file")
    missing(Path("/dev/zero"), "pool-not-a-file")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\r\n", b" , ,\n,,\n", b"sep=;\n", b"\xff\xfe"])
def test_a_file_without_text_is_refused(path: Path, content: bytes) -> None:
    refused(path, content, "pool-empty")


@pytest.mark.parametrize("content", ["id,fee", "id,fee\n", "id,fee\n,\n\n"])
def test_a_header_alone_is_refused(path: Path, content: str) -> None:
    refused(path, content, "pool-no-rows", 1)


def test_a_file_too_large_is_refused_unread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 10)
    refused(path, "id,fee\naa,1\n", "pool-too-large")


def test_only_columns_that_are_read_count_as_too_many(path: Path) -> None:
    names = [f"c{at}" for at in range(20_000)]
    content = f"{','.join(names)}\n{','.join(names)}\n"
    assert texts(read(path, content, *names[-500:])) == {name: [name] for name in names[-500:]}
    assert "uses 20,000 columns" in refused(path, content, "pool-too-many-columns", 1).cause
    refused(path, f"x,{content}", "pool-too-many-columns", 1)


def test_too_many_rows_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ROWS", 3)
    assert len(read(path, "id,fee\na,1\n\nb,2\nc\n").rows) == 2
    refused(path, "id,fee\na,1\n\nb,2\nc,3\nd,4\n", "pool-too-many-rows")


@pytest.mark.parametrize(
    ("content", "named", "mend"),
    [
        (b"\x1f\x8b...", "compressed", "unpack"),
        (b"\xd0\xcf\x11\xe0...", "old Excel workbook", ".xlsx"),
        (b"%PDF-1.7", "a PDF", "CSV"),
    ],
)
def test_other_kinds_of_file_are_refused_by_name(path: Path, content: bytes, named: str, mend: str) -> None:
    problem = refused(path, content, "pool-format")
    assert named in problem.cause
    assert mend in problem.mend


# --- Parquet and frames ---


def parquet(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


KINDS = pl.DataFrame(
    {
        "id": ["00123", " b\u00a0"],
        "niche": pl.Series(["books", "Zoe\u0308"], dtype=pl.Categorical),
        "tier": pl.Series(["a", None], dtype=pl.Enum(["a", "b"])),
        "followers": pl.Series([12, None], dtype=pl.UInt32),
        "rate": [0.1, float("nan")],
        "reach": pl.Series([1e-7, float("inf")], dtype=pl.Float32),
        "fee": pl.Series([Decimal("1.50"), Decimal("100.00")], dtype=pl.Decimal(10, 2)),
        "safe": [True, False],
        "since": [datetime.date(2024, 1, 2), None],
        "seen": [datetime.datetime(2024, 1, 2, 3, 4, 5), None],
        "none": [None, None],
    }
)
KINDS_AS_TEXT = {
    "id": ["00123", "b"],
    "niche": ["books", "Zoë"],
    "tier": ["a", None],
    "followers": ["12", None],
    "rate": ["0.1", None],
    "reach": ["1e-7", "inf"],
    "fee": ["1.50", "100.00"],
    "safe": ["true", "false"],
    "since": ["2024-01-02", None],
    "seen": ["2024-01-02T03:04:05.000000", None],
    "none": [None, None],
}


def test_parquet_columns_of_every_plain_kind_become_text(path: Path) -> None:
    found = read(path, parquet(KINDS))
    assert texts(found) == KINDS_AS_TEXT
    assert (found.separator, found.rows.tolist(), found.place(1, "tier")) == ("", [2, 3], Place("pool.csv", 3, 3))


def test_a_frame_is_read_like_the_file() -> None:
    assert texts(table_from_frame(KINDS, "frame", everything)) == KINDS_AS_TEXT


@pytest.mark.parametrize("cell", [["x"], {"a": 1}, b"x", datetime.timedelta(1)])
def test_a_column_of_lists_records_or_bytes_is_refused_only_when_wanted(path: Path, cell: object) -> None:
    content = parquet(pl.DataFrame({"id": ["a"], "odd": [cell]}))
    assert texts(read(path, content, "id")) == {"id": ["a"]}
    refused(path, content, "pool-column-type", 1, 2)


def test_a_parquet_file_is_capped_by_what_it_says_of_itself(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(path, parquet(pl.DataFrame({"id": pl.Series([0]).new_from_index(0, 2_000_001)})), "pool-too-many-rows")
    refused(path, parquet(pl.DataFrame({f"c{at}": [1] for at in range(501)})), "pool-too-many-columns", 1)
    content = parquet(pl.DataFrame({"id": ["x" * 1000] * 1000}))
    monkeypatch.setattr(limits, "MAX_BYTES", 100_000)
    refused(path, content, "pool-too-large", 1, 1)


def test_an_empty_parquet_file_is_refused(path: Path) -> None:
    refused(path, parquet(pl.DataFrame({"id": []}, schema={"id": pl.String})), "pool-no-rows", 1)


@pytest.mark.parametrize("end", [-1, -5, 8, 40, 200])
def test_a_parquet_file_cut_short_is_refused(tmp_path: Path, end: int) -> None:
    refused(tmp_path / "pool.parquet", parquet(KINDS)[:end], "pool-unreadable")


def test_equal_names_in_parquet_are_refused(path: Path) -> None:
    refused(path, parquet(pl.DataFrame({"id": ["a"], " ID": ["b"]})), "pool-duplicate-header", 1, 2)


def test_long_cells_and_zero_bytes_of_a_frame_are_named() -> None:
    found = table_from_frame({"id": ["a", "x" * 20_000, "c"], "fee": [1, 2, 3]}, "frame", everything)
    assert texts(found) == {"id": ["a", "c"], "fee": ["1", "3"]}
    assert found.problems[0].place == Place("frame", 3, 1)
    with pytest.raises(ScenarioError) as error:
        table_from_frame({"id": ["a", "b\0"]}, "frame", everything)
    assert (only(error).code, only(error).place) == ("pool-nul", Place("frame", 3, 1))


def test_names_that_look_like_patterns_are_names(path: Path) -> None:
    frame = pl.DataFrame({"*": [1], "^.*$": [2], "a": [3]})
    assert texts(read(path, parquet(frame), "*", "^.*$")) == {"*": ["1"], "^.*$": ["2"]}
    assert texts(table_from_frame(frame, "frame", lambda header: ["*"])) == {"*": ["1"]}


def test_no_column_of_a_parquet_file_need_be_wanted(path: Path) -> None:
    path.write_bytes(parquet(KINDS))
    found = read_table(path, "pool.csv", lambda header: ())
    assert (texts(found), found.rows.tolist()) == ({}, [2, 3])


@pytest.mark.parametrize(
    "frame", [5, "text", object(), {"a": [1], "b": [1, 2]}, {"a": ["\ud800"]}, {1: [2]}, {"a": 5}, {"a": "text"}, [1]]
)
def test_what_is_no_table_is_refused(frame: object) -> None:
    with pytest.raises(ScenarioError) as error:
        table_from_frame(frame, "frame", everything)
    assert only(error).code == "pool-frame"
    assert only(error).mend


@pytest.mark.parametrize("frame", [None, {}, {"a": []}])
def test_an_empty_frame_is_refused(frame: object) -> None:
    with pytest.raises(ScenarioError) as error:
        table_from_frame(frame, "frame", everything)
    assert only(error).code == "pool-no-rows"


# --- properties ---

SIGNS = st.sampled_from(list("aZ0 ,;\t\"'=@\r\n\u00a0é€🎈\u0301\u0338\u200b\x1f|"))
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


@settings(max_examples=250, suppress_health_check=FOLDER_IS_SHARED, deadline=None)
@given(content=mutated(parquet(KINDS)))
def test_a_damaged_parquet_file_gives_a_table_or_a_fault(tmp_path: Path, content: bytes) -> None:
    survives(tmp_path / "pool.parquet", content)
