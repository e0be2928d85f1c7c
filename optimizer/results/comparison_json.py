"""A comparison as plain JSON values: `creatormix/comparison/1`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from optimizer.results.comparison import AgainstBase, Booked, Case, Comparison, KeyChange, Move
from optimizer.results.plan import ConstraintResult


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as one object; lists with one entry per case are in the order of `cases`."""
    return {
        "format": "creatormix/comparison/1",
        "base": comparison.base,
        "cases": [_case(case) for case in comparison.cases],
        "totals": [asdict(row) | {"cases": _each(row.cases, asdict)} for row in comparison.totals],
        "rules": [
            {"name": row.name, "per_value": row.per_value, "alike": row.alike, "cases": _each(row.cases, _rule)}
            for row in comparison.rules
        ],
        "roster": [
            {"creator": row.creator, "offer": row.offer, "cases": _each(row.cases, _bookings)}
            for row in comparison.roster
        ],
        "creators": {
            "in_all": list(comparison.creators.in_all),
            "in_some": [{"creator": one.creator, "cases": list(one.cases)} for one in comparison.creators.in_some],
        },
        "not_compared": list(comparison.not_compared),
        "not_planned": list(comparison.not_planned),
    }


def _each(cells: Iterable[Any], shown: Any) -> list[Any]:
    """One entry per case, null where it has none."""
    return [None if cell is None else shown(cell) for cell in cells]


def _case(case: Case) -> dict[str, Any]:
    return {
        "name": case.name,
        "differs": list(case.differs),
        "differs_in": None if case.differs_in is None else [_key_change(one) for one in case.differs_in],
        "scenario": asdict(case.scenario),
        "inputs": [asdict(file) for file in case.inputs],
        "outcome": case.outcome,
        "claim": case.claim,
        "solver_claim": case.solver_claim,
        "currency": case.currency,
        "objective": None if case.objective is None else asdict(case.objective),
        "forecast": _forecast(case),
        "against_base": None if case.against_base is None else _against_base(case.against_base),
        "reason": case.reason,
        "proof": case.proof,
        "conflict": list(case.conflict),
        "stopped": case.stopped,
        "rounds": case.rounds,
        "warnings": list(case.warnings),
    }


def _forecast(case: Case) -> dict[str, Any] | None:
    """The ranges of the case's totals and goal; None where figures are taken as measured."""
    if case.forecast is None:
        return None
    return {
        name: {"expected": one.expected, "p10": one.p10, "p50": one.p50, "p90": one.p90}
        for name, one in case.forecast.items()
    }


def _against_base(against: AgainstBase) -> dict[str, Any]:
    return {
        "difference": against.difference,
        "relative": against.relative,
        "proved": against.proved,
        "moves": [_move(move) for move in against.moves],
        "accounts": None if against.accounts is None else [asdict(one) for one in against.accounts],
        "accounts_note": against.accounts_note,
    }


def _key_change(change: KeyChange) -> dict[str, Any]:
    return {"key": change.key, "from": change.before, "to": change.after}


def _move(move: Move) -> dict[str, Any]:
    return {
        "creator": move.creator,
        "change": move.change,
        "before": [{"offer": booked.offer} | _bookings(booked) for booked in move.before],
        "after": [{"offer": booked.offer} | _bookings(booked) for booked in move.after],
        "difference": dict(move.difference),
    }


def _bookings(booked: Booked) -> dict[str, Any]:
    return {"count": booked.count, "exact_count": booked.exact_count, "values": dict(booked.values)}


def _rule(rule: ConstraintResult) -> Mapping[str, Any]:
    """How a rule stands, as in a plan, without its name, which is in the row."""
    return {name: value for name, value in asdict(rule).items() if name != "name"}
