"""From a scenario and its estimates to the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import lcm

import numpy as np

from optimizer.domain.constraints import Constraint, Logic, Measure, Objective
from optimizer.domain.exact import Ints
from optimizer.domain.filters import Filter
from optimizer.domain.pool import CREATOR, TALENT
from optimizer.domain.quantities import RATIOS
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.counting import Counting, fault
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.logic import logic_rows
from optimizer.formulation.per import ByValue
from optimizer.formulation.program import Aim, Program
from optimizer.formulation.rules import AnyRule, EachRule, LogicRule, Rule, TalentRule, rows_of
from optimizer.formulation.supply import Supply, supply_of
from optimizer.formulation.terms import Row, Term
from optimizer.formulation.used import used_or_not
from optimizer.formulation.values import values_by

MOST_VALUES = 1_000  # rows that one `per` may make
BLANK = "(none)"


def build(estimates: Estimates) -> Program:
    """Build the program of a scenario.

    Raises
    ------
    ScenarioError
        If a `per` would make more than `MOST_VALUES` rows, or a rule needs whole bookings where there are parts.
    """
    scenario, supply = estimates.scenario, supply_of(estimates)
    counting = Counting(estimates, supply, Indicators(supply))
    indicators = counting.indicators
    aim, *later = (aim_of(objective, counting) for objective in scenario.objectives)
    rules = tuple(rule for constraint in scenario.constraints for rule in rules_of(constraint, counting))
    rows = [
        *indicators.tied(),
        *(row for at, rule in enumerate(rules) for row in _rows(rule, at, indicators)),
        *indicators.orders(),
    ]
    return indicators.program(
        Program(
            unit=supply.unit,
            most=np.zeros(0, dtype=np.int64),
            whole=supply.whole,
            available=supply.available,
            required=supply.required,
            objective=aim.objective,
            costs=aim.costs,
            denominator=aim.denominator,
            later=tuple(later),
            rules=rules,
            rows=(),
            creator=supply.creator,
            ids=scenario.pool.ids,
            parts=supply.parts,
        ),
        rows,
    )


def aim_of(objective: Objective, counting: Counting) -> Aim:
    """A goal's terms over one common denominator."""
    scenario = counting.estimates.scenario
    weights = [(name, weight / scenario.scale(name)) for name, weight in objective.weights]
    denominator = lcm(*(weight.denominator for _, weight in weights))
    terms = (counting.term(Measure(name), None).times(int(weight * denominator)) for name, weight in weights)
    return Aim(objective, tuple(terms), denominator)


def rules_of(constraint: Constraint | Logic, counting: Counting) -> Iterator[AnyRule]:
    """The rules of a constraint: one, or one for each value of `per`."""
    estimates = counting.estimates
    if isinstance(constraint, Logic):
        yield _logic_rule(constraint, estimates, counting.supply)
    elif constraint.per is None:
        members = np.flatnonzero(estimates.members(constraint.group)) if constraint.group else None
        yield _rule(constraint, None, counting, members)
    elif constraint.for_each == CREATOR:
        yield _each_rule(constraint, counting)
    elif constraint.for_each == TALENT:
        yield _talent_rule(constraint, counting)
    else:
        yield from _rules_per_value(constraint, counting)


def _rule(constraint: Constraint, label: str | None, counting: Counting, members: Ints | None) -> Rule:
    rule = Rule(constraint, label, *_measured(constraint, counting, members))
    return used_or_not(rule, counting.indicators) if constraint.skips_zero else rule


def _rules_per_value(constraint: Constraint, counting: Counting) -> Iterator[Rule]:
    split = ByValue(constraint, counting.estimates)
    values = split.values()
    if len(values) > MOST_VALUES:
        cause = f"`per: {constraint.per}` would make {len(values):,} rules; at most {MOST_VALUES:,} are allowed"
        raise fault(constraint, "per-too-many", cause, "name the values that matter with `among: [...]`")
    own = {value: (low, high) for value, low, high in constraint.own}
    for value in values:
        low, high = own.get(value, (constraint.at_least, constraint.at_most))
        bounded = replace(constraint, at_least=low, at_most=high)
        yield _rule(bounded, value, counting, split.members(value))
    given = constraint.among is None and not constraint.own
    if given and constraint.at_most not in (None, constraint.at_least):
        blanks, bounded = split.blank(), replace(constraint, at_least=None)
        if len(blanks):
            yield _rule(bounded, BLANK, counting, blanks)


