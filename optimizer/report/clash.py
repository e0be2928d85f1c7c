"""Conflicts of rules and their repairs, as lines for a terminal: for a NoPlan, and for an empty plan."""

from __future__ import annotations

from optimizer.results import words
from optimizer.results.common import Conflict, Repair
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan


def conflicts(result: Plan | NoPlan) -> list[str]:
    """The rules of each conflict, with their places; several conflicts are numbered."""
    if len(result.conflicts) == 1:
        return [result.conflicts[0].says, *_rules(result, result.conflicts[0])]
    lines = [f"there are {len(result.conflicts)} separate conflicts"]
    for number, conflict in enumerate(result.conflicts, 1):
        lines += [f"{number}. {conflict.says}", *(f"   {line}" for line in _rules(result, conflict))]
    return lines


def _rules(result: Plan | NoPlan, conflict: Conflict) -> list[str]:
    lines = [
        f"- {words.rule_name(rule)}: {words.bounds(result, rule)}{words.written_at(rule)}" for rule in conflict.rules
    ]
    return [*lines, f"- include: {_included(result)}"] if "include" in conflict.names else lines


def _included(result: Plan | NoPlan) -> str:
    """Who must be booked, with what is agreed already."""
    committed = result.committed
    if committed is None or not committed.creators:
        return "the creators who must be booked"
    agreed = "1 who agreed" if committed.creators == 1 else f"{committed.creators:,} who agreed"
    cost = "" if committed.spend is None else f" for {words.amount(result, 'spend', committed.spend)}"
    return f"the creators who must be booked, among them {agreed}{cost}"


def ways(result: Plan | NoPlan) -> list[str]:
    """The repairs, one way per line."""
    options: dict[int, list[Repair]] = {}
    for change in result.repairs:
        options.setdefault(change.option, []).append(change)
    lines = []
    for way in options.values():
        doubt = len(way) == 1 and way[0].bound is not None and not way[0].least
        said = ", and ".join(words.repair(result, change) for change in way)
        lines.append(f"- {said}{' (a smaller change may do)' if doubt else ''}")
    if not lines:
        return []
    mended = {1: "it", 2: "both"}.get(len(result.conflicts), "all of them")
    do = "let somebody be booked" if isinstance(result, Plan) else f"mend {mended}"
    return ["", f"{'This' if len(lines) == 1 else 'Any one of these'} would {do}:", *lines]
