"""Results as plain values and as JSON: a plan, a comparison, a verification, problems; each names its format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from optimizer.domain.doubts import Doubt
from optimizer.errors import Problem
from optimizer.results import words
from optimizer.results.alternatives import Alternatives
from optimizer.results.alternatives_json import alternatives_json
from optimizer.results.audience import AudienceFit
from optimizer.results.audience_json import audience_json
from optimizer.results.common import ClashingRule, Conflict, Repair
from optimizer.results.comparison import Comparison
from optimizer.results.comparison_json import comparison_json
from optimizer.results.explanation import Explanation
from optimizer.results.explanation_json import explanation_json
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Allocation, Plan
from optimizer.results.proof import BookingAt, Certificate, ProofCase, ProofStage, Refutation
from optimizer.results.stated import digest
from optimizer.results.sweep import Sweep
from optimizer.results.sweep_json import sweep_json
from optimizer.results.verification import Verification
from optimizer.unseen import visible

Result = Plan | NoPlan | Comparison | Alternatives | AudienceFit | Explanation | Sweep | Verification


def to_dict(result: Result) -> dict[str, Any]:
    """A result as one object of plain values, which `json.dumps` takes; its fields are those of `to_json`.

    Parameters
    ----------
    result
        A plan, or any other result.
    """
    if isinstance(result, Verification):
        differences = [asdict(difference) for difference in result.differences]
        return {"format": "creatormix/verification/1", **asdict(result), "differences": differences}
    if isinstance(result, Comparison):
        return comparison_json(result)
    if isinstance(result, Alternatives):
        return alternatives_json(result)
    if isinstance(result, AudienceFit):
        return audience_json(result.fitted)
    if isinstance(result, Explanation):
        return explanation_json(result)
    if isinstance(result, Sweep):
        return sweep_json(result)
    value = _plan_json(result)
    return value | {"digest": digest(value)}


def to_json(result: Result) -> str:
    """A result as JSON text, byte for byte what the command prints with `--json`; it ends with a line break.

    Parameters
    ----------
    result
        A plan, or any other result.
    """
    return dumps(to_dict(result))


def _goals(plan: Plan) -> dict[str, Any]:
    """All goals in order, if there are several."""
    goals = [asdict(goal) | {"certificate": goal.certificate and _certificate(goal.certificate)} for goal in plan.goals]
    return {"goals": goals} if goals else {}


def with_carried(plan: Plan, cells: Mapping[str, Mapping[str, str | None]]) -> str:
    """The JSON of a plan with columns of the file of creators (heading -> creator -> cell), which no digest covers."""
    creators = dict.fromkeys(booking.creator for booking in plan.allocations)
    carried = {name: {column: mine.get(name) for column, mine in cells.items()} for name in creators}
    return dumps(to_dict(plan) | {"carried": carried})


def _plan_json(result: Plan | NoPlan) -> dict[str, Any]:
    common = {
        "format": "creatormix/plan/1",
        "scenario": asdict(result.scenario),
        "inputs": [asdict(file) for file in result.inputs],
        "outcome": result.outcome,
    }
    if isinstance(result, NoPlan):
        return {
            **common,
            **_replanned(result),
            **_forecast(result),
            "reason": result.reason,
            "proof": result.proof,
            **clash_json(result),
            "clashes": [_clash(conflict) for conflict in result.conflicts],
            "rules": [_clashing(rule) for rule in result.rules],
            "certificate": None if result.certificate is None else _certificate(result.certificate),
            **excluded_json(result),
            "warnings": list(result.warnings),
            "doubts": doubts_json(result.doubts),
            "solver": asdict(result.solver),
            "units": _units(result),
        }
    return {
        **common,
        **_replanned(result),
        **_forecast(result),
        "claim": result.claim,
        "solver_claim": result.solver_claim,
        "currency": result.currency,
        "objective": asdict(result.objective),
        **_goals(result),
        "totals": dict(result.totals),
        **_people(result),
        "constraints": [asdict(rule) for rule in result.constraints],
        "allocations": [
            allocation_row(booking)
            | {"estimated": dict(booking.estimated)}
            | ({"forecast": {name: asdict(one) for name, one in booking.forecast.items()}} if booking.forecast else {})
            for booking in result.allocations
        ],
        "empty": result.empty,
        **clash_json(result),
        "clashes": [_clash(conflict) for conflict in result.conflicts],
        "more_budget": None if result.more_budget is None else asdict(result.more_budget),
        "benchmarks": [asdict(used) for used in result.benchmarks],
        "definitions": dict(result.definitions),
        "certificate": _certificate(result.certificate),
        **excluded_json(result),
        "runners_up": list(result.runners_up),
        "unspent": None if result.unspent is None else asdict(result.unspent),
        "warnings": list(result.warnings),
        "doubts": doubts_json(result.doubts),
        "solver": asdict(result.solver),
        "units": _units(result),
    }


def _replanned(result: Plan | NoPlan) -> dict[str, Any]:
    """What is committed and what has changed; nothing of a plan that follows from no other one."""
    found: dict[str, Any] = {}
    if isinstance(result, Plan) and result.replan is not None:
        found["replan"] = asdict(result.replan) | {"earlier": list(result.replan.earlier)}
        found["changes"] = [asdict(change) for change in result.changes]
    if result.committed is not None:
        agreed = [asdict(booking) for booking in result.committed.bookings]
        found["committed"] = asdict(result.committed) | {
            "bookings": agreed,
            "declined": list(result.committed.declined),
        }
    return found


def _forecast(result: Plan | NoPlan) -> dict[str, Any]:
    """What was expected; nothing where figures are taken as measured, as older versions did."""
    if result.forecast is None:
        return {}
    said = asdict(result.forecast)
    ranges = said.pop("ranges")
    said["rules"] = list(said["rules"])
    return {"forecast": said | {name: _range(one) for name, one in ranges.items()}}


def _people(plan: Plan) -> dict[str, Any]:
    """Whom a plan reaches; nothing where that is not known."""
    if plan.people is None:
        return {}
    shared = [{"creators": list(pair.creators), "people": pair.people} for pair in plan.people.shared]
    return {"people": asdict(plan.people) | {"shared": shared}}


def _range(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "alone": dict(zip(("p10", "p50", "p90"), one["alone"], strict=True))}


def doubts_json(doubts: Iterable[Doubt]) -> list[dict[str, Any]]:
    """Doubts, each with its place, what was found, why it matters, and how to settle it."""
    return [
        {
            "code": doubt.code,
            "certain": doubt.certain,
            **{key: getattr(doubt.place, key, None) for key in ("file", "line", "column")},
            "creator": doubt.creator,
            "what": doubt.what,
            "why": doubt.why,
            "mend": doubt.mend,
        }
        for doubt in doubts
    ]


def excluded_json(result: Plan | NoPlan) -> dict[str, Any]:
    """How many creators can be booked, and by what the others are left out."""
    excluded = None if result.excluded is None else [asdict(one) for one in result.excluded]
    return {"considered": result.considered, "excluded": excluded}


def _units(result: Plan | NoPlan) -> dict[str, Any]:
    """What the numbers are counted in."""
    return {"currency": result.currency, "decimals": result.decimals, "quantities": dict(result.units)}


def _clash(conflict: Conflict) -> dict[str, Any]:
    """A conflict with its rules, as a text shows it."""
    rules = [_clashing(rule) for rule in conflict.rules]
    return {"names": list(conflict.names), "says": conflict.says, "rules": rules}


def clash_json(result: Plan | NoPlan) -> dict[str, Any]:
    """Conflicts of rules, and their repairs."""
    return {
        "conflict": list(result.conflict),
        "conflicts": [list(conflict.names) for conflict in result.conflicts],
        "repairs": [_repair(result, repair) for repair in result.repairs],
    }


def _repair(result: Plan | NoPlan, repair: Repair) -> dict[str, Any]:
    return {
        "constraint": repair.constraint,
        "per_value": repair.per_value,
        "bound": repair.bound,
        "from": repair.from_,
        "to": repair.to,
        "leaves": None if repair.leaves is None else dict(zip(("from", "to"), repair.leaves, strict=True)),
        "least": repair.least,
        "option": repair.option,
        "text": words.repair(result, repair),
        "note": repair.note,
        "rule": None if repair.rule is None else _clashing(repair.rule),
    }


def _clashing(rule: ClashingRule) -> dict[str, Any]:
    place = rule.place
    where = {key: getattr(place, key, None) for key in ("file", "line", "column")}
    said = {part.name: getattr(rule, part.name) for part in fields(rule) if part.name != "place"}
    return said | where


def _certificate(certificate: Certificate | Refutation) -> dict[str, Any]:
    shown = {part.name: getattr(certificate, part.name) for part in fields(certificate)}
    if isinstance(certificate, Certificate):
        relaxed = certificate.relaxed
        shown["relaxed"] = None if relaxed is None else [{**_said(one.at), "count": one.count} for one in relaxed]
    return shown | {
        "bookings": [_said(booking) for booking in certificate.bookings],
        "stages": [_stage(stage) for stage in certificate.stages],
        "cases": [_case(case) for case in certificate.cases],
    }


def _said(value: BookingAt) -> dict[str, Any]:
    return {key: said for key, said in asdict(value).items() if said is not None}


def _stage(stage: ProofStage) -> dict[str, Any]:
    return {
        "open": stage.open,
        "rounded": [
            {
                "sides": list(row.sides),
                "weights": list(row.weights),
                "full": list(row.full),
                "divisor": row.divisor,
            }
            for row in stage.rounded
        ],
        "rows": list(stage.rows),
        "prices": list(stage.prices),
    }


def _case(case: ProofCase) -> dict[str, Any]:
    split = {} if case.split is None else {"split": asdict(case.split)}
    return {
        **split,
        "rows": list(case.rows),
        "prices": list(case.prices),
        **({"impossible": True} if case.impossible else {}),
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
        **({} if booking.adds_people is None else {"adds_people": booking.adds_people}),
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


_NUMBERS = re.compile(r"\[\n\s+([^\[\]{}\"]+?)\n\s+\]")  # in JSON, no text contains a line break


def dumps(value: dict[str, Any]) -> str:
    """JSON text, deterministic, with lists of numbers on one line; never with NaN, infinity or control characters."""
    text = visible(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"
    return _NUMBERS.sub(lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text)
