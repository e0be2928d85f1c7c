"""No kind of rule without golden rows, a page, words in the answer, a way to repair it, and a twin in the verifier."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, to_json, try_optimize, verify
from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, IF, TOGETHER, Constraint, Logic
from optimizer.domain.filters import Filter
from optimizer.formulation.kinds.registry import KINDS
from optimizer.planning.kinds import TELLINGS
from optimizer.verification.kinds.registry import TWINS
from tests.formulation.test_golden_rows import CASES, loaded

FRAME: dict[str, list[Any]] = {
    "creator": ["@a", "@b", "@c"],
    "followers": [2_000, 4_000, 20_000],
    "fee": ["10", "20", "30"],
}
ALL_THREE = {"quantity": "creators", "at_least": 3, "negotiable": False}
CLASHING: dict[str, dict[str, Any]] = {
    "amounts": {"quantity": "spend", "at_most": 40},
    "each": {"quantity": "spend", "per": "creator", "at_most": 25},
    "logic": {"at_most_one_of": ["@a", "@b"]},
}


def test_every_kind_has_golden_rows_and_nothing_else_has() -> None:
    assert {path.stem.partition(".")[0] for path in CASES} == set(KINDS)


def test_every_shape_of_a_rule_has_golden_rows() -> None:
    shapes: set[tuple[object, ...]] = set()
    for path in CASES:
        for said in loaded(path)[1].constraints:
            if isinstance(said, Logic):
                shapes.add(("logic", said.kind))
                continue
            assert isinstance(said, Constraint)
            of = "budget" if said.of_budget else "group" if said.of else "plan" if isinstance(said.of, Filter) else None
            how = said.for_each or ("value" if said.per else None)
            shapes.add((said.rule_kind, said.kind, of, how, said.or_none))
    assert shapes >= {
        *(("logic", kind) for kind in (AT_MOST_ONE, EXACTLY_ONE, TOGETHER, IF)),
        *(("amounts", "share", of, None, False) for of in ("plan", "group", "budget")),
        *(("amounts", kind, of, "value", False) for kind, of in (("absolute", None), ("share", "plan"))),
        *(("amounts", "share", of, None, True) for of in ("plan", "budget")),
        ("amounts", "absolute", None, None, False),
        ("amounts", "ratio", None, None, False),
        ("amounts", "absolute", None, None, True),
        ("amounts", "absolute", None, "value", True),
        *(("each", kind, None, who, False) for kind in ("absolute", "ratio") for who in ("creator", "talent")),
        *(("each", "share", "plan", who, False) for who in ("creator", "talent")),
        *(("each", "share", of, "creator", False) for of in ("group", "budget")),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_in_the_reference(kind: str, root: Path) -> None:
    page = (root / "docs" / "reference" / "scenario.md").read_text(encoding="utf-8")
    _, _, chapter = page.partition("\n## constraints\n")
    chapter, _, _ = chapter.partition("\n## ")
    assert KINDS[kind].keys
    assert [key for key in KINDS[kind].keys if not re.search(f"`{key}[`:]", chapter)] == []


def test_every_kind_is_told() -> None:
    assert set(TELLINGS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_repaired(kind: str) -> None:
    """Its rule is in conflict with one that is not negotiable; after the repair that is told, there is a plan."""
    said: dict[str, Any] = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": "creators"},
        "constraints": {"all": ALL_THREE, "it": CLASHING[kind]},
    }
    scenario = load_scenario(said, creators=FRAME)
    assert scenario.constraints[1].rule_kind == kind
    result = try_optimize(scenario, gap=0)
    assert isinstance(result, NoPlan)
    assert set(result.conflict) == {"all", "it"}
    (repair,) = result.repairs
    assert repair.constraint == "it"
    changed = None if repair.bound is None else {**CLASHING[kind], repair.bound: repair.to}
    rules = {"all": ALL_THREE, **({} if changed is None else {"it": changed})}
    assert isinstance(try_optimize(load_scenario(said | {"constraints": rules}, creators=FRAME), gap=0), Plan)


def test_every_kind_has_a_twin_in_the_verifier() -> None:
    assert set(TWINS) == set(KINDS)


@pytest.mark.parametrize("per", ["creator", "talent"])
def test_a_conflict_with_a_share_of_nothing_is_proved_so_that_a_reader_agrees(per: str) -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "quantities": ["clips"],
        "objective": {"maximize": "creators"},
        "constraints": {
            "none": {"quantity": "clips", "per": per, "at_most": "0%"},
            "some": {"quantity": "clips", "at_least": 1},
        },
    }
    scenario = load_scenario(said, creators=FRAME | {"clips": [0, 1, 2], "talent": ["Ana", "Ana", None]})
    answer = try_optimize(scenario, gap=0)
    assert isinstance(answer, NoPlan)
    assert answer.outcome == "infeasible"
    assert verify(json.loads(to_json(answer)), scenario).holds
