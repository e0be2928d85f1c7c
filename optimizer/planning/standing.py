"""How each rule stands in a plan, and the rules of a conflict as written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, IF, TOGETHER, Constraint, Logic
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.pool import CREATOR, TALENT
from optimizer.domain.scenario import Scenario
from optimizer.errors import Place
from optimizer.formulation.rules import AnyRule, EachRule, LogicRule, Rule, TalentRule
from optimizer.formulation.terms import Booked, Row, Term
from optimizer.planning.sides import SidedPrices
from optimizer.results.common import ClashingRule
from optimizer.results.plan import ConstraintResult
from optimizer.solving.engine import Solution
from optimizer.solving.highs import Clock


def clashing(rule: AnyRule) -> ClashingRule:
    """A rule of a conflict, as written."""
    said = rule.constraint
    place = said.origin if isinstance(said.origin, Place) else None
    if isinstance(said, Logic):
        return ClashingRule(said.name, None, said.kind, "logic", None, None, None, says(said), place)
    return ClashingRule(
        name=said.name,
        per_value=rule.label,
        quantity=said.measure.quantity,
        kind=said.kind,
        of=_of_json(said.of),
        at_least=_float(said.at_least),
        at_most=_float(said.at_most),
        says=_each(said),
        place=place,
        or_none=said.or_none,
    )


def standings(scenario: Scenario, solution: Solution, clock: Clock) -> tuple[ConstraintResult, ...]:
    """How all rules stand in the plan, with the sides on which their prices hold."""
    found = [standing(scenario, solution, at) for at in range(len(solution.program.rules))]
    if solution.stopped or not any(rule.shadow_price for rule in found):
        return tuple(found)
    sided = SidedPrices(solution, clock, _shadow_price)
    for at, rule in enumerate(found):
        sides = sided.of(at, rule.shadow_price)
        if sides is not None:
            found[at] = replace(rule, price_of=sides.of, price_up=sides.up, price_down=sides.down)
    return tuple(found)


def standing(scenario: Scenario, solution: Solution, at: int) -> ConstraintResult:
    """How one rule stands in the plan."""
    rule, plan = solution.program.rules[at], solution.plan
    if plan is None:
        raise ValueError("there is no plan to measure")
    if isinstance(rule, LogicRule):
        return _logic(rule, plan, _shadow_price(solution, at))
    if isinstance(rule, EachRule | TalentRule):
        return _each_result(scenario, solution, rule, at)
    found = _result(scenario, solution, at, rule, (rule.measured.total(plan), rule.base_total(plan)), rule.label)
    if not rule.is_idle(plan):
        return found
    nothing = 0.0 if rule.constraint.kind == "share" else 0
    return replace(found, value=nothing, room=0.0, binding=False)


def _result(
    scenario: Scenario,
    solution: Solution,
    at: int,
    rule: Rule | EachRule | TalentRule,
    totals: tuple[Fraction | int, Fraction],
    label: str | None,
    column: str | None = None,
) -> ConstraintResult:
    """The result of a rule over quantities, given the measured value and its base; `column` has the `label`."""
    constraint, quantity = rule.constraint, rule.constraint.measure.quantity
    measured, base = totals
    value = rule.lead * measured / base if base else None
    unit = scenario.scale(rule.measured.measure.quantity)
    rooms = []
    if constraint.at_least is not None:
        rooms.append(measured - constraint.at_least * base / rule.lead)
    if constraint.at_most is not None:
        rooms.append(constraint.at_most * base / rule.lead - measured)
    room = min(rooms) / unit
    group = {**filter_json(constraint.group)}
    if constraint.per is not None and label is not None:
        group[column or constraint.per] = label
    return ConstraintResult(
        name=constraint.name,
        quantity=quantity,
        group=group,
        people=filter_json(constraint.measure.people),
        kind=constraint.kind,
        of=_of_json(constraint.of),
        at_least=_float(constraint.at_least),
        at_most=_float(constraint.at_most),
        value=_shown(scenario, quantity, constraint.kind, value),
        room=float(room),
        binding=room == 0,
        shadow_price=_shadow_price(solution, at),
        per_value=label,
        says=_each(constraint),
        note=constraint.note,
        or_none=constraint.or_none,
    )


def _each_result(scenario: Scenario, solution: Solution, rule: EachRule | TalentRule, at: int) -> ConstraintResult:
    """A rule for each booking or talent, by the one with the least room."""
    plan, program, said = solution.plan, solution.program, rule.constraint
    if plan is None:
        raise ValueError("there is no plan to measure")

    def room(found: tuple[int, Fraction, Fraction]) -> tuple[Fraction, int]:
        one, value, base = found
        rooms = [value - said.at_least * base] if said.at_least is not None else []
        rooms += [said.at_most * base - value] if said.at_most is not None else []
        return min(rooms), one

    every = rule.values(plan)
    if not every:
        return _result(scenario, solution, at, rule, (0, Fraction(0)), None)
    one, value, base = min(every, key=room)
    totals = value / rule.lead, base
    if isinstance(rule, TalentRule):
        column = TALENT if rule.talents.is_named(one) else CREATOR
        return _result(scenario, solution, at, rule, totals, rule.talents.name(one), column)
    name = program.ids[int(program.creator[program.unit[one]])]
    return _result(scenario, solution, at, rule, totals, name)


def _logic(rule: LogicRule, plan: Booked, price: float) -> ConstraintResult:
    said = rule.constraint
    parts, then = rule.booked(plan)
    low, high = {AT_MOST_ONE: (None, 1.0), EXACTLY_ONE: (1.0, 1.0)}.get(said.kind, (None, None))
    open_ = sum(parts) == 0 if said.kind == AT_MOST_ONE else said.kind == IF and not all(parts)
    return ConstraintResult(
        name=said.name,
        quantity=said.kind,
        group={},
        people={},
        kind="logic",
        of=None,
        at_least=low,
        at_most=high,
        value=sum(parts) + sum(then),
        room=1.0 if open_ and said.kind == AT_MOST_ONE else 0.0,
        binding=not open_,
        shadow_price=price,
        says=says(said),
    )


def says(rule: Logic) -> str:
    """A logic rule in words."""
    parts = [part_words(part) for part in rule.parts]
    if rule.kind == AT_MOST_ONE:
        return f"at most one of {', '.join(parts)}"
    if rule.kind == EXACTLY_ONE:
        return f"exactly one of {', '.join(parts)}"
    if rule.kind == TOGETHER:
        return f"all or none of {', '.join(parts)}"
    return f"if {' and '.join(parts)}, then {' and '.join(part_words(part) for part in rule.then)}"


def part_words(part: Filter) -> str:
    """A part of a logic rule in words: a handle, or what a filter asks."""
    return ", ".join(str(asked) if column == CREATOR else f"{column} {asked}" for column, asked in part)


def _each(constraint: Constraint) -> str:
    return "" if constraint.for_each is None else f"each {constraint.for_each}"


def _shown(scenario: Scenario, quantity: str, kind: str, value: Fraction | None) -> float | None:
    """A rule's value; an integer where the quantity is integer."""
    if value is None:
        return None
    whole = kind == "absolute" and scenario.quantities[quantity].whole and value.denominator == 1
    return int(value) if whole else float(value)


