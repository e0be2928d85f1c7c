"""Why a plan is empty: only an empty plan keeps the rules, or no booking helps the objective.

An empty plan keeps shares, ratios and upper bounds. So rules may conflict as soon as anybody is booked, while a plan
that books nobody keeps them all.
"""

from __future__ import annotations

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Row, Term
from optimizer.planning.conflicts import FoundConflict, clashes
from optimizer.planning.loosening import asked
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution

ROUNDS = 2_000  # of work, for the search for any booking
_SMALLEST = 1_000  # of bookings in parts, this part of one counts as booked


def emptied(solution: Solution, clock: Clock) -> tuple[Program, list[FoundConflict]]:
    """The program with at least one booking, and the conflicts that make it infeasible.

    There are no conflicts if the plan books somebody, if somebody could be booked, or if that remains open.
    """
    program, plan = solution.program, solution.plan
    if plan is None or (plan.columns < program.bookings).any() or not program.bookings:
        return program, []
    somebody = program.relaxed([*program.rows, _somebody(program)])
    within = clock.part(ROUNDS)
    found = asked(somebody, (), within)
    return somebody, clashes(found, within) if found.infeasible and found.clash else []


def _somebody(program: Program) -> Row:
    """The row that requires a booking."""
    ones, bookings = np.ones(len(program), dtype=np.int64), np.arange(program.bookings)
    times = 1 if program.all_whole and program.parts == 1 else _SMALLEST
    return Row(STRUCTURE, (Term(times, Measure("creators"), ones, bookings),), 1, None, "somebody is booked")
