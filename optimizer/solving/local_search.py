"""A plan made better by exchanges: a few bookings dropped or made at once, those of all that keep every row and gain
the most.

A search by a tree leaves plans that a handful of near columns would better, because it fills what the rows leave unused
only where it looks. Sums of two moves are laid out and sorted by what they gain; to each move, and to each pair of
moves, the first pair that fits is looked for, row after row, tightest first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.terms import Booked
from optimizer.solving.scaling import unit_rows
from optimizer.solving.search import Search

_OF_THREE, _OF_FOUR = 300, 140  # columns among which exchanges of up to three moves, and of four, are looked for
_ROUNDS = 30
_ROOM = 1e-6  # of scaled rows; whether a plan keeps them is for the search to say, in integers
_GAIN = 1e-9  # scaled: to gain less is noise


@dataclass(frozen=True, eq=False)
class _Moves:
    """One booking more or less (`step`) of some columns: what each gains, and what it uses of each row that may be
    broken (rows, moves), of which `room` is left."""

    column: Ints
    step: Ints
    gain: Floats
    use: Floats
    room: Floats


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of moves, those first that gain the most; `of` (k, sums) are the moves, `use` (rows, sums)."""

    of: Ints
    gain: Floats
    use: Floats


def exchange(search: Search, plan: Booked, nearest: Ints, *, four: bool = False) -> Booked:
    """Exchange bookings of the `nearest` columns (nearest first) until nothing is gained; the plan that this ends with.

    With `four` moves at once, among fewer columns. The plan is offered to the search at each step.
    """
    columns = np.sort(nearest[: _OF_FOUR if four else _OF_THREE])
    if not search.program.all_whole or search.program.parts != 1:
        return plan
    for _ in range(_ROUNDS):
        if search.clock.over or search.take(plan) or not search.keeps_rules(plan):
            break
        moves = _moves(search, plan, columns)
        found = _best(moves, four=four)
        if found is None:
            break
        better = _moved(search, plan, moves, found)
        if not search.keeps_rules(better) or search.program.value(better) <= search.program.value(plan):
            break
        plan = better
    return plan


def _moved(search: Search, plan: Booked, moves: _Moves, which: Ints) -> Booked:
    counts = np.zeros(len(search.program), dtype=np.int64)
    counts[plan.columns] = plan.counts
    np.add.at(counts, moves.column[which], moves.step[which])
    columns = np.flatnonzero(counts)
    return search.program.settled(Booked(columns, counts[columns]))


def _moves(search: Search, plan: Booked, columns: Ints) -> _Moves:
    """All moves of some columns, and the rows that as many of them as are made at once could break."""
    layout, program = search.layout, search.program
    whole = np.zeros(len(program))
    whole[plan.columns] = plan.counts.astype(np.float64)
    mine = program.unit[columns]
    units = np.unique(mine)
    inside, taken = whole[columns], np.bincount(program.unit, weights=whole, minlength=len(program.available))[units]
    rows = np.vstack([layout.part(columns).toarray(), unit_rows(program, columns, units).toarray()])
    total = np.concatenate([layout.totals(whole), taken])
    lower, upper = layout.bounds()
    lower = np.concatenate([lower, program.required[units].astype(np.float64)])
    upper = np.concatenate([upper, program.available[units].astype(np.float64)])
    up, down = np.flatnonzero(inside < program.most[columns]), np.flatnonzero(inside > 0)
    at, step = np.concatenate([up, down]), np.repeat([1, -1], [len(up), len(down)])
    change = rows[:, at] * step
    use, room = np.vstack([change, -change]), np.concatenate([upper - total, total - lower]) + _ROOM
    most = np.sort(np.maximum(use, 0.0), axis=1)[:, -4:].sum(axis=1)
    live = np.flatnonzero(most > room)
    tight = np.argsort(-(use[live] > room[live, None]).sum(axis=1), kind="stable")
    live = live[tight]
    return _Moves(columns[at], step, layout.cost[columns[at]] * step, use[live], room[live])


def _best(moves: _Moves, *, four: bool) -> Ints | None:
    """The moves that gain the most together, as places; None where nothing is gained."""
    none = _Sums(np.zeros((0, 1), dtype=np.int64), np.zeros(1), np.zeros((len(moves.room), 1)))
    order = np.argsort(-moves.gain, kind="stable")
    singles = _Sums(order[None, :], moves.gain[order], moves.use[:, order])
    pairs = _pairs(moves)
    best, gain = None, _GAIN
    for first, second in [(none, singles), (none, pairs), (singles, pairs), (pairs, pairs)][: 4 if four else 3]:
        found = _best_of(first, second, moves.room, gain)
        if found is not None:
            best, gain = found
    return best


def _pairs(moves: _Moves) -> _Sums:
    """All pairs of moves of two columns."""
    one, other = np.triu_indices(len(moves.gain), 1)
    apart = moves.column[one] != moves.column[other]
    one, other = one[apart], other[apart]
    gain = moves.gain[one] + moves.gain[other]
    order = np.argsort(-gain, kind="stable")
    one, other = one[order], other[order]
    return _Sums(np.stack([one, other]), gain[order], moves.use[:, one] + moves.use[:, other])


def _best_of(first: _Sums, second: _Sums, room: Floats, least: float) -> tuple[Ints, float] | None:
    """The best sum of one of each that keeps the rows and gains more than `least`."""
    found: tuple[Ints, float] | None = None
    falling = -second.gain
    for at in range(len(first.gain)):
        # a sum of two of the same kind is looked at once: with the one that gains less as the first
        end = int(np.searchsorted(falling, first.gain[at] - least))
        if not end:
            break  # all that follow gain even less
        fit = np.arange(min(end, at) if first is second else end)
        for row, left in zip(second.use, room - first.use[:, at], strict=True):
            fit = fit[row[fit] <= left]
            if not len(fit):
                break
        for place in fit.tolist():
            which = np.concatenate([first.of[:, at], second.of[:, place]])
            if len(np.unique(which)) == len(which):
                found, least = (which, float(first.gain[at] + second.gain[place])), first.gain[at] + second.gain[place]
                break
    return found
