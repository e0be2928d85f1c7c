"""The way to a plan: prices from the relaxation, a proven bound, whole bookings from a core that widens as needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count, takewhile
from typing import Literal

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Booked
from optimizer.solving import branch, core, highs, pricing
from optimizer.solving.backends import Backend
from optimizer.solving.cases import Cases, narrowed, settle
from optimizer.solving.clash import proved_impossible, proving_prices, said_impossible, smallest_clash
from optimizer.solving.relaxation import relax, whole_part
from optimizer.solving.scaling import Scaled, scaled
from optimizer.solving.search import Progress, Search
from optimizer.solving.ties import Ties
from optimizer.solving.tightening import tightened
from optimizer.solving.tree import Tree

_CASES, _NODES = 200, 50  # the work of the first turn; each further one does four times as much
_DEEP = 600  # nodes of a turn where a core is only a part
_BITE = 50  # cases after which a tree over many columns is asked whether it is near enough
_WORK = 400_000  # open columns times cases of the first turn, of a larger program
_TURNS = 6  # after which a search goes on until it ends
_OPEN_FEW, _OPEN_MOST = 2_500, 30_000  # open columns of a larger program over which a tree is begun
_CELLS_MOST = 20_000_000  # coefficients over which a tree is begun, 160 MB
_FEWER = 0.7  # a tree is begun anew where a better plan leaves only so many of its columns open


@dataclass(frozen=True)
class Solution:
    """What was found: the best plan that passes every row in integers, prices, and a proven bound.

    `plan` is what is booked (None: no plan found). `program` is what was solved, with the rows that were added on the
    way. `prices` (one per row, in the program's units) and the relaxed solution `relaxed` (n,) come from the
    relaxation (over the columns `relaxed_over`), and prove `root_bound` by themselves (`sum_of_prices`, before it is
    rounded to what plans can be worth); `bound` is at least the value of any plan, in the program's units. `infeasible`
    holds where no plan exists, `proof` says on what ground ("prices", "branches": proved exactly; "none": the solver
    says so); `clash` are rules that cannot hold together, `must` says whether only with `include`. `branches` is the
    proof where it took cases, be it of the bound or of a clash; `against` holds the rows that a proof of a clash is
    about. `ties` says what decided among plans that are worth as much.
    """

    program: Program
    plan: Booked | None
    prices: tuple[float, ...]
    relaxed: Floats
    bound: Fraction | None
    solver_claim: str
    root_bound: Fraction | None = None
    sum_of_prices: Fraction | None = None
    relaxed_over: Ints | None = None
    branches: branch.Proof | None = None
    infeasible: bool = False
    proof: Literal["prices", "branches", "none"] = "none"
    clash: tuple[int, ...] = ()
    must: bool = False
    against: Program | None = None
    stopped: bool = False
    failed: bool = False
    ties: Ties = "open"


def solve(
    program: Program,
    *,
    gap: float,
    deadline: float,
    cancelled: Callable[[], bool],
    progress: Callable[[Progress], None] | None = None,
    backend: Backend = highs.solve,
    before: Solution | None = None,
) -> Solution:
    """Find the best plan within the gap, or as good a one as the clock allows; `backend` proposes whole bookings.

    The search begins where the one `before` ended, if that was over the same columns, with other costs or rows.
    """
    clock = highs.Clock(deadline, cancelled)
    search = Search(program, scaled(program), Fraction(gap), clock, backend, progress)
    begin = None
    if before is not None:  # its bookings are ours; its switches may be others
        if before.relaxed_over is not None:
            begin = before.relaxed_over[before.relaxed_over < before.program.bookings]
        if before.plan is not None:
            inside = before.plan.columns < before.program.bookings
            search.take(program.settled(Booked(before.plan.columns[inside], before.plan.counts[inside])))
    while True:
        solution = _solve(search, begin)
        if not search.wanting or search.good_enough or clock.over:
            return solution
        rows = {(row.rule, row.label): row for row in search.wanting}
        program = replace(search.program, rows=(*search.program.rows, *rows.values()))
        search = replace(search, program=program, layout=scaled(program), bound=None, wanting=())


def _solve(search: Search, begin: Ints | None) -> Solution:
    """One search, with the rows that are there."""
    program, layout, clock = search.program, search.layout, search.clock
    search.take(_least(program))
    relaxed = relax(layout, clock, begin=begin)
    if relaxed.status in (highs.INFEASIBLE, highs.FAILED) and search.best is None:
        proof = proving_prices(layout, None, clock)
        if proof is not None:
            return _infeasible(layout, clock, proof)
    prices = pricing.project(program, relaxed.prices or [0.0] * len(program.rows))
    x = np.zeros(len(program)) if relaxed.x is None else relaxed.x
    sum_of_prices = pricing.upper_bound(program, prices)
    search.bound = pricing.best_value(program, sum_of_prices)
    search.wanting += program.rows_against(_support(x))
    search.offer(np.where(program.whole, whole_part(program, x), x))
    root = search.bound
    if search.wanting and not search.good_enough and not clock.over:
        status, branches = highs.STOPPED, None  # rows that are not there yet come before the longer search
    else:
        status, branches = _search_and_prove(search, core.ranked(program, prices, sum_of_prices), x)
    if search.best is None and status == highs.INFEASIBLE and not search.wanting:
        return _infeasible(layout, clock, proving_prices(layout, None, clock))
    if search.good_enough:
        status = highs.OPTIMAL
    best = search.best
    return Solution(
        program=program,
        plan=best.plan if best else None,
        prices=prices,
        relaxed=x,
        bound=search.bound,
        root_bound=root,
        sum_of_prices=sum_of_prices,
        relaxed_over=relaxed.columns,
        branches=branches,
        solver_claim=_claim(search, status),
        stopped=status == highs.STOPPED and not search.good_enough,
        failed=status == highs.FAILED,
    )


def _search_and_prove(search: Search, ranks: core.Ranked, x: Floats) -> tuple[str, branch.Proof | None]:
    """Search whole bookings and split cases by turns, each with more work than the one before.

    Nobody knows which of them will end it: a search finds plans, and each better one leaves less open; cases close
    small gaps at once, and find plans that a search misses.
    """
    splits = branch.can_split(search.program)
    size, status, searched = core.first_size(splits), highs.OPTIMAL if search.good_enough else highs.STOPPED, False
    proof: branch.Proof | None = None
    tree: Tree | None = None
    before = search.value
    for turn in count():
        if splits and (turn or search.good_enough):
            tree = _opened(search, tree, ranks, rising=search.value != before)
        spent = True
        if tree is not None:
            most = branch.affordable(len(tree.begun.free), near=search.good_enough)
            looked_at = tree.looked_at
            _grow(search, tree, most if search.good_enough else min(most, _cases(tree, turn - 1)))
            found = _proved(search, tree) if tree.looked_at > looked_at or proof is None else None
            if found is not None and found.bound is None:
                return highs.INFEASIBLE, None
            proof, spent = found or proof, tree.looked_at >= most or tree.ended
        if search.good_enough or search.wanting or search.clock.over or (searched and spent):
            break
        if searched:
            continue
        before = search.value
        part = core.chosen(search, None if tree is None else tree.begun, ranks, x, size)
        status = core.search_core(search, part, _nodes(part, turn) if splits else None)
        searched = part.complete and status != highs.STOPPED
        if splits or status != highs.STOPPED:
            size = core.next_size(size, splits)
    return highs.STOPPED if search.clock.over and not search.good_enough else status, proof


def _nodes(part: core.Core, turn: int) -> int | None:
    """How many nodes a turn's search has: more each turn, until it ends; or as many for each core that is but a part,
    since the next one has more columns."""
    if not part.complete:
        return _DEEP
    return _NODES << 2 * turn if turn < _TURNS else None


def _grow(search: Search, tree: Tree, most: int) -> None:
    """Look at cases until `most` were; where each takes long, not at many more once the gap is reached, which a tree
    does in proportion to what it was told."""
    if len(tree.program) > core.WHOLE_MOST:
        for some in takewhile(lambda some: some < most, (_BITE << at for at in count())):
            tree.grow(search.clock, search.gap, some)
            if tree.ended:
                return
    tree.grow(search.clock, search.gap, most)


def _cases(tree: Tree, turn: int) -> int:
    """How many cases have been looked at by the end of a turn; fewer where each takes long."""
    if len(tree.program) <= core.WHOLE_MOST:
        return _CASES << 2 * turn
    return min(_CASES << 2 * turn, (_WORK << turn) // max(len(tree.begun.free), 1))


def _opened(search: Search, tree: Tree | None, ranks: core.Ranked, *, rising: bool) -> Tree | None:
    """A tree over what prices leave open, after the relaxation was tightened; None where that is too much to look at.

    A tree that there is goes on, unless a better plan leaves much less open. While the value of plans is `rising`, a
    larger program waits for the next one, which leaves less open.
    """
    if tree is not None and search.value == tree.value:
        return tree
    program, layout, value, prices = search.program, search.layout, search.value, ranks.prices
    if len(program) > core.WHOLE_MOST:
        if value is None or ranks.open_at(value) > (_OPEN_FEW if rising else _OPEN_MOST):
            return tree  # to lay so much out would take longer than to find a better plan
        if tree is not None and tree.above is not None and ranks.open_at(value) > _FEWER * ranks.open_at(tree.above):
            tree.value = value
            return tree
    cases = settle(layout, prices, ranks.bound, value)
    near = value is not None and branch.is_near(program, ranks.bound, value, search.gap)
    if not branch.affordable(len(cases.free), near=near) or _cells(cases) > _CELLS_MOST:
        return tree
    regret = ranks.regret[cases.free]
    goal = -np.inf if value is None else float(value - cases.held[0]) * layout.cost_scale
    tight = tightened(layout, cases.free, cases.held[1], regret, goal, search.clock)
    if tight is not None:
        stage, sides = tight
        cases, prices = narrowed(cases, stage, sides, value), stage.prices
    if tree is not None and tree.above is not None and len(cases.free) > _FEWER * len(tree.begun.free):
        tree.value = value
        return tree
    return Tree(cases, prices, value)


def _cells(cases: Cases) -> int:
    """How many coefficients there are when all rows and units are laid out over what is open."""
    several = np.unique(cases.program.unit[cases.free], return_counts=True)[1] > 1
    return (2 * len(cases.program.rows) + int(several.sum())) * len(cases.free)


def _proved(search: Search, tree: Tree) -> branch.Proof | None:
    """What a tree proves by now, if that is more than was known; a better plan that turned up is taken."""
    if tree.plan is not None:
        search.take(tree.plan)
    proof = branch.proof_of(tree)
    if proof is None or proof.bound is None:
        return proof
    if search.bound is None or proof.bound < search.bound:
        search.bound = proof.bound
        search.report(len(tree.begun.free))
        return proof
    return None


def _claim(search: Search, status: str) -> str:
    """What the solver says of the plan."""
    if search.contradicted:
        return "infeasible, which is wrong"
    gap = float(search.gap)
    return "optimal" if status == highs.OPTIMAL and gap == 0 else _CLAIMS[status].format(gap=gap)


_CLAIMS = {
    highs.OPTIMAL: "within {gap:.2%} of the best",
    highs.STOPPED: "stopped before the search ended",
    highs.INFEASIBLE: "infeasible",
    highs.FAILED: "no answer",
}


def _support(x: Floats) -> Booked:
    """What a relaxed solution books, in parts."""
    columns = np.flatnonzero(x > 1e-9)
    return Booked(columns, np.array([Fraction(float(count)) for count in x[columns]], dtype=object))


def _least(program: Program) -> Booked:
    """The plan that books no more than it must, in the first way it can."""
    must = np.flatnonzero(program.required)
    counts = [Fraction(parts, program.parts) for parts in program.required[must].tolist()]
    whole = [int(count) if count.denominator == 1 else count for count in counts]
    return program.settled(Booked(np.searchsorted(program.unit, must), np.array(whole, dtype=object)))


def _infeasible(layout: Scaled, clock: highs.Clock, proof: tuple[float, ...] | None) -> Solution:
    """No plan exists: proved by prices, or else on the solver's word; with the rules that clash on that same ground."""
    program = layout.program
    blamed: Sequence[int] = range(len(program.rules))
    if proof is not None:
        priced = {row.rule for row, price in zip(program.rows, proof, strict=True) if price}
        forbidding = {row.rule for row in program.rows if row.forbids(program.whole) is not None}
        blamed = sorted((priced | forbidding) - {STRUCTURE})
    clash, must = smallest_clash(layout, blamed, clock, said_impossible if proof is None else proved_impossible)
    against = program.only(clash, include=must)
    prices = None if proof is None else proving_prices(scaled(against), None, clock)
    if proof is not None and prices is None:  # the first proof holds for all that it blames
        clash, must, against = tuple(blamed), bool(program.required.any()), program.only(tuple(blamed))
        prices = tuple(price for row, price in zip(program.rows, proof, strict=True) if row in against.rows)
    branches = _prove_impossible(against, clock) if prices is None else None
    return Solution(
        program=program,
        plan=None,
        prices=prices or (0.0,) * len(against.rows),
        relaxed=np.zeros(len(program)),
        bound=None,
        solver_claim="infeasible",
        branches=branches,
        infeasible=True,
        proof="prices" if prices is not None else "none" if branches is None else "branches",
        clash=clash,
        must=must,
        against=against,
    )


def _prove_impossible(against: Program, clock: highs.Clock) -> branch.Proof | None:
    """Split cases until prices show of each that no whole bookings keep the rules of a clash."""
    none = (0.0,) * len(against.rows)
    proof = branch.prove(settle(scaled(against), none, Fraction(0), None), none, None, clock)
    return None if proof is None or proof.bound is not None else proof
