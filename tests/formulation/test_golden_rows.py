"""The rows of each kind of rule, as text: tests/formulation/golden/KIND.SHAPE.yaml.

A file has a `scenario` with its `creators`, and the `rows` that its program has. Those after `when broken:` are only
added where a solution breaks them. Write the rows anew, and look at the difference, with

    CREATORMIX_GOLDEN=write .venv/bin/python -m pytest tests/formulation/test_golden_rows.py -n 0
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from optimizer import load_scenario
from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.planning.certificate import row_names
from tests.messages.test_messages import dumped

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(GOLDEN.glob("*.yaml"))
WRITE = os.environ.get("CREATORMIX_GOLDEN") == "write"


def loaded(path: Path) -> tuple[dict[str, Any], Scenario]:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    basis = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}}
    return case, load_scenario(basis | case["scenario"], creators=case.get("creators"))


def columns_of(scenario: Scenario) -> tuple[Program, list[str]]:
    """The program, and the names of its columns: who is booked, on which offer, on which step; then indicators."""
    estimates = estimate(scenario)
    program, columns = build(estimates), estimates.columns
    named = []
    for at in range(len(columns)):
        name = scenario.pool.ids[int(columns.creator[at])]
        name += f" on {scenario.offers[int(columns.offer[at])].name}" if len(scenario.offers) > 1 else ""
        named.append(name + (f" step {int(columns.step[at]) + 1}" if columns.step[at] else ""))
    return program, [*named, *(f"z{at + 1}" for at in range(len(program.indicators)))]


def rows_of(program: Program, columns: list[str]) -> Iterator[str]:
    every = program.with_all_rows()
    names = row_names(every)
    for at, (name, row) in enumerate(zip(names, every.rows, strict=True)):
        if at == len(program.rows):
            yield "when broken:"
        parts = [(row.coefficient(column), who) for column, who in enumerate(columns)]
        total = " ".join(f"{number:+,} {who}" for number, who in parts if number) or "0"
        low = "" if row.lower is None else f"{row.lower:,} <= "
        high = "" if row.upper is None else f" <= {row.upper:,}"
        yield f"{name}: {low}{total}{high}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_rule_has_these_rows(path: Path) -> None:
    case, scenario = loaded(path)
    assert path.stem.partition(".")[0] in {said.rule_kind for said in scenario.constraints}
    now = "".join(f"{line}\n" for line in rows_of(*columns_of(scenario)))
    if WRITE:
        path.write_text(dumped(case | {"rows": now}), encoding="utf-8")
        return
    assert now == case["rows"], "if this is right, write it anew: see the head of this file"
