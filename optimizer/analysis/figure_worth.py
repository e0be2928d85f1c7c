"""Which assumed figures decide: at which other value of one a plan is no longer a best one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.scenario import Assumption, Scenario
from optimizer.errors import ScenarioError
from optimizer.estimation.estimate import Estimates, estimate, trace
from optimizer.formulation.build import build
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.near import Near
from optimizer.results.explanation import FigureWorth
from optimizer.solving.engine import solve
from optimizer.solving.labels import best_by_labels
from optimizer.solving.search import decided

_HALF, _DOUBLE = 0.5, 2.0  # of an own assumption, whose source says no range
_HALVES = 6
_ROUNDS = 1_000


@dataclass(frozen=True)
class _Line:
    """A line of a table of figures, with how far its value may be from what it says, as factors."""

    table: str
    at: int
    line: Assumption
    low: float
    high: float


def lines_of(scenario: Scenario, traced: Estimates) -> Iterator[_Line]:
    """The lines that give figures: those of packs that were used for the plan, and the planner's own."""
    for table, lines in scenario.assume.items():
        for at, line in enumerate(lines):
            said = line.benchmark
            if said is None:
                yield _Line(table, at, line, _HALF, _DOUBLE)
            elif line in traced.used and line.value:
                base = float(said.at(line.level))
                yield _Line(table, at, line, float(said.low) / base, float(said.high) / base)


@dataclass
class FigureQuestions:
    """Questions about the figures of a solved scenario."""

    near: Near

    def every(self) -> tuple[FigureWorth, ...]:
        """What each line of a table of figures decides."""
        near, plan = self.near, self.near.plan
        mine = plan.columns < near.program.bookings
        columns = near.estimates.columns.take(plan.columns[mine])
        scenario = near.estimates.scenario
        return tuple(self.worth(line) for line in lines_of(scenario, trace(scenario, columns)))

    def worth(self, said: _Line) -> FigureWorth:
        """What one line decides."""
        low, high = (self._end(said, end) for end in (said.low, said.high))
        line, benchmark = said.line, said.line.benchmark
        value = _shown(self.near.estimates.scenario, said, 1.0)
        return FigureWorth(
            figure=said.table,
            source=line.source,
            speaks_of=benchmark.whom if benchmark is not None else str(line.where) or "everybody",
            value=value,
            low=_shown(self.near.estimates.scenario, said, said.low),
            high=_shown(self.near.estimates.scenario, said, said.high),
            flips_below=None if low is None else _shown(self.near.estimates.scenario, said, low),
            flips_above=None if high is None else _shown(self.near.estimates.scenario, said, high),
            proved=low is None and high is None and self._is_linear(said),
        )

    def _end(self, said: _Line, end: float) -> float | None:
        """The factor at which the plan stops being a best one, towards an end of the range; None where it stays."""
        if end == 1 or self._stays(said, end):
            return None
        good, bad = 1.0, end
        for _ in range(_HALVES):
            middle = (good * bad) ** 0.5 if good > 0 and bad > 0 else (good + bad) / 2
            good, bad = (middle, bad) if self._stays(said, middle) else (good, middle)
        return good

    def _stays(self, said: _Line, factor: float) -> bool:
        """Whether the plan is still a best one where the figure is so many times as large."""
        changed = self._program(said, factor)
        if changed is None:
            return False
        bookings = self.near.plan.columns < self.near.program.bookings
        plan = changed.settled(Booked(self.near.plan.columns[bookings], self.near.plan.counts[bookings]))
        if not changed.keeps_units(plan) or changed.with_all_rows().failures(plan):
            return False
        slack = max((self.near.proved or self.near.value) - self.near.value, Fraction(1))  # it need be no better itself
        value = changed.value(plan) + slack
        best = best_by_labels(changed, self.near.clock, least=value, enough=value)
        if best is not None:
            return best.plan is None
        clock = self.near.clock.part(_ROUNDS)
        found = solve(changed, gap=0.0, clock=clock, polish=False, clash=False, enough=decided(value, value))
        return found.plan is None or found.program.value(found.plan) < value

    def _program(self, said: _Line, factor: float) -> Program | None:
        """The program with the figure so many times as large; None where that is no scenario any more."""
        scenario = self.near.estimates.scenario
        value: float | int = said.line.value * factor
        line = replace(said.line, value=round(value) if isinstance(said.line.value, int) else value)
        lines = list(scenario.assume[said.table])
        lines[said.at] = line
        try:
            found = estimate(replace(scenario, assume={**scenario.assume, said.table: tuple(lines)}))
        except ScenarioError:
            return None
        if len(found) != len(self.near.estimates):
            return None
        return build(found)

    def _is_linear(self, said: _Line) -> bool:
        """Whether the figure changes the goal alone, and in proportion: then a plan that is a best one at both ends is
        one at each value between.
        """
        programs = [self._program(said, factor) for factor in (said.low, (said.low + said.high) / 2, said.high)]
        if any(program is None for program in programs):
            return False
        low, middle, high = (program for program in programs if program is not None)
        rows = [[row.coefficients(len(one)) for row in one.rows] for one in (low, high)]
        if len(rows[0]) != len(rows[1]) or not all(map(np.array_equal, *rows)):
            return False
        costs = [program.cost_vector() for program in (low, middle, high)]
        size = max(float(np.abs(costs[2]).max(initial=0.0)), 1.0)
        return bool(np.allclose(costs[0] + costs[2], 2 * costs[1], rtol=1e-6, atol=1e-6 * size))


def _shown(scenario: Scenario, said: _Line, factor: float) -> float:
    """The value of a line at a factor, in the unit that planners write."""
    value = said.line.value * factor
    if isinstance(said.line.value, int):  # money
        return float(Fraction(round(value), scenario.currency.scale))
    return float(f"{value:.6g}")
