"""HiGHS, through arrays: the one file that knows it. What it says is a proposal, never a claim."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats

GRACE_S = 0.4  # how long a solver that was told to stop is waited for before it is left behind
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
    bound: float | None = None


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

    `on_solution` sees each improving whole solution and may stop the search by returning True. The solver runs in a
    thread: where it does not heed the call to stop within `GRACE_S`, it is left behind and what it found so far counts.
    """
    if clock.over:
        return Answer(STOPPED)
    h = highspy.Highs()  # type: ignore[no-untyped-call]
    h.setOptionValue("output_flag", False)
    h.setOptionValue("threads", 1)
    h.setOptionValue("random_seed", 0)
    h.setOptionValue("time_limit", max(clock.left, 0.01))
    if len(model.cost) > PRESOLVE_MOST:
        h.setOptionValue("presolve", "off")
    if model.whole:
        h.setOptionValue("mip_rel_gap", relative_gap)
        h.setOptionValue("mip_abs_gap", 0.0)
    else:
        h.setOptionValue("solver", "simplex")
        if len(model.cost) > 5 * len(model.row_lower):  # few rows, many columns: primal is ten times faster
            h.setOptionValue("simplex_strategy", 4)
    if h.passModel(_lp(model)) == highspy.HighsStatus.kError:
        return Answer(FAILED)
    seen = _Watch(on_solution)
    if model.whole and on_solution is not None:
        h.cbMipImprovingSolution.subscribe(seen.improving)
    if not _run(h, clock, seen):
        return Answer(STOPPED, seen.last)
    return _answer(h, model, seen)


class _Watch:
    """Keeps the last improving solution, so that it survives a solver that has to be left behind."""

    def __init__(self, on_solution: Callable[[Floats], bool] | None) -> None:
        self.on_solution = on_solution
        self.last: Floats | None = None
        self.enough = False

    def improving(self, event: highspy.HighsCallbackEvent) -> None:
        self.last = np.array(event.data_out.mip_solution, dtype=np.float64)
        if self.on_solution is not None and self.on_solution(self.last):
            self.enough = True


def _run(h: highspy.Highs, clock: Clock, seen: _Watch) -> bool:
    """Run the solver; False where it had to be left behind."""
    h.HandleUserInterrupt = True
    thread = h.startSolve()
    wait = 0.001
    while thread.is_alive():
        thread.join(wait)
        wait = min(2 * wait, 0.05)
        if clock.over or seen.enough:
            h.cancelSolve()  # type: ignore[no-untyped-call]
            thread.join(GRACE_S)
            return not thread.is_alive()
    return True


def _answer(h: highspy.Highs, model: Model, seen: _Watch) -> Answer:
    status = _STATUS.get(h.getModelStatus(), FAILED)
    solution, info = h.getSolution(), h.getInfo()
    has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solution.col_value) if has_values else seen.last
    duals = np.array(solution.row_dual) if not model.whole and solution.dual_valid else None
    return Answer(status, x, duals, info.mip_dual_bound if model.whole else None)


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
