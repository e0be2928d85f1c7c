"""Runs the examples of the pages: what a reader would type, in the order of the page, in a folder of its own.

How a page marks its blocks, in comments that a reader does not see:

    <!-- file: pool.csv -->                    the next block is saved under this name before the page goes on
    <!-- file: pool.csv; encoding: cp1252 -->  the same, in another encoding
    <!-- faulty -->                            the next YAML block is wrong on purpose
    <!-- over: scenarios/booktok.yaml -->      the next YAML block is laid over this scenario and must load
    <!-- edit: FILE | OLD | NEW -->            what the page asks the reader to change in a file

A `console` block shows commands after `$ ` with what they print; a line `...` stands for lines left out. A `python`
block runs; a `text` block right after it shows what it prints.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
LEFT_OUT = "..."
COLUMNS = "110"
PATIENCE_S = 900.0  # only so that a fault does not hang

_FENCE = re.compile(r"^( *)(`{3,})\s*([\w-]*)")
_COMMENT = re.compile(r"^ *<!-- (.+?) -->\s*$")
_SET_UP = re.compile(r"^(python3? -m (venv|pip)|py -m|pip|pipx|uv|git|source|\. |cd |deactivate|\.venv)")
_SECONDS = re.compile(r'("seconds": )[\d.]+')


@dataclass(frozen=True)
class Block:
    """A fenced block: its lines without the page's indentation, and the number of its first line (from 0)."""

    language: str
    lines: tuple[str, ...]
    start: int
    indent: str = ""
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True)
class Edit:
    """A change that the page asks the reader to make in a file."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Shown:
    """A block whose output was compared: what it should show, and what is wrong with it (blank: nothing)."""

    block: Block
    lines: tuple[str, ...]
    wrong: str = ""


def pages() -> list[Path]:
    """Every page with examples: the README and all of docs/."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def steps(text: str) -> list[Block | Edit]:
    """What a page asks for, in order."""
    found: list[Block | Edit] = []
    marks: dict[str, str] = {}
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        fence, comment = _FENCE.match(line), _COMMENT.match(line)
        if fence is not None:
            indent, ticks, language = fence.groups()
            end = next(i for i in range(at + 1, len(lines)) if lines[i].strip() == ticks)
            inside = tuple(inner.removeprefix(indent) for inner in lines[at + 1 : end])
            found.append(Block(language, inside, at + 1, indent, marks))
            marks, at = {}, end
        elif comment is not None and comment[1].startswith("edit:"):
            found.append(Edit(*(part.strip() for part in comment[1].removeprefix("edit:").split("|"))))
        elif comment is not None:
            parts = (part.partition(":") for part in comment[1].split(";"))
            marks = {name.strip(): value.strip() for name, _, value in parts}
        elif line.strip():
            marks = {}
        at += 1
    return found


