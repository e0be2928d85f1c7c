"""A spreadsheet program opens the workbook of a plan, works everything out again, and finds the same numbers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from optimizer import load_scenario, optimize
from optimizer.report.sheets import plan_sheets
from optimizer.report.workbook import workbook
from tests.docs.pages import ROOT

OFFICE = shutil.which("soffice")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_totals_of_a_recalculated_workbook_are_those_of_the_json(tmp_path: Path) -> None:
    plan = optimize(load_scenario(ROOT / "scenarios" / "first_test.yaml"))
    (tmp_path / "plan.xlsx").write_bytes(workbook(plan_sheets(plan), plan.decimals))
    home, out = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}", tmp_path / "out"
    command = [OFFICE, "--headless", home, "--convert-to", "xlsx", "--outdir", out, tmp_path / "plan.xlsx"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    book = openpyxl.load_workbook(out / "plan.xlsx", data_only=True)
    rows = {row[0]: row[1] for row in book["Plan"].iter_rows(values_only=True)}
    assert {"spend", "creators", "engagements"} <= {*plan.totals}
    for name, value in plan.totals.items():
        assert rows[f"total {name}"] == pytest.approx(value), name
    heads, *booked = book["Booked"].iter_rows(values_only=True)
    spends = [row[heads.index("spend (EUR)")] for row in booked]
    assert sum(spends) == pytest.approx(plan.totals["spend"])
