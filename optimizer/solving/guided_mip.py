"""Where a search of whole bookings is worth its time: around the most promising case of a tree.

A few large creators can set much of a plan, and while they are booked in parts, prices are those of no plan: the
columns that a good one needs are not the nearest at these prices. A tree settles them first, the most promising way
before others, and a search of whole bookings begins from what it found.
"""

from __future__ import annotations

import numpy as np

from optimizer.domain.exact import Floats
from optimizer.solving.branch_and_bound import Tree
from optimizer.solving.reduced_problem import around
from optimizer.solving.restricted_mip import Ranked, RestrictedColumns
from optimizer.solving.search import Search

_SCOUTED = 2_000  # columns of a tree that proves nothing
_NEAR = 300  # the nearest columns, among which its plans may be made better


def scouting(search: Search, ranks: Ranked, x: Floats) -> Tree:
    """A tree over the columns nearest to a tie, all others held as a relaxed solution has them: it proves nothing."""
    program = search.program
    free = np.abs(x - np.rint(x)) > 1e-7
    free[program.bookings :] = True  # indicators follow from what is booked
    free[ranks.order[:_SCOUTED]] = True
    free &= program.most > 0
    return Tree(around(search.layout, x, np.flatnonzero(free)), ranks.prices, None, rounding=False)


def lead(search: Search, tree: Tree, size: int) -> RestrictedColumns | None:
    """The `size` columns nearest to a tie in the most promising case of a tree, all others held as there; None where
    no case is left that promises a better plan. A better plan that the tree found is taken.
    """
    if tree.plan is not None:
        search.take(tree.plan)
    case = tree.lead()
    if case is None:
        return None
    x, near = case
    free, fixed = tree.begun.free, tree.begun.fixed
    held = np.zeros(len(search.program))
    held[fixed.columns] = fixed.counts
    held[free] = np.rint(x)
    order = np.argsort(near, kind="stable")
    inside = order[:size]
    columns = np.sort(free[inside[np.isfinite(near[inside])]])
    held[columns] = 0.0
    return RestrictedColumns(columns, held, False, free[order[:_NEAR]])
