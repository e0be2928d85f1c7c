"""Checks of what a plan states of conflicts, of repairs and of more budget."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from optimizer.domain.constraints import Constraint
from optimizer.domain.scenario import Scenario
from optimizer.results.stated import of
from optimizer.results.verification import Difference
from optimizer.verification.differences import compared
from optimizer.verification.fields import Fields
from optimizer.verification.kinds.rule import Rule
from optimizer.verification.near import Near
from optimizer.verification.stated import exact, number

_BUDGETS = ("budget", "budget spend")


def named(conflict: list[Any], scenario: Scenario, rules: Sequence[Rule]) -> Iterator[Difference]:
    """Whether a conflict names existing rules."""
    known = {rule.name for rule in rules} | ({"include"} if scenario.include else set())
    for name in conflict:
        if name not in known or conflict.count(name) > 1:
            yield Difference("conflict", name, None, f"there is no rule {name}, or it is named twice")


def apart(said: Mapping[str, Any], conflict: list[Any]) -> Generator[Difference, None, list[Any]]:
    """The rules that the proof is about: those of the first conflict, if a plan lists several."""
    if "conflicts" not in said:
        return conflict
    conflicts = of(said, "conflicts", list)
    names = [name for one in conflicts for name in one]
    if sorted(names) != sorted(conflict) or not all(conflicts):
        yield Difference("conflicts", conflicts, None, "conflicts do not list each rule of conflict once")
    first: list[Any] = conflicts[0] if conflicts else conflict
    return first


_CLASHING = ("name", "per_value", "quantity", "kind", "of", "at_least", "at_most", "says")


def told(rule: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan states of a rule; older ones know no `or_none`."""
    return {key: rule.get(key) for key in _CLASHING} | {"or_none": bool(rule.get("or_none"))}


def in_full(said: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[Difference]:
    """Whether conflicts are stated in full as they are by name, with their rules as written. (Since version 0.2.)"""
    if "clashes" not in said:
        return
    clashes = of(said, "clashes", list)
    names = [of(one, "names", list) for one in clashes]
    yield from compared("clashes", names, said.get("conflicts", []))
    for one in clashes:
        for stated in of(one, "rules", list):
            rule = yield from _as_written("clashes", stated, rules)
            if rule is not None and rule.name not in one["names"]:
                yield Difference("clashes", rule.name, None, "a rule is stated that the conflict does not name")


def _as_written(where: str, rule: Any, rules: Sequence[Rule]) -> Generator[Difference, None, Rule | None]:
    """The rule that is stated, which must be as the scenario writes it."""
    stated = told(rule)
    found = next((rule for rule in rules if rule.clashing() == stated), None)
    if found is None:
        text = f"the rule {stated['name']} is not stated as the scenario writes it"
        yield Difference(where, stated, None, text)
    return found


def repairs(said: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[Difference]:
    """Whether repairs start from the existing bounds."""
    for repair in of(said, "repairs", list):
        key, name, value = (repair.get(part) for part in ("bound", "constraint", "per_value"))
        if repair.get("rule") is not None:
            yield from _as_written("repairs", of(repair, "rule", dict), rules)
            if repair["rule"].get("name") != name:
                yield Difference("repairs", repair["rule"].get("name"), name, "a repair speaks of two rules")
        if key not in ("at_least", "at_most"):
            continue
        every = [rule.bounded for rule in rules if rule.label == value]
        mine = [one for one in every if one is not None and one.name == name]
        bounds = [getattr(one, key) for one in mine]
        if "leaves" in repair:  # older plans state what is left of a budget, not the budget as written
            written = [one.budget.written for one in mine if one.budget is not None]
            yield from _left_of_budget(repair, mine, name)
            bounds = written or bounds
        if repair.get("from") not in [None if bound is None else float(bound) for bound in bounds]:
            text = f"the repair of {name} does not start from its bound"
            yield Difference("repairs", repair.get("from"), bounds and float(bounds[0] or 0), text)


def _left_of_budget(repair: Mapping[str, Any], rules: Sequence[Constraint], name: Any) -> Iterator[Difference]:
    """Whether a repair states correctly what a budget leaves for creators after reserve and fixed costs."""
    found = None
    for budget in (one.budget for one in rules if one.budget is not None):
        exact(repair.get("to"))  # which is a number
        ends = [budget.written, Fraction(repr(repair["to"]))]
        left = [amount - amount * budget.reserve - budget.fixed for amount in ends]
        if budget.reserve or budget.fixed:
            found = {"from": float(left[0]), "to": float(left[1])}
    yield from compared(f"repairs > {name} > leaves", repair["leaves"], None if found is None else Fields(found))


def empty(said: Mapping[str, Any], scenario: Scenario, rules: Sequence[Rule]) -> Iterator[Difference]:
    """Whether a plan states correctly that nobody is booked, and names existing rules. (Since version 0.2.)"""
    nobody = not said["allocations"]
    if "empty" in said:
        yield from compared("empty", said["empty"], nobody)
    conflict = of(said, "conflict", list) if "conflict" in said else []
    if conflict and not nobody:
        yield Difference("conflict", conflict, [], "somebody is booked: no rule rules that out")
    yield from named(conflict, scenario, rules)
    yield from apart(said, conflict)
    yield from in_full(said, rules)
    if "repairs" in said:
        yield from repairs(said, rules)


def more_budget(said: Mapping[str, Any], scenario: Scenario) -> Iterator[Difference]:
    """Whether the value of the plan with more budget adds up. That such a plan exists is not checked."""
    more, goal = said.get("more_budget"), said["objective"]
    if more is None:
        return
    difference = number(more, "difference")
    value = Near(goal["value"] + difference)
    yield from compared("more_budget", more, Fields({"amount": 100.0, "value": value, "difference": difference}))
    has_budget = any(rule.name in _BUDGETS for rule in scenario.constraints)
    if difference < 0 or goal["sense"] != "maximize" or not has_budget:
        yield Difference("more_budget", more, None, "no plan can be said to gain so by more budget")
