"""Marks of creators: booked in every plan near the best one, in some, or in none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil

import numpy as np

from optimizer.analysis.near_best import NearBest
from optimizer.domain.exact import Flags, Ints
from optimizer.formulation.terms import Booked
from optimizer.planning.questions import Count, Found, Question
from optimizer.planning.stand_ins import Bench, Fallen
from optimizer.solving.labels import Listed

_ALONE_MOST = 40  # creators of whom it is asked one by one whether a plan can do without them
_SEARCHES, _SEARCHES_LARGE = 60, 1  # for plans with somebody new; among more than so many bookings
_LARGE = 50_000
_NEAREST = 5_000  # bookings among which somebody is looked for who steps in
_FEW = 30  # creators of whom one search need find only one
_ANY, _GOOD_PART = 1.0, 0.5  # gaps at which a search for any plan, and for one with many of some, ends
_NO_PART = 1e-9  # of a booking: less is none


@dataclass(frozen=True, eq=False)
class Marks:
    """By position in the pool: who is `core` and who is `swappable`; all others are in no plan near the best one.
    `open`: what is not proved of `core`, and of those who are marked neither.
    """

    core: Flags
    swappable: Flags
    open: Flags


@dataclass(eq=False)
class _Seen:
    """Who is booked in some plan near the best one, and who is not in some."""

    booked: Flags
    missing: Flags
    plans: list[Booked] = field(default_factory=list)


def marks(near_best: NearBest, plans: Sequence[Booked]) -> Marks:
    """The marks of all creators. `plans` are known to be near the best one, which is the first of them."""
    size, listed = len(near_best.near.program.ids), near_best.listed
    if listed is not None:
        return _among(near_best, listed)
    seen = _Seen(np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_))
    search = _Search(near_best, seen)
    for plan in plans:
        search.take(plan)
    core_open, never_open = search.core(plans[0]), search.never()
    inside = np.zeros(size, dtype=np.bool_)
    inside[[*near_best.booked(plans[0])]] = True
    core = inside & ~seen.missing
    return Marks(core, seen.booked & ~core, (core & core_open) | (~seen.booked & never_open))


def _among(near_best: NearBest, listed: Listed) -> Marks:
    """The same, where all plans are listed."""
    times = np.zeros(len(near_best.near.program.ids), dtype=np.int64)
    np.add.at(times, near_best.who[listed.columns[listed.columns >= 0]], 1)
    core = times == len(listed.values)
    return Marks(core, (times > 0) & ~core, np.zeros_like(core))


class _Search:
    def __init__(self, near_best: NearBest, seen: _Seen) -> None:
        self.near_best, self.seen = near_best, seen
        self.near, self.program = near_best.near, near_best.near.program

    def take(self, plan: Booked) -> None:
        """Note whom a plan books, and whom it does not."""
        inside = np.zeros(len(self.seen.booked), dtype=np.bool_)
        inside[[*self.near_best.booked(plan)]] = True
        self.seen.booked |= inside
        self.seen.missing |= ~inside
        self.seen.plans.append(plan)

    # --- who is in all of them ---

    def core(self, best: Booked) -> Flags:
        """Look for plans without those who are booked in all plans so far; of whom it is left open whether there are.

        Where no plan has fewer bookings of some single creators than there are of these, all of them are in every plan.
        """
        names = np.array([*self.near_best.booked(best)], dtype=np.int64)
        if self._exchanges:
            bench = Bench(self.near, best).first(_NEAREST)
            for column in best.columns[self.near_best.named[self.near_best.who[best.columns]]].tolist():
                self._without(Fallen(self.program, best, column), bench)
        left = np.zeros(len(self.seen.booked), dtype=np.bool_)
        once = self.near_best.named[names]
        decided = self._all_at_once(names[once])
        apart = [*names[~once].tolist(), *(names[once].tolist() if not decided else ())]
        for creator in [one for one in apart if not self.seen.missing[one]][:_ALONE_MOST]:
            left[creator] = self._open_alone(creator)
        for creator in [one for one in apart if not self.seen.missing[one]][_ALONE_MOST:]:
            left[creator] = True
        return left

    def _without(self, fallen: Fallen, bench: Ints) -> None:
        """Note that a single creator is missing in some plan, if the rest of the best one is near it, alone or with
        one stand-in."""
        if fallen.column is None or self.seen.missing[creator := int(self.near_best.who[fallen.column])]:
            return
        found = [fallen.rest] if fallen.keeps(fallen.rest) else []
        found += [fallen.with_(one) for one in fallen.keeping(bench, least=self.near_best.least)[:, None][:1]]
        self.seen.missing[creator] = any(fallen.keeps(one) and self.near_best.has(one) for one in found)

    def _all_at_once(self, names: Ints) -> bool:
        """Whether it is decided of all of some single creators."""
        while len(names := names[~self.seen.missing[names]]) and not self.near.clock.over:
            found = self.near_best.ask(Question(toward=[(-1, self.near_best.of(names))]))
            if found.bound is not None and ceil(-found.bound) >= len(names):
                return True
            if found.plan is None:
                return False
            before = self.seen.missing[names].sum()
            self.take(found.plan)
            if self.seen.missing[names].sum() == before:
                return False
        return not len(names)

    def _open_alone(self, creator: int) -> bool:
        """Ask for a plan without a creator; whether it is left open."""
        columns = self.near_best.of([creator])
        if (self.program.required[self.program.unit[columns]] > 0).any():
            return False
        if self.near.clock.over:
            return True
        found = self.near_best.ask(Question(out=columns), gap=_ANY)
        if found.plan is not None:
            self.take(found.plan)
        return found.plan is None and not found.impossible

    # --- who is in none of them ---

    def never(self) -> Flags:
        """Look for plans with those who are booked in none so far; of whom it is left open whether there are.

        Whoever has no booking among those that such plans can make is in none. Most of the others are found by
        exchanging one booking of a plan; for the rest, plans are asked for, those of many at once.
        """
        unseen = self._unseen()
        self._exchanged(self.seen.plans, unseen)
        for _ in range(_SEARCHES if len(self.near_best.columns) <= _LARGE else _SEARCHES_LARGE):
            asked = self._asked(unseen)
            if not len(asked):
                break
            found = self._with_some(asked, many=int(unseen.sum()) > _FEW)
            if found.impossible:
                return np.zeros_like(unseen)
            if found.plan is None or not unseen[[*self.near_best.booked(found.plan)]].any() or self.near.clock.over:
                break
            self.take(found.plan)
            unseen &= ~self.seen.booked
            self._exchanged([found.plan], unseen)
        return unseen

    def _with_some(self, asked: Ints, *, many: bool) -> Found:
        """A plan near the best one with some of these bookings; of many, with a good part of what is possible."""
        if many and self.program.all_whole:
            found = self.near_best.ask(Question(toward=[(1, asked)]), gap=_GOOD_PART)
            none = found.bound is not None and found.bound < 1
            return replace(found, plan=None, impossible=True) if none else found
        if self.program.all_whole:
            return self.near_best.ask(Question(counts=[Count(asked, at_least=1)]), gap=_ANY)
        found = self.near_best.ask(Question(toward=[(1, asked)]))
        none = found.bound is not None and found.bound < _NO_PART
        return replace(found, plan=None, impossible=True) if none else found

    @property
    def _exchanges(self) -> bool:
        """Whether exchanging one booking says what it seems to: of whole bookings, toward one goal."""
        return self.program.all_whole and self.program.parts == 1 and not self.program.later

    def _unseen(self) -> Flags:
        """Those with a booking that plans near the best one can make who are in none so far."""
        unseen = np.zeros(len(self.seen.booked), dtype=np.bool_)
        columns = self.near_best.columns
        unseen[self.near_best.who[columns[self.program.most[columns] > 0]]] = True
        return unseen & ~self.seen.booked

    def _asked(self, unseen: Flags) -> Ints:
        columns = self.near_best.columns
        return columns[unseen[self.near_best.who[columns]] & (self.program.most[columns] > 0)]

    def _exchanged(self, plans: Iterable[Booked], unseen: Flags) -> None:
        """Note everybody who can be booked in a plan instead of some bookings of it, or beside all of them."""
        if not self._exchanges:
            return
        asked, who = self._asked(unseen), self.near_best.who
        for rest in (rest for plan in plans for rest in self._rests(plan)):
            if not len(asked) or self.near.clock.late:
                return
            found = who[self._steps_in(rest, asked)]
            if len(found):
                self.seen.booked[found], unseen[found] = True, False
                asked = asked[unseen[who[asked]]]

    def _rests(self, plan: Booked) -> Iterator[Fallen]:
        """A plan, what is left of it without one booking, and without several: those that bring least for the prices of
        what they take."""
        yield Fallen(self.program, plan, None)
        worth = self._worth(plan)
        slack = self.program.worth(plan) - self.near_best.least
        for column in sorted(worth, key=lambda column: (worth[column] > slack, abs(slack - worth[column]), column)):
            yield Fallen(self.program, plan, column)
        gains = self.near.reduced_costs
        order = sorted(worth, key=lambda column: (float(gains[column]) / max(abs(float(worth[column])), 1.0), column))
        for many in range(2, len(order) + 1):
            left = ~np.isin(plan.columns, order[:many])
            yield Fallen(self.program, Booked(plan.columns[left], plan.counts[left]), None)

    def _steps_in(self, fallen: Fallen, among: Ints) -> Ints:
        """The bookings of creators who are in no plan so far with which one that somebody fell out of is near the best.

        Of a segment, only a first step can be booked where nothing of it is.
        """
        steps = self.near.estimates.columns.step[among]
        return fallen.keeping(among[steps == 0], least=self.near_best.least)

    def _worth(self, plan: Booked) -> dict[int, Fraction]:
        """What a booking of each creator of a plan is worth who need not be booked; of a segment, of its last step."""
        program, who = self.program, self.near_best.who
        must = program.required[program.unit] > 0
        last = {creator: int(column) for creator, column in zip(who[plan.columns], plan.columns, strict=True)}
        columns = [column for column in last.values() if not must[column]]
        return {column: program.value(Booked(np.array([column]), np.array([1]))) for column in columns}
