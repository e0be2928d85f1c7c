"""The tree of cases as it grows: the most promising case is solved, closed, or split where that helps the most."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, inf

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Row
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.cutting_planes import Tight
from optimizer.solving.exact_basis import exact_plan, exact_prices
from optimizer.solving.node import Node
from optimizer.solving.pseudocosts import Pseudocosts, score_of
from optimizer.solving.reduced_problem import Price, ReducedProblem

_TRIES = 8  # columns that are tried at the most before a case is split
_RELIABLE = 4  # a column that was tried so often is known
_AHEAD = 8  # columns that are looked at after the best so far
_STEPS = 15  # of the simplex method, with which each side of a column is tried
_TIGHTENED = 5  # rounds in which a case's relaxation is tightened at the most
_HARDLY = 0.02  # of what the bound must still fall: to gain less is not worth another round
_SINGLED, _JOIN = 10, 5  # see `tightening`
_ROWS_MOST, _ROWS_LEAST = 300, 20  # rounded sides that are held, as many as columns are open within these
_PAUSE_MOST = 64  # cases that are not tightened after some where it did not pay
_PART = 1e-7  # what is nearer to a whole number counts as whole
_CLOSING = 4  # once the gap that was asked for is reached, one part in this many of all cases is spent on the rest


@dataclass
class Tree:
    """A tree over what is open: `cases`, with `prices` that bound it.

    `above` is the value of the plans that it is about (None: of any), `value` that of the best plan known, `plan` is a
    better one that turned up. `cases` gains the sides that are rounded on the way.
    """

    cases: ReducedProblem
    prices: tuple[float, ...]
    above: Fraction | None
    value: Fraction | None = None
    plan: Booked | None = None
    inside: Ints | None = None
    rounding: bool = True
    looked_at: int = 0
    wanting: tuple[Row, ...] = ()  # rows for single creators or talents that better plans broke: the search needs them
    begun: ReducedProblem = field(init=False)
    root: Node = field(init=False)
    tight: Tight = field(init=False)

    def __post_init__(self) -> None:
        self.begun, self.value = self.cases, self.above
        self.above = None if self.above is None else Fraction(floor(self.above))  # in parts, it may be no whole number
        self.rounding &= self.cases.rounds
        self._clock = highs.Clock(inf, lambda: False)
        rows, free = len(self.program.rows), len(self.cases.free)
        live = [at for at, price in enumerate(self.prices[rows:]) if price]
        self.tight = Tight(self.cases.layout, self.cases.free, self.cases.held[1], self.cases.sides, live, self.inside)
        self._step = lagrangian_bound.step(self.program) if self.program.all_whole else Fraction(0)
        self._learned = Pseudocosts(np.zeros((2, free)), np.zeros((2, free), dtype=np.int64))
        self._waiting: list[tuple[float, int, Node]] = []
        self._waited = self._pause = self._paused = 0
        self._near_since: int | None = None
        self.root = Node(self.cases.box(), inf, self.prices)
        self._wait(self.root)

    @property
    def ended(self) -> bool:
        """Whether all cases are closed, or so near that no more are looked at."""
        return not self._waiting or self._near_since is not None

    @property
    def is_open(self) -> bool:
        """Whether any case is not closed."""
        return any(not node.sides and not node.closed for node in self.nodes())

    @property
    def program(self) -> Program:
        """What is proved about."""
        return self.cases.program

    def padded(self, prices: Sequence[Price]) -> tuple[Price, ...]:
        """Prices, also of the sides that joined since."""
        return (*prices, *[0.0] * (len(self.program.rows) + len(self.cases.sides) - len(prices)))

    def leaves_fewer(self, value: Fraction, part: float) -> bool:
        """Whether, for plans worth `value` or more, the prices that it began with leave only this part of what is open,
        or less."""
        box = self.begun.narrower(self.prices, self.root.box, value)
        return bool(np.count_nonzero(box.lower < box.upper) <= part * len(self.begun.free))

    def is_wider(self, columns: int) -> bool:
        """Whether more than so many columns are open."""
        return len(self.begun.free) > columns

    def nodes(self) -> Iterator[Node]:
        """All cases, each before its two sides."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.sides))

    def grow(self, clock: highs.Clock, gap: Fraction, most: int) -> None:
        """Look at cases until `most` were looked at in all, the most promising one first, and at one side of what was
        just split right away; once the bound is within `gap`, only at some more."""
        following: Node | None = None
        self._clock = clock
        while (following is not None or self._waiting) and self.looked_at < most and not clock.over:
            fresh = following is None
            if following is None:
                following = heapq.heappop(self._waiting)[2]
                if self._near_since is None and self._is_near(following, gap):
                    self._near_since = self.looked_at
            node, following = following, None
            if self.wanting:  # the search goes on with them, over another program
                self._wait(node)
                return
            if self._near_since is not None and self.looked_at > self._near_since + most // _CLOSING:
                self._wait(node)
                return
            if self._is_open(node) or not self._close(node):
                following = self._look_at(node, fresh)
        if following is not None:
            self._wait(following)

    def highest(self, least: Fraction) -> Fraction:
        """What a plan in any open case can be worth at most, exactly; no less than `least`."""
        ranked = [
            (self._most(node), at, node) for at, node in enumerate(self.nodes()) if not node.sides and not node.closed
        ]
        best = least
        for high, _, node in sorted(ranked, reverse=True, key=lambda entry: entry[:2]):
            if high <= best:
                break
            best = max(best, self.cases.bound(self.padded(node.prices), node.box))
        return best

    def _most(self, node: Node) -> float:
        """What a case can be worth by its prices, and a little more; worked out once."""
        if node.most is None or node.most[0] is not node.prices:
            node.most = node.prices, self.cases.at_most(self.padded(node.prices), node.box)
        return node.most[1]

    @property
    def promised(self) -> Fraction | None:
        """What the most promising case that waits could be worth, nearly; None where none waits."""
        return Fraction(self._waiting[0][2].limit) if self._waiting else None

    def lead(self) -> tuple[Floats, Floats] | None:
        """Of the most promising case that was not led to before: its relaxed solution over the free columns, and how
        far each is from a tie there (infinite where the case has settled it); None where no case is left.
        """
        passed: list[Node] = []
        found = None
        while self._waiting and found is None:
            node = heapq.heappop(self._waiting)[2]
            passed.append(node)
            if node.led or not self._is_open(node):
                continue
            answer = self._solved(node)
            if answer.x is None or answer.duals is None:
                continue
            promised = node.limit
            self._note(node, answer)
            if self._waiting and node.limit < min(promised, self._waiting[0][2].limit):
                self._wait(passed.pop())  # another one promises more
                continue
            node.led = True
            x = self.tight.spread(answer.x)
            near = np.abs(self.tight.worth(answer.duals, np.arange(len(x))))
            near[np.abs(x - np.rint(x)) > _PART] = 0.0
            found = x, np.where(node.box.lower < node.box.upper, near, inf)
        for node in passed:
            self._wait(node)
        return found

    def _wait(self, node: Node) -> None:
        self._waited += 1
        heapq.heappush(self._waiting, (-node.limit, -self._waited, node))

    # --- what is known of a case ---

    @property
    def _goal(self) -> Fraction | None:
        """What a better plan would be worth at least; in parts, more than."""
        return None if self.value is None else self.value + self._step

    def _left(self, node: Node) -> float:
        """How far a case's bound must still fall."""
        return inf if self.value is None else max(node.limit - float(self.value), 0.0)

    def _is_near(self, node: Node, gap: Fraction) -> bool:
        if self.value is None:
            return False
        return self._left(node) <= float(gap) * max(abs(float(self.value)), float(self.program.denominator))

    def _is_open(self, node: Node) -> bool:
        """Whether what is known of a case leaves room for a better plan."""
        return self._goal is None or node.limit >= float(self._goal) * (1 - 1e-12)

    def _close(self, node: Node) -> bool:
        node.closed = self._goal is not None and self.cases.below(
            self.padded(node.prices), node.box, self._goal, or_at=not self._step
        )
        return node.closed

    # --- a case ---

    def _look_at(self, node: Node, fresh: bool) -> Node | None:
        """Solve a case: it is closed, or split, and the side to look at next is returned.

        Where a `fresh` start is made, the relaxation is tightened first.
        """
        self.looked_at += 1
        if self.cases.is_empty(node.box):
            node.prices, node.closed, node.impossible = (), True, True
            return None
        answer, x = self._solved(node), np.zeros(0)
        fresh = fresh and self.rounding and self._paused == 0
        self._paused = max(self._paused - 1, 0)
        for rounds in range(1, _TIGHTENED + 1):
            if answer.status == highs.INFEASIBLE:
                rays = [] if answer.ray is None else [self.tight.prices(s * answer.ray, costs=False) for s in (1, -1)]
                ruled_out = self._rule_out(node, rays) or self._rule_out_parts(node)
                return None if ruled_out else self._split_anyway(node, None)
            if answer.x is None:
                return self._split_anyway(node, None)
            fallen, x = self._note(node, answer), self.tight.spread(answer.x)
            if not self._is_open(node) and self._close(node):
                return None
            pays = rounds == 1 or fallen >= _HARDLY * self._left(node)
            if not pays:
                self._paused = self._pause = min(2 * self._pause + 1, _PAUSE_MOST)
            elif rounds > 1:
                self._pause = 0
            if not fresh or not pays or rounds == _TIGHTENED or not self._tightened(answer.x):
                break
            answer = self.tight.within(node.box.lower, node.box.upper)
        columns = self.tight.columns
        columns = columns[self.cases.whole[columns]]
        candidates = np.sort(columns[np.abs(x[columns] - np.rint(x[columns])) > _PART])
        return self._split(node, x, candidates) if len(candidates) else self._settle(node, x)

    def _solved(self, node: Node) -> highs.Answer:
        answer = self.tight.within(node.box.lower, node.box.upper, node.start)
        if answer.status in (highs.OPTIMAL, highs.INFEASIBLE):
            return answer
        return self.tight.within(node.box.lower, node.box.upper)  # from where it stopped: it was lost on the way

    def _note(self, node: Node, answer: highs.Answer) -> float:
        """Take a solution's bound and prices; by how much the bound fell."""
        limit = self._limit(answer.objective)
        if node.came is not None:
            side, column, part, above = node.came
            self._learned.add(side, column, min(max(above - limit, 0.0), abs(above)) / part)
            node.came = None
        fallen, node.limit = node.limit - limit, limit
        if answer.duals is not None:
            node.prices = self.cases.projected(self.tight.prices(answer.duals))
        return fallen

    def _limit(self, objective: float) -> float:
        """A solver's objective over the free columns as a value of the program."""
        return objective / self.cases.layout.cost_scale + float(self.cases.held[0])

    def _tightened(self, x: Floats) -> bool:
        """Cut a solution off by rounding; not once there are many such rows."""
        most = min(max(len(self.cases.free), _ROWS_LEAST), _ROWS_MOST)
        if self.tight.rounded_rows > most:
            return False
        sides = self.tight.tighten(x, _SINGLED, _JOIN)
        self.cases = self.cases.wider(sides)
        return bool(sides)

    def _settle(self, node: Node, x: Floats) -> Node | None:
        """A case whose solution is whole where it must be: a plan, if it keeps every rule exactly."""
        if not self.program.all_whole:
            return self._settle_parts(node, x)
        self._take(self.cases.plan(x))
        if not self._is_open(node) and self._close(node):
            return None
        self.wanting += self.program.tangents(self.cases.spread(x), 0.0)
        if self.wanting:
            return node
        overlap = self._open_overlap(node, x)
        if overlap is not None:
            return self._sides(node, overlap, floor(x[overlap]), 1)
        broken = {id(row) for row, _ in self.program.failures(self.cases.point(x))}
        eye = np.eye(len(self.program.rows) + len(self.cases.sides))
        rays = [eye[at] * s for at, row in enumerate(self.program.rows) if id(row) in broken for s in (1, -1)]
        return None if self._rule_out(node, [ray.tolist() for ray in rays]) else self._split_anyway(node, x)

    def _open_overlap(self, node: Node, x: Floats) -> int | None:
        """A column that follows from the bookings, and is not whole in a solution that books in wholes."""
        if not self.program.overlaps:
            return None
        open_ = (node.box.lower < node.box.upper) & ~self.cases.whole & (np.abs(x - np.rint(x)) > _PART)
        return int(np.flatnonzero(open_)[0]) if open_.any() else None

    def _settle_parts(self, node: Node, x: Floats) -> Node | None:
        """The same, of parts: the best ones beside these whole bookings, and exact prices of the corner that they are;
        a solver's leave a gap of some trillionths there.
        """
        plan = exact_plan(self.cases.layout, self.cases.spread(x), self._clock)
        if plan is not None:
            self._take(plan)
        elif self._rule_out_parts(node):
            return None
        if not self._is_open(node) and self._close(node):
            return None
        exact = exact_prices(self.cases, node.box, self._clock)
        if exact is not None:
            before, node.prices = node.prices, (*exact, *[0.0] * len(self.cases.sides))
            if self._close(node):
                return None
            if self.cases.bound(before, node.box) < self.cases.bound(node.prices, node.box):
                node.prices = before
        return self._split_anyway(node, x)

    def _take(self, plan: Booked) -> None:
        program = self.program
        value = program.value(plan)
        better = self.value is None or value > self.value
        if better and program.keeps_units(plan) and not program.failures(plan):
            self.wanting += (broken := program.rows_against(plan))
            if not broken:
                self.value, self.plan = value, plan

    def _rule_out(self, node: Node, rays: Sequence[Sequence[float]]) -> bool:
        """Whether one of these multipliers of rows shows, as prices, that a case holds no plan at all."""
        for ray in rays:
            prices = self.cases.projected(ray)
            if any(prices) and self.cases.bound(prices, node.box, costs=False) < 0:
                node.prices, node.closed, node.impossible = prices, True, True
                return True
        return False

    def _rule_out_parts(self, node: Node) -> bool:
        """The same where bookings may be parts, by the prices of the least violation, exactly."""
        prices = None if self.program.all_whole else exact_prices(self.cases, node.box, self._clock, costs=False)
        if prices is None or self.cases.bound(prices, node.box, costs=False) >= 0:
            return False
        node.prices, node.closed, node.impossible = prices, True, True
        return True

    # --- splitting ---

    def _split(self, node: Node, x: Floats, candidates: Ints) -> Node:
        """Split a case where both sides should lower the bound the most; a column that is little known is tried."""
        start, parts = self.tight.solver.basis, x[candidates] - np.floor(x[candidates])
        expected = self._learned.expected(candidates, parts)
        order, known = np.argsort(-score_of(expected), kind="stable"), self._learned.times[:, candidates].min(axis=0)
        best, score, first, tries, since = int(candidates[order[0]]), -1.0, 0, 0, 0
        for at in order.tolist():
            column = int(candidates[at])
            if known[at] < _RELIABLE and tries < _TRIES:
                tries += 1
                falls = self._tried(node, x, column, start)
            else:
                falls = expected[:, at]
            since += 1
            if (found := float(score_of(falls))) > score:
                best, score, first, since = column, found, int(falls[0] > falls[1]), 0
            if since > _AHEAD:
                break
        return self._sides(node, best, floor(x[best]), first, start, float(x[best] - floor(x[best])))

    def _tried(self, node: Node, x: Floats, column: int, start: highs.Start) -> Floats:
        """How far the bound falls on both sides of a column, by a few steps of the simplex method."""
        at, falls, columns = floor(x[column]), np.zeros(2), self.tight.columns
        place = int(np.flatnonzero(columns == column)[0])
        lower, upper = (self.tight.times(bound[columns]) for bound in (node.box.lower, node.box.upper))
        for side, bound in enumerate((at, at + 1)):
            bounds = [lower.copy(), upper.copy()]
            bounds[1 - side][place] = bound
            answer = self.tight.solver.within(bounds[0], bounds[1], start, steps=_STEPS)
            fall = inf if answer.status == highs.INFEASIBLE else node.limit - self._limit(answer.objective)
            falls[side] = min(max(fall, 0.0), self._left(node), abs(node.limit))
            self._learned.add(side, column, falls[side] / (x[column] - at if side == 0 else 1.0 - x[column] + at))
        return falls

    def _split_anyway(self, node: Node, x: Floats | None) -> Node | None:
        """Split where a solver's tolerance hides what is wrong: smaller cases show it, a single point at the latest."""
        lower, upper = (bound // self.program.parts for bound in (node.box.lower, node.box.upper))
        open_ = np.flatnonzero((lower < upper) & self.cases.whole)
        if not len(open_):
            if x is None and self.program.all_whole:
                return self._settle(node, lower.astype(np.float64))
            if not self.program.all_whole:
                return None  # what is left are parts
            before = node.prices
            node.prices = (0.0,) * len(before)  # a single point is worth what it is worth, whatever rows charge
            if not self._close(node) and self.program.overlaps:
                node.prices = before
            return None
        column = int(open_[0])
        at = int(lower[column] if x is None else min(max(round(x[column]), lower[column]), 10**9))
        return self._sides(node, column, min(at, int(upper[column]) - 1), 0)

    def _sides(
        self, node: Node, column: int, at: int, first: int, start: highs.Start | None = None, part: float = 0.0
    ) -> Node:
        """Both sides of a split, less what the case's prices leave out; one is returned, the other waits."""
        node.column, node.at, box, one = column, at, node.box, self.program.parts
        if self.above is not None and any(node.prices):  # a certificate says nothing of a price of 0
            box = self.cases.narrower(self.padded(node.prices), node.box, self.above)
            node.narrows = bool((box.upper < node.box.upper).any() or (box.lower > node.box.lower).any())
        boxes = box.at_most(column, at * one), box.at_least(column, (at + 1) * one)
        parts = (part, 1.0 - part)
        node.sides = tuple(
            Node(inside, node.limit, node.prices, start, (side, column, parts[side], node.limit) if part else None)
            for side, inside in enumerate(boxes)
        )
        self._wait(node.sides[1 - first])
        return node.sides[first]
