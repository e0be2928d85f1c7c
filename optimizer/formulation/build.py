"""From a scenario and its estimates to the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np

from optimizer.domain.constraints import Constraint, Measure
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.pool import Labels
from optimizer.domain.quantities import RATIOS
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.program import Program, Row, Rule, Term, possible

MOST_VALUES = 1_000  # rows that one `per` may make
BLANK = "(none)"


def build(estimates: Estimates) -> Program:
    """Build the program of a scenario.

    Raises
    ------
    ScenarioError
        Where a `per` would make more than `MOST_VALUES` rows.
    """
    scenario = estimates.scenario
    units, unit = np.unique(estimates.creator, return_inverse=True)
    required = np.zeros(len(units), dtype=np.int64)
    required[np.searchsorted(units, [term.creator for term in scenario.include])] = 1
    rules = tuple(rule for constraint in scenario.constraints for rule in rules_of(constraint, estimates))
    rows = tuple(row for at, rule in enumerate(rules) for row in rows_of(rule, at))
    costs, denominator = _costs(estimates)
    return Program(
        unit=unit.astype(np.int64),
        offer=estimates.offer,
        most=possible(rows, required[unit] > 0).astype(np.int64),
        available=np.ones(len(units), dtype=np.int64),
        required=required,
        objective=scenario.objective,
        costs=costs,
        denominator=denominator,
        rules=rules,
        rows=rows,
    )


def _costs(estimates: Estimates) -> tuple[tuple[Term, ...], int]:
    """The objective's terms over one common denominator."""
    weights = [(name, weight / estimates.scenario.scale(name)) for name, weight in estimates.scenario.objective.weights]
    denominator = lcm(*(weight.denominator for _, weight in weights))
    terms = [
        Term(int(weight * denominator), Measure(name), estimates.values[Measure(name)], None)
        for name, weight in weights
    ]
    return tuple(terms), denominator


def rules_of(constraint: Constraint, estimates: Estimates) -> Iterator[Rule]:
    """A constraint as rules: one, or with `per` one for each value."""
    if constraint.per is None:
        yield _rule(constraint, None, estimates, constraint.group)
        return
    values = per_values(constraint, estimates)
    if len(values) > MOST_VALUES:
        raise ScenarioError(
            [
                Problem(
                    "per-too-many",
                    f"`per: {constraint.per}` would make {len(values):,} rules; {MOST_VALUES:,} are the most",
                    "name the values that matter with `among: [...]`",
                    constraint.origin if isinstance(constraint.origin, Place) else None,
                )
            ]
        )
    for value in values:
        yield _rule(constraint, value, estimates, _and(constraint.group, constraint.per, value))
    if constraint.among is None and constraint.at_most not in (None, constraint.at_least):
        blanks = _blank_members(constraint, estimates)
        if len(blanks):
            yield _rule(replace(constraint, at_least=None), BLANK, estimates, constraint.group, blanks)


def per_values(constraint: Constraint, estimates: Estimates) -> list[str]:
    """The values that `per` runs over: those named, else those among the bookings that can be made."""
    if constraint.among is not None:
        return list(constraint.among)
    column = constraint.per or ""
    inside = estimates.members(constraint.group)
    if column in OFFER_COLUMNS:
        offers = {estimates.scenario.offers[at].label(column) for at in np.unique(estimates.offer[inside])}
        return sorted(offers)
    labels = estimates.scenario.pool.columns[column]
    if not isinstance(labels, Labels):
        raise TypeError("`per` runs over texts")
    return list(labels.take(estimates.creator[inside]).values().values())


def _and(group: Filter, column: str, value: str) -> Filter:
    return Filter((*group, (column, AnyOf((value,)))))


def _blank_members(constraint: Constraint, estimates: Estimates) -> np.ndarray:
    column = constraint.per or ""
    labels = estimates.scenario.pool.columns.get(column)
    if labels is None:
        return np.zeros(0, dtype=np.int64)
    blank = ~labels.known[estimates.creator] & estimates.members(constraint.group)
    return np.flatnonzero(blank)


def _rule(
    constraint: Constraint, label: str | None, estimates: Estimates, group: Filter, members: np.ndarray | None = None
) -> Rule:
    scenario, measure = estimates.scenario, constraint.measure
    if members is None:
        members = np.flatnonzero(estimates.members(group)) if group else None

    def term(of: Measure, among: np.ndarray | None) -> Term:
        return Term(1, of, estimates.values[of], among)

    ratio = RATIOS.get(measure.quantity)
    if ratio is not None:
        above, below = Measure(ratio.numerator), Measure(ratio.denominator)
        lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
        return Rule(constraint, label, term(above, members), term(below, members), lead)
    scale = scenario.scale(measure.quantity)
    if isinstance(constraint.of, Filter):
        whole = np.flatnonzero(estimates.members(constraint.of)) if constraint.of else None
        base = term(Measure(measure.quantity), whole)
        return Rule(constraint, label, term(measure, members), base, Fraction(1))
    amount = Fraction(1) if constraint.of is None else constraint.of
    return Rule(constraint, label, term(measure, members), amount, Fraction(1, scale))


def rows_of(rule: Rule, at: int) -> Iterator[Row]:
    """The rows of a rule: `lead * measured - bound * base` against 0, in integers.

    With a constant base, both bounds fit in one row and are rounded to the integers inside. A share or a ratio makes
    one row per bound, multiplied with its total, which is never negative (Charnes and Cooper, 1962).
    """
    low, high = rule.constraint.at_least, rule.constraint.at_most
    if isinstance(rule.base, Fraction):
        yield from _rows_between(
            rule,
            at,
            None if low is None else low * rule.base / rule.lead,
            None if high is None else high * rule.base / rule.lead,
        )
    elif low is not None and low == high:
        yield Row(at, _difference(rule, low), 0, 0)
    else:
        if low is not None:
            yield Row(at, _difference(rule, low), 0, None)
        if high is not None:
            yield Row(at, _difference(rule, high), None, 0)


def _rows_between(rule: Rule, at: int, low: Fraction | None, high: Fraction | None) -> Iterator[Row]:
    """A rule over amounts: totals are whole multiples of the values' common divisor, and the bounds move in to those.

    Bounds that cross make two rows, so that prices can prove the clash.
    """
    values = rule.measured.values if rule.measured.members is None else rule.measured.values[rule.measured.members]
    step = max(int(np.gcd.reduce(values, initial=0)), 1)
    lower = None if low is None else ceil(low / step) * step
    upper = None if high is None else floor(high / step) * step
    if lower is not None and upper is not None and lower > upper:
        yield Row(at, (rule.measured,), lower, None)
        yield Row(at, (rule.measured,), None, upper)
    else:
        yield Row(at, (rule.measured,), lower, upper)


def _difference(rule: Rule, bound: Fraction) -> tuple[Term, ...]:
    if not isinstance(rule.base, Term):
        raise TypeError("only a rule over a total is a difference")
    slope = bound / rule.lead
    terms = (rule.measured.times(slope.denominator), rule.base.times(-slope.numerator))
    return tuple(term for term in terms if term.multiplier)
