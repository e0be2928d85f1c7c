"""Values, bounds and rules in words, for all texts for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor
from typing import Any, Protocol

from optimizer.domain.quantities import COUNT, MONEY, RATIOS
from optimizer.results.common import ClashingRule, Repair
from optimizer.results.plan import ConstraintResult, Plan

_HAS = {"signed": "signed", "posted": "posted", "paid": "been paid"}


class InUnits(Protocol):
    """A result whose numbers have units."""

    @property
    def currency(self) -> str: ...

    @property
    def decimals(self) -> int: ...

    @property
    def units(self) -> Mapping[str, str]: ...


MONEY_EACH = "money_each"  # smaller parts of money, as what one engagement costs


def goal(plan: Plan) -> str:
    """The objective in words: `maximize engagements + 40 x conversions`."""
    parts = (name if weight == 1 else f"{weight:g} x {name}" for name, weight in plan.objective.of.items())
    return f"{plan.objective.sense} {' + '.join(parts)}"


def goal_value(plan: Plan, value: float) -> str:
    """A value of the objective, with its unit if it is a single quantity with weight 1."""
    names = [name if weight == 1 else "" for name, weight in plan.objective.of.items()]
    return amount(plan, names[0] if len(names) == 1 else "", value)


def shortfall(plan: Plan) -> str:
    """How far the plan may be from the best possible one: measured against the bound, and rounded up."""
    goal = plan.objective
    if not goal.gap_absolute:
        return "nothing"
    if goal.gap_absolute <= 1e-9 * abs(goal.bound):
        return "a billionth"  # plans in parts, whose optimal value may not be a decimal
    if goal.bound > 0 and goal.value > 0:
        return f"{ceil(10_000 * goal.gap_absolute / goal.bound) / 100:,.2f} %"
    name = next(iter(goal.of)) if len(goal.of) == 1 else "points"
    return f"{amount(plan, name, goal.gap_absolute)} {name}"


def rule_name(rule: ConstraintResult | ClashingRule) -> str:
    """The rule's name, with the value of `per`; for a rule for each creator, with the creator nearest to the bound."""
    if rule.per_value is not None and rule.says:
        return f"{rule.name} (nearest: {rule.per_value})"
    return rule.name if rule.per_value is None else f"{rule.name} ({rule.per_value})"


def written_at(rule: ClashingRule) -> str:
    """The place where a rule is written, in brackets."""
    place = rule.place
    return f" ({place.file}:{place.line})" if place is not None and place.line is not None else ""


def bounds(plan: InUnits, rule: ConstraintResult | ClashingRule) -> str:
    """The bounds of a rule: `spend at most 40 % of plan`."""
    if rule.kind == "logic":
        return rule.says
    return f"{rule.says}: {_between(plan, rule)}" if rule.says else _between(plan, rule)


def _between(plan: InUnits, rule: ConstraintResult | ClashingRule) -> str:
    of = "" if rule.kind != "share" else f" of {_filter(rule.of)}"
    of += ", or none" if rule.or_none else ""
    if rule.at_least is not None and rule.at_least == rule.at_most:
        return f"{rule.quantity} exactly {rule_value(plan, rule, rule.at_least)}{of}"
    words = []
    if rule.at_least is not None:
        words.append(f"at least {rule_value(plan, rule, rule.at_least)}")
    if rule.at_most is not None:
        words.append(f"at most {rule_value(plan, rule, rule.at_most)}")
    return f"{rule.quantity} {', '.join(words)}{of}"


def _filter(of: Any) -> str:
    if not isinstance(of, Mapping):
        return str(of)
    return ", ".join(str(value) if not isinstance(value, list) else " or ".join(value) for value in of.values())


def rule_value(plan: InUnits, rule: ConstraintResult | ClashingRule, value: float) -> str:
    """A bound as it was written, with all its decimals; or a value beside it."""
    if rule.kind == "share":
        return percent(value)
    number = written(value, plan.units.get(rule.quantity, COUNT), rule_decimals(plan, rule, value))
    return f"{number} {plan.currency}" if is_money(plan, rule.quantity) else number


def rule_decimals(plan: InUnits, rule: ConstraintResult | ClashingRule, value: float) -> int | None:
    """The decimals of a bound as it was written, or of a value beside it."""
    if value in (rule.at_least, rule.at_most) and is_money(plan, rule.quantity):
        return max(plan.decimals, len(f"{value:.6f}".rstrip("0").partition(".")[2]))
    return decimals_of(plan, rule.quantity, value)


