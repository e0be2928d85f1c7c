"""The pages, and the runner of their examples, which lives beside them in docs/."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def tool(name: str) -> ModuleType:
    """A module of docs/, which is no package; they import each other as scripts beside each other do."""
    if name not in sys.modules or getattr(sys.modules[name], "__file__", None) != str(DOCS / f"{name}.py"):
        sys.path.insert(0, str(DOCS))
        try:
            spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            sys.modules[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[name])
        finally:
            sys.path.remove(str(DOCS))
    return sys.modules[name]


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def table_after(page: str, mark: str) -> list[list[str]]:
    """The rows of the first table after a comment, as cells."""
    text = read(page)
    comment = f"<!-- {mark} -->"
    assert text.count(comment) == 1, f"{page} has {text.count(comment)} tables marked {mark}"
    rows = []
    for line in text[text.index(comment) + len(comment) :].lstrip("\n").splitlines():
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows[2:]


def names_in(cells: list[str]) -> list[str]:
    """What stands in backticks in some cells."""
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
