"""What the tests of the distribution share: the wheel, built as a release would build it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("creatormix", "optimizer", "_creatormix", "__editable__")  # however it is installed beside the tests


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the build backend itself: nothing is asked of a registry."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all that is installed here, but for creatormix."""
    folder = tmp_path_factory.mktemp("libraries")
    for kind in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(kind).iterdir():
            if not entry.name.startswith(OURS) and entry.suffix != ".pth":
                (folder / entry.name).symlink_to(entry)
    return folder
