"""Which rules clash: from a set that cannot hold together, rules are dropped while the rest still clash."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from scipy import sparse

from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.column_generation import relax
from optimizer.solving.scaling import Scaled, scaled, unit_rows

_COLUMNS_MOST = 20_000  # beyond, each question takes too long and the set is left as it is

Impossible = Callable[[Scaled, list[int], highs.Clock], bool]


def proving_prices(layout: Scaled, rules: Iterable[int] | None, clock: highs.Clock) -> tuple[float, ...] | None:
    """Prices that prove exactly that no plan keeps these rules (None: all); None where there are none such.

    They are the prices of the least violation. The proof is that no bookings are worth to them what the bounds ask for:
    `upper_bound` without costs is negative.
    """
    if rules is not None:
        rules = set(rules)
        layout = replace(layout, program=layout.program.under(rules))
    program = layout.program
    elastic = relax(layout, clock, elastic=True, rules=rules)
    if elastic.prices is None:
        return None
    prices = lagrangian_bound.project(program, elastic.prices)
    return prices if lagrangian_bound.upper_bound(program, prices, costs=False) < 0 else None


def proved_impossible(layout: Scaled, rules: list[int], clock: highs.Clock) -> bool:
    """Whether prices prove these rules impossible to keep."""
    return proving_prices(layout, rules, clock) is not None


def said_impossible(layout: Scaled, rules: list[int], clock: highs.Clock) -> bool:
    """Whether the solver says that these rules are impossible to keep in whole bookings."""
    program = layout.program.under(rules)
    rows = np.array([at for at, row in enumerate(program.rows) if row.rule in {*rules, STRUCTURE}], dtype=np.int64)
    lower, upper = layout.bounds()
    units, columns = np.arange(len(program.available)), np.arange(len(program))
    each = unit_rows(program, columns, units)
    model = highs.Model(
        cost=np.zeros(len(program)),
        matrix=sparse.csr_array(sparse.vstack([layout.part(columns)[rows], each], format="csr")),
        row_lower=np.concatenate([lower[rows], program.times(program.required)]),
        row_upper=np.concatenate([upper[rows], program.times(program.available)]),
        lower=np.zeros(len(program)),
        upper=program.times(program.most),
        whole=program.whole,
    )
    return highs.solve(model, clock).status == highs.INFEASIBLE


def smallest_clash(
    layout: Scaled, rules: Iterable[int], clock: highs.Clock, impossible: Impossible
) -> tuple[tuple[int, ...], bool]:
    """The rules that still clash when no one of them may be dropped, and whether only with the included creators.

    What may be dropped is decided by `impossible`, so the set rests on the same ground as the verdict that it explains.
    A doubtful answer keeps the rule.
    """
    kept = list(dict.fromkeys(rules))
    program = layout.program
    if len(program) > _COLUMNS_MOST:
        return tuple(kept), bool(program.required.any())
    for rule in list(kept):
        rest = [other for other in kept if other != rule]
        if impossible(layout, rest, clock):
            kept = rest
    must = bool(program.required.any()) and not impossible(_without_included(program), kept, clock)
    return tuple(kept), must


def _without_included(program: Program) -> Scaled:
    return scaled(replace(program, required=np.zeros_like(program.required)))
