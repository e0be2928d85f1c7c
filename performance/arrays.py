"""The program of a scenario as plain arrays for any solver, and what a solver's plan is worth in integers.

Imports nothing of the optimizer where arrays are read, so that a solver's process holds that solver alone.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from optimizer.domain.scenario import Scenario
    from optimizer.formulation.terms import Row
    from optimizer.results.plan import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NONE: Final = 2**62  # a bound so high, or so low with a minus, is none
_LARGEST: Final = 1e7  # coefficients beyond are no good to solvers


@dataclass(frozen=True, eq=False)
class Model:
    """maximize cost x  subject to  row_lower <= A x <= row_upper,  0 <= x <= upper, x whole; in the units of people."""

    cost: Floats
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    upper: Floats


@dataclass(frozen=True, eq=False)
class Arrays:
    """A program in exact integers: n bookings, r rows, m units (creators).

    maximize    cost x / denominator
    subject to  lower <= A x <= upper, with A (r, n) by rows in `start`, `column`, `value`; `size` (r,) integer units
                make one of what the row counts (a euro, a person)
                sum of x over a unit <= available (m,);  0 <= x <= most (n,);  x whole
    """

    cost: Ints
    denominator: float
    start: Ints
    column: Ints
    value: Ints
    lower: Ints
    upper: Ints
    size: Ints
    unit: Ints
    available: Ints
    most: Ints

    def save(self, path: Path) -> None:
        """Write to one .npz file."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @property
    def matrix(self) -> sparse.csr_array:
        """The rows, shape (r, n), in integers."""
        shape = (len(self.lower), len(self.cost))
        return sparse.csr_array((self.value, self.column, self.start), shape=shape)

    def units(self) -> sparse.csr_array:
        """One row for each unit of several columns: how often it is booked. Those of one column have its bounds."""
        several = np.bincount(self.unit, minlength=len(self.available)) > 1
        at = (np.cumsum(several) - 1)[self.unit]
        picked = np.flatnonzero(several[self.unit])
        ones = np.ones(len(picked), dtype=np.int64)
        return sparse.csr_array((ones, (at[picked], picked)), shape=(int(several.sum()), len(self.unit)))

    def unit_bounds(self) -> Ints:
        """How often each unit of several columns is there."""
        return self.available[np.bincount(self.unit, minlength=len(self.available)) > 1]

    def model(self) -> Model:
        """The program as floats, in euros and people, as one would write it by hand."""
        rows, each = self.matrix.astype(np.float64), self.units().astype(np.float64)
        rows.data /= np.repeat(self.size, np.diff(rows.indptr))
        lower = np.where(self.lower <= -NONE, -np.inf, self.lower / self.size)
        upper = np.where(self.upper >= NONE, np.inf, self.upper / self.size)
        return Model(
            cost=self.cost / self.denominator,
            matrix=sparse.csr_array(sparse.vstack([rows, each], format="csr")),
            row_lower=np.concatenate([lower, np.zeros(each.shape[0])]),
            row_upper=np.concatenate([upper, self.unit_bounds().astype(np.float64)]),
            upper=self.most.astype(np.float64),
        )

    def judged(self, x: Floats) -> tuple[float, list[str]]:
        """What a plan is worth, in the objective's unit, and what it breaks: rounded to wholes, summed in integers."""
        whole = np.rint(x).astype(np.int64)
        broken = [f"{what} not whole" for what in [int((np.abs(x - whole) > 1e-5).sum())] if what]
        booked = np.flatnonzero(whole)
        counts = [int(count) for count in whole[booked]]
        used = np.bincount(self.unit, weights=whole, minlength=len(self.available))
        if (whole < 0).any() or (whole > self.most).any() or (used > self.available).any():
            broken.append("books somebody too often")
        part = sparse.csr_array(self.matrix[:, booked])
        for at in range(len(self.lower)):
            inside = slice(part.indptr[at], part.indptr[at + 1])
            row = zip(part.indices[inside].tolist(), part.data[inside].tolist(), strict=True)
            total = sum(value * counts[column] for column, value in row)
            excess = max(int(self.lower[at]) - total, total - int(self.upper[at]), 0)
            if excess:
                broken.append(f"breaks row {at} by {excess / int(self.size[at]):.3g}")
        value = sum(int(self.cost[column]) * count for column, count in zip(booked, counts, strict=True))
        return value / self.denominator, broken


