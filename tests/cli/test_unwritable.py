"""Where an answer cannot be written: a plain message, exit code 2, and nothing left behind or put out of its place."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer.cli import answering
from optimizer.cli.main import main
from optimizer.solving import pulp_backend
from tests.cli.test_commands import POOL, SCENARIO

OUT = ("--json", "--out", "answer.json")
MODEL = ("--write-model", "answer.lp")
MPS = ("--write-model", "answer.mps")
WAYS = pytest.mark.parametrize("written", [OUT, MODEL, MPS], ids=["out", "lp", "mps"])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "creators.csv").write_text(POOL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(answering.threading, "active_count", lambda: 1)  # else leaving would end the test's process
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def run(*arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """In a process of its own; an administrator's may write as little as anybody else's."""
    barred = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [*(barred if os.geteuid() == 0 else []), sys.executable, "-m", "optimizer.cli.main", *arguments]
    return subprocess.run(command, env=env, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


def there(folder: Path) -> dict[str, bytes | None]:
    """All that is in a folder, with what it holds."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def refused(code: int, told: str, *, about: str) -> None:
    assert code == 2, told
    assert about in told
    assert "Traceback" not in told
    assert "fault of ours" not in told
    assert "wrote" not in told


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a full disk, a write ends in the middle of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@WAYS
@pytest.mark.parametrize("before", [None, b"kept"], ids=["new file", "old file"])
def test_a_disk_that_is_full_in_the_middle_leaves_what_was_there(
    folder: Path, written: tuple[str, ...], before: bytes | None
) -> None:
    if before is not None:
        (folder / written[-1]).write_bytes(before)
    kept = there(folder)
    with files_of_at_most(100):
        result = invoke("plan", "scenario.yaml", *written)
    assert there(folder) == kept
    refused(result.exit_code, result.output, about=f"{written[-1]} cannot be written: ")


@WAYS
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_is_full_at_the_end_leaves_what_was_there(
    folder: Path, written: tuple[str, ...], call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / written[-1]).write_bytes(b"kept")
    kept = there(folder)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((os, "fsync", full) if call == "fsync" else (Path, "replace", full)))
    result = invoke("plan", "scenario.yaml", *written)
    assert there(folder) == kept
    refused(result.exit_code, result.output, about=f"{written[-1]} cannot be written: no space left on device")


def test_a_comparison_on_a_full_disk_leaves_what_was_there(folder: Path) -> None:
    kept = there(folder)
    with files_of_at_most(100):
        result = invoke("compare", "scenario.yaml", "--set", "budget=500", *OUT)
    assert there(folder) == kept
    refused(result.exit_code, result.output, about="answer.json cannot be written: ")


def test_a_starter_on_a_full_disk_leaves_what_was_there(folder: Path) -> None:
    (folder / "made").mkdir()
    with files_of_at_most(100):
        result = invoke("new", "made")
    assert there(folder / "made") == {}
    refused(result.exit_code, result.output, about="made cannot be written: ")


@WAYS
def test_a_folder_in_the_place_of_the_file_is_left_alone(folder: Path, written: tuple[str, ...]) -> None:
    (folder / written[-1]).mkdir()
    (folder / written[-1] / "inside").write_text("kept", encoding="utf-8")
    kept = there(folder)
    result = invoke("plan", "scenario.yaml", *written)
    assert there(folder) == kept
    refused(result.exit_code, result.output, about=written[-1])


@WAYS
def test_a_file_in_the_place_of_a_folder_is_left_alone(folder: Path, written: tuple[str, ...]) -> None:
    kept = there(folder)
    result = invoke("plan", "scenario.yaml", *written[:-1], f"creators.csv/{written[-1]}")
    assert there(folder) == kept
    refused(result.exit_code, result.output, about="cannot be written: not a directory")


@WAYS
def test_a_folder_that_may_only_be_read_is_told(folder: Path, written: tuple[str, ...]) -> None:
    (folder / "fixed").mkdir()
    (folder / "fixed").chmod(0o555)
    kept = there(folder)
    result = run("plan", "scenario.yaml", *written[:-1], f"fixed/{written[-1]}")
    assert there(folder) == kept
    assert result.stdout == ""
    refused(result.returncode, result.stderr, about=f"fixed/{written[-1]} cannot be written: permission denied")


def test_a_starter_in_a_folder_that_may_only_be_read_is_told(folder: Path) -> None:
    (folder / "fixed").mkdir()
    (folder / "fixed").chmod(0o555)
    result = run("new", "fixed/made")
    assert there(folder / "fixed") == {}
    refused(result.returncode, result.stderr, about="fixed/made cannot be written: permission denied")


@WAYS
def test_a_name_that_is_as_long_as_a_file_s_can_be_is_written(folder: Path, written: tuple[str, ...]) -> None:
    name = written[-1].rjust(255, "n")
    result = invoke("plan", "scenario.yaml", *written[:-1], name)
    assert result.exit_code == 0, result.output
    assert (folder / name).stat().st_size > 0