def _whole(constraint: Constraint, estimates: Estimates) -> Ints | None:
    """The bookings that a share refers to; None for all of them, and if it does not refer to bookings."""
    if not isinstance(constraint.of, Filter) or not constraint.of:
        return None
    return np.flatnonzero(estimates.members(constraint.of))


def _measured(
    constraint: Constraint, counting: Counting, members: Ints | None
) -> tuple[Term, Fraction | Term, Fraction]:
    """The measured term, its base, and the factor `lead` between their units."""
    scenario, measure, term = counting.estimates.scenario, constraint.measure, counting.term
    ratio = RATIOS.get(measure.quantity)
    if ratio is not None:
        above, below = Measure(ratio.numerator), Measure(ratio.denominator)
        lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
        return term(above, members), term(below, members), lead
    if isinstance(constraint.of, Filter):
        whole = _whole(constraint, counting.estimates)
        return term(measure, members, constraint), term(Measure(measure.quantity), whole, constraint), Fraction(1)
    amount = Fraction(1) if constraint.of is None else constraint.of
    return term(measure, members, constraint), amount, Fraction(1, scenario.scale(measure.quantity))


def _each_rule(constraint: Constraint, counting: Counting) -> EachRule:
    supply = counting.supply
    members = np.flatnonzero(counting.estimates.members(constraint.group))
    rule = EachRule(constraint, members, *_measured(constraint, counting, members))
    several = (supply.available[supply.unit[members]] != supply.parts) | ~supply.whole[members]
    if rule.is_share and several.any():
        cause = "a share for each creator needs whole creators; here segments are booked, or parts of creators"
        raise fault(constraint, "each-share", cause, "write an amount, or leave them out with `group`")
    return rule


def _talent_rule(constraint: Constraint, counting: Counting) -> TalentRule:
    estimates, supply = counting.estimates, counting.supply
    members = np.flatnonzero(estimates.members(constraint.group))
    talents, single = values_by(estimates, supply, TALENT, members), supply.single
    rule = TalentRule(constraint, talents, *_measured(constraint, counting, members), supply.whole, single)
    if rule.is_share and (talents.anonymous & ~single).any():
        cause = "a share for each talent needs persons; here segments without a talent are booked several times"
        raise fault(constraint, "each-share", cause, "write an amount, or leave them out with `group`")
    return rule


def _logic_rule(constraint: Logic, estimates: Estimates, supply: Supply) -> LogicRule:
    parts = tuple(np.flatnonzero(estimates.members(part)) for part in constraint.parts)
    then = tuple(np.flatnonzero(estimates.members(part)) for part in constraint.then)
    if not all(supply.whole[part].all() for part in (*parts, *then)):
        cause = "a rule about who is booked together needs whole bookings; here creators are booked in parts"
        raise fault(constraint, "logic-in-parts", cause, "remove `whole: false`, or write a rule on amounts")
    return LogicRule(constraint, parts, then)


def _rows(rule: AnyRule, at: int, indicators: Indicators) -> Iterator[Row]:
    """The rows of any rule. A rule for each creator or talent has a row that counts the bookings that break it by
    themselves; its rows for single ones are added when they are broken."""
    if isinstance(rule, LogicRule):
        yield from logic_rows(rule, at, indicators)
    elif isinstance(rule, EachRule | TalentRule):
        forbidden = rule.forbidden()
        if len(forbidden):
            yield Row(at, (indicators.counted(1, forbidden),), None, 0)
    else:
        yield from rows_of(rule, at, indicators.whole)
