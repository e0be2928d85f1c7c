"""What a little more budget buys: another plan is searched for, and only what was found is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from optimizer.domain.constraints import Constraint
from optimizer.formulation.build import rows_of
from optimizer.formulation.program import Program
from optimizer.formulation.rules import AnyRule, Rule
from optimizer.planning.plan import MoreBudget
from optimizer.solving.engine import Solution, solve
from optimizer.solving.highs import Clock

AMOUNT = 100  # units of the currency
_COLUMNS_MOST = 2_000  # larger programs take too long for a remark
_TURNS = 1  # of the search: so much work, whatever the clock says
_BUDGETS = ("budget", "budget spend")


def with_more_budget(solution: Solution, gap: float, clock: Clock) -> MoreBudget | None:
    """What a plan with `AMOUNT` more in the budget brings; None where none was found that needs more, and is better.

    Whether there is one must not depend on how busy the machine is: the work is counted, and the clock is for whoever
    asks to stop.
    """
    program, plan = solution.program, solution.plan
    at = next((at for at, rule in enumerate(program.rules) if _is_budget(rule)), None)
    if plan is None or at is None or solution.stopped or len(program) > _COLUMNS_MOST:
        return None
    moved = _moved(program, at)
    if not moved or program.objective.sense == "minimize":
        return None
    richer = _with(program, moved)
    priced = any(price and row.rule in moved for row, price in zip(program.rows, solution.prices, strict=True))
    if not priced and np.array_equal(richer.most, program.most):
        return None  # neither the relaxation nor anybody who was too dear gains by it
    found = solve(richer, gap=gap, deadline=clock.deadline, cancelled=clock.cancelled, before=solution, turns=_TURNS)
    value, unit = program.value(plan), program.denominator
    if found.bound == value:  # the plan that there is stays the best one
        return MoreBudget(float(AMOUNT), float(value / unit), 0.0)
    if found.plan is None or any(rule.failure(found.plan) for rule in richer.rules):
        return None
    better = program.value(found.plan)
    if better <= value or not program.rules[at].failure(found.plan):
        return None
    return MoreBudget(float(AMOUNT), float(better / unit), float((better - value) / unit))


def _is_budget(rule: AnyRule) -> bool:
    said = rule.constraint
    if not isinstance(rule, Rule) or not isinstance(said, Constraint) or said.name not in _BUDGETS:
        return False
    return said.kind == "absolute" and said.measure.quantity in ("spend", "cost") and said.at_most is not None


def _moved(program: Program, at: int) -> dict[int, Rule]:
    """The budget with more in it, and what is a share of it; nothing where that cannot be told."""
    budget = program.rules[at].constraint
    if not isinstance(budget, Constraint) or budget.at_most is None:
        return {}
    moved: dict[int, Rule] = {}
    for place, rule in enumerate(program.rules):
        said = rule.constraint
        if not isinstance(said, Constraint):
            continue
        if place == at and isinstance(rule, Rule):
            moved[place] = replace(rule, constraint=replace(said, at_most=budget.at_most + AMOUNT))
        elif isinstance(said.of, Fraction):
            if budget.note or said.of != budget.at_most or not isinstance(rule, Rule):
                return {}
            more = said.of + AMOUNT
            moved[place] = replace(rule, constraint=replace(said, of=more), base=more)
    return moved


def _with(program: Program, moved: Mapping[int, Rule]) -> Program:
    rows = [row for row in program.rows if row.rule not in moved]
    rows += [row for place, rule in moved.items() for row in rows_of(rule, place, program.whole)]
    rules = tuple(moved.get(place, rule) for place, rule in enumerate(program.rules))
    return replace(program, rules=rules).relaxed(rows)
