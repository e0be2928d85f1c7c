"""How each kind of rule is told: how it stands in a plan, and as a rule of a conflict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, IF, Constraint
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.scenario import Scenario
from optimizer.errors import Place
from optimizer.formulation.kinds.amounts import Measured
from optimizer.formulation.kinds.logic import LogicRule
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.terms import Booked
from optimizer.results.common import ClashingRule
from optimizer.results.plan import ConstraintResult


@dataclass(frozen=True)
class Telling:
    """How a kind of rule is told; `result` takes the scenario, the rule, the plan, and the rule's shadow price."""

    result: Callable[[Scenario, Any, Booked, float], ConstraintResult]
    clashing: Callable[[Any], ClashingRule]


def clashing(rule: Rule) -> ClashingRule:
    """A rule of a conflict, as written."""
    return TELLINGS[rule.constraint.rule_kind].clashing(rule)


def result(scenario: Scenario, rule: Rule, plan: Booked, price: float) -> ConstraintResult:
    """How a rule stands in a plan."""
    return TELLINGS[rule.constraint.rule_kind].result(scenario, rule, plan, price)


def place_of(rule: Rule) -> Place | None:
    """Where a rule is written."""
    return rule.constraint.origin if isinstance(rule.constraint.origin, Place) else None


def _clashing_amount(rule: Measured) -> ClashingRule:
    said = rule.constraint
    return ClashingRule(
        name=said.name,
        per_value=rule.label,
        quantity=said.measure.quantity,
        kind=said.kind,
        of=_of_json(said.of),
        at_least=_float(said.at_least),
        at_most=_float(said.at_most),
        says=_each(said),
        place=place_of(rule),
        or_none=said.or_none,
    )


def _amount(scenario: Scenario, rule: Measured, plan: Booked, price: float) -> ConstraintResult:
    """A rule over quantities, by the value that is nearest to its bound."""
    said, found = rule.constraint, rule.nearest(plan)
    measured, base, quantity = found.measured, found.base, said.measure.quantity
    rooms = []
    if said.at_least is not None:
        rooms.append(measured - said.at_least * base / rule.lead)
    if said.at_most is not None:
        rooms.append(said.at_most * base / rule.lead - measured)
    room = min(rooms) / scenario.scale(rule.measured.measure.quantity)
    value = _shown(scenario, quantity, said.kind, rule.lead * measured / base if base else None)
    if found.idle:
        value, room = 0.0 if said.kind == "share" else 0, Fraction(0)
    group = {**filter_json(said.group)}
    if found.column is not None and found.who is not None:
        group[found.column] = found.who
    return ConstraintResult(
        name=said.name,
        quantity=quantity,
        group=group,
        people=filter_json(said.measure.people),
        kind=said.kind,
        of=_of_json(said.of),
        at_least=_float(said.at_least),
        at_most=_float(said.at_most),
        value=value,
        room=float(room),
        binding=room == 0 and not found.idle,
        shadow_price=price,
        per_value=found.who,
        says=_each(said),
        note=said.note,
        or_none=said.or_none,
    )


def _clashing_logic(rule: LogicRule) -> ClashingRule:
    said = rule.constraint
    return ClashingRule(said.name, None, said.kind, "logic", None, None, None, str(said), place_of(rule))


def _logic(_: Scenario, rule: LogicRule, plan: Booked, price: float) -> ConstraintResult:
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
        says=str(said),
    )


TELLINGS: dict[str, Telling] = {
    "amounts": Telling(_amount, _clashing_amount),
    "each": Telling(_amount, _clashing_amount),
    "logic": Telling(_logic, _clashing_logic),
}


def _each(constraint: Constraint) -> str:
    return "" if constraint.for_each is None else f"each {constraint.for_each}"


def _shown(scenario: Scenario, quantity: str, kind: str, value: Fraction | None) -> float | None:
    """A rule's value; an integer where the quantity is integer."""
    if value is None:
        return None
    whole = kind == "absolute" and scenario.quantities[quantity].whole and value.denominator == 1
    return int(value) if whole else float(value)


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
