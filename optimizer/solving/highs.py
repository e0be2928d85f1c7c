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


Start = highspy.HighsBasis  # where a linear model is begun


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
    nodes: int | None = None,
    start: Floats | None = None,
    on_solution: Callable[[Floats], bool] | None = None,
) -> Answer:
    """Solve a model within the clock; whole solutions within so many `nodes` of a search, which may `start` from one.

    `on_solution` sees each improving whole solution, in the caller's thread, and may stop the search by returning True.
    The solver runs in a thread of its own: where it does not heed the call to stop within `GRACE_S`, it is left behind,
    and what it found so far counts.
    """
    terms = _Terms(relative_gap, nodes, start)
    answer = _solve(model, clock, terms, on_solution, presolve=len(model.cost) <= PRESOLVE_MOST)
    if model.is_whole and answer.status == INFEASIBLE and len(model.cost) <= PRESOLVE_MOST:
        # presolve calls some ordinary models infeasible that are not: only a search without it is believed
        return _solve(model, clock, terms, on_solution, presolve=False)
    return answer


def _solve(
    model: Model,
    clock: Clock,
    terms: _Terms,
    on_solution: Callable[[Floats], bool] | None,
    *,
    presolve: bool,
) -> Answer:
    if clock.over:
        return Answer(STOPPED)
    run = _Run(model, terms, max(clock.left, 0.01), presolve)
    run.thread.start()
    seen, wait = 0, 0.001
    while True:
        run.thread.join(wait)
        wait = min(2 * wait, 0.05)
        done = not run.thread.is_alive()
        found = run.found[seen:]
        seen += len(found)
        good = on_solution is not None and any(map(on_solution, found))  # the first one, however late we look
        if done:
            return run.answer()
        if clock.over or good:
            return run.stop()


class Warm:
    """A linear model that is solved again and again, each time from where it ended: it gains columns and rows, and may
    be solved inside other bounds on its columns.
    """

    def __init__(self, model: Model, *, rows_join: bool = False) -> None:
        self._h = _quiet()
        self._h.setOptionValue("presolve", "off")
        self._h.setOptionValue("solver", "simplex")
        if not rows_join:  # few rows, many columns: primal is ten times faster
            self._h.setOptionValue("simplex_strategy", 4)
        self._h.passModel(_lp(model))
        self._lower, self._upper = model.lower.astype(np.float64), model.upper.astype(np.float64)

    def add_columns(self, matrix: sparse.csc_array, cost: Floats, upper: Floats) -> None:
        """More columns, between 0 and `upper`; `matrix` (rows, k)."""
        start, index = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        self._h.addCols(len(cost), cost, np.zeros(len(cost)), upper, matrix.nnz, start, index, matrix.data)
        self._lower = np.concatenate([self._lower, np.zeros(len(cost))])
        self._upper = np.concatenate([self._upper, upper])

    def add_rows(self, matrix: sparse.csr_array, lower: Floats, upper: Floats) -> None:
        """More rows; `matrix` (k, columns)."""
        start, index = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        self._h.addRows(len(lower), lower, upper, matrix.nnz, start, index, matrix.data)

    def drop_rows(self, rows: Ints) -> None:
        """Fewer rows; those after them move up."""
        self._h.deleteRows(len(rows), rows.astype(np.int32))

    def singled_out(self, columns: Ints) -> list[Floats]:
        """For each of some basic columns, the multipliers of the rows with which their sum leaves it alone."""
        if not len(columns):  # to ask for a basis ends the process where the model was solved without one
            return []
        _, basic = self._h.getBasicVariables()  # type: ignore[attr-defined]
        place = {int(column): at for at, column in enumerate(basic)}
        row_of = self._h.getBasisInverseRow  # type: ignore[attr-defined]
        return [np.array(row_of(place[column])[1]) for column in columns.tolist() if column in place]

    @property
    def basis(self) -> Start:
        """Where the last solution ended, to begin another one there."""
        return self._h.getBasis()

    def solve(self, clock: Clock) -> Answer:
        """Solve as it stands now, within the clock."""
        if clock.over:
            return Answer(STOPPED)
        if np.isfinite(clock.left):
            self._h.setOptionValue("time_limit", self._h.getRunTime() + max(clock.left, 0.01))
        return self._run()

    def within(self, lower: Floats, upper: Floats, start: Start | None = None, *, steps: int | None = None) -> Answer:
        """Solve inside these bounds, so small a model that no clock need be heeded.

        With `steps` of the simplex method, only so far, and only `objective` says something. `start` may be from before
        rows or columns were added.
        """
        h = self._h
        for at in np.flatnonzero((lower != self._lower) | (upper != self._upper)).tolist():
            h.changeColBounds(at, float(lower[at]), float(upper[at]))
        self._lower, self._upper = lower.copy(), upper.copy()
        if start is not None:
            rows, columns = h.getNumRow() - len(start.row_status), h.getNumCol() - len(start.col_status)
            if rows:
                start.row_status = [*start.row_status, *[highspy.HighsBasisStatus.kBasic] * rows]
            if columns:
                start.col_status = [*start.col_status, *[highspy.HighsBasisStatus.kLower] * columns]
            h.setBasis(start)
        h.setOptionValue("simplex_iteration_limit", _NO_LIMIT if steps is None else steps)
        return self._run(only_objective=steps is not None)

    def _run(self, *, only_objective: bool = False) -> Answer:
        h = self._h
        h.run()
        status = _STATUS.get(h.getModelStatus(), FAILED)
        objective = float(h.getInfo().objective_function_value)
        if status == INFEASIBLE:
            _, has_ray, ray = h.getDualRay()  # type: ignore[attr-defined]
            return Answer(status, ray=np.array(ray) if has_ray else None)
        if only_objective or status != OPTIMAL:
            return Answer(status, objective=objective)
        solution = h.getSolution()
        return Answer(status, np.array(solution.col_value), np.array(solution.row_dual), objective=objective)


_NO_LIMIT = 2**31 - 1


def _quiet() -> highspy.Highs:
    h = highspy.Highs()  # type: ignore[no-untyped-call]
    h.setOptionValue("output_flag", False)
    h.setOptionValue("threads", 1)
    h.setOptionValue("random_seed", 0)
    return h


@dataclass(frozen=True)
class _Terms:
    """When a search of whole solutions ends, and from which one it starts."""

    relative_gap: float
    nodes: int | None
    start: Floats | None


class _Run:
    """One solver in one thread. The solver's thread only appends to `found`; everything else is the caller's."""

    def __init__(self, model: Model, terms: _Terms, seconds: float, presolve: bool) -> None:
        self.model, self.terms, self.seconds, self.presolve = model, terms, seconds, presolve
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
        if self.terms.start is not None:
            begun = highspy.HighsSolution()
            begun.col_value = self.terms.start.tolist()
            h.setSolution(begun)
        if not self.stopping.is_set():
            h.run()
            self.result = _answer(h, self.model)

    def _highs(self) -> highspy.Highs:
        h = _quiet()
        h.setOptionValue("time_limit", self.seconds)
        if not self.presolve:
            h.setOptionValue("presolve", "off")
        if self.model.is_whole:
            h.setOptionValue("mip_rel_gap", self.terms.relative_gap)
            if self.terms.nodes is not None:
                h.setOptionValue("mip_max_nodes", self.terms.nodes)
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
