"""Whether prices are optimal duals: a solution of the LP relaxation has the value of the bound that they prove.

Any prices prove a bound. Only if the relaxation has that value (strong duality) are they the gain of loosening a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from optimizer.results.stated import of
from optimizer.verification.bounds import Bounds
from optimizer.verification.stated import Places, booking, number
from optimizer.verification.terms import Booked, Row, WrongProof

_NEAR = Fraction(1, 10**6)  # the relaxation is a solver's, in floats


def relaxed(certificate: Mapping[str, Any], bounds: Bounds, root: Fraction, places: Places) -> Booked | None:
    """The solution of the relaxation; None if the certificate has none (as in version 0.1.0).

    Parameters
    ----------
    root
        The exact bound that the prices prove by themselves.

    Raises
    ------
    WrongProof
        If it breaks a row or a unit by more than a solver's tolerance, or its value differs from the bound.
    """
    if certificate.get("relaxed") is None:
        return None
    found: dict[int, Fraction] = {}
    for said in of(certificate, "relaxed", list):
        at, count = booking(said, bounds.rows, places), Fraction(number(said, "count"))
        if at in found or count <= 0:
            raise WrongProof("its relaxation books nothing, or the same twice")
        found[at] = count
    _check_units(bounds, found)
    for row in bounds.counted:
        _check_row(row, found)
    value, unit = bounds.value(found), bounds.goal[1]
    if abs(root - value) > _NEAR * max(abs(root), Fraction(unit)):
        raise WrongProof("its relaxation is not worth what its prices prove")
    return found


def _check_units(bounds: Bounds, found: Booked) -> None:
    free = set(found)
    for unit in bounds.slots:
        taken = sum((found.get(at, Fraction(0)) for at in unit.columns), Fraction(0)) * bounds.bookings.parts
        free.difference_update(unit.columns)
        if not unit.required - _NEAR * unit.available <= taken <= unit.available * (1 + _NEAR):
            raise WrongProof("its relaxation books somebody more often than can be, or less than must be")
    if free:
        raise WrongProof("its relaxation books what no plan can")


def _check_row(row: Row, found: Booked) -> None:
    total = sum((term.total(found) for term in row.terms), Fraction(0))
    net: dict[int, Fraction] = {}
    for term in row.terms:
        for at, count in found.items():
            if at in term.inside:
                net[at] = net.get(at, Fraction(0)) + term.multiplier * term.values[at] * count
    size = _NEAR * (sum(map(abs, net.values()), Fraction(0)) + 1)
    if (row.lower is not None and total < row.lower - size) or (row.upper is not None and total > row.upper + size):
        raise WrongProof(f"its relaxation breaks {row.name}")
