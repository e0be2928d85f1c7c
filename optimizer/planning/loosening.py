"""A program with some of its rules changed or dropped, and its plans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.constraints import Objective
from optimizer.formulation.kinds.amounts import AmountRule
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Term
from optimizer.solving import highs
from optimizer.solving.engine import Beginning, Solution, solve
from optimizer.solving.search import Enough


@dataclass(frozen=True)
class Change:
    """One change: of a rule's bound (`key`) to `new`; without a key the rule is dropped, or `creator` not included.

    `at` is the position of the rule, or of the creator. `new` is as written; a budget includes the costs that are
    deducted before creators are paid. `least`: it is proved that no smaller change suffices.
    """

    rule: Rule | None
    at: int
    key: str | None = None
    new: Fraction | None = None
    least: bool = False
    creator: str = ""


def asked(
    program: Program,
    terms: tuple[Term, ...],
    clock: highs.Clock,
    *,
    enough: Enough | None = None,
    before: Beginning | None = None,
    clash: bool = True,
) -> Solution:
    """The plan that maximizes some terms (none: any plan), or the result that there is none.

    `enough`, `before` and `clash` are those of `solve`.
    """
    goal = Objective("maximize", (("creators", Fraction(1)),))
    program = replace(program, objective=goal, costs=terms, denominator=1)
    return solve(program, gap=0.0, clock=clock, enough=enough, before=before, clash=clash)


def without(program: Program, dropped: Collection[int], *, include: bool = True) -> Program:
    """The program without some rules, by position; without `include`, nobody must be booked."""
    rules = tuple(rule.of_nobody() if at in dropped else rule for at, rule in enumerate(program.rules))
    required = program.required if include else np.zeros_like(program.required)
    kept = [row for row in program.rows if row.rule not in dropped]
    return replace(program, rules=rules, required=required).relaxed(kept)


def with_changes(program: Program, changes: Iterable[Change]) -> Program:
    """The program after some changes."""
    for change in changes:
        if change.rule is None:
            required = program.required.copy()
            required[np.flatnonzero(program.creator == change.at)] = 0  # indicators have units of their own after these
            program = replace(program, required=required).relaxed(program.rows)
        elif change.key is None:
            program = without(program, {change.at})
        else:
            program = _with_new_bound(program, change.at, change.key, change.new)
    return program


def _with_new_bound(program: Program, at: int, key: str, new: Fraction | None) -> Program:
    rule = program.rules[at].bounded()
    if rule is None:
        raise TypeError("the rule has no bound to move")
    budget = rule.constraint.budget
    bound = new if budget is None or new is None else budget.left(new)
    changed = with_rules(program, {at: rule.moved(key, bound)})
    return changed if budget is None or new is None else with_shares_of(changed, rule, new)


def with_rules(program: Program, moved: Mapping[int, AmountRule]) -> Program:
    """The program with some rules, by position, replaced."""
    rules = tuple(moved.get(at, rule) for at, rule in enumerate(program.rules))
    rows = [row for row in program.rows if row.rule not in moved]
    rows += [row for at, rule in moved.items() for row in rule.rows_over(at, program.whole)]
    return replace(program, rules=rules).relaxed(rows)


def shares_of(program: Program, budget: Rule) -> list[int]:
    """The rules that are shares of a budget as written, by position."""
    names = (getattr(rule.constraint, "of_budget", None) for rule in program.rules)
    return [at for at, name in enumerate(names) if name == budget.constraint.name]


def with_shares_of(program: Program, budget: Rule, written: Fraction) -> Program:
    """The program with its shares of a budget as shares of another amount; those on single bookings stay."""
    mine = {at: program.rules[at].bounded() for at in shares_of(program, budget)}
    moved = {at: rule.of_amount(written) for at, rule in mine.items() if rule is not None}
    return with_rules(program, moved) if moved else program
