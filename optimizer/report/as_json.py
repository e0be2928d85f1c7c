"""Results as plain JSON values: `creatormix/plan/1`, `creatormix/comparison/1` and `creatormix/problems/1`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from optimizer.analysis.comparison import Comparison
from optimizer.errors import Problem
from optimizer.planning.plan import Allocation, NoPlan, Plan
from optimizer.report import words
from optimizer.report.comparison_json import comparison_json


def to_json(result: Plan | NoPlan | Comparison) -> dict[str, Any]:
    """A plan, the reason why there is none, or a comparison, as one object of plain values."""
    if isinstance(result, Comparison):
        return comparison_json(result)
    common = {
        "format": "creatormix/plan/1",
        "scenario": asdict(result.scenario),
        "inputs": [asdict(file) for file in result.inputs],
        "outcome": result.outcome,
    }
    if isinstance(result, NoPlan):
        return {
            **common,
            "reason": result.reason,
            "proof": result.proof,
            "conflict": list(result.conflict),
            "repairs": [
                {
                    "constraint": repair.constraint,
                    "per_value": repair.per_value,
                    "bound": repair.bound,
                    "from": repair.from_,
                    "to": repair.to,
                    "least": repair.least,
                    "option": repair.option,
                    "text": words.repair(result, repair),
                }
                for repair in result.repairs
            ],
            "warnings": list(result.warnings),
            "solver": asdict(result.solver),
        }
    return {
        **common,
        "claim": result.claim,
        "solver_claim": result.solver_claim,
        "currency": result.currency,
        "objective": asdict(result.objective),
        "totals": dict(result.totals),
        "constraints": [asdict(rule) for rule in result.constraints],
        "allocations": [
            allocation_row(booking) | {"estimated": dict(booking.estimated)} for booking in result.allocations
        ],
        "benchmarks": [asdict(used) for used in result.benchmarks],
        "certificate": asdict(result.certificate),
        "warnings": list(result.warnings),
        "solver": asdict(result.solver),
    }


def allocation_row(booking: Allocation) -> dict[str, Any]:
    """One booking as a flat row."""
    return {
        "creator": booking.creator,
        "offer": booking.offer,
        "count": booking.count,
        "exact_count": booking.exact_count,
        "step": booking.step,
        "keeps": booking.keeps,
        **booking.labels,
        **booking.values,
    }


def problems_json(problems: Iterable[Problem]) -> dict[str, Any]:
    """Faults, each with code, place, cause and mend."""
    return {
        "format": "creatormix/problems/1",
        "problems": [
            {
                "code": problem.code,
                "file": problem.place.file if problem.place else None,
                "line": problem.place.line if problem.place else None,
                "column": problem.place.column if problem.place else None,
                "cause": problem.cause,
                "mend": problem.mend,
            }
            for problem in problems
        ],
    }


def dumps(value: dict[str, Any]) -> str:
    """The same bytes for the same value; no NaN or infinity ever gets out."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
