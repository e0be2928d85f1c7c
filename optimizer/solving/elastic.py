"""The plan that breaks some rules the least, each measured by its own size, and keeps all others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, booked
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.column_generation import FINE, relax
from optimizer.solving.restricted_mip import WHOLE_MOST, ranked
from optimizer.solving.scaling import Scaled, scaled, unit_rows

_NEAREST, _TOOK_PART = 300, 1_500  # columns of a larger program, of all and of those that took part in the relaxation
_NODES, _ROUNDS = 200, 20  # of a search over them
_GAP = 1e-3  # of what is broken, at which it ends
_TANGENTS = 20  # times it begins anew because its solution reaches more people than it can


def least_violation(program: Program, free: Collection[int], clock: highs.Clock) -> Booked | None:
    """What is booked when the rows of the rules in `free` may be broken; None where nothing was found.

    Rows are scaled to one size, so a unit of violation is about the same part of each bound. The other rows are kept,
    which is checked exactly. Of a larger program, only the columns nearest to a tie at the prices of the relaxation are
    searched.
    """
    if not program.all_whole:
        return None
    layout, large = scaled(program), len(program) > WHOLE_MOST
    columns = _few(layout, free, clock) if large else np.arange(len(program))
    if columns is None:
        return None
    x: Floats | None = None
    for _ in range(_TANGENTS):
        model = _model(layout, free, columns)
        x = _few_searched(model, clock.part(_ROUNDS)) if large else highs.solve(model, clock).x
        if x is None:
            return None
        spread = np.zeros(len(program))
        spread[columns] = x[: len(columns)]
        tangents = layout.program.tangents(spread, FINE)
        if not tangents:
            break
        layout = layout.with_rows(tangents)
    found = booked(np.zeros(0) if x is None else x[: len(columns)])
    plan = program.settled(Booked(columns[found.columns], found.counts))
    rest = program.relaxed(program.rows[at] for at in range(len(program.rows)) if program.rows[at].rule not in free)
    return plan if rest.keeps_units(plan) and not rest.failures(plan) else None


def _few_searched(model: highs.Model, clock: highs.Clock) -> Floats | None:
    """The best solution within some work."""
    seen: list[Floats] = []

    def see(x: Floats) -> bool:
        seen.append(x)
        return False

    answer = highs.solve(model, clock, relative_gap=_GAP, nodes=_NODES, on_solution=see)
    return answer.x if answer.x is not None else seen[-1] if seen else None


def _few(layout: Scaled, free: Collection[int], clock: highs.Clock) -> Ints | None:
    """The columns that the relaxation books, and those nearest to a tie; None where the other rules cannot be kept."""
    kept = {row.rule for row in layout.program.rows}.difference(free)
    layout = replace(layout, program=replace(layout.program.under(kept), costs=()))
    relaxed = relax(layout, clock, elastic=True, free=free)
    if relaxed.status != highs.OPTIMAL or relaxed.x is None or relaxed.prices is None:
        return None
    program = relaxed.layout.program
    ranks = ranked(program, lagrangian_bound.project(program, relaxed.prices), Fraction(0))
    nearest, few = ranks.order, relaxed.columns[np.argsort(ranks.near[relaxed.columns], kind="stable")]
    taken = relaxed.x > 0
    taken[few[:_TOOK_PART]] = True  # they differ, where those nearest to a tie may be alike by the thousand
    taken[nearest[program.most[nearest] > 0][:_NEAREST]] = True
    taken[program.required[program.unit] > 0] = True
    taken[program.bookings :] = True
    return np.flatnonzero(taken)


def _model(layout: Scaled, free: Collection[int], columns: Ints) -> highs.Model:
    """Some columns, then two for each row that may be broken, which lift and lower it at a cost."""
    program, n = layout.program, len(columns)
    lower, upper = layout.bounds()
    soft = np.flatnonzero([row.rule in free for row in program.rows])
    slack = sparse.csr_array((np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=(len(program.rows), len(soft)))
    units = np.unique(program.unit[columns])
    own = unit_rows(program, columns, units)
    nothing = sparse.csr_array((len(units), 2 * len(soft)))
    top = sparse.hstack([layout.part(columns), slack, -slack], format="csr")
    matrix = sparse.vstack([top, sparse.hstack([own, nothing], format="csr")], format="csr")
    return highs.Model(
        cost=np.concatenate([np.zeros(n), np.full(2 * len(soft), -1.0)]),
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([lower, program.times(program.required[units])]),
        row_upper=np.concatenate([upper, program.times(program.available[units])]),
        lower=np.zeros(n + 2 * len(soft)),
        upper=np.concatenate([program.times(program.available)[program.unit[columns]], np.full(2 * len(soft), np.inf)]),
        whole=np.concatenate([program.integral[columns], np.zeros(2 * len(soft), dtype=np.bool_)]),
    )
