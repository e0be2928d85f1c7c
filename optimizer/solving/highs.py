"""HiGHS, through arrays: the one file that knows it. What it says is a proposal, never a claim."""

from __future__ import annotations

import atexit
import threading
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.solving.clock import Clock
from optimizer.solving.proposals import FAILED, INFEASIBLE, OPTIMAL, STOPPED, Answer, Basis, Model, OnSolution

__all__ = [
    "FAILED",
    "INFEASIBLE",
    "OPTIMAL",
    "STOPPED",
    "Answer",
    "Basis",
    "Clock",
    "Model",
    "Run",
    "Start",
    "Warm",
    "solve",
]

GRACE_S = 0.4  # how long a solver that was told to stop is waited for before it is left behind
FEASIBILITY = 1e-9  # at the default of 1e-6, presolve gets small, ordinary models wrong: optima and infeasibility
PRESOLVE_MOST = 20_000  # presolve's dominated-column rule takes minutes beyond, and heeds no time limit

_LATE = "late"  # ended by its own limit of time, where the clock is over too
_EVERY = 16  # of a solver's own calls: how often it hands over


@dataclass(frozen=True)
class Start:
    """Where a linear model is begun: a basis, and how many rows and columns it is about."""

    basis: highspy.HighsBasis
    rows: int
    columns: int


def solve(
    model: Model,
    clock: Clock,
    *,
    relative_gap: float = 0.0,
    nodes: int | None = None,
    start: Floats | None = None,
    on_solution: OnSolution | None = None,
) -> Answer:
    """Solve a model within the clock; whole solutions within so many `nodes` of a search, which may `start` from one.

    `on_solution` sees each improving whole solution, in the caller's thread, and may stop the search by returning True.
    """
    with Run(model, clock, relative_gap=relative_gap, nodes=nodes, start=start) as run:
        return run.go(on_solution) or Answer(STOPPED)


class Run:
    """A solver that runs in a thread of its own while `go` is called, and waits in between.

    It hands over after every few of its own steps, so that work is counted at the same places each time. Where it does
    not heed the call to stop within `GRACE_S`, it is left behind, and what it handed over so far counts.
    """

    def __init__(
        self,
        model: Model,
        clock: Clock,
        *,
        relative_gap: float = 0.0,
        nodes: int | None = None,
        start: Floats | None = None,
    ) -> None:
        self._model, self._clock, self._terms = model, clock, _Terms(relative_gap, nodes, start)
        self._thread: _Thread | None = None
        self._ended: Answer | None = None
        self._seen = 0

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def go(self, on_solution: OnSolution | None = None, rounds: int | None = None) -> Answer | None:
        """Go on until it ends, or for so many rounds: None where it has not ended by then.

        Once it has ended, the answer stays as it is.
        """
        if self._ended is None and self._clock.over:
            self._ended = Answer(STOPPED)
        if self._ended is not None:
            return self._ended
        if self._thread is None:
            self._begin(presolve=len(self._model.cost) <= PRESOLVE_MOST)
        done = 0
        while self._ended is None and (rounds is None or done < rounds):
            self._ended = self._round(on_solution)
            done += 1
        return self._ended

    def close(self) -> None:
        """End it; waits `GRACE_S` at most."""
        if self._thread is not None:
            self._thread.end()
            self._thread = None

    def _begin(self, *, presolve: bool) -> None:
        self.close()
        self._thread, self._seen = _Thread(self._model, self._terms, max(self._clock.left, 0.01), presolve), 0

    def _round(self, on_solution: OnSolution | None) -> Answer | None:
        """Let it run until it hands over; its answer where it has ended or is stopped."""
        thread, clock = self._thread, self._clock
        if thread is None:
            return Answer(STOPPED)
        if not thread.handed_over(clock) or thread.is_late:
            clock.stop()
        if clock.over:
            return self._stopped(thread)
        found = thread.found[self._seen :]
        self._seen += len(found)
        good = on_solution is not None and any(map(on_solution, found))  # the first one, however late we look
        if thread.result is None:
            return self._stopped(thread) if good else None
        if self._model.is_whole and thread.result.status == INFEASIBLE and thread.presolve:
            # presolve calls some ordinary models infeasible that are not: only a search without it is believed
            self._begin(presolve=False)
            return None
        if thread.result.x is None and thread.found:
            return Answer(thread.result.status, thread.found[-1])
        return thread.result

    def _stopped(self, thread: _Thread) -> Answer:
        return Answer(STOPPED, thread.found[self._seen - 1] if self._seen else None)


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
        return Start(self._h.getBasis(), self._h.getNumRow(), self._h.getNumCol())

    def solve(self, clock: Clock) -> Answer:
        """Solve as it stands now, within the clock."""
        if clock.over:
            return Answer(STOPPED)
        if np.isfinite(clock.left):
            self._h.setOptionValue("time_limit", self._h.getRunTime() + max(clock.left, 0.01))
        answer = self._run()
        if answer.status == _LATE:
            clock.stop()
        return Answer(STOPPED) if clock.over else answer

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
            basis, rows, columns = start.basis, h.getNumRow() - start.rows, h.getNumCol() - start.columns
            if rows or columns:
                grown = highspy.HighsBasis()
                grown.valid = basis.valid
                grown.row_status = [*basis.row_status, *[highspy.HighsBasisStatus.kBasic] * rows]
                grown.col_status = [*basis.col_status, *[highspy.HighsBasisStatus.kLower] * columns]
                basis = grown
            h.setBasis(basis)
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


