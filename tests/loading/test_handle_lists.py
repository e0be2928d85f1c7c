"""A file of creators who may not be booked: `exclude: [{file: blacklist.csv}]`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from optimizer import Plan, ScenarioError, load_scenario, to_dict, try_optimize, verify
from optimizer.loading.load import changed_scenario

POOL = "creator,niche,average_engagements,fee\n@Ann,food,100,50\n@bob,food,90,40\n00123,pets,80,30\n@dee,pets,70,20\n"
SAID = """format: 1
currency: EUR
budget: 500
objective: {maximize: engagements}
creators: pool.csv
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


def loaded(folder: Path, content: str | bytes, entry: str = "{file: list.csv}", name: str = "list.csv") -> Any:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    (folder / "s.yaml").write_text(f"{SAID}exclude: [{entry}]\n", encoding="utf-8")
    return load_scenario(folder / "s.yaml")


def left(scenario: Any) -> list[str]:
    return list(scenario.pool.ids)


FORMS = {
    "without a header": "@ann\nBOB\n",
    "with a header": "handle\n@ann\nbob\n",
    "with our header": "\ufeffcreator\r\n@ANN\r\n@bob\r\n",
    "with any header": "Do not book\n@ann\n@bob\n",
    "with blank lines": "@ann\n\n@bob\n\n",
    "in our own CSV": "creator\n'@ann\n'@bob\n",
    "among other columns": "Reason;Handle\nlate;@ann\nrude;@bob\n",
    "among other columns, as ours": "note,creator\n@dee,@ann\n,bob\n",
    "with repeats": "@ann\n@Ann\nbob\n@bob\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_handles_are_read_in_every_form_and_spelling(form: str, folder: Path) -> None:
    scenario = loaded(folder, FORMS[form])
    assert left(scenario) == ["00123", "@dee"]
    assert scenario.excluded == (("exclude: list.csv", 2),)


def test_a_single_handle_without_a_header_is_a_file_of_handles(folder: Path) -> None:
    assert left(loaded(folder, "@ann\n")) == ["00123", "@bob", "@dee"]
    assert left(loaded(folder, "00123\n")) == ["@Ann", "@bob", "@dee"]


def test_the_column_is_named_where_its_name_says_nothing(folder: Path) -> None:
    content = "Konto,Grund\n@ann,spaet\n@bob,frech\n"
    with pytest.raises(ScenarioError) as raised:
        loaded(folder, content)
    (problem,) = raised.value.problems
    assert problem.code == "no-creator-column"
    assert problem.place is not None
    assert (problem.place.line, "Konto, Grund" in problem.cause) == (6, True)
    assert left(loaded(folder, content, "{file: list.csv, columns: {creator: konto}}")) == ["00123", "@dee"]
    with pytest.raises(ScenarioError, match='has no column "kanto"'):
        loaded(folder, content, "{file: list.csv, columns: {creator: kanto}}")


def test_a_workbook_is_read_too(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["handle", "why"], ["@ann", "late"], ["@bob", "rude"]):
        sheet.append(row)
    book.save(folder / "list.xlsx")
    data = (folder / "list.xlsx").read_bytes()
    assert left(loaded(folder, data, "{file: list.xlsx}", "list.xlsx")) == ["00123", "@dee"]


def test_unknown_handles_are_counted_in_one_warning(folder: Path) -> None:
    scenario = loaded(folder, "@ann\n@nobody\n@noone\n")
    assert scenario.warnings == ("list.csv: 2 of 3 excluded handles are not in the pool",)
    assert left(scenario) == ["00123", "@bob", "@dee"]
    assert loaded(folder, "handle\n").warnings == ("list.csv names nobody",)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("{file: none.csv}", "pool-missing"),
        ("{file: ../list.csv}", "path-outside"),
        ("{file: /etc/passwd}", "path-absolute"),
        ("{file: list.csv, colums: {creator: a}}", "unknown-key"),
        ("{file: list.csv, columns: {handle: a}}", "unknown-key"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(entry: str, code: str, folder: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        loaded(folder, "@ann\n", entry)
    assert code in {problem.code for problem in raised.value.problems}
    assert all(problem.place is not None and problem.place.line == 6 for problem in raised.value.problems)


def test_a_row_that_does_not_fit_is_refused_and_not_passed_over(folder: Path) -> None:
    with pytest.raises(ScenarioError, match="3 cells"):
        loaded(folder, "handle,why\n@ann,late\n@bob,rude,twice\n")


def test_an_included_creator_in_the_file_is_a_contradiction(folder: Path) -> None:
    (folder / "list.csv").write_text("@ann\n", encoding="utf-8")
    (folder / "s.yaml").write_text(f"{SAID}exclude: [{{file: list.csv}}]\ninclude: ['@ann']\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="both included and excluded"):
        load_scenario(folder / "s.yaml")


def test_a_filter_on_a_column_called_file_is_written_as_a_list(folder: Path) -> None:
    (folder / "pool.csv").write_text(POOL.replace("niche", "file"), encoding="utf-8")
    assert left(loaded(folder, "@ann\n", "{file: [food]}")) == ["00123", "@dee"]


def test_the_file_is_recorded_and_a_plan_is_verified_against_it(folder: Path) -> None:
    scenario = loaded(folder, "@ann\n")
    assert [file.path for file in scenario.inputs] == ["s.yaml", "pool.csv", "list.csv"]
    plan = try_optimize(scenario)
    assert isinstance(plan, Plan)
    said = json.loads(plan.to_json())
    assert said["excluded"] == [{"by": "exclude: list.csv", "count": 1}]
    assert verify(said, load_scenario(folder / "s.yaml")).holds
    other = verify(said, loaded(folder, "@ann\n@zed\n"))
    assert not other.holds
    assert "these files have changed: list.csv" in str(other)


def test_a_changed_scenario_does_not_read_it_again(folder: Path) -> None:
    scenario = loaded(folder, "@ann\n")
    (folder / "list.csv").unlink()
    again = changed_scenario(scenario, {"budget": 100})
    assert left(again) == left(scenario)
    assert again.inputs == scenario.inputs
    assert to_dict(try_optimize(again))["considered"] == 3
