"""Why a part of the budget is left, in one sentence of which each part was checked."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from optimizer.domain.exact import Currency, Ints
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.kinds.amounts import AmountRule
from optimizer.planning.further import Further, further_bookings, named
from optimizer.planning.more import budget_of
from optimizer.results.plan import Unspent
from optimizer.solving.engine import Solution

_NAMED_MOST = 5


def unspent(estimates: Estimates, solution: Solution, *, chosen: bool = False) -> Unspent | None:
    """What a plan leaves of the budget for creators, and why; None without a budget.

    `chosen`: the plan was chosen for the sake of few changes, although better ones may be known.
    """
    program, plan = solution.program, solution.plan
    at = budget_of(program)
    if plan is None or at is None:
        return None
    rule, currency = program.rules[at].bounded(), estimates.scenario.currency
    if rule is None or not isinstance(rule.base, Fraction) or rule.constraint.at_most is None:
        raise TypeError("a budget is an amount")
    left = rule.constraint.at_most * rule.base / rule.lead - rule.measured.total(plan)
    amount = float(left / currency.scale)
    if not left:
        return Unspent(amount, "the budget is spent in full")
    if left < 1:  # reserve and fixed costs need not leave whole coins
        return Unspent(amount, "less than the smallest coin is left")
    told = _Told(estimates, Further(program, plan), rule, left, chosen)
    why, complete = told.why(further_bookings(program, plan))
    if complete:
        return Unspent(amount, why)
    best = solution.bound is not None and program.value(plan) == solution.bound
    better = "plans that are worth more change more names" if chosen else "no better plan was found"
    return Unspent(amount, f"{why}; {'no other plan does better (proved)' if best else better}")


class _Told:
    """The sentence about one plan."""

    def __init__(self, estimates: Estimates, further: Further, rule: AmountRule, left: Fraction, chosen: bool) -> None:
        self.estimates, self.further, self.rule, self.left, self.chosen = estimates, further, rule, left, chosen
        self.currency: Currency = estimates.scenario.currency

    def why(self, every: Ints) -> tuple[str, bool]:
        """The reason why nothing is added for the rest; and whether it says all there is to say."""
        program = self.further.program
        if not len(every):
            return "nobody is left who could be booked", False
        affordable = every[self.further.within([self.rule.measured], self.left, every)]
        if not len(affordable):
            return self._too_dear(every), False
        kept, broken = affordable, list[int]()
        for at in range(len(program.rules)):
            breaks = self.further.breaks(at, kept)
            if breaks.any():
                broken.append(at)
                kept = kept[~breaks]
        kept = kept[~self.further.gives_up(kept)]
        useful = kept[self.further.gains(kept)]
        if len(useful):
            return self._missed(useful), True
        rules = named(program.rules, broken, _NAMED_MOST)
        rules = f"a rule: {rules}" if len(broken) == 1 else f"one of these rules: {rules}"
        if not len(kept):
            return f"each further booking that the rest would pay for would break {rules}", False
        if not broken:
            return "no further booking that the rest would pay for would bring anything for the goal", False
        return (
            f"each further booking that the rest would pay for would bring nothing for the goal, or break {rules}",
            False,
        )

    def _too_dear(self, every: Ints) -> str:
        term = self.rule.measured
        cost = int(min(term.values[every].tolist())) * term.multiplier
        return (
            f"the cheapest further booking costs {self._money(Fraction(cost))},"
            f" {self._money(cost - self.left)} more than is left"
        )

    def _missed(self, useful: Ints) -> str:
        """A booking that the search did not come to."""
        column = int(useful[np.argmin(self.rule.measured.values[useful])])
        scenario, columns = self.estimates.scenario, self.estimates.columns
        who = scenario.pool.ids[int(columns.creator[column])]
        offer = scenario.offers[int(columns.offer[column])].name
        cost = Fraction(int(self.rule.measured.values[column]) * self.rule.measured.multiplier)
        if self.chosen:
            return f"to add {who} on {offer} for {self._money(cost)} would bring more, and change one more name"
        return f"the search ended before {who} was added on {offer} for {self._money(cost)}"

    def _money(self, amount: Fraction) -> str:
        return f"{float(amount / self.currency.scale):,.{self.currency.decimals}f} {self.currency.code}"
