"""The commands, in the process of the tests or in one of their own.

A process takes most of a second to start, and is used where it is what is tested: its streams, bytes and exit code.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from optimizer.cli.main import main

COLUMNS = "100"


def invoke(*arguments: str) -> Result:
    """A command in this folder."""
    return CliRunner().invoke(main, list(arguments))


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command in some folder; a fault of the program is raised."""
    with contextlib.chdir(cwd):
        result = CliRunner().invoke(main, list(arguments), env={"COLUMNS": COLUMNS}, catch_exceptions=False)
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def run_apart(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, as from a shell."""
    here = Path(__file__).resolve().parents[2]
    env = {**os.environ, "PYTHONPATH": str(here), "COLUMNS": COLUMNS}
    command = [sys.executable, "-m", "optimizer.cli.main", *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", check=False)
