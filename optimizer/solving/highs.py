"""HiGHS, through arrays: the one file that knows it. What it says is a proposal, never a claim."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from optimizer.domain.exact import Flags, Floats, Ints

GRACE_S = 0.4  # how long a solver that was told to stop is waited for before it is left behind
FEASIBILITY = 1e-9  # at the default of 1e-6, presolve gets small, ordinary models wrong: optima and infeasibility
PRESOLVE_MOST = 20_000  # presolve's dominated-column rule takes minutes beyond, and heeds no time limit

OPTIMAL, INFEASIBLE, STOPPED, FAILED = "optimal", "infeasible", "stopped", "failed"


@dataclass(frozen=True)
class Model:
    """maximize cost x  subject to  row_lower <= A x <= row_upper,  lower <= x <= upper,  x whole where `whole` (n,)."""

    cost: Floats
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    whole: Flags | None = None

    @property
    def is_whole(self) -> bool:
        """Whether any column is whole."""
        return self.whole is not None and bool(self.whole.any())


@dataclass(frozen=True)
class Basis:
    """Of columns or rows: which are basic, and which are at their upper bound."""

    basic: Flags
    upper: Flags


@dataclass(frozen=True)
class Answer:
    """What the solver says: its status, the values of the columns, the duals of the rows (d objective / d bound).

    Of a linear model also which columns and rows are basic, and which of the others stand at their upper bound; of one
    without a solution, multipliers of its rows (`ray`) that say so.
    """

    status: str
    x: Floats | None = None
    duals: Floats | None = None
    basis: tuple[Basis, Basis] | None = None
    objective: float = 0.0
    ray: Floats | None = None


@dataclass
class Clock:
    """When to stop: a deadline (`time.monotonic`), and a question asked now and then."""

    deadline: float
    cancelled: Callable[[], bool]

    @property
    def left(self) -> float:
        return self.deadline - time.monotonic()

    @property
    def over(self) -> bool:
        return self.left <= 0 or self.cancelled()


def solve(
    model: Model,
    clock: Clock,
    *,
    relative_gap: float = 0.0,
    on_solution: Callable[[Floats], bool] | None = None,
) -> Answer:
    """Solve a model within the clock.

    `on_solution` sees each improving whole solution, in the caller's thread, and may stop the search by returning True.
    The solver runs in a thread of its own: where it does not heed the call to stop within `GRACE_S`, it is left behind,
    and what it found so far counts.
    """
    answer = _solve(model, clock, relative_gap, on_solution, presolve=len(model.cost) <= PRESOLVE_MOST)
    if model.is_whole and answer.status == INFEASIBLE and len(model.cost) <= PRESOLVE_MOST:
        # presolve calls some ordinary models infeasible that are not: only a search without it is believed
        return _solve(model, clock, relative_gap, on_solution, presolve=False)
    return answer


def _solve(
    model: Model, clock: Clock, relative_gap: float, on_solution: Callable[[Floats], bool] | None, *, presolve: bool
) -> Answer:
    if clock.over:
        return Answer(STOPPED)
    run = _Run(model, relative_gap, max(clock.left, 0.01), presolve)
    run.thread.start()
    seen, wait = 0, 0.001
    while True:
        run.thread.join(wait)
        wait = min(2 * wait, 0.05)
        done = not run.thread.is_alive()
        found = run.found[seen:]
        seen += len(found)
        enough = on_solution is not None and any(map(on_solution, found))  # the first one, however late we look
        if done:
            return run.answer()
        if clock.over or enough:
            return run.stop()


class Warm:
    """A linear model that is solved again and again, with other bounds on its columns; each time from where it ended.

    For models so small that no clock need be heeded.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._h = _quiet()
        self._h.setOptionValue("presolve", "off")
        self._h.setOptionValue("solver", "simplex")
        self._h.passModel(_lp(model))
        self._lower, self._upper = model.lower.copy(), model.upper.copy()

    @property
    def basis(self) -> object:
        """Where the last solution ended, to begin another one there."""
        return self._h.getBasis()

    def solve(self, lower: Ints, upper: Ints, start: object = None, *, steps: int | None = None) -> Answer:
        """Solve inside these bounds; with `steps`, only so far, and only `objective` says something."""
        h = self._h
        for at in np.flatnonzero((lower != self._lower) | (upper != self._upper)).tolist():
            h.changeColBounds(at, float(lower[at]), float(upper[at]))
        self._lower, self._upper = lower.astype(np.float64), upper.astype(np.float64)
        if start is not None:
            h.setBasis(start)  # type: ignore[call-overload]
        h.setOptionValue("simplex_iteration_limit", _NO_LIMIT if steps is None else steps)
        h.run()
        status = _STATUS.get(h.getModelStatus(), FAILED)
        objective = float(h.getInfo().objective_function_value)
        if status == INFEASIBLE:
            _, has_ray, ray = h.getDualRay()  # type: ignore[attr-defined]
            return Answer(status, ray=np.array(ray) if has_ray else None)
        if steps is not None or status != OPTIMAL:
            return Answer(status, objective=objective)
        solution = h.getSolution()
        return Answer(status, np.array(solution.col_value), np.array(solution.row_dual), objective=objective)


