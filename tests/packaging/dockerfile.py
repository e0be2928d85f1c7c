"""The steps of a Dockerfile, and a stand-in that runs them in a folder, as a plain user and without an engine."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = 65_534


@dataclass(frozen=True)
class Step:
    """One instruction: its word, and the rest of the line."""

    word: str
    said: str

    @property
    def parts(self) -> list[str]:
        """What is said, as a list: in brackets, or in words."""
        parts: list[str] = json.loads(self.said) if self.said.startswith("[") else shlex.split(self.said)
        return parts


def steps(text: str) -> Iterator[Step]:
    """The instructions in order, continued lines joined and comments left out."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, said = line.partition(" ")
        yield Step(word.upper(), said.strip())


@dataclass
class Image:
    """What the steps build: a folder that stands for the root of the last stage, and how its command is begun.

    Other stages are moved away when the next begins, so that a command which needs them fails. All is run by a plain
    user, who may read everything, as in an image. What is built belongs to another one.
    """

    context: Path
    folder: Path
    env: dict[str, str]
    become: Callable[[str], list[str]]
    stages: dict[str, Path] = field(default_factory=dict)
    at: str = "/"
    user: str = ""
    entry: list[str] = field(default_factory=list)
    default: list[str] = field(default_factory=list)
    owned: dict[Path, int] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def build(self, text: str) -> None:
        """Run every step."""
        name = ""
        for step in steps(text):
            if step.word == "FROM":
                if name:
                    self.stages[name] = self.root.rename(self.folder / f"stage-{name}")
                name = (step.said.split(" AS ")[1:] or ["last"])[0]
                self.at, self.user = "/", ""
                self.root.mkdir()
            else:
                getattr(self, f"_{step.word.lower()}")(step)
            hand_over(self.root, NOBODY)
        hand_over(self.root, 0)
        for path, owner in self.owned.items():
            hand_over(path, owner)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What a container of the image does with these arguments."""
        return self._execute([*self.entry, *(arguments or self.default)])

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """A container that goes on."""
        command = [*self.become(self.user.partition(":")[0]), *self.entry, *arguments]
        return subprocess.Popen(command, cwd=self.inside(self.at), env=self.env, stderr=subprocess.PIPE, text=True)

    def inside(self, path: str) -> Path:
        """Where a path of the image lies."""
        return self.root / (path if path.startswith("/") else f"{self.at}/{path}").lstrip("/")

    def _workdir(self, step: Step) -> None:
        self.at = step.said
        self.inside(step.said).mkdir(parents=True, exist_ok=True)

    def _copy(self, step: Step) -> None:
        *sources, target = [part for part in step.parts if not part.startswith("--")]
        owner = next((part.removeprefix("--chown=") for part in step.parts if part.startswith("--chown=")), None)
        stage = next((part.removeprefix("--from=") for part in step.parts if part.startswith("--from=")), None)
        for source in sources:
            found = (self.stages[stage] if stage else self.context) / source.lstrip("/")
            into = self.inside(target) / (found.name if target.endswith("/") else "")
            into.parent.mkdir(parents=True, exist_ok=True)
            if found.is_dir():
                shutil.copytree(found, into, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy(found, into)
            if owner:
                self.owned[into] = int(owner.partition(":")[0])

    def _expose(self, step: Step) -> None:
        """Tell which port is listened at, which changes nothing."""

    def _volume(self, step: Step) -> None:
        """Tell where to mount what is kept, which changes nothing."""

    def _run(self, step: Step) -> None:
        done = self._execute(["/bin/sh", "-ec", self._moved(step.said)])
        assert done.returncode == 0, f"{step.said}\n{done.stdout}{done.stderr}"

    def _env(self, step: Step) -> None:
        for said in step.parts:
            name, _, value = said.partition("=")
            self.env[name] = self._moved(re.sub(r"\$\{?(\w+)\}?", lambda found: self.env[found[1]], value))

    def _user(self, step: Step) -> None:
        self.user = step.said

    def _entrypoint(self, step: Step) -> None:
        self.entry = step.parts

    def _cmd(self, step: Step) -> None:
        self.default = step.parts

    def _moved(self, said: str) -> str:
        """Paths of the image as paths in its folder."""
        return re.sub(r"(?<![\w./])/opt/", f"{self.root}/opt/", said)

    def _execute(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        user = self.user.partition(":")[0] or str(NOBODY)
        return subprocess.run(
            [*self.become(user), *command],
            cwd=self.inside(self.at),
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )


def plain_user(readable: Path) -> Callable[[str], list[str]] | None:
    """What begins a command as a plain user, by number, who reads these tests and this folder; None if nothing does."""
    if os.geteuid() != 0:
        return lambda user: []
    for may in ("-all,+dac_read_search", "-all"):

        def become(user: str, may: str = may) -> list[str]:
            caps = [f"--{kind}={may}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
            return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", *caps]

        reads = [sys.executable, "-c", "import os, sys, yaml; os.listdir(sys.argv[1])", str(readable)]
        with suppress(FileNotFoundError):
            if subprocess.run([*become(str(NOBODY)), *reads], capture_output=True, check=False).returncode == 0:
                return become
    return None


def hand_over(folder: Path, user: int) -> None:
    """Give a folder to a user; who is none but a plain user has everything already."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.lchown(path, user, user)


def base(folder: Path, libraries: Path) -> Mapping[str, str]:
    """What stands for the base image: `python` and `pip` of these tests, with the libraries that are installed here.

    pip asks no registry, and builds with the backend that is installed.
    """
    tools = folder / "tools"
    tools.mkdir()
    for name, module in (("python", ""), ("pip", "-m pip")):
        (tools / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {module} "$@"\n', encoding="utf-8")
        (tools / name).chmod(0o755)
    said = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_CONFIG_FILE": os.devnull}
    return said | {"PATH": f"{tools}:/usr/bin:/bin", "PYTHONPATH": str(libraries), "HOME": "/nonexistent"}
