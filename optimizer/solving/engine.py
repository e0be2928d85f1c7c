"""The way to a plan: prices from the relaxation, a proven bound, whole bookings from a core that widens as needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Booked
from optimizer.solving import branch, highs, lagrangian_bound, restricted_mip
from optimizer.solving.backends import Backend
from optimizer.solving.column_generation import relax, whole_part
from optimizer.solving.conflict import blamed_by, proved_impossible, proving_prices, said_impossible, smallest_clash
from optimizer.solving.exchanges import exchange
from optimizer.solving.greedy import greedy
from optimizer.solving.indicator_branching import branch_at_indicators, weak_indicators
from optimizer.solving.reduced_problem import settle
from optimizer.solving.scaling import scaled
from optimizer.solving.search import Enough, Progress, Search, support
from optimizer.solving.strategies import search_and_prove
from optimizer.solving.ties import Ties

_NEAR = 1_000  # columns nearest to being booked that prices are looked at beside their bounds with


@dataclass(frozen=True, eq=False)
class Beginning:
    """Where another search of a like program begins: at columns that its relaxation booked, and at a plan; of its
    `bookings` alone, whose number is how a program is known to be alike."""

    near: Ints | None
    plan: Booked | None
    bookings: int

    def within(self, places: Ints) -> Beginning:
        """The same among some of the columns, whose places are ascending."""
        near = None if self.near is None else np.flatnonzero(np.isin(places, self.near))
        if self.plan is None:
            return Beginning(near, None, len(places))
        at = places.searchsorted(self.plan.columns)
        there = at < len(places)
        there[there] = places[at[there]] == self.plan.columns[there]
        return Beginning(near, Booked(at[there], self.plan.counts[there]), len(places))

    def among(self, places: Ints, bookings: int) -> Beginning:
        """The same among more columns, of which these were some."""
        near = None if self.near is None else places[self.near]
        plan = None if self.plan is None else Booked(places[self.plan.columns], self.plan.counts)
        return Beginning(near, plan, bookings)

    def fits(self, program: Program) -> bool:
        """Whether a program has as many bookings."""
        return self.bookings == program.bookings


@dataclass(frozen=True)
class Solution:
    """What was found: the best plan that passes every row in integers, prices, and a proven bound.

    `plan` is what is booked (None: no plan found). `program` is what was solved, with the rows that were added on the
    way. `prices` (one per row, in the program's units) and the relaxed solution `relaxed` (n,) come from the
    relaxation, and prove `root_bound` by themselves (`sum_of_prices`, before it is rounded to what plans can be worth);
    `near` are the columns that mattered most. `bound` is at least the
    value of any plan, in the program's units.

    `infeasible` holds where no plan exists, `proof` says on what ground ("prices", "branches": proved exactly; "none":
    the solver says so); `clash` are rules that cannot hold together, `must` says whether only with `include`.
    `branches` is the proof where it took cases, be it of the bound or of a clash; `against` holds the rows that a proof
    of a clash is about. `ties` says what decided among plans that are worth as much.
    """

    program: Program
    plan: Booked | None
    prices: tuple[float, ...]
    relaxed: Floats
    bound: Fraction | None
    solver_claim: str
    root_bound: Fraction | None = None
    sum_of_prices: Fraction | None = None
    near: Ints | None = None
    branches: branch.Proof | None = None
    infeasible: bool = False
    proof: Literal["prices", "branches", "none"] = "none"
    clash: tuple[int, ...] = ()
    must: bool = False
    against: Program | None = None
    stopped: bool = False
    failed: bool = False
    ties: Ties = "open"

    @property
    def beginning(self) -> Beginning:
        """Where a search over the same bookings, with other costs or rows, may begin; its indicators may be others."""
        near = None if self.near is None else np.flatnonzero(self.relaxed[: self.program.bookings])
        if self.plan is None:
            return Beginning(near, None, self.program.bookings)
        inside = self.plan.columns < self.program.bookings
        return Beginning(near, Booked(self.plan.columns[inside], self.plan.counts[inside]), self.program.bookings)


def solve(
    program: Program,
    *,
    gap: float,
    clock: highs.Clock,
    progress: Callable[[Progress], None] | None = None,
    backend: Backend = highs.solve,
    before: Solution | Beginning | None = None,
    polish: bool = True,
    clash: bool = True,
    enough: Enough | None = None,
) -> Solution:
    """Find the best plan within the gap, or as good a one as the clock allows; `backend` proposes whole bookings.

    Without `clash`, no rules are looked for that cannot hold together, where there is no plan. With `polish`, a small
    program's gap is closed further where that takes little. `enough` says whether the best value and the bound so far
    (in the program's units; None: not known yet) end the search. It begins where the one `before` ended, if that was
    over the same columns, with other costs or rows.
    """
    begin = before.beginning if isinstance(before, Solution) else before
    begin = begin if begin is not None and begin.fits(program) else None
    beside = begin is not None and begin.plan is not None and not polish
    search = Search(
        program,
        scaled(program),
        Fraction(gap),
        clock,
        backend,
        progress,
        enough=enough,
        polish=polish,
        clash=clash,
        beside=beside,
    )
    if begin is not None and begin.plan is not None:
        search.take(program.settled(begin.plan))
    near = None if begin is None else begin.near
    while True:
        solution = _solve(search, near)
        if not search.wanting or search.good_enough or clock.over:
            return solution
        rows = {(row.rule, row.label): row for row in (*search.wanting, *search.tangents)}
        program = replace(search.program, rows=(*search.program.rows, *rows.values()))
        search = replace(
            search, program=program, layout=scaled(program), bound=None, wanting=(), tangents=(), exchanged=None
        )
        near = np.flatnonzero(solution.relaxed) if solution.near is not None else near


def _solve(search: Search, begin: Ints | None) -> Solution:
    """One search, with the rows that are there."""
    program, layout, clock = search.program, search.layout, search.clock
    search.take(_least(program))
    relaxed = relax(layout, clock, begin=begin)
    layout = relaxed.layout
    program = layout.program
    search.program, search.layout = program, layout
    if relaxed.status in (highs.INFEASIBLE, highs.FAILED) and search.best is None:
        proof = proving_prices(layout, None, clock)
        if proof is not None:
            return _infeasible(search, proof)
    prices = lagrangian_bound.project(program, relaxed.prices or [0.0] * len(program.rows))
    x = np.zeros(len(program)) if relaxed.x is None else relaxed.x
    reduced = lagrangian_bound.reduced_costs(program, prices)
    sum_of_prices = lagrangian_bound.upper_bound(program, prices, reduced=reduced)
    search.bound = lagrangian_bound.best_value(program, sum_of_prices)
    search.wanting += program.rows_against(support(x))
    search.offer(np.where(program.whole, whole_part(program, x), x))
    root, ranks = search.bound, restricted_mip.ranked(program, prices, sum_of_prices, reduced[0])
    if not search.good_enough:
        exchange(search, x, prices, ranks.order)
    if not search.good_enough:
        greedy(search, x, prices, ranks.order)
    if search.wanting and not search.good_enough and not clock.over:
        status, branches = highs.STOPPED, None  # rows that are not there yet come before the longer search
    else:
        weak = weak_indicators(program)
        branches = branch_at_indicators(search, weak, prices, sum_of_prices, x) if len(weak) else None
        if branches is not None and branches.bound is None and search.best is None:
            return _infeasible_together(program, None, branches)
        status, beside = highs.STOPPED, None
        if not search.good_enough and not search.wanting and not clock.over:
            bound = search.bound
            status, beside = search_and_prove(search, ranks, x)
            branches = beside if branches is None or search.bound < bound else branches
    if search.best is None and status == highs.INFEASIBLE and not search.wanting:
        return _infeasible(search, proving_prices(layout, None, clock))
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
        near=np.union1d(np.flatnonzero(x), ranks.order[:_NEAR]),
        branches=branches,
        solver_claim=_claim(search, status),
        stopped=status == highs.STOPPED and not search.good_enough,
        failed=status == highs.FAILED,
    )


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


def _least(program: Program) -> Booked:
    """The plan that books no more than it must, in the first way it can."""
    must = np.flatnonzero(program.required)
    counts = [Fraction(parts, program.parts) for parts in program.required[must].tolist()]
    whole = [int(count) if count.denominator == 1 else count for count in counts]
    return program.settled(Booked(np.searchsorted(program.unit, must), np.array(whole, dtype=object)))


def _infeasible(search: Search, proved: tuple[Program, tuple[float, ...]] | None) -> Solution:
    """No plan exists: proved by prices, or else on the solver's word; with the rules that clash on that same ground,
    which are not looked for where nobody asks for them."""
    program, proof = (search.program, None) if proved is None else proved
    layout, clock = scaled(program), search.clock
    if not search.clash:
        return _infeasible_together(program, proof, _prove_impossible(program, clock) if proof is None else None)
    blamed = _enforced(program) if proof is None else blamed_by(program, proof)
    clash, must = smallest_clash(layout, blamed, clock, said_impossible if proof is None else proved_impossible)
    against = program.only(clash, include=must)
    found = None if proof is None else proving_prices(scaled(against), None, clock)
    prices = None if found is None else found[1]
    if found is not None:
        against = found[0]
        program = replace(program, rows=(*program.rows, *(row for row in against.rows if row not in program.rows)))
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


def _infeasible_together(program: Program, prices: tuple[float, ...] | None, branches: branch.Proof | None) -> Solution:
    """No plan exists: proved by prices or by cases over all columns, which blame all rules together, or on the solver's
    word."""
    return Solution(
        program=program,
        plan=None,
        prices=prices or (0.0,) * len(program.rows),
        relaxed=np.zeros(len(program)),
        bound=None,
        solver_claim="infeasible",
        branches=branches,
        infeasible=True,
        proof="prices" if prices is not None else "none" if branches is None else "branches",
        clash=tuple(_enforced(program)),
        must=bool(program.required.any()),
        against=program,
    )


def _enforced(program: Program) -> list[int]:
    """The rules that a program has rows of: not those that were dropped, nor those whose rows nothing breaks."""
    return sorted({row.rule for row in program.rows} - {STRUCTURE})


def _prove_impossible(against: Program, clock: highs.Clock) -> branch.Proof | None:
    """Split cases until prices show of each that no whole bookings keep the rules of a clash."""
    none = (0.0,) * len(against.rows)
    proof = branch.prove(settle(scaled(against), none, Fraction(0), None), none, None, clock)
    return None if proof is None or proof.bound is not None else proof
