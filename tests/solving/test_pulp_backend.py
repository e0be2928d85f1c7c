"""What is asked of PuLP's solvers beyond the suite of all: no trust, no noise, and nothing left behind."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer.solving import pulp_backend
from optimizer.solving.highs import FAILED, INFEASIBLE, OPTIMAL, STOPPED, Answer
from optimizer.solving.pulp_backend_worker import Said
from tests.support.models import HARD, INF, clock, model_of

every_bridged = pytest.mark.parametrize("backend", pulp_backend.available())
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
LYING = model_of([5, 4, 3], [([2, 3, 1], -INF, 5), ([4, 1, 2], -INF, 11)], (0, 2), whole=[True, True, False])


@pytest.mark.parametrize(
    "x",
    [
        pytest.param([2.0, 1.0, 1.0], id="breaks a row"),
        pytest.param([2.0, 0.0, math.nan], id="not a number"),
        pytest.param([2.0, 0.0, math.inf], id="infinite"),
        pytest.param([1.5, 0.0, 1.0], id="half a whole"),
        pytest.param([2.0, 0.0], id="too short"),
        pytest.param([2.0, 0.0, 1.0, 0.0], id="too long"),
        pytest.param([], id="empty"),
        pytest.param([0.0, 0.0, 2.1], id="above its bound"),
        pytest.param([0.0, -1.0, 1.0], id="below its bound"),
        pytest.param([2.0, 0.0, 1.0001], id="breaks a row by a little"),
    ],
)
@pytest.mark.parametrize("status", [1, 0, -1, -2, -3])
@pytest.mark.parametrize("sol_status", [1, 2, 0, -1, -2])
def test_values_that_break_the_model_are_no_solution_whatever_is_claimed(
    x: list[float], status: int, sol_status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for late in (False, True):
        said = Said(status=status, sol_status=sol_status, x=x, late=late)
        monkeypatch.setattr(pulp_backend, "ask", lambda *_, said=said: said)
        answer = pulp_backend.solve(LYING, clock(), solver="cbc")
        assert answer.status != OPTIMAL
        assert answer.x is None
        assert (answer.status == INFEASIBLE) == (status == -1 and not late)


@pytest.mark.parametrize(
    ("status", "sol_status", "late", "expected"),
    [
        pytest.param(1, 1, False, OPTIMAL, id="optimal"),
        pytest.param(1, 1, True, STOPPED, id="optimal when the time was up"),
        pytest.param(1, 2, False, STOPPED, id="a plan"),
        pytest.param(0, 0, True, STOPPED, id="unsolved when the time was up"),
        pytest.param(0, 0, False, STOPPED, id="unsolved"),
        pytest.param(-1, -1, False, FAILED, id="infeasible"),
        pytest.param(-2, -2, False, FAILED, id="unbounded"),
        pytest.param(-3, -1, False, FAILED, id="undefined"),
    ],
)
def test_a_plan_that_keeps_the_model_is_kept_and_optimal_only_where_that_is_claimed(
    status: int, sol_status: int, late: bool, expected: str
) -> None:
    answer = pulp_backend.judged(LYING, Said(status=status, sol_status=sol_status, x=[2, 0, 1], late=late))
    assert answer.status == expected
    assert answer.x is not None
    assert answer.x.tolist() == [2, 0, 1]
    assert answer.duals is None


def test_values_are_put_inside_their_bounds_and_whole_ones_are_rounded() -> None:
    x = pulp_backend.solution(LYING, [1.9999999, 0.0000001, -1e-8])
    assert x is not None
    assert x.tolist() == [2, 0, 0]


def test_a_row_of_whole_columns_is_not_overspent_by_a_cent_in_a_million() -> None:
    fees = [33_333_333, 33_333_333, 33_333_335]
    assert pulp_backend.solution(model_of([1] * 3, [(fees, -INF, 100_000_000)]), [1, 1, 1]) is None
    assert pulp_backend.solution(model_of([1] * 3, [(fees, -INF, 100_000_001)]), [1, 1, 1]) is not None


def test_a_solver_that_is_not_here_is_refused_by_name_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r'no solver "abacus" here.*cbc') as caught:
        pulp_backend.solve(LYING, clock(), solver="abacus")
    assert isinstance(caught.value, pulp_backend.SolverMissingError)


def test_cbc_is_here_and_ours_is_not_listed() -> None:
    assert "cbc" in pulp_backend.available()
    assert "highs" not in pulp_backend.available()


def test_a_second_process_that_dies_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulp_backend, "_BEGIN", "import os; os.abort()")
    assert pulp_backend.solve(LYING, clock(), solver="cbc") == Answer(FAILED)


def test_a_second_process_that_cannot_start_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert pulp_backend.solve(LYING, clock(), solver="cbc") == Answer(FAILED)
    monkeypatch.setattr(sys, "executable", "")
    assert pulp_backend.solve(LYING, clock(), solver="cbc") == Answer(FAILED)


def test_a_second_process_that_heeds_no_limit_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulp_backend, "_BEGIN", "import time; time.sleep(3_600)")
    begun = time.monotonic()
    assert pulp_backend.solve(LYING, clock(0.5), solver="cbc") == Answer(STOPPED)
    assert time.monotonic() - begun < 600  # it is not waited for


@every_bridged
def test_a_folder_for_temporary_files_may_have_spaces_in_its_name(
    backend: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "Ana Maria's files -log"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert pulp_backend.solve(LYING, clock(), solver=backend).status == OPTIMAL
    assert list(folder.iterdir()) == []


def test_crossing_bounds_and_no_columns_need_no_solver() -> None:
    assert pulp_backend.solve(model_of([1], [([1], 0, 9)], (3, 2)), clock(), solver="cbc").status == INFEASIBLE
    assert pulp_backend.solve(model_of([], [([], 0, 1)]), clock(), solver="cbc").status == OPTIMAL
    assert pulp_backend.solve(model_of([], [([], 1, 1)]), clock(), solver="cbc").status == INFEASIBLE


def test_importing_the_backend_and_listing_solvers_loads_no_pulp_and_prints_nothing() -> None:
    code = (
        "import sys; from optimizer.solving import pulp_backend\n"
        "assert pulp_backend.available(); sys.exit('pulp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@every_bridged
def test_solving_prints_nothing(backend: str, capfd: pytest.CaptureFixture[str]) -> None:
    pulp_backend.solve(LYING, clock(), solver=backend)
    assert capfd.readouterr() == ("", "")


def running(group: int) -> list[str]:
    """The processes of a group that are not over."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, rest = (folder / "stat").read_text().rsplit(")", 1)
        except OSError:
            continue
        state, _, pgrp = rest.split()[:3]
        if int(pgrp) == group and state not in "ZX":
            found.append(name)
    return found


