"""What the command loads when it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AT_END = "import atexit, sys\natexit.register(lambda: print(sys.modules.get('pandas')))\n"
BEGINS = {
    "installed": "from optimizer.cli.entry import run\nrun()",
    "as a module": "import runpy\nrunpy.run_module('optimizer.cli.main', run_name='__main__')",
}


@pytest.mark.parametrize("begin", BEGINS)
def test_a_plan_of_a_file_is_made_without_pandas(begin: str, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "c.csv").write_text("creator,fee,average_engagements\n@ann,100,50\n")
    (tmp_path / "s.yaml").write_text(
        "format: 1\ncurrency: EUR\nbudget: 500\nobjective: {maximize: engagements}\ncreators: c.csv\n"
    )
    code = f"{AT_END}sys.argv = ['creatormix', 'plan', 's.yaml', '--csv']\n{BEGINS[begin]}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "@ann" in done.stdout
    assert done.stdout.splitlines()[-1] == "None"
