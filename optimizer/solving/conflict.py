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
from optimizer.solving.restricted_mip import WHOLE_MOST
from optimizer.solving.scaling import Scaled, scaled, unit_rows

_COLUMNS_MOST = 20_000  # beyond, prices alone drop rules, several at once, and each question has so much work:
_ASKED = 40  # rounds; some questions take nearly all creators to answer

Impossible = Callable[[Scaled, list[int], highs.Clock], "list[int] | None"]


def proving_prices(
    layout: Scaled, rules: Iterable[int] | None, clock: highs.Clock
) -> tuple[Program, tuple[float, ...]] | None:
    """Prices that prove exactly that no plan keeps these rules (None: all); None where there are none such.

    The prices are those of the program that is returned with them, which may have some more tangents. They are
    those of the least violation. The proof is that no bookings are worth to them what the bounds ask for: `upper_bound`
    without costs is negative.
    """
    if rules is not None:
        rules = set(rules)
        layout = replace(layout, program=layout.program.under(rules))
    program = layout.program
    if len(program) > WHOLE_MOST:
        prices = _one_row(program, rules)
        if prices is not None:
            return program, prices
    elastic = relax(layout, clock, elastic=True, rules=rules)
    if elastic.prices is None:
        return None
    program = elastic.layout.program
    prices = lagrangian_bound.project(program, elastic.prices)
    return (program, prices) if lagrangian_bound.upper_bound(program, prices, costs=False) < 0 else None


def _one_row(program: Program, rules: Iterable[int] | None) -> tuple[float, ...] | None:
    """Prices that prove one row impossible by itself, such as a total that all creators together do not reach."""
    held = None if rules is None else {*rules, STRUCTURE}
    for at, row in enumerate(program.rows):
        for price in (-1.0, 1.0):
            prices = tuple(price if other == at else 0.0 for other in range(len(program.rows)))
            if (held is None or row.rule in held) and any(lagrangian_bound.project(program, prices)):
                near = lagrangian_bound.nearly(program, prices)
                if near < 0 and lagrangian_bound.upper_bound(program, prices, costs=False) < 0:
                    return prices
    return None


def blamed_by(program: Program, prices: tuple[float, ...]) -> list[int]:
    """The rules that a proof by prices is about: those that it prices, and those that forbid bookings."""
    priced = {row.rule for row, price in zip(program.rows, prices, strict=True) if price}
    forbidding = {row.rule for row in program.rows if row.forbids(program.whole) is not None}
    return sorted((priced | forbidding) - {STRUCTURE})


def proved_impossible(layout: Scaled, rules: list[int], clock: highs.Clock) -> list[int] | None:
    """If prices prove these rules impossible to keep: those that must be kept apart from others; else None.

    Of many columns these are the ones that the proof is about, so that few questions are left to ask.
    """
    proof = proving_prices(layout, rules, clock)
    if proof is None or len(layout.program) <= _COLUMNS_MOST:
        return None if proof is None else rules
    blamed = set(blamed_by(*proof))
    return [rule for rule in rules if rule in blamed]


def said_impossible(layout: Scaled, rules: list[int], clock: highs.Clock) -> list[int] | None:
    """These rules, if the solver says that they are impossible to keep in whole bookings."""
    if len(layout.program) > _COLUMNS_MOST:
        return None
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
        whole=program.integral,
    )
    return rules if highs.solve(model, clock).status == highs.INFEASIBLE else None


def smallest_clash(
    layout: Scaled, rules: Iterable[int], clock: highs.Clock, impossible: Impossible
) -> tuple[tuple[int, ...], bool]:
    """The rules that still clash when no one of them may be dropped, and whether only with the included creators.

    What may be dropped is decided by `impossible`, so the set rests on the same ground as the verdict that it explains.
    A doubtful answer keeps the rule.
    """
    kept = list(dict.fromkeys(rules))
    program = layout.program

    def clash_in(layout: Scaled, rules: list[int]) -> list[int] | None:
        return impossible(layout, rules, clock if len(program) <= _COLUMNS_MOST else clock.part(_ASKED))

    for rule in list(kept):
        rest = [other for other in kept if other != rule]
        clash = clash_in(layout, rest) if len(rest) < len(kept) else None
        kept = kept if clash is None else clash
    must = bool(program.required.any()) and clash_in(_without_included(program), kept) is None
    return tuple(kept), must


def _without_included(program: Program) -> Scaled:
    return scaled(replace(program, required=np.zeros_like(program.required)))
