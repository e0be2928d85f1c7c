"""Data frames of all kinds, and their files, are read as the same texts; what is missing is a blank cell."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from optimizer.errors import Place, ScenarioError
from optimizer.pool_file import limits
from optimizer.pool_file.frames import table_from_frame
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from tests.pool_file.reading import everything, only, read, refused, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pool.csv"


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
    "frame",
    [
        5,
        "text",
        object(),
        {"a": [1], "b": [1, 2]},
        {"a": ["\ud800"]},
        {1: [2]},
        {"a": 5},
        {"a": "text"},
        [1],
        {"a": {1, 2}},
    ],
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


# --- of each library ---


def taken(frame: object, *names: str) -> Table:
    return table_from_frame(frame, "frame", lambda header: names or header)


def flags(table: Table) -> dict[str, list[bool]]:
    return {name: numbers.tolist() for name, numbers in table.numeric.items()}


PANDAS = pd.DataFrame(
    {
        "creator": ["@a", "@b", None],
        "followers": [8200, None, 4100.5],
        "whole": pd.array([1, None, 3], dtype="Int64"),
        "niche": pd.Categorical(["x", None, "y"]),
        "since": pd.to_datetime(["2024-01-02 00:00:00", None, "2024-01-02 03:04:05"]),
        "safe": [True, None, False],
        "mixed": [100, 99.5, "x"],
        "missing": [pd.NA, pd.NaT, np.nan],
    },
    index=["one", "two", "three"],
)


def test_a_frame_of_pandas_is_taken_without_its_index() -> None:
    found = taken(PANDAS)
    assert texts(found) == {
        "creator": ["@a", "@b", None],
        "followers": ["8200", None, "4100.5"],
        "whole": ["1", None, "3"],
        "niche": ["x", None, "y"],
        "since": ["2024-01-02T00:00:00.000000", None, "2024-01-02T03:04:05.000000"],
        "safe": ["true", None, "false"],
        "mixed": ["100", "99.5", "x"],
        "missing": [None, None, None],
    }
    assert flags(found) == {
        "followers": [True, False, True],
        "whole": [True, False, True],
        "mixed": [True, True, False],
    }


def test_equal_names_in_pandas_are_refused_where_they_are_wanted() -> None:
    twice = pd.concat([PANDAS[["creator", "whole"]], PANDAS[["whole"]]], axis=1)
    assert texts(taken(twice, "creator")) == {"creator": ["@a", "@b", None]}
    with pytest.raises(ScenarioError) as error:
        taken(twice)
    assert (only(error).code, only(error).place) == ("pool-duplicate-header", Place("frame", 1, 3))


FORM = pa.schema({"a": pa.string(), "n": pa.float64()})
CELLS = [("x", 1.0), (None, float("nan"))]
FRAMES = {
    "polars": pl.DataFrame({"a": ["x", None], "n": [1.0, float("nan")]}),
    "a table": pa.table({"a": ["x", None], "n": [1.0, float("nan")]}),
    "a table in parts": pa.concat_tables([pa.table({"a": [cell], "n": [number]}, FORM) for cell, number in CELLS]),
    "a batch": pa.record_batch({"a": ["x", None], "n": [1.0, float("nan")]}),
    "a stream": pa.table({"a": ["x", None], "n": [1.0, float("nan")]}).to_reader(),
    "lists": {"a": ["x", None], "n": [1, None]},
    "tuples": {"a": ("x", ""), "n": (1.0, float("nan"))},
    "arrays": {"a": np.array(["x", ""]), "n": np.array([1.0, float("nan")])},
    "series": {"a": pd.Series(["x", None]), "n": pl.Series([1, None])},
    "mappings": [{"a": "x", "n": 1}, {"a": None}],
    "mappings one by one": (row for row in [{"a": "x", "n": 1}, {}]),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_table_gives_the_same(kind: str) -> None:
    found = taken(FRAMES[kind])
    assert texts(found) == {"a": ["x", None], "n": ["1", None]}
    assert flags(found) == {"n": [True, False]}


@pytest.mark.parametrize(
    ("value", "text", "numeric"),
    [
        (100, "100", True),
        (99.5, "99.5", True),
        (1e300, "1e300", True),
        (1e-7, "1e-7", True),
        (-0.0, "0", True),
        (float("inf"), "inf", False),
        (float("nan"), None, False),
        (2**200, str(2**200), True),
        (Decimal("1.50"), "1.50", True),
        (Decimal("1E+3"), "1000", True),
        (Decimal("NaN"), None, False),
        (np.int16(7), "7", True),
        (np.datetime64("2024-01-02"), "2024-01-02", False),
        (np.datetime64("NaT"), None, False),
        (datetime.time(3, 4), "03:04:00", False),
        (pd.Timestamp("2024-01-02 03:04"), "2024-01-02T03:04:00", False),
        (True, "true", False),
        ("100", "100", False),
        (None, None, False),
        (pd.NA, None, False),
        (pd.NaT, None, False),
    ],
)
def test_a_value_beside_others_of_another_kind_is_read_by_itself(value: object, text: str, numeric: bool) -> None:
    found = taken({"a": [value, "x", 1, True]})
    assert found.columns["a"][0].as_py() == text
    assert bool(found.numeric["a"][0]) == numeric


@pytest.mark.parametrize("value", [["x"], {"a": 1}, b"x", object(), datetime.timedelta(1), 1j])
def test_a_value_that_is_none_is_refused_beside_others_too(value: object) -> None:
    with pytest.raises(ScenarioError) as error:
        taken({"id": [1, 2], "a": ["x", value]})
    assert (only(error).code, only(error).place) == ("pool-column-type", Place("frame", 1, 2))


def test_a_package_that_is_missing_is_named_with_the_way_to_install_it() -> None:
    class Frame:
        def __arrow_c_stream__(self, schema: object = None) -> object:
            raise ModuleNotFoundError("No module named 'ducks'", name="ducks.arrow")

    with pytest.raises(ScenarioError) as error:
        taken(Frame())
    assert "the package ducks" in only(error).cause
    assert only(error).mend == "pip install ducks"


@pytest.mark.parametrize("frame", [PANDAS[["creator"]].assign(creator=[["x"]] * 3), {"a": 5}, pd.Series([1])])
def test_no_message_names_another_library(frame: object) -> None:
    with pytest.raises(ScenarioError) as error:
        taken(frame)
    assert "polars" not in str(error.value)


def test_a_frame_is_capped_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ROWS", 2)
    with pytest.raises(ScenarioError) as error:
        taken({"a": [1, 2, 3]})
    assert only(error).code == "pool-too-many-rows"
