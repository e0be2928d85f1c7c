"""Cuts: rows that a whole solution breaks, and nothing else that is still of interest.

A solver keeps rows within a tolerance, we keep them exactly. So a proposal may have to be cut off, and the search goes
on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.terms import booked
from optimizer.solving import highs
from optimizer.solving.scaling import Scaled

Level = tuple[int, int]  # a column of a model, and a count: whether it is booked so often


@dataclass(frozen=True)
class Cut:
    """A row over a model: one of `leave` must not be reached any more, or one of `come` must."""

    leave: tuple[Level, ...]
    come: tuple[Level, ...]


def against_rows(layout: Scaled, columns: Ints, x: Floats) -> list[Cut]:
    """For each row that a proposal breaks: one of the bookings that push it over must go, or one that relieves it come.

    Exact for whole bookings: whoever keeps the row differs from the proposal in that way. `columns` are those of the
    model, `x` (n,) has all.
    """
    program, cuts = layout.program, []
    plan, counts = booked(x), np.rint(x[columns]).astype(np.int64)
    broken = {id(row) for row, _ in program.failures(plan)}
    for row in program.rows:
        if id(row) not in broken:
            continue
        slope = sum((term.at(columns) for term in row.terms), np.zeros(len(columns)))
        over = row.upper is not None and row.total(plan) > row.upper
        push = slope if over else -slope
        cuts.append(_cut(counts, (counts > 0) & (push > 0), (counts < program.most[columns]) & (push < 0)))
    return cuts


def against(counts: Ints, most: Ints, among: Flags) -> Cut:
    """Cut off all solutions that are like this one in some columns (`among`), and nothing else."""
    return _cut(counts, (counts > 0) & among, (counts < most) & among)


def _cut(counts: Ints, leave: Flags, come: Flags) -> Cut:
    return Cut(
        tuple((int(one), int(counts[one])) for one in np.flatnonzero(leave)),
        tuple((int(one), int(counts[one]) + 1) for one in np.flatnonzero(come)),
    )


def with_cuts(model: highs.Model, cuts: Sequence[Cut]) -> highs.Model:
    """The model with a row for each cut. A level of a column that is booked several times is a column of its own.

    It is 1 where the column reaches the level v, else 0: `v level <= x <= v - 1 + (most - v + 1) level`.
    """
    if not cuts:
        return model
    n = len(model.cost)
    can = [replace(cut, come=tuple(level for level in cut.come if level[1] <= model.upper[level[0]])) for cut in cuts]
    reached = sorted({level for cut in can for level in (*cut.leave, *cut.come) if model.upper[level[0]] > 1})
    place = {level: n + at for at, level in enumerate(reached)}
    rows = np.zeros((len(cuts) + 2 * len(reached), n + len(reached)))
    lower, upper = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
    for at, cut in enumerate(can):
        for sign, levels in ((-1.0, cut.leave), (1.0, cut.come)):
            for level in levels:
                rows[at, place.get(level, level[0])] += sign
        lower[at] = 1.0 - len(cut.leave)
    for at, (column, count) in enumerate(reached, len(cuts)):
        ends = (at, float(count)), (at + len(reached), model.upper[column] - count + 1.0)
        for row, slope in ends:
            rows[row, [column, place[column, count]]] = 1.0, -slope
        lower[at], upper[at + len(reached)] = 0.0, count - 1.0
    wide = sparse.hstack([model.matrix, sparse.csr_array((model.matrix.shape[0], len(reached)))], format="csr")
    more = np.zeros(len(reached))
    return replace(
        model,
        cost=np.concatenate([model.cost, more]),
        matrix=sparse.csr_array(sparse.vstack([wide, sparse.csr_array(rows)], format="csr")),
        row_lower=np.concatenate([model.row_lower, lower]),
        row_upper=np.concatenate([model.row_upper, upper]),
        lower=np.concatenate([model.lower, more]),
        upper=np.concatenate([model.upper, more + 1.0]),
        whole=None if model.whole is None else np.concatenate([model.whole, more == 0.0]),
    )
