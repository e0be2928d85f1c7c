"""Which rules clash: from a set that cannot hold together, rules are dropped while the rest still clash."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import sparse

from optimizer.solving import highs
from optimizer.solving.scaling import Scaled, unit_rows

_COLUMNS_MOST = 20_000  # beyond, each question takes too long and the set is left as it is


def smallest_clash(layout: Scaled, rules: Iterable[int], clock: highs.Clock) -> tuple[tuple[int, ...], bool]:
    """The rules that still clash when no one of them may be dropped, and whether the included creators are part of it.

    The solver's word decides what is dropped, so this explains and proves nothing; a doubtful answer keeps the rule.
    """
    kept = list(dict.fromkeys(rules))
    program = layout.program
    if len(program) > _COLUMNS_MOST:
        return tuple(kept), bool(program.required.any())
    for rule in list(kept):
        rest = [other for other in kept if other != rule]
        if _impossible(layout, rest, clock, included=True):
            kept = rest
    must = bool(program.required.any()) and not _impossible(layout, kept, clock, included=False)
    return tuple(kept), must


def _impossible(layout: Scaled, rules: list[int], clock: highs.Clock, *, included: bool) -> bool:
    """Whether the solver finds these rules impossible to keep."""
    program = layout.program
    rows = np.array([at for at, row in enumerate(program.rows) if row.rule in rules], dtype=np.int64)
    lower, upper = layout.bounds(np.zeros(len(program.rows), dtype=np.int64))
    units = np.arange(len(program.available))
    columns = np.arange(len(program))
    required = program.required if included else np.zeros_like(program.required)
    model = highs.Model(
        cost=np.zeros(len(program)),
        matrix=sparse.csr_array(sparse.vstack([layout.matrix[rows], unit_rows(program, columns, units)], format="csr")),
        row_lower=np.concatenate([lower[rows], required.astype(np.float64)]),
        row_upper=np.concatenate([upper[rows], program.available.astype(np.float64)]),
        lower=np.zeros(len(program)),
        upper=program.available[program.unit].astype(np.float64),
        whole=True,
    )
    return highs.solve(model, clock).status == highs.INFEASIBLE
