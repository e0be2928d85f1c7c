"""The planner's rules over columns: how a plan is checked against them, and the rows that enforce them.

A rule measures a plan without using its rows, so that a fault in deriving the rows is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor, lcm

import numpy as np

from optimizer.domain.constraints import Constraint, Logic
from optimizer.domain.exact import Flags, Ints
from optimizer.formulation.terms import Booked, Row, Term
from optimizer.formulation.values import Values

_ALIKE_MOST = 300  # creators who get their row early because another one broke theirs


@dataclass(frozen=True, eq=False)
class Rule:
    """A constraint, or one value of its `per`, as `value = lead * measured / base` held between bounds.

    `base` is a number (absolute rules: 1; shares of an amount: that amount) or a term (shares and ratios; of amounts
    that are used or not, an indicator). All rules over quantities have this form; their rows are derived from it
    (`rows_of`). The lower bound of a share is lifted where the term `used` is 0; up to `lifted`, its total can be.
    """

    constraint: Constraint
    label: str | None
    measured: Term
    base: Fraction | Term
    lead: Fraction
    used: Term | None = None
    lifted: int = 0

    @property
    def name(self) -> str:
        """The planner's name, with the value of `per`."""
        return self.constraint.name if self.label is None else f"{self.constraint.name} ({self.label})"

    def base_total(self, plan: Booked) -> Fraction:
        """The base that a plan's value is divided by."""
        return self.base.total(plan) if isinstance(self.base, Term) else self.base

    @property
    def drawn_base(self) -> tuple[Term, ...]:
        """The total that a share or a ratio is of, which is as uncertain as what is measured."""
        counts_use = self.constraint.skips_zero and self.used is None
        return (self.base,) if isinstance(self.base, Term) and not counts_use else ()

    def is_idle(self, plan: Booked) -> bool:
        """Whether the rule asks nothing of a plan because its group is not used."""
        used = self.base if self.used is None else self.used
        return self.constraint.skips_zero and isinstance(used, Term) and not used.total(plan)

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        measured = self.measured.total(plan)
        if self.is_idle(plan) and not measured:
            return ""
        return _outside(self, self.lead * measured, self.base_total(plan))


@dataclass(frozen=True, eq=False)
class EachRule:
    """A constraint on each single booking (`per: creator`), as `value = lead * measured / base` of that booking.

    `members` are the bookings that the rule covers. For a share, `base` is a total of the plan; for a ratio, a total of
    the booking itself; otherwise a number.
    """

    constraint: Constraint
    members: Ints
    measured: Term
    base: Fraction | Term
    lead: Fraction
    label: None = None

    @property
    def name(self) -> str:
        """The planner's name."""
        return self.constraint.name

    @property
    def is_share(self) -> bool:
        """Whether a booking is compared with a total of the plan, which is not known beforehand."""
        return self.constraint.kind == "share" and isinstance(self.base, Term)

    def values(self, plan: Booked) -> list[tuple[int, Fraction, Fraction]]:
        """For each booking that the rule covers: its column, `lead * measured`, and `base`."""
        inside = plan.columns[np.isin(plan.columns, self.members)]
        whole = self.base.total(plan) if self.is_share and isinstance(self.base, Term) else Fraction(0)
        return [(at, self.lead * int(self.measured.values[at]), whole or self._own_base(at)) for at in inside.tolist()]

    def _own_base(self, column: int) -> Fraction:
        if self.is_share:
            return Fraction(0)
        return Fraction(int(self.base.values[column])) if isinstance(self.base, Term) else self.base

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        broken = (_outside(self, value, base) for _, value, base in self.values(plan))
        return next(filter(None, broken), "")

    def forbidden(self) -> Ints:
        """The bookings that break the rule whatever else is booked; none for a share."""
        breaks = np.zeros(len(self.members), dtype=np.bool_)
        for bound, sign in ((self.constraint.at_least, -1), (self.constraint.at_most, 1)):
            if bound is not None and not self.is_share:
                breaks |= sign * _signs_over(self, self.members, bound) > 0
        return self.members[breaks]

    def units_against(self, plan: Booked, unit: Ints) -> list[int]:
        """The creators (units) whose booking breaks a share, and those with a booking at least as large, if they are
        few.
        """
        high = self.constraint.at_most
        broken = [column for column, value, base in self.values(plan) if high is not None and value > high * base]
        if not broken:
            return []
        least = min(int(self.measured.values[column]) for column in broken)
        large = np.unique(unit[self.members[self.measured.values[self.members] >= least]])
        return [int(one) for one in (large if len(large) <= _ALIKE_MOST else np.unique(unit[broken]))]

    def row(self, one: int, unit: Ints, at: int, label: str) -> Row:
        """The row that enforces the share of one creator."""
        if not isinstance(self.base, Term) or self.constraint.at_most is None:
            raise TypeError("only a share of a total has a row for each creator")
        slope = self.constraint.at_most / self.lead
        mine = self.members[unit[self.members] == one]
        own = Term(slope.denominator, self.measured.measure, self.measured.values, mine)
        return Row(at, (own, self.base.times(-slope.numerator)), None, 0, label)


