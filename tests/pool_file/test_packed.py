"""A zip file is read where it holds one table, as the exports of YouTube Studio do."""

from __future__ import annotations

import unicodedata
import zipfile
from pathlib import Path

import pytest

from optimizer.errors import Problem, ScenarioError
from optimizer.pool_file import archive
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from tests.pool_file.books import book, zipped
from tests.pool_file.reading import only, texts

CSV = "creator,fee\n@a,1\n"
READ = {"creator": ["@a"], "fee": ["1"]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def read(path: Path, members: dict[str, str | bytes], sheet: str | None = None) -> Table:
    path.write_bytes(zipped(members))
    return read_table(path, path.name, lambda header: header, sheet)


def refused(path: Path, members: dict[str, str | bytes], code: str, sheet: str | None = None) -> Problem:
    with pytest.raises(ScenarioError) as error:
        read(path, members, sheet)
    problem = only(error)
    assert (problem.code, bool(problem.cause), bool(problem.mend)) == (code, True, True), problem
    return problem


def test_the_one_table_of_a_zip_file_is_read(path: Path) -> None:
    found = read(path, {"folder/": "", "folder/List.CSV": CSV, "folder/readme.txt": "x", "__MACOSX/._List.csv": "y"})
    assert (texts(found), found.file) == (READ, "export.zip [list.csv]")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "names",
    [
        ("Table data.csv", "Totals.csv", "Chart data.csv"),
        ("Données du tableau.csv", "Totaux.csv", "Données du graphique.csv"),
    ],
)
def test_the_table_of_videos_of_youtube_studio_is_read(path: Path, form: str, names: tuple[str, ...]) -> None:
    table, *others = (unicodedata.normalize(form, name) for name in names)  # type: ignore[arg-type]
    assert texts(read(path, {others[0]: "x", table: CSV, others[1]: "y"})) == READ


def test_names_in_utf_8_that_are_not_marked_as_such_are_known(path: Path) -> None:
    content = zipped({"Données du tableau.csv": CSV, "Totaux.csv": "x", "Données du graphique.csv": "y"})
    unmarked = bytearray(content)
    for sign, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        start = unmarked.find(sign)
        while start >= 0:
            unmarked[start + at] &= ~8
            start = unmarked.find(sign, start + 1)
    assert bytes(unmarked) != content
    path.write_bytes(unmarked)
    assert texts(read_table(path, path.name, lambda header: header)) == READ


def test_several_tables_are_refused_with_their_names(path: Path) -> None:
    members: dict[str, str | bytes] = {"a/spring.csv": "x", "fall.csv": CSV}
    problem = refused(path, members, "pool-sheet")
    assert "a/spring.csv, fall.csv" in problem.cause
    assert "sheet:" in problem.mend
    for name in ("fall.csv", "FALL.csv", "fall"):
        assert texts(read(path, members, name)) == READ
    assert "a/spring.csv" in refused(path, members, "pool-sheet", "winter").mend


def test_the_totals_alone_are_not_passed_over(path: Path) -> None:
    assert texts(read(path, {"Totals.csv": CSV})) == READ
    refused(path, {"Totals.csv": CSV, "Chart data.csv": CSV}, "pool-sheet")


@pytest.mark.parametrize(
    "members", [{}, {"readme.txt": "x"}, {"inner.zip": zipped({"a.csv": CSV})}, {"list.xlsx": book([["a"]])}]
)
def test_a_zip_file_without_a_table_is_refused_and_nothing_in_it_unpacked(
    path: Path, members: dict[str, str | bytes]
) -> None:
    refused(path, members, "pool-format")


def test_a_zip_file_named_as_a_table_inside_is_damage(path: Path) -> None:
    refused(path, {"a.csv": zipped({"b.csv": CSV})}, "pool-unreadable")
    refused(path, {"a.csv": ""}, "pool-empty")


def test_bombs_are_refused_by_what_they_declare(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "200,000,000" in refused(path, {"a.csv": CSV, "b.bin": bytes(200_000_001)}, "pool-too-large").cause
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    refused(path, {f"{at}.txt": "x" for at in range(4)}, "pool-too-large")


def test_a_member_that_unpacks_to_more_than_it_declares_is_damage(path: Path) -> None:
    content = bytearray(zipped({"a.csv": CSV + "@b,2\n" * 1_000}))
    size = (len(CSV) + 5_000).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (20).to_bytes(4, "little")))
    with pytest.raises(ScenarioError) as error:
        read_table(path, path.name, lambda header: header)
    assert only(error).code == "pool-unreadable"


def test_a_member_without_a_name_is_damage(path: Path) -> None:
    content = zipped({"a": CSV, "list.csv": CSV})
    head = content.index(b"PK\x01\x02")
    central = bytearray(content)
    central[head + 28 : head + 30] = bytes(2)  # the length of the first name
    del central[head + 46]
    size = int.from_bytes(content[-10:-6], "little") - 1
    central[-10:-6] = size.to_bytes(4, "little")
    path.write_bytes(central)
    with pytest.raises(ScenarioError) as error:
        read_table(path, path.name, lambda header: header)
    assert only(error).code == "pool-unreadable"


def test_another_way_of_packing_is_refused(path: Path) -> None:
    path.write_bytes(zipped({"a.csv": CSV}, zipfile.ZIP_LZMA))
    with pytest.raises(ScenarioError) as error:
        read_table(path, path.name, lambda header: header)
    assert only(error).code == "pool-unreadable"
