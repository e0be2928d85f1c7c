"""Pools as files: CSV and Parquet hold the same, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from optimizer import generate_pool, load_scenario
from optimizer.synthetic.write import pool_bytes, write_pool

SCENARIO = """
format: 1
currency: EUR
budget: 5_000
objective: {maximize: engagements}
assume: {engagement_rate: 3%, fee: 100}
creators: pool.SUFFIX
"""


@pytest.mark.parametrize("name", ["pool.csv", "pool.CSV", "pool.parquet"])
def test_a_file_holds_the_pool_that_was_written(tmp_path, name):
    pool = generate_pool(2_000)
    write_pool(pool, tmp_path / name)
    read = pl.read_parquet if name.endswith("parquet") else pl.read_csv
    assert_frame_equal(read(tmp_path / name), pl.DataFrame(pl.from_arrow(pool)), check_exact=True)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_csv_and_parquet_load_as_the_same_pool(tmp_path):
    loaded = []
    for suffix in ("csv", "parquet"):
        write_pool(generate_pool(2_000), tmp_path / f"pool.{suffix}")
        (tmp_path / "scenario.yaml").write_text(SCENARIO.replace("SUFFIX", suffix), encoding="utf-8")
        loaded.append(load_scenario(tmp_path / "scenario.yaml").pool)
    csv, parquet = loaded
    assert list(csv.ids) == list(parquet.ids)
    assert set(csv.columns) == set(parquet.columns) >= {"followers", "engagement_rate", "fee"}
    for name in ("followers", "engagement_rate", "fee"):
        assert np.array_equal(csv.columns[name].values, parquet.columns[name].values)
        assert np.array_equal(csv.columns[name].known, parquet.columns[name].known)


def test_the_same_pool_gives_the_same_bytes():
    for form in ("csv", "parquet"):
        assert pool_bytes(generate_pool(300), form) == pool_bytes(generate_pool(300), form)


@pytest.mark.parametrize("name", ["pool.xlsx", "pool", "pool.csv.gz"])
def test_another_suffix_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(ValueError, match="csv or parquet"):
        write_pool(generate_pool(2), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_what_was_there_and_no_half_file(tmp_path, monkeypatch):
    (tmp_path / "pool.csv").write_text("kept", encoding="utf-8")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_pool(generate_pool(2), tmp_path / "pool.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["pool.csv"]
    assert (tmp_path / "pool.csv").read_text(encoding="utf-8") == "kept"
