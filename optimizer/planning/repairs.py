"""Repairs of rules that conflict: the least change of each one alone, and the cheapest change of several.

If there are several conflicts, each repair resolves all of them, with one change for each.

Each repair is found by optimization: without the rule, how near to its bound can a plan come that keeps all others?
The result is a plan, so a repair that is shown works. The bound of the same search proves that no smaller change
suffices; if it leaves a gap, the repair says so. A search ends once the plan and the bound come to the same change
as written. Of a large pool, each search begins where the one before it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice, product
from math import ceil, floor

import numpy as np

from optimizer.domain.scenario import Scenario
from optimizer.formulation.kinds.amounts import AmountRule
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Term
from optimizer.planning.conflicts import FoundConflict, rules_of
from optimizer.planning.loosening import Change, asked, shares_of, with_changes, with_shares_of, without
from optimizer.solving import highs
from optimizer.solving.elastic import least_violation
from optimizer.solving.engine import Beginning, Solution
from optimizer.solving.restricted_mip import WHOLE_MOST
from optimizer.solving.search import Enough

ROUNDS = 4_000  # of work, for all repairs together
_COLUMN_ROUNDS = 40_000_000  # columns times rounds: of a large pool, where a round takes longer
_ROUNDS_LEAST, _SHARE_LEAST = 400, 60  # for all, and for one
_ROUNDS = 20  # in which the best share or ratio is approached
_FINE = 10**4  # shares move by hundredths of a percent, ratios by a ten-thousandth
_PARTS = 16  # of such a step: how near a target is to the next one
_ABOUT = Fraction(1, 100)  # of how far a plan is beyond a target: as much further need not be searched
_INCLUDED_MOST = 20  # included creators who are tried one by one
_WAYS_TRIED = 8  # of one change for each of several conflicts


@dataclass(frozen=True)
class _Search:
    """The searches for repairs, within one clock."""

    scenario: Scenario
    program: Program
    clock: highs.Clock
    last: list[Beginning] = field(default_factory=list)  # of a large pool, where the next search begins

    def best(self, program: Program, terms: tuple[Term, ...], enough: Enough | None = None) -> Solution | None:
        """The plan that maximizes some terms (none: any plan); None if there is none, or time is up."""
        if self.clock.over:
            return None
        before = self.last[-1] if self.last else None
        found = asked(program, terms, self.clock, enough=enough, before=before, clash=False)
        if found.plan is None:
            return None
        if len(program) > WHOLE_MOST:
            self.last[:] = [found.beginning]
        return found

    def begin_near(self, at: int) -> None:
        """Of a large pool, let the next search begin at a plan that breaks one rule about as little as can be."""
        plan = None if len(self.program) <= WHOLE_MOST else _least_broken(self, {at})
        if plan is not None:
            inside = plan.columns < self.program.bookings
            near = self.last[-1].near if self.last else None
            booked = Booked(plan.columns[inside], plan.counts[inside])
            self.last[:] = [Beginning(near, booked, self.program.bookings)]


def repairs(
    scenario: Scenario, program: Program, clashes: Sequence[FoundConflict], clock: highs.Clock
) -> list[tuple[Change, ...]]:
    """Ways to resolve all conflicts at once, each of one change or several together."""
    blamed = rules_of(clashes)
    share = _rounds(program) // (len(blamed) + 2)  # so that a hard one leaves time for the others
    share, last = max(share, _SHARE_LEAST), list[Beginning]()

    def search(program: Program = program) -> _Search:
        return _Search(scenario, program, clock.part(share), last)

    ways: list[tuple[Change, ...]]
    if len(clashes) == 1:
        ways = [(change,) for change in _changes(search, program, clashes[0])]
    else:
        ways = list(_ways(search, program, clashes))
    joint = _joint(search(), blamed)
    known = {frozenset((change.at, change.key) for change in way) for way in ways}
    if len(joint) > 1 and frozenset((change.at, change.key) for change in joint) not in known:
        ways.append(joint)
    return ways


def _rounds(program: Program) -> int:
    """How much work all repairs together may take."""
    return ROUNDS if len(program) <= WHOLE_MOST else min(ROUNDS, max(_COLUMN_ROUNDS // len(program), _ROUNDS_LEAST))


def _changes(search: Callable[[Program], _Search], program: Program, clash: FoundConflict) -> list[Change]:
    """Changes each of which resolves a conflict by itself."""
    found = [change for at in clash.rules for change in _alone(search(program), at)]
    return [*found, *_without_included(search(program))] if clash.must else found


def _ways(
    search: Callable[[Program], _Search], program: Program, clashes: Sequence[FoundConflict]
) -> Iterator[tuple[Change, ...]]:
    """Ways with one change for each conflict; every change is in at least one way unless they are too many."""
    choices = []
    for clash in clashes:
        others = [other for other in clashes if other is not clash]
        include = not any(other.must for other in others)
        choices.append(_changes(search, without(program, rules_of(others), include=include), clash))
    most = max(map(len, choices)) if all(choices) else 0
    first = (tuple(mine[at % len(mine)] for mine in choices) for at in range(most))
    for changes in islice(dict.fromkeys([*first, *islice(product(*choices), _WAYS_TRIED)]), _WAYS_TRIED):
        way = _made(search(program), changes)
        if way is not None:
            yield way


def _made(search: _Search, changes: tuple[Change, ...]) -> tuple[Change, ...] | None:
    """These changes together, if a plan exists; otherwise each is moved as far as needed after those before it."""
    program = search.program
    if search.best(with_changes(program, changes), ()) is not None:
        return changes
    made: list[Change] = []
    for at, change in enumerate(changes):
        if change.rule is None or change.key is None:
            made.append(change)
            continue
        later = [replace(other, key=None) for other in changes[at + 1 :]]
        program = with_changes(search.program, [*made, *later])
        moved = [one for one in _alone(replace(search, program=program), change.at) if one.key == change.key]
        if not moved:
            return None
        made += moved
    found = search.best(with_changes(search.program, made), ())
    return None if found is None else tuple(made)


def _alone(search: _Search, at: int) -> Iterator[Change]:
    """The smallest change of one rule alone."""
    program, said = search.program, search.program.rules[at]
    if not said.constraint.negotiable:
        return
    rest, rule = without(program, {at}), said.bounded()
    if rule is None:
        if search.best(rest, ()) is not None:
            yield Change(said, at)
        return
    search.begin_near(at)
    for key, other, sign in (("at_least", "at_most", 1), ("at_most", "at_least", -1)):
        if getattr(rule.constraint, key) is None:
            continue
        held = rest
        if getattr(rule.constraint, other) is not None:
            held = program.relaxed([*rest.rows, *rule.moved(key, None).rows_over(at, program.whole)])
        change = _moved(search, held, rule, at, key, sign)
        if change is not None:
            yield change


def _moved(search: _Search, held: Program, rule: AmountRule, at: int, key: str, sign: int) -> Change | None:
    """The least change of one bound.

    If rules are shares of a budget that is raised, they require more than before: the search is repeated with the
    shares of each amount that does not suffice. None of these amounts is above the smallest sufficient one.
    """
    shares = shares_of(held, rule)
    # with an upper bound among the shares, a smaller change may do
    least = all(getattr(held.rules[at].constraint, "at_most", None) is None for at in shares)
    for _ in range(_ROUNDS):
        nearest = _nearest(search, held, rule, sign)
        change = None if nearest is None else _rounded(search.scenario, rule, at, key, sign, *nearest)
        if nearest is None or change is None or change.new is None:
            return None
        least = least and change.least
        changed = with_shares_of(held, rule, change.new)
        if not any(changed.rules[at].failure(nearest[0]) for at in shares):
            return replace(change, least=least)
        held = changed
    return None


def _rounded(
    scenario: Scenario, rule: AmountRule, at: int, key: str, sign: int, plan: Booked, proved: Fraction | None
) -> Change | None:
    """A change rounded to steps that a planner would write; `proved` is the bound on the rule's own value."""
    value = rule.lead * rule.measured.total(plan) / rule.base_total(plan)
    written = _written(scenario, rule, sign, value)
    least = proved is not None and _written(scenario, rule, sign, proved) == written
    return None if written is None else Change(rule, at, key, written, least)


