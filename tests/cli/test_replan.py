"""The command `replan` as a planner meets it: a file to fill in, the plan after it, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.cli.running import run
from tests.cli.test_commands import POOL, SCENARIO


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario, its pool, and its plan."""
    folder = tmp_path_factory.mktemp("replan")
    (folder / "scenario.yaml").write_text(f"name: Spring\n{SCENARIO}", encoding="utf-8")
    (folder / "creators.csv").write_text(POOL, encoding="utf-8")
    assert run("plan", "scenario.yaml", "--json", "--out", "plan.json", cwd=folder).returncode == 0
    return folder


def template(folder: Path, name: str, *arguments: str) -> list[list[str]]:
    (folder / name).unlink(missing_ok=True)
    result = run("replan", "plan.json", "--template", name, *arguments, cwd=folder)
    assert result.returncode == 0, result.stderr
    text = (folder / name).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))


def filled(folder: Path, name: str, answers: dict[int, tuple[str, str]]) -> None:
    """Fill in a file: row -> status and fee."""
    rows = template(folder, name)
    for at, answer in answers.items():
        rows[at][3:5] = answer
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def plan_of(folder: Path, name: str = "plan.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def test_the_file_to_fill_in_has_a_row_for_each_booking_with_blanks(planned: Path) -> None:
    header, *rows = template(planned, "blank.csv")
    plan = plan_of(planned)
    assert header[:5] == ["plan_id", "creator", "offer", "status", "fee"]
    assert "engagements" in header[5:]
    assert [row[:3] for row in rows] == [
        [plan["digest"], f"'{one['creator']}", one["offer"]] for one in plan["allocations"]
    ]
    assert all(cell == "" for row in rows for cell in row[3:])
    assert template(planned, "french.csv", "--csv-style", "fr") == [header, *rows]


def test_the_file_may_be_a_workbook_and_is_read_back(planned: Path) -> None:
    (planned / "blank.xlsx").unlink(missing_ok=True)
    assert run("replan", "plan.json", "--template", "blank.xlsx", cwd=planned).returncode == 0
    book = load_workbook(planned / "blank.xlsx")
    assert book.active.cell(1, 1).value == "plan_id"
    result = run("replan", "plan.json", "blank.xlsx", "--json", cwd=planned)
    assert result.returncode == 0, result.stdout
    found = json.loads(result.stdout)
    assert {one["what"] for one in found["changes"]} == {"kept"}
    assert found["allocations"] == plan_of(planned)["allocations"]


def test_a_file_that_may_hold_answers_is_not_replaced(planned: Path) -> None:
    (planned / "mine.csv").write_text("mine", encoding="utf-8")
    result = run("replan", "plan.json", "--template", "mine.csv", cwd=planned)
    assert result.returncode == 2
    assert "may hold answers" in result.stderr
    assert (planned / "mine.csv").read_text(encoding="utf-8") == "mine"


def test_a_plan_after_some_answers_is_printed_written_and_verified(planned: Path) -> None:
    filled(planned, "results.csv", {1: ("signed", ""), 2: ("declined", "")})
    out = run("replan", "plan.json", "results.csv", "--json", "--out", "plan2.json", cwd=planned)
    assert out.returncode == 0, out.stderr
    after, first = plan_of(planned, "plan2.json"), plan_of(planned)["allocations"]
    assert after["replan"]["of"] == plan_of(planned)["digest"]
    assert after["committed"]["creators"] == 1
    assert after["committed"]["declined"] == [first[1]["creator"]]
    checked = run("verify", "plan2.json", cwd=planned)
    assert checked.returncode == 0, checked.stdout
    text = run("replan", "plan.json", "results.csv", "--all", cwd=planned).stdout
    assert "committed: 1 creator for" in text
    assert "1 declined" in text
    assert first[0]["creator"] in text
    rows = template(planned, "next.csv")
    assert all(row[3] == "" for row in rows[1:])
    (planned / "next.csv").unlink()
    assert run("replan", "plan2.json", "--template", "next.csv", cwd=planned).returncode == 0
    filled_in = csv.DictReader(io.StringIO((planned / "next.csv").read_text(encoding="utf-8-sig")))
    known = {row["creator"].lstrip("'"): row["status"] for row in filled_in}
    assert known[first[0]["creator"]] == "signed"


@pytest.mark.parametrize("ending", ["csv", "xlsx", "html"])
def test_a_plan_after_some_answers_is_written_in_every_form(planned: Path, ending: str) -> None:
    filled(planned, "forms.csv", {1: ("signed", ""), 2: ("declined", "")})
    name = f"again.{ending}"
    assert run("replan", "plan.json", "forms.csv", "--out", name, cwd=planned).returncode == 0
    if ending == "xlsx":
        book = load_workbook(planned / name)
        assert {"Changes", "Answers"} <= set(book.sheetnames)
        assert [cell.value for cell in book["Answers"]["C"]][1:] == ["signed", "declined"]
        return
    text = (planned / name).read_text(encoding="utf-8-sig")
    if ending == "csv":
        first, *_ = csv.DictReader(io.StringIO(text))
        assert {"status", "change"} <= set(first)
    else:
        assert "What has changed" in text


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["plan.json"], 2, "name the file of results"),
        (["plan.json", "r.csv", "--template", "x.csv"], 2, "takes a plan alone"),
        (["plan.json", "--template", "x.pdf"], 2, "must end in .csv or .xlsx"),
        (["plan.json", "r.csv", "--keep", "120"], 2, "share"),
        (["plan.json", "none.csv"], 3, "there is no such file"),
        (["none.json", "r.csv"], 3, "none.json cannot be read"),
        (["creators.csv", "r.csv"], 3, "this is not a plan"),
        (["plan.json", "r.csv", "--out", "r.csv"], 2, "choose another name for --out"),
        (["plan.json", "r.csv", "--scenario", "other.yaml"], 3, "other.yaml cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told(planned: Path, arguments: list[str], code: int, words: str) -> None:
    (planned / "r.csv").write_text("plan_id,creator,status\n", encoding="utf-8")
    result = run("replan", *arguments, cwd=planned)
    assert result.returncode == code
    assert words in result.stderr


def test_faults_are_json_on_request(planned: Path) -> None:
    filled(planned, "typo.csv", {1: ("singed", "")})
    result = run("replan", "plan.json", "typo.csv", "--json", cwd=planned)
    assert result.returncode == 3
    (problem,) = json.loads(result.stdout)["problems"]
    assert (problem["code"], problem["file"], problem["line"]) == ("results-status", "typo.csv", 2)


def test_fees_beyond_the_budget_are_a_conflict(planned: Path) -> None:
    filled(planned, "dear.csv", {1: ("signed", "99999")})
    result = run("replan", "plan.json", "dear.csv", cwd=planned)
    assert result.returncode == 4
    assert "among them 1 who agreed for 99,999.00 EUR" in result.stdout


def test_a_file_of_a_plan_that_is_none_says_so(planned: Path) -> None:
    run("plan", "scenario.yaml", "--set", "budget=0.01", "--set", "constraints.all={quantity: creators, at_least: 99}",
        "--json", "--out", "no.json", cwd=planned)  # fmt: skip
    result = run("replan", "no.json", "r.csv", cwd=planned)
    assert result.returncode == 3
    assert "it is an answer without one" in result.stderr
