"""Several goals in order, in words."""

from __future__ import annotations

from math import ceil

from optimizer.report import forecast, views
from optimizer.report.document import Cell, Valued
from optimizer.results import words
from optimizer.results.gap import gap_between
from optimizer.results.plan import GoalResult, Plan


def later(plan: Plan) -> list[str]:
    """A line for each goal after the first."""
    return [
        f"then {_asked(goal)}: {_value(plan, goal, goal.value)}{_kept(plan, plan.goals[at - 1])}"
        for at, goal in enumerate(plan.goals)
        if at
    ]


def asked(plan: Plan) -> list[str]:
    """What is asked of the goals: how much of each is kept, and those after the first."""
    return [f"Then: {_asked(goal)}, keeping {_shares(plan, at)}" for at, goal in enumerate(plan.goals) if at]


def figures(plan: Plan) -> list[tuple[str, Cell]]:
    """The value of each goal after the first."""
    return [(f"then {_asked(goal)}", _valued(plan, goal)) for goal in plan.goals[1:]]


def proof(plan: Plan) -> str:
    """The proved quality of several goals, in a sentence."""
    if plan.claim == "optimal":
        return f"proved optimal, goal by goal{forecast.by_figures(plan)}: no plan does better"
    gaps = (gap_between(goal.found, goal.bound) for goal in plan.goals)
    why = " (the search was stopped)" if plan.solver.stopped else ""
    most = f"{ceil(10_000 * max(gaps)) / 100:,.2f} %"
    return f"at most {most} from the best possible plan, goal by goal, proved{forecast.by_figures(plan)}{why}"


def _asked(goal: GoalResult) -> str:
    parts = (name if weight == 1 else f"{weight:g} x {name}" for name, weight in goal.of.items())
    return f"{goal.sense} {' + '.join(parts)}"


def _shares(plan: Plan, at: int) -> str:
    kept = [one.keep for one in plan.goals[:at] if one.keep is not None]
    return " and ".join(f"{100 * keep:.6g} % of goal {number}" for number, keep in enumerate(kept, 1))


def _valued(plan: Plan, goal: GoalResult) -> Cell:
    (name, weight), *others = goal.of.items()
    return views.valued(plan, name, goal.value) if not others and weight == 1 else Valued(goal.value, "count")


def _value(plan: Plan, goal: GoalResult, value: float) -> str:
    names = [name if weight == 1 else "" for name, weight in goal.of.items()]
    return words.amount(plan, names[0] if len(names) == 1 else "", value)


def _kept(plan: Plan, before: GoalResult) -> str:
    if before.keep is None:
        return ""
    return f", with {100 * before.keep:.6g} % of {_value(plan, before, before.found)} kept"
