"""The branch proof: where the bound of the relaxation leaves a gap, cases are split until prices close each of them.

Prices bound what any plan can be worth. To split "at most k bookings of this, or more" and to bound both sides loses no
plan, and each side has prices of its own, so the bound falls. Only what the first prices leave open is split
(`cases.settle`). What closes a case is summed exactly; a solver only proposes prices.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, inf

import numpy as np

from optimizer.domain.exact import Floats
from optimizer.formulation.terms import Booked
from optimizer.solving import highs, pricing
from optimizer.solving.cases import Box, Cases, settle
from optimizer.solving.scaling import Scaled

WORK = 3_000_000  # open columns times cases: how much is looked at, counted so that it is the same on any machine
CASES_MOST = 3_000
_CASES_LEAST = 100  # so few cases close nothing
_CANDIDATES = 10  # columns that are looked at before a case is split
_STEPS = 15  # of the simplex method, with which each side of a candidate is tried
_PART = 1e-7  # what is nearer to a whole number counts as whole
_NEAR = 5  # where the gap that was asked for is there from the start, the work is one part in this many
_CLOSING = 4  # once the gap that was asked for is reached, one part in this many of all cases is spent on the rest


@dataclass(frozen=True)
class Case:
    """One case of a proof: split at a column, or closed by prices.

    A split has `column`: first come all cases with at most `at` bookings of it, then those with more. Another case has
    `prices` of all rows, which bound what a plan in it can be worth; or, where `impossible`, show that there is none
    (none are needed where a case asks for more of a creator than there is).
    """

    column: int | None = None
    at: int = 0
    prices: tuple[float, ...] = ()
    impossible: bool = False


@dataclass(frozen=True)
class Proof:
    """`cases`, each split before its two sides, which together show that no plan is worth more than `bound`.

    They hold among the columns that `prices` of the relaxation leave open for plans worth `above` and more: `settled`.
    `bound` is None where they show that there is no plan at all. A better plan that turned up on the way is `plan`. All
    plans that are worth as much as the best one are inside `tied`.
    """

    bound: Fraction | None
    above: Fraction | None
    cases: tuple[Case, ...]
    looked_at: int
    settled: Cases
    tied: Box
    plan: Booked | None = None


@dataclass(eq=False)
class _Node:
    """A case while the tree grows; prices, until its own are known, are those of the case that it was split from."""

    box: Box
    limit: float
    prices: tuple[float, ...]
    start: object = None
    column: int | None = None
    at: int = 0
    sides: tuple[_Node, ...] = ()
    closed: bool = False
    impossible: bool = False


@dataclass
class _Learned:
    """How much splitting a column has lowered the bound, per part of a booking, on each side."""

    down: float = 0.0
    up: float = 0.0
    times: int = 0


@dataclass
class _Tree:
    """The tree as it grows; `value` is that of the best plan known (None: none is, and none should turn up)."""

    cases: Cases
    model: highs.Warm
    step: Fraction
    value: Fraction | None
    plan: Booked | None = None
    waiting: list[tuple[float, int, _Node]] = field(default_factory=list)
    looked_at: int = 0
    learned: dict[int, _Learned] = field(default_factory=dict)

    @property
    def goal(self) -> Fraction | None:
        """What a better plan would be worth at least."""
        return None if self.value is None else self.value + self.step

    def add(self, node: _Node) -> None:
        """Let a case wait for its turn."""
        heapq.heappush(self.waiting, (-node.limit, -self.looked_at, node))

    def is_open(self, node: _Node) -> bool:
        """Whether what is known of a case leaves room for a better plan."""
        goal = self.goal
        return goal is None or node.limit >= float(goal) * (1 - 1e-12)


def prove(
    layout: Scaled,
    prices: tuple[float, ...],
    bound: Fraction,
    value: Fraction | None,
    clock: highs.Clock,
    *,
    gap: Fraction = Fraction(0),
) -> Proof | None:
    """Split cases until none can hold a plan worth more than `value`, or until enough of them were looked at.

    Parameters
    ----------
    prices, bound
        Of the relaxation, and what they sum to: they settle most columns before anything is split. To round the bound
        down to a value that a plan can have would settle too much.
    value
        Of the best plan known; None to prove that there is no plan.
    gap
        Once the bound is this near (as a fraction of the value), only some more cases are looked at.

    Returns
    -------
    Proof | None
        None where bookings may be parts, or where too much is left open.
    """
    program = layout.program
    if not program.all_whole or program.parts != 1:
        return None
    step = pricing.step(program)
    cases = settle(layout, prices, bound, value)
    near = value is not None and bound - value <= gap * max(abs(value), Fraction(program.denominator))
    most = min(CASES_MOST, WORK // (_NEAR if near else 1) // max(len(cases.free), 1))
    if most < _CASES_LEAST * (_CLOSING if near else 1):
        return None
    root = _Node(cases.box(), inf, prices)
    tree = _Tree(cases, highs.Warm(cases.model()), step, value)
    tree.add(root)
    _grow(tree, clock, gap, most)
    leaves = [node for node in _preorder(root) if not node.sides]
    unclosed = [node for node in leaves if not node.closed]
    if value is None and unclosed:
        return None
    found = tuple(_case(node, cases) for node in _preorder(root))
    if value is None or tree.value is None:
        return Proof(None, None, found, tree.looked_at, cases, root.box)
    top = max(tree.value, pricing.best_value(program, _highest(cases, unclosed, tree.value)))
    left = [node for node in leaves if not node.impossible and not cases.below(node.prices, node.box, tree.value)]
    tied = _hull([node.box for node in left], root.box)
    return Proof(min(top, pricing.best_value(program, bound)), value, found, tree.looked_at, cases, tied, tree.plan)


def _hull(boxes: list[Box], whole: Box) -> Box:
    """The least box around some; all of it where there are none."""
    if not boxes:
        return whole
    return Box(np.min([box.lower for box in boxes], axis=0), np.max([box.upper for box in boxes], axis=0))


def _highest(cases: Cases, nodes: list[_Node], least: Fraction) -> Fraction:
    """The most that a plan in one of these cases can be worth by their prices, exactly; no less than `least`."""
    ranked = sorted(((cases.at_most(node.prices, node.box), at) for at, node in enumerate(nodes)), reverse=True)
    best = least
    for high, at in ranked:
        if high <= best:
            break
        best = max(best, cases.bound(nodes[at].prices, nodes[at].box))
    return best


def _case(node: _Node, cases: Cases) -> Case:
    if node.sides and node.column is not None:
        return Case(column=int(cases.free[node.column]), at=node.at)
    return Case(prices=node.prices, impossible=node.impossible)


def _preorder(root: _Node) -> Iterator[_Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.sides))


def _grow(tree: _Tree, clock: highs.Clock, gap: Fraction, most: int) -> None:
    """Look at cases, the most promising one first, and at one side of what was just split right away."""
    following: _Node | None = None
    near: int | None = None
    while (following is not None or tree.waiting) and tree.looked_at < most and not clock.over:
        if following is None:
            following = heapq.heappop(tree.waiting)[2]
            if near is None and tree.value is not None and _is_near(tree, following, gap):
                near = tree.looked_at
        if near is not None and tree.looked_at > near + most // _CLOSING:
            break
        node, following = following, None
        if not tree.is_open(node) and _close(tree, node):
            continue
        following = _look_at(tree, node)


def _is_near(tree: _Tree, node: _Node, gap: Fraction) -> bool:
    value = float(tree.value or 0)
    return node.limit - value <= float(gap) * max(abs(value), float(tree.cases.program.denominator))


def _close(tree: _Tree, node: _Node) -> bool:
    goal = tree.goal
    node.closed = goal is not None and tree.cases.below(node.prices, node.box, goal)
    return node.closed


def _look_at(tree: _Tree, node: _Node) -> _Node | None:
    """Solve a case: it is closed, or split, and the side to look at next is returned."""
    tree.looked_at += 1
    program, layout = tree.cases.program, tree.cases.layout
    if tree.cases.is_empty(node.box):
        node.prices, node.closed, node.impossible = (0.0,) * len(program.rows), True, True
        return None
    answer = tree.model.solve(node.box.lower, node.box.upper, node.start)
    if answer.status == highs.INFEASIBLE:
        rays = [] if answer.ray is None else [answer.ray[: len(program.rows)] * layout.row_scale]
        return None if _rule_out(tree, node, rays) else _split_anyway(tree, node, None)
    if answer.status != highs.OPTIMAL or answer.x is None or answer.duals is None:
        return None
    prices = pricing.project(program, layout.prices(answer.duals))
    node.prices, node.limit = prices, _limit(tree, answer.objective)
    if not tree.is_open(node) and _close(tree, node):
        return None
    parts = np.abs(answer.x - np.rint(answer.x))
    candidates = np.flatnonzero(parts > _PART)
    if not len(candidates):
        plan = tree.cases.plan(answer.x)
        _take(tree, plan)
        if not tree.is_open(node) and _close(tree, node):
            return None
        broken = {id(row) for row, _ in program.failures(plan)}
        rays = [np.eye(len(program.rows))[at] for at, row in enumerate(program.rows) if id(row) in broken]
        return None if _rule_out(tree, node, rays) else _split_anyway(tree, node, answer.x)
    order = np.argsort(-parts[candidates], kind="stable")[:_CANDIDATES]
    return _split(tree, node, answer.x, candidates[order].tolist())


def _limit(tree: _Tree, objective: float) -> float:
    """A solver's objective over the free columns as a value of the program."""
    fixed = float(tree.cases.program.value(tree.cases.fixed))
    return objective / tree.cases.layout.cost_scale + fixed


