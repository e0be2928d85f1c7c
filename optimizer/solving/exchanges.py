"""Better plans by exchange: a booking leaves, another one comes, or one of both alone.

All pairs of a booking and a column are looked at together; of a program without people who are counted once, those
nearest to a tie at the prices of the relaxation. What leaving and coming change is known of each by itself; of both
together, what they share in cells is added (exactly where a booking reaches all of a cell, else by the curvature). The
best pair is reckoned anew before it is taken. Broken rows cost a penalty, so that a proposal that misses a rule by a
little, as a rounded relaxation does, is mended for what this costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from optimizer.domain.curves import UNIT, share_reached
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.overlaps import GROSS
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Booked, Row
from optimizer.solving.restricted_mip import WHOLE_MOST
from optimizer.solving.search import Search, columns_looked_at

_STEPS = 400  # exchanges of one plan
_TRIED = 12  # of the best pairs, reckoned anew
_PAIRS_MOST = 2_000_000  # looked at together
_DEAR = 3.0  # times its price, that breaking a row costs; with a share of the value for rows without a price
_DEARER, _RISES = 8.0, 6  # where a plan that breaks a row gets no better
_BASE = 0.05  # of the value of the best column, that breaking a row by its largest coefficient costs at the least
_COLUMNS_MOST = 1_500  # nearest columns, of a larger program
_LEAVING, _COMING = 100, 300  # nearest to a tie, where what a booking is worth does not depend on the others
_SHAKEN, _DROPPED = 8, 0.04  # times that so many bookings of a plan are dropped, and nothing is gained
_DROPPED_NEAR = 4  # bookings nearest to a tie
_SEED = 1
_SURE, _NOISE = 0.01, 1e-6  # of a unit of overlap
_LEAST = 1e-9  # of the value: to gain less is no step
_NEVER = -np.inf


def exchange(search: Search, x: Floats, prices: Sequence[float], nearest: Ints) -> None:
    """Offer a search what exchanges make of the rounded relaxation, and let it better its further proposals so.

    Parameters
    ----------
    x, prices
        The relaxed solution (n,), and a price for each row of the program.
    nearest
        The columns nearest to being booked, nearest first: of a large program, only these are looked at.
    """
    program = search.program
    small = len(program) <= WHOLE_MOST and not program.overlaps  # the solver's own first plans are as good
    if small or not program.all_whole or program.parts != 1 or program.indicators:
        return
    task = Exchanges.among(program, columns_looked_at(program, x, nearest, _COLUMNS_MOST), prices)
    search.exchanged = lambda plan: task.better(plan, lambda: search.clock.over)
    counts = np.rint(x[: program.bookings]).astype(np.int64)
    rounded = np.flatnonzero(counts)
    search.take_bettered(Booked(rounded, counts[rounded]))
    if len(program) > _COLUMNS_MOST:
        _shaken(search, task, Booked(rounded, counts[rounded]))


def _shaken(search: Search, task: Exchanges, rounded: Booked) -> None:
    """Drop a few bookings at random and exchange again, as long as this gains now and then."""
    rng, since = np.random.default_rng(_SEED), 0
    while since < _SHAKEN and not search.good_enough and not search.clock.over:
        before = search.value
        plan = rounded if search.best is None else search.best.plan
        inside = plan.columns < search.program.bookings
        columns, counts = plan.columns[inside], plan.counts[inside].astype(np.int64)
        free = np.flatnonzero(search.program.required[search.program.unit[columns]] == 0)
        many = max(int(_DROPPED * len(columns)), 2)
        if not search.program.overlaps:
            worth = task.worth[task.columns.searchsorted(columns[free])]
            free, many = free[_least(worth, _LEAVING)], _DROPPED_NEAR
        few = rng.choice(free, min(len(free), many), replace=False)
        counts[few] = 0
        left = np.flatnonzero(counts)
        search.take(task.better(Booked(columns[left], counts[left]), lambda: search.clock.over))
        since = 0 if search.value != before else since + 1


@dataclass(eq=False)
class Exchanges:
    """Some columns (p,) of a program: what each adds to the goal and the rows, `each` (rows + 1, p), the goal first.

    `lower`, `upper` (rows + 1,) are bounds, `weight` (rows + 1, cells) says what a unit of overlap adds; `prices`
    (rows + 1,) those of the relaxation. `gross`, `exposure` are matrices (p, cells); `units` (cells,) the millionths of
    a unit of overlap.
    """

    program: Program
    columns: Ints
    each: Floats
    lower: Floats
    upper: Floats
    prices: Floats
    weight: Floats
    gross: sparse.csr_array
    exposure: sparse.csr_array
    people: Floats
    k: Floats
    every: Flags
    units: Floats
    cell: Ints = field(init=False)
    place: Ints = field(init=False)
    counted: Ints = field(init=False)  # rows in which overlap counts
    worth: Floats = field(init=False)  # of each column by itself, at the prices

    def __post_init__(self) -> None:
        self.worth = self.each[0] - self.prices @ self.each
        self.cell = self.exposure.indices.astype(np.int64)
        self.place = np.repeat(np.arange(len(self.columns)), np.diff(self.exposure.indptr))
        self.counted = np.flatnonzero(self.weight.any(axis=1))

    @classmethod
    def among(cls, program: Program, columns: Ints, prices: Sequence[float]) -> Exchanges:
        """Exchanges among some bookings (ascending), at prices of the rows."""
        after, sign = np.arange(program.bookings, len(program)), float(program.objective.sign)
        every = [(row, price) for row, price in zip(program.rows, prices, strict=True) if not _is_tangent(row)]
        goal = sum((sign * term.at(columns) for term in program.costs), np.zeros(len(columns)))
        worth = sum((sign * term.at(after) for term in program.costs), np.zeros(len(after)))
        each = [goal, *(_of(row, columns) for row, _ in every)]
        weight = [worth, *(_of(row, after) for row, _ in every)]
        limits = [(-np.inf, np.inf), *(_bounds(row) for row, _ in every)]
        gross, exposure = _matrices(program, columns)
        none = np.zeros(0)
        shapes = [np.concatenate([none, *(block.shapes[at] for block in program.overlaps)]) for at in range(3)]
        return cls(
            program, columns, np.array(each), np.array([low for low, _ in limits]),
            np.array([high for _, high in limits]), np.array([0.0, *(price for _, price in every)]),
            np.array(weight), gross, exposure, shapes[0], shapes[1], shapes[2].astype(np.bool_),
            np.concatenate([none, *(block.units for block in program.overlaps)]).astype(np.float64),
        )  # fmt: skip

    def better(self, plan: Booked, over: Callable[[], bool]) -> Booked | None:
        """The plan after all exchanges that gain, unless time is `over`; None where it books other columns."""
        inside = plan.columns < self.program.bookings
        columns, counts = plan.columns[inside], plan.counts[inside].astype(np.int64)
        at = self.columns.searchsorted(columns)
        if (at == len(self.columns)).any() or (self.columns[at] != columns).any():
            return None
        state = _State(self, at, counts)
        for _ in range(_RISES):
            for _ in range(_STEPS):
                if over() or not state.step():
                    break
            if over() or not state.broken.any():
                break
            state.fine[state.broken] *= _DEARER
        booked = np.flatnonzero(state.times)
        return self.program.settled(Booked(self.columns[booked], state.times[booked]))

    def reached(self, cells: Ints, e: Floats) -> Floats:
        """The people of some cells whom exposures reach."""
        found: Floats = self.people[cells] * np.where(
            self.every[cells], np.minimum(e, 1.0), share_reached(e, self.k[cells])
        )
        return found


class _State:
    """A plan that changes: how often each column is booked, and what rows and cells have."""

    def __init__(self, task: Exchanges, at: Ints, counts: Ints) -> None:
        self.task = task
        self.times = np.zeros(len(task.columns), dtype=np.int64)
        self.times[at] = counts
        program = task.program
        self.unit = program.unit[task.columns]
        self.room = (program.available - np.bincount(self.unit, self.times, len(program.available)))[self.unit]
        self.must = program.required[self.unit] > 0
        self.most = program.most[task.columns]
        self._count()
        size = np.abs(task.each).max(axis=1, initial=0.0)
        base = np.divide(_BASE * size[0], size, out=np.zeros(len(size)), where=size > 0)
        self.fine = np.maximum(_DEAR * np.abs(task.prices), base)
        self.fine[0] = 0.0

    def _count(self) -> None:
        """What rows and cells have."""
        task = self.task
        self.exposed = task.exposure.T @ self.times
        gross = task.gross.T @ self.times
        e, cells = self.exposed, np.arange(len(self.exposed))
        twice = np.maximum(gross - task.reached(cells, e), 0.0) / task.units
        # counted in wholes, rounded up: else a plan would seem to keep a floor that it misses by a few people
        wholes = np.where(task.every, np.rint(twice), np.ceil(twice + _SURE))
        self.overlap = np.where(twice > _NOISE, wholes, 0.0)
        self.total = task.each @ self.times + task.weight @ self.overlap
        hair = 1e-9 * np.maximum(np.abs(self.total), 1.0)
        self.broken = (self.total < task.lower - hair) | (self.total > task.upper + hair)

    def merit(self) -> float:
        """The value, less what broken rows cost."""
        return float(self.total[0] - self.fine @ self._over(self.total))

    def _over(self, total: Floats) -> Floats:
        task = self.task
        return np.maximum(np.maximum(task.lower - total, total - task.upper), 0.0)

    def step(self) -> bool:
        """Take the best exchange; whether there was one."""
        task, now = self.task, self.merit()
        leaving = np.flatnonzero(self.times)
        coming = np.flatnonzero(self.times < self.most)
        if len(task.people):
            most = max(_PAIRS_MOST // max(len(leaving) + 1, 1), 1)
            add = self._changes(coming, 1)
            chosen = _least(task.prices @ add - add[0], most)
            coming, add = coming[chosen], add[:, chosen]
        else:
            leaving = leaving[_least(task.worth[leaving], _LEAVING)]
            coming = coming[_least(-task.worth[coming], _COMING)]
            add = self._changes(coming, 1)
        drop = self._changes(leaving, -1)
        # the last row and column stand for nobody
        gain = self._gains(drop, add, self._together(leaving, coming))
        gain[:-1, :-1][~self._allowed(leaving, coming)] = _NEVER
        gain[-1, :-1][self.room[coming] <= 0] = _NEVER
        gain[:-1, -1][self.must[leaving]] = _NEVER
        gain[-1, -1] = _NEVER
        least = _LEAST * max(abs(now), 1.0)
        flat = gain.ravel()
        few = np.argpartition(-flat, min(_TRIED, len(flat) - 1))[:_TRIED]
        for pair in few[np.argsort(-flat[few], kind="stable")].tolist():
            if not flat[pair] > least:
                return False
            a, b = divmod(pair, len(coming) + 1)
            if self._taken(
                int(leaving[a]) if a < len(leaving) else None, int(coming[b]) if b < len(coming) else None, now + least
            ):
                return True
        return False

    def _allowed(self, leaving: Ints, coming: Ints) -> Flags:
        """Which pairs keep units within what they may and must."""
        same = self.unit[leaving][:, None] == self.unit[coming]
        found: Flags = same | ((self.room[coming] > 0) & ~self.must[leaving][:, None])
        found &= leaving[:, None] != coming
        return found

    def _taken(self, leaving: int | None, coming: int | None, above: float) -> bool:
        """Exchange two, if this is worth more."""
        self._move(leaving, -1)
        self._move(coming, 1)
        self._count()
        if self.merit() > above:
            return True
        self._move(leaving, 1)
        self._move(coming, -1)
        self._count()
        return False

    def _move(self, place: int | None, times: int) -> None:
        if place is not None:
            self.times[place] += times
            self.room[self.unit == self.unit[place]] -= times

    def _changes(self, places: Ints, sign: int) -> Floats:
        """(rows + 1, places) What one more or less of each column changes by itself."""
        task = self.task
        if not len(task.people):
            return sign * task.each[:, places]
        exposure, gross = task.exposure[places], task.gross[places]
        cell, which = exposure.indices.astype(np.int64), np.repeat(np.arange(len(places)), np.diff(exposure.indptr))
        e = self.exposed[cell]
        then = np.maximum(e + sign * exposure.data, 0.0)
        more = task.reached(cell, then) - task.reached(cell, e)
        change = (sign * gross.data - more) / task.units[cell]
        found: Floats = sign * task.each[:, places]
        for row in task.counted.tolist():
            found[row] += np.bincount(which, task.weight[row][cell] * change, len(places))
        return found

    def _together(self, leaving: Ints, coming: Ints) -> list[tuple[int, Floats]]:
        """What pairs change beyond what each does by itself, by row."""
        task = self.task
        e = self.exposed
        falls = np.where(np.isinf(task.k), np.exp(-e), 1.0)
        finite = ~np.isinf(task.k)
        k = task.k[finite]
        falls[finite] = (1 + 1 / k) * (1 + e[finite] / k) ** (-k - 2)
        falls[task.every] = np.abs(e[task.every] - 1) < 0.5  # who leaves is the only one there
        out, in_ = task.exposure[leaving], task.exposure[coming]
        found = []
        for row in task.counted.tolist():
            shared = task.people * falls * task.weight[row] / task.units
            found.append((row, -np.asarray((out * shared[None, :] @ in_.T).todense())))
        return found

    def _gains(self, drop: Floats, add: Floats, shared: list[tuple[int, Floats]]) -> Floats:
        """(leaving + 1, coming + 1) How much more each exchange is worth."""
        task = self.task
        none = np.zeros((len(drop), 1))
        drop, add = np.hstack([drop, none]), np.hstack([add, none])
        together = dict(shared)
        gain: Floats = drop[0][:, None] + add[0]
        if 0 in together:
            gain[:-1, :-1] += together[0]
        over = self._over(self.total)
        gain += float(self.fine @ over)
        for row in range(1, len(drop)):
            extra = together.get(row)
            low = (
                self.total[row] + drop[row].min() + add[row].min() + (0.0 if extra is None else extra.min(initial=0.0))
            )
            high = (
                self.total[row] + drop[row].max() + add[row].max() + (0.0 if extra is None else extra.max(initial=0.0))
            )
            if low >= task.lower[row] and high <= task.upper[row]:
                continue
            then = (self.total[row] + drop[row])[:, None] + add[row]
            if extra is not None:
                then[:-1, :-1] += extra
            past = np.maximum(np.maximum(task.lower[row] - then, then - task.upper[row]), 0.0)
            gain -= self.fine[row] * past
        return gain


def _least(values: Floats, most: int) -> Ints:
    """Where the least of some values are, ascending; at most so many."""
    return np.arange(len(values)) if len(values) <= most else np.sort(np.argpartition(values, most)[:most])


def _is_tangent(row: Row) -> bool:
    """Whether a row holds an overlap from below, which exchanges reckon by the curve itself."""
    return row.rule == STRUCTURE and any(term.measure == GROSS for term in row.terms)


def _of(row: Row, columns: Ints) -> Floats:
    return sum((term.at(columns) for term in row.terms), np.zeros(len(columns)))


def _bounds(row: Row) -> tuple[float, float]:
    return (
        -np.inf if row.lower is None else float(row.lower),
        np.inf if row.upper is None else float(row.upper),
    )


def _matrices(program: Program, columns: Ints) -> tuple[sparse.csr_array, sparse.csr_array]:
    """The gross people and the exposures of columns in the cells of all overlaps."""
    none = np.zeros(0)
    place, cell, gross, exposure = [none.astype(np.int64)], [none.astype(np.int64)], [none], [none]
    first = 0
    for block in program.overlaps:
        which, at, entry = block.entries(columns)
        place.append(which)
        cell.append(at + first)
        gross.append(block.gross[entry].astype(np.float64))
        exposure.append(block.exposure[entry] / UNIT)
        first += len(block)
    where = np.concatenate(place), np.concatenate(cell)
    shape = (len(columns), first)
    matrices = [sparse.csr_array((np.concatenate(one), where), shape=shape) for one in (gross, exposure)]
    for one in matrices:
        one.sort_indices()
    return matrices[0], matrices[1]