@dataclass(frozen=True, eq=False)
class TalentRule:
    """A constraint on the bookings of each talent (`per: talent`), as `value = lead * measured / base` of these.

    For a share, `base` is a total of the plan; for a ratio, a total of the talent's bookings; otherwise a number. A
    segment without a talent stands for many people, so each of its bookings is held by itself. `whole` and `single`
    (n,) say which columns are integer, and which are booked once at most.
    """

    constraint: Constraint
    talents: Values
    measured: Term
    base: Fraction | Term
    lead: Fraction
    whole: Flags
    single: Flags
    label: None = None

    @property
    def name(self) -> str:
        """The planner's name."""
        return self.constraint.name

    @property
    def is_share(self) -> bool:
        """Whether a talent is compared with a total of the plan, which is not known beforehand."""
        return self.constraint.kind == "share" and isinstance(self.base, Term)

    def of_nobody(self) -> TalentRule:
        """The rule over no bookings, which nothing breaks."""
        return replace(self, talents=self.talents.none())

    def one(self, key: int) -> Rule:
        """The rule of one talent."""
        members = self.talents.of(key)
        return Rule(self.constraint, None, replace(self.measured, members=members), self.base_of(members), self.lead)

    def base_of(self, members: Ints | None) -> Fraction | Term:
        """The base of the talent that has these bookings."""
        if isinstance(self.base, Term) and not self.is_share:
            return replace(self.base, members=members)
        return self.base

    def values(self, plan: Booked) -> list[tuple[int, Fraction, Fraction]]:
        """For each talent that a plan books: its key, `lead * measured`, and `base`."""
        keys, places = self.talents.pairs_of(plan.columns)
        taken: dict[int, list[int]] = {}
        apart: list[tuple[int, int]] = []
        for key, place in zip(keys.tolist(), places.tolist(), strict=True):
            column = int(plan.columns[place])
            if not self.is_share and self.talents.anonymous[column]:
                apart.append((key, column))
            else:
                taken.setdefault(key, []).append(place)
        whole = self.base.total(plan) if self.is_share and isinstance(self.base, Term) else None
        found = [(key, *self._measured(_part(plan, mine), whole)) for key, mine in taken.items()]
        one = np.ones(1, dtype=np.int64)
        alone = [(key, *self._measured(Booked(np.array([at]), one), whole)) for key, at in apart]
        return sorted([*found, *alone], key=lambda value: value[0])

    def _measured(self, plan: Booked, whole: Fraction | None) -> tuple[Fraction, Fraction]:
        """`lead * measured` and `base` of some bookings."""
        total = replace(self.measured, members=None).total(plan)
        if whole is not None:
            return self.lead * total, whole
        base = self.base_of(None)
        return self.lead * total, base.total(plan) if isinstance(base, Term) else base

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        broken = (_outside(self, value, base) for _, value, base in self.values(plan))
        return next(filter(None, broken), "")

    def forbidden(self) -> Ints:
        """The bookings that break the rule whatever else is booked; none for a share."""
        members, talents = self.talents.members, self.talents
        breaks = np.zeros(len(members), dtype=np.bool_)
        for bound, sign in ((self.constraint.at_least, -1), (self.constraint.at_most, 1)):
            if bound is not None and not self.is_share:
                breaks |= sign * _signs_over(self, members, bound) > 0
        settles = talents.anonymous[members] | (self.single & talents.alone)[members]
        if self.constraint.kind != "ratio" and self.measured.values[members].min(initial=0) >= 0:
            settles |= self.whole[members]
        return members[breaks & settles]

    def rows_against(self, plan: Booked, at: int) -> Iterator[Row]:
        """The rows of talents that break the rule, and of those who may total as much, if these are few."""
        broken = {key: value for key, value, base in self.values(plan) if _outside(self, value, base)}
        if not broken:
            return
        keys = self._with_rows
        if self.constraint.kind != "ratio":
            least = ceil(min(broken.values()) / self.lead)
            alike = np.intersect1d(keys, self.talents.all_keys[self._most >= least])
            broken |= dict.fromkeys(alike.tolist() if len(alike) <= _ALIKE_MOST else (), Fraction(0))
        yield from self.rows(np.intersect1d(keys, list(broken)), at)

    def all_rows(self, at: int) -> Iterator[Row]:
        """The rows of all talents whose bookings may break the rule together."""
        yield from self.rows(self._with_rows, at)

    def rows(self, keys: Ints, at: int) -> Iterator[Row]:
        """The rows that enforce the rule for some talents."""
        for key in keys.tolist():
            for row in rows_of(self.one(key), at, self.whole):
                yield replace(row, label=f"{self.talents.label(key)}: {row.bound}")

    @cached_property
    def _most(self) -> Ints:
        """What each talent can total at most."""
        return self.talents.most(self.measured.values)

    @cached_property
    def _with_rows(self) -> Ints:
        """The talents for whom the row of forbidden bookings is not enough."""
        if self.is_share:
            return self.talents.all_keys
        settled = self.talents.anonymous | (self.single & self.talents.alone)
        keys = self.talents.keys[~settled[self.talents.bookings]]
        return keys[np.diff(keys, prepend=-1) > 0]


