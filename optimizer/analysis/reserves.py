"""Reserves of a plan: for each creator who is booked, who steps in if this one falls out and all others stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.analysis.near_best import NearBest
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.near import Near
from optimizer.planning.stand_ins import Bench, Fallen, single, together

MOST = 5  # stand-ins of one creator
_SEARCHES = 60  # for several who step in together
_ROUNDS = 400  # of work for one of these


@dataclass(frozen=True, eq=False)
class Reserve:
    """Who steps in for a creator (a position in the pool) whose booking is a `column`.

    Parameters
    ----------
    breaks
        The rules, by position, that are broken where nobody steps in.
    steps_in
        Columns, and what the plan is worth with each; or with all of them, where they step in `together`.
    keeps
        Whether every rule is kept with them; otherwise some lower bounds are missed.
    proved
        Whether no others do better, or nobody does where there are none.
    """

    creator: int
    column: int
    breaks: tuple[int, ...]
    steps_in: tuple[tuple[int, Fraction], ...]
    together: bool
    keeps: bool
    proved: bool


def reserves(near_best: NearBest, plan: Booked) -> Iterator[Reserve]:
    """The reserve of each creator, and of one booking of each segment, in the order of the pool.

    Bookings in parts have none: their amounts are not names.
    """
    near, program, searches = near_best.near, near_best.near.program, 0
    if program.parts != 1:
        return
    bench = Bench(near, plan)
    last = dict(zip(near_best.who[plan.columns].tolist(), plan.columns.tolist(), strict=True))
    for creator, column in last.items():
        if not program.whole[column] or near.clock.over:
            continue
        must = bool(program.required[np.flatnonzero(program.creator == creator)].any())
        asked, beside = (near, bench) if not must else _not_including(near, plan, creator)
        fallen = Fallen(asked.program, plan, column)
        found = single(beside, fallen, MOST)
        steps_in = tuple((one.column, one.value) for one in found)
        if found or fallen.keeps(fallen.rest):
            yield Reserve(creator, column, fallen.broken, steps_in, together=False, keeps=True, proved=True)
            continue
        searches += 1
        more = together(asked, fallen, _ROUNDS) if searches <= _SEARCHES else None
        if more is not None and more.columns is not None and more.value is not None:
            biggest_first = sorted(more.columns.tolist(), key=lambda one: (-_worth(program, one), one))
            steps_in = tuple((one, more.value) for one in biggest_first)
            yield Reserve(creator, column, fallen.broken, steps_in, together=True, keeps=True, proved=more.proved)
            continue
        least_bad = single(beside, fallen, MOST, floors=False)
        steps_in = tuple((one.column, one.value) for one in least_bad)
        proved = more is not None and more.proved
        yield Reserve(creator, column, fallen.broken, steps_in, together=False, keeps=False, proved=proved)


def _worth(program: Program, column: int) -> Fraction:
    """What one booking is worth."""
    return program.value(Booked(np.array([column]), np.array([1])))


def _not_including(near: Near, plan: Booked, creator: int) -> tuple[Near, Bench]:
    """The same plans where a creator who must be booked need not be."""
    scenario, program = near.estimates.scenario, near.program
    include = tuple(term for term in scenario.include if term.creator != creator)
    required = program.required.copy()
    required[: len(program.creator)][program.creator == creator] = 0
    solution = replace(near.solution, program=replace(program, required=required), sum_of_prices=None)
    estimates = replace(near.estimates, scenario=replace(scenario, include=include))
    freed = Near(estimates, solution, near.clock)
    return freed, Bench(freed, plan)
