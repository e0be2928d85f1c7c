"""From a scenario and its estimates to the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np

from optimizer.domain.constraints import Constraint, Logic, Measure
from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import Filter
from optimizer.domain.pool import CREATOR, TALENT, Labels
from optimizer.domain.quantities import RATIOS
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.logic import Switches, logic_rows
from optimizer.formulation.per import ByValue
from optimizer.formulation.program import Program
from optimizer.formulation.rules import AnyRule, EachRule, LogicRule, Rule, TalentRule, rows_of
from optimizer.formulation.talents import talents_of
from optimizer.formulation.terms import Row, Term

MOST_VALUES = 1_000  # rows that one `per` may make
BLANK = "(none)"


def build(estimates: Estimates) -> Program:
    """Build the program of a scenario.

    Raises
    ------
    ScenarioError
        If a `per` would make more than `MOST_VALUES` rows, or a rule needs whole bookings where there are parts.
    """
    scenario, supply = estimates.scenario, _supply(estimates)
    rules = tuple(rule for constraint in scenario.constraints for rule in rules_of(constraint, estimates, supply))
    switches = Switches(len(estimates))
    rows = [
        *(row for at, rule in enumerate(rules) for row in _rows(rule, at, supply, switches)),
        *switches.orders(supply),
    ]
    costs, denominator = _costs(estimates)
    return switches.program(
        Program(
            unit=supply.unit,
            most=np.zeros(0, dtype=np.int64),
            whole=supply.whole,
            available=supply.available,
            required=supply.required,
            objective=scenario.objective,
            costs=costs,
            denominator=denominator,
            rules=rules,
            rows=(),
            creator=supply.creator,
            ids=scenario.pool.ids,
            parts=supply.parts,
        ),
        rows,
    )


@dataclass(frozen=True, eq=False)
class Supply:
    """How often each unit can and must be booked, in `parts` of a booking; see `Program`.

    `follows` (m,) is true where a unit is a further step of the same segment as the unit before it.
    """

    unit: Ints
    whole: Flags
    available: Ints
    required: Ints
    follows: Flags
    creator: Ints
    parts: int
    ids: Sequence[str]

    def name(self, unit: int) -> str:
        """The name of the creator or segment that a unit books."""
        return self.ids[int(self.creator[unit])]


def _supply(estimates: Estimates) -> Supply:
    """Units are creators, and the steps of segments."""
    scenario, columns = estimates.scenario, estimates.columns
    begins = np.ones(len(columns), dtype=np.bool_)
    begins[1:] = columns.creator[1:] != columns.creator[:-1]
    if columns.step.any():
        begins[1:] |= columns.step[1:] != columns.step[:-1]
    unit, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
    creator, step = columns.creator[first], columns.step[first]
    widths = {(one.position, at): width for one in scenario.segments for at, width in enumerate(one.widths)}
    parts = lcm(*(width.denominator for width in widths.values()))
    available = np.full(len(creator), parts, dtype=np.int64)
    whole = np.full(len(columns), scenario.whole, dtype=np.bool_)
    for segment in scenario.segments:
        whole[slice(*np.searchsorted(columns.creator, (segment.position, segment.position + 1)))] = segment.whole
        for at in range(*np.searchsorted(creator, (segment.position, segment.position + 1))):
            available[at] = int(widths[segment.position, int(step[at])] * parts)
    required = np.zeros(len(creator), dtype=np.int64)
    included = np.unique(np.array([term.creator for term in scenario.include], dtype=np.int64))
    first = np.searchsorted(creator, included)  # on the first step, if there are several
    required[first] = parts
    for at in first[required[first] > available[first]].tolist():  # steps of less than one booking
        _carry_over(required, available, range(at, int(np.searchsorted(creator, creator[at], side="right"))))
    return Supply(unit, whole, available, required, step > 0, creator, parts, scenario.pool.ids)


def _carry_over(required: Ints, available: Ints, steps: range) -> None:
    """Required bookings that do not fit on a step are required on the next one."""
    for at in steps[:-1]:
        over = max(int(required[at] - available[at]), 0)
        required[at] -= over
        required[at + 1] += over


def _costs(estimates: Estimates) -> tuple[tuple[Term, ...], int]:
    """The objective's terms over one common denominator."""
    weights = [(name, weight / estimates.scenario.scale(name)) for name, weight in estimates.scenario.objective.weights]
    denominator = lcm(*(weight.denominator for _, weight in weights))
    terms = [
        Term(int(weight * denominator), Measure(name), estimates.values[Measure(name)], None)
        for name, weight in weights
    ]
    return tuple(terms), denominator


def rules_of(constraint: Constraint | Logic, estimates: Estimates, supply: Supply) -> Iterator[AnyRule]:
    """The rules of a constraint: one, or one for each value of `per`."""
    if isinstance(constraint, Logic):
        yield _logic_rule(constraint, estimates, supply)
    elif constraint.per is None:
        members = np.flatnonzero(estimates.members(constraint.group)) if constraint.group else None
        yield Rule(constraint, None, *_measured(constraint, estimates, members, _whole(constraint, estimates)))
    elif constraint.for_each == CREATOR:
        yield _each_rule(constraint, estimates, supply)
    elif constraint.for_each == TALENT:
        yield _talent_rule(constraint, estimates, supply)
    else:
        yield from _rules_per_value(constraint, estimates)