def _shadow_price(solution: Solution, at: int) -> float:
    """d objective / d bound as written: the row's price, times the total that a share or a ratio refers to."""
    program, price = solution.program, 0.0
    constraint = program.rules[at].constraint
    if isinstance(constraint, Logic) and constraint.kind in (TOGETHER, IF):
        return 0.0  # there is no bound that could be loosened by one
    rule = program.rules[at]
    logic = isinstance(rule, LogicRule)
    base, lead = (1.0, 1.0) if isinstance(rule, LogicRule) else (_base(rule, solution), float(rule.lead))
    for row, dual in zip(program.rows, solution.prices, strict=True):
        if row.rule != at or not dual:
            continue
        if isinstance(rule, TalentRule):
            base = _base_of_talent(rule, row, solution)
        multiplier = row.terms[0].multiplier if row.terms else 0
        gain = dual if row.lower is not None and row.lower == row.upper else abs(dual)
        price += gain * (1 if logic else multiplier) * base / lead / program.denominator
    return price / 100 if isinstance(rule.constraint, Constraint) and rule.constraint.kind == "share" else price


def _base_of_talent(rule: TalentRule, row: Row, solution: Solution) -> float:
    """The base of one talent's value, in the relaxation."""
    if not row.label:
        return 0.0  # it only excludes bookings
    base = rule.base_of(row.terms[0].members)
    return float(base) if isinstance(base, Fraction) else _relaxed_total(base, solution)


def _base(rule: Rule | EachRule | TalentRule, solution: Solution) -> float:
    """The base of the rule's value, in the relaxation."""
    if isinstance(rule.base, Fraction):
        return float(rule.base)
    if isinstance(rule, EachRule | TalentRule) and not rule.is_share:
        return 0.0  # it only excludes bookings
    return _relaxed_total(rule.base, solution)


def _relaxed_total(term: Term, solution: Solution) -> float:
    columns = np.flatnonzero(solution.relaxed)
    return float(term.at(columns) @ solution.relaxed[columns])


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _of_json(of: Filter | Fraction | None) -> Any:
    if isinstance(of, Filter):
        return filter_json(of) if of else "plan"
    return None if of is None else "budget"


def filter_json(where: Filter) -> Mapping[str, Any]:
    """A filter as the scenario file writes it."""
    shown: dict[str, Any] = {}
    for column, condition in where:
        if isinstance(condition, AnyOf):
            shown[column] = condition.values[0] if len(condition.values) == 1 else list(condition.values)
        else:
            words = {
                "from": condition.at_least,
                "to": condition.at_most,
                "above": condition.above,
                "below": condition.below,
            }
            shown[column] = {word: float(bound.value) for word, bound in words.items() if bound is not None}
    return shown
