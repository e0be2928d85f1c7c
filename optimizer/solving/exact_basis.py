"""Bookings in parts, exactly: the corner that a linear program ends in, solved in fractions.

A solver's floats break a row by a hair where two rows are met at once. But it also says which rows and bounds are met;
these are equations with whole coefficients, and their solution is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Row
from optimizer.solving import highs
from optimizer.solving.reduced_problem import Box, ReducedProblem
from optimizer.solving.scaling import Scaled, unit_rows

_FEW = 5_000  # columns up to which all that may be booked in parts are looked at, else those that a solution uses

_MARGINS = (0.0, 1e-6, 1e-5, 1e-4)  # by how much bounds move in that a corner breaks by less than a solver can see

_MET_MOST = 300  # rows that are met at once, of which prices are solved exactly
_BITS_MOST = 600  # of a price's denominator

Equation = tuple[dict[int, Fraction], Fraction]


def exact_plan(layout: Scaled, x: Floats, clock: highs.Clock) -> Booked | None:
    """The best plan in parts beside the whole bookings of `x`, exactly; None where there is none, or time is up.

    Where a corner breaks a bound by less than the solver can see, the bound moves in a little, so that the next corner
    stands on it; the bound itself is what that corner is then solved with.
    """
    program = layout.program
    parts = ~program.whole if len(program) <= _FEW else ~program.whole & (x > 1e-9)
    columns = np.flatnonzero(parts)
    held = _held(program, x)
    if not len(columns):
        return program.settled(held)
    fixed = np.zeros(len(program))
    fixed[held.columns] = held.counts
    free = _Free(program, columns, np.unique(program.unit[columns]), held)
    model = _model(layout, columns, free.units, fixed)
    of_columns, of_rows = (np.zeros(size, dtype=np.int64) for size in (len(columns), len(model.row_lower)))
    for margin in _MARGINS:
        model = _moved_in(model, of_columns, of_rows, margin)
        answer = highs.solve(model, clock)
        if answer.basis is None or answer.x is None:
            return None
        values = free.corner(*answer.basis)
        if values is None:
            return None
        plan = free.plan(values)
        of_columns, of_rows = free.over(values, plan)
        if not of_columns.any() and not of_rows.any():
            return program.settled(plan)
    return None


def exact_prices(
    cases: ReducedProblem, box: Box, clock: highs.Clock, *, costs: bool = True
) -> tuple[Fraction, ...] | None:
    """Prices of the rows where the relaxation over a box ends, in fractions; None where no corner gives them.

    At the corner, every column between its bounds is worth what the rows that are met charge for it: these are as many
    equations as such rows. A price whose sign the corner gets wrong by a hair is 0. With `costs` False, they are those
    of the least (scaled) violation of the rows instead, which show that there is no plan in the box.
    """
    model, program, rows = cases.model(box), cases.program, cases.program.rows
    slacks = 0 if costs else 2 * len(rows)
    answer = highs.solve(model if costs else _elastic(model, len(rows)), clock)
    if answer.basis is None or answer.x is None:
        return None
    of_columns, of_rows = answer.basis
    met = np.flatnonzero(~of_rows.basic).tolist()
    if len(met) > _MET_MOST:
        return None
    scales = [Fraction(float(scale)) for scale in cases.layout.row_scale]
    units = np.unique(program.unit[cases.free]).tolist()
    equations = list[Equation]()
    for at in np.flatnonzero(of_columns.basic[:slacks]).tolist():  # a unit of violation is charged what it costs
        row, sign = at % len(rows), 1 if at < len(rows) else -1
        equations.append(({row: Fraction(sign)} if row in met else {}, -scales[row]))
    for column in cases.free[of_columns.basic[slacks:]].tolist():
        unit, terms = int(program.unit[column]), dict[int, Fraction]()
        for at in met:
            charged = rows[at].coefficient(column) if at < len(rows) else int(units[at - len(rows)] == unit)
            if charged:
                terms[at] = Fraction(charged)
        worth = program.objective.sign * sum(term.coefficient(column) for term in program.costs) if costs else 0
        equations.append((terms, Fraction(worth)))
    found = solved(equations, met)
    if found is None or any(price.denominator.bit_length() > _BITS_MOST for price in found.values()):
        return None
    return tuple(_of_right_sign(row, found.get(at, Fraction(0))) for at, row in enumerate(rows))


def _elastic(model: highs.Model, rows: int) -> highs.Model:
    """The least violation of the first rows: two more columns for each of them, which lift and lower it."""
    eye = sparse.eye_array(model.matrix.shape[0], rows, format="csr")
    return replace(
        model,
        cost=np.concatenate([np.full(2 * rows, -1.0), np.zeros(len(model.cost))]),
        matrix=sparse.csr_array(sparse.hstack([eye, -eye, model.matrix], format="csr")),
        lower=np.concatenate([np.zeros(2 * rows), model.lower]),
        upper=np.concatenate([np.full(2 * rows, np.inf), model.upper]),
    )


def _of_right_sign(row: Row, price: Fraction) -> Fraction:
    return price if (row.upper if price > 0 else row.lower) is not None else Fraction(0)


def _moved_in(model: highs.Model, of_columns: Ints, of_rows: Ints, margin: float) -> highs.Model:
    """The model with bounds a little further in where they are passed: 1 above the upper one, -1 below the lower."""
    of_rows = np.where(model.row_lower == model.row_upper, 0, of_rows)  # an equation has no inside
    return replace(
        model,
        row_lower=model.row_lower + margin * (of_rows < 0),
        row_upper=model.row_upper - margin * (of_rows > 0),
        lower=model.lower + margin * (of_columns < 0),
        upper=model.upper - margin * (of_columns > 0),
    )


def _held(program: Program, x: Floats) -> Booked:
    """The whole bookings of `x`, with the indicators that follow from them; those over parts stand as in `x`."""
    counts = np.where(program.whole, np.rint(x), 0.0).astype(np.int64)
    bookings = np.flatnonzero(counts[: program.bookings])
    held = program.settled(Booked(bookings, counts[bookings]))
    on = (one for one in program.indicators if counts[one.column])
    over_parts = [one.column for one in on if not program.whole[one.members].all()]
    columns = np.union1d(held.columns, np.array(over_parts, dtype=np.int64))
    counts[held.columns] = held.counts
    return Booked(columns, counts[columns])


def _model(layout: Scaled, columns: Ints, units: Ints, fixed: Floats) -> highs.Model:
    program = layout.program
    lower, upper = layout.bounds(layout.totals(fixed))
    taken = np.bincount(program.unit, weights=fixed, minlength=len(program.available))[units]
    matrix = sparse.vstack([layout.part(columns), unit_rows(program, columns, units)], format="csr")
    return highs.Model(
        cost=layout.cost[columns],
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([lower, np.maximum(program.times(program.required[units]) - taken, 0.0)]),
        row_upper=np.concatenate([upper, program.times(program.available[units]) - taken]),
        lower=np.zeros(len(columns)),
        upper=program.times(program.most[columns]),
    )


@dataclass(frozen=True)
class _Free:
    """The columns that may be booked in parts, beside what is `held`."""

    program: Program
    columns: Ints
    units: Ints
    held: Booked

    def corner(self, of_columns: highs.Basis, of_rows: highs.Basis) -> list[Fraction] | None:
        """The values of all columns where these bounds and rows are met."""
        most = [Fraction(int(count), self.program.parts) for count in self.program.most[self.columns]]
        values = [most[at] if of_columns.upper[at] else Fraction(0) for at in range(len(self.columns))]
        unknown = np.flatnonzero(of_columns.basic).tolist()
        met = np.flatnonzero(~of_rows.basic).tolist()
        found = solved([self._equation(row, bool(of_rows.upper[row]), unknown, values) for row in met], unknown)
        if found is None:
            return None
        for at in unknown:
            values[at] = found[at]
        return values

    def plan(self, values: Sequence[Fraction]) -> Booked:
        """What is held and what the columns are worth, as bookings."""
        booked = [at for at, value in enumerate(values) if value]
        every = np.concatenate([self.held.columns, self.columns[booked]])
        found = np.array([*self.held.counts.tolist(), *(values[at] for at in booked)], dtype=object)
        order = np.argsort(every, kind="stable")
        return Booked(every[order], found[order])

    def over(self, values: Sequence[Fraction], plan: Booked) -> tuple[Ints, Ints]:
        """Which columns, and which rows and units, are above their upper bound (1) or below their lower one (-1)."""
        program, taken = self.program, dict[int, Fraction]()
        for unit, count in zip(program.unit[plan.columns].tolist(), plan.counts.tolist(), strict=True):
            taken[unit] = taken.get(unit, Fraction(0)) + count * program.parts
        columns = [
            _outside(value * program.parts, 0, int(most))
            for value, most in zip(values, program.most[self.columns], strict=True)
        ]
        rows = [_outside(row.total(plan), row.lower, row.upper) for row in program.rows]
        units = [
            _outside(taken.get(unit, Fraction(0)), int(program.required[unit]), int(program.available[unit]))
            for unit in self.units.tolist()
        ]
        return np.array(columns, dtype=np.int64), np.array([*rows, *units], dtype=np.int64)

    def _equation(self, row: int, upper: bool, unknown: Sequence[int], values: Sequence[Fraction]) -> Equation:
        """A row that is met: its coefficients of the unknown, and what they must add up to."""
        rows = self.program.rows
        bound: Fraction | int | None
        at_held: Fraction | int
        if row < len(rows):
            said = rows[row]
            bound, at_held = (said.upper if upper else said.lower), said.total(self.held)
            coefficients = [said.coefficient(int(column)) for column in self.columns]
        else:
            unit = int(self.units[row - len(rows)])
            inside = self.program.unit[self.held.columns] == unit
            at_held = sum(self.held.counts[inside].tolist())
            parts = (self.program.available if upper else self.program.required)[unit]
            bound = Fraction(int(parts), self.program.parts)
            bound = bound if upper else max(bound, Fraction(at_held))
            coefficients = [int(self.program.unit[column] == unit) for column in self.columns]
        rest = Fraction(bound or 0) - at_held
        free = set(unknown)
        rest -= sum(c * values[at] for at, c in enumerate(coefficients) if c and at not in free)
        return {at: Fraction(coefficients[at]) for at in unknown if coefficients[at]}, rest


def _outside(value: Fraction, low: int | None, high: int | None) -> int:
    if high is not None and value > high:
        return 1
    return -1 if low is not None and value < low else 0


def solved(equations: list[Equation], unknown: Sequence[int]) -> dict[int, Fraction] | None:
    """The solution of as many equations as unknowns, by elimination in fractions; None where there is not just one."""
    left, order = list(equations), list[tuple[int, Equation]]()
    while left:
        left.sort(key=lambda equation: len(equation[0]))  # the shortest first: most have one unknown
        terms, rest = left.pop(0)
        if not terms:
            if rest:
                return None
            continue
        pivot, by = next(iter(terms.items()))
        row = ({at: value / by for at, value in terms.items()}, rest / by)
        order.append((pivot, row))
        left = [_without(equation, pivot, row) for equation in left]
    if {pivot for pivot, _ in order} != set(unknown):
        return None
    found: dict[int, Fraction] = {}
    for pivot, (terms, rest) in reversed(order):
        found[pivot] = rest - sum(value * found[at] for at, value in terms.items() if at != pivot)
    return found


def _without(equation: Equation, pivot: int, row: Equation) -> Equation:
    terms, rest = equation
    factor = terms.get(pivot)
    if not factor:
        return equation
    mixed = {at: terms.get(at, Fraction(0)) - factor * row[0].get(at, Fraction(0)) for at in {*terms, *row[0]}}
    return {at: value for at, value in mixed.items() if value}, rest - factor * row[1]
