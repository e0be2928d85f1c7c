"""`make coverage` counts what all processes of the tests run, and fails below the floor."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.packaging.conftest import ROOT

ONE = "tests/test_house.py::test_the_version_is_one"  # it runs the command in a process of its own


@dataclass(frozen=True)
class Counted:
    """How the task ended, what it said, and the share of each file in percent."""

    code: int
    said: str
    shares: dict[str, float]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    if shutil.which("make") is None:
        pytest.skip("make is not here")
    folder = tmp_path_factory.mktemp("coverage")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    env |= {"COVERAGE_FILE": str(folder / "data")}
    task = ["make", "coverage", f"PYTHON={sys.executable}", f"TESTS={ONE} -n 1"]
    done = subprocess.run(task, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    asked = [sys.executable, "-m", "coverage", "json", "--fail-under=0", "--quiet", "-o", str(folder / "shares.json")]
    subprocess.run(asked, cwd=ROOT, env=env, check=True)
    files = json.loads((folder / "shares.json").read_text(encoding="utf-8"))["files"]
    shares = {name: found["summary"]["percent_covered"] for name, found in files.items()}
    return Counted(done.returncode, done.stdout + done.stderr, shares)


def test_one_test_is_below_the_floor_and_fails(counted: Counted) -> None:
    assert "1 passed" in counted.said
    assert re.search(r"Required test coverage of \d\d(\.0)?% not reached", counted.said), counted.said
    assert counted.code != 0


def test_what_a_process_of_a_test_runs_is_counted(counted: Counted) -> None:
    assert counted.shares["optimizer/cli/main.py"] > 30
    assert counted.shares["optimizer/analysis/planner.py"] == 0


def test_every_file_is_counted_but_for_those_that_are_told(counted: Counted) -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "optimizer").rglob("*.py") if path.read_bytes()}
    left_out = files - set(counted.shares)
    assert left_out == {name for name in files if name.endswith("_worker.py")}
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in told for name in left_out)
