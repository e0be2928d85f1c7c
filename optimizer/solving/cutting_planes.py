"""A relaxation that is made tighter as it is solved: rows that follow from others by rounding cut its solutions off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.solving import highs
from optimizer.solving.mir_cuts import (
    LOWERED,
    AnySide,
    Rounding,
    Side,
    UnitSide,
    best_roundings,
    rounded,
    sides_of,
)
from optimizer.solving.scaling import Scaled

_ROUNDS = 60
_STALE = 10  # rounds in which the bound hardly falls
_HARDLY = 0.02  # of how far it has fallen
_TRIED, _WORTH_IT = 4, 0.3  # after so many rounds over many columns, it must have fallen by so much of the way
_NEAR = 2_000  # columns that take part from the start
_JOINED = 1_000  # columns that join at once
_SINGLED = 30  # columns booked in parts, of which a row is made
_JOIN = 20  # rows that join in a round
_ALIKE = 0.95  # cosine above which two rows cut off the same
_LOOSE = 1e-3
_WORTH = 1e-7  # reduced costs (scaled) up to this are noise


@dataclass(frozen=True, eq=False)
class Stage:
    """What was rounded over some open columns, and with which `prices` of the rows, then of all sides that were rounded
    so far, fewer columns were left open (none: it is the last stage).

    Each rounding may rest on the sides of the rows and units of these columns, on those of earlier stages, and on those
    before it, in this order.
    """

    columns: Ints
    roundings: tuple[Rounding, ...]
    prices: tuple[float, ...] = ()


class Tight:
    """The relaxation over some open columns; its rows are sides: of the program and of units, those carried over from
    earlier stages, and those rounded here.

    `columns` says which of the open columns (by place) are in the solver: all, or those that it was begun with and that
    joined, as prices found them worth it. `rows` says which sides are: of units, only where several columns could
    break them.
    """

    def __init__(
        self,
        layout: Scaled,
        open_: Ints,
        held: Sequence[int],
        carried: Sequence[Side] = (),
        live: Collection[int] = (),
        columns: Ints | None = None,
    ) -> None:
        self.layout, self.open = layout, open_
        self.cost, self.most = layout.cost[open_], layout.program.most[open_]
        self.sides: list[AnySide] = sides_of(layout.program, open_, held)
        self.base = len(self.sides)
        self.sides += carried
        self.carried = len(self.sides)
        self.roundings: list[Rounding] = []
        self.columns = np.arange(len(open_)) if columns is None else columns
        self._is_in = np.zeros(len(open_), dtype=np.bool_)
        self._is_in[self.columns] = True
        self._unit = np.unique(layout.program.unit[open_], return_inverse=True)[1]
        self._once = layout.program.available[layout.program.unit[open_]] == layout.program.parts
        self._of_units = np.array(
            [(at, one.first, one.last) for at, one in enumerate(self.sides) if isinstance(one, UnitSide)],
            dtype=np.int64,
        ).reshape(-1, 3)
        named = [at for at, one in enumerate(self.sides[: self.base]) if not isinstance(one, UnitSide)]
        self.rows = [*named, *self._lacking([]), *(self.base + at for at in sorted(live))]
        self.solver = highs.Warm(self._model(), rows_join=True)

    def _lacking(self, rows: Sequence[int]) -> list[int]:
        """Sides of units that the columns in the solver could break, other than those among `rows`."""
        inside = np.zeros(len(self.open) + 1, dtype=np.int64)
        inside[self.columns + 1] = 1
        before = np.cumsum(inside)
        places, firsts, lasts = self._of_units.T
        must = np.array([self.sides[at].limit < 0 for at in places.tolist()], dtype=np.bool_)
        wanted = must | (before[lasts] - before[firsts] > 1)
        known = set(rows)
        return [at for at in places[wanted].tolist() if at not in known]

    def _model(self) -> highs.Model:
        return highs.Model(
            cost=self.cost[self.columns],
            matrix=self._part(self.rows, self.columns),
            row_lower=np.full(len(self.rows), -np.inf),
            row_upper=self._limits(self.rows),
            lower=np.zeros(len(self.columns)),
            upper=self.times(self.most[self.columns]),
        )

    def _part(self, places: Sequence[int], columns: Ints) -> sparse.csr_array:
        """The (lowered) coefficients of some columns in some sides."""
        at_column = np.full(len(self.open), -1)
        at_column[columns] = np.arange(len(columns))
        starts, where, values = [0], [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        for place in places:
            one = self.sides[place]
            if isinstance(one, UnitSide):
                inside = at_column[one.first : one.last]
                inside = inside[inside >= 0]
                values.append(np.full(len(inside), float(one.each)))
            else:
                dense = one.values[columns]
                inside = np.flatnonzero(dense)
                values.append(dense[inside].astype(np.float64))
            where.append(inside)
            starts.append(starts[-1] + len(inside))
        data = np.concatenate(values) * LOWERED
        return sparse.csr_array((data, np.concatenate(where), starts), shape=(len(places), len(columns)))

    def _limits(self, places: Sequence[int]) -> Floats:
        return np.array([self._limit(self.sides[place]) * LOWERED for place in places])

    def _limit(self, side: AnySide) -> float:
        """What a side counts at most, in bookings; those of units are counted in parts."""
        return float(side.limit) / (self.layout.program.parts if isinstance(side, UnitSide) else 1)

    # --- inside bounds ---

    def within(self, lower: Ints, upper: Ints, start: highs.Start | None = None) -> highs.Answer:
        """Solve inside these bounds on all open columns, in parts of a booking; the answer's `x` is of `columns`, which
        may have grown, in bookings."""
        partly = len(self.columns) < len(self.open)
        if partly:
            self._join(np.flatnonzero((lower > 0) & ~self._is_in))
        answer = self.solver.within(self.times(lower[self.columns]), self.times(upper[self.columns]), start)
        while partly:
            if answer.status == highs.INFEASIBLE and answer.ray is not None:
                sign = 1.0 if answer.ray.max() >= -answer.ray.min() else -1.0
                entering = self._entering(sign * answer.ray, upper, costs=False)
            elif answer.duals is not None:
                entering = self._entering(answer.duals, upper)
            else:
                break
            if not len(entering):
                break
            self._join(entering)
            answer = self.solver.within(self.times(lower[self.columns]), self.times(upper[self.columns]))
        if answer.x is None:
            return answer
        low, high = (self.times(bound[self.columns]) for bound in (lower, upper))
        return replace(answer, x=np.clip(answer.x, low, high))  # a solver may stand a hair outside of bounds

    def times(self, counts: Ints) -> Floats:
        """Counts of parts in bookings."""
        return self.layout.program.times(counts)

    def spread(self, x: Floats) -> Floats:
        """A solution of `columns` as one of all open columns."""
        every = np.zeros(len(self.open))
        every[self.columns] = x
        return every

    def worth(self, duals: Floats, places: Ints, *, costs: bool = True) -> Floats:
        """What some open columns (ascending) are worth (scaled), less what the rows charge for them."""
        worth = self.cost[places] if costs else np.zeros(len(places))
        for place, dual in zip(self.rows, duals.tolist(), strict=True):
            if dual:
                one = self.sides[place]
                if isinstance(one, UnitSide):
                    first, last = np.searchsorted(places, (one.first, one.last))
                    worth[first:last] -= dual * LOWERED * one.each
                else:
                    worth -= dual * LOWERED * one.values[places]
        return worth

    def _entering(self, duals: Floats, upper: Ints, *, costs: bool = True) -> Ints:
        """Columns that may be booked and are worth more at these prices than those of their unit in the solver."""
        live = np.flatnonzero(upper > 0)
        worth = self.worth(duals, live, costs=costs)
        known = np.zeros(int(self._unit.max(initial=-1)) + 1)
        inside = self._is_in[live]
        np.maximum.at(known, self._unit[live[inside]], worth[inside])
        worth -= np.where(self._once[live], known[self._unit[live]], 0.0)
        entering = np.flatnonzero((worth > _WORTH) & ~inside)
        return np.sort(live[entering[np.argsort(-worth[entering], kind="stable")[:_JOINED]]])

    def _join(self, entering: Ints) -> None:
        """Let some more columns take part."""
        if not len(entering):
            return
        before, self.columns = self.columns, np.concatenate([self.columns, entering])
        self._is_in[entering] = True
        more = self._lacking(self.rows)
        if more:
            low = np.full(len(more), -np.inf)
            self.solver.add_rows(self._part(more, before), low, self._limits(more))
            self.rows += more
        matrix = sparse.csc_array(self._part(self.rows, entering))
        self.solver.add_columns(matrix, self.cost[entering], self.times(self.most[entering]))

    # --- rounding ---

    @property
    def rounded_rows(self) -> int:
        """How many rows that were rounded are in the solver."""
        return sum(place >= self.base for place in self.rows)

    def tighten(self, x: Floats, singled: int = _SINGLED, most: int = _JOIN) -> list[Side]:
        """Round rows so that this solution (of `columns`) is cut off; the sides that join, which may be none."""
        found = self._found(x, singled, most)
        places = range(len(self.sides), len(self.sides) + len(found))
        self.roundings += [how for how, _ in found]
        self.sides += [side for _, side in found]
        if found:
            low = np.full(len(found), -np.inf)
            self.solver.add_rows(self._part(places, self.columns), low, self._limits(places))
            self.rows += places
        return [side for _, side in found]

    def _found(self, x: Floats, singled: int, most: int) -> list[tuple[Rounding, Side]]:
        """Rows that cut a solution off, those first that cut off the most, none like another."""
        whole = np.zeros(len(self.most))
        whole[self.columns] = x
        booked, places = np.flatnonzero(whole > 1e-9), np.array(self.rows, dtype=np.int64)
        ranked = best_roundings(self.sides, self._multipliers(x, singled), places, whole, self.most, booked)
        ranked.sort(key=lambda entry: -entry[0])
        chosen: list[tuple[Rounding, Side, Floats]] = []
        for _, how in ranked:
            side = rounded(self.sides, self.most, how)
            size = max(float(np.linalg.norm(side.values.astype(np.float64))), 1.0)
            way = side.values / size
            over = float(way @ whole) - side.limit / size
            if over > 1e-7 and all(abs(float(way @ other)) < _ALIKE for _, _, other in chosen):
                chosen.append((how, side, way))
            if len(chosen) == most:
                break
        return [(how, side) for how, side, _ in chosen]

    def _multipliers(self, x: Floats, singled: int) -> Floats:
        """Sums of rows that are worth rounding: each row alone, and those that single out a column booked in parts.

        Rows of units alone are not: all that they count is whole already.
        """
        parts = np.abs(x - np.rint(x))
        columns = np.argsort(-parts, kind="stable")[:singled]
        sums = self.solver.singled_out(columns[parts[columns] > 1e-5])
        alone = [at for at, place in enumerate(self.rows) if place >= self.base or self.sides[place].row >= 0]
        both = [sign * multipliers for multipliers in sums for sign in (1, -1)]
        return np.concatenate([np.eye(len(self.rows))[alone], np.array(both).reshape(len(both), len(self.rows))])

    def drop_loose(self, x: Floats) -> None:
        """Take those rounded sides out of the solver that do not hold this solution back."""
        at = np.flatnonzero(np.array(self.rows) >= self.base)
        mine = [self.rows[place] for place in at.tolist()]
        if not mine:
            return
        limits = self._limits(mine)
        unused = limits - self._part(mine, self.columns) @ x
        loose = at[unused > _LOOSE * np.maximum(np.abs(limits), 1.0)]
        if len(loose):
            self.solver.drop_rows(loose)
            self.rows = np.delete(self.rows, loose).tolist()

    def prices(self, duals: Floats, *, costs: bool = True) -> list[float]:
        """A solver's duals as prices of the rows, then of all rounded sides; without `costs`, of another objective."""
        rows = len(self.layout.program.rows)
        prices = [0.0] * (rows + len(self.sides) - self.base)
        scale = LOWERED / (self.layout.cost_scale if costs else 1.0)
        for place, dual in zip(self.rows, duals.tolist(), strict=True):
            side = self.sides[place]
            if place >= self.base:
                prices[rows + place - self.base] = max(dual, 0.0) * scale
            elif side.row >= 0:
                prices[side.row] += max(dual, 0.0) * scale * side.scale
        return prices

    def needed(self, places: Collection[int]) -> list[int]:
        """Of the sides that were rounded here (by place), these and all that they rest on, in order."""
        found = {place for place in places if place >= self.carried}
        for place in range(len(self.sides) - 1, self.carried - 1, -1):
            if place in found:
                found |= {other for other, _ in self.roundings[place - self.carried].weights if other >= self.carried}
        return sorted(found)

    def follows(self, place: int) -> Side:
        """A side that was rounded here, by its place."""
        side = self.sides[place]
        if isinstance(side, UnitSide):
            raise TypeError("a side of a unit does not follow from others")
        return side

    def renumbered(self, order: Sequence[int]) -> tuple[Rounding, ...]:
        """The roundings at these places, as if there were no others here."""
        number = {place: at for at, place in enumerate([*range(self.carried), *order])}
        mine = [self.roundings[place - self.carried] for place in order]
        return tuple(replace(how, weights=tuple((number[at], w) for at, w in how.weights)) for how in mine)


