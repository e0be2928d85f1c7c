"""The branch proof: where the bound of the relaxation leaves a gap, cases are split until prices close each of them.

Prices bound what any plan can be worth. To split "at most k bookings of this, or more" and to bound both sides loses no
plan, and each side has prices of its own, so the bound falls. Only what the first prices leave open is split
(`cases.settle`, `cases.narrowed`). What closes a case is summed exactly; a solver only proposes prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import compress, count

import numpy as np

from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.branch_and_bound import Tree
from optimizer.solving.cutting_planes import Stage
from optimizer.solving.node import Node
from optimizer.solving.reduced_problem import Box, Price, ReducedProblem

WORK = 3_000_000  # open columns times cases: how much is looked at, counted so that it is the same on any machine
CASES_MOST = 5_000
_CASES_LEAST = 100  # so few cases close nothing
_NEAR = 5  # where the gap that was asked for is there from the start, the work is one part in this many
_NEAR_LEAST = 400


@dataclass(frozen=True)
class Case:
    """One case of a proof: split at a column, or closed by prices.

    A split has `column`: first come all cases with at most `at` bookings of it, then those with more. Its `prices`, if
    any, leave out what no plan of interest books: both sides are smaller. Another case has `prices` of all rows and
    sides, which bound what a plan in it can be worth; or, where `impossible`, show that there is none (none are needed
    where a case asks for more of a creator than there is).
    """

    column: int | None = None
    at: int = 0
    prices: tuple[Price, ...] = ()
    impossible: bool = False


@dataclass(frozen=True)
class Proof:
    """`cases`, each split before its two sides, which together show that no plan is worth more than `bound`.

    They hold among the columns that prices leave open for plans worth `above` and more (None: of any worth): `settled`;
    None where they hold among all columns.
    `bound` is None where they show that there is no plan at all. A better plan that turned up on the way is `plan`. All
    plans that are worth as much as the best one are inside `tied` (in parts, that says nothing).
    """

    bound: Fraction | None
    above: Fraction | None
    cases: tuple[Case, ...]
    looked_at: int
    settled: ReducedProblem | None
    tied: Box
    plan: Booked | None = None


def prove(
    cases: ReducedProblem,
    prices: tuple[float, ...],
    value: Fraction | None,
    clock: highs.Clock,
    *,
    gap: Fraction = Fraction(0),
) -> Proof | None:
    """Split cases until none can hold a plan worth more than `value`, or until enough of them were looked at.

    Parameters
    ----------
    cases, prices
        What is open, and prices that bound it.
    value
        Of the best plan known; None where none is: one that turns up is taken.
    gap
        Once the bound is this near (as a fraction of the value), only some more cases are looked at.

    Returns
    -------
    Proof | None
        None where too much is left open, or where no plan is known and none turned up, and yet it is not proved that
        there is none.
    """
    most = affordable(len(cases.free))
    if not most:
        return None
    tree = Tree(cases, prices, value)
    tree.grow(clock, gap, most)
    return proof_of(tree)


def proof_of(tree: Tree) -> Proof | None:
    """What a tree proves as it stands."""
    nodes = list(tree.nodes())
    leaves = [node for node in nodes if not node.sides]
    unclosed = [node for node in leaves if not node.closed]
    if tree.value is None and unclosed:
        return None
    settled, prices = _pruned(tree, nodes)
    found = tuple(_case(node, settled, prices[id(node)]) for node in nodes)
    if tree.value is None:
        return Proof(None, None, found, tree.looked_at, settled, tree.root.box)
    top = bound_of(tree, tree.value)
    tied = _tied(settled, leaves, prices, tree) if top == tree.value and settled.rounds else tree.root.box
    return Proof(top, tree.above, found, tree.looked_at, settled, tied, tree.plan)


def bound_of(tree: Tree, value: Fraction) -> Fraction:
    """What no plan can be worth more than, where `value` is that of the best one known."""
    return max(value, lagrangian_bound.best_value(tree.program, tree.highest(value)))


def _tied(settled: ReducedProblem, leaves: Sequence[Node], prices: Mapping[int, tuple[Price, ...]], tree: Tree) -> Box:
    """A box around all plans that are worth as much as the best one."""
    left = [
        node.box
        for node in leaves
        if not node.impossible and not settled.below(prices[id(node)], node.box, tree.value or Fraction(0))
    ]
    return _hull(left, tree.root.box)


def _pruned(tree: Tree, nodes: list[Node]) -> tuple[ReducedProblem, dict[int, tuple[Price, ...]]]:
    """What a tree began with, and of the sides that joined those that some prices rest on; with the prices of all cases
    (by their `id`)."""
    begun, carried = tree.begun, tree.tight.carried
    first = len(begun.program.rows) + len(begun.sides)
    priced: set[int] = set()
    for node in nodes:
        if (not node.sides or node.narrows) and len(node.prices) > first:
            priced.update(compress(count(), node.prices[first:]))
    order = tree.tight.needed([at + carried for at in priced])
    kept, prices = [first + place - carried for place in order], {}
    for node in nodes:
        every = tree.padded(node.prices)
        prices[id(node)] = every[:first] + tuple(map(every.__getitem__, kept))
    if not order:
        return begun, prices
    stage = Stage(begun.free, tree.tight.renumbered(order))
    sides = [tree.tight.follows(place) for place in order]
    return replace(begun.wider(sides), stages=(*begun.stages, stage)), prices


def is_near(program: Program, bound: Fraction, value: Fraction, gap: Fraction) -> bool:
    """Whether a bound is within a relative gap of a value."""
    return bound - value <= gap * max(abs(value), Fraction(program.denominator))


def affordable(free: int, *, near: bool = False) -> int:
    """How many cases can be looked at, with so many columns open; 0 where so few would close nothing.

    Little is spent where the gap that was asked for is there (`near`) from the start.
    """
    most = min(CASES_MOST, WORK // (_NEAR if near else 1) // max(free, 1))
    return most if most >= (_NEAR_LEAST if near else _CASES_LEAST) else 0


def _hull(boxes: list[Box], whole: Box) -> Box:
    """The least box around some; all of it where there are none."""
    if not boxes:
        return whole
    lower, upper = boxes[0].lower, boxes[0].upper
    for box in boxes[1:]:
        np.minimum(lower, box.lower, out=lower)
        np.maximum(upper, box.upper, out=upper)
    return Box(lower, upper)


def _case(node: Node, cases: ReducedProblem, prices: tuple[Price, ...]) -> Case:
    if node.sides and node.column is not None:
        return Case(column=int(cases.free[node.column]), at=node.at, prices=prices if node.narrows else ())
    return Case(prices=prices, impossible=node.impossible)
