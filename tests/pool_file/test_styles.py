"""Tables in all styles at once, made at random: each is read as what was written into it, or refused; none wrongly.

Some seconds; CREATORMIX_TIMES multiplies the number of files.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from optimizer.errors import ScenarioError
from optimizer.pool_file.read import read_table
from tests.pool_file.books import book, zipped
from tests.support.amounts import SEED, TIMES

NAMES = ["creator", "followers", "engagement_rate", "fee", "niche", "country"]
OTHERS = ["", "", "Bio", "Bio", "bio", "E-mail\nprivate", "2024", "Vues (30 j)", "Score, net", "a;b", "latestPosts/0/x"]
NUMBERS = [
    "8200",
    "8 200",
    "8\u202f200",
    "12,5K",
    "1.2M",
    "5,000",
    "0.05",
    "6,1 %",
    "$120 - $200",
    "N/A",
    "#N/A",
    "-",
    "",
]
TEXTS = ["", "food", "Zoé d'Été", "“quoted”", 'say "hi"', "two\nlines", "a;b", "a,b", "a\tb", "=1+1", "|", "100", "€5"]
TITLES = ["Our creators", "Export of 2024-05-01", "", "Report, all; of May", "Total: 12", "© Agency"]
NOTES = ["Source: our own survey", "* estimated"]

Rows = list[list[str]]


class Made:
    """A table as it was written, and what must come out of it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        names = rng.sample(NAMES[1:], rng.randint(1, 5))
        self.names = ["creator", *names]
        header = [*self.names, *rng.choices(OTHERS, k=rng.choice([0, 0, 1, 3]))]
        rng.shuffle(header)
        self.header = header
        count = rng.choice([1, 2, 3, 30])
        self.body = [[self._cell(name, row) for name in header] for row in range(count)]

    def _cell(self, name: str, row: int) -> str:
        if name == "creator":
            return f"@user{row}"
        numbers = name in {"followers", "engagement_rate", "fee", "2024"}
        return self.rng.choice(NUMBERS if numbers and self.rng.random() < 0.9 else TEXTS)

    def expected(self) -> dict[str, list[str | None]]:
        found = {}
        for name in self.names:
            at = self.header.index(name)
            found[name] = [" ".join(row[at].split()) or None for row in self.body]
        return found

    def laid_out(self, blank: list[str]) -> Rows:
        """With titles, blank rows, a row of groups and a note at the end."""
        rng = self.rng
        titles = [[rng.choice(TITLES), *blank[1:]] for _ in range(rng.choice([0, 0, 1, 2]))]
        rows = [*titles, *([blank] if rng.random() < 0.3 else [])]
        if rng.random() < 0.2 and len(self.header) > 2:
            groups = list(blank) + [""] * (len(self.header) - len(blank))
            groups[1], groups[-1] = "Group", "More"
            rows.append(groups)
        rows.append(self.header)
        for row in self.body:
            rows.append(row)
            if rng.random() < 0.05:
                rows.append(blank)
        if rng.random() < 0.2:
            rows += [blank, [rng.choice(NOTES)]]
        return rows


def as_csv(made: Made) -> tuple[str, bytes]:
    rng = made.rng
    separator = rng.choice([",", ";", "\t"])
    blank = [""] * rng.choice([len(made.header), 1])
    rows = made.laid_out(blank)
    stream = io.StringIO(newline="")
    how = rng.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    csv.writer(stream, delimiter=separator, lineterminator=rng.choice(["\r\n", "\n"]), quoting=how).writerows(rows)
    text = stream.getvalue()
    if rng.random() < 0.2:
        text = f"sep={separator}\r\n{text}"
    encodings = ["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"]
    encoding = rng.choice(encodings if "\u202f" not in text else encodings[:-1])
    return "csv", text.encode(encoding)


def as_zip(made: Made) -> tuple[str, bytes]:
    _, content = as_csv(made)
    return "zip", zipped({"Table data.csv": content, "Totals.csv": "a,b\n1,2\n", "Chart data.csv": "x"})


def as_workbook(made: Made) -> tuple[str, bytes]:
    rows = made.laid_out([""] * len(made.header))
    if made.rng.random() < 0.5:
        sheets: list[list[list[object]]] = [[[cell or None for cell in row] for row in rows]]
        return "xlsx", book([["Notes"]], *sheets, names=["Notes", "List"])
    written = openpyxl.Workbook()
    for number, row in enumerate(rows, 1):
        for at, cell in enumerate(row, 1):
            if cell:
                written.active.cell(number, at, cell).data_type = "s"
    stream = io.BytesIO()
    written.save(stream)
    return "xlsx", stream.getvalue()


def as_json(made: Made) -> tuple[str, bytes]:
    records = [dict(zip(made.header, row, strict=True)) for row in made.body]
    if made.rng.random() < 0.3:
        return "jsonl", "\n".join(map(json.dumps, records)).encode()
    return "json", json.dumps({"data": records} if made.rng.random() < 0.3 else records).encode()


def as_parquet(made: Made) -> tuple[str, bytes]:
    arrays = [pa.array([row[at] for row in made.body]) for at in range(len(made.header))]
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, made.header), stream)
    return "parquet", stream.getvalue()


def wanted(header: tuple[str, ...]) -> list[str]:
    return [name for name in header if name in NAMES]


@pytest.mark.parametrize("style", [as_csv, as_zip, as_workbook, as_json, as_parquet])
def test_a_table_in_any_style_is_read_as_it_was_written_or_refused(
    tmp_path: Path, style: Callable[[Made], tuple[str, bytes]]
) -> None:
    read, refused = 0, dict[str, int]()
    for number in range(60 * TIMES):
        made = Made(random.Random(f"{style.__name__} {number}{SEED}"))
        suffix, content = style(made)
        path = tmp_path / f"pool.{suffix}"
        path.write_bytes(content)
        try:
            found = read_table(path, path.name, wanted)
        except ScenarioError as error:
            refused[error.problems[0].code] = refused.get(error.problems[0].code, 0) + 1
            continue
        told = {
            name: [cell and " ".join(cell.split()) for cell in cells.to_pylist()]
            for name, cells in found.columns.items()
        }
        assert told == made.expected(), (number, content[:2_000])
        assert found.problems == (), (number, content[:2_000])
        read += 1
    print(read, refused)
    assert read > 50 * TIMES, refused
