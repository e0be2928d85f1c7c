"""Which of several best plans: the one that spends the least, then the one that books first names.

Where the bound is met, all best plans are among what the prices leave open. So small searches over that decide, each of
them checked exactly. They come in this order: is there another one; what is the least spend; is there another one that
spends no more; then name by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import takewhile
from math import frexp, ldexp
from typing import Literal

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.terms import Booked
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.branch import Proof
from optimizer.solving.no_good_cuts import Cut, against, with_cuts
from optimizer.solving.reduced_problem import Box, ReducedProblem, settle
from optimizer.solving.scaling import Scaled

Ties = Literal["only", "spend", "names", "open"]

OPEN_MOST = 1_000  # columns among which ties are looked for
NAMES_MOST = 40  # searches, name by name
_TOGETHER = 16  # names that one search decides: their weights are powers of two
_RETRIES = 10  # proposals that pass a solver's tolerance, and not the exact check
_SIZE = 10  # costs near 2**10, as everywhere


@dataclass
class _Tied:
    """The search among the best plans; `spend` (n of the open columns,) is None where it is not known."""

    cases: ReducedProblem
    box: Box
    value: Fraction
    spend: Ints | None
    clock: highs.Clock
    limit: int | None = None  # on the spend of the open columns
    fixed: dict[int, int] = field(default_factory=dict)

    def counts(self, plan: Booked) -> Ints:
        """What a plan books of the open columns."""
        whole = np.zeros(len(self.cases.program), dtype=np.int64)
        whole[plan.columns] = plan.counts
        return whole[self.cases.free]

    def spent(self, counts: Ints) -> int:
        return (
            0 if self.spend is None else sum(a * b for a, b in zip(self.spend.tolist(), counts.tolist(), strict=True))
        )

    def best(self, cost: Floats, *cuts: Cut) -> Booked | None:
        """The best plan by `cost` among those that are worth as much; None where there is none.

        Raises
        ------
        _OpenError
            Where the clock or the solver's tolerance leaves it open.
        """
        more: list[Cut] = list(cuts)
        for _ in range(_RETRIES):
            answer = highs.solve(with_cuts(self._model(cost), more), self.clock)
            if answer.status == highs.INFEASIBLE:
                return None
            if answer.status != highs.OPTIMAL or answer.x is None or self.clock.over:
                raise _OpenError
            x = answer.x[: len(self.cases.free)]
            plan = self.cases.plan(x)
            if self._is_tied(plan):
                return plan
            more.append(self.unlike(np.rint(x).astype(np.int64)))
        raise _OpenError

    def _is_tied(self, plan: Booked) -> bool:
        program = self.cases.program
        if program.value(plan) != self.value or not program.keeps_units(plan) or program.failures(plan):
            return False
        within = self.limit is None or self.spent(self.counts(plan)) <= self.limit
        return within and not program.rows_against(plan)

    def unlike(self, counts: Ints) -> Cut:
        """Other bookings than these; indicators follow from them."""
        free, program = self.cases.free, self.cases.program
        return against(counts, program.most[free], free < program.bookings)

    def alone(self, counts: Ints) -> bool:
        """Whether there is no other plan that is worth as much, and spends no more than the limit."""
        return self.best(np.zeros(len(self.cases.free)), self.unlike(counts)) is None

    def _model(self, cost: Floats) -> highs.Model:
        """The rules, the value, the spend, and what is decided already, over the open columns."""
        model, layout = self.cases.model(), self.cases.layout
        rows, upper = [layout.cost[self.cases.free]], [np.inf]
        lower = [float(self.value - self.cases.held[0]) * layout.cost_scale]
        if self.limit is not None and self.spend is not None:
            scale = _power(float(self.spend.max(initial=1)))
            rows.append(self.spend.astype(np.float64) * scale)
            lower.append(-np.inf)
            upper.append(self.limit * scale)
        low, high = self.box.lower.astype(np.float64), self.box.upper.astype(np.float64)
        for column, count in self.fixed.items():
            low[column] = high[column] = count
        return replace(
            model,
            cost=cost * _power(float(np.abs(cost).max(initial=0.0))),
            matrix=sparse.csr_array(sparse.vstack([model.matrix, sparse.csr_array(np.array(rows))], format="csr")),
            row_lower=np.concatenate([model.row_lower, lower]),
            row_upper=np.concatenate([model.row_upper, upper]),
            lower=low,
            upper=high,
            whole=np.ones(len(low), dtype=np.bool_),
        )


class _OpenError(Exception):
    """Nothing is decided."""


def decide(
    layout: Scaled,
    prices: Sequence[float],
    proof: Proof | None,
    plan: Booked,
    clock: highs.Clock,
    spend_of: Callable[[Ints], Ints | None],
    order_of: Callable[[Ints], Sequence[int]],
) -> tuple[Booked, Ties]:
    """The first of all plans that are worth as much as this best one, and what decided.

    Parameters
    ----------
    prices, proof
        Of the relaxation, and by cases if there was one: they settle most columns.
    spend_of
        What a booking of each of some columns costs; None where that is not known.
    order_of
        Some columns by the names of whom they book, first names first.

    Returns
    -------
    tuple
        The plan; and `only` (there is no other), `spend`, `names`, or `open` (not all was looked at).
    """
    program = layout.program
    if not program.all_whole or program.parts != 1:
        return plan, "open"
    value = program.value(plan)
    if proof is None or proof.settled is None:
        cases = settle(layout, prices, lagrangian_bound.upper_bound(program, prices), value)
        box = cases.box()
    else:
        cases, box = proof.settled, proof.tied
    if not len(cases.free):
        return plan, "only"
    if len(cases.free) > OPEN_MOST:
        return plan, "open"
    tied = _Tied(cases, box, value, spend_of(cases.free), clock)
    found = plan
    try:
        if tied.alone(tied.counts(plan)):
            return plan, "only"
        if tied.spend is not None:
            found = tied.best(-tied.spend.astype(np.float64)) or plan
            tied.limit = tied.spent(tied.counts(found))
            if tied.alone(tied.counts(found)):
                return found, "spend"
        return _by_names(tied, found, order_of(cases.free)), "names"
    except _OpenError:
        return found, "open"


def _by_names(tied: _Tied, plan: Booked, order: Sequence[int]) -> Booked:
    """Some names at a time: whoever comes first is booked where a best plan can."""
    bookings, most = tied.cases.program.bookings, tied.cases.program.most[tied.cases.free]
    columns = [column for column in order if tied.cases.free[column] < bookings]
    searches = 0
    while columns:
        together = [columns[0]]
        if most[columns[0]] == 1:
            together = list(takewhile(lambda column: most[column] == 1, columns[:_TOGETHER]))
        cost = np.zeros(len(tied.cases.free))
        cost[together] = 2.0 ** np.arange(len(together) - 1, -1, -1)
        plan = tied.best(cost) or plan
        counts = tied.counts(plan)
        tied.fixed |= {column: int(counts[column]) for column in together}
        columns = [column for column in columns if column not in tied.fixed]
        searches += 1
        if searches >= NAMES_MOST or tied.alone(counts):
            break
    if searches >= NAMES_MOST and columns:
        raise _OpenError
    return plan


def _power(size: float) -> float:
    """The power of two that brings a size near 2**10."""
    return ldexp(1.0, _SIZE - frexp(size)[1]) if size > 0 else 1.0