def _written(scenario: Scenario, rule: AmountRule, sign: int, value: Fraction) -> Fraction | None:
    """The bound that a planner would write for a value to be inside; None where no amount leaves so much."""
    step, budget = _step(scenario, rule), rule.constraint.budget
    if budget is not None:
        return budget.least(value, step)
    return (floor(value / step) if sign > 0 else ceil(value / step)) * step


def _step(scenario: Scenario, rule: AmountRule) -> Fraction:
    """The step in which a bound is moved: a coin, a whole number, a hundredth of a percent."""
    quantity = scenario.quantities.get(rule.constraint.measure.quantity)
    if rule.constraint.kind != "absolute" or quantity is None:
        return Fraction(1, _FINE)
    return Fraction(1, scenario.currency.scale) if quantity.unit == "money" else Fraction(1)


def _nearest(search: _Search, program: Program, rule: AmountRule, sign: int) -> tuple[Booked, Fraction | None] | None:
    """The plan with the highest (sign 1) or lowest value of a rule, and the bound on it if proved."""
    if isinstance(rule.base, Term):
        return _nearest_share(search, program, rule, sign)
    base = rule.base
    if not base:
        return None

    def own(value: Fraction) -> Fraction:
        return sign * rule.lead * value / base

    def same(value: Fraction | None, bound: Fraction | None) -> bool:
        if value is None or bound is None:
            return False
        return _written(search.scenario, rule, sign, own(value)) == _written(search.scenario, rule, sign, own(bound))

    found = search.best(program, (rule.measured.times(sign),), same)
    if found is None or found.plan is None:
        return None
    return found.plan, None if found.bound is None else own(found.bound)


