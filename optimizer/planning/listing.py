"""All plans that are worth some least value, one by one, where they are few enough to be listed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from optimizer.formulation.build import build
from optimizer.planning.certificate import row_names
from optimizer.planning.near import Near
from optimizer.solving import lagrangian_bound
from optimizer.solving.labels import Labelling, Listed, is_listable

_COLUMNS_MOST = 400


def listed(near: Near, least: Fraction, later: Sequence[Fraction] = ()) -> Listed | None:
    """All plans that are worth `least`, and as much as `later` by each later goal; None where they are too many, or
    where bookings are parts, several of a kind, or followed by other columns.
    """
    columns = near.columns(least)
    if len(columns) > _COLUMNS_MOST:
        return None
    program = build(near.estimates.within(columns)).with_all_rows()
    if not is_listable(program):
        return None
    priced = dict(zip(row_names(near.program), near.prices, strict=True))
    prices = lagrangian_bound.project(program, [priced.get(name, 0.0) for name in row_names(program)])
    bound = lagrangian_bound.upper_bound(program, prices)
    aims = [
        (tuple(term.times(aim.objective.sign) for term in aim.costs), worth)
        for aim, worth in zip(program.later, later, strict=False)
    ]
    found = Labelling(program, prices, bound).listed(least, aims)
    if found is None:
        return None
    chosen = found.columns
    return Listed(np.where(chosen >= 0, columns[np.maximum(chosen, 0)], -1), found.values)
