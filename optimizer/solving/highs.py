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

from optimizer.domain.exact import Floats

GRACE_S = 0.4  # how long a solver that was told to stop is waited for before it is left behind
FEASIBILITY = 1e-9  # at the default of 1e-6, presolve gets small, ordinary models wrong: optima and infeasibility
PRESOLVE_MOST = 20_000  # presolve's dominated-column rule takes minutes beyond, and heeds no time limit

OPTIMAL, INFEASIBLE, STOPPED, FAILED = "optimal", "infeasible", "stopped", "failed"


@dataclass(frozen=True)
class Model:
    """maximize cost x  subject to  row_lower <= A x <= row_upper,  lower <= x <= upper,  x whole where `whole`."""

    cost: Floats
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    whole: bool = False


@dataclass(frozen=True)
class Answer:
    """What the solver says: its status, the values of the columns, the duals of the rows (d objective / d bound)."""

    status: str
    x: Floats | None = None
    duals: Floats | None = None


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
    if model.whole and answer.status == INFEASIBLE and len(model.cost) <= PRESOLVE_MOST:
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
        found, seen = run.found[seen:], len(run.found)
        enough = on_solution is not None and sum(map(on_solution, found)) > 0  # each is seen
        if done:
            return run.answer()
        if clock.over or enough:
            return run.stop()


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
        if self.model.whole:
            h.cbMipImprovingSolution.subscribe(self._improving)
        if not self.stopping.is_set():
            h.run()
            self.result = _answer(h, self.model)

    def _highs(self) -> highspy.Highs:
        h = highspy.Highs()  # type: ignore[no-untyped-call]
        h.setOptionValue("output_flag", False)
        h.setOptionValue("threads", 1)
        h.setOptionValue("random_seed", 0)
        h.setOptionValue("time_limit", self.seconds)
        if not self.presolve:
            h.setOptionValue("presolve", "off")
        if self.model.whole:
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
    duals = np.array(solution.row_dual) if not model.whole and solution.dual_valid else None
    return Answer(status, x, duals)


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
    if model.whole:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(model.cost)
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
