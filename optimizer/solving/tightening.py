"""A relaxation that is made tighter as it is solved: rows that follow from others by rounding cut its solutions off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.solving import highs
from optimizer.solving.rounding import LOWERED, Rounding, Side, best_rounding, rounded, sides_of, weights_of
from optimizer.solving.scaling import Scaled

_ROUNDS = 60
_STALE = 10  # rounds in which the bound hardly falls
_HARDLY = 0.02  # of how far it has fallen
_NEAR = 2_000  # columns that take part from the start
_SINGLED = 30  # columns booked in parts, of which a row is made
_JOIN = 20  # rows that join in a round
_ALIKE = 0.95  # cosine above which two rows cut off the same
_LOOSE = 1e-3


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

    `rows` says which sides (by place) are in the solver, `columns` which of the open columns.
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
        self.sides = sides_of(layout.program, open_, held)
        self.base = len(self.sides)
        self.sides += carried
        self.carried = len(self.sides)
        self.roundings: list[Rounding] = []
        self.rows = [*range(self.base), *(self.base + at for at in sorted(live))]
        self.columns = np.arange(len(open_)) if columns is None else columns
        self.solver = highs.Warm(self._model(), rows_join=True)

    def _model(self) -> highs.Model:
        return highs.Model(
            cost=self.cost[self.columns],
            matrix=self._part(self.rows, self.columns),
            row_lower=np.full(len(self.rows), -np.inf),
            row_upper=self._limits(self.rows),
            lower=np.zeros(len(self.columns)),
            upper=self.most[self.columns].astype(np.float64),
        )

    def _part(self, places: Sequence[int], columns: Ints) -> sparse.csr_array:
        dense = np.array([self.sides[place].values[columns] for place in places], dtype=np.float64)
        return sparse.csr_array(dense.reshape(len(places), len(columns)) * LOWERED)

    def _limits(self, places: Sequence[int]) -> Floats:
        return np.array([float(self.sides[place].limit) * LOWERED for place in places])

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
        ranked = []
        for multipliers in self._multipliers(x, singled):
            weights = weights_of(multipliers, places)
            best = best_rounding(self.sides, weights, whole, self.most, booked) if weights else None
            if best is not None:
                ranked.append(best)
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

    def _multipliers(self, x: Floats, singled: int) -> list[Floats]:
        """Sums of rows that are worth rounding: each row alone, and those that single out a column booked in parts.

        Rows of units alone are not: all that they count is whole already.
        """
        parts = np.abs(x - np.rint(x))
        columns = np.argsort(-parts, kind="stable")[:singled]
        sums = self.solver.singled_out(columns[parts[columns] > 1e-5])
        alone = [at for at, place in enumerate(self.rows) if place >= self.base or self.sides[place].row >= 0]
        return [*np.eye(len(self.rows))[alone], *(sign * multipliers for multipliers in sums for sign in (1, -1))]

    def drop_loose(self, x: Floats) -> None:
        """Take those rounded sides out of the solver that do not hold this solution back."""
        mine = self.rows[self.base :]
        if not mine:
            return
        limits = self._limits(mine)
        unused = limits - self._part(mine, self.columns) @ x
        loose = self.base + np.flatnonzero(unused > _LOOSE * np.maximum(np.abs(limits), 1.0))
        if len(loose):
            self.solver.drop_rows(loose)
            self.rows = np.delete(self.rows, loose).tolist()

    def with_all_columns(self, answer: highs.Answer, clock: highs.Clock) -> highs.Answer:
        """Let columns join that are worth it at the prices so far, until none is."""
        while answer.duals is not None and not clock.over:
            worth = self.cost.copy()
            for place, dual in zip(self.rows, answer.duals.tolist(), strict=True):
                if dual:
                    worth -= dual * LOWERED * self.sides[place].values
            worth[self.columns] = 0.0
            entering = np.flatnonzero(worth > 1e-7)
            if not len(entering):
                break
            entering = entering[np.argsort(-worth[entering], kind="stable")[:_NEAR]]
            matrix = sparse.csc_array(self._part(self.rows, entering))
            self.solver.add_columns(matrix, self.cost[entering], self.most[entering].astype(np.float64))
            self.columns = np.concatenate([self.columns, entering])
            answer = self.solver.solve(clock)
        return answer

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
    tight = Tight(layout, open_, held, columns=np.sort(np.argsort(regret, kind="stable")[:_NEAR]))
    answer = tight.solver.solve(clock)
    bounds: list[float] = []
    for _ in range(_ROUNDS):
        if answer.x is None or clock.over:
            break
        bounds.append(answer.objective)
        if answer.objective <= goal or _stale(bounds):
            break
        tight.drop_loose(answer.x)
        answer = tight.solver.solve(clock)
        if answer.x is None or not tight.tighten(answer.x):
            break
        answer = tight.solver.solve(clock)
    answer = tight.with_all_columns(answer, clock)
    if answer.duals is None or not tight.roundings:
        return None
    order = tight.needed(tight.rows)
    prices, rows = tight.prices(answer.duals), len(layout.program.rows)
    kept = [*prices[:rows], *(prices[rows + place - tight.base] for place in order)]
    return Stage(open_, tight.renumbered(order), tuple(kept)), tuple(tight.sides[place] for place in order)


def _stale(bounds: list[float]) -> bool:
    return len(bounds) > _STALE and bounds[-1 - _STALE] - bounds[-1] < _HARDLY * (bounds[0] - bounds[-1])
