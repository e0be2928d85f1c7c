"""The points between two goals: at each level that the second goal must reach, the best value of the first.

Each point is planned for goals in order: the first goal, and of all plans that are as good in it the best in the
second. So no plan is as good in both and better in one, where both steps are proved.

Haimes, Lasdon and Wismer, "On a bicriterion formulation of the problems of integrated system identification and system
optimization", 1971 (the epsilon-constraint method).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from optimizer.domain.exact import plain
from optimizer.domain.quantities import MONEY
from optimizer.domain.scenario import Scenario
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.planning.point import Pointed
from optimizer.results.sweep import Frontier, SweepPoint
from optimizer.unseen import visible

RULE = "frontier"  # the name of the rule that holds the second goal at a level
_COSTS = ("spend", "cash", "cost", "cash_cost", "agency", "boost", "fee", "commission", "hours", "gifts")
_SENSES = ("maximize", "minimize")


def second_goal(scenario: Scenario, said: str) -> Frontier:
    """The second goal of `QUANTITY`, `maximize QUANTITY` or `minimize QUANTITY`; costs are minimized.

    Raises
    ------
    ScenarioError
        If there is no such quantity, or the scenario has goals in order already.
    """
    sense, _, name = said.strip().rpartition(" ")
    sense = sense.strip().lower()
    quantity = scenario.quantities.get(name)
    if quantity is None or sense not in ("", *_SENSES):
        known = ", ".join(scenario.quantities)
        raise _fault("frontier-quantity", f'"{visible(said)}" is not a quantity', f"quantities are: {known}", said)
    if scenario.goals:
        mend = "keep one goal in the scenario; the second one is that of --frontier"
        raise _fault("frontier-goals", "the scenario has several goals in order already", mend, said)
    if [name] == [one for one, _ in scenario.objective.weights]:
        raise _fault("frontier-same", f"{name} is the scenario's own goal", "name another quantity", said)
    return Frontier(name, "minimize" if sense == "minimize" or (not sense and name in _COSTS) else "maximize")


def first_end(scenario: Scenario, second: Frontier) -> dict[str, str]:
    """The changes for the best plan of the scenario's own goal."""
    return {"objective": f"[{_first(scenario, keep=True)}, {{{second.sense}: {_quoted(second.quantity)}}}]"}


def last_end(scenario: Scenario, second: Frontier) -> dict[str, str]:
    """The changes for the best plan of the second goal."""
    return {"objective": f"[{{{second.sense}: {_quoted(second.quantity)}, keep: 100%}}, {_first(scenario)}]"}


def levels(scenario: Scenario, second: Frontier, ends: tuple[float, float], count: int) -> list[dict[str, str]]:
    """The changes for the points between the ends, of which the second goal reaches so much, at even distances."""
    name = second.quantity
    unit = Decimal(1).scaleb(-scenario.currency.decimals if scenario.quantities[name].unit == MONEY else -6)
    first, last = (Decimal(repr(end)) for end in ends)
    key, whole = ("at_least", floor) if second.sense == "maximize" else ("at_most", ceil)
    found = []
    for at in range(1, count - 1):
        level = unit * whole((first + (last - first) * at / (count - 1)) / unit)
        rule = f"{{quantity: {_quoted(name)}, {key}: {plain(level)}}}"
        found.append({**first_end(scenario, second), f'constraints."{RULE} {name}"': rule})
    return list({tuple(one.items()): one for one in found}.values())


def _first(scenario: Scenario, *, keep: bool = False) -> str:
    """The scenario's own goal as it is written."""
    weights = ", ".join(f"{_quoted(name)}: {_decimal(weight)}" for name, weight in scenario.objective.weights)
    return f"{{{scenario.objective.sense}: {{{weights}}}{', keep: 100%' if keep else ''}}}"


def _decimal(weight: Fraction) -> str:
    return plain(Decimal(weight.numerator) / Decimal(weight.denominator))


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def at_level(point: SweepPoint, second: Frontier) -> SweepPoint:
    """A point of the frontier in its place: what it reaches of the second goal."""
    if point.outcome != "plan":
        return point
    return replace(point, at={second.quantity: point.totals[second.quantity]}, proved=point.claim == "optimal")


def at_last_end(found: Pointed, second: Frontier) -> SweepPoint:
    """The best plan of the second goal, with value and bound of the scenario's own goal, which came second there."""
    if len(found.steps) != len(_SENSES):
        return found.point
    own = found.steps[1]
    point = replace(found.point, sense=own.sense, of=own.of, value=own.value, bound=own.bound, gap=own.gap)
    return at_level(point, second)


def not_dominated(points: Sequence[SweepPoint], second: Frontier) -> list[SweepPoint]:
    """The points that no other one is at least as good as, in order; of equal ones the first."""
    pairs = [_worth(point, second) for point in points]
    kept = [
        point
        for at, (point, mine) in enumerate(zip(points, pairs, strict=True))
        if not any(_beats(other, mine) or (other == mine and place < at) for place, other in enumerate(pairs))
    ]
    return sorted(kept, key=lambda point: _worth(point, second), reverse=True)


def _worth(point: SweepPoint, second: Frontier) -> tuple[float, float]:
    """Both goals, the more the better."""
    first = (point.value or 0.0) * (1 if point.sense == "maximize" else -1)
    return first, point.totals[second.quantity] * (1 if second.sense == "maximize" else -1)


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] >= other[0] and one[1] >= other[1]


def _fault(code: str, cause: str, mend: str, said: str) -> ScenarioError:
    return ScenarioError([Problem(code, cause, mend, Place(visible(f"--frontier {said}")))])
