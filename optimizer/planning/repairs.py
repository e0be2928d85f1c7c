"""What would mend rules that clash: the least change of each one alone, and the cheapest change of several.

Each repair is found by planning for it: without the rule, how near can its bound be met with all others kept? What is
found is a plan, so a repair that is shown works. That less would not do is proved by the bound of the same search;
where that leaves something open, the repair says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np

from optimizer.domain.constraints import Constraint, Objective
from optimizer.domain.scenario import Scenario
from optimizer.formulation.build import rows_of
from optimizer.formulation.program import Program
from optimizer.formulation.rules import AnyRule, EachRule, Rule
from optimizer.formulation.terms import Booked, Term
from optimizer.solving import highs
from optimizer.solving.elastic import least_violation
from optimizer.solving.engine import Solution, solve

ROUNDS = 4_000  # of work, for all repairs together
_ROUNDS = 20  # in which the best share or ratio is approached
_FINE = 10**4  # shares move by hundredths of a percent, ratios by a ten-thousandth
_INCLUDED_MOST = 20  # included creators who are tried one by one


@dataclass(frozen=True)
class Change:
    """One change: of a rule's bound (`key`) to `new`; without a key the rule is dropped, or `creator` not included.

    `least` says whether it is proved that less would not do.
    """

    rule: AnyRule | None
    key: str | None = None
    new: Fraction | None = None
    least: bool = False
    creator: str = ""


@dataclass(frozen=True)
class _Search:
    """What is asked of the solver for repairs, within one clock."""

    scenario: Scenario
    program: Program
    clock: highs.Clock

    def best(self, program: Program, terms: tuple[Term, ...]) -> Solution | None:
        """The plan that has the most of some terms (none: any plan); None where there is none, or time is up."""
        if self.clock.over:
            return None
        goal = Objective("maximize", (("creators", Fraction(1)),))
        asked = replace(program, objective=goal, costs=terms, denominator=1)
        found = solve(asked, gap=0.0, clock=self.clock)
        return None if found.plan is None else found


def repairs(
    scenario: Scenario, program: Program, clash: tuple[int, ...], must: bool, clock: highs.Clock
) -> list[tuple[Change, ...]]:
    """Ways to mend a clash, each of one change or of several together.

    Parameters
    ----------
    clash, must
        The rules that clash, by position, and whether only with the creators who must be booked.
    """
    share = ROUNDS // (len(clash) + 2)  # so that a hard one leaves time for the others

    def search() -> _Search:
        return _Search(scenario, program, clock.part(share))

    ways: list[tuple[Change, ...]] = [(change,) for at in clash for change in _alone(search(), at)]
    ways += [(change,) for change in _without_included(search())] if must else []
    joint = _joint(search(), clash)
    return [*ways, joint] if len(joint) > 1 else ways


def _alone(search: _Search, at: int) -> Iterator[Change]:
    """The least change of one rule alone."""
    program, rule = search.program, search.program.rules[at]
    if not rule.constraint.negotiable:
        return
    rest = program.relaxed(row for row in program.rows if row.rule != at)
    if isinstance(rule, EachRule):  # its rows come when it is broken: it must hold nobody
        nobody = replace(rule, members=rule.members[:0])
        rest = replace(rest, rules=(*program.rules[:at], nobody, *program.rules[at + 1 :]))
    if not isinstance(rule, Rule):
        if search.best(rest, ()) is not None:
            yield Change(rule)
        return
    for key, other, sign in (("at_least", "at_most", 1), ("at_most", "at_least", -1)):
        if getattr(rule.constraint, key) is None:
            continue
        held = rest
        if getattr(rule.constraint, other) is not None:
            kept = replace(rule, constraint=_without(rule.constraint, key))
            held = program.relaxed([*rest.rows, *rows_of(kept, at, program.whole)])
        nearest = _nearest(search, held, rule, sign)
        if nearest is not None:
            yield _rounded(search.scenario, rule, key, sign, *nearest)


def _without(constraint: Constraint, key: str) -> Constraint:
    return replace(constraint, at_least=None) if key == "at_least" else replace(constraint, at_most=None)


def _rounded(scenario: Scenario, rule: Rule, key: str, sign: int, plan: Booked, proved: Fraction | None) -> Change:
    """A change in steps that a planner would write; `proved` is what no plan can pass, in the rule's own value."""
    step = _step(scenario, rule)
    value = rule.lead * rule.measured.total(plan) / rule.base_total(plan)
    new = (floor(value / step) if sign > 0 else ceil(value / step)) * step
    least = proved is not None and (proved < new + step if sign > 0 else proved > new - step)
    return Change(rule, key, new, least)


