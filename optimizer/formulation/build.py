"""From a scenario and its estimates to the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np

from optimizer.domain.constraints import Constraint, Logic, Measure
from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.pool import CREATOR, Labels
from optimizer.domain.quantities import RATIOS
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.logic import Switches, logic_rows
from optimizer.formulation.program import Program
from optimizer.formulation.rules import AnyRule, EachRule, LogicRule, Rule
from optimizer.formulation.terms import Row, Term

MOST_VALUES = 1_000  # rows that one `per` may make
BLANK = "(none)"


def build(estimates: Estimates) -> Program:
    """Build the program of a scenario.

    Raises
    ------
    ScenarioError
        Where a `per` would make more than `MOST_VALUES` rows, or a rule cannot be held in whole bookings.
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

    `follows` (m,) says whether a unit is a further step of the segment that the unit before it books.
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
        """Whom a unit books."""
        return self.ids[int(self.creator[unit])]


def _supply(estimates: Estimates) -> Supply:
    """Units are creators, and the steps of segments."""
    scenario, columns = estimates.scenario, estimates.columns
    steps = int(columns.step.max(initial=0)) + 1
    keys, unit = np.unique(columns.creator * steps + columns.step, return_inverse=True)
    creator, step = keys // steps, keys % steps
    widths = {(one.position, at): width for one in scenario.segments for at, width in enumerate(one.widths)}
    parts = lcm(*(width.denominator for width in widths.values()))
    available = np.full(len(keys), parts, dtype=np.int64)
    whole = np.full(len(columns), scenario.whole, dtype=np.bool_)
    for segment in scenario.segments:
        whole[columns.creator == segment.position] = segment.whole
        for at in np.flatnonzero(creator == segment.position).tolist():
            available[at] = int(widths[segment.position, int(step[at])] * parts)
    required = np.zeros(len(keys), dtype=np.int64)
    included = np.unique(np.array([term.creator for term in scenario.include], dtype=np.int64))
    first = np.searchsorted(keys, included * steps)
    required[first] = parts
    for at in first[required[first] > available[first]].tolist():  # steps of less than one booking
        _carry_over(required, available, range(at, int(np.searchsorted(creator, creator[at], side="right"))))
    return Supply(unit.astype(np.int64), whole, available, required, step > 0, creator, parts, scenario.pool.ids)


def _carry_over(required: Ints, available: Ints, steps: range) -> None:
    """What must be booked on a step and does not fit in it, must be on the next one."""
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
    """A constraint as rules: one, or with `per` one for each value."""
    if isinstance(constraint, Logic):
        yield _logic_rule(constraint, estimates, supply)
    elif constraint.per is None:
        yield _rule(constraint, None, estimates, constraint.group)
    elif constraint.per == CREATOR:
        yield _each_rule(constraint, estimates, supply)
    else:
        yield from _rules_per_value(constraint, estimates)


def _rules_per_value(constraint: Constraint, estimates: Estimates) -> Iterator[Rule]:
    values = per_values(constraint, estimates)
    if len(values) > MOST_VALUES:
        cause = f"`per: {constraint.per}` would make {len(values):,} rules; {MOST_VALUES:,} are the most"
        raise _fault(constraint, "per-too-many", cause, "name the values that matter with `among: [...]`")
    own = {value: (low, high) for value, low, high in constraint.own}
    for value in values:
        low, high = own.get(value, (constraint.at_least, constraint.at_most))
        group = Filter((*constraint.group, (constraint.per or "", AnyOf((value,)))))
        yield _rule(replace(constraint, at_least=low, at_most=high), value, estimates, group)
    given = constraint.among is None and not constraint.own
    if given and constraint.at_most not in (None, constraint.at_least):
        blanks = _blank_members(constraint, estimates)
        if len(blanks):
            yield _rule(replace(constraint, at_least=None), BLANK, estimates, constraint.group, blanks)


def _fault(constraint: Constraint | Logic, code: str, cause: str, mend: str) -> ScenarioError:
    place = constraint.origin if isinstance(constraint.origin, Place) else None
    told = cause if place is not None else f"{constraint.name}: {cause}"
    return ScenarioError([Problem(code, told, mend, place)])


def per_values(constraint: Constraint, estimates: Estimates) -> list[str]:
    """The values that `per` runs over: those named, else those among the bookings that can be made."""
    named = [*(value for value, _, _ in constraint.own), *(constraint.among or ())]
    if named:
        return list(dict.fromkeys(named))
    column = constraint.per or ""
    inside = estimates.members(constraint.group)
    if column in OFFER_COLUMNS:
        offers = {estimates.scenario.offers[at].label(column) for at in np.unique(estimates.columns.offer[inside])}
        return sorted(offers)
    labels = estimates.scenario.pool.columns[column]
    if not isinstance(labels, Labels):
        raise TypeError("`per` runs over texts")
    return list(labels.take(estimates.columns.creator[inside]).values().values())


