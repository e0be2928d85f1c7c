"""Worker processes: each keeps one scenario loaded, answers one job at a time, and can be killed at any moment.

A solver cannot be interrupted everywhere, so that only the end of its process frees its work for certain.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_PREFIX = "creatormix-"


class DiedError(Exception):
    """A worker ended without an answer."""


def remove_left_folders() -> None:
    """Remove the folders of workers whose service was ended together with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)


class Worker:
    """A process with a folder of its own, in which the files of its scenario are."""

    def __init__(self, memory_mb: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self._has: dict[str, bytes] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "optimizer.service.worker", str(self.folder), str(memory_mb)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # so that all that it starts is killed with it
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._writing, self._ending = threading.Lock(), threading.Lock()
        self._ended = False

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def holds(self, files: Mapping[str, bytes]) -> None:
        """Let its folder hold these files and no others."""
        for name in {*self._has} - {*files}:
            (self.folder / name).unlink()
        for path in sorted(self.folder.rglob("*"), reverse=True):  # what is a folder now may be a file next
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        for name, content in files.items():
            if self._has.get(name) != content:
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        self._has = dict(files)

    def ask(self, job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """What it says of a job, line by line, up to its answer; raises DiedError."""
        self.tell(job)
        assert self._process.stdout is not None
        with suppress(ValueError):  # it was killed: its pipe is closed, or its last line is cut
            for line in self._process.stdout:
                said: dict[str, Any] = json.loads(line)
                yield said
                if "progress" not in said:
                    return
        raise DiedError(str(self._process.wait()))

    def tell(self, said: Mapping[str, Any]) -> None:
        """Send a line; what a dead worker is told is lost."""
        assert self._process.stdin is not None
        with self._writing, suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(dict(said)).encode() + b"\n")
            self._process.stdin.flush()

    @property
    def lives(self) -> bool:
        """Whether it goes on."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it with all that it started, and remove its folder; once."""
        with self._ending:
            if not self._ended:
                self._end()
            self._ended = True

    def _end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                assert pipe is not None
                pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)
