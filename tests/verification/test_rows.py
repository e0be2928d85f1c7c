"""The verifier's rows say the same as the rules that they come from."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

from optimizer import load_scenario
from optimizer.verification.bookings import Bookings
from optimizer.verification.kinds.registry import rules_of
from optimizer.verification.rows import Rows
from optimizer.verification.terms import Booked, Row
from tests.support.amounts import times
from tests.support.scenarios import WORDS, scenario

COUNT = times(120)


def plans(bookings: Bookings, rng: random.Random, count: int = 20) -> list[Booked]:
    """Plans that book each unit as often as it can be."""
    found = []
    for _ in range(count):
        plan: dict[int, Fraction] = {}
        for unit in bookings.units:
            for _ in range(rng.randint(0, unit.available // bookings.parts)):
                at = rng.choice(unit.columns)
                plan[at] = plan.get(at, Fraction(0)) + 1
        found.append(plan)
    return found


def keeps(row: Row, plan: Booked) -> bool:
    total = sum((term.total(plan) for term in row.terms), Fraction(0))
    return (row.lower is None or total >= row.lower) and (row.upper is None or total <= row.upper)


def test_a_plan_breaks_a_row_of_a_rule_exactly_where_it_breaks_the_rule() -> None:
    """Also the rows that a proof has only if it names them, and those of segments. (No indicators: these are tied by
    rows of their own.)"""
    seen: Counter[tuple[str, bool]] = Counter()
    for number in range(COUNT):
        said, frame = scenario(f"verified rows {number}", words=WORDS)
        loaded = load_scenario(said, creators=frame)
        bookings = Bookings(loaded, {})
        rules = rules_of(bookings)
        rows = Rows(bookings, rules)
        held = [row for row in (*rows, *rows.further.values()) if row.rule >= 0]
        for plan in plans(bookings, random.Random(number)):
            for at, rule in enumerate(rules):
                mine = [row for row in held if row.rule == at]
                if any(column >= len(bookings) for row in mine for term in row.terms for column in term.members):
                    continue
                assert rule.holds(plan) == all(keeps(row, plan) for row in mine), (number, rule.name, plan)
                seen[rule.said.rule_kind, rule.holds(plan)] += 1
    assert min(seen[kind, kept] for kind in ("amounts", "each", "logic") for kept in (True, False)) > 20
