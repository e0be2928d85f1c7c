"""The way to a plan: prices from the relaxation, a proven bound, whole bookings from a core that widens as needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Booked, Row, booked
from optimizer.solving import branch, highs, pricing
from optimizer.solving.backends import Backend
from optimizer.solving.clash import proved_impossible, proving_prices, said_impossible, smallest_clash
from optimizer.solving.cuts import Cut, against_rows, with_cuts
from optimizer.solving.relaxation import relax, whole_part
from optimizer.solving.scaling import Scaled, scaled, unit_rows
from optimizer.solving.ties import Ties
from optimizer.solving.vertex import exact_plan

WHOLE_MOST = 5_000  # columns that go to the whole-number search all at once
CORE_FIRST, CORE_MOST = 2_000, 20_000
_LIFTED = 2.0**10  # costs in a search of whole bookings, which takes for equal what differs by less than 1e-9
REPAIRS = 25  # rounds in which a proposal broke a row by less than the solver can see


@dataclass(frozen=True)
class Progress:
    """How far a search has come: the best plan's value and the proven bound, in the objective's unit."""

    seconds: float
    value: float | None
    bound: float | None
    columns: int


@dataclass(frozen=True)
class Solution:
    """What was found: the best plan that passes every row in integers, prices, and a proven bound.

    `plan` is what is booked (None: no plan found). `program` is what was solved, with the rows that were added on the
    way. `prices` (one per row, in the program's units) and the relaxed solution `relaxed` (n,) come from the
    relaxation, and prove `root_bound` by themselves; `bound` is at least the value of any plan, in the program's units.
    `infeasible` holds where no plan
    exists, `proof` says on what ground ("prices", "branches": proved exactly; "none": the solver says so); `clash` are
    rules that cannot hold together, `must` says whether only with `include`. `branches` is the proof where it took
    cases, be it of the bound or of a clash; `against` holds the rows that a proof of a clash is about. `ties` says what
    decided among plans that are worth as much.
    """

    program: Program
    plan: Booked | None
    prices: tuple[float, ...]
    relaxed: Floats
    bound: Fraction | None
    solver_claim: str
    root_bound: Fraction | None = None
    branches: branch.Proof | None = None
    infeasible: bool = False
    proof: Literal["prices", "branches", "none"] = "none"
    clash: tuple[int, ...] = ()
    must: bool = False
    against: Program | None = None
    stopped: bool = False
    failed: bool = False
    ties: Ties = "open"


@dataclass(frozen=True)
class _Best:
    """A plan that passes every row, with its value in the program's units."""

    plan: Booked
    value: Fraction


@dataclass
class _Search:
    """The state of one search."""

    program: Program
    layout: Scaled
    gap: Fraction
    clock: highs.Clock
    backend: Backend
    progress: Callable[[Progress], None] | None
    started: float = field(default_factory=time.monotonic)
    bound: Fraction | None = None
    best: _Best | None = None
    wanting: tuple[Row, ...] = ()  # rows for single creators that proposals broke
    contradicted: bool = False  # the solver said that there is no plan, and there is one

    def offer(self, x: Floats) -> bool:
        """Take a proposal if it passes every row and beats the best so far; True once the gap is met."""
        return self.take(self.plan_of(x))

    def take(self, plan: Booked | None) -> bool:
        """Take a plan, as `offer` does."""
        if plan is not None:
            value = self.program.value(plan)
            if (self.best is None or value > self.best.value) and self.keeps_rules(plan):
                broken = self.program.rows_against(plan)
                if broken:
                    self.wanting += broken
                else:
                    self.best = _Best(plan, value)
                    self.report(len(self.program))
        return self.good_enough

    def plan_of(self, x: Floats) -> Booked | None:
        """What a proposal books, exactly, with the switches that follow from it."""
        if not np.isfinite(x).all():
            return None
        if self.program.all_whole:
            return self.program.settled(booked(x))
        return exact_plan(self.layout, x, self.clock)

    def keeps_rules(self, plan: Booked | None) -> bool:
        """Whether a proposal passes every row and books every unit as it must and may be."""
        return plan is not None and self.program.keeps_units(plan) and not self.program.failures(plan)

    @property
    def good_enough(self) -> bool:
        """Whether the plan is within the asked gap of the bound."""
        if self.best is None or self.bound is None:
            return False
        return self.bound - self.best.value <= self.gap * max(abs(self.best.value), Fraction(self.program.denominator))

    def report(self, columns: int) -> None:
        if self.progress is not None:
            sign, unit = self.program.objective.sign, self.program.denominator
            value = None if self.best is None else float(sign * self.best.value / unit)
            bound = None if self.bound is None else float(sign * self.bound / unit)
            self.progress(Progress(time.monotonic() - self.started, value, bound, columns))


def solve(
    program: Program,
    *,
    gap: float,
    deadline: float,
    cancelled: Callable[[], bool],
    progress: Callable[[Progress], None] | None = None,
    backend: Backend = highs.solve,
) -> Solution:
    """Find the best plan within the gap, or as good a one as the clock allows; `backend` proposes whole bookings."""
    clock = highs.Clock(deadline, cancelled)
    search = _Search(program, scaled(program), Fraction(gap), clock, backend, progress)
    while True:
        solution = _solve(search)
        if not search.wanting or search.good_enough or clock.over:
            return solution
        rows = {(row.rule, row.label): row for row in search.wanting}
        program = replace(search.program, rows=(*search.program.rows, *rows.values()))
        search = replace(search, program=program, layout=scaled(program), bound=None, wanting=())


def _solve(search: _Search) -> Solution:
    """One search, with the rows that are there."""
    program, layout, clock = search.program, search.layout, search.clock
    search.take(_least(program))
    relaxed = relax(layout, clock)
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
    if search.good_enough:
        status = highs.OPTIMAL
    else:  # where the relaxation breaks rows that are not there yet, they come before the longer search
        status = highs.STOPPED if search.wanting and not clock.over else _round(search, prices, x)
    if search.best is None and status == highs.INFEASIBLE and not search.wanting:
        return _infeasible(layout, clock, proving_prices(layout, None, clock))
    branches = None
    if search.best is not None and not search.wanting and not clock.over and root > search.best.value:
        branches = _prove(search, prices, sum_of_prices)
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
        branches=branches,
        solver_claim=_claim(search, status),
        stopped=status == highs.STOPPED and not search.good_enough,
        failed=status == highs.FAILED,
    )


