"""An explanation as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from optimizer.results.explanation import CreatorWorth, Explanation, Insisting


def explanation_json(result: Explanation) -> dict[str, Any]:
    """An explanation as one object; a creator who is in and one who is out have keys of their own."""
    return {
        "format": "creatormix/explanation/1",
        "scenario": asdict(result.scenario),
        "inputs": [asdict(file) for file in result.inputs],
        "currency": result.currency,
        "plan": asdict(result.plan),
        "unspent": None if result.unspent is None else asdict(result.unspent),
        "rules": [asdict(rule) for rule in result.rules],
        "creators": [_creator(one) for one in result.creators],
        "figures": [asdict(one) for one in result.figures],
        "left_out": list(result.left_out),
        "warnings": list(result.warnings),
    }


def _creator(one: CreatorWorth) -> dict[str, Any]:
    highest = {"walk_away_fee": one.walk_away_fee} if one.is_in else {"enters_at_fee": one.enters_at_fee}
    beside: dict[str, Any] = (
        {"replaced_by": list(one.replaced_by), "loss_without": one.loss_without}
        if one.is_in
        else {"why": one.why, "insisting": None if one.insisting is None else _insisting(one.insisting)}
    )
    return {
        "creator": one.creator,
        "in": one.is_in,
        "offer": one.offer,
        "fee": one.fee,
        **highest,
        "fee_low": one.fee_low,
        "fee_high": one.fee_high,
        "fee_intervals": [list(interval) for interval in one.fee_intervals],
        "proved": one.proved,
        **beside,
    }


def _insisting(one: Insisting) -> dict[str, Any]:
    return asdict(one) | {"enters": list(one.enters), "leaves": list(one.leaves)}
