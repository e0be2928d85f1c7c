"""The way to a plan: prices from the relaxation, a proven bound, whole bookings from a core that widens as needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.program import Program, booked
from optimizer.solving import highs, pricing
from optimizer.solving.clash import smallest_clash
from optimizer.solving.relaxation import relax, whole_part
from optimizer.solving.scaling import Scaled, scaled, unit_rows

WHOLE_MOST = 5_000  # columns that go to the whole-number search all at once
CORE_FIRST, CORE_MOST = 2_000, 20_000
REPAIRS = 5  # times that rows are tightened after a proposal broke them by less than the solver can see


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

    `columns` are booked `counts` times (None: no plan found). `prices` (one per row, in the program's units) and the
    relaxed solution `relaxed` (n,) come from the relaxation; `bound` is at least the value of any plan, in the
    program's units. `infeasible` holds where no plan exists, `proof` says on what ground ("prices": proved exactly;
    "none": the solver says so); `clash` are rules that cannot hold together, `must` says whether only with `include`.
    """

    columns: Ints | None
    counts: Ints | None
    prices: tuple[float, ...]
    relaxed: Floats
    bound: int | None
    solver_claim: str
    infeasible: bool = False
    proof: str = "none"
    clash: tuple[int, ...] = ()
    must: bool = False
    stopped: bool = False


@dataclass
class _Search:
    """The state of one search."""

    program: Program
    layout: Scaled
    gap: Fraction
    clock: highs.Clock
    progress: Callable[[Progress], None] | None
    started: float = field(default_factory=time.monotonic)
    bound: int | None = None
    value: int | None = None
    columns: Ints | None = None
    counts: Ints | None = None

    def offer(self, x: Floats) -> bool:
        """Take a proposal if it passes every row and beats the best so far; True once the gap is met."""
        columns, counts = booked(x)
        program = self.program
        value = program.value(columns, counts)
        better = self.value is None or value > self.value
        if better and program.keeps_units(columns, counts) and not program.failures(columns, counts):
            self.columns, self.counts, self.value = columns, counts, value
            self.report(len(x))
        return self.good_enough

    @property
    def good_enough(self) -> bool:
        """Whether the plan is within the asked gap of the bound."""
        if self.value is None or self.bound is None:
            return False
        return self.bound - self.value <= self.gap * max(abs(self.value), self.program.denominator)

    def report(self, columns: int) -> None:
        if self.progress is not None:
            sign, unit = self.program.objective.sign, self.program.denominator
            value = None if self.value is None else sign * self.value / unit
            bound = None if self.bound is None else sign * self.bound / unit
            self.progress(Progress(time.monotonic() - self.started, value, bound, columns))


def solve(
    program: Program,
    *,
    gap: float,
    deadline: float,
    cancelled: Callable[[], bool],
    progress: Callable[[Progress], None] | None = None,
) -> Solution:
    """Find the best plan within the gap, or as good a one as the clock allows."""
    clock = highs.Clock(deadline, cancelled)
    layout = scaled(program)
    search = _Search(program, layout, Fraction(gap), clock, progress)
    search.offer(_least(program))
    relaxed = relax(layout, clock)
    if relaxed.prices is None and relaxed.status != highs.STOPPED and search.value is None:
        proved = _proved_infeasible(layout, clock)
        if proved is not None:
            return proved
    prices = pricing.project(program, relaxed.prices or [0.0] * len(program.rows))
    x = np.zeros(len(program)) if relaxed.x is None else relaxed.x
    search.bound = pricing.best_value(program, pricing.upper_bound(program, prices))
    search.offer(whole_part(x))
    status = highs.OPTIMAL if search.good_enough else _round(search, prices, x)
    if search.value is None and status == highs.INFEASIBLE:
        every = range(len(program.rules))
        return _proved_infeasible(layout, clock) or _infeasible(layout, clock, prices, every, "none")
    claim = "optimal" if status == highs.OPTIMAL and gap == 0 else _CLAIMS[status].format(gap=gap)
    stopped = status == highs.STOPPED and not search.good_enough
    return Solution(search.columns, search.counts, prices, x, search.bound, claim, stopped=stopped)