@WAYS
def test_a_name_that_is_too_long_is_told(folder: Path, written: tuple[str, ...]) -> None:
    kept = there(folder)
    result = invoke("plan", "scenario.yaml", *written[:-1], written[-1].rjust(256, "n"))
    assert there(folder) == kept
    refused(result.exit_code, result.output, about="cannot be written: file name too long")


@WAYS
def test_an_answer_through_a_link_goes_where_the_link_points_or_is_refused(
    folder: Path, written: tuple[str, ...]
) -> None:
    (folder / "real").write_bytes(b"kept")
    (folder / written[-1]).symlink_to("real")
    result = invoke("plan", "scenario.yaml", *written)
    assert result.exit_code in (0, 2)
    assert (folder / written[-1]).is_symlink()
    assert ((folder / "real").read_bytes() == b"kept") == (result.exit_code == 2)


@WAYS
def test_links_in_a_circle_are_told(folder: Path, written: tuple[str, ...]) -> None:
    (folder / written[-1]).symlink_to(written[-1])
    result = invoke("plan", "scenario.yaml", *written)
    assert (folder / written[-1]).is_symlink()
    refused(result.exit_code, result.output, about=written[-1])


@WAYS
def test_a_file_that_is_there_keeps_who_may_read_it(folder: Path, written: tuple[str, ...]) -> None:
    (folder / written[-1]).touch()
    (folder / written[-1]).chmod(0o640)
    assert invoke("plan", "scenario.yaml", *written).exit_code == 0
    assert stat.S_IMODE((folder / written[-1]).stat().st_mode) == 0o640


@WAYS
def test_a_device_is_written_to_or_refused_and_never_replaced(folder: Path, written: tuple[str, ...]) -> None:
    (folder / written[-1]).symlink_to(os.devnull)  # by a link: were it replaced itself, the machine would be broken
    result = invoke("plan", "scenario.yaml", *written)
    assert result.exit_code in (0, 2), result.output
    assert stat.S_ISCHR((folder / written[-1]).stat().st_mode)


@WAYS
def test_a_pipe_is_written_to_or_refused_and_never_replaced(folder: Path, written: tuple[str, ...]) -> None:
    os.mkfifo(folder / written[-1])
    reader = os.open(folder / written[-1], os.O_RDONLY | os.O_NONBLOCK)
    try:
        result = invoke("plan", "scenario.yaml", *written)
    finally:
        os.close(reader)
    assert result.exit_code in (0, 2), result.output
    assert stat.S_ISFIFO((folder / written[-1]).stat().st_mode)


def test_the_program_and_the_answer_do_not_go_to_the_same_file(folder: Path) -> None:
    result = invoke("plan", "scenario.yaml", "--write-model", "same.lp", "--out", "./same.lp")
    assert result.exit_code == 2, "one of the two was lost without a word"
    assert not (folder / "same.lp").exists()


@WAYS
def test_an_answer_is_no_more_open_to_others_than_the_user_wants_files_to_be(
    folder: Path, written: tuple[str, ...]
) -> None:
    before = os.umask(0o077)
    try:
        invoke("plan", "scenario.yaml", *written)
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / written[-1]).stat().st_mode) == 0o600


@WAYS
def test_file_and_folder_are_on_the_disk_before_it_is_said_to_be_written(
    folder: Path, written: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds, fsync = [], os.fsync

    def seen(handle: int) -> None:
        kinds.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", seen)
    assert invoke("plan", "scenario.yaml", *written).exit_code == 0
    assert kinds == ["file", "folder"]


def test_where_no_file_can_be_made_beside_the_program_that_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(**_: object) -> None:
        raise OSError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(pulp_backend.tempfile, "TemporaryDirectory", nowhere)
    result = invoke("plan", "scenario.yaml", *MODEL)
    refused(result.exit_code, result.output, about="cannot be written: no usable temporary directory")


@pytest.mark.parametrize(
    "asked",
    [
        ("plan", "scenario.yaml"),
        ("plan", "scenario.yaml", "--json"),
        ("compare", "scenario.yaml", "--set", "budget=500"),
        ("check", "scenario.yaml"),
        ("check", "scenario.yaml", "--json"),
        ("benchmarks",),
        ("schema",),
        ("new", "made"),
        ("--help",),
        ("plan", "--help"),
        ("--version",),
    ],
    ids=" ".join,
)
def test_a_full_disk_behind_stdout_is_told_and_is_no_fault_of_ours(asked: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        result = run(*asked, stdout=full.fileno())
    assert result.returncode != 0
    assert "no space left on device" in result.stderr.lower()
    assert "Traceback" not in result.stderr
    assert "fault of ours" not in result.stderr


def test_the_tool_that_bars_an_administrator_is_here() -> None:
    assert os.geteuid() != 0 or shutil.which("setpriv")