def tightened(
    layout: Scaled, open_: Ints, held: Sequence[int], regret: Floats, goal: float, clock: highs.Clock
) -> tuple[Stage, tuple[Side, ...]] | None:
    """Round rows until the bound falls no more.

    Parameters
    ----------
    open_
        Columns that are open.
    held
        Of each row, what is fixed of it.
    regret
        Of the open columns: how far from being booked they are.
    goal
        A (scaled) value of the open columns under which the relaxation need not fall.

    Returns
    -------
    tuple[Stage, tuple[Side, ...]] | None
        What was rounded, with prices; and the sides that it gives. None where nothing was gained.
    """
    if not layout.program.all_whole or layout.program.parts != 1:
        return None
    tight = Tight(layout, open_, held, columns=np.sort(np.argsort(regret, kind="stable")[:_NEAR]))
    answer = tight.solver.solve(clock)
    bounds: list[float] = []
    for _ in range(_ROUNDS):
        if answer.x is None or clock.over:
            break
        bounds.append(answer.objective)
        if answer.objective <= goal or _stale(bounds):
            break
        if len(bounds) == _TRIED and len(open_) > _NEAR and bounds[0] - bounds[-1] < _WORTH_IT * (bounds[0] - goal):
            return None
        tight.drop_loose(answer.x)
        answer = tight.solver.solve(clock)
        if answer.x is None or not tight.tighten(answer.x):
            break
        answer = tight.solver.solve(clock)
    if not clock.over:
        answer = tight.within(np.zeros_like(tight.most), tight.most)
    if answer.duals is None or not tight.roundings:
        return None
    order = tight.needed(tight.rows)
    prices, rows = tight.prices(answer.duals), len(layout.program.rows)
    kept = [*prices[:rows], *(prices[rows + place - tight.base] for place in order)]
    if not any(kept):
        return None
    return Stage(open_, tight.renumbered(order), tuple(kept)), tuple(map(tight.follows, order))


def _stale(bounds: list[float]) -> bool:
    return len(bounds) > _STALE and bounds[-1 - _STALE] - bounds[-1] < _HARDLY * (bounds[0] - bounds[-1])
