"""What rules are worth: the range in which a price holds, the gain of a stated step, and of dropping the rule."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np

from optimizer.domain.quantities import MONEY
from optimizer.domain.scenario import Scenario
from optimizer.formulation.kinds.amounts import AmountRule
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.program import Program
from optimizer.planning.loosening import Change, shares_of, with_changes, without
from optimizer.planning.near import Near
from optimizer.planning.questions import Found, Question
from optimizer.results.explanation import RuleWorth
from optimizer.results.plan import ConstraintResult
from optimizer.solving.clock import Clock
from optimizer.solving.column_generation import relax
from optimizer.solving.proposals import OPTIMAL
from optimizer.solving.scaling import scaled

_MONEY_STEP, _POINT, _PART = 100, Fraction(1, 100), Fraction(1, 100)
_HALVES = 9  # of how far a bound is moved on each side
_FAR = 2  # how many times its own size that is at most
_ALIKE = 1e-7
_RANGED_MOST = 20_000  # columns over which ranges of prices are looked for


@dataclass
class RuleQuestions:
    """Questions about the rules of a solved scenario; `standing` says how each stands in its plan."""

    near: Near
    standing: tuple[ConstraintResult, ...]
    gap: float = 0.0
    _without: dict[str, tuple[float | None, bool]] = field(default_factory=dict, init=False)

    def worth(self, at: int) -> RuleWorth:
        """What the rule at a position is worth."""
        scenario, rule, stands = self.near.estimates.scenario, self.near.program.rules[at], self.standing[at]
        moved = _Moved.of(rule, stands)
        low = high = None
        if moved is not None and stands.shadow_price:
            low, high = self._range(moved, stands)
        step = None if moved is None else _step(scenario, moved.rule, moved.bound)
        dropped, dropped_proved = self._dropped(rule.constraint.name)
        stepped, step_proved = None, True
        if moved is not None and step is not None:
            sure = dropped == 0.0 and dropped_proved and not shares_of(self.near.program, moved.rule)
            stepped, step_proved = (0.0, True) if sure else self._gain(moved.by(step), [at])  # to drop it gains no less
        return RuleWorth(
            name=rule.constraint.name,
            per_value=rule.label,
            binding=stands.binding,
            price=stands.shadow_price,
            price_of=stands.price_of or (moved.key if moved is not None else None),
            price_from=low,
            price_to=high,
            bound=None if moved is None else float(moved.bound),
            step=None if step is None else float(step),
            step_value_change=stepped,
            step_proved=step_proved,
            dropped_value_change=dropped,
            dropped_proved=dropped_proved,
            unit=_unit(scenario, rule),
        )

    def _dropped(self, name: str) -> tuple[float | None, bool]:
        """What the best plan gains without a rule as the planner wrote it, and whether that is proved."""
        if name not in self._without:
            named = [at for at, one in enumerate(self.near.program.rules) if one.constraint.name == name]
            self._without[name] = (0.0, True) if name in self._idle else self._gain(_dropping([name]), named)
        return self._without[name]

    @cached_property
    def _idle(self) -> frozenset[str]:
        """The names of rules without which it is proved that no plan is better.

        Without several together no plan is worth less than without one. So all that have room and no price are dropped
        at once; where that gains something, each half of them.
        """
        rules = [rule.constraint.name for rule in self.near.program.rules]
        weigh = {
            name for name, stands in zip(rules, self.standing, strict=True) if stands.binding or stands.shadow_price
        }
        idle: set[str] = set()
        waiting = [[name for name in dict.fromkeys(rules) if name not in weigh]]
        while waiting and not self.gap:
            names = waiting.pop()
            if len(names) < 2:  # it is asked for anyway
                continue
            found = self._found(_dropping(names))
            if found.bound is not None and found.bound <= self.near.value:
                idle |= {*names}
            else:
                waiting += [names[: len(names) // 2], names[len(names) // 2 :]]
        return frozenset(idle)

    def _found(self, change: Callable[[Program], Program]) -> Found:
        """The best plan under changed rules."""
        near = self.near
        return near.changed(change).ask(Question(least=near.value if self._is_large else None), gap=self.gap)

    @property
    def _is_large(self) -> bool:
        return self.near.program.bookings > _RANGED_MOST

    @cached_property
    def _charging(self) -> frozenset[int]:
        """The rules that have a price, or that alone forbid a booking."""
        near = self.near
        return frozenset(
            row.rule
            for row, price in zip(near.program.rows, near.prices, strict=True)
            if price or ((alone := row.forbids(near.program.whole)) is not None and len(alone))
        )

    def _gain(self, change: Callable[[Program], Program], rules: Collection[int]) -> tuple[float | None, bool]:
        """What the best plan gains if some rules are changed, and whether that is proved; None where it was not found.

        In a large pool the plan is within the gap of what prices prove. Where none of the rules has one, they prove the
        same without it, and a search would only better the plan itself.
        """
        near = self.near
        program = near.program
        moving = {*rules, *(one for at in rules for one in shares_of(program, program.rules[at]))}
        if self._is_large and self.gap and not program.indicators and self._charging.isdisjoint(moving):
            return 0.0, near.bound <= near.value  # what cases proved may rest on the rule
        found = self._found(change)
        value = near.value if found.value is None else max(found.value, near.value)
        proved = found.bound == value and near.proved == near.value
        return float((value - near.value) / near.program.denominator), proved

    def _range(self, moved: _Moved, stands: ConstraintResult) -> tuple[float | None, float | None]:
        """From where to where of the bound its price holds, by relaxations with other bounds."""
        if self._is_large:
            return None, None
        per_unit = 100 if moved.rule.constraint.kind == "share" else 1
        loosens = 1 if moved.key == "at_most" else -1
        gains = {-1: stands.price_down, 1: stands.price_up}
        if stands.price_of is None:
            gains = {way: way * loosens * stands.shadow_price for way in gains}
        low, high = (
            float(moved.bound) if gain is None else _end(self.near.program, moved, way, gain * per_unit)
            for way, gain in gains.items()
        )
        return low, high


@dataclass(frozen=True)
class _Moved:
    """A rule with a bound that can be moved: `bound` of `key`, as written."""

    rule: AmountRule
    name: str
    key: Literal["at_most", "at_least"]
    bound: Fraction

    @classmethod
    def of(cls, said: Rule, stands: ConstraintResult) -> _Moved | None:
        rule = said.bounded()
        if rule is None or rule.constraint.at_least == rule.constraint.at_most:
            return None
        low, high = rule.constraint.at_least, rule.constraint.at_most
        key: Literal["at_most", "at_least"] = "at_most" if high is not None else "at_least"
        if stands.price_of == "at_least" and low is not None:
            key = "at_least"
        budget = rule.constraint.budget
        bound = budget.written if budget is not None and key == "at_most" else high if key == "at_most" else low
        return None if bound is None else cls(rule, said.name, key, bound)

    def to(self, bound: Fraction) -> Callable[[Program], Program]:
        """The change of the bound to another one."""

        def change(program: Program) -> Program:
            at = _position(program, self.name)
            return program if at is None else with_changes(program, [Change(program.rules[at], at, self.key, bound)])

        return change

    def by(self, step: Fraction) -> Callable[[Program], Program]:
        """The change that loosens the bound by a step."""
        return self.to(self.bound + step if self.key == "at_most" else max(self.bound - step, Fraction(0)))


def _position(program: Program, name: str) -> int | None:
    """Where a rule is; None where a program over some columns does not have it."""
    return next((at for at, rule in enumerate(program.rules) if rule.name == name), None)


def _dropping(names: Collection[str]) -> Callable[[Program], Program]:
    """The change that drops rules as the planner wrote them: for all values that they hold for."""

    def change(program: Program) -> Program:
        return without(program, [at for at, one in enumerate(program.rules) if one.constraint.name in names])

    return change


def _step(scenario: Scenario, rule: AmountRule, bound: Fraction) -> Fraction | None:
    """By how much a bound is loosened: 100 of the currency, a percentage point, a person; else a hundredth of it."""
    quantity = scenario.quantities.get(rule.constraint.measure.quantity)
    if rule.constraint.kind == "share":
        return _POINT
    if rule.constraint.kind == "ratio" or quantity is None:
        return bound * _PART or None
    if quantity.unit == MONEY:
        return Fraction(_MONEY_STEP)
    return Fraction(1) if quantity.whole or bound < 1 / _PART else Fraction(round(bound * _PART))


def _unit(scenario: Scenario, rule: Rule) -> str:
    """The unit of a rule's bound: `money`, `share`, `ratio`, or `count`; empty for a rule without one."""
    amount = rule.bounded()
    if amount is None:
        return ""
    if amount.constraint.kind != "absolute":
        return amount.constraint.kind
    quantity = scenario.quantities.get(amount.constraint.measure.quantity)
    return "money" if quantity is not None and quantity.unit == MONEY else "count"


def _relaxed(program: Program, moved: _Moved, bound: Fraction) -> float | None:
    """The value of the relaxation at another bound; None where it has none."""
    program = moved.to(bound)(program)
    found = relax(scaled(program), Clock())
    if found.status != OPTIMAL or found.x is None:
        return None
    return float(program.cost_vector() @ found.x) / program.denominator


def _end(program: Program, moved: _Moved, way: int, gain: float) -> float | None:
    """The bound up to which a gain per unit holds, in one direction; None where no end was found.

    The value is concave in the bound, so that halves lead to where its slope changes.
    """
    start, first = moved.bound, _relaxed(program, moved, moved.bound)
    size, is_share = max(abs(start), Fraction(1)), moved.rule.constraint.kind == "share"
    far = Fraction(0) if way < 0 else Fraction(1) if is_share else start + size * _FAR

    def holds(bound: Fraction) -> bool:
        value = _relaxed(program, moved, bound)
        line = (first or 0.0) + gain * float(abs(bound - start))
        return value is not None and bool(np.isclose(value, line, rtol=_ALIKE, atol=_ALIKE))

    if first is None or far == start or holds(far):
        return None
    low, high = start, far
    for _ in range(_HALVES):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return float(low)
