"""Build a model for PuLP and solve it with one of its solvers, in a process of its own.

Run by `optimizer.solving.pulp_backend`, which says why. The question and the answer are files of JSON in the current
folder, which is made for this one run; what PuLP and the solver write goes there too, and away with it.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypedDict

ASKED: Final = "asked.json"
TOLD: Final = "told.json"
INFINITE: Final = 1e20  # from here on, a bound is none
LONGEST_S: Final = 1e7  # beyond, a time limit is none

# Our names, and what PuLP calls each way to that solver, best first: an installed CBC is newer than the one in PuLP.
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "cbc": ("COIN_CMD", "PULP_CBC_CMD"),
    "choco": ("CHOCO_CMD",),
    "coinmp": ("COINMP_DLL",),
    "copt": ("COPT", "COPT_CMD", "COPT_DLL"),
    "cplex": ("CPLEX_PY", "CPLEX_CMD"),
    "cuopt": ("CUOPT",),
    "cylp": ("CyLP",),
    "fscip": ("FSCIP_CMD",),
    "glpk": ("GLPK_CMD", "PYGLPK"),
    "gurobi": ("GUROBI", "GUROBI_CMD"),
    "highs-pulp": ("HiGHS", "HiGHS_CMD"),
    "mipcl": ("MIPCL_CMD",),
    "mosek": ("MOSEK",),
    "sas": ("SASCAS", "SAS94"),
    "scip": ("SCIP_PY", "SCIP_CMD"),
    "xpress": ("XPRESS_PY", "XPRESS"),
}


class Question(TypedDict):
    """A model as plain lists, its matrix by rows (`start`, `column`, `value`); and how to solve it."""

    cost: list[float]
    lower: list[float]
    upper: list[float]
    whole: list[bool]
    row_lower: list[float]
    row_upper: list[float]
    start: list[int]
    column: list[int]
    value: list[float]
    solver: str
    relative_gap: float
    seconds: float  # from `begun` on; may be infinite
    begun: float  # `time.time`


class Said(TypedDict):
    """What PuLP says: both of its statuses, a value for each column, and whether the time was used up."""

    status: int
    sol_status: int
    x: list[float]
    late: bool


def main() -> None:
    """Answer the question in the current folder: without one, which solvers there are."""
    _end_with_parent()
    asked = Path(ASKED)
    told: Said | list[str]
    if asked.exists():
        question = json.loads(asked.read_bytes())
        if question["solver"] != "highs-pulp":
            sys.modules["highspy"] = None  # type: ignore[assignment]  # PuLP imports it unasked: most of its start
        told = run(question)
    else:
        told = available()
    part = Path(f"{TOLD}.part")
    part.write_text(json.dumps(told), encoding="ascii")
    part.replace(TOLD)
    os._exit(0)  # whatever threads a solver may have left


def _end_with_parent() -> None:
    """Leave stdin to a thread: it ends when the other process does, and then so must all of this group."""
    ours = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def watch() -> None:
        with suppress(OSError):
            while os.read(ours, 1):
                pass
        if sys.platform != "win32":
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def available() -> list[str]:
    """List our names of the solvers that PuLP finds here."""
    with quiet():
        return [name for name in NAMES if _kind(name) is not None]


def _kind(name: str) -> type[Any] | None:
    """Find the first way to a solver that works here."""
    import pulp

    for way in NAMES[name]:
        with suppress(Exception):  # a broken installation is as good as none
            solver = pulp.getSolver(way, msg=False)
            if solver.available():
                return type(solver)
    return None


def run(question: Question) -> Said:
    """Solve; whatever PuLP raises goes through."""
    with quiet():
        asked = problem(question)
        kind = _kind(question["solver"])
        assert kind is not None
        left = question["seconds"] - max(time.time() - question["begun"], 0)
        seconds = max(left, 0.05) if left < LONGEST_S else None
        if seconds is not None and kind.name == "GLPK_CMD":
            seconds = max(int(seconds), 1)  # it takes no other
        options = _options(kind, question["relative_gap"], seconds)
        started = time.monotonic()
        asked.solve(kind(**options))
        spent = time.monotonic() - started
    values = [variable.varValue for variable in _in_order(asked)]
    late = seconds is not None and spent > seconds - max(0.1, 0.1 * seconds)
    x = [float("nan") if value is None else float(value) for value in values]
    return Said(status=asked.status, sol_status=asked.sol_status, x=x, late=late)


def _options(kind: type[Any], relative_gap: float, seconds: float | None) -> dict[str, Any]:
    """Choose what this way to a solver understands; a time limit that it does not is kept by the other process."""
    wanted: dict[str, Any] = {"msg": False, "timeLimit": seconds, "gapRel": relative_gap, "gapAbs": 0.0}
    if (
        kind.name not in NAMES["cbc"]
    ):  # told to take the one it takes anyway, CBC 2.10.3 sleeps ten seconds now and then
        wanted["threads"] = 1
    options = {key: wanted[key] for key in inspect.signature(kind).parameters if key in wanted}
    if kind.name == "GLPK_CMD" and relative_gap > 0:
        options["options"] = ["--mipgap", str(relative_gap)]
    return options


def problem(question: Question) -> Any:
    """Build the model in PuLP's terms: columns x0, x1, ..., rows r0, r1, ...

    PuLP has no row with two bounds: such a row becomes two, r0_low and r0_high. A row without bounds is left out. Every
    column stands in the objective, so that none is lost.
    """
    import pulp

    made = pulp.LpProblem("plan", pulp.LpMaximize)
    kinds = (pulp.LpContinuous, pulp.LpInteger)
    bounds = zip(question["lower"], question["upper"], question["whole"], strict=True)
    columns = [
        made.add_variable(f"x{at}", _finite(low), _finite(high), cat=kinds[whole])
        for at, (low, high, whole) in enumerate(bounds)
    ]
    made.setObjective(pulp.LpAffineExpression(list(zip(columns, question["cost"], strict=True))))
    start, column, value = question["start"], question["column"], question["value"]
    for at, (low, high) in enumerate(zip(question["row_lower"], question["row_upper"], strict=True)):
        inside = slice(start[at], start[at + 1])
        terms = [(columns[j], amount) for j, amount in zip(column[inside], value[inside], strict=True)]
        for name, sense, bound in _sides(f"r{at}", _finite(low), _finite(high)):
            expression = pulp.LpAffineExpression(terms or [(columns[0], 0.0)])
            made.addConstraint(pulp.LpConstraint(expression, sense, name, bound))
    return made


def _sides(name: str, low: float | None, high: float | None) -> Iterator[tuple[str, int, float]]:
    """Give a row as PuLP has rows: with one bound each, at least (1), equal (0) or at most (-1)."""
    if low is not None and low == high:
        yield name, 0, low
        return
    ranged = low is not None and high is not None
    if low is not None:
        yield (f"{name}_low" if ranged else name), 1, low
    if high is not None:
        yield (f"{name}_high" if ranged else name), -1, high


def _finite(bound: float) -> float | None:
    return None if abs(bound) >= INFINITE else bound


def _in_order(made: Any) -> list[Any]:
    """Give the columns by number; PuLP sorts them by name, x10 before x2."""
    return sorted(made.variables(), key=lambda variable: int(variable.name[1:]))


@contextmanager
def quiet() -> Iterator[None]:
    """PuLP 3 says at every turn what PuLP 4 will not have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield
