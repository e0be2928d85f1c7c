"""Sweeps on a Dask cluster: a real scheduler with two workers, on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from optimizer import sweep
from optimizer.results.as_json import dumps
from tests.analysis.sweeping import loaded, small
from tests.cli.running import run

ROOT = Path(__file__).resolve().parents[2]
VARIED = {"budget": "300:3000:150"}
COMMAND = ("sweep", "s.yaml", "--vary", "budget=200:600:200", "--json")
pytestmark = [
    pytest.mark.skipif(find_spec("distributed") is None, reason="Dask is missing: pip install 'creatormix[cluster]'"),
    pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as POSIX does"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    said, pool = small(5, 12)
    found = tmp_path_factory.mktemp("cluster")
    rows = [",".join(map(str, row)) for row in zip(*pool.values(), strict=True)]
    (found / "pool.csv").write_text("\n".join([",".join(pool), *rows]) + "\n")
    (found / "s.yaml").write_text(dumps(said | {"creators": "pool.csv"}))
    return found


@pytest.fixture(scope="module")
def there(folder: Path) -> dict[str, Any]:
    """What was found on the cluster."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.analysis.on_a_cluster", *COMMAND]
    found = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    value: dict[str, Any] = json.loads(found.stdout)
    return value


def test_a_pool_is_loaded_once_per_worker_and_the_answer_is_the_same_as_here(there: dict[str, Any]) -> None:
    assert there["once"]["sweep"] == sweep(loaded(5, 60), VARIED).to_json()
    assert max(there["once"]["unpacked"]) <= 2  # this sweep's, and that of the command before it
    assert sum(there["once"]["unpacked"]) >= 2


def test_one_worker_is_killed_half_way_and_nothing_is_lost(there: dict[str, Any]) -> None:
    assert there["killed"]["killed"] == 1
    assert there["killed"]["failed"] == 0
    assert there["killed"]["sweep"] == sweep(loaded(7, 60), VARIED).to_json()


def test_the_command_plans_on_a_cluster(there: dict[str, Any], folder: Path) -> None:
    assert there["command"]["code"] == 0, there["command"]["said"]
    assert there["command"]["out"] == run(*COMMAND, cwd=folder).stdout