def load(path: Path) -> Arrays:
    """Read what `Arrays.save` wrote."""
    with np.load(path) as held:
        arrays: dict[str, Any] = {name: held[name] for name in held.files}
    return Arrays(**arrays | {"denominator": float(arrays["denominator"])})


def arrays(scenario: Scenario) -> Arrays:
    """The program of a scenario as arrays.

    Raises
    ------
    ValueError
        Where it has parts of bookings, switches, creators who must be booked, or numbers beyond 62 bits.
    """
    from optimizer.estimation.estimate import estimate
    from optimizer.formulation.build import build

    estimates = estimate(scenario)
    program = build(estimates).with_all_rows()
    if not program.all_whole or program.parts != 1 or program.indicators or program.required.any():
        raise ValueError(f"{scenario.name} has more than whole bookings between rows")
    n = len(program)
    held = [_coefficients(row, n) for row in program.rows]
    goal = ((program.objective.sign * term.multiplier, term.values, term.members) for term in program.costs)
    return Arrays(
        cost=_summed(goal, n),
        denominator=float(program.denominator),
        start=np.cumsum([0, *(len(columns) for columns, _ in held)]).astype(np.int64),
        column=np.concatenate([columns for columns, _ in held]),
        value=np.concatenate([values for _, values in held]),
        lower=np.array([-NONE if row.lower is None else row.lower for row in program.rows], dtype=np.int64),
        upper=np.array([NONE if row.upper is None else row.upper for row in program.rows], dtype=np.int64),
        size=np.array([_size(scenario, row, held[at][1]) for at, row in enumerate(program.rows)], dtype=np.int64),
        unit=program.unit,
        available=program.available,
        most=program.most,
    )


def booked(scenario: Scenario, plan: Plan) -> Floats:
    """What a plan of ours books, as a value for each column of the program (n,)."""
    from optimizer.estimation.estimate import bookable

    columns = bookable(scenario)
    wanted = {(allocation.creator, allocation.offer): allocation.count for allocation in plan.allocations}
    ids = scenario.pool.ids
    position = {name: at for at, name in enumerate(ids[at] for at in range(len(ids)))}
    offers = {offer.name: at for at, offer in enumerate(scenario.offers)}
    x = np.zeros(len(columns))
    for (creator, offer), count in wanted.items():
        first, last = np.searchsorted(columns.creator, [position[creator], position[creator] + 1])
        x[first + int(np.flatnonzero(columns.offer[first:last] == offers[offer])[0])] = count
    return x


def _coefficients(row: Row, n: int) -> tuple[Ints, Ints]:
    """The columns of a row with a coefficient, and these, exact."""
    dense = _summed(((term.multiplier, term.values, term.members) for term in row.terms), n)
    columns = np.flatnonzero(dense)
    return columns, dense[columns]


def _summed(terms: Any, n: int) -> Ints:
    """The sum of (multiplier, values (n,), members or None for all) as one dense vector (n,) of exact integers."""
    dense = np.zeros(n, dtype=np.int64)
    for multiplier, values, members in terms:
        if abs(multiplier) * float(np.abs(values).max(initial=0)) > NONE / 4:
            raise ValueError("numbers beyond 62 bits")
        inside = slice(None) if members is None else members
        dense[inside] += multiplier * values[inside]
    return dense


def _size(scenario: Scenario, row: Row, values: Ints) -> int:
    """How many of a row's integer units make one of what it counts; more where its numbers would be too large."""
    size, largest = scenario.scale(row.terms[0].measure.quantity), float(np.abs(values).max(initial=0))
    while largest / size > _LARGEST:
        size *= 10
    return size