_CLAIMS = {
    highs.OPTIMAL: "within {gap:.4%} of the best",
    highs.STOPPED: "stopped before the search ended",
    highs.INFEASIBLE: "infeasible",
    highs.FAILED: "no answer",
}


def _least(program: Program) -> Floats:
    """The plan that books no more than it must, in the first way it can."""
    x = np.zeros(len(program))
    must = np.flatnonzero(program.required)
    x[np.searchsorted(program.unit, must)] = program.required[must]
    return x


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
    near = np.minimum(np.abs(column_regret), np.inf)
    is_best = column_regret == 0
    near[is_best] = keep_regret[program.unit[is_best]]
    needed = np.ones(n, dtype=np.bool_)
    if search.value is not None and search.bound is not None:
        needed = near <= float(search.bound - search.value) * (1 + 1e-9)
    fractional = np.abs(x - np.rint(x)) > 1e-7
    if needed.sum() <= max(size, CORE_FIRST) or size > CORE_MOST:
        return needed | fractional, True
    order = np.argsort(near, kind="stable")[:size]
    free = fractional.copy()
    free[order] = True
    return free, False


def _search_core(search: _Search, free: Flags, x: Floats) -> str:
    """Search whole bookings of the free columns, the others held as relaxed; repair what tolerance let by."""
    program = search.program
    columns = np.flatnonzero(free)
    held = np.where(free, 0.0, np.rint(x))
    slack = np.zeros(len(program.rows), dtype=np.int64)

    def spread(core: Floats) -> Floats:
        whole = held.copy()
        whole[columns] = core[: len(columns)]
        return whole

    status = highs.FAILED
    for _ in range(REPAIRS + 1):
        model = _core_model(search.layout, columns, held, slack)
        answer = highs.solve(
            model,
            search.clock,
            relative_gap=float(search.gap) / 2,
            on_solution=lambda core: search.offer(spread(core)),
        )
        status = answer.status
        if answer.x is None:
            return status
        search.offer(spread(answer.x))
        broken = program.failures(*booked(spread(answer.x)))
        if not broken or search.good_enough or search.clock.over:
            return status
        for row, excess in broken:
            slack[program.rows.index(row)] += excess
        status = highs.FAILED  # what a tightened search calls best need not be the best
    return status


def _core_model(layout: Scaled, columns: Ints, held: Floats, slack: Ints) -> highs.Model:
    program = layout.program
    lower, upper = layout.bounds(slack, layout.matrix @ held)
    taken = np.bincount(program.unit, weights=held, minlength=len(program.available))
    units = np.unique(program.unit[columns])
    matrix = sparse.vstack([layout.matrix[:, columns], unit_rows(program, columns, units)], format="csr")
    room = program.available[units] - taken[units]
    return highs.Model(
        cost=layout.cost[columns],
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([lower, np.maximum(program.required[units] - taken[units], 0.0)]),
        row_upper=np.concatenate([upper, room]),
        lower=np.zeros(len(columns)),
        upper=np.maximum(program.available[program.unit[columns]] - taken[program.unit[columns]], 0.0),
        whole=True,
    )


def _proved_infeasible(layout: Scaled, clock: highs.Clock) -> Solution | None:
    """A proof that no plan exists, from the prices of the least violation; None where it does not hold up."""
    program = layout.program
    elastic = relax(layout, clock, elastic=True)
    if elastic.prices is None:
        return None
    prices = pricing.project(program, elastic.prices)
    if pricing.upper_bound(program, prices, costs=False) >= 0:
        return None
    blamed = sorted({row.rule for row, price in zip(program.rows, prices, strict=True) if price})
    return _infeasible(layout, clock, prices, blamed, "prices")


def _infeasible(
    layout: Scaled, clock: highs.Clock, prices: tuple[float, ...], rules: Iterable[int], proof: str
) -> Solution:
    clash, must = smallest_clash(layout, rules, clock)
    nothing = np.zeros(len(layout.program))
    return Solution(
        None, None, prices, nothing, None, "infeasible", infeasible=True, proof=proof, clash=clash, must=must
    )
