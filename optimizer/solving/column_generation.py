"""The linear relaxation: prices for all rows, from HiGHS.

Of many thousand columns few matter, and of their units' own rows (a unit takes at most one offer) fewer still. So a
large program starts from a sample of its columns. Units that a solution books too often get their row; then those of
all columns that the prices find worth booking join; until there is neither. The prices then hold for the whole program.
Each time the solver goes on from where it ended, so that only the passes over all columns cost something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Row
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.scaling import Scaled, unit_rows

_ALL_AT_ONCE = 5_000  # up to so many columns, all of them and every unit's row are there from the start
_SAMPLE = 1_000  # columns that a larger program starts from, and the most that join in a round
_ROUNDS = 400
_WORTH = 1e-7  # reduced costs (scaled) up to this are noise
FINE, ROUGH = 1e-7, 1e-5  # of all that is reached, by which a solution of a small or large program may reach too much
_PENALTY = 2.0**24  # for breaking a row of a sample: far above what any column gives


@dataclass(frozen=True)
class Relaxed:
    """What the relaxation gave: a status, values of all columns (n,), prices of all rows; the last where stopped.

    `layout` has the rows that were added on the way, because a solution reached more people than it can; `columns` took
    part in it.
    """

    status: str
    x: Floats | None
    prices: list[float] | None
    layout: Scaled
    columns: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass
class _Part:
    """What of the program is in the solver: `slacks`, then `columns`; the program's rows, then those of `units`."""

    scaled: Scaled
    elastic: bool
    columns: Ints
    units: Ints
    slacks: int
    model: highs.Model
    growing: highs.Warm | None = None
    is_in: np.ndarray = field(init=False)
    places: Ints = field(init=False)  # of the program's rows, in the solver
    at_units: Ints = field(init=False)  # and of those of `units`

    def __post_init__(self) -> None:
        self.places = np.arange(len(self.scaled.row_scale))
        self.at_units = len(self.places) + np.arange(len(self.units))
        self.is_in = np.zeros(len(self.scaled.program), dtype=np.bool_)
        self.is_in[self.columns] = True

    def solve(self, clock: highs.Clock, *, whole: bool) -> highs.Answer:
        if whole:
            return highs.solve(self.model, clock)
        if self.growing is None:
            self.growing = highs.Warm(self.model)
        return self.growing.solve(clock)

    def add_units(self, units: Ints) -> None:
        """Hold some more units to what they may be booked."""
        program = self.scaled.program
        own = unit_rows(program, self.columns, units)
        rows = sparse.csr_array(sparse.hstack([sparse.csr_array((len(units), self.slacks)), own], format="csr"))
        if self.growing is not None:
            self.growing.add_rows(rows, program.times(program.required[units]), program.times(program.available[units]))
        self.at_units = np.concatenate([self.at_units, self._next(len(units))])
        self.units = np.concatenate([self.units, units])

    def _next(self, count: int) -> Ints:
        """The places of some more rows."""
        return len(self.places) + len(self.units) + np.arange(count)

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Hold the solution to some more rows of the program."""
        layout = self.scaled.with_rows(rows)
        first = len(self.scaled.row_scale)
        lower, upper = (bound[first:] for bound in layout.bounds())
        part = layout.part(self.columns, first)
        matrix = sparse.csr_array(sparse.hstack([sparse.csr_array((len(rows), self.slacks)), part], format="csr"))
        if self.growing is None:
            self.model = replace(
                self.model,
                matrix=sparse.csr_array(sparse.vstack([self.model.matrix, matrix], format="csr")),
                row_lower=np.concatenate([self.model.row_lower, lower]),
                row_upper=np.concatenate([self.model.row_upper, upper]),
            )
        else:
            self.growing.add_rows(matrix, lower, upper)
        self.scaled, self.places = layout, np.concatenate([self.places, self._next(len(rows))])

    def add_columns(self, columns: Ints) -> None:
        """Let some more columns take part."""
        program = self.scaled.program
        order = np.argsort(self.units, kind="stable")
        own = unit_rows(program, columns, self.units[order])[np.argsort(order, kind="stable")]
        matrix = sparse.csr_array(sparse.vstack([self.scaled.part(columns), own], format="csr"))
        matrix = matrix[np.argsort(np.concatenate([self.places, self.at_units]), kind="stable")]
        cost = np.zeros(len(columns)) if self.elastic else self.scaled.cost[columns]
        if self.growing is not None:
            self.growing.add_columns(sparse.csc_array(matrix), cost, program.times(program.most[columns]))
        self.columns = np.concatenate([self.columns, columns])
        self.is_in[columns] = True


def relax(
    scaled: Scaled,
    clock: highs.Clock,
    *,
    elastic: bool = False,
    rules: Iterable[int] | None = None,
    begin: Ints | None = None,
    free: Collection[int] | None = None,
) -> Relaxed:
    """Solve the relaxation; `elastic` drops the objective and minimises the sum of (scaled) violations instead.

    The elastic program always has a solution. Where its violation is positive, its prices prove that no plan exists;
    of a large program, the first prices that prove it, nearly, end it.
    With `rules`, only their rows hold; with `free`, only the rows of these may be broken. A large program begins with
    the columns `begin`, where they are given.
    """
    program = scaled.program
    whole = len(program) <= _ALL_AT_ONCE
    firm = np.array(
        [not elastic or (free is not None and row.rule not in free) for row in program.rows], dtype=np.bool_
    )
    penalty = np.where(firm, _PENALTY, 1.0) if elastic or not whole else None
    part = _begun(scaled, whole, elastic, None if rules is None else set(rules), penalty, begin)
    found = Relaxed(highs.FAILED, None, None, scaled)
    for _ in range(_ROUNDS):
        answer = part.solve(clock, whole=whole)
        if answer.status != highs.OPTIMAL or answer.x is None or answer.duals is None:
            return replace(found, status=answer.status)
        scaled = part.scaled
        x = np.zeros(len(program))
        most = program.times(program.most[part.columns])
        x[part.columns] = np.clip(answer.x[part.slacks :], 0.0, most)  # a solver may stand a hair outside of bounds
        duals = answer.duals[part.places]
        prices = duals * scaled.row_scale if elastic else np.array(scaled.prices(duals))
        found = Relaxed(highs.STOPPED, x, [float(price) for price in prices], scaled, part.columns)
        broken, tangents = _units_over(program, part, x), scaled.program.tangents(x, FINE if whole else ROUGH)
        if len(broken) or tangents:
            part.add_units(broken)
            part.add_rows(tangents)
            continue
        if elastic and free is None and not whole and _proves_impossible(scaled.program, found.prices):
            return found
        entering = _worth_booking(scaled, part, answer.duals)
        if not len(entering):
            slack = answer.x[: part.slacks]
            broken_rows = bool(len(slack)) and float(slack[np.concatenate([firm, firm])].sum()) > _WORTH
            return replace(found, status=highs.INFEASIBLE if broken_rows else highs.OPTIMAL)
        part.add_columns(entering)
    return found


def _proves_impossible(program: Program, prices: list[float] | None) -> bool:
    """Whether no bookings are worth to these prices what the bounds ask for, as far as floats can tell."""
    return prices is not None and lagrangian_bound.nearly(program, lagrangian_bound.project(program, prices)) < 0


def _units_over(program: Program, part: _Part, x: Floats) -> Ints:
    """Units that are booked too often, and have no row yet."""
    used = np.bincount(program.unit[part.columns], weights=x[part.columns], minlength=len(program.available))
    return np.setdiff1d(np.flatnonzero(used > program.times(program.available) + 1e-9), part.units)


def _worth_booking(scaled: Scaled, part: _Part, duals: Floats) -> Ints:
    """Columns that are worth more than what the rows and their unit charge, the best of them."""
    program = scaled.program
    gain = -scaled.charges(duals[part.places])
    if not part.elastic:
        gain += scaled.cost
    if len(part.units):
        of_unit = np.zeros(len(program.available))
        of_unit[part.units] = duals[part.at_units]
        gain -= of_unit[program.unit]
    gain[part.is_in | (program.most == 0)] = 0.0
    entering = np.flatnonzero(gain > _WORTH)
    if len(entering) > _SAMPLE:
        entering = np.sort(entering[np.argpartition(-gain[entering], _SAMPLE)[:_SAMPLE]])
    return entering


def _begun(
    scaled: Scaled,
    whole: bool,
    elastic: bool,
    rules: set[int] | None,
    penalty: Floats | None,
    begin: Ints | None,
) -> _Part:
    """The columns to begin with: all; or the most valuable, an even sample, and those of units that must be booked."""
    program, (lower, upper) = scaled.program, scaled.bounds()
    if rules is not None:
        idle = np.array([row.rule not in {*rules, STRUCTURE} for row in program.rows], dtype=np.bool_)
        lower[idle], upper[idle] = -np.inf, np.inf
    columns, units = np.flatnonzero(_first(scaled, whole, begin)), _first_units(program, whole)
    own = unit_rows(program, columns, units)
    matrix = sparse.csr_array(sparse.vstack([scaled.part(columns), own], format="csr"))
    cost = np.zeros(len(columns)) if elastic else scaled.cost[columns]
    most = program.times(program.most[columns])
    slacks = 0
    if penalty is not None:
        slacks = 2 * len(lower)
        eye = sparse.eye_array(
            matrix.shape[0], len(lower), format="csr"
        )  # two columns per row, which lift and lower it
        matrix = sparse.csr_array(sparse.hstack([eye, -eye, matrix], format="csr"))
        cost, most = np.concatenate([-penalty, -penalty, cost]), np.concatenate([np.full(slacks, np.inf), most])
    model = highs.Model(
        cost=cost,
        matrix=matrix,
        row_lower=np.concatenate([lower, program.times(program.required[units])]),
        row_upper=np.concatenate([upper, program.times(program.available[units])]),
        lower=np.zeros(len(cost)),
        upper=most,
    )
    return _Part(scaled, elastic, columns, units, slacks, model)


def _first(scaled: Scaled, whole: bool, begin: Ints | None) -> np.ndarray:
    program, n = scaled.program, len(scaled.program)
    if whole:
        return np.ones(n, dtype=np.bool_)
    active = program.required[program.unit] > 0
    active[program.bookings :] = True
    if begin is not None and len(begin):
        active[begin] = True
        return active
    few = min(_SAMPLE // 2, n - 1)
    active[np.argpartition(-scaled.cost, few)[: few + 1]] = True
    active[:: max(n // (_SAMPLE // 2), 1)] = True
    return active


def _first_units(program: Program, whole: bool) -> Ints:
    must = np.flatnonzero(program.required)
    several = np.flatnonzero(np.bincount(program.unit, minlength=len(program.available)) > 1)
    return np.union1d(several, must) if whole else must


def whole_part(program: Program, x: Floats) -> Floats:
    """The bookings that a relaxed solution makes in full; of a unit that is booked too often, none."""
    whole = np.floor(x + 1e-9)
    booked = np.bincount(program.unit, weights=whole, minlength=len(program.available))
    return np.where(booked[program.unit] > program.times(program.available)[program.unit], 0.0, whole)