def _prove(search: _Search, prices: tuple[float, ...], sum_of_prices: Fraction) -> branch.Proof | None:
    """Split cases until they are closed, or enough work is done: the bound falls, or a better plan turns up."""
    best = search.best
    if best is None:
        return None
    proof = branch.prove(search.layout, prices, sum_of_prices, best.value, search.clock, gap=search.gap)
    if proof is None or proof.bound is None:
        return None
    if proof.plan is not None:
        search.best = _Best(proof.plan, search.program.value(proof.plan))
    if search.bound is None or proof.bound < search.bound:
        search.bound = proof.bound
        search.report(len(search.program))
        return proof
    return None


def _claim(search: _Search, status: str) -> str:
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


def _round(search: _Search, prices: tuple[float, ...], x: Floats) -> str:
    """Whole bookings: search a core of nearly tied columns, widened until the gap is met or nothing is left out."""
    program = search.program
    rc, _ = pricing.reduced_costs(program, prices)
    column_regret, keep_regret = pricing.regrets(program, rc)
    size = CORE_FIRST
    while True:
        free, complete = _core(search, x, column_regret, keep_regret, size)
        status = _search_core(search, free, x)
        if search.clock.over or search.good_enough or complete:
            return highs.STOPPED if search.clock.over and not search.good_enough else status
        size *= 4


