"""The best plan where bookings may be parts: what is booked in wholes is enumerated, the rest solved exactly.

Steps of a segment's returns open one after the other, so which step is the open one is enumerated too.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

from tests.support.brute import Question
from tests.support.exact_lp import Row, best_of, with_both_ends
from tests.support.rules import LogicRule
from tests.support.supplies import Supply

Choice = tuple[tuple[int, ...], list[Row]]  # bookings in wholes; rows over all columns for those in parts


def best_in_parts(question: Question) -> Fraction | None:
    """The highest (or lowest) value of the objective; None where no plan exists."""
    n = len(question.columns)
    rules = [row for rule in question.rules if not isinstance(rule, LogicRule) for row in rule.rows]
    parts = {at for supply in question.supplies if not supply.whole for at in supply.columns}
    free = sorted(parts)
    best: Fraction | None = None
    for choice in itertools.product(*(_choices(supply, n) for supply in question.supplies)):
        wholes = [at for chosen, _ in choice for at in chosen]
        if not all(rule.holds(wholes) for rule in question.rules if isinstance(rule, LogicRule)):
            continue
        rows = [row for _, mine in choice for row in mine]
        for coefficients, low, high in rules:
            taken = sum(coefficients[at] for at in wholes)
            left = [None if bound is None else bound - taken for bound in (low, high)]
            rows += with_both_ends(coefficients, *left)
        costs = [question.sign * question.cost[at] for at in free]
        found = best_of(costs, [([coefficients[at] for at in free], limit) for coefficients, limit in rows])
        if found is not None:
            value = found + question.sign * sum(question.cost[at] for at in wholes)
            best = value if best is None else max(best, value)
    return None if best is None else question.sign * best / question.denominator


def _choices(supply: Supply, n: int) -> Iterator[Choice]:
    if supply.whole:
        yield from ((way, []) for way in supply.ways)
        return
    for open_step in range(len(supply.steps)):
        rows: list[Row] = []
        for step, (width, columns) in enumerate(supply.steps):
            counted = [int(at in columns) for at in range(n)]
            full, empty = step < open_step, step > open_step
            rows += with_both_ends(counted, width if full else None, Fraction(0) if empty else width)
        mine = [int(at in supply.columns) for at in range(n)]
        yield (), [*rows, *with_both_ends(mine, 1 if supply.must else None, None)]
