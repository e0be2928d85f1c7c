"""A CSV text is brought to UTF-8 where its encoding is clear, and refused where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.pool_file import csv_records
from optimizer.pool_file.encoding import row_at
from tests.pool_file.reading import read, refused, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pool.csv"


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
