"""Every other solver, through PuLP: the one file that reaches it. What they say is a word, never a claim.

PuLP's solvers differ in what they mean by a status, may print, overrun their time limit or take the process with them.
So PuLP runs in a second process, which is ended with all that it began when the clock is over; and what comes back is
held to the model here before any of it counts. Some solvers write their answer with 8 digits (CBC), some read the model
with 12: that is as near as a continuous column can be had. No duals are taken, as their signs differ.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from optimizer.domain.exact import Floats
from optimizer.solving import highs, pulp_backend_worker
from optimizer.solving.highs import Answer, Clock, Model
from optimizer.solving.pulp_backend_worker import Question, Said
from optimizer.whole_file import write_whole

GRACE_S: Final = 0.6  # how long after the clock the second process may still hand over what it found
LISTING_S: Final = 30.0  # some solvers look for their licence over a network
NEAR: Final = 1e-6  # of a column's size (at least 1), of a row's size where it has continuous columns
WHOLE: Final = 1e-5  # how far from a whole number a whole column may be handed over; it is rounded
EXACT: Final = 1e-9  # of a row's size, where all its columns are whole: only what adding up may lose
_SAID_OPTIMAL, _SAID_UNSOLVED, _SAID_INFEASIBLE = 1, 0, -1  # PuLP's LpStatus
_PLAN_OPTIMAL: Final = 1  # PuLP's LpSolution; its status says "optimal" at a time limit too
# It finds what this process finds, but Python's own modules first: a json.py in the folder of a notebook is not one.
_BEGIN: Final = """
import json, sys
sys.path += json.loads(sys.argv[1])
from optimizer.solving.pulp_backend_worker import main
main()
"""
_HERE: Final = Path(__file__).absolute().parents[2]
_NO_WINDOW: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class SolverMissingError(ValueError):
    """PuLP knows no such solver, or does not find it here."""

    def __init__(self, solver: str) -> None:
        names = ", ".join(available()) or "none"
        super().__init__(f'there is no solver "{solver}" here; through PuLP there are: {names}')


@cache
def available() -> tuple[str, ...]:
    """List the solvers that PuLP can run here, by our short names."""
    told = _second_process(None, Clock(time.monotonic() + LISTING_S, lambda: False))
    return tuple(name for name in told or () if name in pulp_backend_worker.NAMES)


def solve(
    model: Model,
    clock: Clock,
    *,
    solver: str,
    relative_gap: float = 0.0,
    on_solution: Callable[[Floats], bool] | None = None,
) -> Answer:
    """Solve a model within the clock, as `highs.solve` does, by one of the solvers `available`.

    `on_solution` sees the solution once, at the end. There is one only where what the solver hands over passes our own
    check (`solution`); "infeasible" is but the solver's word.

    Raises
    ------
    SolverMissingError
        When the solver is unknown or not here.
    """
    if solver not in available():
        raise SolverMissingError(solver)
    if clock.over:
        return Answer(highs.STOPPED)
    if not len(model.cost) or bool((model.lower > model.upper).any()):
        x = solution(model, [])
        return Answer(highs.INFEASIBLE) if x is None else Answer(highs.OPTIMAL, x)
    said = ask(question(model, solver, relative_gap, clock.left), clock)
    if said is None:
        return Answer(highs.STOPPED if clock.over else highs.FAILED)
    answer = judged(model, said)
    if answer.x is not None and on_solution is not None:
        on_solution(answer.x)
    return answer


def question(model: Model, solver: str = "", relative_gap: float = 0.0, seconds: float = np.inf) -> Question:
    """Lay a model out as plain lists, each row's entries once and none of them zero."""
    matrix = model.matrix.copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    whole = np.zeros(len(model.cost), np.bool_) if model.whole is None else model.whole
    return Question(
        cost=model.cost.tolist(),
        lower=model.lower.tolist(),
        upper=model.upper.tolist(),
        whole=whole.tolist(),
        row_lower=model.row_lower.tolist(),
        row_upper=model.row_upper.tolist(),
        start=matrix.indptr.tolist(),
        column=matrix.indices.tolist(),
        value=matrix.data.tolist(),
        solver=solver,
        relative_gap=relative_gap,
        seconds=seconds,
        begun=time.time(),
    )


def judged(model: Model, said: Said) -> Answer:
    """Take from what a solver says only what the model itself confirms."""
    x, status = solution(model, said["x"]), said["status"]
    claims_optimal = status == _SAID_OPTIMAL and said["sol_status"] == _PLAN_OPTIMAL
    if x is None and status == _SAID_INFEASIBLE and not said["late"]:
        return Answer(highs.INFEASIBLE)
    if said["late"] or (status == _SAID_OPTIMAL and not claims_optimal):
        return Answer(highs.STOPPED, x)
    if x is None:
        return Answer(highs.FAILED)
    if status == _SAID_UNSOLVED:
        return Answer(highs.STOPPED, x)
    return Answer(highs.OPTIMAL if claims_optimal else highs.FAILED, x)


