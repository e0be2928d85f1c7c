"""A program with some of its rules moved or dropped, and what plans it has then."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.constraints import Constraint, Objective
from optimizer.formulation.build import rows_of
from optimizer.formulation.program import Program
from optimizer.formulation.rules import AnyRule, EachRule, Rule
from optimizer.formulation.terms import Term
from optimizer.solving import highs
from optimizer.solving.engine import Solution, solve


@dataclass(frozen=True)
class Change:
    """One change: of a rule's bound (`key`) to `new`; without a key the rule is dropped, or `creator` not included.

    `at` is the position of the rule, or of the creator. `least` says whether it is proved that less would not do.
    """

    rule: AnyRule | None
    at: int
    key: str | None = None
    new: Fraction | None = None
    least: bool = False
    creator: str = ""


def asked(program: Program, terms: tuple[Term, ...], clock: highs.Clock) -> Solution:
    """The plan that has the most of some terms (none: any plan), or the word that there is none."""
    goal = Objective("maximize", (("creators", Fraction(1)),))
    program = replace(program, objective=goal, costs=terms, denominator=1)
    return solve(program, gap=0.0, deadline=clock.deadline, cancelled=clock.cancelled)


def without(program: Program, dropped: Collection[int], *, include: bool = True) -> Program:
    """The program without some rules, by position; and (without `include`) without anybody who must be booked."""
    rules = tuple(_of_nobody(rule) if at in dropped else rule for at, rule in enumerate(program.rules))
    required = program.required if include else np.zeros_like(program.required)
    kept = [row for row in program.rows if row.rule not in dropped]
    return replace(program, rules=rules, required=required).relaxed(kept)


def _of_nobody(rule: AnyRule) -> AnyRule:
    """A rule for each creator makes rows when it is broken; of nobody, it never is."""
    return replace(rule, members=rule.members[:0]) if isinstance(rule, EachRule) else rule


def with_changes(program: Program, changes: Iterable[Change]) -> Program:
    """The program after some changes."""
    for change in changes:
        if change.rule is None:
            required = program.required.copy()
            required[np.flatnonzero(program.creator == change.at)] = 0  # switches have units of their own after these
            program = replace(program, required=required).relaxed(program.rows)
        elif change.key is None or not isinstance(change.rule, Rule):
            program = without(program, {change.at})
        else:
            moved = replace(change.rule, constraint=with_bound(change.rule.constraint, change.key, change.new))
            rules = (*program.rules[: change.at], moved, *program.rules[change.at + 1 :])
            rows = [row for row in program.rows if row.rule != change.at]
            program = replace(program, rules=rules).relaxed([*rows, *rows_of(moved, change.at, program.whole)])
    return program


def with_bound(constraint: Constraint, key: str, bound: Fraction | None) -> Constraint:
    """A constraint with another bound, or without it."""
    return replace(constraint, at_least=bound) if key == "at_least" else replace(constraint, at_most=bound)