class _Thread:
    """One solver in one thread, of which either it or its caller runs: it hands over, and waits to go on."""

    def __init__(self, model: Model, terms: _Terms, seconds: float, presolve: bool) -> None:
        self.model, self.terms, self.seconds, self.presolve = model, terms, seconds, presolve
        self.found: list[Floats] = []
        self.result: Answer | None = None
        self._calls, self._stopping, self._begun = 0, False, False
        self._caller, self._solver = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._solve, name="highs", daemon=True)

    @property
    def is_late(self) -> bool:
        """Whether its own limit of time has ended it."""
        return self.result is not None and self.result.status == _LATE

    def handed_over(self, clock: Clock) -> bool:
        """Let it run until it hands over; False where the clock does not let it come so far."""
        if self._begun:
            self._solver.release()
        else:
            self._begun = True
            _waiting.add(self)
            self._thread.start()
        wait = 0.001
        while not self._caller.acquire(timeout=wait):
            if clock.late:
                return False
            wait = min(2 * wait, 0.05)
        return True

    def end(self) -> None:
        """Tell it to stop, and wait for it a little."""
        self._stopping = True
        self._solver.release()
        _waiting.discard(self)
        if self._begun:
            self._thread.join(GRACE_S)
            if self._thread.is_alive():
                _left_behind.append(self._thread)

    def _hand_over(self) -> None:
        self._caller.release()
        self._solver.acquire()

    def _solve(self) -> None:
        result = Answer(FAILED)
        try:
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
            if not self._stopping:
                h.run()
                result = _answer(h, self.model)
        finally:
            self.result = result
            self._caller.release()

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
        self._calls += 1
        if not self._stopping and self._calls % _EVERY == 0:
            self._hand_over()
        if self._stopping:
            event.interrupt()

    def _improving(self, event: highspy.HighsCallbackEvent) -> None:
        if not self._stopping:
            self.found.append(np.array(event.data_out.mip_solution, dtype=np.float64))
            self._hand_over()


_waiting: set[_Thread] = set()
_left_behind: list[threading.Thread] = []


@atexit.register
def _end_all() -> None:
    """A process must not end under a running solver, which would abort it: they are told to stop, and will."""
    for waiting in list(_waiting):
        waiting.end()
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
    highspy.HighsModelStatus.kTimeLimit: _LATE,
    highspy.HighsModelStatus.kInterrupt: STOPPED,
    highspy.HighsModelStatus.kIterationLimit: STOPPED,
    highspy.HighsModelStatus.kSolutionLimit: STOPPED,
    highspy.HighsModelStatus.kModelEmpty: OPTIMAL,
}
