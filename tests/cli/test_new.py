"""`creatormix new`: a scenario and a pool that plan at once, and never a half file or one overwritten."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from optimizer import load_scenario, try_optimize
from optimizer.cli import new
from optimizer.cli.main import main
from optimizer.whole_file import write_new

STARTER = Path(new.__file__).parent / "starter"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["new", *arguments])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_without_creators_the_shipped_files_are_written_as_they_are(folder):
    result = invoke("first")
    assert result.exit_code == 0
    files = [Path("first") / name for name in ("scenario.yaml", "creators.csv", "scenario.schema.json")]
    assert result.output.splitlines()[0] == f"wrote {files[0]}, {files[1]} and {files[2]}"
    for file in files:
        assert file.read_bytes() == (STARTER / file.name).read_bytes()
    assert names(folder / "first") == ["creators.csv", "scenario.schema.json", "scenario.yaml"]


@pytest.mark.parametrize("creators", [5, 200, 5_000])
def test_a_scenario_over_an_invented_pool_plans_at_once(folder, creators):
    assert invoke("large", "--creators", str(creators)).exit_code == 0
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-m", "optimizer.cli.main", "plan", "large/scenario.yaml", "--gap", "0.02"]
    result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
    assert "Booked" in result.stdout


@pytest.mark.parametrize(("creators", "seed"), [(2, 1), (2, 2), (3, 1), (12, 2), (40, 1), (60, 2), (1_000, 1)])
def test_every_size_of_pool_has_a_plan(folder, creators, seed):
    assert invoke(".", "--creators", str(creators), "--seed", str(seed)).exit_code == 0
    for variant in (None, "lean"):
        scenario = load_scenario(folder / "scenario.yaml", variant=variant)
        assert try_optimize(scenario, gap=0.3, time_limit_s=None).outcome == "plan"


def test_a_large_pool_keeps_every_rule_of_the_starter(folder):
    invoke("large", "--creators", "2000")
    rules = {rule.name: rule for rule in load_scenario(folder / "large" / "scenario.yaml").constraints}
    starter = load_scenario(STARTER / "scenario.yaml").constraints
    assert list(rules) == [rule.name for rule in starter]


def test_the_scenario_says_which_command_made_the_pool_and_that_nobody_is_real(folder):
    invoke("large", "--creators", "300", "--seed", "7", "--format", "parquet")
    text = (folder / "large" / "scenario.yaml").read_text(encoding="utf-8")
    assert "# Nobody in this file is real" in text
    assert "#   creatormix new FOLDER --creators 300 --seed 7 --format parquet\n" in text
    assert "\ncreators: creators.parquet\n" in text
    assert names(folder / "large") == ["creators.parquet", "scenario.schema.json", "scenario.yaml"]


def test_the_same_command_writes_the_same_bytes(folder):
    for name in ("one", "two"):
        invoke(name, "--creators", "500", "--seed", "3")
    for name in ("scenario.yaml", "creators.csv", "scenario.schema.json"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes()


def test_both_formats_hold_the_same_creators(folder):
    for form in ("csv", "parquet"):
        invoke(form, "--creators", "500", "--format", form)
    csv, parquet = pl.read_csv("csv/creators.csv"), pl.read_parquet("parquet/creators.parquet")
    assert csv.equals(parquet)
    assert csv.height == 500


@pytest.mark.parametrize("taken", ["scenario.yaml", "creators.csv", "scenario.schema.json"])
def test_a_file_that_is_there_is_left_alone_and_nothing_else_is_written(folder, taken):
    (folder / taken).write_text("mine", encoding="utf-8")
    for arguments in (["."], [".", "--creators", "10"]):
        result = invoke(*arguments)
        assert result.exit_code == 2
        assert f"{taken} exists already and is left as it is" in result.output
    assert names(folder) == [taken]
    assert (folder / taken).read_text(encoding="utf-8") == "mine"


def test_a_file_that_appears_meanwhile_is_left_alone_as_well(folder):
    (folder / "b").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_new(folder, [("b", b"ours"), ("a", b"ours")])
    assert names(folder) == ["b"]
    assert (folder / "b").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("good", [0, 1, 2])
def test_a_write_that_fails_leaves_no_file_and_is_told_in_words(folder, monkeypatch, good):
    placed = []
    link = os.link

    def full(source: Path, target: Path) -> None:
        if len(placed) == good:
            raise OSError(28, "No space left on device")
        placed.append(target)
        link(source, target)

    monkeypatch.setattr(os, "link", full)
    result = invoke(".", "--creators", "10")
    assert result.exit_code == 2
    assert "cannot be written: no space left on device" in result.output
    assert names(folder) == []


def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no)


def test_where_a_file_can_have_one_name_only_all_is_as_elsewhere(folder, monkeypatch):
    without_links(monkeypatch)
    assert invoke("first").exit_code == 0
    assert names(folder / "first") == ["creators.csv", "scenario.schema.json", "scenario.yaml"]
    assert (folder / "first" / "creators.csv").read_bytes() == (STARTER / "creators.csv").read_bytes()
    (folder / "b").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_new(folder, [("b", b"ours"), ("a", b"ours")])
    assert names(folder) == ["b", "first"]
    assert (folder / "b").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_a_file_is_told_in_words(folder):
    (folder / "taken").write_text("mine", encoding="utf-8")
    result = invoke("taken", "--creators", "10")
    assert result.exit_code == 2
    assert "cannot be written" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--creators", "0"],
        ["--creators", "1000001"],
        ["--creators", "many"],
        ["--creators", "5", "--seed", "-1"],
        ["--creators", "5", "--format", "xlsx"],
        ["--seed", "5"],
        ["--format", "csv"],
    ],
)
def test_what_makes_no_pool_is_wrong_usage_and_writes_nothing(folder, arguments):
    assert invoke("large", *arguments).exit_code == 2
    assert names(folder) == []


def test_help_shows_how_to_make_a_large_pool():
    assert "creatormix new large --creators 100000 --seed 7 --format parquet" in invoke("--help").output
