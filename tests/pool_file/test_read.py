"""What is no file of creators is refused by what it is; what is too much, by its cap."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from optimizer.errors import Problem, ScenarioError
from optimizer.pool_file import limits
from optimizer.pool_file.read import read_table
from tests.pool_file.reading import everything, only, read, refused, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pool.csv"


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


@pytest.mark.parametrize(
    ("name", "content", "keys"),
    [
        ("pool.csv", b"a,b\n1,2\n", {"sheet": "a"}),
        ("pool.json", b'[{"a": 1}]', {"header": 1}),
        ("pool.parquet", b"PAR1", {"sheet": "a"}),
        ("pool.parquet", b"PAR1", {"header": 2}),
    ],
)
def test_a_key_that_a_kind_of_file_does_not_have_is_refused(
    tmp_path: Path, name: str, content: bytes, keys: dict[str, object]
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ScenarioError) as error:
        read_table(tmp_path / name, name, everything, **keys)  # type: ignore[arg-type]
    assert only(error).code == "pool-key"
    assert next(iter(keys)) in only(error).mend