class Workspace:
    """A folder where one page is followed: its commands, its Python, its files."""

    def __init__(self, folder: Path, page: Path) -> None:
        self.folder = folder / "reader"
        self.folder.mkdir(parents=True)
        self.page = page
        self.names: dict[str, Any] = {"__name__": "__example__"}
        if "tutorial" not in page.parts:
            shutil.copytree(ROOT / "scenarios", self.folder / "scenarios")
        tools = folder / "bin"
        tools.mkdir()
        call = (  # no limit of seconds: what a page shows does not depend on how busy the machine is
            "from optimizer.cli.entry import without_pandas; without_pandas(); "
            "from optimizer.cli import options; options.DEFAULT_TIME_LIMIT_S = None; "
            "from optimizer.cli.main import main; main(prog_name='creatormix')"
        )
        script = tools / "creatormix"
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{call}" "$@"\n', encoding="utf-8")
        script.chmod(0o755)
        self.environment = os.environ | {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "PYTHONIOENCODING": "utf-8",
            "COLUMNS": COLUMNS,
        }

    def follow(self) -> Iterator[Shown]:
        """Follow the page from top to bottom."""
        found = steps(self.page.read_text(encoding="utf-8"))
        for at, step in enumerate(found):
            if isinstance(step, Edit):
                self._edit(step)
                continue
            if "file" in step.marks:
                path = self.folder / step.marks["file"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(step.text.encode(step.marks.get("encoding", "utf-8")))
            if step.language == "console":
                yield self._console(step)
            elif step.language == "python":
                following = found[at + 1] if at + 1 < len(found) else None
                yield self._python(step, following if isinstance(following, Block) else None)
            elif step.language == "yaml":
                self._yaml(step)

    @property
    def is_readme(self) -> bool:
        return self.page == ROOT / "README.md"

    def _edit(self, edit: Edit) -> None:
        path = self.folder / edit.file
        text = path.read_text(encoding="utf-8")
        assert text.count(edit.old) == 1, f'{self.page}: "{edit.old}" is not once in {edit.file}'
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")

    def _console(self, block: Block) -> Shown:
        wanted, now, wrong = [], [], []
        for command, expected in commands(block.lines):
            wanted += [f"$ {line}" if not at else line for at, line in enumerate(command.split("\n"))]
            if _SET_UP.match(command):
                wanted += expected
                continue
            done = self._run(command)
            now = [_plain(line) for line in done.stdout.splitlines()]
            while now and not now[-1]:
                now.pop()
            if not same(expected, now):
                wrong.append(f"$ {command}\n" + "\n".join(difflib.unified_diff(expected, now, "page", "now", n=1)))
                wanted += cut(expected, now)
            else:
                wanted += expected
        return Shown(block, tuple(wanted), "\n".join(wrong))

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )

    def _python(self, block: Block, following: Block | None) -> Shown:
        out = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out):
            code = compile("\n" * block.start + block.text, str(self.page), "exec")
            exec(code, self.names)
        shows = following is not None and following.language == "text" and not self.is_readme
        if following is None or not shows or following.start - block.start - len(block.lines) > 6:
            return Shown(block, block.lines)
        expected, now = list(following.lines), [_plain(line) for line in out.getvalue().splitlines()]
        if same(expected, now):
            return Shown(following, following.lines)
        return Shown(following, tuple(cut(expected, now)), "\n".join(difflib.unified_diff(expected, now, n=1)))

    def _yaml(self, block: Block) -> None:
        """Load what is a scenario, or is marked as laid over one."""
        if "faulty" in block.marks:
            return
        if "over" in block.marks:
            self._load(f"format: 1\nextends: {Path(block.marks['over']).name}\n{block.text}", block.marks["over"])
        elif block.lines[0].startswith("format: 1"):
            self._load(block.text, block.marks.get("file"))

    def _load(self, text: str, beside: str | None) -> None:
        from optimizer import load_scenario

        pool = re.search(r"^creators: *(?:\{ *file: *)?([\w./-]+)", text, re.MULTILINE)
        folders = [(self.folder / beside).parent] if beside else [self.folder, *sorted(self.folder.rglob("*/"))]
        home = next((folder for folder in folders if pool is None or (folder / pool[1]).is_file()), None)
        frame: object | None = None
        if home is None:
            import pyarrow.csv

            home, frame = self.folder, pyarrow.csv.read_csv(ROOT / "scenarios" / "pools" / "booktok.csv")
        path = home / "the page's example.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            load_scenario(path, creators=frame, root=self.folder)
        finally:
            path.unlink()


def commands(lines: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines that it is shown to print."""
    found: list[tuple[str, list[str]]] = []
    goes_on = False
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif goes_on and found:
            found[-1] = (f"{found[-1][0]}\n{line}", [])
        elif found:
            found[-1][1].append(line)
        goes_on = line.endswith("\\") and not (found and found[-1][1])
    return found


def same(expected: list[str], now: list[str]) -> bool:
    """Whether the lines are as expected, with `...` for any lines."""
    expected, now = [_plain(line) for line in expected], [_plain(line) for line in now]
    first, *parts = _parts(expected)
    if not parts:
        return first == now
    at = len(first)
    if now[:at] != first:
        return False
    for part in parts[:-1]:
        starts = (i for i in range(at, len(now) - len(part) + 1) if now[i : i + len(part)] == part)
        start = next(starts, None)
        if start is None:
            return False
        at = start + len(part)
    last = parts[-1]
    return len(now) - len(last) >= at and now[len(now) - len(last) :] == last


def cut(expected: list[str], now: list[str]) -> list[str]:
    """The new lines, cut where the page cuts the old ones: each part from its first line to its last, found again."""
    parts = _parts(expected)
    if len(parts) == 1:
        return now
    kept: list[str] = []
    at = 0
    for number, part in enumerate(parts):
        kept += [LEFT_OUT] if number else []
        if part:
            start = 0 if number == 0 else _like(part[0], now, at)
            end = len(now) if number == len(parts) - 1 else _like(part[-1], now, start + len(part) - 1) + 1
            kept += now[start:end]
            at = end
    return kept


def _parts(lines: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == LEFT_OUT:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _like(line: str, now: list[str], start: int) -> int:
    """Where a line most like this one stands, figures and spacing aside; the first of equals."""
    bare = _bare(line)
    ratios = [difflib.SequenceMatcher(None, bare, _bare(other)).ratio() for other in now[start:]]
    return start + max(range(len(ratios)), key=lambda at: (ratios[at], -at)) if ratios else len(now) - 1


def _bare(line: str) -> str:
    return re.sub(r"\s+|─+", " ", re.sub(r"\d[\d.,]*", "#", line)).strip()


def _plain(line: str) -> str:
    return _SECONDS.sub(r"\g<1>0.0", line.rstrip())
