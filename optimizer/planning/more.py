"""What a little more budget brings: another plan is searched for, and only a plan that was found is reported."""

from __future__ import annotations

import numpy as np

from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.program import Program
from optimizer.planning.loosening import Change, shares_of, with_changes
from optimizer.results.plan import MoreBudget
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution, solve

AMOUNT = 100  # units of the currency
_COLUMNS_MOST = 2_000  # larger programs take too long for a remark
_ROUNDS, _GAP = 40, 1e-3  # of work, and how near to the best such a plan need be: it is a remark
_BUDGETS = ("budget", "budget spend")


def with_more_budget(solution: Solution, gap: float, clock: Clock) -> MoreBudget | None:
    """The plan found with `AMOUNT` more budget; None if no better plan was found that needs it.

    Whether one is found must not depend on how busy the machine is: the work is counted, and the clock only serves
    requests to stop.
    """
    program, plan = solution.program, solution.plan
    at = budget_of(program)
    if plan is None or at is None or clock.stopped or len(program) > _COLUMNS_MOST:
        return None
    richer = _richer(program, at)
    if richer is None or program.objective.sense == "minimize":
        return None
    moved = {at, *shares_of(program, program.rules[at])}
    priced = any(price and row.rule in moved for row, price in zip(program.rows, solution.prices, strict=True))
    if not priced and np.array_equal(richer.most, program.most):
        return None  # neither the relaxation nor anybody who was too dear gains by it
    found = solve(richer, gap=max(gap, _GAP), clock=clock.part(_ROUNDS), before=solution)
    value, unit = program.value(plan), program.denominator
    if found.bound == value:  # the present plan stays the best one
        return MoreBudget(float(AMOUNT), float(value / unit), 0.0)
    if found.plan is None or any(rule.failure(found.plan) for rule in richer.rules):
        return None
    better = program.value(found.plan)
    if better <= value or not program.rules[at].failure(found.plan):
        return None
    return MoreBudget(float(AMOUNT), float(better / unit), float((better - value) / unit))


def budget_of(program: Program) -> int | None:
    """The position of the rule that is the budget; None without one."""
    return next((at for at, rule in enumerate(program.rules) if _is_budget(rule)), None)


def _is_budget(rule: Rule) -> bool:
    amount = rule.bounded()
    if amount is None or amount.constraint.name not in _BUDGETS:
        return False
    said = amount.constraint
    return said.kind == "absolute" and said.measure.quantity in ("spend", "cost") and said.at_most is not None


def _richer(program: Program, at: int) -> Program | None:
    """The program with more budget, and with the shares of the budget raised; None if that cannot be expressed."""
    rule = program.rules[at].bounded()
    budget = None if rule is None else rule.constraint.budget
    if rule is None or budget is None or any(program.rules[one].bounded() is None for one in shares_of(program, rule)):
        return None
    return with_changes(program, [Change(rule, at, "at_most", budget.written + AMOUNT)])
