"""Files in the styles of many tools and countries are read as what was written into them, or refused: never wrongly."""

from __future__ import annotations

import csv
import io
import json
import os
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from optimizer import load_scenario
from optimizer.domain.pool import Labels, Numbers, Pool
from optimizer.errors import ScenarioError

FILES = 120 * int(os.environ.get("CREATORMIX_TIMES", "1"))
NICHES = ["food", "home & garden", "beauté", "books", "", "games"]
BLANKS = ["", "N/A", "#N/A", "-", "nan", "sur devis", "n/a", "—"]
SIGNS = {"EUR": ["€", "EUR", "€ HT"], "USD": ["$", "USD", "US$"], "GBP": ["£", "GBP"], "JPY": ["¥", "JPY"]}
JUNK = ["Mail", "Notes", "Bio", "Last post", "Phone"]
Row = dict[str, Any]


class Style:
    """How one file is written."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.currency = rng.choice(list(SIGNS))
        self.decimals = 0 if self.currency == "JPY" else 2
        self.mark = rng.choice(".,")
        others = ["", "", "", "," if self.mark == "." else ".", " ", "\u00a0", "\u202f", "'"]
        self.thousands = rng.choice(others)
        self.rate = rng.choice(["fraction", "percent sign", "percent sign spaced", "bare percent"])
        self.short = rng.random() < 0.2
        self.letter = rng.choice("kK")
        self.sign = rng.choice(SIGNS[self.currency]) if rng.random() < 0.4 else ""
        self.before = self.sign[-1:] != "T" and rng.random() < 0.4
        self.money_decimals = rng.choice([self.decimals, self.decimals, 0])
        self.blank = rng.choice(BLANKS)
        self.view_decimals = rng.choice([0, 0, 1, 2])
        self.said = rng.random() < 0.25  # the planner says what begins the decimals

    def digits(self, value: Fraction, places: int) -> str:
        scaled = value * 10**places
        assert scaled.denominator == 1
        whole, rest = divmod(int(scaled), 10**places)
        text = f"{whole:,}".replace(",", self.thousands) if self.thousands else str(whole)
        return text + (f"{self.mark}{rest:0{places}}" if places else "")

    def count(self, value: int) -> str:
        if self.short and value % 100 == 0 and value >= 1000:
            text = f"{value // 1000}" if value % 1000 == 0 else f"{value // 1000}{self.mark}{value % 1000 // 100}"
            return f"{text}{self.letter}"
        return self.digits(Fraction(value), 0)

    def share(self, value: Fraction) -> str:
        if self.rate == "fraction":
            return self.digits(value, 4)
        return self.digits(value * 100, 2) + {"percent sign": "%", "percent sign spaced": " %"}.get(self.rate, "")

    def money(self, value: Fraction) -> str:
        text = self.digits(value, self.money_decimals)
        if not self.sign:
            return text
        gap = self.rng.choice(["", " "]) if self.sign in "€$£¥" else " "
        return f"{self.sign}{gap}{text}" if self.before else f"{text}{gap}{self.sign}"


def drawn(style: Style, rng: random.Random) -> list[Row]:
    rows = []
    for at in range(rng.randint(3, 12)):
        followers = rng.randrange(1_000, 100_000)
        rows.append(
            {
                "creator": f"@{rng.choice(['ana', 'léa', 'max.reads', 'noor_b'])}{at}",
                "followers": followers // 100 * 100 if style.short else followers,
                "engagement_rate": Fraction(rng.randrange(20, 1500), 10_000),
                "average_views": Fraction(rng.randrange(100, 90_000) * 10**style.view_decimals, 10**style.view_decimals)
                + Fraction(rng.randrange(10**style.view_decimals), 10**style.view_decimals),
                "fee": Fraction(rng.randrange(20, 5_000))
                + Fraction(rng.randrange(10**style.money_decimals), 10**style.money_decimals),
                "niche": rng.choice(NICHES),
            }
        )
        if rng.random() < 0.15:
            rows[-1]["average_views"] = None
    return rows


def told(style: Style, row: Row) -> dict[str, str]:
    views = style.blank if row["average_views"] is None else style.digits(row["average_views"], style.view_decimals)
    return {
        "creator": row["creator"],
        "followers": style.count(row["followers"]),
        "engagement_rate": style.share(row["engagement_rate"]),
        "average_views": views,
        "fee": style.money(row["fee"]),
        "niche": row["niche"],
    }


HEADERS = {
    "creator": ["creator", "Handle", "Nom d'utilisateur"],
    "followers": ["followers", "Abonnés", "Followers\n(today)"],
    "engagement_rate": ["engagement_rate", "ER", "Taux d'engagement"],
    "average_views": ["average_views", "Avg. views", "Vues moyennes"],
    "fee": ["fee", "Price", "Tarif"],
    "niche": ["niche", "Niche", "Thème"],
}


def written(style: Style, rows: Sequence[Row], folder: Path, rng: random.Random) -> Mapping[str, Any]:
    """Write the file; returns what the scenario says of it."""
    header = {name: rng.choice(words) for name, words in HEADERS.items()}
    names = [*HEADERS, *rng.sample(JUNK, rng.randint(0, 3))]
    rng.shuffle(names)
    cells = [
        {**told(style, row), **dict.fromkeys(JUNK, rng.choice(["", "x;y", "a, b", '"q"', "12", "=1+1"]))}
        for row in rows
    ]
    table = [[header.get(name, name) for name in names], *([row[name] for name in names] for row in cells)]
    if rng.random() < 0.2:  # the nameless column that frames write
        table = [["" if at == 0 else str(at - 1), *line] for at, line in enumerate(table)]
    if rng.random() < 0.25:
        table = [["Creators for spring"], *([[]] if rng.random() < 0.5 else []), *table]
    kind = rng.choice(["csv", "csv", "csv", "xlsx", "json"])
    file = folder / f"pool.{kind}"
    typed = False
    if kind == "csv":
        separator = rng.choice(",;\t")
        out = io.StringIO(newline="")
        quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=rng.choice(["\n", "\r\n"])).writerows(
            table
        )
        file.write_bytes(out.getvalue().encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"])))
    elif kind == "json":
        file.write_text(json.dumps([{header.get(n, n): row[n] for n in names} for row in cells]), encoding="utf-8")
    else:
        typed = rng.random() < 0.5
        _workbook(file, style, table, rows, names, typed=typed)
    columns: dict[str, Any] = {name: header[name].replace("\n", " ") for name in HEADERS}
    if style.rate == "bare percent" and not typed:
        columns["engagement_rate"] = {"from": columns["engagement_rate"], "unit": "percent"}
    said: dict[str, Any] = {"file": file.name, "columns": columns}
    if style.said:
        said["decimal"] = {".": "point", ",": "comma"}[style.mark]
    return said


def _workbook(
    file: Path, style: Style, table: list[list[str]], rows: Sequence[Row], names: Sequence[str], *, typed: bool
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    first = len(table) - len(rows)
    for at, line in enumerate(table):
        extra = len(line) - len(names)
        for place, text in enumerate(line):
            cell = sheet.cell(at + 1, place + 1)
            name = names[place - extra] if place >= extra and at >= first else ""
            value = rows[at - first].get(name) if name in HEADERS else None
            if typed and isinstance(value, (int, Fraction)):
                cell.value = float(value) if isinstance(value, Fraction) else value
                if name == "engagement_rate":
                    cell.number_format = "0.0%"
            elif text:
                cell.value, cell.data_type = text, "s"
    book.save(file)


def differences(pool: Pool, rows: Sequence[Row], decimals: int) -> list[str]:
    found = []
    for row in rows:
        at = pool.position(row["creator"])
        if at is None:
            found.append(f"{row['creator']} is missing")
            continue
        for name in ("followers", "engagement_rate", "average_views", "fee"):
            column = pool.columns[name]
            assert isinstance(column, Numbers)
            value = column.values[at].item() if column.known[at] else None
            wanted = row[name] if row[name] is None else float(row[name] * (10**decimals if name == "fee" else 1))
            if value != wanted:
                found.append(f"{row['creator']} {name}: {value}, written {wanted}")
        niche = pool.columns["niche"]
        assert isinstance(niche, Labels)
        text = niche.vocabulary[niche.codes[at]] if niche.codes[at] >= 0 else ""
        if text != row["niche"]:
            found.append(f"{row['creator']} niche: {text}")
    return found


def one(seed: int, folder: Path) -> tuple[bool, list[str]]:
    """Whether a random file was read, and in what it was read wrongly."""
    rng = random.Random(seed)
    style = Style(rng)
    rows = drawn(style, rng)
    creators = written(style, rows, folder, rng)
    said = {"format": 1, "currency": style.currency, "budget": 9_000, "objective": {"maximize": "engagements"}}
    said |= {"creators": creators, "assume": {"average_views": 100}}
    said["constraints"] = {"seen": {"quantity": "impressions", "at_least": 0}}
    (folder / "s.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    try:
        scenario = load_scenario(folder / "s.yaml")
    except ScenarioError as error:
        return False, [str(problem) for problem in error.problems if not (problem.cause and problem.mend)]
    return True, differences(scenario.pool, rows, style.decimals)


def test_a_file_in_any_style_is_read_as_it_was_written_or_refused(tmp_path: Path) -> None:
    read, wrong = 0, []
    for seed in range(FILES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        was_read, found = one(seed, folder)
        read += was_read
        wrong += [(seed, found[:3])] if found else []
    assert wrong == []
    assert read > 0.7 * FILES  # a reader that refuses everything is never wrong


@pytest.mark.parametrize("seed", [3, 17])
def test_a_style_is_drawn_again_from_its_number(seed: int, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    one(seed, first)
    one(seed, second)
    assert (first / "s.yaml").read_bytes() == (second / "s.yaml").read_bytes()
