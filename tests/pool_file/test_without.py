"""A file without a creator: their row goes, and nothing else."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from optimizer.pool_file.without import NamedInTextError, without
from tests.service.serving import POOL

ROWS = [line.split(",") for line in POOL.splitlines()]


def workbook(rows: list[list[str]]) -> bytes:
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink)
    sheet = book.add_worksheet("List")
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell.isdecimal():
                sheet.write_number(at, column, int(cell))
            else:
                sheet.write_string(at, column, cell)
    book.close()
    return sink.getvalue()


def parquet(rows: list[list[str]]) -> bytes:
    sink = pa.BufferOutputStream()
    names, *body = rows
    pq.write_table(pa.table({name: [row[at] for row in body] for at, name in enumerate(names)}), sink)
    return bytes(sink.getvalue())


def as_json(rows: list[list[str]]) -> bytes:
    names, *body = rows
    return json.dumps([dict(zip(names, row, strict=True)) for row in body]).encode()


def read_workbook(content: bytes) -> list[list[str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    return [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True) if any(row)]


def read_parquet(content: bytes) -> list[list[str]]:
    found = pq.read_table(pa.BufferReader(content))
    return [found.column_names, *([str(cell) for cell in row.values()] for row in found.to_pylist())]


def read_json(content: bytes) -> list[list[str]]:
    said = json.loads(content)
    return [list(said[0]), *(list(row.values()) for row in said)]


FORMS: dict[str, tuple[Callable[[list[list[str]]], bytes], Callable[[bytes], list[list[str]]]]] = {
    "creators.csv": (
        lambda rows: "\n".join(map(",".join, rows)).encode(),
        lambda content: [line.split(",") for line in content.decode().splitlines()],
    ),
    "creators.xlsx": (workbook, read_workbook),
    "creators.parquet": (parquet, read_parquet),
    "creators.json": (as_json, read_json),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("written", ["@bea", "Bea", "https://www.instagram.com/bea/"])
def test_only_their_row_is_taken_out_of_a_file(name: str, written: str) -> None:
    write, read = FORMS[name]
    rows = [[written if cell == "@bea" else cell for cell in row] for row in ROWS]
    edited = without(name, write(rows), "@bea")
    assert read(edited) == [row for row in rows if row[0] != written]
    assert without(name, edited, "@bea") == edited
    assert without(name, edited, "@be") == edited


def test_the_rest_of_a_csv_stays_byte_for_byte() -> None:
    text = 'creator;note\r\n@ana;"a ""quoted"" cell\r\nof two lines, @bea"\r\n"@bea";"two\r\nlines"\r\n\r\n@cem;x'
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        edited = without("c.csv", text.encode(encoding), "@bea").decode(encoding)
        assert edited == text.replace('"@bea";"two\r\nlines"\r\n', "")


def test_a_scenario_that_names_them_is_for_people_to_change() -> None:
    assert without("s.yaml", b"include: ['@beat', 'x.bea']\n", "@bea")
    with pytest.raises(NamedInTextError, match="2"):
        without("s.yaml", b"a: 1\ninclude: ['@Bea']\n", "@bea")
