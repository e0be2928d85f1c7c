"""One solver on one instance, in a process of its own; run by `performance/peers.py`, which says what is measured.

python performance/contestants.py arrays tight-1000x1-1 arrays.npz
python performance/contestants.py highs tight-1000x1-1 arrays.npz --gap 1e-4 --limit 20

writes the arrays of an instance, or prints what a solver made of them as one line of JSON. Ours needs no arrays; with
them, its plan is judged like the others.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from performance.arrays import NONE, Arrays, Floats, Model, booked, load  # noqa: E402  # the root must be known first

THREADS: Final = 1  # as ours has; other solvers gain little from a second one on these programs


@dataclass(frozen=True)
class Answer:
    """What a solver says: its status; a value for each column (n,); the bound it claims, in the objective's unit.

    `solving` is the seconds that its own search took, without the building of the model.
    """

    status: str
    x: Floats | None
    bound: float | None
    solving: float


Solver = Callable[[Arrays, float, Callable[[], float]], Answer]


def pulp_cbc(arrays: Arrays, gap: float, left: Callable[[], float]) -> Answer:
    """PuLP with the CBC that it brings. The bound is read from CBC's log, which gives it with few digits."""
    import pulp

    made = _in_pulp(arrays.model())
    with tempfile.NamedTemporaryFile("r", suffix=".log") as log:
        started = time.perf_counter()
        # Told to take the one thread it takes anyway, this CBC sleeps ten seconds now and then.
        made.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=gap, timeLimit=max(left(), 1), logPath=log.name))
        solving = time.perf_counter() - started
        said = log.read()
    bounds = re.findall(r"^(?:Upper|Lower) bound: +(\S+)", said, re.MULTILINE)
    result = re.search(r"^Result - (.+)", said, re.MULTILINE)
    status = result[1].lower().strip() if result else pulp.LpStatus[made.status].lower()
    optimal = status.startswith("optimal solution found")
    value = made.objective.value() if optimal else None
    bound = float(bounds[-1]) if bounds else value and value * (1 + gap)
    return Answer("optimal" if optimal else status, _values_in_pulp(made), bound and abs(bound), solving)


def pulp_highs(arrays: Arrays, gap: float, left: Callable[[], float]) -> Answer:
    """PuLP with HiGHS through highspy."""
    import pulp

    made = _in_pulp(arrays.model())
    started = time.perf_counter()
    made.solve(pulp.HiGHS(msg=False, gapRel=gap, threads=THREADS, timeLimit=max(left(), 1)))
    solving = time.perf_counter() - started
    status = made.solverModel.modelStatusToString(made.solverModel.getModelStatus())
    bound = -made.solverModel.getInfo().mip_dual_bound  # PuLP hands the negative over, to be minimised
    has_plan = made.sol_status in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible}
    return Answer(status.lower(), _values_in_pulp(made) if has_plan else None, bound, solving)


def _in_pulp(model: Model) -> Any:
    """The model in PuLP's terms; quickly, as one that knows PuLP would build it."""
    from optimizer.solving.pulp_backend_worker import Question, problem

    question = Question(
        cost=model.cost.tolist(),
        lower=[0.0] * len(model.cost),
        upper=model.upper.tolist(),
        whole=[True] * len(model.cost),
        row_lower=model.row_lower.tolist(),
        row_upper=model.row_upper.tolist(),
        start=model.matrix.indptr.tolist(),
        column=model.matrix.indices.tolist(),
        value=model.matrix.data.tolist(),
        solver="",
        relative_gap=0.0,
        seconds=math.inf,
        begun=0.0,
    )
    return problem(question)


def _values_in_pulp(made: Any) -> Floats | None:
    """The columns by number, which PuLP sorts by name; None where it has no value for one."""
    columns = made.variables()
    x = np.zeros(len(columns))
    for column in columns:
        if column.varValue is None:
            return None
        x[int(column.name[1:])] = column.varValue
    return x


