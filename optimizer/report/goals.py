"""Several goals in order, in words."""

from __future__ import annotations

from math import ceil

from optimizer.results import words
from optimizer.results.plan import GoalResult, Plan


def later(plan: Plan) -> list[str]:
    """A line for each goal after the first."""
    return [f"then {_asked(goal)}: {_value(plan, goal, goal.value)}{_kept(plan, goal)}" for goal in plan.goals[1:]]


def first(plan: Plan) -> str:
    """What was kept of the first goal, in brackets; empty where it is the only one, or kept in full."""
    return _kept(plan, plan.goals[0]) if plan.goals else ""


def proof(plan: Plan) -> str:
    """The proved quality of several goals, in a sentence; empty for a single one."""
    if not plan.goals:
        return ""
    if plan.claim == "optimal":
        return "proved optimal, goal by goal: no plan does better"
    gaps = (abs(goal.bound - goal.found) / max(abs(goal.found), 1.0) for goal in plan.goals)
    why = "; the search was stopped" if plan.solver.stopped else ""
    return f"goal by goal, at most {ceil(10_000 * max(gaps)) / 100:,.2f} % from the best, proved{why}"


def _asked(goal: GoalResult) -> str:
    parts = (name if weight == 1 else f"{weight:g} x {name}" for name, weight in goal.of.items())
    return f"{goal.sense} {' + '.join(parts)}"


def _value(plan: Plan, goal: GoalResult, value: float) -> str:
    names = [name if weight == 1 else "" for name, weight in goal.of.items()]
    return words.amount(plan, names[0] if len(names) == 1 else "", value)


def _kept(plan: Plan, goal: GoalResult) -> str:
    if goal.keep is None or goal.found == goal.value:
        return ""
    return f" ({_value(plan, goal, goal.found)} found, {100 * goal.keep:.6g} % of it kept)"
