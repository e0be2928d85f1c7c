"""The command `sweep`: its forms, its faults, its progress bar, and Ctrl-C."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from optimizer import Plan, load_scenario, try_optimize
from tests.cli.interrupting import interrupted
from tests.cli.running import run
from tests.report.pages import Page

SCENARIO = """\
format: 1
name: Spring
currency: EUR
budget: 500
creators: pool.csv
objective: {maximize: engagements}
constraints: {some: {quantity: creators, at_least: 1}}
variants: {two: {constraints: {some: {at_least: 2}}}}
"""
POOL = "creator,followers,average_engagements,fee\n@ann,2000,100,100\n<b>bob</b>,3000,150,250\n@cyd,5000,90,300\n"
BUDGETS = ("--vary", "budget=100:500:100")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


def test_the_points_are_shown_with_a_curve_and_who_changes(folder: Path) -> None:
    found = run("sweep", "s.yaml", *BUDGETS, cwd=folder)
    assert found.returncode == 0
    assert "Spring: maximize engagements at 5 points of budget" in found.stdout
    assert "- budget 300: in <b>bob</b>; out @ann\n- budget 400: in @ann\n" in found.stdout
    lines = [line.split() for line in found.stdout.splitlines() if line.startswith("          ") and "█" in line]
    assert [line[0] for line in lines] == ["100", "200", "300", "400", "500"]
    bars = [len(line[-1]) for line in lines]
    assert bars == sorted(bars)
    assert bars[-1] == 16


def test_json_has_every_point_and_the_same_bytes_each_time(folder: Path) -> None:
    found = run("sweep", "s.yaml", *BUDGETS, "--json", cwd=folder)
    value = json.loads(found.stdout)
    assert value["format"] == "creatormix/sweep/1"
    assert value["vary"] == ["budget"]
    assert [point["at"] for point in value["points"]] == [{"budget": at} for at in (100, 200, 300, 400, 500)]
    for point in value["points"]:
        plan = try_optimize(load_scenario(folder / "s.yaml", changes=point["at"]))
        assert isinstance(plan, Plan)
        assert point["value"] == plan.objective.value
        assert point["creators"] == [booking.creator for booking in plan.allocations]
    assert run("sweep", "s.yaml", *BUDGETS, "--json", cwd=folder).stdout == found.stdout


def test_csv_and_a_workbook_have_one_row_per_point(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("sweep", "s.yaml", *BUDGETS, "--raw-csv", cwd=folder).stdout)))
    assert [row["budget"] for row in rows] == ["100", "200", "300", "400", "500"]
    assert [row["comes in"] for row in rows] == ["", "", "<b>bob</b>", "@ann", ""]
    guarded = list(csv.DictReader(io.StringIO(run("sweep", "s.yaml", *BUDGETS, "--csv", cwd=folder).stdout)))
    assert guarded[3]["comes in"] == "'@ann"
    assert run("sweep", "s.yaml", *BUDGETS, "--out", "points.xlsx", cwd=folder).returncode == 0
    book = openpyxl.load_workbook(folder / "points.xlsx")
    assert [row[0].value for row in book["Points"].iter_rows(min_row=2)] == [100, 200, 300, 400, 500]
    assert book["Creators"].max_row > 5


@pytest.mark.parametrize(
    "asked", [BUDGETS, ("--frontier", "spend"), (*BUDGETS, "--vary", "constraints.some.at_least=1,2")]
)
def test_a_file_that_ends_in_html_is_a_page(folder: Path, asked: tuple[str, ...]) -> None:
    assert run("sweep", "s.yaml", *asked, "--out", "page.html", cwd=folder).returncode == 0
    text = (folder / "page.html").read_text(encoding="utf-8")
    Page(text)
    assert "Spring" in text
    assert "<b>bob</b>" not in text
    assert run("sweep", "s.yaml", *asked, "--out", "again.html", cwd=folder).returncode == 0
    assert (folder / "again.html").read_text(encoding="utf-8") == text


def test_a_variant_and_changes_hold_at_every_point(folder: Path) -> None:
    found = run("sweep", "s.yaml", *BUDGETS, "--variant", "two", "--set", "name=Other", "--json", cwd=folder)
    value = json.loads(found.stdout)
    assert value["scenario"] == {"name": "Other", "variant": "two", "changes": {"name": "Other"}}
    assert [point["outcome"] for point in value["points"]] == ["infeasible"] * 3 + ["plan"] * 2
    assert value["points"][0]["lacks"][0]["text"] == "raise budget to 350.00 EUR"
    text = run("sweep", "s.yaml", *BUDGETS, "--variant", "two", cwd=folder).stdout
    assert "- budget 100: no plan can keep these rules at once (proved): budget, some; raise budget" in text


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "say what to vary"),
        ((*BUDGETS, "--frontier", "spend"), 2, "choose one of --vary and --frontier"),
        ((*BUDGETS, "--points", "3"), 2, "--points is about a frontier"),
        ((*BUDGETS, "--rounds", "3", "--time-limit", "3"), 2, "choose one of --time-limit and --rounds"),
        (("--vary", "budget=1:2"), 3, "is not a range"),
        (("--vary", "bugdet=1:2:1"), 3, 'did you mean "budget"?'),
        (("--frontier", "reech"), 3, "quantities are: spend"),
        (("--vary", "constraints.some.at_least=8,9"), 4, "no plan"),
        (("--vary", "budget=some,100"), 0, "Failed"),
        ((*BUDGETS, "--out", "s.yaml"), 2, "an answer can be written to"),
        ((*BUDGETS, "--out", "pool.csv"), 2, "choose another name"),
    ],
)
def test_what_is_wrong_is_told_with_its_exit_code(
    folder: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    found = run("sweep", "s.yaml", *arguments, cwd=folder)
    assert found.returncode == code
    assert says in found.stdout + found.stderr


def test_faults_are_json_where_json_is_asked_for(folder: Path) -> None:
    found = run("sweep", "s.yaml", "--vary", "budget=2:1:1", "--json", cwd=folder)
    assert found.returncode == 3
    (problem,) = json.loads(found.stdout)["problems"]
    assert (problem["code"], problem["file"]) == ("vary-step", "--vary budget=2:1:1")


def test_without_dask_a_cluster_is_refused_with_a_cure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    found = run("sweep", "s.yaml", *BUDGETS, "--cluster", "tcp://127.0.0.1:1", cwd=folder)
    assert found.returncode == 2
    assert "pip install 'creatormix[cluster]'" in found.stderr


@pytest.mark.parametrize(("workers", "says"), [(None, "no cluster answers at here (late)"), ({}, "has no workers")])
def test_a_cluster_that_cannot_plan_is_a_wrong_usage(
    folder: Path, monkeypatch: pytest.MonkeyPatch, workers: dict[str, int] | None, says: str
) -> None:
    class Client:
        def __init__(self, address: str, **_: object) -> None:
            if workers is None:
                raise OSError("late")

        def scheduler_info(self, **_: object) -> dict[str, object]:
            return {"workers": workers}

        def close(self) -> None:
            pass

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=Client))
    found = run("sweep", "s.yaml", *BUDGETS, "--cluster", "here", cwd=folder)
    assert found.returncode == 2
    assert says in found.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_ctrl_c_keeps_what_is_done_and_a_progress_bar_says_how_much(folder: Path) -> None:
    many = ("--vary", "budget=100:500:0.1", "--json")
    code, out, said = interrupted(folder, "sweep", "s.yaml", *many, once="] 3 of 4,001 points")
    assert code == 0
    assert "stopping with the points so far" in said
    assert "[..............................] 2 of 4,001 points" in said
    value = json.loads(out)
    assert len(value["points"]) >= 3
    assert len(value["points"]) + len(value["not_planned"]) == 4_001
    assert len(value["not_planned"]) > 0


@pytest.mark.parametrize(("interrupted_", "code"), [(True, 130), (False, 5)])
def test_a_sweep_that_is_stopped_before_it_has_a_plan_says_so(folder: Path, interrupted_: bool, code: int) -> None:
    from optimizer import sweep
    from optimizer.cli.run_sweep import _code

    none = sweep(load_scenario(folder / "s.yaml"), {"budget": [100, 500]}, cancel=lambda: True)
    assert [point.outcome for point in none.points] == []
    assert _code(none, interrupted=interrupted_) == code
