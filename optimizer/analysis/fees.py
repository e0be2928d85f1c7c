"""At which fees a best plan makes a booking: found by re-solving, to the smallest coin.

A plan that makes the booking keeps the rules, and is worth enough, at the fees of one interval. So plans are asked for
at fees that no interval covers yet, until it is proved that at no other fee there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import floor

import numpy as np

from optimizer.analysis.fee_spans import FeeSpans, last_kept, pairs
from optimizer.domain.constraints import Measure
from optimizer.domain.exact import Ints
from optimizer.estimation.estimate import trace
from optimizer.estimation.repriced import FEE, repriced
from optimizer.formulation.kinds.each import EachRule
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.certificate import row_names
from optimizer.planning.near import MANY, Near
from optimizer.planning.questions import Count, Question
from optimizer.solving.labels import is_listable

FOUND, NONE, OPEN, VAGUE = "found", "none", "open", "vague"
_ASKED_MOST, _LABELLED_MOST = 60, 300  # plans that are asked for, for one booking; and where labels find them
_FEW, _MANY = 60, 1_500  # rounds of work for each: in a large pool, and in one that can be searched to the coin
_GRID = 4_096  # fees that are looked at together
_DOWN = (1, 2, 4)  # below a tie, so many times as far as to where prices shut it out, fees are asked for
_EXACT = 600  # bookings up to which fees are found to the smallest coin
_FINE = 400  # otherwise to one part in so many
_HUNDREDS = 100  # of the currency: what fees are compared with where a fee is small


@dataclass(frozen=True)
class FeeRange:
    """The fees at which a best plan makes a booking, in minor units, as far as they were looked at.

    `intervals` are ascending and apart; the last one ends with None where no fee is too high. Of the fees in `open_` it
    is not known; at any other fee, no best plan makes it.
    """

    intervals: tuple[tuple[int, int | None], ...]
    open_: tuple[tuple[int, int], ...] = ()

    @property
    def highest(self) -> int | None:
        """The highest fee that was found; None without one, or where no fee is too high."""
        return self.intervals[-1][1] if self.intervals else None


@dataclass
class FeeSearch:
    """The search for the fees of one booking (`column`) at which a best plan makes it.

    Without the booking, the best plan is worth `least` or more, and no plan more than `most`.
    """

    near: Near
    column: int
    least: Fraction
    most: Fraction
    asked: int = field(default=0, init=False)
    _found: list[tuple[int, int]] = field(default_factory=list, init=False)
    _left: list[tuple[int, int]] = field(default_factory=list, init=False)
    _none: list[tuple[int, int]] = field(default_factory=list, init=False)
    _last: Booked | None = field(default=None, init=False)  # the plan at the highest fee

    @cached_property
    def own(self) -> int:
        """The fee as it is."""
        estimates = self.near.estimates
        known = estimates.values.get(FEE)
        if known is not None:
            return int(known[self.column])
        one = trace(estimates.scenario, estimates.columns.take(np.array([self.column])))
        return int(one.values[FEE][0])

    @cached_property
    def _spans(self) -> FeeSpans:
        return FeeSpans(self.near, self.most, self.top, self.figures)

    @cached_property
    def top(self) -> int:
        """The highest fee that is looked at: where the booking alone breaks a rule, or far above its own."""
        coin = self.near.estimates.scenario.currency.scale
        low, high = self.own, 64 * max(self.own, _HUNDREDS * coin)
        if self._is_possible(high):
            return high
        if not self._is_possible(low):
            first = self._first(high)
            low, high = first, low if first < low else high
        return last_kept(low, high, self._is_possible, [self._breaking(low, high)])

    def _breaking(self, low: int, high: int) -> int:
        """About the highest fee at which the booking alone keeps the rows, by lines through two fees."""
        (one, place), (other, _) = self._alone(low), self._alone(high)
        crossings = [high]
        for row, again in pairs(one, other):
            if row.upper is not None and again.upper is not None:
                first, last = row.coefficient(place) - row.upper, again.coefficient(place) - again.upper
                if first <= 0 < last:
                    crossings.append(low + (high - low) * -first // (last - first))
        return min(crossings)

    def _first(self, high: int) -> int:
        """The lowest fee up to `high` that no rule for each creator finds too low; 0 where there is none."""
        if not self._is_too_low(0) or self._is_too_low(high):
            return 0
        return last_kept(high, 0, lambda fee: not self._is_too_low(fee), [])

    def _is_too_low(self, fee: int) -> bool:
        program, place = self._alone(fee)
        rules = (rule for rule in program.rules if isinstance(rule, EachRule))
        return any(place in rule.below() for rule in rules)

    def _is_possible(self, fee: int) -> bool:
        program, place = self._alone(fee)
        return bool(program.most[place])

    def _alone(self, fee: int) -> tuple[Program, int]:
        """The program over the booking and whom it must book anyway, at a fee; and the booking's place in it."""
        program, columns = self.near.part(np.array([self.column]), self.figures(fee))
        return program, int(np.searchsorted(columns, self.column))

    def figures(self, fee: int) -> dict[int, dict[Measure, int]]:
        """The booking's measures at a fee."""
        found = self._figures(np.array([fee], dtype=np.int64))
        return {self.column: {measure: int(values[0]) for measure, values in found.items()}}

    def _figures(self, fees: Ints) -> dict[Measure, Ints]:
        """The booking's measures at several fees."""
        estimates = self.near.estimates
        one = estimates.columns.take(np.array([self.column]))
        return repriced(estimates.scenario, one, fees, estimates.values)

    @cached_property
    def _exact(self) -> bool:
        return self.near.program.bookings <= _EXACT

    @cached_property
    def _by_labels(self) -> bool:
        return is_listable(self.near.program)

    @cached_property
    def _step(self) -> int:
        """The width of an interval of fees that is left open in a large pool."""
        return 1 if self._exact else max(self.own // _FINE, 1)

    def range(self, known: Booked | None) -> FeeRange:
        """All fees; `known` is a plan that makes the booking at its own fee, if that is one of the best."""
        if self.near.program.bookings > MANY and not self._by_labels:
            return self._bracketed(known)
        if (known is None or not self._take(known, self.own)) and self._any(0, self.top) != FOUND:
            return FeeRange((), tuple(self._left))
        self._climb()
        for low, high in self._between():
            self._fill(low, high)
        return FeeRange(self._joined(), tuple(sorted(self._left)))

    def _bracketed(self, known: Booked | None) -> FeeRange:
        """Of a large pool: fees that are too high by prices alone, and one below at which the booking is made; what is
        between is left open."""
        end = self._shut(self.least)
        if known is None or not self._take(known, self.own):
            tie = self._shut(self.near.bound)  # about where the booking is worth as much as what it displaces
            reach = max(end - tie, self._step)
            for times in _DOWN:
                fee = max(tie - times * reach, 0)
                if self._ask(fee, fee) == FOUND or not fee:
                    break
        spans, start = self._joined(), 0
        self._left = []
        for low, high in spans:
            self._left += [(start, low - 1)] if start < low else []
            start = self.top + 1 if high is None else high + 1
        self._left += [(start, end - 1)] if start < end else []
        return FeeRange(spans, tuple(self._left))

    def _shut(self, least: Fraction) -> int:
        """The lowest fee from which on prices alone prove that the booking is in no plan worth `least`."""
        low, high = 0, self.top + 1  # from `high` on it is shut
        while low < high:
            fees = np.unique(np.linspace(low, high, _GRID).astype(np.int64))
            worth = self.near.most_with(self.column, self._figures(fees))
            open_ = np.flatnonzero(worth >= np.nextafter(float(least), -np.inf))
            if not len(open_):
                return low
            low, high = int(fees[open_[-1]]), int(fees[open_[-1] + 1])
            if high - low <= 1:
                return high
        return high

    def _climb(self) -> None:
        """Go up to the highest fee: by steps that double until one is too high, then by halves."""
        sure = limit = self._jump()  # too high for sure, and so high that none was found
        high, step = self._highest, max(self.own // 50, self._step)
        while limit > self.top and high + step <= self.top:
            answer = self._any(high + step, self.top)
            if answer == NONE:
                sure = limit = high + step
            high, step = self._highest, 2 * step
        while limit - high > self._step:
            at = (high + limit) // 2
            answer = self._any(at, self.top)
            limit = limit if answer == FOUND else at
            sure = at if answer == NONE else sure
            high = self._highest
        self._left = [(high + 1, sure - 1)] if high + 1 < sure else []

    def _jump(self) -> int:
        """Ask for the plan with the most room in the row that a higher fee breaks first; from where on fees are too
        high for sure.
        """
        high, plan = self._highest, self._last
        row = None if plan is None or high >= self.top else self._broken(plan, high + 1)
        if row is None or not (self._exact or self._by_labels):
            return self.top + 1
        self.asked += 1
        inside = [Count(np.array([self.column]), at_least=1)]
        now = self.figures(high)
        question = Question(counts=inside, figures=now, up_to=self.figures(self.top), least=self.least, room=row)
        answer = self.near.ask(question, rounds=_MANY if self._exact else _FEW)
        if answer.plan is not None:
            self._take(answer.plan, high)
        if answer.bound is None:
            return self.top + 1
        limit = self._limit(row)
        if limit is None:
            return self.top + 1
        room = limit + answer.bound + self._charge(row, high)  # for the booking, beside the least that others take
        end = self.top + 1
        first, last = self._charge(row, high), self._charge(row, end)
        if last <= room:
            return end
        guess = high + floor((end - high) * (room - first) / (last - first)) if last > first else high
        return last_kept(high, end, lambda fee: self._charge(row, fee) <= room, [guess]) + 1

    def _limit(self, name: str) -> Fraction | None:
        """The upper bound of an amount's row, not rounded to what bookings can total; None of another row."""
        program = self.near.program
        at = next((row.rule for own, row in zip(row_names(program), program.rows, strict=True) if own == name), None)
        rule = None if at is None or at < 0 or not program.all_whole else program.rules[at].bounded()
        if rule is None or not isinstance(rule.base, Fraction) or rule.constraint.at_most is None:
            return None
        return rule.constraint.at_most * rule.base / rule.lead

    def _charge(self, name: str, fee: int) -> int:
        """What the booking takes of a row at a fee."""
        program, place = self._alone(fee)
        names = zip(row_names(program), program.rows, strict=True)
        return next((row.coefficient(place) for own, row in names if own == name), 0)

    def _broken(self, plan: Booked, fee: int) -> str | None:
        """A row with an upper bound alone that a plan breaks at a fee."""
        program, inner = self._spans.at(plan, fee)
        failing = {id(row) for row, _ in program.failures(inner) if row.lower is None}
        names = zip(row_names(program), program.rows, strict=True)
        return next((name for name, row in names if id(row) in failing), None)

    @property
    def _highest(self) -> int:
        return max(span[1] for span in self._found)

    def _between(self) -> list[tuple[int, int]]:
        """The fees below the highest one that no interval covers."""
        ends = [(-1, -1), *self._joined()]
        return [(one[1] + 1, other[0] - 1) for one, other in pairwise(ends) if one[1] is not None]

    def _fill(self, low: int, high: int) -> None:
        """Decide on fees that no interval covers: with rules that the booking's own spend helps to keep, they are not
        always among the others.
        """
        waiting = [(low, high)] if low <= high else []
        while waiting:
            low, high = waiting.pop()
            known = len(self._found)
            if self._any(low, high) == FOUND:
                inside = [span for span in self._found[known:] if span[1] >= low and span[0] <= high]
                first, last = min(span[0] for span in inside), max(span[1] for span in inside)
                waiting += [one for one in ((low, first - 1), (last + 1, high)) if one[0] <= one[1]]

    def _any(self, low: int, high: int) -> str:
        """Look for a plan that makes the booking at one of these fees, in halves where all together are too vague."""
        waiting, answer = [(low, high)], NONE
        while waiting:
            low, high = self._undecided(*waiting.pop())
            if low > high:
                continue
            found = self._ask(low, high)
            if found == FOUND:
                return FOUND
            if found == VAGUE:
                middle = (low + high) // 2
                waiting += [(low, middle), (middle + 1, high)]
            answer = OPEN if found == OPEN else answer
        return answer

    def _undecided(self, low: int, high: int) -> tuple[int, int]:
        """What is left of some fees without those at either end at which there is no plan."""
        for first, last in sorted(self._none, reverse=True):
            high = min(high, first - 1) if first <= high <= last else high
        for first, last in sorted(self._none):
            low = max(low, last + 1) if first <= low <= last else low
        return low, high

    def _ask(self, low: int, high: int) -> str:
        """Ask for a plan that makes the booking at one of these fees; where it is not known, they are left open.

        It is vague where rules are kept at some of these fees, each at another one.
        """
        self.asked += 1
        most = _LABELLED_MOST if self._by_labels else _ASKED_MOST
        if self.asked > most or self.near.clock.over:
            self._left.append((low, high))
            return OPEN
        inside = [Count(np.array([self.column]), at_least=1)]
        up_to = self.figures(high) if high > low else None
        question = Question(counts=inside, figures=self.figures(low), up_to=up_to, enough=(self.least, self.most))
        answer = self.near.ask(question, rounds=_MANY if self._exact else _FEW)
        if answer.impossible or (answer.bound is not None and answer.bound < self.least):
            self._none.append((low, high))
            return NONE
        if answer.plan is not None and self._take(answer.plan, low, high):
            return FOUND
        if answer.plan is not None and answer.value is not None and answer.value >= self.most and high > low:
            return VAGUE
        self._left.append((low, high))
        return OPEN

    def _take(self, plan: Booked, low: int = 0, high: int | None = None) -> bool:
        """Take the fees at which a plan is one of the best; whether some of these are among them."""
        span = self._spans.span(plan, low)
        if span is not None and (not self._found or span[1] > self._highest):
            self._last = plan
        self._found += [] if span is None else [span]
        return span is not None and (high is None or (span[1] >= low and span[0] <= high))

    def _joined(self) -> tuple[tuple[int, int | None], ...]:
        """The intervals in order, those that touch as one."""
        joined: list[tuple[int, int]] = []
        for low, high in sorted(self._found):
            if joined and low <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], high))
            else:
                joined.append((low, high))
        endless = self._is_possible(self.top + 1)
        return tuple((low, None if high >= self.top and endless else high) for low, high in joined)