def _rule_out(tree: _Tree, node: _Node, rays: Sequence[Floats]) -> bool:
    """Whether one of these multipliers of rows shows, as prices, that a case holds no plan at all."""
    program = tree.cases.program
    for ray in rays:
        for sign in (1.0, -1.0):
            prices = pricing.project(program, (sign * ray).tolist())
            if any(prices) and tree.cases.bound(prices, node.box, costs=False) < 0:
                node.prices, node.closed, node.impossible = prices, True, True
                return True
    return False


def _split_anyway(tree: _Tree, node: _Node, x: Floats | None) -> _Node | None:
    """Split where a solver's tolerance hides what is wrong: smaller cases show it, a single point at the latest."""
    open_ = np.flatnonzero(node.box.lower < node.box.upper)
    if not len(open_):
        return None
    column = int(open_[0])
    at = int(node.box.lower[column] if x is None else min(max(round(x[column]), node.box.lower[column]), 10**9))
    at = min(at, int(node.box.upper[column]) - 1)
    return _sides(tree, node, column, at, first=0)


def _take(tree: _Tree, plan: Booked) -> None:
    """A case whose solution is whole: a better plan, if it keeps every rule."""
    program = tree.cases.program
    value = program.value(plan)
    better = tree.value is not None and value > tree.value
    if better and program.keeps_units(plan) and not program.failures(plan) and not program.rows_against(plan):
        tree.value, tree.plan = value, plan


