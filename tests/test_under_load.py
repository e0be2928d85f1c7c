"""The script that runs the tests beside busy loops passes on what it is told, and leaves no loop behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

SCRIPT = Path(__file__).parent / "under_load.sh"
PATIENCE = 120.0  # seconds, only so that a fault does not hang


@pytest.fixture
def python(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """The environment in which this shell code stands in for Python."""

    def env(code: str) -> dict[str, str]:
        (tmp_path / "python").write_text(f"#!/bin/sh\n{code}\n", encoding="utf-8")
        (tmp_path / "python").chmod(0o755)
        return {**os.environ, "PYTHON": str(tmp_path / "python")}

    return env


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_the_suite_runs_beside_four_loops_with_its_arguments_and_its_exit_code(
    python: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    env = python(f'cat /proc/$PPID/task/$PPID/children > {tmp_path}/beside\nprintf "%s\\n" "$@"\nexit 5')
    run = subprocess.run(["bash", str(SCRIPT), "-m", "a b"], env=env, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (5, "-m\npytest\n-m\na b\n")
    beside = [int(pid) for pid in (tmp_path / "beside").read_text(encoding="utf-8").split()]
    assert len(beside) == 5
    assert gone(beside)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_loop_is_left_when_the_script_is_ended(python: Callable[[str], dict[str, str]], how: signal.Signals) -> None:
    with subprocess.Popen(
        ["bash", str(SCRIPT)], env=python("echo ready; exec sleep 60"), stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        loops = [pid for pid in children(run.pid) if b"bash" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        others = [pid for pid in children(run.pid) if pid not in loops]
        run.send_signal(how)
        run.wait(PATIENCE)
        assert len(loops) == 4
        assert gone(loops)
        for pid in others if how == signal.SIGKILL else ():
            os.kill(pid, signal.SIGKILL)
    assert run.returncode == (143 if how == signal.SIGTERM else -signal.SIGKILL)
