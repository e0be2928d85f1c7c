"""Reduced-cost fixing: what no plan of interest books, and what every one does. Decided exactly, mostly in floats."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import lagrangian_bound

Exactly = Callable[[Ints], tuple[list[int], int]]
_ROUNDED = 2.0**-48  # of a float, far more than all that was rounded to get it


def settled(program: Program, rc: Floats, error: Floats, room: Fraction, exactly: Exactly) -> tuple[Ints, Booked]:
    """Which columns a plan may book whose value is within `room` of the bound, and what every such plan books.

    Of units that are booked in wholes; in parts, a little of anything is possible.

    Parameters
    ----------
    rc, error
        Reduced costs of all columns (n,) at the prices of the bound, and bounds on their errors. Columns that may not
        be booked (`program.most` is 0) are settled already.
    room
        By how much the value of such a plan can be below the bound, exactly.
    exactly
        Gives the reduced costs of some columns as integers over one denominator. It is asked where the errors leave a
        doubt, so that whoever reckons exactly from the start leaves the same open.
    """
    open_, count = program.most > 0, np.zeros(len(program), dtype=np.int64)
    most = max(float(room), 0.0)
    column, keep = lagrangian_bound.regrets(program, rc)
    doubt = np.zeros(len(program.available))
    np.maximum.at(doubt, program.unit, 4 * error)
    doubt += most * _ROUNDED
    whole = np.ones(len(doubt), dtype=np.bool_)
    whole[program.unit[~program.whole]] = False  # a small part of a booking costs little: nothing is settled
    kept, out = keep - doubt > most, column - doubt[program.unit] > most
    kept, out = kept & whole, out & whole[program.unit]
    near = open_ & ~out & (column + doubt[program.unit] > most) & whole[program.unit]
    unsure = np.zeros_like(kept)
    unsure[program.unit[near]] = True
    worth_it = np.zeros_like(kept)
    worth_it[program.unit[open_ & (rc > -doubt[program.unit])]] = True
    unsure |= worth_it & ~kept & whole & (keep + doubt > most)
    booked = kept[program.unit] & (column == 0) & open_
    count[booked] = program.available[program.unit[booked]] // program.parts
    free = open_ & ~kept[program.unit] & ~out
    if unsure.any():
        _decide(program, np.flatnonzero(unsure[program.unit] & open_), room, exactly, free, count)
    fixed = np.flatnonzero(count)
    return np.flatnonzero(free), Booked(fixed, count[fixed])


def _decide(program: Program, columns: Ints, room: Fraction, exactly: Exactly, free: Flags, count: Ints) -> None:
    """Settle the units of some columns anew, exactly."""
    worth, denominator = exactly(columns)
    limit = room * denominator
    units: dict[int, list[tuple[int, int]]] = {}
    for at, unit, value in zip(columns.tolist(), program.unit[columns].tolist(), worth, strict=True):
        units.setdefault(unit, []).append((value, at))
    for unit, mine in units.items():
        required, available = int(program.required[unit]), int(program.available[unit])
        every = [at for _, at in mine]
        free[every], count[every] = True, 0
        if 0 < required < available:
            continue
        fills = available % program.parts == 0
        idle = [] if required else [(0, -1)]
        (best, first), *others = sorted([*mine, *idle], key=lambda entry: -entry[0])
        if fills and first >= 0 and all(best - value > limit for value, _ in others[:1]):
            free[every], count[first] = False, available // program.parts
        else:
            free[every] = [best - value <= limit for value, _ in mine]
