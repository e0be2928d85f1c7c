"""Conflicts and repairs as plain values and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.domain.scenario import Scenario
from optimizer.formulation.program import Program
from optimizer.planning.conflicts import FoundConflict, rules_of
from optimizer.planning.kinds import clashing
from optimizer.planning.loosening import Change
from optimizer.planning.repairs import repairs
from optimizer.results.common import ClashingRule, Conflict, Repair
from optimizer.solving.highs import Clock

_NUMBERS = "no one two three four five six seven eight nine".split()


@dataclass(frozen=True)
class Told:
    """Conflicts and repairs, as a plan or a NoPlan states them."""

    conflicts: tuple[Conflict, ...] = ()
    conflict: tuple[str, ...] = ()
    rules: tuple[ClashingRule, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def reason(self) -> str:
        """All conflicts in one sentence."""
        said = "; ".join(conflict.says for conflict in self.conflicts)
        return said if len(self.conflicts) < 2 else f"{counted(len(self.conflicts))} separate conflicts: {said}"


def tell(scenario: Scenario, program: Program, found: Sequence[FoundConflict], clock: Clock, sentence: str) -> Told:
    """State conflicts with their repairs; `sentence` is a template with `rules`, `names` and `proved`."""
    if not found:
        return Told()
    ways = repairs(scenario, program, found, clock)
    return Told(
        conflicts=tuple(_conflict(program, clash, sentence) for clash in found),
        conflict=_named(program, found),
        rules=tuple(clashing(program.rules[at]) for at in rules_of(found)),
        repairs=tuple(_repair(change, option) for option, way in enumerate(ways, 1) for change in way),
    )


def counted(number: int) -> str:
    """A small number as a word."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _named(program: Program, found: Sequence[FoundConflict]) -> tuple[str, ...]:
    names = [program.rules[at].name for at in rules_of(found)]
    return (*names, *(["include"] if any(clash.must for clash in found) else []))


def _conflict(program: Program, clash: FoundConflict, sentence: str) -> Conflict:
    names = _named(program, [clash])
    says = sentence.format(
        rules="this rule" if len(names) == 1 else "these rules at once",
        proved="proved" if clash.proved else "the solver reports it; not proved",
        names=", ".join(names) or "all of them",
    )
    return Conflict(names, tuple(clashing(program.rules[at]) for at in clash.rules), says)


def _repair(change: Change, option: int) -> Repair:
    rule = change.rule
    if rule is None:
        return Repair("include", change.creator, None, None, None, True, option)
    old = None if change.key is None else getattr(rule.constraint, change.key)
    budget, leaves = getattr(rule.constraint, "budget", None), None
    if budget is not None and change.new is not None:
        if budget.reserve or budget.fixed:
            leaves = float(old or 0), float(budget.left(change.new))
        old = budget.written
    return Repair(
        constraint=rule.constraint.name,
        per_value=rule.label,
        bound=change.key,
        from_=None if old is None else float(old),
        to=None if change.new is None else float(change.new),
        least=change.least,
        option=option,
        rule=clashing(rule),
        note=getattr(rule.constraint, "note", ""),
        leaves=leaves,
    )
