"""Plans near the best one as plain JSON values: `creatormix/alternatives/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from optimizer.results.alternatives import Alternative, Alternatives
from optimizer.results.common import Range
from optimizer.results.plan import Allocation, Plan


def alternatives_json(found: Alternatives) -> dict[str, Any]:
    """Plans near the best one as one object."""
    best = found.best
    return {
        "format": "creatormix/alternatives/1",
        "scenario": asdict(best.scenario),
        "inputs": [asdict(file) for file in best.inputs],
        "currency": best.currency,
        "objective": {"sense": best.objective.sense, "of": dict(best.objective.of)},
        "best": _best(best),
        "within": found.within,
        "by": found.by,
        "least": found.least,
        "plans": [_plan(one) for one in found.plans],
        "no_other": found.no_other,
        "creators": [asdict(one) for one in found.creators],
        "counts": dict(found.counts),
        "reserves": {one.creator: [by.creator for by in one.stand_ins] for one in found.reserves},
        "stand_ins": [
            asdict(one) | {"breaks": list(one.breaks), "stand_ins": [asdict(by) for by in one.stand_ins]}
            for one in found.reserves
        ],
        "stopped": found.stopped,
        "warnings": list(found.warnings),
    }


def _best(plan: Plan) -> dict[str, Any]:
    ranges = {} if plan.forecast is None else plan.forecast.ranges
    return {
        "value": plan.objective.value,
        "bound": plan.objective.bound,
        "gap": plan.objective.gap,
        "gap_absolute": plan.objective.gap_absolute,
        "claim": plan.claim,
        "range": _range(ranges.get("objective")),
        "totals": dict(plan.totals),
        "allocations": [_row(booking) for booking in plan.allocations],
    }


def _plan(one: Alternative) -> dict[str, Any]:
    return {
        "value": one.value,
        "loss": one.loss,
        "differs": one.differs,
        "shared": one.shared,
        "drops": one.drops,
        "proved": one.proved,
        "comes_in": list(one.comes_in),
        "leaves": list(one.leaves),
        "range": _range(one.range),
        "behind": None if one.behind is None else asdict(one.behind),
        "totals": dict(one.totals),
        "allocations": [_row(booking) for booking in one.allocations],
    }


def _range(one: Range | None) -> Mapping[str, float] | None:
    return None if one is None else {"p10": one.p10, "p50": one.p50, "p90": one.p90}


def _row(booking: Allocation) -> dict[str, Any]:
    """A booking as a flat row."""
    return {
        "creator": booking.creator,
        "offer": booking.offer,
        "count": booking.count,
        "exact_count": booking.exact_count,
        "step": booking.step,
        **booking.labels,
        **booking.values,
    }
