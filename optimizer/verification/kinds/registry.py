"""The kinds of rules by name: the only list of them. A constraint names its kind (`rule_kind`)."""

from __future__ import annotations

from optimizer.verification.bookings import Bookings
from optimizer.verification.kinds import amounts, each, logic
from optimizer.verification.kinds.rule import Rule, Twin

TWINS: dict[str, Twin] = {"amounts": amounts, "each": each, "logic": logic}


def rules_of(bookings: Bookings) -> list[Rule]:
    """The rules of a scenario."""
    return [rule for said in bookings.scenario.constraints for rule in TWINS[said.rule_kind].rules(bookings, said)]