def _blank_members(constraint: Constraint, estimates: Estimates) -> Ints:
    column = constraint.per or ""
    labels = estimates.scenario.pool.columns.get(column)
    if labels is None:
        return np.zeros(0, dtype=np.int64)
    blank = ~labels.known[estimates.columns.creator] & estimates.members(constraint.group)
    return np.flatnonzero(blank)


def _rule(
    constraint: Constraint, label: str | None, estimates: Estimates, group: Filter, members: Ints | None = None
) -> Rule:
    if members is None:
        members = np.flatnonzero(estimates.members(group)) if group else None
    return Rule(constraint, label, *_measured(constraint, estimates, members))


def _measured(
    constraint: Constraint, estimates: Estimates, members: Ints | None
) -> tuple[Term, Fraction | Term, Fraction]:
    """What is measured, against what, and the lead that brings their units into line."""
    scenario, measure = estimates.scenario, constraint.measure

    def term(of: Measure, among: Ints | None) -> Term:
        return Term(1, of, estimates.values[of], among)

    ratio = RATIOS.get(measure.quantity)
    if ratio is not None:
        above, below = Measure(ratio.numerator), Measure(ratio.denominator)
        lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
        return term(above, members), term(below, members), lead
    if isinstance(constraint.of, Filter):
        whole = np.flatnonzero(estimates.members(constraint.of)) if constraint.of else None
        return term(measure, members), term(Measure(measure.quantity), whole), Fraction(1)
    amount = Fraction(1) if constraint.of is None else constraint.of
    return term(measure, members), amount, Fraction(1, scenario.scale(measure.quantity))


def _each_rule(constraint: Constraint, estimates: Estimates, supply: Supply) -> EachRule:
    members = np.flatnonzero(estimates.members(constraint.group))
    rule = EachRule(constraint, members, *_measured(constraint, estimates, members))
    several = (supply.available[supply.unit[members]] != supply.parts) | ~supply.whole[members]
    if rule.is_share and several.any():
        cause = "a share for each creator cannot be held where segments are booked, or parts of creators"
        raise _fault(constraint, "each-share", cause, "write an amount, or leave them out with `group`")
    return rule


def _logic_rule(constraint: Logic, estimates: Estimates, supply: Supply) -> LogicRule:
    parts = tuple(np.flatnonzero(estimates.members(part)) for part in constraint.parts)
    then = tuple(np.flatnonzero(estimates.members(part)) for part in constraint.then)
    if not all(supply.whole[part].all() for part in (*parts, *then)):
        cause = "who is booked together cannot be told where creators are booked in parts"
        raise _fault(constraint, "logic-in-parts", cause, "remove `whole: false`, or write a rule on amounts")
    return LogicRule(constraint, parts, then)


def _rows(rule: AnyRule, at: int, supply: Supply, switches: Switches) -> Iterator[Row]:
    """The rows of any rule. One for each booking counts those that break it; those of a share come when broken."""
    if isinstance(rule, LogicRule):
        yield from logic_rows(rule, at, switches, supply)
    elif isinstance(rule, EachRule):
        forbidden = rule.forbidden()
        if len(forbidden):
            yield Row(at, (switches.counted(1, forbidden),), None, 0)
    else:
        yield from rows_of(rule, at, supply.whole)


def rows_of(rule: Rule, at: int, whole: Flags) -> Iterator[Row]:
    """The rows of a rule over quantities: `lead * measured - bound * base` against 0, in integers.

    With a constant base, both bounds fit in one row and are rounded to the integers inside. A share or a ratio makes
    one row per bound, multiplied with its total, which is never negative (Charnes and Cooper, 1962). `whole` (n,) says
    which columns are booked in wholes.
    """
    low, high = rule.constraint.at_least, rule.constraint.at_most
    if isinstance(rule.base, Fraction):
        lower, upper = (None if bound is None else bound * rule.base / rule.lead for bound in (low, high))
        yield from _rows_between(rule, at, lower, upper, whole)
    elif low is not None and low == high:
        yield Row(at, _difference(rule, low), 0, 0)
    else:
        if low is not None:
            yield Row(at, _difference(rule, low), 0, None)
        if high is not None:
            yield Row(at, _difference(rule, high), None, 0)


def _rows_between(rule: Rule, at: int, low: Fraction | None, high: Fraction | None, whole: Flags) -> Iterator[Row]:
    """A rule over amounts. In whole bookings, totals are whole multiples of the values' common divisor, and the bounds
    move in to those; else the row is multiplied until its bounds are whole.

    Bounds that cross make two rows, so that prices can prove the clash.
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