def _rules_per_value(constraint: Constraint, estimates: Estimates) -> Iterator[Rule]:
    split = ByValue(constraint, estimates)
    values, whole = split.values(), _whole(constraint, estimates)
    if len(values) > MOST_VALUES:
        cause = f"`per: {constraint.per}` would make {len(values):,} rules; at most {MOST_VALUES:,} are allowed"
        raise _fault(constraint, "per-too-many", cause, "name the values that matter with `among: [...]`")
    own = {value: (low, high) for value, low, high in constraint.own}
    for value in values:
        low, high = own.get(value, (constraint.at_least, constraint.at_most))
        bounded = replace(constraint, at_least=low, at_most=high)
        yield Rule(bounded, value, *_measured(bounded, estimates, split.members(value), whole))
    given = constraint.among is None and not constraint.own
    if given and constraint.at_most not in (None, constraint.at_least):
        blanks, bounded = split.blank(), replace(constraint, at_least=None)
        if len(blanks):
            yield Rule(bounded, BLANK, *_measured(bounded, estimates, blanks, whole))


def _fault(constraint: Constraint | Logic, code: str, cause: str, mend: str) -> ScenarioError:
    place = constraint.origin if isinstance(constraint.origin, Place) else None
    told = cause if place is not None else f"{constraint.name}: {cause}"
    return ScenarioError([Problem(code, told, mend, place)])


def _whole(constraint: Constraint, estimates: Estimates) -> Ints | None:
    """The bookings that a share refers to; None for all of them, and if it does not refer to bookings."""
    if not isinstance(constraint.of, Filter) or not constraint.of:
        return None
    return np.flatnonzero(estimates.members(constraint.of))


def _measured(
    constraint: Constraint, estimates: Estimates, members: Ints | None, whole: Ints | None
) -> tuple[Term, Fraction | Term, Fraction]:
    """The measured term, its base, and the factor `lead` between their units."""
    scenario, measure = estimates.scenario, constraint.measure

    def term(of: Measure, among: Ints | None) -> Term:
        return Term(1, of, estimates.values[of], among)

    ratio = RATIOS.get(measure.quantity)
    if ratio is not None:
        above, below = Measure(ratio.numerator), Measure(ratio.denominator)
        lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
        return term(above, members), term(below, members), lead
    if isinstance(constraint.of, Filter):
        return term(measure, members), term(Measure(measure.quantity), whole), Fraction(1)
    amount = Fraction(1) if constraint.of is None else constraint.of
    return term(measure, members), amount, Fraction(1, scenario.scale(measure.quantity))


def _each_rule(constraint: Constraint, estimates: Estimates, supply: Supply) -> EachRule:
    members = np.flatnonzero(estimates.members(constraint.group))
    rule = EachRule(constraint, members, *_measured(constraint, estimates, members, _whole(constraint, estimates)))
    several = (supply.available[supply.unit[members]] != supply.parts) | ~supply.whole[members]
    if rule.is_share and several.any():
        cause = "a share for each creator needs whole creators; here segments are booked, or parts of creators"
        raise _fault(constraint, "each-share", cause, "write an amount, or leave them out with `group`")
    return rule


def _talent_rule(constraint: Constraint, estimates: Estimates, supply: Supply) -> TalentRule:
    scenario, members = estimates.scenario, np.flatnonzero(estimates.members(constraint.group))
    labels = scenario.pool.columns[TALENT]
    if not isinstance(labels, Labels):
        raise TypeError("talents are texts")
    segments = [segment.position for segment in scenario.segments]
    talents = talents_of(labels, scenario.pool.ids, estimates.columns.creator, supply.unit, members, segments)
    steps = np.bincount(supply.creator, minlength=len(scenario.pool))[supply.creator]
    single = supply.whole & ((supply.available == supply.parts) & (steps == 1))[supply.unit]
    measured = _measured(constraint, estimates, members, _whole(constraint, estimates))
    rule = TalentRule(constraint, talents, *measured, supply.whole, single)
    if rule.is_share and (talents.anonymous & ~single).any():
        cause = "a share for each talent needs persons; here segments without a talent are booked several times"
        raise _fault(constraint, "each-share", cause, "write an amount, or leave them out with `group`")
    return rule


def _logic_rule(constraint: Logic, estimates: Estimates, supply: Supply) -> LogicRule:
    parts = tuple(np.flatnonzero(estimates.members(part)) for part in constraint.parts)
    then = tuple(np.flatnonzero(estimates.members(part)) for part in constraint.then)
    if not all(supply.whole[part].all() for part in (*parts, *then)):
        cause = "a rule about who is booked together needs whole bookings; here creators are booked in parts"
        raise _fault(constraint, "logic-in-parts", cause, "remove `whole: false`, or write a rule on amounts")
    return LogicRule(constraint, parts, then)


def _rows(rule: AnyRule, at: int, supply: Supply, switches: Switches) -> Iterator[Row]:
    """The rows of any rule. A rule for each creator or talent has a row that counts the bookings that break it by
    themselves; its rows for single ones are added when they are broken."""
    if isinstance(rule, LogicRule):
        yield from logic_rows(rule, at, switches, supply)
    elif isinstance(rule, EachRule | TalentRule):
        forbidden = rule.forbidden()
        if len(forbidden):
            yield Row(at, (switches.counted(1, forbidden),), None, 0)
    else:
        yield from rows_of(rule, at, supply.whole)
