"""The certificate: the proof of a bound or a conflict, in names that an independent reader can resolve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import compress, count
from typing import TypedDict

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.domain.scenario import Scenario
from optimizer.estimation.booking_table import BookingTable
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Row, Term
from optimizer.results.plan import ObjectiveResult
from optimizer.results.proof import (
    BookingAt,
    Certificate,
    ProofCase,
    ProofStage,
    Refutation,
    RelaxedBooking,
    RoundedRow,
    SplitAt,
)
from optimizer.solving.branch import Case, Proof
from optimizer.solving.cutting_planes import Stage
from optimizer.solving.engine import Solution
from optimizer.solving.reduced_problem import Price


def certificate(
    scenario: Scenario, columns: BookingTable, solution: Solution, objective: ObjectiveResult, root_bound: float
) -> Certificate:
    """The certificate of the bound of a plan."""
    above = None if solution.branches is None else solution.branches.above
    return Certificate(
        rows=dict(zip(row_names(solution.program), solution.prices, strict=True)),
        cells={},
        bound=objective.bound,
        gap=objective.gap,
        root_bound=root_bound,
        above=None if above is None else _whole(above),
        relaxed=_relaxed(scenario, columns, solution),
        **_by_cases(scenario, columns, solution.branches),
    )


def refutation(scenario: Scenario, columns: BookingTable, solution: Solution) -> Refutation | None:
    """The certificate of a conflict; None if it is not proved."""
    if solution.against is None or solution.proof == "none":
        return None
    names = dict(zip(map(id, solution.program.rows), row_names(solution.program), strict=True))
    rows = [names[id(row)] for row in solution.against.rows]
    prices = dict(zip(rows, solution.prices, strict=True))
    return Refutation(rows=prices, cells={}, **_by_cases(scenario, columns, solution.branches))


def _relaxed(scenario: Scenario, columns: BookingTable, solution: Solution) -> tuple[RelaxedBooking, ...] | None:
    """The solution of the relaxation, if the prices are its duals: feasible, with nearly the value of their bound."""
    program, high = solution.program, solution.sum_of_prices
    booked = np.flatnonzero(solution.relaxed)
    if high is None or not any(solution.prices) or len(booked) > _RELAXED_MOST:
        return None
    counts = solution.relaxed[booked]
    worth = program.objective.sign * float(_counted(program.costs, booked) @ counts)
    if abs(float(high) - worth) > _NEAR * max(abs(worth), program.denominator):
        return None
    for row in program.rows:
        each = _counted(row.terms, booked)
        total, doubt = float(each @ counts), _NEAR * (float(np.abs(each) @ counts) + 1.0)
        if (row.lower is not None and total < row.lower - doubt) or (
            row.upper is not None and total > row.upper + doubt
        ):
            return None
    stepped = {segment.position for segment in scenario.segments if segment.steps}
    who = (_booking(scenario, columns, stepped, at) for at in booked.tolist())
    return tuple(RelaxedBooking(one, count) for one, count in zip(who, counts.tolist(), strict=True))


def _counted(terms: Sequence[Term], columns: Ints) -> Floats:
    """The coefficients of some terms in some columns."""
    return sum((term.at(columns) for term in terms), np.zeros(len(columns)))


def _whole(number: Fraction) -> int:
    if number.denominator != 1:
        raise ValueError("of whole bookings, the value is whole too")
    return number.numerator


_NEAR = 1e-7  # a reader allows ten times as much
_RELAXED_MOST = 20_000


class _ByCases(TypedDict):
    bookings: tuple[BookingAt, ...]
    stages: tuple[ProofStage, ...]
    cases: tuple[ProofCase, ...]


def _by_cases(scenario: Scenario, columns: BookingTable, proof: Proof | None) -> _ByCases:
    """A proof by branch and bound, with bookings given by their positions in the certificate."""
    stages = () if proof is None or proof.settled is None else proof.settled.stages
    cases = () if proof is None else proof.cases
    full = [stage.columns[how.full] for stage in stages for how in stage.roundings]
    split = np.array([case.column for case in cases if case.column is not None], dtype=np.int64)
    spoken = np.unique(np.concatenate([split, *full]))

    def places(of: Ints) -> tuple[int, ...]:
        return tuple(np.searchsorted(spoken, of).tolist())

    stepped = {segment.position for segment in scenario.segments if segment.steps}
    return _ByCases(
        bookings=tuple(_booking(scenario, columns, stepped, at) for at in spoken.tolist()),
        stages=tuple(_stage(stage, places) for stage in stages),
        cases=tuple(_case(case, places) for case in cases),
    )


def _booking(scenario: Scenario, columns: BookingTable, stepped: set[int], at: int) -> BookingAt:
    if at >= len(columns):
        return BookingAt(switch=at - len(columns) + 1)
    creator = int(columns.creator[at])
    return BookingAt(
        creator=scenario.pool.ids[creator],
        offer=scenario.offers[int(columns.offer[at])].name,
        step=int(columns.step[at]) + 1 if creator in stepped else None,
    )


def _stage(stage: Stage, places: Callable[[Ints], tuple[int, ...]]) -> ProofStage:
    rounded = tuple(
        RoundedRow(
            sides=tuple(place for place, _ in how.weights),
            weights=tuple(weight for _, weight in how.weights),
            full=places(stage.columns[how.full]),
            divisor=how.divisor,
        )
        for how in stage.roundings
    )
    return ProofStage(len(stage.columns), rounded, *_priced(stage.prices))


def _case(case: Case, places: Callable[[Ints], tuple[int, ...]]) -> ProofCase:
    split = None if case.column is None else SplitAt(places(np.array([case.column]))[0], case.at)
    return ProofCase(split, *_priced(case.prices), impossible=case.impossible)


def _priced(prices: Sequence[Price]) -> tuple[tuple[int, ...], tuple[float | str, ...]]:
    """The positions of nonzero prices, and the prices; those that no float equals, as fractions."""
    return tuple(compress(count(), prices)), tuple(_written(price) for price in prices if price)


def _written(price: Price) -> float | str:
    if isinstance(price, float):
        return price
    near = float(price)
    return near if near == price else f"{price.numerator}/{price.denominator}"


def row_names(program: Program) -> list[str]:
    """The names of all rows in the certificate, in order; the later one of two equal names is numbered."""
    taken: set[str] = set()
    times: dict[str, int] = {}
    names: list[str] = []
    for row in program.rows:
        name = own = _row_name(program, row)
        while name in taken:  # where a planner's own name ends in a number, more than once
            times[own] = times.get(own, 1) + 1
            name = f"{own} #{times[own]}"
        taken.add(name)
        names.append(name)
    return names


def _row_name(program: Program, row: Row) -> str:
    """A row's name: that of its rule with the bound, or with the creator or talent that it holds."""
    if row.rule == STRUCTURE:
        return row.label
    name = program.rules[row.rule].name
    return f"{name}: {row.label or row.bound}"