def highs(arrays: Arrays, gap: float, left: Callable[[], float]) -> Answer:
    """HiGHS through highspy, the model handed over as arrays."""
    import highspy

    model = arrays.model()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, np.zeros(len(model.cost)), model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = model.matrix.indptr, model.matrix.indices
    lp.a_matrix_.value_ = model.matrix.data
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(model.cost)
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("threads", THREADS)
    solver.passModel(lp)
    solver.setOptionValue("time_limit", max(left(), 1))
    started = time.perf_counter()
    solver.run()
    solving = time.perf_counter() - started
    status, info = solver.modelStatusToString(solver.getModelStatus()), solver.getInfo()
    has_plan = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    x = np.array(solver.getSolution().col_value) if has_plan else None
    return Answer(status.lower(), x, info.mip_dual_bound, solving)


def scipy_milp(arrays: Arrays, gap: float, left: Callable[[], float]) -> Answer:
    """SciPy's `milp`, which is the HiGHS that SciPy brings."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    model = arrays.model()
    rows = LinearConstraint(model.matrix, model.row_lower, model.row_upper)
    options = {"mip_rel_gap": gap, "time_limit": max(left(), 1)}
    started = time.perf_counter()
    found = milp(
        -model.cost,
        integrality=np.ones(len(model.cost)),
        bounds=Bounds(0, model.upper),
        constraints=rows,
        options=options,
    )
    solving = time.perf_counter() - started
    status = {0: "optimal", 1: "time limit reached", 2: "infeasible", 3: "unbounded"}.get(found.status, "failed")
    bound = None if found.mip_dual_bound is None else -found.mip_dual_bound
    return Answer(status, found.x, bound, solving)


def cp_sat(arrays: Arrays, gap: float, left: Callable[[], float]) -> Answer:
    """CP-SAT of OR-Tools, given the exact integers: the one peer that loses no digit."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    x = [model.new_int_var(0, most, "") for most in arrays.most.tolist()]
    for matrix, lower, upper in (
        (arrays.matrix, arrays.lower, arrays.upper),
        (arrays.units(), np.zeros_like(arrays.unit_bounds()), arrays.unit_bounds()),
    ):
        for at, (low, high) in enumerate(zip(lower.tolist(), upper.tolist(), strict=True)):
            inside = slice(matrix.indptr[at], matrix.indptr[at + 1])
            terms = [x[column] for column in matrix.indices[inside].tolist()]
            total = cp_model.LinearExpr.weighted_sum(terms, matrix.data[inside].tolist())
            model.add_linear_expression_in_domain(total, cp_model.Domain(max(low, -NONE), min(high, NONE)))
    model.maximize(cp_model.LinearExpr.weighted_sum(x, arrays.cost.tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.relative_gap_limit = gap
    solver.parameters.num_workers = THREADS
    solver.parameters.max_time_in_seconds = max(left(), 1)
    started = time.perf_counter()
    status = solver.solve(model)
    solving = time.perf_counter() - started
    has_plan = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    values = np.array([solver.value(column) for column in x], dtype=np.float64) if has_plan else None
    bound = solver.best_objective_bound / arrays.denominator if has_plan else None  # it says 0 where it knows none
    return Answer(solver.status_name(status).lower(), values, bound, solving)


def scip(arrays: Arrays, gap: float, left: Callable[[], float]) -> Answer:
    """SCIP as OR-Tools brings it, the model handed over as arrays."""
    from ortools.linear_solver.python import model_builder_helper
    from scipy import sparse

    model = arrays.model()
    made = model_builder_helper.ModelBuilderHelper()
    matrix = sparse.csr_matrix(model.matrix)
    fill: Any = made.fill_model_from_sparse_data
    fill(np.zeros(len(model.cost)), model.upper, model.cost, model.row_lower, model.row_upper, matrix)
    for column in range(len(model.cost)):
        made.set_var_integrality(column, True)
    made.set_maximize(True)
    solver = model_builder_helper.ModelSolverHelper("SCIP")
    solver.set_solver_specific_parameters(f"limits/gap = {gap}")
    solver.set_time_limit_in_seconds(max(left(), 1))
    started = time.perf_counter()
    solver.solve(made)
    solving = time.perf_counter() - started
    status = "no plan found" if not solver.has_solution() else solver.status().name.lower()
    if solver.status() == model_builder_helper.SolveStatus.INFEASIBLE:
        status = "infeasible"
    values = np.array(solver.variable_values()) if solver.has_solution() else None
    return Answer(status, values, solver.best_objective_bound() if solver.has_solution() else None, solving)


PEERS: Final[dict[str, tuple[Solver, str]]] = {
    "pulp-cbc": (pulp_cbc, "pulp"),
    "pulp-highs": (pulp_highs, "pulp"),
    "highs": (highs, "highspy"),
    "scipy": (scipy_milp, "scipy.optimize"),
    "scip": (scip, "ortools.linear_solver.python.model_builder_helper"),
    "cp-sat": (cp_sat, "ortools.sat.python.cp_model"),
}


def measured(name: str, arrays: Arrays, gap: float, limit: float) -> dict[str, Any]:
    """A peer's run on a program, from the arrays to its last word; its imports are not counted."""
    solver, home = PEERS[name]
    importlib.import_module(home)
    started = time.perf_counter()
    answer = solver(arrays, gap, lambda: limit - (time.perf_counter() - started))
    told = {"status": answer.status, "seconds": time.perf_counter() - started, "solving": answer.solving}
    told |= {"memory": peak_memory(), "bound": answer.bound}
    return told | worth(arrays, None if "infeasible" in answer.status else answer.x)


def measured_ours(name: str, file: Path | None, gap: float, limit: float) -> dict[str, Any]:
    """Our own run: from the loaded scenario to the checked plan. What it took to make the pool is not counted.

    `pool` is the memory that making and loading the pool took at the most; `memory` is at least that. Without the
    arrays (`file`), the plan's value is as the plan says.
    """
    from optimizer.planning import optimize as planning
    from optimizer.results.no_plan import NoPlan
    from performance.instances import named

    scenario = named(name).scenario()
    pool = peak_memory()
    verb: Any = planning  # the module, whose search is timed from outside
    solving = [0.0]
    solve = verb.solve

    def timed(*arguments: Any, **options: Any) -> Any:
        started = time.perf_counter()
        try:
            return solve(*arguments, **options)
        finally:
            solving[0] += time.perf_counter() - started

    verb.solve = timed
    started = time.perf_counter()
    result = verb.try_optimize(scenario, gap=gap, time_limit_s=limit)
    told: dict[str, Any] = {"seconds": time.perf_counter() - started, "solving": solving[0], "memory": peak_memory()}
    told["pool"] = pool
    if isinstance(result, NoPlan):
        said = f"{result.outcome}, proved by {result.proof}" if result.proof != "none" else result.outcome
        return told | {"status": said, "bound": None, "value": None, "broken": []}
    told |= {"status": result.claim, "bound": result.objective.bound, "value": result.objective.value, "broken": []}
    if file is None:
        return told
    return told | worth(load(file), booked(scenario, result))  # read only now, so that planning's memory is without it


def worth(arrays: Arrays, x: Floats | None) -> dict[str, Any]:
    """A plan's value and what it breaks, recomputed in integers."""
    if x is None:
        return {"value": None, "broken": []}
    value, broken = arrays.judged(x)
    return {"value": value, "broken": broken}


def peak_memory() -> int:
    """The most memory that this process, or one that it ran, has held so far, in bytes."""
    held = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return held * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Write an instance's arrays, or run one solver on them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["arrays", "ours", *PEERS])
    parser.add_argument("instance")
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--gap", type=float, default=1e-4)
    parser.add_argument("--limit", type=float, default=300.0)
    given = parser.parse_args()
    if given.file is None and given.what != "ours":
        parser.error("which file of arrays?")
    if given.what == "arrays":
        from performance import arrays as made
        from performance.instances import named

        program = made.arrays(named(given.instance).scenario())
        program.save(given.file)
        told: dict[str, Any] = {"columns": len(program.cost), "rows": len(program.lower)}
    elif given.what == "ours":
        told = measured_ours(given.instance, given.file, given.gap, given.limit)
    else:
        told = measured(given.what, load(given.file), given.gap, given.limit)
    finite = {key: None if isinstance(it, float) and not math.isfinite(it) else it for key, it in told.items()}
    print(json.dumps(finite), flush=True)


if __name__ == "__main__":
    main()
