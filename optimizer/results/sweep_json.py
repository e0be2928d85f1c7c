"""A sweep as plain JSON values, `creatormix/sweep/1`, and its points as flat rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from optimizer.results import words
from optimizer.results.common import Repair
from optimizer.results.sweep import Sweep, SweepPoint


def sweep_json(sweep: Sweep) -> dict[str, Any]:
    """The sweep as one object."""
    return {
        "format": "creatormix/sweep/1",
        "scenario": asdict(sweep.scenario),
        "inputs": [asdict(file) for file in sweep.inputs],
        "currency": sweep.currency,
        "gap": sweep.gap,
        "vary": list(sweep.vary),
        "frontier": None if sweep.frontier is None else asdict(sweep.frontier),
        "points": [_point(sweep, point) for point in sweep.points],
        "failed": [{"at": dict(one.at), "changes": dict(one.changes), "cause": one.cause} for one in sweep.failed],
        "not_planned": [dict(one) for one in sweep.not_planned],
        "warnings": list(sweep.warnings),
        "units": {"currency": sweep.currency, "decimals": sweep.decimals, "quantities": dict(sweep.units)},
    }


def _point(sweep: Sweep, point: SweepPoint) -> dict[str, Any]:
    return {
        "at": dict(point.at),
        "changes": dict(point.changes),
        "outcome": point.outcome,
        "claim": point.claim,
        "sense": point.sense,
        "of": dict(point.of),
        "value": point.value,
        "bound": point.bound,
        "gap": point.gap,
        "likely": None if point.likely is None else dict(zip(("p10", "p90"), point.likely, strict=True)),
        "marginal": None if point.marginal is None else asdict(point.marginal),
        "totals": dict(point.totals),
        "creators": list(point.creators),
        "comes_in": None if point.comes_in is None else list(point.comes_in),
        "leaves": None if point.leaves is None else list(point.leaves),
        "prices": dict(point.prices),
        "reason": point.reason,
        "proof": point.proof,
        "conflict": list(point.conflict),
        "lacks": [_repair(sweep, one) for one in point.lacks],
        "proved": point.proved,
        "stopped": point.stopped,
    }


def _repair(sweep: Sweep, repair: Repair) -> dict[str, Any]:
    return {
        "constraint": repair.constraint,
        "per_value": repair.per_value,
        "bound": repair.bound,
        "from": repair.from_,
        "to": repair.to,
        "least": repair.least,
        "option": repair.option,
        "text": words.repair(sweep, repair),
    }


def lacks_text(sweep: Sweep, point: SweepPoint) -> str:
    """What a point without a plan lacks: its repairs, of which one is enough; else the reason."""
    options: dict[int, list[str]] = {}
    for one in point.lacks:
        options.setdefault(one.option, []).append(words.repair(sweep, one))
    return " or ".join(", and ".join(changes) for changes in options.values()) or point.reason or ""


def point_row(sweep: Sweep, point: SweepPoint) -> dict[str, float | str | None]:
    """A point as a flat row, without lists."""
    marginal = point.marginal
    return {
        **point.at,
        "outcome": point.outcome,
        "claim": point.claim,
        "value": point.value,
        "bound": point.bound,
        "gap": point.gap,
        **({} if point.likely is None else {"p10": point.likely[0], "p90": point.likely[1]}),
        **({} if marginal is None else {"marginal by difference": marginal.difference, "by price": marginal.price}),
        "booked creators": float(len(point.creators)) if point.outcome == "plan" else None,
        "comes in": None if point.comes_in is None else ", ".join(point.comes_in),
        "leaves": None if point.leaves is None else ", ".join(point.leaves),
        "lacks": None if point.outcome == "plan" else lacks_text(sweep, point),
        **{f"total {name}": float(total) for name, total in point.totals.items()},
    }
