"""The commands as a planner meets them: what is printed where, and with which exit code."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from optimizer.cli.options import Gap
from tests.cli.interrupting import MIDDLE, interrupted
from tests.cli.running import invoke, run, run_apart

SCENARIO = """
format: 1
currency: EUR
budget: 1_000
objective: {maximize: engagements}
creators: creators.csv
"""
POOL = (
    "creator,niche,followers,engagement_rate,fee\n@ann,food,2000,5%,100\n@bob,food,3000,4%,200\n@cyd,pets,9000,2%,900\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "creators.csv").write_text(POOL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_plan_prints_the_plan_on_stdout_and_leaves_with_0(folder: Path) -> None:
    result = run_apart("plan", "scenario.yaml", cwd=folder)
    assert result.returncode == 0
    assert "@ann" in result.stdout
    assert "proved" in result.stdout
    assert result.stderr == ""


def test_plan_as_json_is_one_object_of_the_contract(folder: Path) -> None:
    result = run("plan", "scenario.yaml", "--json", cwd=folder)
    plan = json.loads(result.stdout)
    assert plan["format"] == "creatormix/plan/1"
    assert plan["outcome"] == "plan"
    assert plan["claim"] in ("optimal", "within_gap", "feasible")
    assert [file["path"] for file in plan["inputs"]] == ["scenario.yaml", "creators.csv"]
    assert plan["totals"]["spend"] <= 1000


def test_the_same_command_gives_the_same_bytes_twice_but_for_seconds(folder: Path) -> None:
    def bytes_of() -> str:
        plan = json.loads(run_apart("plan", "scenario.yaml", "--json", cwd=folder).stdout)
        plan["solver"].pop("seconds")
        return json.dumps(plan)

    assert bytes_of() == bytes_of()


def test_csv_guards_handles_from_being_read_as_formulas_and_raw_csv_does_not(folder: Path) -> None:
    assert "'@ann," in run("plan", "scenario.yaml", "--csv", cwd=folder).stdout
    assert "\n@ann," in run("plan", "scenario.yaml", "--raw-csv", cwd=folder).stdout


def test_out_writes_the_answer_to_a_file_and_nothing_to_stdout(folder: Path) -> None:
    result = run("plan", "scenario.yaml", "--json", "--out", "plan.json", cwd=folder)
    assert result.stdout == ""
    assert json.loads((folder / "plan.json").read_text(encoding="utf-8"))["outcome"] == "plan"
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_out_into_a_folder_that_is_not_there_is_told_without_a_traceback(folder: Path) -> None:
    result = run("plan", "scenario.yaml", "--out", "nowhere/plan.txt", cwd=folder)
    assert result.returncode == 2
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["scenario.yaml", "creators.csv", "./creators.csv"])
def test_out_never_replaces_a_file_that_the_plan_was_made_from(folder: Path, name: str) -> None:
    before = (folder / name).read_bytes()
    result = run("plan", "scenario.yaml", "--out", name, cwd=folder)
    assert result.returncode == 2
    assert "choose another name" in result.stderr
    assert (folder / name).read_bytes() == before


def test_csv_without_a_plan_leaves_the_file_as_it_is(folder: Path) -> None:
    (folder / "booked.csv").write_text("kept", encoding="utf-8")
    rule = "constraints: {many: {quantity: creators, at_least: 3}}\n"
    (folder / "scenario.yaml").write_text(SCENARIO + rule, encoding="utf-8")
    result = run("plan", "scenario.yaml", "--csv", "--out", "booked.csv", cwd=folder)
    assert result.returncode == 4
    assert "No plan." in result.stderr
    assert (folder / "booked.csv").read_text(encoding="utf-8") == "kept"


def test_csv_begins_with_the_mark_by_which_spreadsheets_know_utf_8(folder: Path) -> None:
    run("plan", "scenario.yaml", "--csv", "--out", "booked.csv", cwd=folder)
    assert (folder / "booked.csv").read_bytes().startswith(b"\xef\xbb\xbfcreator,")


def test_a_clash_is_told_with_the_bounds_that_clash(folder: Path) -> None:
    rule = "constraints: {many: {quantity: creators, at_least: 3}}\n"
    (folder / "scenario.yaml").write_text(SCENARIO + rule, encoding="utf-8")
    shown = run("plan", "scenario.yaml", cwd=folder).stdout
    assert "- budget: spend at most 1,000.00 EUR" in shown
    assert "- many: creators at least 3" in shown


def test_removing_a_rule_that_is_not_there_is_a_fault_that_names_the_one_meant(folder: Path) -> None:
    rule = "constraints: {beauty: {quantity: creators, at_least: 1}}\n"
    (folder / "scenario.yaml").write_text(SCENARIO + rule, encoding="utf-8")
    result = run("check", "scenario.yaml", "--set", "constraints.beauti=null", cwd=folder)
    assert result.returncode == 3
    assert 'did you mean "beauty"?' in result.stderr


def test_changing_the_bound_of_a_rule_that_is_not_there_names_the_one_meant(folder: Path) -> None:
    rule = "constraints: {beauty: {quantity: creators, at_least: 1}}\n"
    (folder / "scenario.yaml").write_text(SCENARIO + rule, encoding="utf-8")
    result = run("check", "scenario.yaml", "--set", "constraints.beauti.at_least=2", cwd=folder)
    assert result.returncode == 3
    assert 'there is no rule "beauti"' in result.stderr
    assert 'did you mean "beauty"?' in result.stderr


def test_an_amount_that_may_mean_thousands_is_refused(folder: Path) -> None:
    result = run("check", "scenario.yaml", "--set", "budget=20.000", cwd=folder)
    assert result.returncode == 3
    assert "write 20_000 if thousands are meant" in result.stderr


def test_a_small_amount_for_a_group_is_asked_about(folder: Path) -> None:
    rule = "constraints: {food: {quantity: spend, group: {niche: food}, at_most: 25}}\n"
    (folder / "scenario.yaml").write_text(SCENARIO + rule, encoding="utf-8")
    assert "25 means 25 EUR; for a share write a percent sign" in run("check", "scenario.yaml", cwd=folder).stderr


def test_fees_with_the_sign_of_the_currency_are_read(folder: Path) -> None:
    signed = POOL.replace(",100\n", ",100 €\n").replace(",200\n", ",€200\n").replace(",900\n", ",EUR 900\n")
    (folder / "creators.csv").write_text(signed, encoding="utf-8")
    assert "500" not in run("check", "scenario.yaml", cwd=folder).stderr
    plan = json.loads(run("plan", "scenario.yaml", "--json", "--set", "budget=1_200", cwd=folder).stdout)
    assert plan["totals"]["spend"] == 1200


def test_a_faulty_scenario_leaves_with_3_and_prints_problems_on_stderr(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(SCENARIO.replace("budget", "budgett"), encoding="utf-8")
    result = run("plan", "scenario.yaml", cwd=folder)
    assert result.returncode == 3
    assert result.stdout == ""
    assert 'scenario.yaml:4:1: unknown key "budgett"' in result.stderr
    assert 'did you mean "budget"?' in result.stderr
    assert "1 problem in scenario.yaml; nothing was solved." in result.stderr


def test_faults_as_json_go_to_stdout_with_code_place_cause_and_mend(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(SCENARIO.replace("budget", "budgett"), encoding="utf-8")
    result = run("check", "scenario.yaml", "--json", cwd=folder)
    assert result.returncode == 3
    answer = json.loads(result.stdout)
    assert answer["format"] == "creatormix/problems/1"
    assert answer["problems"] == [
        {
            "code": "unknown-key",
            "file": "scenario.yaml",
            "line": 4,
            "column": 1,
            "cause": 'unknown key "budgett"',
            "mend": 'did you mean "budget"?',
        }
    ]


def test_a_clash_of_rules_leaves_with_4_and_names_them(folder: Path) -> None:
    rule = "constraints: {many: {quantity: creators, at_least: 3}}\n"
    (folder / "scenario.yaml").write_text(SCENARIO + rule, encoding="utf-8")
    result = run_apart("plan", "scenario.yaml", cwd=folder)
    assert result.returncode == 4
    assert "budget" in result.stdout
    assert "many" in result.stdout
    assert json.loads(run("plan", "scenario.yaml", "--json", cwd=folder).stdout)["conflict"] == ["budget", "many"]


def test_a_missing_scenario_is_told_in_words(folder: Path) -> None:
    result = run("plan", "nothing.yaml", cwd=folder)
    assert result.returncode == 3
    assert "nothing.yaml cannot be read: no such file" in result.stderr


def test_check_says_how_many_can_be_booked(folder: Path) -> None:
    assert "3 creators can be booked in 3 ways, under 1 rule" in run("check", "scenario.yaml", cwd=folder).stdout


def test_check_resolved_prints_each_value_with_its_origin(folder: Path) -> None:
    result = run("check", "scenario.yaml", "--set", "budget=700", "--resolved", cwd=folder)
    assert "budget: 700  # --set budget=700" in result.stdout
    assert "currency: EUR  # scenario.yaml:3:11" in result.stdout


def test_wrong_usage_leaves_with_2() -> None:
    assert invoke("plan").exit_code == 2
    assert invoke("plan", "x.yaml", "--gap", "2").exit_code == 2
    assert invoke("plan", "x.yaml", "--json", "--csv").exit_code == 2


def test_a_set_without_a_value_is_told_in_words(folder: Path) -> None:
    result = run("plan", "scenario.yaml", "--set", "budget", cwd=folder)
    assert result.returncode == 3
    assert "path=value" in result.stderr


def test_new_writes_a_scenario_that_plans_at_once(tmp_path: Path) -> None:
    assert run("new", "first", cwd=tmp_path).returncode == 0
    result = run("plan", "first/scenario.yaml", cwd=tmp_path)
    assert result.returncode == 0
    assert "My first campaign" in result.stdout


def test_new_leaves_files_that_are_there_alone(tmp_path: Path) -> None:
    run("new", ".", cwd=tmp_path)
    before = (tmp_path / "scenario.yaml").read_bytes()
    result = run("new", ".", cwd=tmp_path)
    assert result.returncode == 2
    assert "exists already" in result.stderr
    assert (tmp_path / "scenario.yaml").read_bytes() == before


def test_a_variant_of_a_shipped_scenario_plans(root: Path) -> None:
    result = run("plan", "scenarios/first_test.yaml", "--variant", "gifts only", "--gap", "0.05", cwd=root)
    assert result.returncode == 0, result.stderr
    assert "gifts only" in result.stdout.splitlines()[0]


def test_help_has_an_example_for_every_command() -> None:
    for command in ("new", "check", "plan"):
        assert f"creatormix {command}" in invoke(command, "--help").output


def test_a_hostile_name_cannot_write_to_the_terminal(folder: Path) -> None:
    (folder / "creators.csv").write_text(POOL.replace("@ann", "@a\x1b[31mnn"), encoding="utf-8")
    result = run("plan", "scenario.yaml", cwd=folder)
    assert result.returncode == 3
    assert "\x1b" not in result.stderr + result.stdout


def test_a_name_with_markup_is_printed_as_it_is(folder: Path) -> None:
    (folder / "creators.csv").write_text(POOL.replace("@ann", "@[bold]ann[/bold]"), encoding="utf-8")
    assert "@[bold]ann[/bold]" in run("plan", "scenario.yaml", cwd=folder).stdout


def test_ctrl_c_gives_the_best_plan_so_far(tmp_path: Path) -> None:
    rng = random.Random(5)
    rows = ["creator,niche,followers,average_engagements,fee"]
    for at in range(400):  # many knapsacks at once: no solver is soon done with these
        fee, niches = rng.randint(100, 999), "|".join(rng.sample("abcdefghijkl", 5))
        rows.append(f"c{at},{niches},5000,{fee + rng.randint(-40, 40)},{fee}.{rng.randint(10, 99)}")
    (tmp_path / "creators.csv").write_text("\n".join(rows), encoding="utf-8")
    rules = "constraints: {niches: {quantity: spend, per: niche, at_most: 21_000}}\n"
    (tmp_path / "scenario.yaml").write_text(SCENARIO.replace("1_000", "60_000") + rules, encoding="utf-8")
    asked = ("plan", "scenario.yaml", "--json", "--gap", "0", "--time-limit", "36000")
    code, out, said = interrupted(tmp_path, *asked, once=MIDDLE)
    assert code == 0, said
    plan = json.loads(out)
    assert plan["outcome"] == "plan"
    assert plan["solver"]["stopped"]
    assert "Ctrl-C" in said


def test_check_finds_rules_that_cannot_be_held(tmp_path):
    text = (
        "format: 1\ncurrency: EUR\nobjective: {maximize: creators}\nwhole: false\n"
        "segments: [{name: tv, fee: 5, available: 3}, {name: radio, fee: 2, available: 3}]\n"
        "constraints: {one: {at_most_one_of: [tv, radio]}}\n"
    )
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
    result = run("check", "scenario.yaml", cwd=tmp_path)
    assert result.returncode == 3
    assert "a rule about who is booked together needs whole bookings" in result.stderr
    assert "one: a rule" not in result.stderr


CLASHING = f"""{SCENARIO.replace("1_000", "2_000")}constraints:
  enough: {{quantity: creators, at_least: 3}}
  few pets: {{quantity: creators, group: {{niche: pets}}, at_most: 0}}
