"""What is told to those who change creatormix is true: tasks, files, hooks, libraries."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["CONTRIBUTING.md", "SECURITY.md", "README.md", "CHANGELOG.md"]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def tasks() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))


def commands_of(task: str) -> list[list[str]]:
    """What a task would run, word by word."""
    return [line.split() for line in made("--dry-run", task).splitlines()]


def made(*arguments: str) -> str:
    if shutil.which("make") is None:
        pytest.skip("make is not here")
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_every_task_is_told_and_every_task_that_is_told_exists() -> None:
    told = set(re.findall(r"^\| `make ([a-z]+)` \|", text_of("CONTRIBUTING.md"), re.MULTILINE))
    named = {task for page in PAGES for said in re.findall(r"`make ([a-z ]+)", text_of(page)) for task in said.split()}
    assert told | {"format", "help"} == tasks()
    assert named <= tasks()


def test_make_help_lists_every_task() -> None:
    assert {line.split()[0] for line in made("help").splitlines()} == tasks()


@pytest.mark.parametrize("task", sorted(tasks() - {"help", "clean", "install"}))
def test_each_task_runs_what_the_extra_for_tests_installs(task: str) -> None:
    for command in commands_of(task):
        if command[1] == "-m":
            found = subprocess.run([sys.executable, "-c", f"import {command[2]}"], check=False)
            assert found.returncode == 0, command
        elif command[1] != "-c":
            assert (ROOT / command[1]).is_file(), command


def test_the_readme_and_the_task_run_the_same_tests() -> None:
    assert commands_of("test")[0][1:] == ["-m", "pytest"]
    assert text_of("README.md").split("<!-- test command -->\n```sh\n")[1].split("\n")[0].endswith("-m pytest")


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_pages_beside_the_code_lead_somewhere(page: str) -> None:
    prose = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    for link in re.findall(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)", prose):
        path, _, anchor = link.partition("#")
        assert (ROOT / path).exists(), link
        headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}, link


def test_every_file_that_is_named_exists_and_says_the_words_that_it_is_named_for() -> None:
    said = text_of("CONTRIBUTING.md")
    files = set(re.findall(r"`((?:optimizer|tests|docs|performance)/[\w./-]*)`", said))
    assert len(files) > 25
    assert [name for name in files if not (ROOT / name).exists()] == []
    words = {
        "optimizer/domain/formulas.py": ["def paid", "def cash"],
        "optimizer/domain/quantities.py": ["QUANTITIES", "RATIOS"],
        "optimizer/domain/pay.py": ["class Component", "class PayModel", "MODELS ="],
        "optimizer/domain/constraints.py": ["class Logic", "def keeps"],
        "optimizer/loading/schema.py": ["class LogicTerms"],
        "optimizer/formulation/kinds/rule.py": [
            "class Rule(",
            *(f"def {name}(" for name in ("failure", "rows", "rows_against", "all_rows", "of_nobody")),
            *(f"def {name}(" for name in ("slope", "bounded")),
        ],
        "optimizer/formulation/kinds/registry.py": ["KINDS"],
        "optimizer/planning/kinds.py": ["TELLINGS"],
        "optimizer/cli/options.py": ["def form_of"],
        "optimizer/verification/quantities.py": ["def _spend", "PARTS: dict"],
    }
    assert [(name, word) for name, each in words.items() for word in each if word not in text_of(name)] == []
    for word in (
        "QUANTITIES",
        "RATIOS",
        "Component",
        "PayModel",
        "MODELS",
        "Logic.keeps",
        "LogicTerms",
        "KINDS",
        "TELLINGS",
        "form_of",
    ):
        assert f"`{word}`" in said


def test_hooks_run_tasks_and_fetch_nothing() -> None:
    said = yaml.safe_load(text_of(".pre-commit-config.yaml"))
    assert [repo["repo"] for repo in said["repos"]] == ["local"]
    hooks = said["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == ["make lint", "make types", "make layers", "make quick"]
    assert {hook["entry"].removeprefix("make ") for hook in hooks} <= tasks()
    assert {hook["language"] for hook in hooks} == {"system"}
    assert [hook["id"] for hook in hooks if hook.get("stages") == ["pre-push"]] == ["quick"]


def test_libraries_that_others_share_have_no_upper_bound_but_those_that_are_told() -> None:
    bounded = {re.split(r"[<>=]", said)[0] for said in PYPROJECT["project"]["dependencies"] if "<" in said}
    told = text_of("CONTRIBUTING.md").split("### Libraries")[1].split("##")[0]
    assert bounded == {name for name in re.findall(r"`([a-z]+)`", told) if name not in ("test", "docs", "report")}
    assert all(">=" in said for said in PYPROJECT["project"]["dependencies"])
