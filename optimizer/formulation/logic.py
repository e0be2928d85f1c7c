"""The rows of rules about who is booked together."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, TOGETHER
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.rules import LogicRule
from optimizer.formulation.terms import Row


def logic_rows(rule: LogicRule, at: int, indicators: Indicators) -> Iterator[Row]:
    """The rows of a logic rule, and those that link its indicators to bookings."""
    parts, then = ([indicators.booked(rule.name, members) for members in said] for said in (rule.parts, rule.then))
    yield from indicators.tied()
    kind = rule.constraint.kind
    if kind in (AT_MOST_ONE, EXACTLY_ONE):
        terms = tuple(indicators.counted(1, part) for part in parts)
        yield Row(at, terms, 1 if kind == EXACTLY_ONE else None, 1)
    elif kind == TOGETHER:
        for other in parts[1:]:
            yield Row(at, (indicators.counted(1, parts[0]), indicators.counted(-1, other)), 0, 0)
    else:
        for follows in then:
            terms = tuple(indicators.counted(1, part) for part in parts)
            yield Row(at, (*terms, indicators.counted(-1, follows)), None, len(parts) - 1)
