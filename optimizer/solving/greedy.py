"""Plans by marginal gain, where people are counted once: what a booking adds falls with all that is booked already.

The classical greedy for coverage under a budget (Nemhauser, Wolsey and Fisher, 1978; Khuller, Moss and Naor, 1999): the
booking with the most gain for its cost joins until nothing fits. Costs are what the prices of the relaxation charge for
rows with an upper bound; rows with a lower one add to the gain. It begins from nothing and from what the relaxation
books, and is made better by dropping the worst part of a plan and filling it again (ruin and recreate).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np

from optimizer.domain.curves import UNIT, share_reached
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.overlaps import Overlaps
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Booked
from optimizer.solving.search import Search, columns_looked_at

_COLUMNS_MOST = 8_000  # nearest columns, of a larger program
_TIMES = 20  # that a part of a plan is dropped and filled again, and nothing is gained
_DROPPED = (0.3, 0.2, 0.1, 0.05)  # of its bookings
_SEED = 1
_LEAST = Fraction(1, 10**9)  # of the value: to gain less is not worth another time


def greedy(search: Search, x: Floats, prices: Sequence[float], nearest: Ints) -> None:
    """Offer plans to a search: found by marginal gain at prices of the relaxation, and bettered.

    Parameters
    ----------
    x, prices
        The relaxed solution (n,), and a price for each row of the program.
    nearest
        The columns nearest to being booked, nearest first: of a large program, only these are looked at.
    """
    program = search.program
    if not program.overlaps or not program.all_whole or program.parts != 1:
        return
    task = _Task.of(program, columns_looked_at(program, x, nearest, _COLUMNS_MOST), prices)
    plans = [_offered(search, task, task.filled(begun)) for begun in _beginnings(task, x)]
    best = max((plan for plan in plans if plan is not None), key=lambda plan: plan[0], default=None)
    rng, since, at = np.random.default_rng(_SEED), 0, 0
    while best is not None and since < _TIMES and not search.good_enough and not search.clock.over:
        part, drawn = _DROPPED[at % len(_DROPPED)], at >= len(_DROPPED)
        plan = _offered(search, task, task.filled(task.ruined(best[1], part, rng if drawn else None)))
        better = plan is not None and plan[0] > best[0] * (1 + _LEAST)
        best, since, at = plan if better else best, 0 if better else since + 1, at + 1


def _beginnings(task: _Task, x: Floats) -> Iterator[Ints]:
    """What plans begin with: who must be booked, and what the relaxation books, nearly."""
    for least in (1 - 1e-6, 0.7, 0.4, np.inf):
        yield np.flatnonzero((x[task.columns] >= least) | task.required)


def _offered(search: Search, task: _Task, places: Ints) -> tuple[Fraction, Ints] | None:
    """A plan with its value, if it keeps every rule; the search takes it if it is the best so far."""
    columns = task.columns[places]
    plan = search.program.settled(Booked(columns, np.ones(len(columns), dtype=np.int64)))
    if not search.keeps_rules(plan):
        return None
    if not search.take(plan) and search.exchanged is not None:
        better = search.exchanged(plan)
        search.take(better)
        at = None if better is None else task.places_of(better)
        if better is not None and at is not None and search.keeps_rules(better):
            plan, places = better, at
    return search.program.value(plan), places


@dataclass(eq=False)
class _Task:
    """What some columns of a program gain and use: `gain` (p,), `charge` (p,), `use` (rows, p) of rows with an upper
    bound, of which `room` is left; entries of cells with `weight` for each person reached twice.
    """

    program: Program
    columns: Ints
    gain: Floats
    charge: Floats
    use: Floats
    room: Floats
    required: Flags
    place: Ints  # of each entry: its column among `columns`
    cell: Ints
    gross: Floats
    exposure: Floats
    weight: Floats  # of each cell, for a millionth of a person
    people: Floats
    k: Floats
    every: Flags
    _by_place: tuple[Ints, Ints] = field(init=False)
    _by_cell: tuple[Ints, Ints] = field(init=False)

    def __post_init__(self) -> None:
        self._by_place = _sorted(self.place, len(self.columns))
        self._by_cell = _sorted(self.cell, len(self.people))

    @classmethod
    def of(cls, program: Program, columns: Ints, prices: Sequence[float]) -> _Task:
        """The task over some bookings (ascending)."""
        sign = program.objective.sign
        gain, charge = np.zeros(len(columns)), np.zeros(len(columns))
        worth = np.zeros(len(program) - program.bookings)
        after = np.arange(program.bookings, len(program))
        for term in program.costs:
            gain += sign * term.at(columns)
            worth += sign * term.at(after)
        use, room = [], []
        for row, price in zip(program.rows, prices, strict=True):
            if row.rule == STRUCTURE and not price and row.upper is None:
                continue
            each = sum((term.at(columns) for term in row.terms), np.zeros(len(columns)))
            if row.rule == STRUCTURE and row.label.startswith("people of "):
                continue
            if row.upper is not None:
                use.append(each)
                room.append(float(row.upper))
                charge += max(price, 0.0) * np.maximum(each, 0.0)
                gain += max(price, 0.0) * np.maximum(-each, 0.0)
            if row.lower is not None and price < 0:
                gain -= price * each
                worth -= price * sum((term.at(after) for term in row.terms), np.zeros(len(after)))
        found = [_entries(block, columns, worth[block.first - program.bookings :]) for block in program.overlaps]
        sizes = np.cumsum([0, *(len(block) for block in program.overlaps)])
        every = [np.concatenate([one[at] for one in found]) for at in range(4)]
        cells = np.concatenate([one[4] + size for one, size in zip(found, sizes.tolist(), strict=False)])
        shapes = [np.concatenate([block.shapes[at] for block in program.overlaps]) for at in range(3)]
        weight = np.concatenate([one[5] for one in found])
        return cls(
            program, columns, gain, charge, np.array(use).reshape(len(use), len(columns)), np.array(room),
            program.required[program.unit[columns]] > 0, every[0].astype(np.int64), cells, every[2], every[3],
            weight, shapes[0], shapes[1], shapes[2].astype(np.bool_),
        )  # fmt: skip

    def places_of(self, plan: Booked) -> Ints | None:
        """The places of what a plan books; None where it books something else, or something twice."""
        inside = plan.columns < self.program.bookings
        columns = plan.columns[inside]
        known = bool(np.isin(columns, self.columns).all()) and bool((plan.counts[inside] == 1).all())
        return self.columns.searchsorted(columns) if known else None

    @cached_property
    def _unit(self) -> Ints:
        return self.program.unit[self.columns]

    def reached(self, cells: Ints, e: Floats) -> Floats:
        """The people of some cells whom exposures reach."""
        found: Floats = self.people[cells] * np.where(
            self.every[cells], np.minimum(e, 1.0), share_reached(e, self.k[cells])
        )
        return found

    def filled(self, begun: Ints) -> Ints:
        """A plan that holds some columns (places), filled until nothing fits that gains."""
        state = _State(self)
        for place in begun[np.argsort(-self._ratio(self.gain)[begun], kind="stable")].tolist():
            if state.fits(place):
                state.add(place)
        while True:
            ratio = np.where(state.free & (state.marginal > 0), self._ratio(state.marginal), -1.0)
            place = int(ratio.argmax()) if len(ratio) else -1
            if place < 0 or ratio[place] < 0:
                return np.flatnonzero(state.chosen)
            if state.fits(place):
                state.add(place)
            else:
                state.free[place] = False

    @cached_property
    def _charged(self) -> Floats:
        scale = float(self.charge.max(initial=0.0))
        return np.maximum(self.charge, scale * 1e-9) if scale > 0 else np.ones(len(self.charge))

    def _ratio(self, gain: Floats) -> Floats:
        """What columns gain for what they cost."""
        return gain / self._charged

    def ruined(self, plan: Ints, part: float, rng: np.random.Generator | None) -> Ints:
        """A plan without a part of its bookings: those that gain the least for what they cost, or drawn ones."""
        state = _State(self)
        for place in plan.tolist():
            state.add(place)
        lost = state.losses(plan) / self._charged[plan]
        if rng is not None:
            lost = lost * rng.uniform(0.2, 1.0, len(plan))
        lost[self.required[plan]] = np.inf
        keep = max(len(plan) - max(int(part * len(plan)), 1), 0)
        return np.sort(plan[np.argsort(-lost, kind="stable")[:keep]])


def _sorted(keys: Ints, size: int) -> tuple[Ints, Ints]:
    """Entries by a key: their order, and where each key begins."""
    order = np.argsort(keys, kind="stable")
    return order, np.searchsorted(keys[order], np.arange(size + 1))


def _entries(block: Overlaps, columns: Ints, worth: Floats) -> tuple[Ints, Ints, Floats, Floats, Ints, Floats]:
    """The entries of some columns in the cells of a block: column, place, gross people, exposure, cell; and what a
    millionth of a person who is reached twice costs in each cell.
    """
    which, cell, entry = block.entries(columns)
    gross, exposed = block.gross[entry].astype(np.float64), block.exposure[entry] / UNIT
    return which, entry, gross, exposed, cell, -worth[: len(block)] / block.units


class _State:
    """A plan that grows: what is chosen, the exposure of each cell, and what each column would add."""

    def __init__(self, task: _Task) -> None:
        self.task = task
        self.chosen = np.zeros(len(task.columns), dtype=np.bool_)
        self.free = np.ones(len(task.columns), dtype=np.bool_)
        self.exposed = np.zeros(len(task.people))
        self.used = np.zeros(len(task.room))
        self.marginal = task.gain.copy()
        self.twice = np.zeros(len(task.place))  # of each entry, whom it would reach that are reached already

    def fits(self, place: int) -> bool:
        """Whether a booking keeps all upper bounds."""
        room = self.task.room
        return bool((self.used + self.task.use[:, place] <= room + 1e-9 * np.abs(room)).all())

    def add(self, place: int) -> None:
        """Book a column."""
        task = self.task
        self.used += task.use[:, place]
        self.chosen[place] = True
        self.free[task._unit == task._unit[place]] = False
        order, starts = task._by_place
        mine = order[starts[place] : starts[place + 1]]
        self.exposed[task.cell[mine]] += task.exposure[mine]
        order, starts = task._by_cell
        cells = task.cell[mine]
        touched = np.concatenate([order[starts[cell] : starts[cell + 1]] for cell in cells.tolist()] or [mine])
        cell = task.cell[touched]
        more = task.reached(cell, self.exposed[cell] + task.exposure[touched]) - task.reached(cell, self.exposed[cell])
        twice = np.maximum(task.gross[touched] - more, 0.0)
        change = (twice - self.twice[touched]) * task.weight[cell]
        self.twice[touched] = twice
        np.subtract.at(self.marginal, task.place[touched], change)

    def losses(self, plan: Ints) -> Floats:
        """What the plan loses without each of its bookings."""
        task = self.task
        inside = np.flatnonzero(self.chosen[task.place])
        cell = task.cell[inside]
        without = np.maximum(self.exposed[cell] - task.exposure[inside], 0.0)
        fewer = task.reached(cell, self.exposed[cell]) - task.reached(cell, without)
        lost = task.gain.copy()
        np.subtract.at(lost, task.place[inside], (task.gross[inside] - fewer) * task.weight[cell])
        return lost[plan]
