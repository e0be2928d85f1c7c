"""The bounds that a certificate proves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from optimizer.results.stated import of
from optimizer.verification.bounds import Bounds
from optimizer.verification.reduced import Prices
from optimizer.verification.rows import Rows
from optimizer.verification.stated import Places, by_cases, exact
from optimizer.verification.terms import Row, WrongProof


def prices_in(certificate: Mapping[str, Any], rows: Rows, kept: Sequence[Row] = ()) -> tuple[list[Row], Prices]:
    """The rows of a certificate in its order, and the prices of those that have one.

    `kept` are rows beside those of the rules.
    """
    beside = {row.name: row for row in kept}
    listed, prices = [], []
    for name, price in of(certificate, "rows", dict).items():
        row = beside.get(name) or rows.named(name)
        if row is None:
            raise WrongProof(f"the rules make no row {name}")
        listed.append(row)
        if exact(price):
            prices.append((row, exact(price)))
    return listed, prices


def counted(rows: Rows, listed: Sequence[Row]) -> list[Row]:
    """All rows of the rules, and those for single creators that a certificate lists."""
    every = {row.name: row for row in [*rows, *listed]}
    return list(every.values())


def proved_by(
    bounds: Bounds, certificate: Mapping[str, Any], listed: list[Row], prices: Prices, places: Places
) -> tuple[Fraction, Fraction]:
    """The bounds that the prices prove by themselves, and with the cases."""
    root = bounds.reachable(bounds.upper(prices))
    if not of(certificate, "cases", list):
        return root, root
    above = None if certificate.get("above") is None else Fraction(of(certificate, "above", int))
    if above is not None and bounds.all_whole and bounds.step and above % bounds.step:
        raise WrongProof("its cases are about plans of a value that no plan can have")
    settled, cases = by_cases(certificate, bounds.settled(prices, above), listed, places)
    best = settled.replay(cases)
    if above is None:
        return root, root if best is None else min(root, bounds.reachable(best))
    below = above - bounds.step if bounds.all_whole else above  # what plans worth less than `above` are worth at most
    return root, min(root, below if best is None else max(below, bounds.reachable(best)))
