"""Modules have the field's names: a reader who knows branch and bound finds it, and nobody has to learn ours."""

from __future__ import annotations

import ast
from pathlib import Path

import optimizer

ROOT = Path(optimizer.__file__).parent
BANNED = {  # a word that once stood here, and the field's own
    "bridge": "a backend",
    "cases": "a reduced problem",
    "clash": "a conflict",
    "core": "a restricted MIP",
    "exchange": "local search",
    "scout": "a guided MIP",
    "settling": "reduced-cost fixing",
    "switch": "an indicator",
    "switches": "indicators",
    "tightening": "cutting planes",
    "turns": "strategies",
    "vertex": "an exact basis",
}
TERMS = {
    "branch_and_bound",
    "column_generation",
    "conflict",
    "cutting_planes",
    "exact_basis",
    "lagrangian_bound",
    "mir_cuts",
    "no_good_cuts",
    "reduced_cost_fixing",
    "reduced_problem",
    "restricted_mip",
}


def test_the_engine_is_named_in_the_words_of_the_field() -> None:
    assert {path.stem for path in (ROOT / "solving").glob("*.py")} >= TERMS


def test_no_module_and_no_class_has_a_word_that_nobody_else_uses() -> None:
    found = []
    for folder in ("formulation", "solving", "planning", "verification"):
        for path in (ROOT / folder).rglob("*.py"):
            classes = [
                node.name.lower() for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)
            ]
            found += [f"{path}: {word}: {BANNED[word]}" for word in (path.stem, *classes) if word in BANNED]
    assert found == []
