"""What later goals keep of the value that was found for an earlier one: a row of the program."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Row

_EXACT = 2**52  # integers up to here are exact in floats
KEPT = ": kept"  # how the names of such rows end
_FINE = 10**6  # the parts of a program's unit in which bounds on bookings in parts are written
_HAIR = Fraction(1, 10**12)  # of a value of bookings in parts, which no float need equal


def kept_row(program: Program, number: int, found: float, keep: Fraction) -> Row:
    """The row that keeps a share of the value `found` for a program's goal; goals count from 1.

    The value is as a plan states it, so that a reader can write the same row.
    """
    sign, unit = program.objective.sign, program.denominator
    worth = sign * Fraction(found) * unit
    lost = (1 - keep) * abs(worth)
    terms = [term.times(sign) for term in program.costs]
    label = f"goal {number}{KEPT}"
    if program.all_whole:
        doubt = 0 if abs(worth) < _EXACT else ceil(abs(worth) / _EXACT) * 2
        return Row(STRUCTURE, tuple(terms), ceil(round(worth) - doubt - lost), None, label)
    lower = floor((worth - lost - _HAIR * abs(worth)) * _FINE)
    return Row(STRUCTURE, tuple(term.times(_FINE) for term in terms), lower, None, label)