@dataclass(frozen=True, eq=False)
class LogicRule:
    """A rule about who is booked together: the columns of each of its parts."""

    constraint: Logic
    parts: tuple[Ints, ...]
    then: tuple[Ints, ...]
    label: None = None

    @property
    def name(self) -> str:
        """The planner's name."""
        return self.constraint.name

    def booked(self, plan: Booked) -> tuple[list[bool], list[bool]]:
        """Which parts a plan books, and which of `then`."""
        return [bool(np.isin(plan.columns, part).any()) for part in self.parts], [
            bool(np.isin(plan.columns, part).any()) for part in self.then
        ]

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        parts, then = self.booked(plan)
        if self.constraint.keeps(parts, then):
            return ""
        return f"{self.name}: {sum(parts)} of {len(parts)} are booked, and {sum(then)} of {len(then)} that must follow"


AnyRule = Rule | EachRule | TalentRule | LogicRule


def _outside(rule: Rule | EachRule | TalentRule, value: Fraction, base: Fraction) -> str:
    """How `value / base` lies outside the rule's bounds; empty if it lies inside."""
    low, high = rule.constraint.at_least, rule.constraint.at_most
    shown = f"{float(value / base):.6g}" if base else f"{float(value):.6g} of nothing"
    if low is not None and value < low * base:
        return f"{rule.name}: {shown} is below {float(low):g}"
    if high is not None and value > high * base:
        return f"{rule.name}: {shown} is above {float(high):g}"
    return ""