def _nearest_share(
    search: _Search, program: Program, rule: AmountRule, sign: int
) -> tuple[Booked, Fraction | None] | None:
    """The same for a share or a ratio, by the method of Dinkelbach (1967).

    Each round looks for a plan beyond a target, which is nearly the next bound that a planner could write. Where there
    is none, the bound of a program with that target shows it sooner than one with the share itself, which it only just
    reaches.
    """
    if not isinstance(rule.base, Term):
        return None
    found = search.best(program, (rule.base,), lambda value, _: value is not None and value >= 1)
    plan = None if found is None else found.plan
    if plan is None or not rule.base_total(plan):
        return None
    for _ in range(_ROUNDS):
        value = rule.lead * rule.measured.total(plan) / rule.base_total(plan)
        target = _target(search.scenario, rule, sign, value)
        slope = target / rule.lead
        terms = rule.measured.times(sign * slope.denominator), rule.base.times(-sign * slope.numerator)
        better = search.best(program, terms, _is_settled)
        if better is None or better.plan is None:
            return plan, None
        base = rule.base_total(better.plan)
        proved = better.bound is not None and better.bound <= 0
        gained = rule.lead * rule.measured.total(better.plan) / base - value if base else Fraction(0)
        if sign * gained > 0:
            plan = better.plan
        if proved or sign * gained <= 0:
            return plan, target if proved else None
    return plan, None


def _is_settled(value: Fraction | None, bound: Fraction | None) -> bool:
    """Whether no plan is beyond a target, or one is about as far beyond it as can be."""
    if bound is None or value is None:  # without a plan, a search that ends here would lose its bound
        return False
    return bound <= 0 or (value > 0 and bound - value <= _ABOUT * value)


def _target(scenario: Scenario, rule: AmountRule, sign: int, value: Fraction) -> Fraction:
    """A value that comes to the same bound as `value` does, as near to the next one as is needed to be beyond it."""
    step, written = _step(scenario, rule), _written(scenario, rule, sign, value)
    if written is None:
        raise TypeError("a budget is no share")
    parts = _PARTS
    while sign * (written + sign * (step - step / parts) - value) < 0:
        parts *= _PARTS
    return written + sign * (step - step / parts)


def _without_included(search: _Search) -> Iterator[Change]:
    """Included creators without whose inclusion a plan exists."""
    program = search.program
    for creator in np.unique(program.creator[np.flatnonzero(program.required)])[:_INCLUDED_MOST].tolist():
        change = Change(None, creator, creator=program.ids[creator])
        if search.best(with_changes(program, [change]), ()) is not None:
            yield change


def _joint(search: _Search, clash: tuple[int, ...]) -> tuple[Change, ...]:
    """The smallest change of several bounds at once, each relative to its own size."""
    program = search.program
    amounts = ((at, program.rules[at].bounded()) for at in clash)
    rules = {at: rule for at, rule in amounts if rule is not None and rule.constraint.negotiable}
    plan = _least_broken(search, set(rules)) if len(rules) > 1 else None
    if plan is None:
        return ()
    changes = []
    for at, rule in rules.items():
        if not rule.failure(plan):
            continue
        if not rule.base_total(plan):
            return ()  # a share of nothing has no value that the bound could move to
        low, value = rule.constraint.at_least, rule.lead * rule.measured.total(plan) / rule.base_total(plan)
        key, sign = ("at_least", 1) if low is not None and value < low else ("at_most", -1)
        change = _rounded(search.scenario, rule, at, key, sign, plan, None)
        if change is None:
            return ()
        changes.append(change)
    changed = with_changes(program, changes)  # shares of a budget that is raised require more
    return () if any(rule.failure(plan) for rule in changed.rules) else tuple(changes)


def _least_broken(search: _Search, free: set[int]) -> Booked | None:
    """The plan that keeps all rules but those in `free` and breaks these the least; broken rows are added on demand."""
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