def solution(model: Model, values: Sequence[float]) -> Floats | None:
    """Give these values as a solution of the model, or None where they are none.

    They are one where all are finite; each lies inside its bounds within `NEAR`, and is put inside; whole ones are
    whole within `WHOLE`, and are rounded; and then each row is kept within `NEAR` of its size, or within `EXACT` of it
    where all its columns are whole. A row's size is the largest of the sum of its absolute terms, its bounds, and the
    length of its vector of coefficients.
    """
    given = np.array(values, dtype=np.float64)
    if given.shape != model.cost.shape or not np.isfinite(given).all():
        return None
    whole = np.zeros(len(given), np.bool_) if model.whole is None else model.whole
    x = np.where(whole, np.round(given), given)
    inside = np.clip(x, model.lower, model.upper)
    if (np.abs(x - given) > WHOLE).any() or (whole & (inside != x)).any():
        return None
    if (np.abs(inside - x) > NEAR * np.maximum(1, np.abs(inside))).any():
        return None
    return inside if _keeps_rows(model, inside, whole) else None


def _keeps_rows(model: Model, x: Floats, whole: np.ndarray[Any, np.dtype[np.bool_]]) -> bool:
    absolute = abs(model.matrix)
    bounds = [np.where(np.isfinite(side), np.abs(side), 0) for side in (model.row_lower, model.row_upper)]
    length = np.sqrt(absolute.power(2) @ np.ones(len(x)))
    size = np.maximum.reduce([absolute @ np.abs(x), length, *bounds])
    within = np.where(absolute @ (~whole).astype(np.float64) > 0, NEAR, EXACT) * size
    got = model.matrix @ x
    return bool((got >= model.row_lower - within).all() and (got <= model.row_upper + within).all())


def ask(asked: Question, clock: Clock) -> Said | None:
    """Have a question answered by the second process; None where it could not, or not in time."""
    told: Said | None = _second_process(asked, clock)
    return told


def _second_process(asked: Question | None, clock: Clock) -> Any:
    if getattr(sys, "frozen", False) or not sys.executable:  # to run it would start the whole program once more
        return None
    with tempfile.TemporaryDirectory(prefix="creatormix-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if asked is not None:
            (folder / pulp_backend_worker.ASKED).write_text(json.dumps(asked), encoding="ascii")
        try:
            process = _started(folder)
        except OSError:
            return None
        try:
            _wait(process, clock)
        finally:
            _end(process)
        told = folder / pulp_backend_worker.TOLD
        return json.loads(told.read_bytes()) if told.exists() else None


def _started(folder: Path) -> subprocess.Popen[bytes]:
    known = json.dumps([str(_HERE), *(part for part in sys.path if isinstance(part, str))])
    flags = ["-P", "-S", *(["-E"] if sys.flags.ignore_environment else [])]
    here = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), ".")  # PuLP splits the path of a folder at its spaces
    return subprocess.Popen(
        [sys.executable, *flags, "-c", _BEGIN, known],
        stdin=subprocess.PIPE,  # never written to: it closes when this process ends, however it does
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**os.environ, **here},
        start_new_session=True,
        creationflags=_NO_WINDOW,
    )


def _wait(process: subprocess.Popen[bytes], clock: Clock) -> None:
    pause = 0.001
    while clock.left > -GRACE_S and not clock.cancelled():
        with suppress(subprocess.TimeoutExpired):
            process.wait(pause)
            return
        pause = min(2 * pause, 0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it began, also where it ended itself and left something behind."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        tree = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(tree, capture_output=True, check=False, creationflags=_NO_WINDOW)
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def write(model: Model, path: Path, notes: Sequence[str]) -> None:
    """Write a model as .lp (12 digits) or .mps (13 digits), with notes as comments at its top: whole, or not at all.

    Columns are x0, x1, ... and rows r0, r1, ... in the order of their names; a row with two different bounds is two,
    r0_low and r0_high.

    Raises
    ------
    ValueError
        When the suffix is neither .lp nor .mps, in whatever case; or when the model has no column, or bounds of one
        that cross, which these formats cannot tell.
    OSError
        When the file cannot be written. What was there before is left as it was.
    """
    kind = path.suffix.lower()
    if kind not in {".lp", ".mps"}:
        raise ValueError(f'a model is written as .lp or .mps, and "{path.name}" ends with neither')
    if not len(model.cost) or bool((model.lower > model.upper).any()):
        raise ValueError("a model without columns, or with bounds of a column that cross, cannot be written")
    mark = "\\ " if kind == ".lp" else "* "
    head = "".join(f"{mark}{_one_line(note)}\n" for note in notes)
    write_whole(path, head.encode("utf-8") + _text(model, kind))


def _text(model: Model, kind: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="creatormix-") as name, pulp_backend_worker.quiet():
        file = Path(name) / f"model{kind}"
        made = pulp_backend_worker.problem(question(model))
        if kind == ".lp":
            made.writeLP(str(file))
        else:
            made.writeMPS(str(file), with_objsense=True)
        return file.read_bytes()


def _one_line(note: str) -> str:
    """Keep a comment one line whatever a name in it holds; the marks of the formats may stand in it."""
    return "".join(sign if sign.isprintable() else " " for sign in note)
