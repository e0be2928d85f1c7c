"""The list of slow tests names tests that there are, and leaves quick ones for every part of the package."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.conftest import SLOW

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "optimizer"


def named_in(path: Path) -> list[str]:
    """The tests of a file, as pytest names them from here."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return [f"{path.relative_to(TESTS).as_posix()}::{name}" for name in names]


EVERY = [name for path in sorted(TESTS.rglob("test_*.py")) for name in named_in(path)]


def test_every_beginning_of_the_list_is_that_of_a_test() -> None:
    known = [beginning.partition("[")[0] for beginning in SLOW]
    assert [one for one in known if not any(name.startswith(one) for name in EVERY)] == []
    assert sorted(SLOW) == SLOW


def test_every_part_of_the_package_has_quick_tests() -> None:
    quick = [name for name in EVERY if not name.startswith(tuple(SLOW))]
    parts = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {part for part in parts if sum(name.startswith(f"{part}/") for name in quick) < 3} == set()
    assert len(quick) > 0.75 * len(EVERY)