def ends_soon(group: int) -> bool:
    until = time.monotonic() + 300  # only so that a fault does not hang
    while running(group) and time.monotonic() < until:
        time.sleep(0.02)
    return not running(group)


@on_linux
@every_bridged
def test_nothing_is_left_running_or_lying_about(backend: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    groups, counted = [], []
    start = pulp_backend._started

    def started(folder: Path) -> subprocess.Popen[bytes]:
        process = start(folder)
        groups.append(process.pid)
        return process

    monkeypatch.setattr(pulp_backend, "_started", started)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def cancelled() -> bool:
        counted.append(len(running(groups[0])) if groups else 0)
        return max(counted) > 0 and len(counted) > 20

    assert pulp_backend.solve(HARD, clock(600, cancelled), solver=backend).status == STOPPED
    assert max(counted) > 0
    assert ends_soon(groups[0])
    assert list(tmp_path.iterdir()) == []


@on_linux
def test_the_solver_ends_with_the_process_that_asked(tmp_path: Path) -> None:
    code = (
        "from optimizer.solving import pulp_backend\nfrom tests.support.models import HARD, clock\n"
        "start = pulp_backend._started\n"
        "def told(folder):\n    process = start(folder)\n    print(process.pid, flush=True)\n    return process\n"
        "assert pulp_backend.available()\npulp_backend._started = told\n"
        "pulp_backend.solve(HARD, clock(600), solver='cbc')\n"
    )
    root = Path(__file__).resolve().parents[2]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, env=env, stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        group = int(asking.stdout.readline())
        alive = running(group)  # it was just begun, and is long at it
        os.kill(asking.pid, signal.SIGKILL)
    assert alive
    assert ends_soon(group)