class Growing:
    """A linear model that gains columns and rows; each time it is solved from where it ended."""

    def __init__(self, model: Model) -> None:
        self._h = _quiet()
        self._h.setOptionValue("presolve", "off")
        self._h.setOptionValue("solver", "simplex")
        self._h.setOptionValue("simplex_strategy", 4)  # few rows, many columns: primal is ten times faster
        self._h.passModel(_lp(model))

    def add_columns(self, matrix: sparse.csc_array, cost: Floats, upper: Floats) -> None:
        """More columns, between 0 and `upper`; `matrix` (rows, k)."""
        start, index = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        self._h.addCols(len(cost), cost, np.zeros(len(cost)), upper, matrix.nnz, start, index, matrix.data)

    def add_rows(self, matrix: sparse.csr_array, lower: Floats, upper: Floats) -> None:
        """More rows; `matrix` (k, columns)."""
        start, index = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        self._h.addRows(len(lower), lower, upper, matrix.nnz, start, index, matrix.data)

    def solve(self, clock: Clock) -> Answer:
        """Solve as it stands now, within the clock."""
        if clock.over:
            return Answer(STOPPED)
        if np.isfinite(clock.left):
            self._h.setOptionValue("time_limit", self._h.getRunTime() + max(clock.left, 0.01))
        self._h.run()
        status = _STATUS.get(self._h.getModelStatus(), FAILED)
        if status != OPTIMAL:
            return Answer(status)
        solution = self._h.getSolution()
        return Answer(status, np.array(solution.col_value), np.array(solution.row_dual))


_NO_LIMIT = 2**31 - 1


def _quiet() -> highspy.Highs:
    h = highspy.Highs()  # type: ignore[no-untyped-call]
    h.setOptionValue("output_flag", False)
    h.setOptionValue("threads", 1)
    h.setOptionValue("random_seed", 0)
    return h


class _Run:
    """One solver in one thread. The solver's thread only appends to `found`; everything else is the caller's."""

    def __init__(self, model: Model, relative_gap: float, seconds: float, presolve: bool) -> None:
        self.model, self.relative_gap, self.seconds, self.presolve = model, relative_gap, seconds, presolve
        self.found: list[Floats] = []
        self.result = Answer(FAILED)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._solve, name="highs", daemon=True)

    def answer(self) -> Answer:
        if self.result.x is None and self.found:
            return Answer(self.result.status, self.found[-1])
        return self.result

    def stop(self) -> Answer:
        self.stopping.set()
        self.thread.join(GRACE_S)
        if self.thread.is_alive():
            _left_behind.append(self.thread)
            return Answer(STOPPED, self.found[-1] if self.found else None)
        return self.answer()

    def _solve(self) -> None:
        h = self._highs()
        if h.passModel(_lp(self.model)) == highspy.HighsStatus.kError:
            return
        for callback in (h.cbMipInterrupt, h.cbSimplexInterrupt):
            callback.subscribe(self._interrupt)
        if self.model.is_whole:
            h.cbMipImprovingSolution.subscribe(self._improving)
        if not self.stopping.is_set():
            h.run()
            self.result = _answer(h, self.model)

    def _highs(self) -> highspy.Highs:
        h = _quiet()
        h.setOptionValue("time_limit", self.seconds)
        if not self.presolve:
            h.setOptionValue("presolve", "off")
        if self.model.is_whole:
            h.setOptionValue("mip_rel_gap", self.relative_gap)
            h.setOptionValue("mip_abs_gap", 0.0)
            h.setOptionValue("mip_feasibility_tolerance", FEASIBILITY)
        else:
            h.setOptionValue("solver", "simplex")
            if len(self.model.cost) > 5 * len(
                self.model.row_lower
            ):  # few rows, many columns: primal is ten times faster
                h.setOptionValue("simplex_strategy", 4)
        return h

    def _interrupt(self, event: highspy.HighsCallbackEvent) -> None:
        if self.stopping.is_set():
            event.interrupt()

    def _improving(self, event: highspy.HighsCallbackEvent) -> None:
        self.found.append(np.array(event.data_out.mip_solution, dtype=np.float64))


_left_behind: list[threading.Thread] = []


@atexit.register
def _wait_for_those_left_behind() -> None:
    """A process must not end under a running solver, which would abort it: they were told to stop, and will."""
    for thread in _left_behind:
        thread.join()


def _answer(h: highspy.Highs, model: Model) -> Answer:
    status = _STATUS.get(h.getModelStatus(), FAILED)
    solution, info = h.getSolution(), h.getInfo()
    has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solution.col_value) if has_values else None
    if model.is_whole:
        return Answer(status, x)
    duals = np.array(solution.row_dual) if solution.dual_valid else None
    basis = h.getBasis()
    return Answer(status, x, duals, (_basis(basis.col_status), _basis(basis.row_status)) if basis.valid else None)


def _basis(statuses: list[highspy.HighsBasisStatus]) -> Basis:
    codes = np.array([int(status) for status in statuses], dtype=np.int64)
    basic, upper = int(highspy.HighsBasisStatus.kBasic), int(highspy.HighsBasisStatus.kUpper)
    return Basis(codes == basic, codes == upper)


def _lp(model: Model) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = model.matrix.indptr
    lp.a_matrix_.index_ = model.matrix.indices
    lp.a_matrix_.value_ = model.matrix.data
    if model.is_whole and model.whole is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in model.whole.astype(int).tolist()]
    return lp


_STATUS = {
    highspy.HighsModelStatus.kOptimal: OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: INFEASIBLE,  # columns are bounded: it can only be infeasible
    highspy.HighsModelStatus.kTimeLimit: STOPPED,
    highspy.HighsModelStatus.kInterrupt: STOPPED,
    highspy.HighsModelStatus.kIterationLimit: STOPPED,
    highspy.HighsModelStatus.kSolutionLimit: STOPPED,
    highspy.HighsModelStatus.kModelEmpty: OPTIMAL,
}
