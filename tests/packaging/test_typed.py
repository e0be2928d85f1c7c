"""Who installs the wheel gets types: a checker reads them from outside, and finds the slips of a user's program."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import optimizer

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path, libraries: Path) -> Path:
    """A fresh environment with the wheel in it, and the libraries of this one beside it."""
    folder = tmp_path_factory.mktemp("user")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "env"), at=folder)
    (packages,) = (folder / "env").glob("lib/python*/site-packages")
    run(*PIP, "--target", str(packages), str(wheel), at=folder)
    (packages / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    for program in PROGRAMS.glob("*.py"):  # beside the tests, the checker would take the package from the source
        (folder / program.name).write_bytes(program.read_bytes())
    return folder


PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile")


def run(*command: str, at: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def checked(at: Path, *programs: str) -> str:
    python = at / "env" / "bin" / "python"
    command = [sys.executable, "-m", "mypy", "--strict", "--warn-unreachable", "--show-error-codes", "--config-file="]
    command += ["--cache-dir", str(at / "cache"), "--python-executable", str(python), *programs]
    return subprocess.run(command, cwd=at, capture_output=True, text=True, check=False).stdout


def test_the_wheel_holds_the_package_its_marker_of_types_and_its_license_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = Parser().parsestr(archive.read(next(name for name in names if name.endswith("/METADATA"))).decode())
    assert {name.split("/")[0].split("-")[0] for name in names} == {"creatormix", "optimizer"}
    source = Path(optimizer.__file__).parent
    ours = {path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {name for name in names if name.startswith("optimizer/")} == {
        f"optimizer/{path.relative_to(source).as_posix()}" for path in ours
    }
    assert "optimizer/py.typed" in names
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Version"] == optimizer.__version__


def test_a_program_by_the_public_names_has_no_fault_and_nothing_of_unknown_type(installed: Path) -> None:
    found = checked(installed, "good.py", "good_objects.py")
    assert found == "Success: no issues found in 2 source files\n"


def test_the_program_uses_every_public_name() -> None:
    text = "".join((PROGRAMS / name).read_text(encoding="utf-8") for name in ("good.py", "good_objects.py"))
    assert [name for name in optimizer.__all__ if not re.search(rf"\b{name}\b", text)] == []


def test_every_slip_of_a_program_is_found_where_it_is(installed: Path) -> None:
    program = PROGRAMS / "bad.py"
    lines = program.read_text(encoding="utf-8").splitlines()
    expected = [(at, found[1]) for at, line in enumerate(lines, 1) if (found := re.search(r"# error: (\S+)", line))]
    shown = re.findall(r"bad\.py:(\d+): error: .*\[([\w-]+)\]", checked(installed, program.name))
    assert [(int(at), code) for at, code in shown] == expected


def test_without_the_marker_there_would_be_no_types(installed: Path) -> None:
    """So the tests above read the installed wheel, not the source beside them."""
    (marker,) = (installed / "env").glob("lib/python*/site-packages/optimizer/py.typed")
    marker.rename(marker.with_suffix(".away"))
    try:
        shown = checked(installed, "good_objects.py")
        assert 'analyzing "optimizer": module is installed, but missing library stubs or py.typed marker' in shown
    finally:
        marker.with_suffix(".away").rename(marker)


def test_the_installed_command_answers(installed: Path) -> None:
    python = str(installed / "env" / "bin" / "python")
    assert "wrote mine" in run(python, "-m", "optimizer.cli.main", "new", "mine", at=installed).stdout
    home = run(python, "-c", "import optimizer; print(optimizer.__file__)", at=installed).stdout.strip()
    assert Path(home).is_relative_to(installed)
