"""Cores around the cases of a tree, beside all plans of small programs."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from optimizer.formulation.program import Program
from optimizer.solving import highs, lagrangian_bound, restricted_mip
from optimizer.solving.branch_and_bound import Tree
from optimizer.solving.column_generation import relax
from optimizer.solving.guided_mip import lead, scouting
from optimizer.solving.scaling import scaled
from optimizer.solving.search import Search
from tests.support.proofs import drawn_program, plans_of, said_program

COUNT = 120
NEVER = highs.Clock()


def scouted(program: Program) -> tuple[Search, Tree] | None:
    """A search with the bound of the relaxation, and a tree that scouts for it; None where nothing can be booked."""
    layout = scaled(program)
    relaxed = relax(layout, NEVER)
    if relaxed.x is None:
        return None
    prices = lagrangian_bound.project(program, relaxed.prices or [0.0] * len(program.rows))
    bound = lagrangian_bound.upper_bound(program, prices)
    search = Search(program, layout, Fraction(0), NEVER, highs.solve, None, bound=bound)
    return search, scouting(search, restricted_mip.ranked(program, prices, bound), relaxed.x)


def test_leads_are_different_and_hold_what_is_not_in_their_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """No case leads twice; a core of few columns, searched to its end, gives only plans that there are."""
    monkeypatch.setattr("optimizer.solving.guided_mip._SCOUTED", 5)
    led = found = 0
    for number in range(COUNT):
        program = (drawn_program if number % 2 else said_program)(f"lead {number}")
        if program is None:
            continue
        plans, begun = plans_of(program), scouted(program)
        if begun is None or plans.best is None:
            continue
        search, tree = begun
        for leads, cases in enumerate((1, 3, 10), start=1):
            tree.grow(NEVER, Fraction(0), cases)
            part = lead(search, tree, 3)
            if part is None:
                break
            led += 1
            assert sum(node.led for node in tree.nodes()) == leads
            assert not part.complete
            assert part.near is not None
            assert set(part.columns.tolist()) <= set(part.near.tolist())
            assert not part.held[part.columns].any()
            with restricted_mip.RestrictedMip(search, part) as mip:
                _, plan = mip.go()
            if plan is not None and search.keeps_rules(plan):
                found += 1
                counts = np.zeros(len(program), dtype=np.int64)
                counts[plan.columns] = plan.counts
                assert (plans.points == counts).all(axis=1).any()
        assert search.value is None or search.value <= plans.best
    assert led > COUNT / 4
    assert found > COUNT / 8


def test_a_tree_promises_no_less_than_the_best_plan_of_its_part() -> None:
    """Here its part is all there is, so what it promises is a bound, nearly."""
    several = 0
    for number in range(COUNT):
        program = drawn_program(f"promise {number}")
        plans, begun = plans_of(program), scouted(program)
        if begun is None or plans.best is None:
            continue
        search, tree = begun
        for cases in (1, 2, 4, 8):
            tree.grow(NEVER, Fraction(0), cases)
            lead(search, tree, 3)
            promised = max([value for value in (tree.promised, tree.value) if value is not None], default=None)
            assert promised is not None
            assert float(promised) >= float(plans.best) - 1e-7 * max(abs(float(plans.best)), 1.0)
            several += tree.promised is not None and tree.promised < (search.bound or 0)
    assert several > COUNT / 4