def _step(scenario: Scenario, rule: Rule) -> Fraction:
    """The smallest step in which a bound is worth moving: a coin, a whole, a hundredth of a percent."""
    quantity = scenario.quantities.get(rule.constraint.measure.quantity)
    if rule.constraint.kind != "absolute" or quantity is None:
        return Fraction(1, _FINE)
    return Fraction(1, scenario.currency.scale) if quantity.unit == "money" else Fraction(1)


def _nearest(search: _Search, program: Program, rule: Rule, sign: int) -> tuple[Booked, Fraction | None] | None:
    """The plan in which a rule's value is the highest (sign 1) or lowest; and what no plan passes, where proved."""
    if isinstance(rule.base, Term):
        return _nearest_share(search, program, rule, sign)
    found = search.best(program, (rule.measured.times(sign),))
    if found is None or found.plan is None or not rule.base:
        return None
    return found.plan, None if found.bound is None else sign * rule.lead * found.bound / rule.base


def _nearest_share(search: _Search, program: Program, rule: Rule, sign: int) -> tuple[Booked, Fraction | None] | None:
    """The same of a share or a ratio: its value is raised until nothing is left to gain (Dinkelbach, 1967)."""
    found = search.best(program, (rule.base,) if isinstance(rule.base, Term) else ())
    plan = None if found is None else found.plan
    if plan is None or not isinstance(rule.base, Term) or not rule.base_total(plan):
        return None
    for _ in range(_ROUNDS):
        slope = rule.measured.total(plan) / rule.base_total(plan)
        terms = rule.measured.times(sign * slope.denominator), rule.base.times(-sign * slope.numerator)
        better = search.best(program, terms)
        if better is None or better.plan is None:
            return plan, None
        gained = sum((term.total(better.plan) for term in terms), Fraction(0))
        if gained <= 0 or not rule.base_total(better.plan):
            proved = better.bound is not None and better.bound <= 0
            return plan, rule.lead * slope if proved else None
        plan = better.plan
    return plan, None


def _without_included(search: _Search) -> Iterator[Change]:
    """Creators without whom, included, a plan exists."""
    program = search.program
    for unit in np.flatnonzero(program.required)[:_INCLUDED_MOST].tolist():
        required = program.required.copy()
        required[unit] = 0
        if search.best(replace(program, required=required).relaxed(program.rows), ()) is not None:
            yield Change(None, creator=program.ids[int(program.creator[unit])])


def _joint(search: _Search, clash: tuple[int, ...]) -> tuple[Change, ...]:
    """The change of several bounds at once that is the least, each measured by its own size."""
    program = search.program
    rules = {at: rule for at in clash if isinstance(rule := program.rules[at], Rule) and rule.constraint.negotiable}
    plan = _least_broken(search, set(rules)) if len(rules) > 1 else None
    if plan is None:
        return ()
    changes = []
    for rule in rules.values():
        if not rule.failure(plan):
            continue
        if not rule.base_total(plan):
            return ()  # of nothing there is no share to which the bound could move
        low, value = rule.constraint.at_least, rule.lead * rule.measured.total(plan) / rule.base_total(plan)
        key, sign = ("at_least", 1) if low is not None and value < low else ("at_most", -1)
        changes.append(_rounded(search.scenario, rule, key, sign, plan, None))
    return tuple(changes)


def _least_broken(search: _Search, free: set[int]) -> Booked | None:
    """The plan that breaks the rules in `free` the least and keeps all others, with rows that come when broken."""
    program = search.program
    for _ in range(_ROUNDS):
        plan = None if search.clock.over else least_violation(program, free, search.clock)
        if plan is None:
            return None
        broken = program.rows_against(plan)
        if not broken:
            kept = not any(rule.failure(plan) for at, rule in enumerate(program.rules) if at not in free)
            return plan if kept else None
        program = program.relaxed([*program.rows, *broken])
    return None
