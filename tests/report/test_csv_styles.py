"""CSV in the style of a country is what its spreadsheets open as columns of numbers, and is read back by us."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import Plan, compare, load_scenario, try_optimize
from optimizer.cli.main import main
from optimizer.report.as_csv import roster_csv, to_csv
from optimizer.report.csv_styles import STYLES

FRAME: dict[str, list[Any]] = {
    "creator": ["@ann", "=1+1", "00123", "3-4", "a;b,c"],
    "followers": [2_000, 3_000, 4_000, 5_000, 6_000],
    "engagement_rate": [0.0511, 0.04, 0.03, 0.02, 0.01],
    "fee": ["100.10", "1200", "50.5", "60", "70.25"],
}
SAID = {"format": 1, "currency": "EUR", "budget": 10_000, "objective": {"maximize": "engagements"}}


def planned() -> Plan:
    plan = try_optimize(load_scenario(SAID, creators=FRAME))
    assert isinstance(plan, Plan)
    return plan


@pytest.mark.parametrize("style", STYLES)
def test_every_style_parts_cells_and_decimals_as_it_says(style: str) -> None:
    plan, how = planned(), STYLES[style]
    rows = {
        row["creator"].removeprefix("'"): row
        for row in csv.DictReader(io.StringIO(to_csv(plan, style=style), newline=""), delimiter=how.separator)
    }
    assert set(rows) == set(FRAME["creator"])
    assert rows["@ann"]["spend"] == f"100{how.decimal}1"
    assert rows["=1+1"]["spend"] == "1200.0".replace(".", how.decimal)
    numbers = [value for row in rows.values() for name, value in row.items() if name == "engagements"]
    assert all("," not in value if how.decimal == "." else "." not in value for value in numbers)


@pytest.mark.parametrize("style", [name for name in STYLES if name != "raw"])
def test_no_cell_of_any_style_but_raw_begins_like_a_formula(style: str) -> None:
    text = to_csv(planned(), style=style)
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=STYLES[style].separator) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert {"'00123", "'3-4", "a;b,c"} <= set(cells)


def test_raw_gives_cells_as_they_are() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(planned(), style="raw"))))
    assert {row["creator"] for row in rows} == set(FRAME["creator"])
    assert to_csv(planned(), style="raw") == to_csv(planned(), raw=True)


@pytest.mark.parametrize("style", STYLES)
def test_what_is_written_in_a_style_is_read_back_as_a_pool(style: str, tmp_path: Path) -> None:
    how = STYLES[style]
    mark = "\ufeff" if how.guarded else ""
    (tmp_path / "booked.csv").write_text(mark + to_csv(planned(), style=style), encoding="utf-8", newline="")
    columns = {"fee": "spend", "average_engagements": "engagements"}
    again = load_scenario({**SAID, "creators": {"file": "booked.csv", "columns": columns}}, root=tmp_path)
    assert sorted(again.pool.ids) == sorted(FRAME["creator"])
    plan = try_optimize(again)
    assert isinstance(plan, Plan)
    assert plan.totals["spend"] == planned().totals["spend"]
    assert plan.objective.value == planned().objective.value


def test_who_is_booked_in_which_case_has_the_same_styles() -> None:
    compared = compare([("a", load_scenario(SAID, creators=FRAME)), ("b", load_scenario(SAID, creators=FRAME))])
    assert roster_csv(compared, style="fr").splitlines()[0] == "creator;offer;a;b"
    assert roster_csv(compared, style="raw") == roster_csv(compared, raw=True)


# --- the command ---


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "c.csv").write_text("creator,average_engagements,fee\n@ann,100,50.5\n@bob,90,40\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        "format: 1\ncurrency: EUR\nbudget: 500\nobjective: {maximize: engagements}\ncreators: c.csv\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("optimizer.cli.answering.threading.active_count", lambda: 1)
    return tmp_path


def ran(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def test_a_style_alone_asks_for_csv(folder: Path) -> None:
    shown = ran("plan", "s.yaml", "--csv-style", "fr").stdout
    assert shown.startswith("\ufeffcreator;offer;count")
    assert ";50,5;" in shown
    assert ran("plan", "s.yaml", "--csv", "--csv-style", "FR").stdout == shown
    assert ran("plan", "s.yaml", "--csv-style", "raw").stdout == ran("plan", "s.yaml", "--raw-csv").stdout
    assert ran("plan", "s.yaml", "--csv-style", "us").stdout == ran("plan", "s.yaml", "--csv").stdout
    assert ran("compare", "s.yaml", "--set", "budget=60", "--csv-style", "de").stdout.startswith("\ufeffcreator;offer;")


def test_an_unknown_style_and_two_forms_at_once_are_wrong_usage(folder: Path) -> None:
    assert ran("plan", "s.yaml", "--csv-style", "xx").exit_code == 2
    for pair in (["--json", "--csv-style", "fr"], ["--raw-csv", "--csv-style", "fr"], ["--json", "--csv"]):
        result = ran("plan", "s.yaml", *pair)
        assert (result.exit_code, "choose one of" in result.output) == (2, True), pair


def test_the_ending_of_out_says_the_form(folder: Path) -> None:
    for name, begins in (("a.json", b"{"), ("a.csv", b"\xef\xbb\xbfcreator,"), ("a.txt", b"s\n"), ("a.XLSX", b"PK")):
        assert ran("plan", "s.yaml", "--out", name).exit_code == 0
        assert Path(name).read_bytes().startswith(begins), name
    assert ran("plan", "s.yaml", "--json", "--out", "a").exit_code == 0
    assert Path("a").read_bytes().startswith(b"{")
    assert ran("compare", "s.yaml", "--set", "budget=60", "--out", "who.xlsx").exit_code == 0
    assert Path("who.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("command", ["plan", "compare"])
@pytest.mark.parametrize("name", ["a.pdf", "a.ods", "a.xls", "a.csv.gz"])
def test_an_ending_that_we_do_not_write_is_refused_before_the_search(
    command: str, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it searched")

    monkeypatch.setattr("optimizer.planning.optimize.try_optimize", never)
    monkeypatch.setattr("optimizer.analysis.compare.compare", never)
    extra = ["--set", "budget=60"] if command == "compare" else []
    for form in ([], ["--csv"], ["--json"]):
        result = ran(command, "s.yaml", *extra, *form, "--out", name)
        assert result.exit_code == 2
        assert (
            f"{name} ends in {Path(name).suffix}; an answer can be written to: .json, .csv, .xlsx, .txt"
            in result.output
        )
        assert not Path(name).exists()


def test_a_form_that_is_not_that_of_the_ending_is_refused(folder: Path) -> None:
    for form, name in (("--csv", "a.json"), ("--json", "a.csv"), ("--json", "a.xlsx"), ("--raw-csv", "a.xlsx")):
        result = ran("plan", "s.yaml", form, "--out", name)
        assert (result.exit_code, "choose one of the two" in result.output) == (2, True)
