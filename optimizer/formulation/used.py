"""Amounts that are used properly or not at all (`or_none`): 0, or within the bounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from optimizer.domain.exact import Ints
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.rules import Rule
from optimizer.formulation.terms import STRUCTURE, Row


def used_or_not(rule: Rule, indicators: Indicators) -> Rule:
    """The rule with bounds that hold where the group is used: `low * z <= lead * measured <= high * z`.

    z is 1 where the amount is not 0. So it is of the same form as a share, with z as its total. A share of a total has
    a lower bound that is lifted where z is 0.
    """
    measured, supply = rule.measured, indicators.supply
    every = np.arange(indicators.bookings) if measured.members is None else measured.members
    counts = indicators.behind(every[measured.values[every] != 0])
    positive = bool(measured.values[every].min(initial=0) >= 0)
    if positive and supply.whole[counts].all():
        used = indicators.booked(rule.name, counts)
    else:
        used = indicators.add(measured, None)
        if positive:
            indicators.only_if(rule.name, counts, used)
        else:
            _held_at_zero(rule, every, used, indicators)
    z = indicators.counted(1, used)
    if isinstance(rule.base, Fraction):
        return replace(rule, base=z, lead=rule.lead / rule.base)
    total = np.arange(indicators.bookings) if rule.base.members is None else rule.base.members
    inside = total < indicators.bookings
    most = supply.most(rule.base.values, total[inside]) + int(rule.base.values[total[~inside]].sum())
    return replace(rule, used=z, lifted=most)


def _held_at_zero(rule: Rule, members: Ints, used: Ints, indicators: Indicators) -> None:
    """The rows by which an amount that may be below zero is 0 where its indicator is."""
    for sign, bound in ((1, "at most"), (-1, "at least")):
        most = indicators.supply.most(sign * rule.measured.values, members)
        terms = (replace(rule.measured, multiplier=sign), indicators.counted(-most, used))
        indicators.ties.append(Row(STRUCTURE, terms, None, 0, f"{rule.name}: {bound} if used"))
