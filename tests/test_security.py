"""What SECURITY.md promises of the code: it asks nothing of the network, and runs nothing that it reads."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FORBIDDEN_MODULES = {"ftplib", "http", "marshal", "pickle", "requests", "shelve", "smtplib", "socket", "ssl", "urllib"}
UNSAFE = {f"yaml.{name}" for name in ("CLoader", "FullLoader", "Loader", "UnsafeLoader", "full_load", "unsafe_load")}
FETCHING = {"urllib", "urllib.request", "urllib.robotparser", "urllib.error"}  # urllib.parse takes addresses apart
LISTENING = [ROOT / "optimizer" / "service" / "serving.py"]  # which asks nobody: it is asked
FORBIDDEN_CALLS = {"compile", "eval", "exec", "__import__"}


@pytest.mark.parametrize("path", sorted((ROOT / "optimizer").rglob("*.py")), ids=lambda path: path.stem)
def test_no_code_asks_the_network_or_runs_what_it_reads(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        allowed = {"urllib", *(["socket"] if path in LISTENING else [])}
        found += [name for name in names if name.split(".")[0] in FORBIDDEN_MODULES - allowed or name in FETCHING]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            found.append(node.func.id)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in UNSAFE:
            found.append(ast.unparse(node))
    assert found == []