def room(plan: Plan, rule: ConstraintResult) -> str:
    """The room left to the nearer bound, in the quantity's unit."""
    return amount(plan, RATIOS[rule.quantity].numerator if rule.kind == "ratio" else rule.quantity, rule.room)


def price(plan: Plan, rule: ConstraintResult) -> str:
    """The approximate gain of moving the bound by one; empty if there is none, or it cannot be moved."""
    if not rule.shadow_price:
        return ""
    sides = {"more": rule.price_up, "less": rule.price_down}
    if rule.price_of is None:  # sides not computed: the price is an upper bound
        sides = {"more" if rule.shadow_price > 0 else "less": abs(rule.shadow_price)}
    way, gain = max(sides.items(), key=lambda side: side[1] or 0.0)
    if not gain or gain < 0:
        return ""
    unit = "point" if rule.kind == "share" else plan.currency if is_money(plan, rule.quantity) else "unit"
    exactly = rule.at_least is not None and rule.at_least == rule.at_most
    per = "if one" if rule.kind == "logic" else f"per {unit}"
    upto = "up to " if rule.price_of is None else ""
    return f"{upto}{short(gain)} {per}{f' {way}' if exactly or rule.kind == 'logic' else ''}"


def price_caption(goal: str, gains: str) -> str:
    """A caption that explains the prices in a table of rules."""
    return (
        f"price: about what one unit more room in the bound {gains} {goal}, if bookings could be split; "
        f"whole bookings may bring more, less or nothing"
    )


def amount(plan: InUnits, quantity: str, value: float) -> str:
    """A value in the quantity's unit, with thousands separators."""
    shown = bare(plan, quantity, value)
    return f"{shown} {plan.currency}" if is_money(plan, quantity) else shown


def is_money(plan: InUnits, quantity: str) -> bool:
    """Whether a quantity or ratio is counted in money."""
    return plan.units.get(quantity) == MONEY


def bare(plan: InUnits, quantity: str, value: float | None) -> str:
    """A value without its currency."""
    if value is None:
        return ""
    return written(value, plan.units.get(quantity, COUNT), decimals_of(plan, quantity, value))


def decimals_of(plan: InUnits, quantity: str, value: float) -> int | None:
    """The decimals that a value of money is shown with; None for all others."""
    if not is_money(plan, quantity):
        return None
    return plan.decimals + (2 if quantity in RATIOS and abs(value) < 10 else 0)  # a cost may be part of a cent


def written(value: float, kind: str, decimals: int | None) -> str:
    """A number as its kind is written: a share in percent, money with its decimals, a count with as few as it needs."""
    if kind == "share":
        return percent(value)
    if kind == MONEY_EACH:
        return f"{value:,.{(decimals or 0) + 2}f}"
    if decimals is not None and (kind == MONEY or value != int(value)):
        return f"{value:,.{decimals}f}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


def percent(value: float) -> str:
    """A fraction in percent, with up to two decimals."""
    return f"{100 * value:.2f}".rstrip("0").rstrip(".") + " %"


def short(value: float) -> str:
    """A number with three significant digits, or all digits before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def repair(result: InUnits, change: Repair) -> str:
    """A repair as an instruction: `raise budget to 11,240.00 EUR`."""
    if change.constraint == "include":
        committed = getattr(result, "committed", None)
        agreed = {one.creator: one.status for one in committed.bookings} if committed else {}
        if change.per_value in agreed:
            return f"release {change.per_value}, who has {_HAS.get(agreed[change.per_value], 'agreed')}"
        return f"no longer include {change.per_value}"
    rule = change.rule
    name = change.constraint if change.per_value is None else f"{change.constraint} ({change.per_value})"
    if rule is None or change.to is None or change.bound is None:
        return f"drop {name}"
    verb = "lower" if change.bound == "at_least" else "raise"
    value = percent(change.to) if rule.kind == "share" else amount(result, rule.quantity, change.to)
    if rule.at_least == rule.at_most:
        return f"let {name} {'fall' if change.bound == 'at_least' else 'rise'} to {value}"
    if change.leaves is not None:
        coin = 10**result.decimals
        left = amount(result, rule.quantity, floor(change.leaves[1] * coin + 1e-6) / coin)
        return f"{verb} {name} to {value} as written, which leaves {left} for creators"
    return f"{verb} {name} to {value}"
