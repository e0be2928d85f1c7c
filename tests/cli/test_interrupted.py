"""Ctrl-C before there is a search: every command ends with 130 and a word, wherever it comes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli import interrupts
from optimizer.cli.main import main

POOL = "creator,followers,engagement_rate,fee\na,2000,0.03,50\nb,3000,0.02,60\n"
SCENARIO = "format: 1\ncurrency: EUR\nbudget: 500\nobjective: {maximize: engagements}\ncreators: pool.csv\n"

# The signal comes when a module is looked for, or a function is called: no clock decides it.
AT_IMPORT = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == POINT:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""
AT_CALL = """
import importlib, os, signal
module, _, name = POINT.rpartition(".")
module = importlib.import_module(module)
real = getattr(module, name)
def interrupted(*arguments, **more):
    os.kill(os.getpid(), signal.SIGINT)
    return real(*arguments, **more)
setattr(module, name, interrupted)
"""
# as a library may do that is interrupted while it is imported, or whose second process ended by the same Ctrl-C
TURNED = AT_CALL.replace(
    "    os.kill(os.getpid(), signal.SIGINT)\n",
    "    try:\n        os.kill(os.getpid(), signal.SIGINT)\n        for _ in range(10**6): pass\n"
    "    except KeyboardInterrupt:\n        raise ImportError('it could not be imported') from None\n",
)
BEGIN = "\nimport sys\nsys.argv = ['creatormix', *COMMAND]\nfrom optimizer.cli.entry import run\nrun()\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.csv").write_text(POOL)
    (tmp_path / "s.yaml").write_text(SCENARIO)
    (tmp_path / "plan.json").write_text('{"inputs": [{"path": "s.yaml"}], "scenario": {}}')
    return tmp_path


def ended(folder: Path, how: str, point: str, command: str) -> subprocess.CompletedProcess[str]:
    """How the program ends where Ctrl-C comes at some point; on a system that reports a signal so, as a signal."""
    code = f"POINT, COMMAND = {point!r}, {command.split()!r}\n{how}{BEGIN}"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize(
    ("how", "point", "command"),
    [
        pytest.param(AT_IMPORT, "click", "plan s.yaml", id="click"),
        pytest.param(AT_IMPORT, "optimizer.cli.main", "check s.yaml", id="main"),
        pytest.param(AT_IMPORT, "optimizer.cli.run", "plan s.yaml", id="command"),
        pytest.param(AT_IMPORT, "numpy", "plan s.yaml", id="numpy"),
        pytest.param(AT_IMPORT, "pyarrow", "compare s.yaml --set budget=5", id="pyarrow"),
        pytest.param(AT_IMPORT, "optimizer.solving.engine", "plan s.yaml", id="solver"),
        pytest.param(AT_IMPORT, "optimizer.cli.new", "new here", id="new"),
        pytest.param(AT_IMPORT, "optimizer.verification.verify", "verify plan.json", id="verify"),
        pytest.param(AT_CALL, "optimizer.loading.files.read_table", "plan s.yaml --json", id="reading"),
        pytest.param(AT_CALL, "optimizer.estimation.estimate.bookable", "check s.yaml", id="estimating"),
        pytest.param(TURNED, "optimizer.loading.files.read_table", "plan s.yaml", id="another error"),
    ],
)
def test_ctrl_c_ends_the_program_with_its_own_code(folder: Path, how: str, point: str, command: str) -> None:
    result = ended(folder, how, point, command)
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "interrupted\n")
    assert sorted(path.name for path in folder.iterdir()) == ["plan.json", "pool.csv", "s.yaml"]


@pytest.mark.parametrize(
    ("command", "point"),
    [
        ("plan s.yaml", "optimizer.loading.load.load_scenario"),
        ("plan s.yaml --csv", "optimizer.pool_file.read.read_table"),
        ("plan s.yaml --write-model m.lp", "optimizer.planning.model_file.write_model"),
        ("check s.yaml", "optimizer.analysis.check.build"),
        ("check s.yaml --resolved", "optimizer.loading.load.resolved_values"),
        ("compare s.yaml --set budget=5", "optimizer.estimation.estimate.estimate"),
        ("compare s.yaml --set budget=5", "optimizer.loading.load.load_scenario"),
        ("verify plan.json", "optimizer.loading.load.load_scenario"),
        ("verify plan.json", "optimizer.verification.verify.verify"),
        ("new here", "optimizer.cli.new.write_new"),
        ("new here --creators 20", "optimizer.synthetic.pool.generate_pool"),
        ("benchmarks", "optimizer.packs.read.load"),
        ("schema", "optimizer.loading.json_schema.schema_text"),
    ],
)
def test_every_command_ends_so_wherever_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, point: str
) -> None:
    reached = []

    def interrupted(*_: object, **__: object) -> None:
        reached.append(point)
        raise KeyboardInterrupt

    monkeypatch.setattr(point, interrupted)
    for module in ("optimizer.loading.files.read_table", "optimizer.packs.load", "optimizer.cli.benchmarks.load"):
        if module.rpartition(".")[2] == point.rpartition(".")[2]:
            monkeypatch.setattr(module, interrupted, raising=False)
    result = CliRunner().invoke(main, command.split())
    assert reached
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")
    assert not (folder / "m.lp").exists()


def test_what_fails_without_ctrl_c_fails_as_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ImportError("no such thing")

    monkeypatch.setattr("optimizer.loading.load.load_scenario", broken)
    result = CliRunner().invoke(main, ["plan", "s.yaml"])
    assert (result.exit_code, "a fault of ours" in result.stderr) == (1, True)
    assert not interrupts.came(SystemExit(3))
