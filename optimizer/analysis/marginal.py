"""What the points of a sweep say about their neighbours: the marginal value, and who comes in and who leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from optimizer.domain.exact import parse_number
from optimizer.domain.quantities import MONEY, RATIOS
from optimizer.domain.scenario import Scenario
from optimizer.loading.overlay import steps_of
from optimizer.results.sweep import Marginal, SweepPoint

_BUDGETS = ("budget", "budget spend")
_SIDES = ("at_least", "at_most", "exactly")
_PROVED = ("optimal", "within_gap")


@dataclass(frozen=True)
class Varied:
    """The input that differs between neighbours: `per` what its marginal value is, and the rule whose bound it is."""

    path: str
    per: str
    rules: tuple[str, ...] = ()  # names that the rule may have in a plan
    side: Literal["at_least", "at_most", "exactly"] = "at_most"
    percent_of: float = 1.0  # what a price is multiplied by for one `per`


def varied(scenario: Scenario, path: str, value: str) -> Varied:
    """What a path leads to; `value` is one that it takes."""
    number, steps = parse_number(value), steps_of(path)
    percent = number is not None and number.percent
    per = "point" if percent else "unit"
    constraints = {rule.name: rule for rule in scenario.rules}
    names: tuple[str, ...] = ()
    side, label = "at_most", ""
    if steps == ["budget"]:
        names = _BUDGETS
    elif len(steps) == 2 and steps[0] == "wallets":
        names = (f"budget {steps[1]}", *(_BUDGETS if steps[1] == "spend" else ()))
    elif len(steps) in (3, 4) and steps[0] == "constraints" and steps[2] in _SIDES:
        names, side, label = (steps[1],), steps[2], "".join(steps[3:])
    rule = next((constraints[name] for name in names if name in constraints), None)
    if rule is None:  # a budget that only the points have has its price all the same
        return Varied(path, scenario.currency.code, names) if steps == ["budget"] else Varied(path, per)
    quantity = scenario.quantities.get(rule.measure.quantity)
    money = quantity is not None and quantity.unit == MONEY and rule.kind == "absolute"
    ratio = RATIOS.get(rule.measure.quantity) if rule.kind == "ratio" else None
    money = money or (ratio is not None and ratio.money)
    per = per if percent else scenario.currency.code if money else per
    both = rule.at_least is not None and rule.at_most is not None and rule.at_least != rule.at_most
    shares = any(getattr(one, "of_budget", None) == rule.name for one in scenario.rules)
    if both or shares:  # a price is of one bound alone, and not of the shares that move with a budget
        return Varied(path, per)
    named = f"{rule.name} ({label})" if label else rule.name
    factor = 0.01 if percent and rule.kind != "share" else 1.0
    return Varied(path, per, (named,), side, factor)  # type: ignore[arg-type]  # it is one of the sides


def with_neighbours(points: Sequence[SweepPoint | None], what: Varied | None) -> list[SweepPoint | None]:
    """Points in a row, each with what distinguishes it from the one before it; None stands for one that is missing."""
    found: list[SweepPoint | None] = []
    before: SweepPoint | None = None
    for point in points:
        if point is None or point.outcome != "plan":
            found.append(point)
            before = None
            continue
        comes_in = leaves = None
        if before is not None:
            known, mine = set(before.creators), set(point.creators)
            comes_in = tuple(name for name in point.creators if name not in known)
            leaves = tuple(name for name in before.creators if name not in mine)
        marginal = None if what is None else _marginal(point, before, what)
        found.append(replace(point, comes_in=comes_in, leaves=leaves, marginal=marginal))
        before = point
    return found


def _marginal(point: SweepPoint, before: SweepPoint | None, what: Varied) -> Marginal | None:
    """By the difference to the point before it, and by the price of the bound that is varied."""
    price = _price(point, what)
    step = None if before is None or before.of != point.of else _distance(before.at, point.at, what)
    if before is None or not step or point.claim not in _PROVED or before.claim not in _PROVED:
        return None if price is None else Marginal(what.per, price=price)
    (least, most), (least_before, most_before) = (_between(one) for one in (point, before))
    ends = sorted(((least - most_before) / step, (most - least_before) / step))
    return Marginal(what.per, (_value(point) - _value(before)) / step, ends[0], ends[1], price)


def _value(point: SweepPoint) -> float:
    return 0.0 if point.value is None else point.value


def _between(point: SweepPoint) -> tuple[float, float]:
    """Between which values the best possible plan lies."""
    if point.value is None or point.bound is None:
        raise ValueError("a plan has a value and a bound")
    return min(point.value, point.bound), max(point.value, point.bound)


def _distance(one: Mapping[str, int | float | str], other: Mapping[str, float | str], what: Varied) -> float | None:
    """From one point to the other, in what a marginal value is for."""
    first, last = one.get(what.path), other.get(what.path)
    if isinstance(first, str) or isinstance(last, str) or first is None or last is None:
        return None
    return (last - first) * (100 if what.per == "point" else 1)


def _price(point: SweepPoint, what: Varied) -> float | None:
    """What one more of the input changes of the value, by the price of its bound."""
    if not what.rules:
        return None
    found = [
        price
        for name, price in point.prices.items()
        if name in what.rules or name.startswith(tuple(f"{one} (" for one in what.rules))
    ]
    loosens = -1 if what.side == "at_least" else 1
    better = 1 if point.sense == "maximize" else -1
    return sum(found) * loosens * better * what.percent_of if found else 0.0
