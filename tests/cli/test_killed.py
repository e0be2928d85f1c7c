"""Killed at any moment, or at any step of writing: a file is as it was, or whole and new.

A process that has loaded everything forks the command, so that moments fall on the work and not on the imports.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import POOL, SCENARIO

MOMENTS = 12
FORKING = """
import json, os, signal, sys, time
import highspy, numpy, pyarrow.csv, scipy.sparse, pydantic, rich.table, yaml
import optimizer.cli.new, optimizer.cli.run, optimizer.loading.load, optimizer.planning.optimize, optimizer.report.text
import optimizer.report.as_csv, optimizer.synthetic.pool, optimizer.synthetic.write, optimizer.verification.verify
from optimizer.cli.main import main

EVENTS = ("open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "os.truncate", "os.link", "os.symlink")

def command(arguments, folder, step):
    os.chdir(folder)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1), os.dup2(null, 2)
    seen = 0
    def watch(event, about):
        nonlocal seen
        path = about[0] if about else None
        writes = event != "open" or (isinstance(about[2], int) and about[2] & (os.O_WRONLY | os.O_RDWR))
        if event in EVENTS and writes and isinstance(path, (str, bytes, os.PathLike)):
            if os.path.abspath(os.fsdecode(path)).startswith(os.path.join(folder, "")):
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), signal.SIGKILL)
    if step:
        sys.addaudithook(watch)
    code = 1
    try:
        main(arguments)
    except SystemExit as left:
        code = left.code or 0
    finally:
        os._exit(code)

for line in sys.stdin:
    asked = json.loads(line)
    started = time.monotonic()
    child = os.fork()
    if not child:
        command(asked["arguments"], asked["folder"], asked.get("step"))
    if asked.get("after") is not None:
        time.sleep(asked["after"])
        os.kill(child, asked["signal"])
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([status, time.monotonic() - started]), flush=True)
"""


class Forking:
    """Runs commands, each in a process of its own, and kills them when asked to."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process, self.folder = process, folder

    def run(self, *arguments: str, **more: Any) -> tuple[int, float]:
        """The exit code, minus the signal if killed, and the seconds that it took."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        asked = {"arguments": arguments, "folder": str(self.folder), **more}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        code, seconds = json.loads(self.process.stdout.readline())
        return code, seconds


@pytest.fixture
def forking(tmp_path: Path) -> Any:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    piped = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", FORKING], stdin=piped, stdout=piped, env=env, text=True) as process:
        yield Forking(process, tmp_path)
        assert process.stdin is not None
        process.stdin.close()


def moments(name: str, seconds: float) -> list[tuple[float, int]]:
    """When to kill, and with which signal: over the whole time, half of them over its last third, where it writes."""
    rng = random.Random(name)
    late = [rng.uniform(0.6, 1.05) for _ in range(MOMENTS // 2)]
    drawn = [rng.uniform(0, 1) for _ in range(MOMENTS - len(late))] + late
    return [(0.0, 9), *((seconds * part, 9 if at % 2 else 15) for at, part in enumerate(drawn))]


# --- plan --out ---

PLAN = ("plan", "scenario.yaml", "--json", "--out", "plan.json", "--write-model", "plan.lp")
OLD = '{"outcome": "old"}'


@pytest.fixture
def planning(forking: Forking) -> Forking:
    (forking.folder / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (forking.folder / "creators.csv").write_text(POOL, encoding="utf-8")
    return forking


def plan_in(folder: Path) -> str:
    """What the file of the plan is now: `old`, `new`, or its content where it is neither."""
    text = (folder / "plan.json").read_text(encoding="utf-8")
    model = (folder / "plan.lp").read_text(encoding="utf-8")
    if model != OLD and not (model.startswith("\\ scenario: maximize") and model.endswith("End\n")):
        return f"half a model: {model}"
    if text == OLD:
        return "old"
    try:
        return "new" if json.loads(text)["outcome"] == "plan" and text.endswith("}\n") else text
    except ValueError:
        return text


def old(folder: Path) -> None:
    for name in ("plan.json", "plan.lp"):
        (folder / name).write_text(OLD, encoding="utf-8")


def test_a_plan_killed_at_any_moment_leaves_the_file_as_it_was_or_whole(planning: Forking) -> None:
    old(planning.folder)
    planning.run(*PLAN)
    code, seconds = planning.run(*PLAN)
    assert (code, plan_in(planning.folder)) == (0, "new")
    found: Counter[str] = Counter()
    for after, signal in moments("plan", seconds):
        old(planning.folder)
        planning.run(*PLAN, after=after, signal=signal)
        found[plan_in(planning.folder)] += 1
    assert set(found) <= {"old", "new"}
    assert found["old"]


def test_a_plan_killed_at_any_step_of_writing_leaves_the_file_as_it_was_or_whole(planning: Forking) -> None:
    found, step, code = [], 0, -9
    while code == -9:
        old(planning.folder)
        step += 1
        code, _ = planning.run(*PLAN, step=step)
        found.append(plan_in(planning.folder))
    assert code == 0
    assert step > 4
    assert found == sorted(found, reverse=True)
    assert set(found) == {"old", "new"}


# --- new ---

NEW = ("new", "made", "--creators", "20000")
NAMES = ("scenario.yaml", "creators.csv", "scenario.schema.json")


def made_in(folder: Path) -> dict[str, bytes]:
    return {name: (folder / "made" / name).read_bytes() for name in NAMES if (folder / "made" / name).exists()}


def cleared(folder: Path) -> None:
    if (folder / "made").exists():
        for path in (folder / "made").iterdir():
            path.unlink()
        (folder / "made").rmdir()


def halves(folder: Path, whole: dict[str, bytes]) -> dict[str, int]:
    """The files under their final names that are not whole, with the bytes that they have."""
    return {name: len(content) for name, content in made_in(folder).items() if content != whole[name]}


def test_a_pool_whose_making_is_killed_at_any_moment_is_whole_or_not_there(forking: Forking) -> None:
    code, _ = forking.run(*NEW)
    whole = made_in(forking.folder)
    assert (code, list(whole)) == (0, list(NAMES))
    cleared(forking.folder)
    _, seconds = forking.run(*NEW)
    assert made_in(forking.folder) == whole
    counts = []
    for after, signal in moments("new", seconds):
        cleared(forking.folder)
        forking.run(*NEW, after=after, signal=signal)
        assert halves(forking.folder, whole) == {}
        counts.append(len(made_in(forking.folder)))
    assert 0 in counts


@pytest.mark.parametrize("creators", ["200", "shipped"])
def test_files_whose_making_is_killed_at_any_step_are_whole_or_not_there(forking: Forking, creators: str) -> None:
    asked = ("new", "made") if creators == "shipped" else ("new", "made", "--creators", creators)
    forking.run(*asked)
    whole = made_in(forking.folder)
    found, step, code = {}, 0, -9
    while code == -9:
        cleared(forking.folder)
        step += 1
        code, _ = forking.run(*asked, step=step)
        found[step] = halves(forking.folder, whole)
    assert code == 0
    assert step > 6
    assert {at: half for at, half in found.items() if half} == {}


def test_after_new_was_killed_at_any_step_the_same_command_can_be_given_again(forking: Forking) -> None:
    found, step, code = {}, 0, -9
    while code == -9:
        cleared(forking.folder)
        step += 1
        code, _ = forking.run("new", "made", step=step)
        if code == -9 and "scenario.yaml" not in made_in(forking.folder):  # else it was as good as done
            found[step] = forking.run("new", "made")[0]
    assert {at: again for at, again in found.items() if again} == {}
