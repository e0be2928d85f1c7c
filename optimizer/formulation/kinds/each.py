"""Rules for each single creator (`per: creator`), or for the bookings of each talent, however many there are.

Such a rule has one row that counts the bookings that break it by themselves. Its rows for single creators or talents
are added where a solution breaks them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

import numpy as np

from optimizer.domain.constraints import Constraint
from optimizer.domain.exact import Flags, Ints
from optimizer.domain.pool import CREATOR, TALENT
from optimizer.formulation.counting import Counting, fault
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.kinds.amounts import AmountRule, Measured, Nearest, measured_of
from optimizer.formulation.kinds.rule import Adding, Slope
from optimizer.formulation.supply import Supply
from optimizer.formulation.terms import Booked, Row, Term
from optimizer.formulation.values import Values, values_by

_ALIKE_MOST = 300  # creators who get their row early because another one broke theirs


@dataclass(frozen=True, eq=False)
class EachRule(Measured):
    """A constraint on the bookings of each key of `by`, as `value = lead * measured / base` of these.

    The keys are talents; or what is booked (a creator, or a step of a segment), each booking of which is held by
    itself. For a share, `base` is a total of the plan; for a ratio, a total of the key's bookings; otherwise a number.
    `whole` and `single` (n,) say which columns are integer, and which are booked once at most.
    """

    by: Values
    whole: Flags
    single: Flags

    @property
    def is_share(self) -> bool:
        """Whether a key is compared with a total of the plan, which is not known beforehand."""
        return self.constraint.kind == "share" and isinstance(self.base, Term)

    def base_of(self, members: Ints | None) -> Fraction | Term:
        """The base of the key that has these bookings."""
        if isinstance(self.base, Term) and not self.is_share:
            return replace(self.base, members=members)
        return self.base

    def values(self, plan: Booked) -> list[tuple[int, Fraction, Fraction]]:
        """For each key that a plan books, and for each booking that is held by itself: its key, `lead * measured`, and
        `base`."""
        keys, places = self.by.pairs_of(plan.columns)
        columns, counts = plan.columns[places], plan.counts[places].tolist()
        apart = self.by.anonymous[columns]
        own = self.base.values[columns].tolist() if isinstance(self.base, Term) else [0] * len(places)
        sums: dict[tuple[int, int], tuple[int | Fraction, int | Fraction]] = {}
        measured = self.measured.values[columns].tolist()
        slots = zip(keys.tolist(), np.where(apart, columns, -1).tolist(), counts, measured, own, strict=True)
        for key, alone, count, value, base in slots:
            times = count if alone < 0 else 1
            before = sums.get((key, alone), (0, 0))
            sums[key, alone] = before[0] + value * times, before[1] + base * times
        whole = self.base if isinstance(self.base, Fraction) else self.base.total(plan) if self.is_share else None
        found = [
            (key, self.lead * total, Fraction(base) if whole is None else whole)
            for (key, _), (total, base) in sums.items()
        ]
        return sorted(found, key=lambda value: value[0])

    def nearest(self, plan: Booked) -> Nearest:
        """The key, or the booking, with the least room."""
        low, high = self.constraint.at_least, self.constraint.at_most

        def room(found: tuple[int, Fraction, Fraction]) -> Fraction:
            _, value, base = found
            rooms = [value - low * base] if low is not None else []
            return min(rooms + ([high * base - value] if high is not None else []))

        every = self.values(plan)
        if not every:
            return Nearest(Fraction(0), Fraction(0))
        key, value, base = min(every, key=room)
        return Nearest(value / self.lead, base, self.by.column_of(key), self.by.name(key))

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        broken = (self.outside(value, base) for _, value, base in self.values(plan))
        return next(filter(None, broken), "")

    def forbidden(self) -> Ints:
        """The bookings that break the rule whatever else is booked; none for a share."""
        members, high = self.by.members, self.constraint.at_most
        breaks = self._is_below
        if high is not None and not self.is_share:
            breaks = breaks | (self._signs_over(members, high) > 0)
        settles = self._settled[members]
        if self.constraint.kind != "ratio" and self.measured.values[members].min(initial=0) >= 0:
            settles |= self.whole[members]
        return members[breaks & settles]

    def below(self) -> Ints:
        """The bookings that are below the lower bound by themselves; none for a share."""
        return self.by.members[self._is_below]

    @property
    def _is_below(self) -> Flags:
        members, low = self.by.members, self.constraint.at_least
        if low is None or self.is_share:
            return np.zeros(len(members), dtype=np.bool_)
        below: Flags = self._signs_over(members, low) < 0
        return below

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        """The row of the bookings that break the rule by themselves."""
        forbidden = self.forbidden()
        if len(forbidden):
            yield Row(at, (indicators.counted(1, forbidden),), None, 0)

    def rows_against(self, plan: Booked, at: int) -> Iterator[Row]:
        """The rows of keys that break the rule, and of those that may total as much, if these are few."""
        keys = self._with_rows
        values = self.values(plan) if len(keys) else ()
        broken = {key: value for key, value, base in values if self.outside(value, base)}
        if not broken:
            return
        if self.constraint.kind != "ratio":
            least = ceil(min(broken.values()) / self.lead)
            alike = np.intersect1d(keys, self.by.all_keys[self._most >= least])
            broken |= dict.fromkeys(alike.tolist() if len(alike) <= _ALIKE_MOST else (), Fraction(0))
        yield from self._rows_of(np.intersect1d(keys, list(broken)), at)

    def all_rows(self, at: int) -> Iterator[Row]:
        """The rows of all keys whose bookings may break the rule together."""
        yield from self._rows_of(self._with_rows, at)

    def of_nobody(self) -> EachRule:
        """The rule over no bookings, which nothing breaks."""
        return replace(self, by=self.by.none())

    def slope(self, row: Row) -> Slope | None:
        """A row of one key has that key's base. The row without a label excludes bookings: its bound is 0, and moves
        with nothing that a planner wrote."""
        if not row.label:
            return None
        return self.moving(self.base_of(row.terms[0].members))

    def breaks(self, at: int, adding: Adding, columns: Ints) -> Flags:
        """Those that would break the rule of their key, and of a share of a total, that of the key with the largest."""
        broken = np.isin(columns, self.forbidden()) | super().breaks(at, adding, columns)
        if not len(self._with_rows):
            return broken
        booked = {key: value / self.lead for key, value, _ in self.values(adding.plan)}
        keys, places = self.by.pairs_of(columns)
        held, beside = np.isin(keys, self._with_rows), np.isin(keys, list(booked))
        first = np.unique(places[held & ~beside])  # of keys without a booking, which one row can judge together
        every = [(self._over(columns[first]), first)]
        every += [(self._one(key), places[keys == key]) for key in np.unique(keys[held & beside]).tolist()]
        for rule, mine in every:
            for row in rule.rows_over(at, self.whole):
                broken[mine] |= adding.breaks_row(row, columns[mine])
        high = self.constraint.at_most
        if not self.is_share or high is None or not isinstance(self.base, Term):
            return broken
        slope = high / self.lead
        room = slope.numerator * self.base.total(adding.plan) - slope.denominator * max(booked.values(), default=0)
        return broken | adding.over([self.base.times(-slope.numerator)], Fraction(room), columns)

    def _one(self, key: int) -> AmountRule:
        """The rule of one key."""
        return self._over(self.by.of(key))

    def _over(self, members: Ints) -> AmountRule:
        """The rule over some bookings as those of one key."""
        measured = replace(self.measured, members=members)
        return AmountRule(self.constraint, None, measured, self.base_of(members), self.lead)

    def _rows_of(self, keys: Ints, at: int) -> Iterator[Row]:
        """The rows that enforce the rule for some keys."""
        for key in keys.tolist():
            for row in self._one(key).rows_over(at, self.whole):
                terms = row.terms
                if self.is_share and isinstance(self.base, Term) and self.by.column == CREATOR and len(terms) == 1:
                    terms = (*terms, self.base.times(0))  # of 0 %: readers of certificates take no booking as forbidden
                yield replace(row, terms=terms, label=self.by.row_label(key, row.bound))

    def _signs_over(self, columns: Ints, bound: Fraction) -> Ints:
        """Whether `lead * measured - bound * base` is above, at or below 0; by floats where they suffice."""
        value = self.measured.values[columns]
        if isinstance(self.base, Fraction):
            limit = bound * self.base / self.lead
            return np.sign(value - floor(limit)) if limit.denominator == 1 else np.where(value > floor(limit), 1, -1)
        base = self.base.values[columns]
        above, below = float(self.lead) * value, float(bound) * base
        signs = np.sign(above - below).astype(np.int64)
        for at in np.flatnonzero(np.abs(above - below) <= 1e-9 * (np.abs(above) + np.abs(below))).tolist():
            exact = self.lead * int(value[at]) - bound * int(base[at])
            signs[at] = int(exact > 0) - int(exact < 0)
        return signs

    @cached_property
    def _settled(self) -> Flags:
        """(n,) The bookings beside which their key has no other that counts with them."""
        anonymous = self.by.anonymous
        return anonymous if anonymous[self.by.bookings].all() else anonymous | (self.single & self.by.alone)

    @cached_property
    def _most(self) -> Ints:
        """What each key can total at most."""
        return self.by.most(self.measured.values)

    @cached_property
    def _with_rows(self) -> Ints:
        """The keys for which the row of forbidden bookings is not enough."""
        if self.is_share:
            return self.by.all_keys
        keys = self.by.keys[~self._settled[self.by.bookings]]
        return keys[np.diff(keys, prepend=-1) > 0]


@dataclass(frozen=True, eq=False)
class Units(Values):
    """The bookings of a group by the unit that they book: a creator, or a step of a segment. Each is another booking.

    `creator` (m,) is the position of a unit in `ids`.
    """

    creator: Ints

    def name(self, key: int) -> str:
        """The creator's or segment's name."""
        return self.ids[int(self.creator[key])]

    def row_label(self, key: int, bound: str) -> str:
        """The name of a unit's row, with the step for a segment's further steps."""
        step = key - int(np.searchsorted(self.creator, self.creator[key]))
        return f"{self.name(key)}, step {step + 1}" if step else self.name(key)


def units_of(supply: Supply, members: Ints) -> Units:
    """The units of a group's bookings (`members`, ascending)."""
    anonymous, unit = np.ones(len(supply.unit), dtype=np.bool_), supply.unit
    return Units(CREATOR, (), supply.ids, unit[members], members, unit, anonymous, supply.creator)


def rules(constraint: Constraint, counting: Counting) -> Iterator[EachRule]:
    """The one rule of a constraint.

    Raises
    ------
    ScenarioError
        If it is a share and something that it holds is booked several times.
    """
    estimates, supply = counting.estimates, counting.supply
    members = np.flatnonzero(estimates.columns.members(constraint.group))
    talents = constraint.for_each == TALENT
    by = values_by(estimates, supply, TALENT, members) if talents else units_of(supply, members)
    measured = measured_of(constraint, counting, members)
    rule = EachRule(constraint, None, *measured, by, supply.whole, supply.single)
    mend = "write an amount, or leave them out with `group`"
    once = supply.whole & (supply.available == supply.parts)[supply.unit]
    if rule.is_share and not talents and not once[members].all():
        told = "a share for each creator needs whole creators; here segments are booked, or parts of creators"
        raise fault(constraint, "each-share", told, mend)
    if rule.is_share and talents and (by.anonymous & ~supply.single).any():
        cause = "a share for each talent needs persons; here segments without a talent are booked several times"
        raise fault(constraint, "each-share", cause, mend)
    yield rule
