"""Labels over all units, unit by unit: the partial plans of a program, followed to their ends.

See `labels` for what they are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.terms import Row

EXACT = 2**57  # sums of integers up to here are exact
HAIR = 1e-9  # of what may be lost, by which sums of floats may err
NOTHING = -1
TOGETHER = 4_000  # labels that are followed together
_WORK = 3_000_000  # labels in all, of one run


class TooManyError(Exception):
    """There are too many labels, or plans."""


class Taking(Protocol):
    """Takes the plans that a run leads to."""

    splits: bool  # whether labels are followed by parts, those that lose least first; or all together

    @property
    def together(self) -> int:
        """How many labels are followed together at first."""

    @property
    def reached(self) -> bool:
        """Whether no more are wanted."""

    def take(self, columns: Ints, values: Ints) -> int | None:
        """Take plans (plans, units), with their values; what plans must be worth from now on, if that is known."""


@dataclass(frozen=True, eq=False)
class Way:
    """What may be made of a unit: places among the open columns (-1: nothing), and what each loses."""

    places: Ints
    regrets: Floats

    @property
    def second(self) -> float:
        """What its second-best way loses."""
        return float(np.partition(self.regrets, 1)[1]) if len(self.regrets) > 1 else np.inf


@dataclass(frozen=True, eq=False)
class _Labels:
    """Labels of one level: `before` (labels,) is where each was in `parent`, `places` what it makes of a unit, `totals`
    (rows, labels).
    """

    level: int
    parent: _Labels | None
    before: Ints
    places: Ints
    lost: Floats
    totals: Ints
    loses: Floats  # for sure, whatever follows

    def of(self, chosen: Ints) -> _Labels:
        """Some of them."""
        return _Labels(
            self.level,
            self.parent,
            self.before[chosen],
            self.places[chosen],
            self.lost[chosen],
            self.totals[:, chosen],
            self.loses[chosen],
        )

    def parts(self, together: int) -> list[_Labels]:
        """All of them in parts that are followed together, those that lose least first."""
        size = len(self.lost)
        if size <= together:
            return [self] if size else []
        order = np.argsort(self.loses, kind="stable")
        starts = [0, *range(together, size, TOGETHER)]
        return [self.of(order[start:end]) for start, end in zip(starts, [*starts[1:], size], strict=True)]


class Run:
    """Labels over all units, unit by unit; `worth` is the row of a plan's value. `whole`: all columns are open."""

    def __init__(
        self,
        rows: Sequence[Row],
        prices: Floats,
        worth: int,
        matrix: Ints,
        columns: Ints,
        ways: Sequence[Way],
        room: float,
        whole: bool,
    ) -> None:
        lower = np.array([-EXACT if row.lower is None else row.lower for row in rows], dtype=np.int64)
        upper = np.array([EXACT if row.upper is None else row.upper for row in rows], dtype=np.int64)
        matrix = np.hstack([matrix, np.zeros((len(matrix), 1), dtype=np.int64)])  # the last one: nothing
        least, most = _completions(matrix, ways)
        held = np.flatnonzero((least[0] < lower) | (most[0] > upper) | (prices != 0))
        held = np.append(held[held != worth], worth)  # the others are kept whatever is booked
        self.matrix, self.lower, self.upper, self.prices = matrix[held], lower[held], upper[held], prices[held]
        self.least, self.most = least[:, held], most[:, held]
        self.priced = [(at, float(self.prices[at])) for at in np.flatnonzero(self.prices).tolist()]
        self.columns, self.ways = np.append(columns, NOTHING), ways
        self.room, self.whole, self.by_value = room, whole, False

    @property
    def every(self) -> bool:
        """Whether no plan was left out because it is worth too little."""
        return self.whole and not self.by_value

    def follow(self, target: Taking) -> bool:
        """Follow all labels; whether they were not too many."""
        waiting, work, together = self._roots(), 0, target.together
        while waiting and not target.reached:
            labels = waiting.pop()
            if labels.level == len(self.ways):
                if not self._taken(labels, target):
                    return False
                together = TOGETHER
                continue
            labels = self._extended(labels)
            size = len(labels.lost)
            work += size
            if work > _WORK or (size > together and not target.splits):
                return False
            waiting += reversed(labels.parts(together))
            if not size and target.splits:  # so few lead nowhere: follow more of them together
                together = min(2 * together, TOGETHER)
        return True

    def _roots(self) -> list[_Labels]:
        """The label of no decision; none where some row cannot be kept, whatever is booked."""
        kept = (self.least[0] <= self.upper) & (self.most[0] >= self.lower)
        if not kept.all():
            self.by_value |= bool(kept[:-1].all())
            return []
        nothing, rows = np.zeros(1, dtype=np.int64), len(self.matrix)
        return [_Labels(0, None, nothing, nothing, np.zeros(1), np.zeros((rows, 1), dtype=np.int64), np.zeros(1))]

    def _taken(self, labels: _Labels, target: Taking) -> bool:
        """Give complete plans to the target, and ask more of all others; whether they were not too many."""
        try:
            worth = target.take(self._followed(labels), labels.totals[-1])
        except TooManyError:
            return False
        if worth is not None and worth > self.lower[-1]:
            self.room -= float(worth - int(self.lower[-1])) * (1 - HAIR)
            self.lower[-1] = worth
        return True

    def _extended(self, labels: _Labels) -> _Labels:
        """Labels extended by each way of the next unit, without those that are dropped."""
        way, level, parts = self.ways[labels.level], labels.level + 1, []
        least, most = self.least[level], self.most[level]
        alive = np.flatnonzero(labels.loses <= self.room)
        self.by_value |= len(alive) < len(labels.loses)
        every = len(alive) == len(labels.loses)
        lost, totals = (labels.lost, labels.totals) if every else (labels.lost[alive], labels.totals[:, alive])
        for place, regret in zip(way.places.tolist(), way.regrets.tolist(), strict=True):
            now = totals + self.matrix[:, place, None]
            enough = now >= (self.lower - most)[:, None]
            kept = (now <= (self.upper - least)[:, None]).all(axis=0) & enough[:-1].all(axis=0)
            loses = lost + regret + self._lost_by_slack(now, least, most)
            worth_it = enough[-1] & (loses <= self.room)
            self.by_value |= bool((kept & ~worth_it).any())
            mine = np.flatnonzero(kept & worth_it)
            parts.append((alive[mine], np.full(len(mine), place), lost[mine] + regret, now[:, mine], loses[mine]))
        if not parts:  # it must be booked, and cannot be
            return replace(labels.of(alive[:0]), level=level)
        before, places, lost, totals, loses = (np.concatenate(one, axis=-1) for one in zip(*parts, strict=True))
        return _Labels(level, labels, before, places, lost, totals, loses)

    def _lost_by_slack(self, now: Ints, least: Ints, most: Ints) -> Floats:
        """What labels lose for sure because a row that has a price is not used in full, whatever follows."""
        lost = np.zeros(now.shape[1])
        for at, price in self.priced:
            left = self.upper[at] - most[at] - now[at] if price > 0 else now[at] + least[at] - self.lower[at]
            lost += abs(price) * np.maximum(left, 0)
        return lost

    def _followed(self, labels: _Labels) -> Ints:
        """What each of some plans makes of each unit."""
        chosen = np.full((len(labels.lost), len(self.ways)), NOTHING, dtype=np.int64)
        at = np.arange(len(labels.lost))
        while labels.parent is not None:
            chosen[:, labels.level - 1] = self.columns[labels.places[at]]
            at = labels.before[at]
            labels = labels.parent
        return chosen


def _completions(matrix: Ints, ways: Sequence[Way]) -> tuple[Ints, Ints]:
    """The least and the most that the units from each one on can add to each row, as (units + 1, rows)."""
    least, most = [np.zeros(len(matrix), dtype=np.int64)], [np.zeros(len(matrix), dtype=np.int64)]
    for way in reversed(ways):
        values = matrix[:, way.places] if len(way.places) else np.zeros((len(matrix), 1), dtype=np.int64)
        least.append(least[-1] + values.min(axis=1))
        most.append(most[-1] + values.max(axis=1))
    return np.array(least[::-1]), np.array(most[::-1])
