"""The plan that breaks some rules the least, each measured by its own size, and keeps all others."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from scipy import sparse

from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, booked
from optimizer.solving import highs
from optimizer.solving.scaling import scaled, unit_rows


def least_violation(program: Program, free: Collection[int], clock: highs.Clock) -> Booked | None:
    """What is booked when the rows of the rules in `free` may be broken; None where nothing was found.

    Rows are scaled to one size, so a unit of violation is about the same part of each bound. The other rows are kept,
    which is checked exactly.
    """
    layout, n = scaled(program), len(program)
    lower, upper = layout.bounds()
    soft = np.flatnonzero([row.rule in free for row in program.rows])
    slack = sparse.csr_array((np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=(len(program.rows), len(soft)))
    units = np.arange(len(program.available))
    own = unit_rows(program, np.arange(n), units)
    nothing = sparse.csr_array((len(units), 2 * len(soft)))
    top = sparse.hstack([layout.part(np.arange(n)), slack, -slack], format="csr")
    matrix = sparse.vstack([top, sparse.hstack([own, nothing], format="csr")], format="csr")
    model = highs.Model(
        cost=np.concatenate([np.zeros(n), np.full(2 * len(soft), -1.0)]),
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([lower, program.times(program.required)]),
        row_upper=np.concatenate([upper, program.times(program.available)]),
        lower=np.zeros(n + 2 * len(soft)),
        upper=np.concatenate([program.times(program.available)[program.unit], np.full(2 * len(soft), np.inf)]),
        whole=np.concatenate([program.whole, np.zeros(2 * len(soft), dtype=np.bool_)]),
    )
    answer = highs.solve(model, clock)
    if answer.x is None or not program.all_whole:
        return None
    plan = program.settled(booked(answer.x[:n]))
    rest = program.relaxed(program.rows[at] for at in range(len(program.rows)) if program.rows[at].rule not in free)
    return plan if rest.keeps_units(plan) and not rest.failures(plan) else None