def _core(search: _Search, x: Floats, column_regret: Floats, keep_regret: Floats, size: int) -> tuple[Flags, bool]:
    """Which columns stay free, and whether all that a better plan could use are among them.

    A column whose regret exceeds bound - value can be in no better plan; a unit whose best choice is worth more than
    that keeps it. Otherwise the nearest to a tie are taken, and whatever the relaxation leaves fractional.
    """
    program, n = search.program, len(search.program)
    if n <= WHOLE_MOST:
        return np.ones(n, dtype=np.bool_), True
    near = column_regret.copy()
    is_best = column_regret == 0
    near[is_best] = keep_regret[program.unit[is_best]]
    needed = np.ones(n, dtype=np.bool_)
    if search.best is not None and search.bound is not None:
        needed = near <= float(search.bound - search.best.value) * (1 + 1e-9)
    fractional = np.abs(x - np.rint(x)) > 1e-7
    fractional[program.bookings :] = True  # switches follow from what is booked
    if needed.sum() <= max(size, CORE_FIRST) or size > CORE_MOST:
        return needed | fractional, True
    order = np.argsort(near, kind="stable")[:size]
    free = fractional.copy()
    free[order] = True
    return free, False


def _search_core(search: _Search, free: Flags, x: Floats) -> str:
    """Search whole bookings of the free columns, the others held as relaxed.

    A proposal that breaks a row by less than the solver's tolerance is cut off, with all others that break this row for
    the same reason, and the search goes on: nothing that keeps the rules is ever cut off.
    """
    columns = np.flatnonzero(free)
    held = np.where(free, 0.0, np.where(search.program.whole, np.rint(x), x))

    def spread(core: Floats) -> Floats:
        whole = held.copy()
        whole[columns] = core[: len(columns)]
        return whole

    cuts: list[Cut] = []
    for _ in range(REPAIRS):
        answer = _asked(
            search, _core_model(search.layout, columns, held, cuts), lambda core: search.offer(spread(core))
        )
        if answer.x is None or search.clock.over or search.good_enough:
            return answer.status
        plan = search.plan_of(spread(answer.x))
        if search.offer(spread(answer.x)) or search.keeps_rules(plan):
            return answer.status
        if not search.program.all_whole:
            break  # of parts there is no next smaller one
        cuts += against_rows(search.layout, columns, spread(answer.x))
    return highs.FAILED


def _asked(search: _Search, model: highs.Model, on_solution: Callable[[Floats], bool]) -> highs.Answer:
    """What the solver says; of another one than HiGHS, "there is none" counts only if HiGHS says so too."""
    relative_gap = float(search.gap) / 2
    answer = search.backend(model, search.clock, relative_gap=relative_gap, on_solution=on_solution)
    if search.backend is highs.solve or answer.status != highs.INFEASIBLE:
        return answer
    second = highs.solve(model, search.clock, relative_gap=relative_gap, on_solution=on_solution)
    search.contradicted |= second.x is not None
    return second


def _core_model(layout: Scaled, columns: Ints, held: Floats, cuts: list[Cut]) -> highs.Model:
    """The core as a model, with the rows that were cut so far. A unit of one column that may be left has no row."""
    program = layout.program
    lower, upper = layout.bounds(layout.totals(held))
    size, mine = len(program.available), program.unit[columns]
    taken = np.bincount(program.unit, weights=held, minlength=size)
    room, must = (program.times(counts) - taken for counts in (program.available, program.required))
    count = np.bincount(mine, minlength=size)
    units = np.flatnonzero((count > 1) | ((count > 0) & (must > 0)))
    matrix = sparse.vstack([layout.part(columns), unit_rows(program, columns, units)], format="csr")
    model = highs.Model(
        cost=layout.cost[columns] * _LIFTED,
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([lower, np.maximum(must[units], 0.0)]),
        row_upper=np.concatenate([upper, room[units]]),
        lower=np.zeros(len(columns)),
        upper=np.minimum(program.times(program.most[columns]), room[mine]).clip(min=0.0),
        whole=program.whole[columns],
    )
    return with_cuts(model, cuts)


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
    return branch.prove(scaled(against), (0.0,) * len(against.rows), Fraction(0), None, clock)
