"""Why a plan is empty: rules that only an empty plan keeps, or because no booking helps the objective.

A share or a ratio of nothing is kept, and so is any upper bound. So rules may clash as soon as anybody is booked, and a
plan that books nobody still keeps them all.
"""

from __future__ import annotations

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Row, Term
from optimizer.planning.conflicts import Clash, clashes
from optimizer.planning.loosening import asked
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution

ROUNDS = 2_000  # of work, for the search for any booking
_SMALLEST = 1_000  # of bookings in parts, this part of one counts as booked


def emptied(solution: Solution, clock: Clock) -> tuple[Program, list[Clash]]:
    """The program in which somebody is booked, and the conflicts that rule it out.

    There are none where the plan books somebody, where somebody could be booked, and where that was not found out.
    """
    program, plan = solution.program, solution.plan
    if plan is None or (plan.columns < program.bookings).any() or not program.bookings:
        return program, []
    somebody = program.relaxed([*program.rows, _somebody(program)])
    within = clock.part(ROUNDS)
    found = asked(somebody, (), within)
    return somebody, clashes(found, within) if found.infeasible and found.clash else []


def _somebody(program: Program) -> Row:
    """The row that asks for a booking."""
    ones, bookings = np.ones(len(program), dtype=np.int64), np.arange(program.bookings)
    times = 1 if program.all_whole and program.parts == 1 else _SMALLEST
    return Row(STRUCTURE, (Term(times, Measure("creators"), ones, bookings),), 1, None, "somebody is booked")
