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
from optimizer.solving.clash import proved_impossible, proving_prices, said_impossible, smallest_clash
from optimizer.solving.relaxation import relax, whole_part
from optimizer.solving.scaling import Scaled, scaled, unit_rows

WHOLE_MOST = 5_000  # columns that go to the whole-number search all at once
CORE_FIRST, CORE_MOST = 2_000, 20_000
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
    failed: bool = False


@dataclass(frozen=True)
class _Best:
    """A plan that passes every row, with its value in the program's units."""

    columns: Ints
    counts: Ints
    value: int


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
    best: _Best | None = None

    def offer(self, x: Floats) -> bool:
        """Take a proposal if it passes every row and beats the best so far; True once the gap is met."""
        if np.isfinite(x).all():
            columns, counts = booked(x)
            value = self.program.value(columns, counts)
            if (self.best is None or value > self.best.value) and self._keeps_rules(columns, counts):
                self.best = _Best(columns, counts, value)
                self.report(len(x))
        return self.good_enough

    def keeps_rules(self, x: Floats) -> bool:
        """Whether a proposal passes every row and books every unit as it must and may be."""
        return bool(np.isfinite(x).all()) and self._keeps_rules(*booked(x))

    def _keeps_rules(self, columns: Ints, counts: Ints) -> bool:
        return self.program.keeps_units(columns, counts) and not self.program.failures(columns, counts)

    @property
    def good_enough(self) -> bool:
        """Whether the plan is within the asked gap of the bound."""
        if self.best is None or self.bound is None:
            return False
        return self.bound - self.best.value <= self.gap * max(abs(self.best.value), self.program.denominator)

    def report(self, columns: int) -> None:
        if self.progress is not None:
            sign, unit = self.program.objective.sign, self.program.denominator
            value = None if self.best is None else sign * self.best.value / unit
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
    if relaxed.status in (highs.INFEASIBLE, highs.FAILED) and search.best is None:
        proof = proving_prices(layout, None, clock)
        if proof is not None:
            return _infeasible(layout, clock, proof)
    prices = pricing.project(program, relaxed.prices or [0.0] * len(program.rows))
    x = np.zeros(len(program)) if relaxed.x is None else relaxed.x
    search.bound = pricing.best_value(program, pricing.upper_bound(program, prices))
    search.offer(whole_part(program, x))
    status = highs.OPTIMAL if search.good_enough else _round(search, prices, x)
    if search.best is None and status == highs.INFEASIBLE:
        return _infeasible(layout, clock, proving_prices(layout, None, clock))
    best = search.best
    return Solution(
        columns=best.columns if best else None,
        counts=best.counts if best else None,
        prices=prices,
        relaxed=x,
        bound=search.bound,
        solver_claim="optimal" if status == highs.OPTIMAL and gap == 0 else _CLAIMS[status].format(gap=gap),
        stopped=status == highs.STOPPED and not search.good_enough,
        failed=status == highs.FAILED,
    )


_CLAIMS = {
    highs.OPTIMAL: "within {gap:.2%} of the best",
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
    near = column_regret.copy()
    is_best = column_regret == 0
    near[is_best] = keep_regret[program.unit[is_best]]
    needed = np.ones(n, dtype=np.bool_)
    if search.best is not None and search.bound is not None:
        needed = near <= float(search.bound - search.best.value) * (1 + 1e-9)
    fractional = np.abs(x - np.rint(x)) > 1e-7
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
    held = np.where(free, 0.0, np.rint(x))

    def spread(core: Floats) -> Floats:
        whole = held.copy()
        whole[columns] = core[: len(columns)]
        return whole

    cuts: list[_Cut] = []
    for _ in range(REPAIRS):
        answer = highs.solve(
            _core_model(search.layout, columns, held, cuts),
            search.clock,
            relative_gap=float(search.gap) / 2,
            on_solution=lambda core: search.offer(spread(core)),
        )
        if answer.x is None or search.clock.over:
            return answer.status
        if search.offer(spread(answer.x)) or search.keeps_rules(spread(answer.x)):
            return answer.status
        if (search.program.available > 1).any():
            break  # excluding one point by one row needs bookings of at most one
        cuts += _cuts(search, columns, spread(answer.x))
    return highs.FAILED


@dataclass(frozen=True)
class _Cut:
    """A row over the core's columns: `coefficients x >= lower`."""

    coefficients: Floats
    lower: float


def _cuts(search: _Search, columns: Ints, x: Floats) -> list[_Cut]:
    """For each row that a proposal breaks: one of the bookings that push it over must go, or one that relieves it come.

    Exact for bookings of at most one: whoever keeps the row differs from the proposal in that way.
    """
    program, cuts = search.program, []
    booked_, total = booked(x), np.rint(x[columns])
    broken = {id(row) for row, _ in program.failures(*booked_)}
    for at, row in enumerate(program.rows):
        if id(row) not in broken:
            continue
        slope = search.layout.matrix[[at], :].toarray()[0][columns]
        over = row.upper is not None and row.total(*booked_) > row.upper
        push = slope if over else -slope
        leave, come = (total > 0) & (push > 0), (total == 0) & (push < 0)
        cuts.append(_Cut(come.astype(np.float64) - leave.astype(np.float64), 1.0 - float(leave.sum())))
    return cuts


def _core_model(layout: Scaled, columns: Ints, held: Floats, cuts: list[_Cut]) -> highs.Model:
    """The core as a model, with the rows that were cut so far."""
    program = layout.program
    lower, upper = layout.bounds(layout.matrix @ held)
    taken = np.bincount(program.unit, weights=held, minlength=len(program.available))
    units = np.unique(program.unit[columns])
    cut = sparse.csr_array(np.array([cut.coefficients for cut in cuts]).reshape(-1, len(columns)))
    matrix = sparse.vstack([layout.matrix[:, columns], unit_rows(program, columns, units), cut], format="csr")
    room = program.available[units] - taken[units]
    return highs.Model(
        cost=layout.cost[columns],
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate(
            [lower, np.maximum(program.required[units] - taken[units], 0.0), [cut.lower for cut in cuts]]
        ),
        row_upper=np.concatenate([upper, room, np.full(len(cuts), np.inf)]),
        lower=np.zeros(len(columns)),
        upper=np.minimum(program.most[columns], room[np.searchsorted(units, program.unit[columns])]).clip(min=0.0),
        whole=True,
    )


def _infeasible(layout: Scaled, clock: highs.Clock, proof: tuple[float, ...] | None) -> Solution:
    """No plan exists: proved by prices, or else on the solver's word; with the rules that clash on that same ground."""
    program = layout.program
    blamed: Iterable[int] = range(len(program.rules))
    if proof is not None:
        priced = {row.rule for row, price in zip(program.rows, proof, strict=True) if price}
        forbidding = {row.rule for row in program.rows if row.forbids() is not None}
        blamed = sorted(priced | forbidding)
    clash, must = smallest_clash(layout, blamed, clock, said_impossible if proof is None else proved_impossible)
    return Solution(
        columns=None,
        counts=None,
        prices=proof or (0.0,) * len(program.rows),
        relaxed=np.zeros(len(program)),
        bound=None,
        solver_claim="infeasible",
        infeasible=True,
        proof="none" if proof is None else "prices",
        clash=clash,
        must=must,
    )