def _split(tree: _Tree, node: _Node, x: Floats, candidates: list[int]) -> _Node:
    """Split a case where both sides lower the bound the most."""
    start = tree.model.basis
    best, score = candidates[0], -1.0
    falls = (0.0, 0.0)
    for column in candidates:
        part = x[column] - floor(x[column])
        known = tree.learned.setdefault(column, _Learned())
        if not known.times:
            down, up = _tried(tree, node, x, column, start)
            known.down, known.up, known.times = down / part, up / (1 - part), 1
        down, up = known.down * part, known.up * (1 - part)
        if max(down, 1e-9) * max(up, 1e-9) > score:
            best, score, falls = column, max(down, 1e-9) * max(up, 1e-9), (down, up)
    return _sides(tree, node, best, floor(x[best]), first=0 if falls[0] <= falls[1] else 1, start=start)


def _sides(tree: _Tree, node: _Node, column: int, at: int, *, first: int, start: object = None) -> _Node:
    """Both sides of a split; one is returned, the other waits."""
    node.column, node.at = column, at
    boxes = node.box.at_most(column, at), node.box.more_than(column, at)
    node.sides = tuple(_Node(box, node.limit, node.prices, start) for box in boxes)
    tree.add(node.sides[1 - first])
    return node.sides[first]


def _tried(tree: _Tree, node: _Node, x: Floats, column: int, start: object) -> tuple[float, float]:
    """How far the bound falls on both sides of a column, by a few steps of the simplex method."""
    falls = []
    for box in (node.box.at_most(column, floor(x[column])), node.box.more_than(column, floor(x[column]))):
        answer = tree.model.solve(box.lower, box.upper, start, steps=_STEPS)
        impossible = answer.status == highs.INFEASIBLE
        falls.append(abs(node.limit) if impossible else max(node.limit - _limit(tree, answer.objective), 0.0))
    return falls[0], falls[1]