"""


def test_check_can_say_whether_all_rules_can_be_kept(folder: Path) -> None:
    result = invoke("check", "scenario.yaml", "--solve")
    assert result.exit_code == 0
    assert result.stdout.endswith("under 1 rule; all rules can be kept at once\n")
    assert json.loads(invoke("check", "scenario.yaml", "--solve", "--json").stdout)["possible"] is True


def test_check_names_rules_that_clash_with_file_and_line_and_what_would_mend_it(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(CLASHING, encoding="utf-8")
    assert invoke("check", "scenario.yaml").exit_code == 0
    result = invoke("check", "scenario.yaml", "--solve")
    assert result.exit_code == 4
    assert "- enough: creators at least 3 (scenario.yaml:8)\n" in result.stdout
    assert "- few pets: creators at most 0 (scenario.yaml:9)\n" in result.stdout
    assert "- lower enough to 2\n" in result.stdout
    assert "- raise few pets to 1" in result.stdout
    found = json.loads(invoke("check", "scenario.yaml", "--solve", "--json").stdout)
    assert found["format"] == "creatormix/plan/1"
    assert [(rule["name"], rule["file"], rule["line"]) for rule in found["rules"]] == [
        ("enough", "scenario.yaml", 8),
        ("few pets", "scenario.yaml", 9),
    ]
    assert invoke("check", "scenario.yaml", "--solve", "--resolved").exit_code == 2


@pytest.mark.parametrize("gap", ["1%", "1 %", "0.01", "1e-2", " .01", "1.0%"])
def test_a_gap_is_written_in_percent_or_as_a_fraction(gap: str) -> None:
    assert Gap().convert(gap, None, None) == 0.01


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        ("1", "1 is not a share from 0 up to below 100 %; for 1 % write 1%"),
        ("2.5", "2.5 is not a share from 0 up to below 100 %; for 2.5 % write 2.5%"),
        ("100%", "100% is not a share from 0 up to below 100 %"),
        ("-0.1", "-0.1 is not a share from 0 up to below 100 %"),
        ("nan", "nan is not a share from 0 up to below 100 %"),
        ("inf%", "inf% is not a share from 0 up to below 100 %"),
        ("0,5%", "0,5% is not a share such as 1% or 0.01; write 0.5% with a point"),
        ("small", "small is not a share such as 1% or 0.01"),
        ("%", "% is not a share such as 1% or 0.01"),
        ("", " is not a share such as 1% or 0.01"),
    ],
)
def test_a_gap_that_is_no_share_is_refused_in_words(gap: str, said: str) -> None:
    result = invoke("plan", "x.yaml", f"--gap={gap}")
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith(f"Invalid value for '--gap': {said}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("s.yaml",), "s.yaml is not a command; to plan it: creatormix plan s.yaml"),
        (("optimize", "s.yaml"), "there is no command optimize; did you mean plan?"),
        (("comapre", "s.yaml"), "there is no command comapre; did you mean compare?"),
        (
            ("xyz",),
            "there is no command xyz; commands are: alternatives, audience, benchmarks, check, compare, explain, new, "
            "plan, replan, schema, serve, sweep, verify",
        ),
        (
            ("plan", "s.yaml", "--budget", "300"),
            "there is no option --budget; to plan with another value: --set budget=...",
        ),
        (("plan", "s.yaml", "--time-limit", "1m"), "1m is not a number of seconds; write 60"),
        (("plan", "s.yaml", "--time-limit", "2 min"), "2 min is not a number of seconds; write 120"),
        (("plan", "s.yaml", "--time-limit", "soon"), "soon is not a number of seconds, such as 30"),
        (("plan", "s.yaml", "--time-limit", "0"), "0 is not above 0; to stop at once is no search"),
        (("plan", "s.yaml", "--time-limit", "nan"), "nan is not above 0; to stop at once is no search"),
        (("benchmarks", "--compare", "er"), 'there is no figure "er"; did you mean "engagement_rate"?'),
        (("benchmarks", "--compare", "CTR"), 'there is no figure "CTR"; did you mean "click_rate"?'),
    ],
)
def test_wrong_usage_says_what_was_meant(arguments: tuple[str, ...], said: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith(said)


def test_a_scenario_that_is_verified_is_told_what_a_plan_is(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("format: 1\n", encoding="utf-8")
    result = invoke("verify", str(tmp_path / "s.yaml"))
    assert result.exit_code == 6
    assert "it is what `creatormix plan SCENARIO --json --out plan.json` writes" in result.stdout
