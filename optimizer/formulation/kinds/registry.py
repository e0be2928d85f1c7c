"""The kinds of rules by name: the only list of them. A constraint names its kind (`rule_kind`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from optimizer.formulation.counting import Counting
from optimizer.formulation.kinds import amounts, each, logic
from optimizer.formulation.kinds.rule import Rule


@dataclass(frozen=True)
class Kind:
    """A kind of rule.

    Parameters
    ----------
    rules
        The rules of one of its constraints: one, or one for each part of it that has a name of its own.
    keys
        The keys by which planners write it; the reference describes each.
    """

    rules: Callable[[Any, Counting], Iterator[Rule]]
    keys: tuple[str, ...]


KINDS: dict[str, Kind] = {
    "amounts": Kind(amounts.rules, ("quantity", "at_least", "at_most", "exactly", "per", "or_none")),
    "each": Kind(each.rules, ("per: creator", "per: talent")),
    "logic": Kind(logic.rules, ("at_most_one_of", "exactly_one_of", "together", "if", "then")),
}
