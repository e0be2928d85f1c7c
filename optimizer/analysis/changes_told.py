"""What becomes of each name when a plan is made again, and why: sentences of which each part is checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from optimizer.analysis.answers import Answers
from optimizer.analysis.fewest_changes import Changing, Fewest
from optimizer.planning.kinds import result
from optimizer.results import words
from optimizer.results.plan import Allocation, ConstraintResult, Plan
from optimizer.results.replanned import NameChange

_NAMED_MOST = 3


@dataclass(frozen=True, eq=False)
class Telling:
    """Tells the changes from the plan `before` to the plan `now`."""

    before: Plan
    now: Plan
    answers: Answers
    changing: Changing
    fewest: Fewest

    def changes(self) -> tuple[NameChange, ...]:
        """One for each creator of either plan: who leaves, who is new, who changes, who stays."""
        was, now = _by_creator(self.before.allocations), _by_creator(self.now.allocations)
        dropped = [NameChange(name, "dropped", self._dropped(name), before=_offers(was[name])) for name in self._left]
        added = [NameChange(name, "added", self._added(now[name]), offer=_offers(now[name])) for name in self._new]
        others = [self._other(name, was[name], mine) for name, mine in now.items() if name in was]
        kept = [one for one in others if one.what == "kept"]
        return (*dropped, *added, *(one for one in others if one.what == "changed"), *kept)

    @cached_property
    def _left(self) -> list[str]:
        now = _by_creator(self.now.allocations)
        return [name for name in _by_creator(self.before.allocations) if name not in now]

    @cached_property
    def _new(self) -> list[str]:
        was = _by_creator(self.before.allocations)
        return [name for name in _by_creator(self.now.allocations) if name not in was]

    @cached_property
    def _in_the_best(self) -> frozenset[tuple[str, str]]:
        """The bookings of the best plan, as creators on offers."""
        estimates, plan = self.changing.estimates, self.changing.best
        scenario, columns = estimates.scenario, estimates.columns.take(plan.columns)
        pairs = zip(columns.creator.tolist(), columns.offer.tolist(), strict=True)
        return frozenset((scenario.pool.ids[creator], scenario.offers[offer].name) for creator, offer in pairs)

    # --- why ---

    def _dropped(self, name: str) -> str:
        if name in self.answers.declined:
            return "declined"
        pool = self.changing.estimates.scenario.pool
        if not pool.positions(name):
            return "can no longer be booked"
        mine = [one for one in self.before.allocations if one.creator == name]
        frees = self._sum(mine, "spend")
        freed = f"frees {words.amount(self.now, 'spend', frees)}" if frees else "is left out"
        return f"{freed}: {self._pressure}"

    @cached_property
    def _pressure(self) -> str:
        """Why the plan before cannot simply stay, with what is agreed and without those who declined."""
        found, stands = self.changing.found, self.changing.as_it_stands
        program = found.steps.last.program
        plan = program.settled(stands)
        broken = [rule for rule in program.rules if rule.failure(plan)]
        if broken:
            rules = [result(self.changing.estimates.scenario, rule, plan, 0.0) for rule in broken]
            told = [self._broken(rule) for rule in rules[:_NAMED_MOST]]
            more = [f"{len(rules) - _NAMED_MOST} more rules"] if len(rules) > _NAMED_MOST else []
            return f"without a change the plan breaks {_listed([*told, *more])}"
        if not program.keeps_units(plan) or program.failures(plan):
            return "the plan before cannot stay as it is"
        best, value = program.worth(self.changing.best), program.worth(plan)
        share = f"{words.percent(float(value / best))} of the best" if best > 0 and value >= 0 else "too little"
        return f"without a change the plan is worth {share}"

    def _broken(self, rule: ConstraintResult) -> str:
        """A rule with how far it is passed, where it holds an amount of money."""
        name = words.rule_name(rule)
        over = None if rule.value is None or rule.at_most is None else rule.value - rule.at_most
        if rule.kind == "absolute" and over is not None and over > 0 and words.is_money(self.now, rule.quantity):
            return f"{name} by {words.amount(self.now, rule.quantity, over)}"
        return name

    def _added(self, mine: Sequence[Allocation]) -> str:
        agreed = self.answers.agreed.get(mine[0].creator)
        if agreed is not None:
            return f"{agreed.status}, and was not in the plan before"
        return f"{self._brings(mine)}{self._in_place}"

    def _brings(self, mine: Sequence[Allocation]) -> str:
        """What some bookings bring for the goal, and cost."""
        outcome, cost = self._outcome(mine), words.amount(self.now, "spend", self._sum(mine, "spend"))
        return f"brings {outcome} for {cost}" if outcome else f"costs {cost}"

    def _outcome(self, mine: Sequence[Allocation]) -> str:
        """What some bookings bring for the goal."""
        parts = [
            words.amount(self.now, name, self._sum(mine, name)) + ("" if words.is_money(self.now, name) else f" {name}")
            for name in self.now.objective.of
            if name != "spend" and any(name in one.values for one in mine)
        ]
        return " and ".join(parts)

    @cached_property
    def _in_place(self) -> str:
        """In place of whom somebody is added."""
        left = self._left
        if not left:
            return ""
        names = _listed(left) if len(left) <= _NAMED_MOST else f"{len(left)} who left"
        return f", in place of {names}"

    def _other(self, name: str, was: Sequence[Allocation], now: Sequence[Allocation]) -> NameChange:
        """Somebody who is in both plans."""
        before, offer = _offers(was), _offers(now)
        agreed = self.answers.agreed.get(name)
        counts = sum(one.count for one in was), sum(one.count for one in now)
        if agreed is not None:
            fee = "" if agreed.fee is None else self._fee(agreed.fee)
            return NameChange(name, "kept" if before == offer else "changed", f"{agreed.status}{fee}", before, offer)
        if before != offer:
            was_, cost = self._outcome(was), words.amount(self.now, "spend", self._sum(was, "spend"))
            instead = f"instead of {was_} for {cost}" if was_ else f"instead of {cost}"
            return NameChange(name, "changed", f"{self._brings(now)}, {instead}", before, offer)
        if counts[0] != counts[1]:
            times = " instead of ".join(words.written(count, "count", 2) for count in reversed(counts))
            return NameChange(name, "changed", f"booked {times} times", before, offer)
        best = all((name, one.offer) in self._in_the_best for one in now)
        why = "in the best plan too" if best else "kept to change few names; the best plan has others"
        return NameChange(name, "kept", why, before, offer)

    def _fee(self, fee: int) -> str:
        scale = 10**self.now.decimals
        return f" for {words.written(fee / scale, 'money', self.now.decimals)} {self.now.currency}"

    @staticmethod
    def _sum(mine: Iterator[Allocation] | Sequence[Allocation], name: str) -> float:
        return round(sum(one.values.get(name, 0) for one in mine), 6)


def _by_creator(allocations: Sequence[Allocation]) -> dict[str, list[Allocation]]:
    found: dict[str, list[Allocation]] = {}
    for one in allocations:
        found.setdefault(one.creator, []).append(one)
    return found


def _listed(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _offers(mine: Sequence[Allocation]) -> str:
    return ", ".join(dict.fromkeys(one.offer for one in mine))
