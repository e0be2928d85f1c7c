"""Branching at indicators before anything else, where many bookings hang on each.

An indicator of thousands of bookings is tied to them by one row, "their sum is at most so many times the indicator".
In the relaxation a thousandth of it is enough, so the bound is far from any plan, nothing can be fixed by reduced cost,
and no restricted MIP begins near a good plan. Once such indicators are 0 or 1, the relaxation is as tight as without
them. There are few, and a relaxation takes a fraction of a second: so they are branched at first, best bound first,
over all columns. Each leaf is closed by its own prices, and the most promising one is searched for a plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.solving import highs, lagrangian_bound, restricted_mip
from optimizer.solving.branch import Case, Proof, is_near
from optimizer.solving.column_generation import relax
from optimizer.solving.conflict import proving_prices
from optimizer.solving.reduced_problem import Box
from optimizer.solving.scaling import scaled
from optimizer.solving.search import Search, support
from optimizer.solving.strategies import search_and_prove

_MANY = 1_000  # bookings that hang on an indicator whose one row is weak
_MOST_NODES = 400
_SEARCHED = 1_500  # rounds of work for a plan in one leaf
_WHOLE = 1e-7


@dataclass(eq=False)
class _Node:
    """A program with some indicators fixed: its relaxation, and the bound that prices prove; None if it has no plan."""

    program: Program
    bound: Fraction | None
    prices: tuple[float, ...]
    x: Floats
    column: int | None = None
    sides: tuple[_Node, ...] = field(default=())
    searched: bool = False

    def leaves(self) -> Iterator[_Node]:
        """All leaves below, the lower side of a split first."""
        if not self.sides:
            yield self
        for side in self.sides:
            yield from side.leaves()

    def cases(self) -> Iterator[Case]:
        """Each split before its two sides, as a proof lists them."""
        if self.sides:
            yield Case(column=self.column)
            for side in self.sides:
                yield from side.cases()
        else:
            yield Case(prices=self.prices, impossible=self.bound is None)


def weak_indicators(program: Program) -> Ints:
    """The indicators (columns) on which many bookings hang."""
    found = [one.column for one in program.indicators if one.at == 1 and len(one.members) > _MANY]
    splits = program.all_whole and program.parts == 1 and not program.overlaps
    return np.array(found if splits else [], dtype=np.int64)


def branch_at_indicators(
    search: Search, weak: Ints, prices: tuple[float, ...], bound: Fraction, x: Floats
) -> Proof | None:
    """Branch at weak indicators until a plan is within the gap of the bound, or the work is done; the search takes
    plans and the bound.

    Parameters
    ----------
    weak
        The indicators, as columns.
    prices, bound, x
        Those of the relaxation of the whole program.

    Returns
    -------
    Proof | None
        The cases that prove the bound of the search; None where there is nothing to branch at.
    """
    root = _Node(search.program, bound, prices, x)
    if _fractional(root, weak) is None:
        return None
    for nodes in range(_MOST_NODES):
        leaves = [leaf for leaf in root.leaves() if leaf.bound is not None]
        if not leaves:
            break
        leaf = max(leaves, key=lambda one: one.bound or Fraction(0))
        if search.clock.over or (nodes and _is_closed(search, leaf)):
            break
        column = _fractional(leaf, weak)
        if column is not None:
            leaf.column = column
            leaf.sides = tuple(_fixed(search, leaf, column, value) for value in (0, 1))
        elif leaf.searched:
            break
        else:
            _search(search, leaf)
            if search.wanting:
                return None
    return _proof(search, root)


def _is_closed(search: Search, leaf: _Node) -> bool:
    return (
        search.value is not None
        and leaf.bound is not None
        and is_near(search.program, leaf.bound, search.value, search.gap)
    )


def _fractional(node: _Node, weak: Ints) -> int | None:
    """The indicator that is neither 0 nor 1 and carries the most bookings of the relaxation."""
    carried = {
        one.column: float(node.x[one.members].sum())
        for one in node.program.indicators
        if one.column in weak and _WHOLE < node.x[one.column] < 1 - _WHOLE
    }
    return max(carried, key=lambda column: (carried[column], -column)) if carried else None


def _fixed(search: Search, node: _Node, column: int, value: int) -> _Node:
    """A node with one more indicator fixed."""
    program, unit = node.program, int(node.program.unit[column])
    if value:
        required = program.required.copy()
        required[unit] = program.parts
        program = replace(program, required=required)
    else:
        most = program.most.copy()
        most[column] = 0
        program = replace(program, most=most)
    layout = scaled(program)
    relaxed = relax(layout, search.clock, begin=np.flatnonzero(node.x))
    if relaxed.status == highs.INFEASIBLE:
        impossible = proving_prices(layout, None, search.clock)
        if impossible is not None:
            return _Node(program, None, impossible[1], node.x)
    if relaxed.x is None or relaxed.prices is None:
        return _Node(program, node.bound, node.prices, np.rint(node.x), searched=True)
    prices = lagrangian_bound.project(program, relaxed.prices)
    bound = lagrangian_bound.upper_bound(program, prices)
    if node.bound is not None and bound > node.bound:  # the prices above hold here too
        bound, prices = node.bound, node.prices
    search.wanting += program.rows_against(support(relaxed.x))
    return _Node(program, bound, prices, relaxed.x)


def _search(search: Search, leaf: _Node) -> None:
    """Search for plans in a leaf, whose indicators are fixed."""
    leaf.searched = True
    if leaf.bound is None:
        return
    inside = replace(
        search, program=leaf.program, layout=scaled(leaf.program), bound=leaf.bound, wanting=(), progress=None,
        clock=search.clock.part(_SEARCHED),
    )  # fmt: skip
    inside.best = search.best
    ranks = restricted_mip.ranked(leaf.program, leaf.prices, leaf.bound)
    if not inside.good_enough:
        search_and_prove(inside, ranks, leaf.x)
    search.wanting += inside.wanting
    if inside.best is not None:
        search.take(inside.best.plan)


def _proof(search: Search, root: _Node) -> Proof:
    """What the leaves prove."""
    bounds = [leaf.bound for leaf in root.leaves() if leaf.bound is not None]
    best = None if not bounds else lagrangian_bound.best_value(search.program, max(bounds))
    if best is not None and (search.bound is None or best < search.bound):
        search.bound = best
    nothing = np.zeros(0, dtype=np.int64)
    cases = tuple(root.cases())
    return Proof(best, None, cases, len(cases), None, Box(nothing, nothing))
