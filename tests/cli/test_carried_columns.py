"""Columns of the file of creators go to exports on `--carry` only: they are personal data, and kept nowhere else."""

from __future__ import annotations

import csv
import io
import json
import logging
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from optimizer import Plan, load_scenario, try_optimize
from optimizer.cli.main import main

SECRET = "s3cret"
POOL = f"""creator,E-Mail,code,note,average_engagements,fee,exclude me
@ann,ann.{SECRET}@example.org,=A1+1,{SECRET} one,100,50,
@bob,bob.{SECRET}@example.org,0012,{SECRET} two,90,40,
@cyd,cyd.{SECRET}@example.org,,{SECRET} three,80,900,
@dee,dee.{SECRET}@example.org,9,{SECRET} four,70,30,x
"""
SAID = """format: 1
currency: EUR
budget: 100
objective: {maximize: engagements}
creators: {file: pool.csv, columns: {email: E-Mail}}
exclude: [{exclude me: x}]
variants: {lean: {budget: 50}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    (tmp_path / "s.yaml").write_text(SAID, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("optimizer.cli.answering.threading.active_count", lambda: 1)
    return tmp_path


def ran(*arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == exit_code, result.output
    return result


def rows_of(text: str, **how: Any) -> dict[str, dict[str, str]]:
    return {row["creator"].lstrip("'"): row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), **how)}


def test_csv_has_them_beside_each_booking_and_guards_them_like_all_texts() -> None:
    rows = rows_of(ran("plan", "s.yaml", "--csv", "--carry", "e-mail,CODE").stdout)
    assert {name: (row["E-Mail"], row["code"]) for name, row in rows.items()} == {
        "@ann": (f"ann.{SECRET}@example.org", "'=A1+1"),
        "@bob": (f"bob.{SECRET}@example.org", "'0012"),
    }
    raw = rows_of(ran("plan", "s.yaml", "--csv-style", "raw", "--carry", "code").stdout)
    assert {name: row["code"] for name, row in raw.items()} == {"@ann": "=A1+1", "@bob": "0012"}


def test_a_workbook_and_json_have_them() -> None:
    ran("plan", "s.yaml", "--out", "p.xlsx", "--carry", "email", "--carry", "code")
    heading, *rows = openpyxl.load_workbook("p.xlsx")["Booked"].iter_rows(values_only=True)
    found = {row[0]: dict(zip(heading, row, strict=True)) for row in rows}
    assert found["@ann"]["E-Mail"] == f"ann.{SECRET}@example.org"
    assert found["@ann"]["code"] == "=A1+1"
    said = json.loads(ran("plan", "s.yaml", "--json", "--carry", "email,code").stdout)
    assert said["carried"]["@bob"] == {"E-Mail": f"bob.{SECRET}@example.org", "code": "0012"}


def test_without_them_the_json_is_the_same_and_so_is_its_digest() -> None:
    ran("plan", "s.yaml", "--json", "--out", "with.json", "--carry", "email")
    ran("plan", "s.yaml", "--json", "--out", "without.json")
    one, other = (json.loads(Path(name).read_text(encoding="utf-8")) for name in ("with.json", "without.json"))
    del one["carried"]
    for said in (one, other):
        del said["solver"]["seconds"]
    assert one == other
    assert ran("verify", "with.json").stdout.startswith("verified: ")
    plan = Plan.from_json(Path("with.json").read_text(encoding="utf-8"))
    assert SECRET not in plan.to_json()


def test_a_blank_cell_a_segment_and_a_column_that_is_shown_anyway(folder: Path) -> None:
    (folder / "s.yaml").write_text(
        SAID.replace("budget: 100", "budget: 2000") + "segments: [{name: more, available: 2}]\n"
        "assume: {average_engagements: 5, fee: 1}\n",
        encoding="utf-8",
    )
    rows = rows_of(ran("plan", "s.yaml", "--csv", "--carry", "code,creator").stdout)
    assert (rows["@cyd"]["code"], rows["more"]["code"]) == ("", "")
    assert rows["@ann"]["creator (file)"] == "'@ann"


def test_the_rows_are_those_of_the_file_whatever_was_left_out_of_it(folder: Path) -> None:
    lines = ["creator,mail,average_engagements,fee", "", "@zed,z@x,oops,10"]
    lines += [f"@c{at:03},c{at}@x,{at},10" for at in range(300)]
    (folder / "pool.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "s.yaml").write_text(
        "format: 1\ncurrency: EUR\nbudget: 500\nobjective: {maximize: engagements}\n"
        "creators: {file: pool.csv, bad_rows: skip}\n",
        encoding="utf-8",
    )
    rows = rows_of(ran("plan", "s.yaml", "--csv", "--carry", "mail").stdout)
    assert len(rows) == 50
    assert all(row["mail"] == f"c{int(name[2:])}@x" for name, row in rows.items())


def test_an_unknown_column_is_refused_before_the_search_with_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it searched")

    monkeypatch.setattr("optimizer.planning.optimize.try_optimize", never)
    found = ran("plan", "s.yaml", "--csv", "--carry", "code,notes", exit_code=2).output
    assert 'pool.csv has no column "notes"; did you mean "note"?' in found
    assert "its columns are: creator, E-Mail" in ran("plan", "s.yaml", "--csv", "--carry", "zzzz", exit_code=2).output
    assert "--carry is for exports" in ran("plan", "s.yaml", "--carry", "code", exit_code=2).output


def test_a_name_with_a_comma_stands_in_quotes(folder: Path) -> None:
    (folder / "pool.csv").write_text(POOL.replace("note,", '"Last, first",'), encoding="utf-8")
    rows = rows_of(ran("plan", "s.yaml", "--csv", "--carry", '"last, first", code').stdout)
    assert rows["@ann"]["Last, first"] == f"{SECRET} one"
    assert "code" in rows["@ann"]


def test_carried_columns_are_in_no_log(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A column of secrets is looked for in everything that any command prints or writes but the export itself."""
    caplog.set_level(logging.DEBUG)
    every = [
        *(("plan", "s.yaml", *form) for form in ((), ("--all",), ("--json",), ("--csv",), ("--raw-csv",))),
        *(("plan", "s.yaml", "--out", f"p.{ending}") for ending in ("txt", "json", "csv", "xlsx")),
        ("plan", "s.yaml", "--write-model", "m.lp"),
        ("check", "s.yaml"),
        ("check", "s.yaml", "--json"),
        ("check", "s.yaml", "--resolved"),
        ("check", "s.yaml", "--solve"),
        ("verify", "p.json"),
        ("compare", "s.yaml"),
        ("compare", "s.yaml", "--json"),
        ("compare", "s.yaml", "--out", "c.xlsx"),
    ]
    for arguments in every:
        assert SECRET not in ran(*arguments).output, arguments
    carried = ("--carry", "email,code,note")
    for form in (("--csv",), ("--json",), ("--csv-style", "fr")):
        result = ran("plan", "s.yaml", *form, *carried)
        assert SECRET in result.stdout
        assert SECRET not in result.stderr
    for name in ("carried.xlsx", "carried.csv", "carried.json"):
        assert SECRET not in ran("plan", "s.yaml", "--out", name, *carried).output
    for written in folder.iterdir():
        if written.name.startswith("carried") or written.name == "pool.csv":
            continue
        if written.suffix == ".xlsx":
            book = openpyxl.load_workbook(written)
            texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
            assert not any(SECRET in text for text in texts), written.name
        assert SECRET.encode() not in written.read_bytes(), written.name
    assert SECRET not in caplog.text


def test_no_scenario_plan_or_message_holds_them() -> None:
    scenario = load_scenario("s.yaml")
    plan = try_optimize(scenario)
    assert isinstance(plan, Plan)
    for held in (repr(plan), plan.to_json(), str(plan), repr(scenario.warnings), *map(repr, scenario.pool.columns)):
        assert SECRET not in held
    infeasible = ran("plan", "s.yaml", "--csv", "--carry", "note", "--set", "budget=-1", exit_code=3)
    assert SECRET not in infeasible.output
