"""The clients of the reference, in curl and in Python, do what the page says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import read
from tests.service.serving import process


def example(name: str) -> str:
    found = re.search(rf"<!-- client: {name} -->\n```\w+\n(.*?)```", read("reference/http-api.md"), re.DOTALL)
    assert found
    return found[1]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_with_curl_runs(tmp_path: Path) -> None:
    with process(tmp_path) as (_, address):
        text = example("curl").replace("http://127.0.0.1:8000", address)
        done = subprocess.run(["bash", "-euc", text], cwd=tmp_path, capture_output=True, text=True, check=True)
    plan = done.stdout[done.stdout.index("{\n") :]
    assert [one["creator"] for one in json.loads(plan)["allocations"]] == ["@bea"]


def test_the_example_in_python_runs(tmp_path: Path) -> None:
    with process(tmp_path) as (_, address):
        text = example("python").replace("http://127.0.0.1:8000", address)
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == "['@bea']\n"
