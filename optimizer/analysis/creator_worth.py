"""What a creator is worth to a plan: at which fees they are booked, who replaces them, what it takes to insist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from optimizer.analysis.fees import FeeRange, FeeSearch
from optimizer.domain.exact import Ints
from optimizer.estimation.repriced import pays_fee
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Booked
from optimizer.planning.near import Near
from optimizer.planning.questions import Count, Found, Question
from optimizer.results.explanation import CreatorWorth, Insisting
from optimizer.solving.lagrangian_bound import reduced_costs

_NEVER = -(Fraction(10) ** 30)  # what no plan at all is worth


@dataclass
class CreatorQuestions:
    """Questions about the creators of a solved scenario."""

    near: Near
    gap: float = 0.0

    @cached_property
    def booked(self) -> Booked:
        """The plan's bookings."""
        plan = self.near.plan
        mine = plan.columns < self.near.program.bookings
        return Booked(plan.columns[mine], plan.counts[mine])

    @cached_property
    def inside(self) -> Mapping[int, int]:
        """Who is booked, by position in the pool, each with one of their columns."""
        creators = self.near.estimates.columns.creator[self.booked.columns]
        return dict(zip(creators.tolist(), self.booked.columns.tolist(), strict=True))

    def worth(self, creator: int) -> CreatorWorth:
        """What a creator, by position in the pool, is worth."""
        mine = np.flatnonzero(self.near.estimates.columns.creator == creator)
        return self._of_booked(creator, mine) if creator in self.inside else self._of_other(creator, mine)

    def _of_booked(self, creator: int, mine: Ints) -> CreatorWorth:
        near, column = self.near, self.inside[creator]
        beside = near.ask(Question(out=np.array([column])), gap=self.gap)
        moved = beside.plan is not None and bool(np.isin(beside.plan.columns, mine).any())  # to another offer
        without = near.ask(Question(out=mine), gap=self.gap) if moved else beside
        fees = self._fees(column, beside, known=True)
        return CreatorWorth(
            creator=near.estimates.scenario.pool.ids[creator],
            is_in=True,
            offer=self._offer(column),
            fee=self._money(self._search(column).own) if self._pays(column) else None,
            walk_away_fee=None if fees is None else self._money(fees.highest),
            fee_low=None if fees is None else self._money(fees.highest),
            fee_high=None if fees is None else self._money(_end(fees)),
            fee_intervals=() if fees is None else self._intervals(fees),
            proved=beside.proved and (fees is None or not fees.open_),
            replaced_by=self._names(without, others=True),
            loss_without=None if without.value is None else max(self._change(near.value - without.value), 0.0),
        )

    def _of_other(self, creator: int, mine: Ints) -> CreatorWorth:
        near = self.near
        insisted = near.ask(Question(counts=[Count(mine, at_least=1)]), gap=self.gap)
        best = Found(self.booked, near.value, near.proved, impossible=False)
        offers = [(column, self._fees(column, best, known=False)) for column in mine.tolist() if self._pays(column)]
        entering = [(column, fees) for column, fees in offers if fees is not None and fees.intervals]
        shown = max(entering, key=lambda one: self._cut(*one), default=(int(mine[0]), None))
        column, fees = shown
        known = all(fees is None or not fees.open_ for _, fees in offers)
        insisting = None
        if insisted.plan is not None and insisted.value is not None:
            insisting = Insisting(
                self._change(insisted.value - near.value),
                self._names(insisted, others=True),
                self._names(insisted, others=False),
                insisted.proved and near.proved == near.value,
            )
        return CreatorWorth(
            creator=near.estimates.scenario.pool.ids[creator],
            is_in=False,
            offer=self._offer(column),
            fee=self._money(self._search(column).own) if self._pays(column) else None,
            enters_at_fee=None if fees is None else self._money(fees.highest),
            fee_low=None if fees is None else self._money(fees.highest),
            fee_high=None if fees is None else self._money(_end(fees)),
            fee_intervals=() if fees is None else self._intervals(fees),
            proved=known and near.proved == near.value,
            why=self._why(self._nearest(mine), insisted),
            insisting=insisting,
        )

    # --- fees ---

    def _pays(self, column: int) -> bool:
        estimates = self.near.estimates
        return pays_fee(estimates.scenario, estimates.columns.take(np.array([column])))

    def _search(self, column: int, least: Fraction = _NEVER, most: Fraction = _NEVER) -> FeeSearch:
        return FeeSearch(self.near, column, least, most)

    def _fees(self, column: int, beside: Found, *, known: bool) -> FeeRange | None:
        """The fees at which a best plan makes a booking, if it has a fee; `beside` is the best plan without it."""
        if not self._pays(column) or (beside.value is None and not beside.impossible):
            return None
        least = _NEVER if beside.value is None else beside.value
        most = least if beside.bound is None or beside.value is None else beside.bound
        return self._search(column, least, most).range(self.booked if known else None)

    def _cut(self, column: int, fees: FeeRange) -> float:
        """How near to its fee a booking enters."""
        highest = fees.highest
        return float("inf") if highest is None else highest / max(self._search(column).own, 1)

    def _intervals(self, fees: FeeRange) -> tuple[tuple[float, float | None], ...]:
        return tuple((self._money(low) or 0.0, self._money(high)) for low, high in fees.intervals)

    def _money(self, amount: int | None) -> float | None:
        scale = self.near.estimates.scenario.currency.scale
        return None if amount is None else float(Fraction(amount, scale))

    def _change(self, value: Fraction) -> float:
        """A difference of values, in the unit of the goal and in the direction of gains."""
        return float(value / self.near.program.denominator)

    # --- names ---

    def _offer(self, column: int) -> str:
        estimates = self.near.estimates
        return estimates.scenario.offers[int(estimates.columns.offer[column])].name

    def _names(self, found: Found, *, others: bool) -> tuple[str, ...]:
        """Who is in another plan and not in this one; or, without `others`, in this one and not in the other."""
        if found.plan is None:
            return ()
        estimates = self.near.estimates
        theirs = set(estimates.columns.creator[found.plan.columns].tolist())
        mine = set(self.inside)
        names = sorted(theirs - mine if others else mine - theirs)
        return tuple(estimates.scenario.pool.ids[at] for at in names)

    def _nearest(self, mine: Ints) -> int:
        """Of a creator's bookings, the one nearest to being made, by the prices of the rules."""
        rc, _ = reduced_costs(self.near.program, self.near.prices)
        possible = mine[self.near.program.most[mine] > 0]
        some = possible if len(possible) else mine
        return int(some[np.argmax(rc[some])])

    def _why(self, column: int, insisted: Found) -> str:
        """Why a booking is not made, by the prices of the rules."""
        near = self.near
        if insisted.impossible:
            return "no plan with them keeps all rules (proved)"
        program = near.program
        if not program.most[column]:
            names = [
                program.rules[row.rule].name
                for row in program.rows
                if row.rule != STRUCTURE and (found := row.forbids(program.whole)) is not None and column in found
            ]
            return f"the offer breaks {names[0]} by itself" if names else "the offer breaks a rule by itself"
        brings = float(sum(term.coefficient(column) for term in program.costs)) * program.objective.sign
        charges = _charges(program, near.prices, column)
        taken = sum(charges.values())
        if brings >= taken:
            return "at the prices of the rules worth as much as others who are booked; whole bookings leave no place"
        dearest = sorted(charges, key=lambda name: -charges[name])[:2]
        unit, what = program.denominator, " and ".join(name for name, _ in program.objective.weights)
        return (
            f"{self._offer(column)} brings {brings / unit:,.6g} to the goal ({what}), and takes of "
            f"{' and '.join(dearest)} what brings {taken / unit:,.6g} with others"
        )


def _end(fees: FeeRange) -> int | None:
    """The highest fee that may still be one at which a best plan makes the booking."""
    if fees.highest is None:
        return fees.open_[-1][1] if fees.open_ else None
    return max([fees.highest, *(high for _, high in fees.open_)])


def _charges(program: Program, prices: tuple[float, ...], column: int) -> dict[str, float]:
    """What the rules charge for a booking, by name; gains (of a floor that it helps to keep) are negative."""
    found: dict[str, float] = {}
    for row, price in zip(program.rows, prices, strict=True):
        if price and row.rule != STRUCTURE:
            name = program.rules[row.rule].name
            found[name] = found.get(name, 0.0) + price * row.coefficient(column)
    return found
