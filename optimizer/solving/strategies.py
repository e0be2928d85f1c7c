"""Searching whole bookings and splitting cases by turns, each with more work than the one before.

Nobody knows which of them will end it: a search finds plans, and each better one leaves less open; cases close small
gaps at once, and find plans that a search misses. Work is counted, not timed, so the same program has the same plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, takewhile

import numpy as np

from optimizer.domain.exact import Floats
from optimizer.solving import branch, highs, restricted_mip
from optimizer.solving.branch_and_bound import Tree
from optimizer.solving.cutting_planes import tightened
from optimizer.solving.guided_mip import lead, scouting
from optimizer.solving.reduced_problem import narrowed, settle
from optimizer.solving.search import Search

_ROUNDS = 30  # rounds of the solver on all that is open: in the first turn, and twice as many more in each one
_CASES, _NODES = 100, 50  # the work of the first turn; each further one looks at more cases, at twice the nodes
_LEADS = 4  # cases that lead to a core in a turn where all that is open is searched as well
_TURNS = 12  # after which a search goes on until it ends
_LED_FIRST, _LED_MOST = 70, 400  # columns of a core that a case leads to
_TOGETHER = 2  # turns in which no case leads, where people are counted once
_NEAREST = 3  # of so many cores, one has the columns nearest to a tie
_DEEP, _LED = 600, 200  # nodes of a turn where a core is only a part, and where a case led to it
_BITE = 50  # cases after which a tree over many columns is asked whether it is near enough
_SOME = 60  # cases of the first turn, of a larger program; each further one looks at so many more
_SCOUTED, _BESIDE = 40, 1  # of a tree that only scouts, before its first turn; and where a search begins beside its end
_OPEN_FEW, _OPEN_MOST = 2_500, 30_000  # open columns of a larger program over which a tree is begun
_OPEN_NEAR, _ABOUT = 400_000, Fraction(3, 2)  # and where the tree should end at about so much of the gap
_TIGHTENED_MOST = 20_000  # open columns over which the relaxation is tightened
_IN_SOLVER = 2_000  # columns with which the relaxation of a tree begins
_FEW_WHOLE = 50  # columns in wholes, beside parts, up to which cases come before the first search
_AS_MANY = 1_000  # a case takes no longer than with so many columns open: few are in the solver, few are live
_FEWER = 0.5  # a tree is begun anew where a better plan leaves only so many of its columns open


def search_and_prove(search: Search, ranks: restricted_mip.Ranked, x: Floats) -> tuple[str, branch.Proof | None]:
    """Search whole bookings, and prove how good they are by cases, until the gap is met or nothing is left to do.

    Parameters
    ----------
    ranks
        All columns by how near they are to a tie, at the prices of the relaxation.
    x
        Its solution (n,).

    Returns
    -------
    tuple[str, branch.Proof | None]
        How the search ended, and the proof by cases, where that says more than prices alone.
    """
    with _Turns(search, ranks, x) as turns:
        for turn in count():
            if turns.prove(turn):
                break
            turns.search_whole(turn)
        return turns.status, turns.proof()


@dataclass
class _Turns:
    """What turns work on: a search, a `tree` over what is open (None: too much is), and, before there is one over a
    larger program, a `scout` over the columns nearest to a tie."""

    search: Search
    ranks: restricted_mip.Ranked
    x: Floats
    status: str = highs.STOPPED
    proves: Tree | None = None  # the tree that shows the bound
    whole: restricted_mip.RestrictedMip | None = None
    tree: Tree | None = None
    scout: Tree | None = None
    value: Fraction | None = None  # of the best plan before the last search
    size: int = 0  # of the next core of the columns nearest to a tie
    led: int = _LED_FIRST  # and of the next one that a case leads to
    opened: int = 0  # turns with a tree
    searched: bool = False  # all that is open was searched to its end

    def __post_init__(self) -> None:
        program, self.value = self.search.program, self.search.value
        self.splits, self.large = program.all_whole and program.parts == 1, len(program) > restricted_mip.WHOLE_MOST
        self.few = not self.splits and int(np.count_nonzero(program.whole)) <= _FEW_WHOLE
        self.size = restricted_mip.first_size(program, self.splits)
        if self.search.good_enough:
            self.status = highs.OPTIMAL
            return
        if not self.large:
            self.whole = restricted_mip.RestrictedMip(self.search, restricted_mip.everything(program), alone=True)
        if self.splits and self.large:
            self.scout = scouting(self.search, self.ranks, self.x)

    def __enter__(self) -> _Turns:
        return self

    def __exit__(self, *_: object) -> None:
        if self.whole is not None:
            self.whole.close()

    def prove(self, turn: int) -> bool:
        """Look at more cases; whether that was the last turn."""
        search, spent = self.search, True
        done = search.good_enough
        # in parts, a gap that was asked for and is met by prices is not closed further: it is a matter of roundings
        if ((turn or self.few) and not done) or (done and self.splits and not self.large and search.polish):
            rising = search.value != self.value and not self.searched
            near = self.searched or _is_about_near(search, self.scout)
            self.tree = _opened(search, self.tree, self.ranks, rising=rising, near=near)
        tree = self.tree
        if tree is not None:
            self.opened += 1
            most, looked_at = _affordable(search, tree) if done else _cases(tree, self.opened), tree.looked_at
            _grow(search, tree, most)
            search.wanting += tree.wanting
            if (tree.looked_at > looked_at or self.proves is None) and self._shows_none(tree):
                self.status = highs.INFEASIBLE
                return True
            spent = tree.ended or (done and tree.looked_at >= most)
        if search.clock.over and not search.good_enough:
            self.status = highs.STOPPED
        return search.good_enough or bool(search.wanting) or search.clock.over or (self.searched and spent)

    def _shows_none(self, tree: Tree) -> bool:
        """Take what a tree has found: a better plan, a lower bound; True where it shows that there is no plan."""
        search = self.search
        if tree.plan is not None:
            search.take(tree.plan)
        if tree.value is None:
            return not tree.is_open
        bound = branch.bound_of(tree, tree.value)
        if search.bound is None or bound < search.bound:
            search.bound, self.proves = bound, tree
            search.report(len(tree.begun.free))
        return False

    def proof(self) -> branch.Proof | None:
        """The proof by cases, where that says more than prices alone."""
        return None if self.proves is None else branch.proof_of(self.proves)

    def search_whole(self, turn: int) -> None:
        """Search whole bookings of the program, if it is small enough, and of some cores; unless all that is open was
        searched."""
        if self.searched:
            return
        self.value = self.search.value
        self._narrow()
        if self.whole is not None:
            self.status, _ = self.whole.go(_ROUNDS * (1 + 2 * (self.opened or turn)) if self.splits else None)
            ended = self.status != highs.STOPPED
            self.searched = ended and not (self.whole.alone and self.status == highs.OPTIMAL and self.search.gap)
            if ended and not self.searched:
                self._search_nearer()
            if ended:
                return
        for part in self._cores(turn):
            if self.search.good_enough or self.search.clock.over:
                return
            self._search(part, turn)

    def _search_nearer(self) -> None:
        """Search on among all that is open, for a plan that is nearer to the best than the gap that is asked for."""
        if self.whole is not None:
            self.whole.close()
        tree, program = self.tree, self.search.program
        self.whole = restricted_mip.RestrictedMip(
            self.search, restricted_mip.everything(program) if tree is None else restricted_mip.open_in(tree.begun)
        )

    def _narrow(self) -> None:
        """Search among all that is open of a larger program, once that is little enough, or much less than it was.

        The search of a small one is never begun anew: it would lose what the solver has learned.
        """
        if self.tree is None or not self.large:
            return
        free = len(self.tree.begun.free)
        if free <= (restricted_mip.OPEN_MOST if self.whole is None else _FEWER * len(self.whole.columns)):
            if self.whole is not None:
                self.whole.close()
            self.whole = restricted_mip.RestrictedMip(self.search, restricted_mip.open_in(self.tree.begun))

    def _cores(self, turn: int) -> Iterator[restricted_mip.RestrictedColumns]:
        """What the most promising leaves lead to; of a larger program, now and then the columns nearest to a tie."""
        search, guide = self.search, self.scout if self.tree is None else self.tree if self.splits else None
        part = restricted_mip.nearest(search, self.ranks, self.x, self.size) if self.large else None
        led, leads = None, 1
        if part is None or part.complete:
            # where so few are open that a lead would search nearly all of them, that is done already
            leads = _LEADS if self.opened > 1 and self.tree is not None and self.tree.is_wider(2 * self.led) else 0
        elif turn % _NEAREST == 1 and not _is_about_near(search, self.scout):
            leads = 0
        if turn < _TOGETHER and search.program.overlaps and part is not None:
            leads = 0  # first the many that all have to do with all others
        if guide is not None and leads:
            if self.tree is None:
                guide.value = search.value
                first = _BESIDE if search.beside else _SCOUTED
                guide.grow(search.clock, search.gap, first + turn * _SOME // 3)
                search.wanting += guide.wanting
            for _ in range(leads):
                led = lead(search, guide, self.led)
                if led is not None:
                    yield led
        if part is not None and (led is None or part.complete):
            yield part

    def _search(self, part: restricted_mip.RestrictedColumns, turn: int) -> None:
        """Search whole bookings of a core."""
        search, led = self.search, part.near is not None
        nodes = _nodes(part, turn, self.opened) if self.splits else None
        with restricted_mip.RestrictedMip(search, part, nodes) as mip:
            self.status, _ = mip.go()
        if led and self.status == highs.OPTIMAL:
            self.led = min(self.led * 7 // 5, _LED_MOST)  # so few columns hold no better plan
        self.searched = part.complete and self.status != highs.STOPPED
        if not led and (self.splits or self.status != highs.STOPPED):
            self.size = restricted_mip.next_size(self.search.program, self.size, self.splits)


def _nodes(part: restricted_mip.RestrictedColumns, turn: int, opened: int) -> int | None:
    """How many nodes a search has: of all that is open, more each turn, until it ends; or as many for each core that is
    but a part, since the next one has other columns."""
    if part.near is not None:
        return _LED
    if not part.complete:
        return _DEEP
    turn = opened or turn
    return _NODES << turn if turn < _TURNS else None


# --- the proof ---


def _is_about_near(search: Search, scout: Tree | None) -> bool:
    """Whether the best plan is about as near to what a scouting tree still promises as was asked for."""
    if scout is None or search.value is None or not scout.looked_at:
        return False
    promised = scout.promised
    return promised is None or branch.is_near(search.program, promised, search.value, search.gap * _ABOUT)


def _affordable(search: Search, tree: Tree) -> int:
    """How many cases of a tree are looked at, at the most."""
    return branch.affordable(min(len(tree.begun.free), _AS_MANY), near=search.good_enough)


def _grow(search: Search, tree: Tree, most: int) -> None:
    """Look at cases until `most` were; where each takes long, not at many more once the gap is reached, which a tree
    does in proportion to what it was told."""
    if len(tree.program) > restricted_mip.WHOLE_MOST:
        for some in takewhile(lambda some: some < most, (_BITE << at for at in count())):
            tree.grow(search.clock, search.gap, some)
            if tree.ended:
                return
    tree.grow(search.clock, search.gap, most)


def _cases(tree: Tree, turn: int) -> int:
    """How many cases have been looked at by the end of a turn; fewer where each takes long."""
    first = _SOME if len(tree.begun.free) > restricted_mip.WHOLE_MOST else _CASES
    return first * turn * (turn + 1) // 2


def _opened(
    search: Search, tree: Tree | None, ranks: restricted_mip.Ranked, *, rising: bool, near: bool
) -> Tree | None:
    """A tree over what prices leave open, after the relaxation was tightened; None where that is too much to look at.

    A tree that there is goes on, unless a better plan leaves much less open. While the value of plans is `rising`, a
    larger program waits for the next one, which leaves less open; unless what is there should do (`near`).
    """
    if tree is not None and search.value == tree.value:
        return tree
    program, layout, value, prices = search.program, search.layout, search.value, ranks.prices
    large = len(program) > restricted_mip.WHOLE_MOST
    if tree is not None and value is not None and large and not tree.leaves_fewer(value, _FEWER):
        tree.value = value
        return tree
    if large and tree is None:
        most = _OPEN_NEAR if near else _OPEN_FEW if rising else _OPEN_MOST
        if value is None or ranks.open_at(value) > most:
            return None  # to lay so much out would take longer than to find a better plan
    cases = settle(layout, prices, ranks.bound, value)
    done = value is not None and branch.is_near(program, ranks.bound, value, search.gap)
    if not branch.affordable(min(len(cases.free), _AS_MANY) if large else len(cases.free), near=done):
        return tree
    regret = ranks.regret[cases.free]
    tight = None
    if len(cases.free) <= _TIGHTENED_MOST:
        goal = -np.inf if value is None else float(value - cases.held[0]) * layout.cost_scale
        tight = tightened(layout, cases.free, cases.held[1], regret, goal, search.clock)
    if tight is not None:
        stage, sides = tight
        cases, prices = narrowed(cases, stage, sides, value), stage.prices
    if tree is not None and tree.above is not None and len(cases.free) > _FEWER * len(tree.begun.free):
        tree.value = value
        return tree
    inside = np.sort(np.argsort(ranks.regret[cases.free], kind="stable")[:_IN_SOLVER])
    rounding = tight is not None or not large
    return Tree(cases, prices, value, inside=inside, rounding=rounding)
