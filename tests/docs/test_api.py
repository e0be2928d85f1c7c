"""The reference of the Python package is built from its docstrings: whole, without a warning, without the network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

import optimizer
from tests.docs.pages import DOCS, ROOT


def build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """As `make docs` does."""
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", "-b", "html"]
    return subprocess.run([*command, source, out], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("api")
    done = build(DOCS / "api", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return out


def test_every_public_name_has_its_entry(pages: Path) -> None:
    inventory = InventoryFile.loads((pages / "objects.inv").read_bytes(), uri="")
    entries = {name for kind in inventory.data if kind.startswith("py:") for name in inventory.data[kind]}
    assert [name for name in optimizer.__all__ if f"optimizer.{name}" not in entries] == []
    foreign = [name for name in entries if not name.startswith("optimizer.")]
    assert foreign == []


def test_an_entry_shows_parameters_types_and_errors(pages: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (pages / "functions.html").read_text(encoding="utf-8"))
    entry = text[text.index("optimizer.load_scenario(") :][:3000]
    assert re.search(r"changes: Mapping\[str, object\] \| None = None", entry)
    assert "The name of one of the scenario’s variants." in entry
    assert "ScenarioError" in entry


def test_the_pages_ask_nothing_of_other_places(pages: Path) -> None:
    assert len(list(pages.glob("*.html"))) > 6
    for page in pages.rglob("*.html"):
        loaded = re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*>", page.read_text(encoding="utf-8"))
        assert loaded
        assert [tag for tag in loaded if re.search(r"""(?:src|href)=["']?(?:[a-z]+:)?//""", tag)] == []
    for style in pages.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert re.findall(r"@import[^;]*//|url\(\s*[\"']?(?:[a-z]+:)?//", text) == []


def test_a_slip_in_a_docstring_fails(tmp_path: Path) -> None:
    slips = '''"""Slips."""
from optimizer.domain.pool import Pool

def verb(pool: Pool, gap: float, limit: float) -> None:
    """Do it.

    Parameters
    ----------
    pool
        The pool.
    gapp
        The gap.
    """
'''
    (tmp_path / "slips.py").write_text(slips, encoding="utf-8")
    shutil.copy(DOCS / "api" / "conf.py", tmp_path)
    with (tmp_path / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n")
    (tmp_path / "index.rst").write_text("Slips\n=====\n\n.. autofunction:: slips.verb\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "out")
    assert done.returncode == 1
    assert "Unknown parameters {'gapp'}" in done.stderr
    assert re.search(r"Parameters \{('gap', 'limit'|'limit', 'gap')\} not documented", done.stderr)
    assert "reference target not found: optimizer.domain.pool.Pool" in done.stderr
