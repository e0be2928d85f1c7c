"""The same programs solved by CP-SAT, which computes in integers: not one of its answers may beat ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.formulation.program import Program
from optimizer.formulation.terms import Term, booked
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution, solve
from tests.support.amounts import seeded, times
from tests.support.programs import program_of
from tests.support.scenarios import WORDS, scenario

COUNT = times(33)
EFFORT = 2.0  # seconds of CP-SAT's own count of its work, which no load of the machine changes
_FITS = 2**62  # what CP-SAT can sum


@dataclass(frozen=True)
class Theirs:
    """What CP-SAT says: its status, and the columns that it books."""

    status: str
    counts: np.ndarray | None


def fits(program: Program) -> bool:
    """Whether all sums stay inside 64 bits."""
    terms = [*program.costs, *(term for row in program.rows for term in row.terms)]
    sizes = [abs(term.multiplier) * float(np.abs(term.values.astype(float)) @ program.most) for term in terms]
    limits = [abs(limit) for row in program.rows for limit in (row.lower, row.upper) if limit is not None]
    return sum(sizes, 0.0) < _FITS and max(limits, default=0) < _FITS


def laid_out(program: Program) -> dict[str, Any]:
    """A program as plain integers."""

    def summed(terms: tuple[Term, ...], sign: int = 1) -> list[int]:
        return [sign * sum(term.coefficient(at) for term in terms) for at in range(len(program))]

    units = [np.flatnonzero(program.unit == unit).tolist() for unit in range(len(program.available))]
    return {
        "most": program.most.tolist(),
        "rows": [[summed(row.terms), row.lower, row.upper] for row in program.rows],
        "units": list(zip(units, program.required.tolist(), program.available.tolist(), strict=True)),
        "goal": summed(program.costs, program.objective.sign),
    }


def by_cp_sat(programs: list[Program]) -> list[Theirs]:
    """All of them in a process of their own: OR-Tools brings a HiGHS with it, which does not go with ours."""
    asked = json.dumps({"effort": EFFORT, "models": list(map(laid_out, programs))})
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.cp_sat"],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return [Theirs(status, None if x is None else np.array(x)) for status, x in json.loads(run.stdout)]


def ours(program: Program) -> Solution:
    return solve(program, gap=0.0, clock=Clock(rounds=500))


def drawn() -> Iterator[Program]:
    for number in range(COUNT):
        style = ("plain", "round", "ties", "zero", "cents")[number % 5]
        words = WORDS if number % 3 else ()
        said, frame = scenario(f"{seeded('cp-sat')} {number}", style=style, sizes=(4, 12), words=words)
        program = program_of(said, frame).with_all_rows()
        if program.all_whole and program.parts == 1 and fits(program):
            yield program


def test_cp_sat_neither_beats_a_plan_nor_passes_a_bound_nor_finds_a_plan_where_there_is_said_to_be_none() -> None:
    seen: Counter[str] = Counter()
    programs = list(drawn())
    for number, (program, theirs) in enumerate(zip(programs, by_cp_sat(programs), strict=True)):
        solution = ours(program)
        if theirs.counts is None:
            if theirs.status == "INFEASIBLE":
                assert solution.plan is None, number
                seen["no plan"] += 1
            continue
        plan = program.settled(booked(theirs.counts))
        assert program.keeps_units(plan), number
        assert not program.failures(plan), number
        assert solution.plan is not None, number
        assert solution.bound is not None
        assert program.value(plan) <= program.value(solution.plan), number
        assert program.value(plan) <= solution.bound
        if theirs.status == "OPTIMAL":
            assert program.value(plan) == program.value(solution.plan), number
            seen["best"] += 1
            seen["proved"] += solution.bound == program.value(plan)
    assert seen["best"] > COUNT // 4
    assert seen["no plan"] > COUNT // 20
    assert seen["proved"] > seen["best"] * 0.9
