"""Every fault with its message: tests/messages/CODE.yaml holds a faulty scenario with its files, and what is said.

A file has `files` (the scenario is `s.yaml`), where needed a `command` in place of `check s.yaml`, and `says`. Write
the messages anew, and look at the difference, with

    CREATORMIX_MESSAGES=write .venv/bin/python -m pytest tests/messages -n 0
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from optimizer.cli.main import main
from tests.docs.pages import tool

HERE = Path(__file__).parent
WRITE = os.environ.get("CREATORMIX_MESSAGES") == "write"
CASES = sorted(HERE.glob("*.yaml"))
NOT_AS_FILES = {
    "figure": "of a benchmark pack, which planners do not write: tests/packs",
    "is": "of a benchmark pack",
    "low": "of a benchmark pack",
    "values": "of a benchmark pack",
    "columns": "of a preset, which planners do not write: tests/presets",
    "rows": "of a preset",
    "unit": "of a preset",
    "another-variant": "of the Python interface: tests/analysis/test_replan.py",
    "forget-file": "of the HTTP service: tests/service/test_forget.py",
    "forget-named": "of the HTTP service",
    "frontier-goals": "of --frontier: tests/analysis/test_frontier.py",
    "frontier-quantity": "of --frontier",
    "frontier-same": "of --frontier",
    "vary-inputs": "of --vary: tests/loading/test_varying.py",
    "vary-many": "of --vary",
    "vary-range": "of --vary",
    "vary-step": "of --vary",
    "vary-twice": "of --vary",
    "unknown-rule": "of the Python interface: tests/analysis/test_planner.py",
    "distinct-too-many": "of pools that are too large to be stored: tests/planning/test_words.py",
    "per-too-many": "of such pools: tests/planning/test_words.py",
    "pool-frame": "of tables handed over in Python: tests/pool_file/test_frames.py",
    "yaml-value": "of mappings handed over in Python: tests/loading/test_source.py",
    "pool-column-type": "of Parquet files: tests/pool_file/test_parquet.py",
    "pool-unreadable": "of damaged Parquet files: tests/pool_file/test_parquet.py",
    "pool-not-a-file": "of a folder in place of a file: tests/pool_file/test_read.py",
    "pool-too-large": "of files that are too large to be stored: tests/pool_file/test_read.py",
    "pool-too-many-columns": "of such files",
    "pool-too-many-rows": "of such files",
    "pool-long-row": "of such files",
    "yaml-too-large": "of such files: tests/loading/test_source.py",
    "audience-too-large": "of such files",
    "not-understood": "of values that no model foresees",
}


class Block(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Block.add_representer(str, _text)


def dumped(case: dict[str, Any]) -> str:
    return yaml.dump(case, Dumper=Block, sort_keys=False, allow_unicode=True, width=1_000)


def said(case: dict[str, Any], folder: Path) -> str:
    """What the command tells of the files."""
    for name, text in case["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = CliRunner().invoke(main, case.get("command", ["check", "s.yaml"]))
    assert result.exit_code == case.get("exit", 3), result.output
    assert result.stdout == ""
    return "".join(f"{line.rstrip()}\n" for line in result.stderr.splitlines())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_fault_is_told_with_place_cause_and_cure(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    now = said(case, tmp_path)
    if WRITE:
        path.write_text(dumped(case | {"says": now}), encoding="utf-8")
        return
    assert now == case["says"], "if this is right, write it anew: see the head of this file"
    code = path.stem.partition(".")[0]
    assert code in codes_of(case, tmp_path)


def codes_of(case: dict[str, Any], folder: Path) -> set[str]:
    """The codes of the faults, as the JSON has them."""
    import json

    result = CliRunner().invoke(main, [*case.get("command", ["check", "s.yaml"]), "--json"])
    return {problem["code"] for problem in json.loads(result.stdout)["problems"]}


def test_every_code_has_its_case_and_nothing_else_has_one() -> None:
    codes = {code for code, _, _ in tool("codes").problem_codes()}
    stored = {path.stem.partition(".")[0] for path in CASES}
    assert sorted(codes - stored - set(NOT_AS_FILES)) == [], "store a case in tests/messages"
    assert sorted((stored | set(NOT_AS_FILES)) - codes) == []
    assert sorted(stored & set(NOT_AS_FILES)) == []