def _signs_over(rule: EachRule | TalentRule, columns: Ints, bound: Fraction) -> Ints:
    """Whether `lead * measured - bound * base` is above, at or below 0; by floats where they suffice."""
    value = rule.measured.values[columns]
    if isinstance(rule.base, Fraction):
        limit = bound * rule.base / rule.lead
        return np.sign(value - floor(limit)) if limit.denominator == 1 else np.where(value > floor(limit), 1, -1)
    base = rule.base.values[columns]
    above, below = float(rule.lead) * value, float(bound) * base
    signs = np.sign(above - below).astype(np.int64)
    for at in np.flatnonzero(np.abs(above - below) <= 1e-9 * (np.abs(above) + np.abs(below))).tolist():
        exact = rule.lead * int(value[at]) - bound * int(base[at])
        signs[at] = int(exact > 0) - int(exact < 0)
    return signs


def _part(plan: Booked, places: Iterable[int]) -> Booked:
    """Some bookings of a plan, by their places in it."""
    chosen = np.array(sorted(places), dtype=np.int64)
    return Booked(plan.columns[chosen], plan.counts[chosen])


def rows_of(rule: Rule, at: int, whole: Flags) -> Iterator[Row]:
    """The rows of a rule over quantities: `lead * measured - bound * base` against 0, in integers.

    With a constant base, both bounds fit in one row and are rounded to the integers inside. A share or a ratio makes
    one row per bound, multiplied by its total, which is never negative (Charnes and Cooper, 1962). `whole` (n,) says
    which columns are integer.
    """
    low, high = rule.constraint.at_least, rule.constraint.at_most
    if isinstance(rule.base, Fraction):
        lower, upper = (None if bound is None else bound * rule.base / rule.lead for bound in (low, high))
        yield from _rows_between(rule, at, lower, upper, whole)
    elif low is not None and low == high and rule.used is None:
        yield Row(at, _difference(rule, low), 0, 0)
    else:
        if low is not None and rule.used is not None:
            lift = rule.lifted * (low / rule.lead).numerator
            yield Row(at, (*_difference(rule, low), rule.used.times(-lift)), -lift, None)
        elif low is not None:
            yield Row(at, _difference(rule, low), 0, None)
        if high is not None:
            yield Row(at, _difference(rule, high), None, 0)


def _rows_between(rule: Rule, at: int, low: Fraction | None, high: Fraction | None, whole: Flags) -> Iterator[Row]:
    """The rows of a rule over amounts. With whole bookings, totals are multiples of the values' common divisor, and the
    bounds are tightened to those; otherwise the row is scaled until its bounds are integers.

    Bounds that cross make two rows, so that dual prices can prove the conflict.
    """
    members = slice(None) if rule.measured.members is None else rule.measured.members
    if whole[members].all():
        step = max(int(np.gcd.reduce(rule.measured.values[members], initial=0)), 1)
        term = rule.measured
        lower = None if low is None else ceil(low / step) * step
        upper = None if high is None else floor(high / step) * step
    else:
        factor = lcm(*(bound.denominator for bound in (low, high) if bound is not None))
        term = rule.measured.times(factor)
        lower = None if low is None else int(low * factor)
        upper = None if high is None else int(high * factor)
    if lower is not None and upper is not None and lower > upper:
        yield Row(at, (term,), lower, None)
        yield Row(at, (term,), None, upper)
    else:
        yield Row(at, (term,), lower, upper)


def _difference(rule: Rule, bound: Fraction) -> tuple[Term, ...]:
    if not isinstance(rule.base, Term):
        raise TypeError("only a rule over a total is a difference")
    slope = bound / rule.lead
    terms = (rule.measured.times(slope.denominator), rule.base.times(-slope.numerator))
    return tuple(term for term in terms if term.multiplier)
