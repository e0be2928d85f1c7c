"""Plans near the best one that differ from those before as much as possible, by names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimizer.analysis.near_best import NearBest, overlap
from optimizer.domain.exact import Ints
from optimizer.formulation.terms import Booked
from optimizer.planning.questions import Count, Found, Question
from optimizer.solving.labels import Listed


@dataclass(frozen=True, eq=False)
class Different:
    """A plan near the best one. `shared`: its bookings of names of the plans before it, summed over these; `proved`:
    that no other such plan shares fewer with all of them together, if it drops as many names of each (`dropped`).
    """

    plan: Booked
    shared: Fraction
    dropped: int
    proved: bool


@dataclass(frozen=True, eq=False)
class NoOther:
    """No further plan was found; `proved`: that there is none with other names."""

    proved: bool


def most_different(
    near_best: NearBest, before: Sequence[Booked], gap: float = 0.0, dropped: int = 1, *, apart: bool = True
) -> Different | NoOther:
    """The plan near the best one that shares the fewest names with the plans `before`, all together.

    It drops at least `dropped` names of each of these (one, where there is no such plan); where all plans have all of
    them, it has at least one more. Of plans with the names that it shares, it is the one that is worth most, as far as
    the search goes. `apart`: whether it may share no name at all; not, if that was not possible with fewer plans.
    """
    listed = near_best.listed
    if listed is not None:
        return _among(near_best, listed, before, max(dropped, 1))
    return _Search(near_best, before, gap).run(max(dropped, 1), apart=apart)


def _among(near_best: NearBest, listed: Listed, before: Sequence[Booked], dropped: int) -> Different | NoOther:
    """The same, where all plans are listed."""
    who, former = near_best.who, [sorted(near_best.booked(plan)) for plan in before]
    booked = np.where(listed.columns >= 0, who[np.maximum(listed.columns, 0)], -1)
    shared = np.stack([np.isin(booked, names).sum(axis=1) for names in former], axis=1)
    missing = np.array([len(names) for names in former]) - shared
    others = booked.shape[1] - np.isin(booked, [-1, *(name for names in former for name in names)]).sum(axis=1)
    ways = [(least, (missing >= least).all(axis=1)) for least in dict.fromkeys([dropped, 1])]
    for least, fits in [*ways, (0, others > 0)]:
        if fits.any():
            order = np.lexsort((-listed.values, shared.sum(axis=1), ~fits))
            best = order[0]
            return Different(listed.plan(int(best)), Fraction(int(shared[best].sum())), least, proved=True)
    return NoOther(proved=True)


class _Search:
    def __init__(self, near_best: NearBest, before: Sequence[Booked], gap: float) -> None:
        self.near_best, self.gap, self.whole = near_best, gap, near_best.near.program.all_whole
        self.former = [near_best.booked(plan) for plan in before]
        self.columns = [near_best.of(counts) for counts in self.former]
        self.names = sorted({creator for counts in self.former for creator in counts})

    def run(self, dropped: int, *, apart: bool) -> Different | NoOther:
        alone = self._sharing_none() if apart else None
        if alone is not None:
            return alone
        for least in dict.fromkeys([dropped, 1]):
            caps, names = self._caps(least), least
            found = self._least_shared(caps)
            if found.plan is not None:
                break
        if found.impossible:
            caps, names = self._outside(), 0
            found = self._least_shared(caps)
        if found.plan is None:
            return NoOther(found.impossible and self.whole)
        plan = self._best_with(found.plan, caps)
        if any({*self.near_best.booked(plan)} == {*counts} for counts in self.former):
            return NoOther(proved=False)  # only in parts of bookings, whose names are not counted
        shared = self._shared(plan)
        return Different(plan, shared, names, found.bound is not None and shared <= -found.bound)

    def _sharing_none(self) -> Different | None:
        """A plan with none of the names; one that books nobody is no other than one before that books nobody."""
        if not all(self.former):
            return None
        program, columns = self.near_best.near.program, self.near_best.of(self.names)
        if not len(columns) or (program.required[program.unit[columns]] > 0).any():
            return None
        found = self.near_best.ask(Question(out=columns), gap=self.gap)
        if found.plan is None:
            return None
        return Different(found.plan, Fraction(0), min(int(sum(counts.values())) for counts in self.former), proved=True)

    def _shared(self, plan: Booked) -> Fraction:
        counts = self.near_best.booked(plan)
        return sum((overlap(counts, one) for one in self.former), Fraction(0))

    def _caps(self, dropped: int) -> list[Count]:
        """So many bookings fewer, at least, of the names of each plan than it has."""
        if not self.whole:
            return []
        caps = (int(sum(counts.values())) - dropped for counts in self.former)
        return [Count(columns, at_most=cap) for columns, cap in zip(self.columns, caps, strict=True)]

    def _outside(self) -> list[Count]:
        """At least one booking of another name."""
        outside = np.ones(self.near_best.near.program.bookings, dtype=np.bool_)
        outside[self.near_best.of(self.names)] = False
        columns = self.near_best.columns
        return [Count(columns[outside[columns]], at_least=1)]

    def _least_shared(self, counts: Sequence[Count]) -> Found:
        """The plan that shares the fewest bookings with all plans together."""
        if any(count.at_least and not len(count.columns) for count in counts):
            return Found(None, None, None, impossible=True)
        if any(count.at_most is not None and count.at_most < 0 for count in counts):
            return Found(None, None, None, impossible=True)
        return self.near_best.ask(Question(counts=counts, toward=self._weights()))

    def _weights(self) -> list[tuple[int, Ints]]:
        times = np.zeros(len(self.near_best.near.program.ids), dtype=np.int64)
        for counts in self.former:
            times[[*counts]] += 1
        return [(-many, self.near_best.of(np.flatnonzero(times == many))) for many in range(1, len(self.former) + 1)]

    def _best_with(self, plan: Booked, caps: Sequence[Count]) -> Booked:
        """The plan worth most that shares no other names than this one does."""
        near, kept = self.near_best.near, self.near_best.booked(plan)
        if not self.whole:
            return plan
        out = self.near_best.of([name for name in self.names if name not in kept])
        found = self.near_best.ask(Question(out=out, counts=[*caps, *self._no_more(kept)]), gap=self.gap)
        better = found.plan is not None and near.program.worth(found.plan) > near.program.worth(plan)
        return found.plan if better and found.plan is not None else plan

    def _no_more(self, kept: dict[int, Fraction]) -> list[Count]:
        """No more bookings of segments that are shared."""
        named = self.near_best.named
        segments = [(name, count) for name, count in kept.items() if name in self.names and not named[name]]
        return [Count(self.near_best.of([name]), at_most=int(count)) for name, count in segments]
