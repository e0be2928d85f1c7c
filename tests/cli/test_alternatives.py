"""The command `alternatives` as a planner meets it: what is printed where, in which form, and the exit code."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from tests.cli.running import invoke, run, run_apart
from tests.cli.test_commands import POOL, SCENARIO


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scenario.yaml").write_text(f"name: Spring\n{SCENARIO}", encoding="utf-8")
    (tmp_path / "creators.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


def test_the_text_names_plans_marks_and_stand_ins(folder: Path) -> None:
    result = run_apart("alternatives", "scenario.yaml", "--within", "50%", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert result.stdout.startswith("Spring\n")
    for said in ("near the best plan: plans worth at least", "(50 % of it may be given up)", "Core", "Stand-ins"):
        assert said in result.stdout


def test_json_is_what_the_result_has_and_each_form_follows_the_ending(folder: Path) -> None:
    shown = run("alternatives", "scenario.yaml", "--within", "50%", "--count", "2", "--json", cwd=folder).stdout
    found = json.loads(shown)
    assert found["format"] == "creatormix/alternatives/1"
    assert found["within"] == 0.5
    assert len(found["plans"]) <= 2
    for ending in ("json", "csv", "xlsx", "html", "txt"):
        out = f"answer.{ending}"
        result = run("alternatives", "scenario.yaml", "--within", "50%", "--count", "2", "--out", out, cwd=folder)
        assert result.returncode == 0, result.stderr
        assert f"wrote {out}" in result.stderr
    assert (folder / "answer.json").read_text(encoding="utf-8") == shown
    page = (folder / "answer.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "Who steps in" in page
    names = zipfile.ZipFile(folder / "answer.xlsx").read("xl/workbook.xml").decode()
    assert re.findall(r'<sheet name="([\w-]+)"', names) == ["Plans", "Who", "Stand-ins", "Bookings", "Warnings"]


def test_csv_has_a_row_for_each_creator_with_every_plan(folder: Path) -> None:
    shown = run("alternatives", "scenario.yaml", "--within", "50%", "--csv-style", "raw", cwd=folder).stdout
    rows = list(csv.DictReader(io.StringIO(shown)))
    found = json.loads(run("alternatives", "scenario.yaml", "--within", "50%", "--json", cwd=folder).stdout)
    assert [row["creator"] for row in rows] == [one["creator"] for one in found["creators"]]
    booked = {one["creator"] for one in found["best"]["allocations"]}
    assert {row["creator"] for row in rows if row["best"] != "0"} == booked
    assert {"plan 1", "mark", "stand-ins"} <= set(rows[0])
    assert "'@" in run("alternatives", "scenario.yaml", "--within", "50%", "--csv", cwd=folder).stdout


def test_without_a_plan_the_reasons_are_printed_and_no_table_is_written(folder: Path) -> None:
    clash = 'constraints={"many": {"quantity": "creators", "at_least": 40}}'
    result = run("alternatives", "scenario.yaml", "--set", clash, cwd=folder)
    assert result.returncode == 4
    assert "No plan." in result.stdout
    found = run("alternatives", "scenario.yaml", "--set", clash, "--json", cwd=folder)
    assert (found.returncode, json.loads(found.stdout)["outcome"]) == (4, "infeasible")
    table = run("alternatives", "scenario.yaml", "--set", clash, "--out", "who.csv", cwd=folder)
    assert table.returncode == 4
    assert not (folder / "who.csv").exists()


def test_faults_of_the_scenario_and_of_the_command_have_their_codes(folder: Path) -> None:
    result = run("alternatives", "scenario.yaml", "--set", "bugdet=3", "--json", cwd=folder)
    assert result.returncode == 3
    assert json.loads(result.stdout)["format"] == "creatormix/problems/1"
    for wrong in (("--within", "110%"), ("--within", "soon"), ("--count", "0"), ("--rounds", "5", "--time-limit", "5")):
        assert run("alternatives", "scenario.yaml", *wrong, cwd=folder).returncode == 2
    measured = "forecast={rates: measured}"
    result = run("alternatives", "scenario.yaml", "--set", measured, "--within", "forecast", cwd=folder)
    assert result.returncode == 2
    assert "say how much may be given up" in " ".join(result.stderr.split())


def test_within_the_forecast_is_said(folder: Path) -> None:
    result = run("alternatives", "scenario.yaml", "--within", "forecast", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "as much as the forecast cannot tell apart" in " ".join(result.stdout.split())


def test_the_help_has_an_example() -> None:
    assert "creatormix alternatives scenario.yaml --within forecast" in invoke("alternatives", "--help").output
