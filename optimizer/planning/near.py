"""Questions about plans near the best one: what if somebody is not booked, must be, or costs something else?

All plans that are worth some least value are among a few of many columns: reduced-cost fixing leaves the others out,
exactly. So a question is answered by a program over these alone, built like any other. Where nothing there is worth the
least value, more value is given up, and more columns come in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import count
from math import floor

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import Floats, Ints
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Row, Term
from optimizer.planning.certificate import row_names
from optimizer.planning.questions import Figures, Found, Question, asked_program, easier
from optimizer.solving import lagrangian_bound
from optimizer.solving.clock import Clock
from optimizer.solving.column_generation import relax
from optimizer.solving.engine import Solution, solve
from optimizer.solving.labels import Best, Labelling, best_by_labels, is_listable
from optimizer.solving.proposals import OPTIMAL
from optimizer.solving.reduced_cost_fixing import settled
from optimizer.solving.reduced_problem import settle
from optimizer.solving.scaling import scaled
from optimizer.solving.search import decided

ROUNDS = 2_000  # of work for one question
_WIDER = 4  # so many times as much is given up where a question has no answer yet
_OF_PEOPLE, _ROUNDS_OF_PEOPLE = 1e-4, 100  # the gap and the work of a question where people are counted once
MANY, _FEW = 50_000, 10_000  # columns from which on, and over how many, an answer is looked for first
_ROUNDS_OF_FEW = 100  # of work for it
_UNIT_ROUNDOFF = 2.0**-52
_TIMES = 12  # after which all columns come in
_LEAST = Fraction(1, 10_000)  # of the value that is given up at first


class Near:
    """Answers questions about a solved program (in columns of `estimates`), within the limit of a clock.

    `change` makes of the program of a scenario what was solved, where that is another one, as for a later goal.
    """

    def __init__(self, estimates: Estimates, solution: Solution, clock: Clock) -> None:
        if solution.plan is None:
            raise ValueError("there is no plan whose neighbours could be asked for")
        self.estimates, self.solution, self.program, self.clock = estimates, solution, solution.program, clock
        self.plan, self.prices, self.proved = solution.plan, solution.prices, solution.bound
        self.value = self.program.value(solution.plan)
        self._columns: tuple[tuple[Fraction, Fraction], Ints] | None = None
        self._known = solution.sum_of_prices
        self.change: Callable[[Program], Program] = _unchanged

    def changed(self, change: Callable[[Program], Program]) -> Near:
        """Questions about the same bookings under other rules, which the best plan keeps too.

        Parameters
        ----------
        change
            Makes them the rules of a program, of all columns or of some.
        """
        other = copy(self)
        other._columns = None
        for name in ("bound", "_reduced", "_regrets", "regret", "_open"):
            other.__dict__.pop(name, None)
        other.program, other._known, other.change = change(self.program), None, change
        priced = dict(zip(row_names(self.program), self.prices, strict=True))
        prices = [priced.get(name, 0.0) for name in row_names(other.program)]
        other.prices = lagrangian_bound.project(other.program, prices)
        about = lagrangian_bound.nearly(other.program, other.prices, costs=True)
        if about - float(other.value) > _WIDER * float(self._open):  # these prices say little of the other rules
            relaxed = relax(scaled(other.program), self.clock, begin=self.solution.near)
            if relaxed.status == OPTIMAL and relaxed.prices is not None:
                other.program = relaxed.layout.program
                other.prices = lagrangian_bound.project(other.program, relaxed.prices)
                other.__dict__.pop("bound", None)
        return other

    @cached_property
    def bound(self) -> Fraction:
        """What prices alone prove."""
        return lagrangian_bound.upper_bound(self.program, self.prices) if self._known is None else self._known

    @cached_property
    def _reduced(self) -> tuple[Floats, Floats]:
        return lagrangian_bound.reduced_costs(self.program, self.prices)

    @cached_property
    def _regrets(self) -> tuple[Floats, Floats]:
        return lagrangian_bound.regrets(self.program, self._reduced[0])

    @property
    def reduced_costs(self) -> Floats:
        """(n,) What a booking gains, nearly, at the prices of the rows."""
        return self._reduced[0]

    @property
    def booking_regret(self) -> Floats:
        """(n,) How far below `bound`, nearly, each plan is at least that books a column."""
        return self._regrets[0]

    @cached_property
    def regret(self) -> Floats:
        """(n,) What it costs at least, nearly, to book a column, or to leave it where it is its unit's best choice."""
        column, keep = self._regrets
        both: Floats = np.where(column == 0, keep[self.program.unit], column)
        return both

    def columns(self, least: Fraction, more: Fraction = Fraction(0)) -> Ints:
        """All bookings that plans worth `least` can make, and those that must always be made.

        With `more`, such a plan may be worth so much more than in the program itself.
        """
        if self._columns is not None and self._columns[0] == (least, more):  # as it is for most questions in a row
            return self._columns[1]
        program, prices = self.program, self.prices

        def exactly(columns: Ints) -> tuple[list[int], int]:
            return lagrangian_bound.exact_reduced_costs(program, prices, columns, True)

        room = max(self.bound + more - floor(least), Fraction(0))
        free, fixed = settled(program, *self._reduced, room, exactly)
        found = np.zeros(len(program), dtype=np.bool_)
        found[free], found[fixed.columns] = True, True
        found |= self._always
        columns = np.flatnonzero(found[: program.bookings])
        self._columns = (least, more), columns
        return columns

    def most_with(self, column: int, figures: Mapping[Measure, Ints]) -> Floats:
        """(k - 1,) What no plan that makes a booking once can pass, by prices alone, with any figures between each two
        neighbours of several ones (k,).
        """
        program, estimates = self.program, self.estimates
        k = len(next(iter(figures.values())))
        if self._lifts or not int(program.available[program.unit[column]]) == program.parts == 1:
            return np.full(k - 1, np.inf)

        def changes(terms: Sequence[Term], weight: float) -> tuple[Floats, Floats]:
            mine = [term for term in terms if term.measure in figures and term.inside(np.array([column]))[0]]
            each = [
                weight * term.multiplier * (figures[term.measure] - int(estimates.values[term.measure][column]))
                for term in mine
            ]
            total, size = sum(each, np.zeros(k)), sum(map(np.abs, each), np.zeros(k))
            return np.maximum(total[1:], total[:-1]), np.maximum(size[1:], size[:-1])

        gain, size = changes(program.costs, float(program.objective.sign))
        for row, price in zip(program.rows, self.prices, strict=True):
            if price:
                more, sized = changes(row.terms, -price)
                unsure = abs(price) * (_rounded_away(row) + bool(row.upper == 0 and row.coefficient(column)))
                gain, size = gain + more + unsure, size + sized + unsure
        rc, error = self._reduced
        others = np.flatnonzero((program.unit == program.unit[column]) & (program.most > 0))
        ways = (rc[others] - error[others]).tolist()
        best = max(ways if program.required[program.unit[column]] and ways else [0.0, *ways])
        found = float(self.bound) + (float(rc[column] + error[column]) - best) + gain
        size = size + abs(float(self.bound)) + abs(best) + abs(float(rc[column]))
        most: Floats = found + size * (2 * (len(program.rows) + 16) * _UNIT_ROUNDOFF)
        return most

    @cached_property
    def _lifts(self) -> bool:
        """Whether figures reach other coefficients than those of their booking: what a share's indicator lifts."""
        amounts = (rule.bounded() for rule in self.program.rules)
        return any(amount is not None and amount.lifted for amount in amounts)

    def part(self, columns: Ints, figures: Figures) -> tuple[Program, Ints]:
        """The program over some columns and those that are always needed, with other figures; and the columns."""
        always = np.flatnonzero(self._always[: self.program.bookings])
        columns = self._joined(columns, always)
        return self._built(columns, figures), columns

    def _built(self, columns: Ints, figures: Figures) -> Program:
        """The program over some columns, with the tangents that are known of it."""
        program = build(self.estimates.within(columns, figures)).with_tangents_of(self.program)
        return self.change(program)

    @cached_property
    def _always(self) -> np.ndarray:
        """Bookings that a smaller program needs: of whom must be booked, all steps of segments, and one for each value
        of a rule's `per`, since a rule is made for the values that can be booked.
        """
        program, creators = self.program, self.estimates.columns.creator
        always: np.ndarray = program.required[program.unit] > 0
        segments = [segment.position for segment in self.estimates.scenario.segments]
        always[: program.bookings] |= np.isin(creators, np.array(segments, dtype=np.int64))
        amounts = (rule.bounded() for rule in program.rules if rule.label is not None)
        members = (amount.measured.members for amount in amounts if amount is not None)
        always[[int(mine[0]) for mine in members if mine is not None and len(mine)]] = True
        return always

    def ask(self, question: Question, *, gap: float = 0.0, rounds: int = ROUNDS) -> Found:
        """The best plan of a changed program."""
        more = self._worth_more(question)
        least = question.least if question.enough is None else question.enough[0]
        if question.figures and self._lifts:
            return self.over(question, np.arange(self.program.bookings), gap, rounds)
        if least is not None:
            columns = self.columns(least, more)
            if len(columns) > MANY and question.up_to is None:
                found = self._over_few(question, columns, gap, rounds)
                if found is not None:
                    return found
            return self.over(question, columns, gap, rounds)
        regret = self.regret[question.out]
        lost = 2 * max(Fraction(float(regret[np.isfinite(regret)].max(initial=0.0))), self._open) + max(
            -more, Fraction(0)
        )
        for at in count():
            columns = self.columns(self.value - lost, more)
            whole = at == _TIMES or 2 * len(columns) > np.count_nonzero(self.program.most)
            columns = np.arange(self.program.bookings) if whole else columns
            if len(columns) > MANY and question.up_to is None:
                few = self._over_few(question, columns, gap, rounds)
                if few is not None and few.value is not None and few.value >= self.value - lost:
                    return few
            found = self._best(question, columns, None if whole else self.value - lost, gap, rounds)
            if found is not None:
                return found
            if self.clock.over:
                return Found(None, None, None, impossible=False)
            lost *= _WIDER
        raise AssertionError("the last time is over all columns")

    def _worth_more(self, question: Question) -> Fraction:
        """How much more a plan may be worth, at most, because of other figures; less than nothing where a booking that
        must be made is worth less than what its unit is worth at best.
        """
        more, forced = Fraction(0), question.forced
        for at in question.figures:
            ends = [question.figures[at], (question.up_to or question.figures)[at]]
            changes = [
                {name: value - int(self.estimates.values[name][at]) for name, value in end.items()} for end in ends
            ]
            sign = self.program.objective.sign
            gain = Fraction(max(sign * sum(_changed(term, at, one) for term in self.program.costs) for one in changes))
            for row, price in zip(self.program.rows, map(Fraction, self.prices), strict=True):
                if price:
                    gain += max(-price * sum(_changed(term, at, one) for term in row.terms) for one in changes)
                    gain += abs(price) if row.upper == 0 and row.coefficient(at) else 0  # it may no longer be forbidden
                    more += abs(price) * _rounded_away(row)
            rc, error = self._reduced
            unit = self.program.unit[at]
            mine, available = np.flatnonzero(self.program.unit == unit), int(self.program.available[unit])
            others = mine[self.program.most[mine] > 0]  # the booking as it is among them
            ways = [*map(Fraction, (rc[others] - error[others]).tolist())]
            best = max(ways if self.program.required[unit] and ways else [Fraction(0), *ways])
            own = Fraction(float(rc[at] + error[at])) + gain
            sure = at in forced and available == self.program.parts == 1
            more += own - best if sure else max(Fraction(0), own - best) * available
        return more

    @cached_property
    def _open(self) -> Fraction:
        """How far the best plan is below the prices' bound, or a little: as far as it may be for a question too."""
        return max(self.bound - self.value, _LEAST * abs(self.value), Fraction(1))

    def _best(self, question: Question, columns: Ints, least: Fraction | None, gap: float, rounds: int) -> Found | None:
        """The best plan over some columns; None where it may be worth less than `least`, and others better.

        Its own prices leave fewer of them open.
        """
        columns = self._joined(columns, question.named)
        program = self._asked(question, columns)
        layout = scaled(program)
        relaxed = relax(layout, self.clock)
        if relaxed.status == OPTIMAL and relaxed.prices is not None:
            layout = relaxed.layout
            program = layout.program
            prices = lagrangian_bound.project(program, relaxed.prices)
            bound = lagrangian_bound.upper_bound(program, prices)
            if not question.toward and is_listable(program):
                best = Labelling(program, prices, bound).best(like=self._like(columns), clock=self.clock)
                if best is not None:
                    near = least is None or (best.value is not None and best.value >= least)
                    return self._labelled(best, program, columns) if near else None
            room, before = self._open, 0
            while least is None or bound - room >= least:
                open_ = settle(layout, prices, bound, bound - room)
                few = np.union1d(open_.free, open_.fixed.columns)
                few = np.union1d(few[few < program.bookings], np.flatnonzero(self._always[columns]))
                if 2 * len(few) > len(columns) or len(few) == before:  # all of them say more than hardly any others
                    break
                before = len(few)
                found = self.over(question, columns[few], gap, rounds)
                if found.value is not None and found.value >= bound - room:
                    return found
                room *= _WIDER
        found = self.over(question, columns, gap, rounds)
        return found if least is None or (found.value is not None and found.value >= least) else None

    def _joined(self, *parts: Ints) -> Ints:
        """All of some columns, ascending."""
        inside = np.zeros(self.program.bookings, dtype=np.bool_)
        for part in parts:
            inside[part] = True
        return np.flatnonzero(inside)

    def _over_few(self, question: Question, columns: Ints, gap: float, rounds: int) -> Found | None:
        """The answer over those of many columns that lose least, bounded over all of them by its prices; None where
        there is none.
        """
        regret = self.booking_regret[columns]
        few = np.partition(regret, _FEW)[_FEW]
        nearest = columns[regret <= few][: 2 * _FEW]
        always = np.flatnonzero(self._always[: self.program.bookings])
        nearest = self._joined(nearest, always, question.named)
        found = self._solved(self._asked(question, nearest), question, gap, min(rounds, _ROUNDS_OF_FEW))
        if found.plan is None and question.enough is None:
            return None
        if question.figures:
            columns = self._joined(columns, question.named)
            whole = self._asked(question, columns)
        else:  # built already, and bounded over all columns nearly as well
            whole = asked_program(self.program, question, np.arange(self.program.bookings))
        prices = lagrangian_bound.project(whole, _carried(found, whole))
        bound = lagrangian_bound.best_value(whole, lagrangian_bound.upper_bound(whole, prices))
        if found.plan is None:
            below = question.enough is not None and bound < question.enough[0]
            return Found(None, None, bound, impossible=False) if below else None
        return replace(self._found(found, nearest), bound=bound)

    def over(self, question: Question, columns: Ints, gap: float, rounds: int) -> Found:
        """The answer over some columns, and over those that the question names."""
        columns = self._joined(columns, question.named)
        program = self._asked(question, columns)
        if not question.toward:  # by counts of bookings, too many plans are worth as much
            least, enough = question.enough or (None, None)
            best = best_by_labels(program, self.clock, least=least, enough=enough, like=self._like(columns))
            if best is not None:
                return self._labelled(best, program, columns)
        return self._found(self._solved(program, question, gap, rounds), columns)

    def _like(self, columns: Ints) -> Booked:
        """What the plan books of some columns, in these."""
        here = np.isin(self.plan.columns, columns)
        return Booked(np.searchsorted(columns, self.plan.columns[here]), self.plan.counts[here])

    @staticmethod
    def _labelled(best: Best, program: Program, columns: Ints) -> Found:
        """The best plan over some columns in those of the whole program."""
        bound = lagrangian_bound.best_value(program, best.bound)
        plan = None if best.plan is None else Booked(columns[best.plan.columns], best.plan.counts)
        return Found(plan, best.value, bound, best.impossible)

    def _solved(self, program: Program, question: Question, gap: float, rounds: int) -> Solution:
        if program.overlaps:  # to the last millionth of a person would take for ever
            gap, rounds = max(gap, _OF_PEOPLE), min(rounds, _ROUNDS_OF_PEOPLE)
        clock = self.clock.part(rounds)
        enough = None if question.enough is None else decided(*question.enough)
        return solve(program, gap=gap, clock=clock, polish=False, clash=False, enough=enough)

    @staticmethod
    def _found(found: Solution, columns: Ints) -> Found:
        """A solution over some columns in those of the whole program."""
        program = found.program
        if found.plan is None:
            return Found(None, None, found.bound, found.infeasible and found.proof != "none")
        mine = found.plan.columns < program.bookings
        plan = Booked(columns[found.plan.columns[mine]], found.plan.counts[mine])
        return Found(plan, found.program.value(found.plan), found.bound, impossible=False)

    def _asked(self, question: Question, columns: Ints) -> Program:
        """The program over some columns, changed as a question says."""
        program = self._built(columns, question.figures)
        if question.up_to is not None:
            other = self._built(columns, question.up_to)
            program = easier(program, other, np.searchsorted(columns, [*question.figures]).tolist())
        return asked_program(program, question, columns)


def _unchanged(program: Program) -> Program:
    return program


def _changed(term: Term, column: int, changed: Mapping[Measure, int]) -> int:
    """By how much a coefficient changes with figures."""
    return term.multiplier * changed.get(term.measure, 0) if term.inside(np.array([column]))[0] else 0


def _rounded_away(row: Row) -> int:
    """By how much a bound may have been tightened, at most, to what whole bookings can total."""
    if len(row.terms) != 1:
        return 0
    (term,) = row.terms
    values = term.each
    return max(int(np.gcd.reduce(values, initial=0)) - 1, 0) * abs(term.multiplier)


def _carried(found: Solution, program: Program) -> list[float]:
    """The prices of a solution for the rows of a program over more columns; 0 for rows that it has not. Any prices
    prove some bound.
    """
    known: dict[tuple[int, str, str], list[float]] = {}
    for row, price in zip(found.program.rows, found.prices, strict=True):
        known.setdefault((row.rule, row.label, row.bound), []).append(price)
    return [mine.pop(0) if (mine := known.get((row.rule, row.label, row.bound))) else 0.0 for row in program.rows]
