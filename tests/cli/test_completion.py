"""The shell completes variants, packs, figures and solvers: quickly, and never with an error."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from optimizer.cli.main import main
from optimizer.domain.figures import FIGURES
from optimizer.packs import names as packs
from optimizer.solving import backends
from tests.docs.pages import read

BASE = "format: 1\ncurrency: EUR\nvariants:\n  lean: {budget: 10}\n  'Zoë two': {budget: 20}\n"
INSTALL = 'eval "$(_CREATORMIX_COMPLETE=bash_source creatormix)"'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    own = "format: 1\nextends: base.yaml\nvariants: {large: {budget: 99}, lean: null}\n"
    (tmp_path / "scenario.yaml").write_text(own, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(*words: str) -> list[str]:
    """What is offered for the last word."""
    *before, last = words
    found = ShellComplete(main, {}, "creatormix", "_CREATORMIX_COMPLETE").get_completions(before, last)
    return [item.value for item in found if item.type == "plain"]


@pytest.mark.parametrize("command", ["plan", "check", "compare"])
def test_variants_of_the_scenario_and_of_what_it_extends_are_offered(command: str) -> None:
    assert offered(command, "scenario.yaml", "--variant", "") == ["Zoë two", "large"]
    assert offered(command, "scenario.yaml", "--variant", "l") == ["large"]
    assert offered(command, "base.yaml", "--variant", "") == ["lean", "Zoë two"]


def test_packs_figures_and_solvers_are_offered() -> None:
    assert offered("benchmarks", "") == list(packs())
    assert offered("benchmarks", "pap-") == ["pap-instagram", "pap-tiktok"]
    assert offered("benchmarks", "--compare", "") == list(FIGURES)
    assert offered("plan", "scenario.yaml", "--solver", "hi")[0] == "highs"


def test_every_solver_that_is_here_is_offered() -> None:
    assert set(backends.names()) <= set(offered("plan", "scenario.yaml", "--solver", ""))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"variants: 3",
        b"variants: {",
        b"- 1",
        b"extends: gone.yaml",
        b"extends: broken.yaml\nvariants: {}",
    ],
)
def test_a_scenario_that_cannot_be_read_offers_nothing(folder: Path, text: bytes) -> None:
    (folder / "broken.yaml").write_bytes(text)
    assert offered("plan", "broken.yaml", "--variant", "") == []


def test_what_is_no_file_offers_nothing(folder: Path) -> None:
    assert offered("plan", "gone.yaml", "--variant", "") == []
    assert offered("plan", ".", "--variant", "") == []
    assert offered("plan", "--variant", "") == []
    (folder / "pipe.yaml").unlink(missing_ok=True)
    if sys.platform != "win32":
        import os

        os.mkfifo(folder / "pipe.yaml")
        assert offered("plan", "pipe.yaml", "--variant", "") == []


def test_completing_loads_no_solver_and_no_frames() -> None:
    code = (
        "import sys\nfrom click.shell_completion import ShellComplete\nfrom optimizer.cli.main import main\n"
        "shell = ShellComplete(main, {}, 'creatormix', '_X')\n"
        "assert shell.get_completions(['plan', 'scenario.yaml', '--variant'], '')\n"
        "assert shell.get_completions(['benchmarks'], '')\n"
        "assert shell.get_completions(['plan', 'scenario.yaml', '--solver'], '')\n"
        "print(sorted(set(sys.modules) & {'highspy','polars','pyarrow','scipy','pydantic','pulp'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_documented_line_makes_bash_complete(folder: Path) -> None:
    assert INSTALL in read("reference/commands.md")
    asked = (
        f"{INSTALL}\n"
        'ask() { COMP_WORDS=(creatormix "$@"); COMP_CWORD=$#; COMPREPLY=(); _creatormix_completion creatormix;'
        ' echo "${COMPREPLY[@]}"; }\n'
        "complete -p creatormix\n"
        "ask pl\nask plan scenario.yaml --variant l\nask benchmarks pap-t\nask plan scenario.yaml --variant nothing\n"
    )
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "--norc", "-c", asked], capture_output=True, text=True, check=False, env={"PATH": path}, cwd=folder
    )
    assert done.stderr == ""
    registered, *answers = done.stdout.splitlines()
    assert re.search(r"_creatormix_completion creatormix$", registered)
    assert answers == ["plan", "large", "pap-tiktok", ""]
