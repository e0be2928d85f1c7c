"""The command `compare` as a planner meets it: which cases there are, what is printed where, and the exit code."""

from __future__ import annotations

import csv
import json
import os
import pty
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from optimizer.cli.cases import Asked, distinct
from tests.cli.interrupting import interrupted
from tests.cli.running import invoke, run, run_apart
from tests.cli.test_commands import POOL, SCENARIO

VARIANTS = "variants: {lean: {budget: 250}, rich: {budget: 1_500}}\n"
BROKE = "constraints: {many: {quantity: creators, at_least: 4}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scenario.yaml").write_text(f"name: Spring\n{SCENARIO}{VARIANTS}", encoding="utf-8")
    (tmp_path / "other.yaml").write_text("extends: scenario.yaml\nname: Autumn\nbudget: 300\n", encoding="utf-8")
    (tmp_path / "creators.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


def compared(*arguments: str, cwd: Path) -> dict[str, Any]:
    result = run("compare", *arguments, "--json", cwd=cwd)
    assert result.returncode == 0, result.stdout + result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def names(comparison: dict[str, Any]) -> list[str]:
    return [case["name"] for case in comparison["cases"]]


def changes(comparison: dict[str, Any]) -> list[tuple[str | None, dict[str, str]]]:
    return [(case["scenario"]["variant"], case["scenario"]["changes"]) for case in comparison["cases"]]


# --- what differs ---


def test_why_says_what_each_key_accounts_for(folder: Path) -> None:
    found = compared("scenario.yaml", "other.yaml", "--why", cwd=folder)["cases"][1]
    assert found["differs_in"] == [
        {"key": "name", "from": "Spring", "to": "Autumn"},
        {"key": "budget", "from": "1_000", "to": "300"},
    ]
    (part,) = found["against_base"]["accounts"]
    assert (part["key"], part["change"], part["proved"]) == ("budget", found["against_base"]["difference"], True)
    plain = compared("scenario.yaml", "other.yaml", cwd=folder)["cases"][1]
    assert plain["differs_in"] == found["differs_in"]
    assert (plain["against_base"]["accounts"], plain["against_base"]["accounts_note"]) == (None, None)


def test_why_of_cases_and_files_is_printed_and_written(folder: Path) -> None:
    case = 'less: budget=500; exclude=["@bob"]'
    shown = run("compare", "scenario.yaml", "--case", case, "--why", "--out", "found.html", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    page = (folder / "found.html").read_text(encoding="utf-8")
    assert "less: keys that differ from Spring" in page
    assert "accounts for" in page


# --- which cases there are ---


def test_a_scenario_alone_is_compared_with_all_of_its_variants(folder: Path) -> None:
    found = compared("scenario.yaml", cwd=folder)
    assert names(found) == ["Spring", "lean", "rich"]
    assert changes(found) == [(None, {}), ("lean", {}), ("rich", {})]


def test_variants_of_what_a_scenario_extends_count_as_well(folder: Path) -> None:
    assert names(compared("other.yaml", cwd=folder)) == ["Autumn", "lean", "rich"]


def test_several_scenarios_stand_side_by_side_without_their_variants(folder: Path) -> None:
    found = compared("scenario.yaml", "other.yaml", cwd=folder)
    assert names(found) == ["Spring", "Autumn"]
    assert found["cases"][1]["differs"] == ["file other.yaml"]


def test_each_variant_and_each_set_adds_a_case_of_its_own(folder: Path) -> None:
    found = compared("scenario.yaml", "--set", "budget=100", "--variant", "lean", "--set", "budget=700", cwd=folder)
    assert names(found) == ["Spring", "lean", "budget=100", "budget=700"]
    assert changes(found) == [(None, {}), ("lean", {}), (None, {"budget": "100"}), (None, {"budget": "700"})]


def test_a_named_case_has_a_variant_and_several_changes(folder: Path) -> None:
    case = 'no cyd: variant=rich; budget = 1_100; exclude=["@cyd"]'
    found = compared("scenario.yaml", "--case", case, cwd=folder)
    assert names(found) == ["Spring", "no cyd"]
    assert changes(found)[1] == ("rich", {"budget": "1_100", "exclude": '["@cyd"]'})
    assert "@cyd" not in found["creators"]["in_all"]


def test_semicolons_and_colons_in_quotes_belong_to_the_change(folder: Path) -> None:
    rule = 'constraints."a; b: c"={quantity: creators, at_most: 1}'
    found = compared("scenario.yaml", "--case", f"few: {rule}", "--case", rule, cwd=folder)
    assert names(found) == ["Spring", "few", rule]
    assert found["rules"][-1]["name"] == "a; b: c"


def test_with_changes_every_case_and_a_case_of_its_own_wins(folder: Path) -> None:
    found = compared("scenario.yaml", "--with", "budget=400", "--variant", "lean", "--set", "budget=700", cwd=folder)
    assert [case["scenario"]["changes"]["budget"] for case in found["cases"]] == ["400", "400", "700"]
    assert [case["differs"] for case in found["cases"]] == [[], ["variant lean"], ["budget = 700"]]


def test_what_every_case_changes_is_said_once(folder: Path) -> None:
    shown = run("compare", "scenario.yaml", "--with", "budget=400", cwd=folder).stdout
    assert shown.count("budget = 400") == 1
    assert "in every case: budget = 400" in shown


def test_two_scenarios_of_the_same_name_are_called_by_their_paths(folder: Path) -> None:
    (folder / "copy.yaml").write_text((folder / "scenario.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert names(compared("scenario.yaml", "copy.yaml", cwd=folder)) == ["scenario.yaml", "copy.yaml"]


def test_no_two_cases_have_the_same_name() -> None:
    path = Path("a.yaml")
    asked = [Asked("", path), Asked("", path), Asked("lean", path), Asked("lean", path), Asked("lean (2)", path)]
    found = distinct(asked, ["lean"] * 5)
    assert len(set(found)) == 5
    assert found[:2] == ["a.yaml", "a.yaml (2)"]


# --- the answer ---


def test_the_text_goes_to_stdout_and_nothing_else(folder: Path) -> None:
    result = run_apart("compare", "scenario.yaml", cwd=folder)
    assert result.returncode == 0
    assert "3 cases side by side; differences are taken from Spring" in result.stdout
    assert "rich against Spring: " in result.stdout
    assert result.stderr == ""


def test_the_same_command_gives_the_same_bytes_twice(folder: Path) -> None:
    first, second = (run_apart("compare", "scenario.yaml", "--json", cwd=folder).stdout for _ in range(2))
    assert first == second


def test_csv_is_safe_for_spreadsheets_and_raw_csv_is_for_programs(folder: Path) -> None:
    run("compare", "scenario.yaml", "--csv", "--out", "who.csv", cwd=folder)
    assert (folder / "who.csv").read_bytes().startswith(b"\xef\xbb\xbfcreator,offer,Spring,lean,rich\r\n'@ann,")
    rows = list(csv.DictReader(run("compare", "scenario.yaml", "--raw-csv", cwd=folder).stdout.splitlines()))
    assert [row["creator"] for row in rows] == ["@ann", "@bob", "@cyd"]
    assert [row["rich"] for row in rows] == ["1", "1", "1"]


def test_a_set_in_the_header_of_a_csv_cannot_be_run(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(f"name: =1+1\n{SCENARIO}{VARIANTS}", encoding="utf-8")
    assert ",'=1+1," in run("compare", "scenario.yaml", "--csv", cwd=folder).stdout.splitlines()[0]


def test_all_lists_what_is_cut_otherwise(tmp_path: Path) -> None:
    rows = [f"@c{at},food,2000,5%,100" for at in range(60)]
    (tmp_path / "creators.csv").write_text("\n".join([POOL.splitlines()[0], *rows]), encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    asked = ("compare", "scenario.yaml", "--set", "budget=5_500")
    assert re.search(r"\.\.\. 30 more +--all lists them", run(*asked, cwd=tmp_path).stdout)
    assert "--all lists them" not in run(*asked, "--all", cwd=tmp_path).stdout


def test_out_never_replaces_a_file_that_a_case_was_made_from(folder: Path) -> None:
    for name in ("scenario.yaml", "other.yaml", "creators.csv"):
        before = (folder / name).read_bytes()
        result = run("compare", "scenario.yaml", "other.yaml", "--out", name, cwd=folder)
        assert result.returncode == 2
        assert "choose another name" in result.stderr
        assert (folder / name).read_bytes() == before


# --- faults and exit codes ---


def test_a_case_without_a_plan_is_shown_and_the_rest_is_done(folder: Path) -> None:
    result = run(
        "compare",
        "scenario.yaml",
        "--case",
        "none: budget=10; constraints={many: {quantity: creators, at_least: 3}}",
        cwd=folder,
    )
    assert result.returncode == 0
    assert "none: no plan can keep these rules at once (proved): budget, many" in result.stdout
    result = run(
        "compare",
        "scenario.yaml",
        "--set",
        "constraints={many: {quantity: creators, at_least: 9}}",
        "--csv",
        cwd=folder,
    )
    assert result.returncode == 0
    assert "no plan can keep" in result.stderr


def test_where_all_cases_are_infeasible_it_leaves_with_4_and_no_csv(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(SCENARIO + VARIANTS + BROKE, encoding="utf-8")
    (folder / "who.csv").write_text("kept", encoding="utf-8")
    assert run("compare", "scenario.yaml", cwd=folder).returncode == 4
    found = json.loads(run("compare", "scenario.yaml", "--json", cwd=folder).stdout)
    assert found["base"] is None
    assert [case["outcome"] for case in found["cases"]] == ["infeasible"] * 3
    result = run("compare", "scenario.yaml", "--csv", "--out", "who.csv", cwd=folder)
    assert result.returncode == 4
    assert "no case has a plan" in result.stderr
    assert (folder / "who.csv").read_text(encoding="utf-8") == "kept"


def test_the_faults_of_all_cases_are_told_at_once_and_nothing_is_planned(folder: Path) -> None:
    result = run(
        "compare", "scenario.yaml", "--set", "bugdet=3", "--set", "budget=much", "--variant", "leen", cwd=folder
    )
    assert result.returncode == 3
    assert result.stdout == ""
    assert 'did you mean "budget"?' in result.stderr
    assert '"much" is not a number' in result.stderr
    assert 'there is no variant "leen"' in result.stderr
    assert "3 problems in scenario.yaml; nothing was solved." in result.stderr


def test_a_fault_that_every_case_shares_is_told_once(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(SCENARIO.replace("budget", "budgett") + VARIANTS, encoding="utf-8")
    result = run("compare", "scenario.yaml", "--variant", "lean", "--json", cwd=folder)
    assert result.returncode == 3
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["unknown-key"]


def test_a_figure_that_only_one_case_misses_is_found_before_anything_is_planned(folder: Path) -> None:
    result = run("compare", "scenario.yaml", "--set", "objective={maximize: clicks}", cwd=folder)
    assert result.returncode == 3
    assert "nothing was solved" in result.stderr


def test_a_missing_scenario_is_told_in_words(folder: Path) -> None:
    result = run("compare", "scenario.yaml", "nothing.yaml", cwd=folder)
    assert result.returncode == 3
    assert "nothing.yaml cannot be read: no such file" in result.stderr


def test_a_scenario_without_variants_alone_is_nothing_to_compare(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    result = run("compare", "scenario.yaml", cwd=folder)
    assert result.returncode == 2
    assert "there is nothing to compare" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("scenario.yaml", "--gap", "2"),
        ("scenario.yaml", "--json", "--csv"),
        ("scenario.yaml", "--case", "empty:"),
        ("scenario.yaml", "--case", 'open: budget="3'),
        ("scenario.yaml", "--case", "a\x1b[31m: budget=3"),
    ],
)
def test_wrong_usage_leaves_with_2(folder: Path, arguments: tuple[str, ...]) -> None:
    result = run("compare", *arguments, cwd=folder)
    assert result.returncode == 2
    assert "\x1b" not in result.stderr


def test_a_change_that_is_none_is_told_as_in_plan(folder: Path) -> None:
    for option in ("--set", "--with", "--case"):
        result = run("compare", "scenario.yaml", option, "budget", cwd=folder)
        assert result.returncode == 3
        assert "path=value" in result.stderr


def test_a_shipped_scenario_compares(root: Path) -> None:
    result = run("compare", "scenarios/first_test.yaml", "--gap", "0.1", cwd=root)
    assert result.returncode == 0
    assert "gifts only against A first test" in result.stdout


def test_help_has_examples() -> None:
    assert "creatormix compare scenario.yaml" in invoke("compare", "--help").output


# --- while it runs ---


def hard(folder: Path) -> None:
    """Many knapsacks at once: no solver is soon done with these."""
    rng = random.Random(5)
    rows = ["creator,niche,followers,average_engagements,fee"]
    for at in range(400):
        fee, niches = rng.randint(100, 999), "|".join(rng.sample("abcdefghijkl", 5))
        rows.append(f"c{at},{niches},5000,{fee + rng.randint(-40, 40)},{fee}.{rng.randint(10, 99)}")
    (folder / "creators.csv").write_text("\n".join(rows), encoding="utf-8")
    rules = "constraints: {niches: {quantity: spend, per: niche, at_most: 21_000}}\n"
    (folder / "scenario.yaml").write_text(SCENARIO.replace("1_000", "60_000") + rules, encoding="utf-8")


def started(folder: Path, *arguments: str, err: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "optimizer.cli.main", "compare", "scenario.yaml", *arguments]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=err)


def test_ctrl_c_keeps_the_plans_that_are_done_and_names_the_cases_that_are_left_out(tmp_path: Path) -> None:
    hard(tmp_path)
    cases = ("--case", "quick: constraints.niches=null; budget=150", "--set", "budget=50_000", "--set", "budget=40_000")
    asked = (
        "compare",
        "scenario.yaml",
        "--with",
        "budget=200",
        *cases,
        "--json",
        "--gap",
        "0",
        "--time-limit",
        "36000",
    )
    code, out, said = interrupted(tmp_path, *asked, once="(2 of 4)")
    assert code == 0, said
    found = json.loads(out)
    assert found["cases"][0]["outcome"] == "plan"
    assert not found["cases"][0]["stopped"]
    assert found["cases"][-1]["stopped"]
    assert len(found["cases"]) + len(found["not_planned"]) == 4
    assert found["not_planned"]
    assert "stopping with the plans so far" in said


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo terminal")
def test_a_terminal_is_told_which_case_is_being_planned(folder: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        with started(folder, "--json", err=theirs) as process:
            out, _ = process.communicate(timeout=600)
        seen = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert json.loads(out)["base"] == "Spring"
    assert "planning Spring (1 of 3)" in seen
    assert "planning rich (3 of 3)" in seen
