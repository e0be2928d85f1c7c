"""A plan's figures recomputed from its bookings only, in the form of its JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf, isclose, isfinite
from typing import Any

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, IF, TOGETHER, Logic, Measure
from optimizer.domain.exact import plain
from optimizer.domain.figures import FIGURES
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.pool import CREATOR
from optimizer.domain.quantities import RATIOS
from optimizer.domain.scenario import Assumption, Scenario
from optimizer.verification.bookings import Bookings
from optimizer.verification.bounds import Bounds
from optimizer.verification.different import measured_by
from optimizer.verification.figures import Missing, Sources
from optimizer.verification.held import Booked, Held, Row, Term, Together
from optimizer.verification.rules import Rule
from optimizer.verification.stated import StatedBooking
from optimizer.verification.talents import ByTalent

_SLACK = 2e-5  # prices of both sides are those of two further relaxations
_LABELS = ("tier", "platform", "niche", "country")


@dataclass(frozen=True)
class Near:
    """A number computed in floats: compared to nine digits, relative to `size` where terms cancel."""

    value: float
    size: float = 1e-3

    def allows(self, stated: object) -> bool:
        return (
            isinstance(stated, (int, float))
            and not isinstance(stated, bool)
            and isclose(stated, self.value, rel_tol=1e-9, abs_tol=1e-9 * self.size)
        )


@dataclass(frozen=True)
class Signed:
    """A number of which only the sign is known."""

    sign: int

    def allows(self, stated: object) -> bool:
        if isinstance(stated, bool) or not isinstance(stated, (int, float)) or not isfinite(stated):
            return False
        return (stated > 0) - (stated < 0) in (self.sign, 0)


@dataclass(frozen=True)
class Since:
    """A field that plans have since version 0.2, if it is a number from `low` to `high`, or one of `words`."""

    words: tuple[str | bool | None, ...]
    low: float = inf
    high: float = -inf

    def allows(self, stated: object) -> bool:
        if isinstance(stated, (int, float)) and not isinstance(stated, bool):
            return self.low <= stated <= self.high and isfinite(stated)
        return stated in self.words


def stated_in(scenario: Scenario) -> list[str]:
    """The names of the quantities that bookings and totals may state."""
    return [*scenario.quantities, *RATIOS, *_LABELS]


def objective(bounds: Bounds, value: Fraction, bound: Fraction) -> dict[str, Any]:
    """The objective with its proved bound."""
    said, unit = bounds.said, bounds.goal[1]
    sign = 1 if said.sense == "maximize" else -1
    return {
        "sense": said.sense,
        "of": {name: float(weight) for name, weight in said.weights},
        "value": float(sign * value / unit),
        "bound": float(sign * bound / unit),
        "gap": float((bound - value) / max(abs(value), Fraction(unit))),
        "gap_absolute": float((bound - value) / unit),
    }


def claim(gap: float, asked: float) -> str:
    """The claim that a plan may make."""
    return "optimal" if gap == 0 else "within_gap" if gap <= asked else "feasible"


@dataclass(frozen=True)
class Shown:
    """What the bookings of a plan show: each one's amounts of all quantities that all of them have, and sources."""

    amounts: Mapping[str, Sequence[int]]
    sources: Sequence[Sources]

    @property
    def benchmarks(self) -> list[dict[str, Any]]:
        """The benchmarks that were used, and those that were passed over."""
        used = set[Assumption]().union(*(one.lines for one in self.sources))
        others = set[Assumption]().union(*(one.passed_over for one in self.sources)) - used
        ordered = [*sorted(used, key=_in_order), *sorted(others, key=_in_order)]
        return [_benchmark(line, line in others) for line in ordered]


def _in_order(line: Assumption) -> tuple[int, str, str]:
    return line.rank, line.benchmark.figure if line.benchmark else "", str(line.benchmark)


def _benchmark(line: Assumption, passed_over: bool) -> dict[str, Any]:
    said = line.benchmark
    if said is None:
        raise TypeError("the line is from no pack")

    def written(value: Decimal) -> str:
        if FIGURES[said.figure].unit in ("rate", "factor"):
            return f"{plain(value * 100)} %"
        per = " per 1,000 followers" if said.per_thousand_followers else ""
        return (f"{plain(value)} {said.currency}" if said.currency else plain(value)) + per

    ranged = said.low != said.high
    return {
        "pack": said.pack,
        "figure": said.figure,
        "speaks_of": said.whom,
        "level": line.level,
        "value": written(said.at(line.level)),
        "low": written(said.low) if ranged else None,
        "high": written(said.high) if ranged else None,
        "source": said.source,
        "date": said.date,
        "passed_over": passed_over,
    }


def shown(bookings: Bookings, booked: Sequence[StatedBooking]) -> Shown:
    """Estimate the bookings of a plan in full."""
    amounts: dict[str, list[int]] = {}
    sources = [Sources() for _ in booked]
    for measure in dict.fromkeys([*bookings.scenario.measures, *map(Measure, bookings.scenario.additive)]):
        found: list[tuple[int, Sources]] = []
        try:
            for one in booked:
                mine = Sources()
                found.append((bookings.quantities(one.column, mine).amount(measure), mine))
        except Missing:
            continue
        if not measure.people:
            amounts[measure.quantity] = [amount for amount, _ in found]
        for whole, (_, mine) in zip(sources, found, strict=True):
            whole.lines |= mine.lines
            whole.passed_over |= mine.passed_over
            whole.figures = mine.figures | whole.figures
    return Shown(amounts, sources)


def totals(bookings: Bookings, found: Shown, booked: Sequence[StatedBooking]) -> dict[str, Any]:
    """Every quantity and ratio that the bookings' figures give."""
    scenario = bookings.scenario
    sums = {
        name: sum((one.count * amount for one, amount in zip(booked, amounts, strict=True)), Fraction(0))
        for name, amounts in found.amounts.items()
    }
    for name, quantity in scenario.quantities.items():
        if quantity.distinct is not None:
            counted = measured_by(bookings, Measure(name), range(len(bookings)))
            sums[name] = counted.total({one.place: one.count for one in booked})
    result = {name: _number(scenario, name, sums[name]) for name in _named(scenario) if name in sums}
    for ratio in RATIOS.values():
        above, below = sums.get(ratio.numerator), sums.get(ratio.denominator)
        if above is not None and below:
            lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
            result[ratio.name] = float(lead * above / below)
    return result


def allocation(bookings: Bookings, found: Shown, at: int, one: StatedBooking) -> dict[str, Any]:
    """One booking of a plan."""
    scenario, (creator, step, offer) = bookings.scenario, one.column
    whole, keeps = one.count.denominator == 1, bookings.keeps(one.column)
    labels = {name: bookings.creators.text(name, creator) for name in _LABELS if bookings.creators.holds_texts(name)}
    values = {
        name: _number(scenario, name, found.amounts[name][at] * one.count)
        for name in _named(scenario)
        if name in found.amounts
    }
    return {
        "creator": bookings.creators.ids[creator],
        "offer": scenario.offers[offer].name,
        "count": int(one.count) if whole else float(one.count),
        "exact_count": None if whole else str(one.count),
        "step": None if keeps is None else step + 1,
        "keeps": keeps,
        **labels,
        **values,
        "estimated": found.sources[at].figures,
    }


def _number(scenario: Scenario, quantity: str, total: Fraction) -> float:
    exact = total / scenario.scale(quantity)
    return int(exact) if scenario.quantities[quantity].whole and exact.denominator == 1 else float(exact)


def _named(scenario: Scenario) -> list[str]:
    """The quantities that a plan shows; redundant ones only if they are in use."""
    kinds = [name for name in scenario.quantities if name.startswith("deliverables.")]
    asked = {measure.quantity for measure in scenario.measures}
    silent = {"cash_cost", *(kinds if len(kinds) == 1 else ())}
    return [
        name
        for name, quantity in scenario.quantities.items()
        if not quantity.helper and (name in asked or name not in silent)
    ]


# --- rules ---


def standing(
    bounds: Bounds,
    at: int,
    rule: Rule,
    plan: Booked,
    priced: Sequence[tuple[Row, float]],
    relaxed: Booked | None,
) -> dict[str, Any]:
    """How a rule stands, by its place; `priced` are its rows with their prices, `relaxed` what the relaxation books."""
    bookings, unit = bounds.bookings, bounds.goal[1]
    if isinstance(rule, Together):
        return _standing_together(rule, plan, sum(_gain(row, price) for row, price in priced) / unit, priced)
    scenario, said, named, who = bookings.scenario, rule.constraint, rule.constraint.per, rule.label
    over_columns = bounds.rows.rules[at]
    if isinstance(over_columns, Together):
        raise TypeError("a rule over quantities has terms")
    if isinstance(rule, ByTalent):  # a row without a talent only excludes bookings
        priced = [(row, price) for row, price in priced if _of_talent(rule, row) is not None]
    measured, base = Fraction(0), Fraction(0)
    every = list(rule.measure(plan))
    if every:
        column, measured, base = min(every, key=lambda one: (min(_shown_rooms(rule, one)), one[0] or 0))
        named, who = (said.per, who) if column is None else _who(rule, column, bookings)
    idle = said.skips_zero and not measured
    value = rule.lead * measured / base if base else Fraction(0) if idle else None
    quantity = said.measure.quantity
    ratio = RATIOS.get(quantity)
    room = min(rule.rooms(measured, base)) / scenario.scale(ratio.numerator if ratio else quantity)
    group = filter_json(said.group)
    if named is not None and who is not None:
        group[named] = who
    whole = said.kind == "absolute" and scenario.quantities[quantity].whole
    return {
        "name": said.name,
        "quantity": quantity,
        "group": group,
        "people": filter_json(said.measure.people),
        "kind": said.kind,
        "of": _of(said.of),
        "at_least": None if said.at_least is None else float(said.at_least),
        "at_most": None if said.at_most is None else float(said.at_most),
        "value": None if value is None else int(value) if whole and value.denominator == 1 else float(value),
        "room": float(room),
        "binding": room == 0 and not idle,
        "shadow_price": _shadow_price(over_columns, priced, unit, relaxed),
        "per_value": who,
        "says": rule.says,
        "note": said.note,
        "or_none": True if said.or_none else Since((None, False)),
        **_sides(_shadow_price(over_columns, priced, unit, None), priced),
    }


def _who(rule: Held, at: int, bookings: Bookings) -> tuple[str, str]:
    """The column that names whom a measured value belongs to, and the name; `at` is what `measure` gives."""
    if isinstance(rule, ByTalent):
        return rule.people[at].column, rule.people[at].name
    return CREATOR, bookings.name(bookings.columns[at])


def clashing(rule: Rule) -> dict[str, Any]:
    """A rule of a conflict, as written."""
    if isinstance(rule, Together):
        said = {"name": rule.name, "quantity": rule.logic.kind, "kind": "logic", "says": _says(rule.logic)}
        return said | dict.fromkeys(("per_value", "of", "at_least", "at_most")) | {"or_none": False}
    constraint = rule.constraint
    return {
        "name": constraint.name,
        "per_value": rule.label,
        "quantity": constraint.measure.quantity,
        "kind": constraint.kind,
        "of": _of(constraint.of),
        "at_least": None if constraint.at_least is None else float(constraint.at_least),
        "at_most": None if constraint.at_most is None else float(constraint.at_most),
        "says": rule.says,
        "or_none": constraint.or_none,
    }


def _of(of: Filter | Fraction | None) -> Any:
    if isinstance(of, Filter):
        return filter_json(of) if of else "plan"
    return None if of is None else "budget"


def _shown_rooms(rule: Held, one: tuple[int | None, Fraction, Fraction]) -> list[Fraction]:
    """Of a rule for each booking, the room of one in the measure of the rule itself."""
    _, measured, base = one
    return [room * rule.lead for room in rule.rooms(measured, base)]


def _gain(row: Row, price: float) -> float:
    """The gain of loosening a row's bound, or of raising it for `exactly`."""
    return price if row.lower is not None and row.lower == row.upper else abs(price)


def _shadow_price(rule: Held, priced: Sequence[tuple[Row, float]], unit: int, relaxed: Booked | None) -> Near | Signed:
    gains = [(_gain(row, price), row.terms[0].multiplier if row.terms else 0) for row, price in priced]
    total = sum(gain * multiplier for gain, multiplier in gains)
    if isinstance(rule, ByTalent) and not rule.of_plan and isinstance(rule.base, Term):
        return _price_of_talents(rule, priced, unit, relaxed)
    if rule.each and not rule.each_share and not isinstance(rule.base, Fraction):
        return Near(0.0, 0.0)
    if isinstance(rule.base, Fraction):
        base = rule.base
    elif relaxed is not None:
        base = rule.base.total({at: count for at, count in relaxed.items() if at < len(rule.base.values)})
    else:
        return Signed((total > 0) - (total < 0))
    each = float(base) / float(rule.lead) / unit / (100 if rule.constraint.kind == "share" else 1)
    return Near(total * each, abs(each) * sum(abs(gain * multiplier) for gain, multiplier in gains))


def _price_of_talents(
    rule: ByTalent, priced: Sequence[tuple[Row, float]], unit: int, relaxed: Booked | None
) -> Near | Signed:
    """The price of a ratio that each talent keeps: each row is moved by the talent's own denominator."""
    gains = []
    for row, price in priced:
        base = rule.one(_of_talent(rule, row) or ()).base
        if relaxed is None or not isinstance(base, Term):
            gains.append(_gain(row, price) * row.terms[0].multiplier)
        else:
            total = base.total({at: count for at, count in relaxed.items() if at < len(base.values)})
            gains.append(_gain(row, price) * row.terms[0].multiplier * float(total) / float(rule.lead) / unit)
    if relaxed is None:
        return Signed((sum(gains) > 0) - (sum(gains) < 0))
    return Near(sum(gains), sum(map(abs, gains)))


def _of_talent(rule: ByTalent, row: Row) -> Sequence[int] | None:
    """The bookings of the person whom a row holds."""
    return rule.limits.get(row.name.rpartition(": ")[0])


def _sides(price: Near | Signed, priced: Sequence[tuple[Row, float]]) -> dict[str, Since]:
    """To which bound a price belongs, and how much raising or lowering it can gain: the relaxation is concave in a
    limit, so the price lies between those of both sides. Of a share or a ratio only the signs are known."""
    known = price.value if isinstance(price, Near) else None
    if not priced or known == 0:
        return {"price_of": Since((None,)), "price_up": Since((None,)), "price_down": Since((None,))}
    row, dual = priced[0]
    exactly = row.lower is not None and row.lower == row.upper
    bound = "exactly" if exactly else "at_most" if dual > 0 else "at_least"
    slack = 0.0 if known is None else _SLACK * abs(known)
    if exactly:
        most = (inf, inf) if known is None else (known + slack, slack - known)
        up, down = (Since((None,), -inf, high) for high in most)
    else:
        looser = Since((None,), 0.0, inf if known is None else known + slack)
        tighter = Since((None,), -inf, 0.0 if known is None else slack - known)
        up, down = (looser, tighter) if bound == "at_most" else (tighter, looser)
    return {"price_of": Since((None, bound)), "price_up": up, "price_down": down}


def _standing_together(
    rule: Together, plan: Booked, price: float, priced: Sequence[tuple[Row, float]]
) -> dict[str, Any]:
    said = rule.logic
    parts, then = rule.booked(plan)
    low, high = {AT_MOST_ONE: (None, 1.0), EXACTLY_ONE: (1.0, 1.0)}.get(said.kind, (None, None))
    free = said.kind == AT_MOST_ONE and True not in parts
    return {
        "name": said.name,
        "quantity": said.kind,
        "group": {},
        "people": {},
        "kind": "logic",
        "of": None,
        "at_least": low,
        "at_most": high,
        "value": parts.count(True) + then.count(True),
        "room": 1.0 if free else 0.0,
        "binding": not (free or (said.kind == IF and False in parts)),
        "shadow_price": Near(0.0 if said.kind in (TOGETHER, IF) else price, 0.0),
        "per_value": None,
        "says": _says(said),
        "note": "",
        "or_none": Since((None, False)),
        **_sides(Near(0.0 if said.kind in (TOGETHER, IF) else price), priced),
    }


def _says(rule: Logic) -> str:
    parts, then = ([_part(part) for part in group] for group in (rule.parts, rule.then))
    if rule.kind == AT_MOST_ONE:
        return f"at most one of {', '.join(parts)}"
    if rule.kind == EXACTLY_ONE:
        return f"exactly one of {', '.join(parts)}"
    if rule.kind == TOGETHER:
        return f"all or none of {', '.join(parts)}"
    return f"if {' and '.join(parts)}, then {' and '.join(then)}"


def _part(part: Filter) -> str:
    return ", ".join(str(asked) if column == CREATOR else f"{column} {asked}" for column, asked in part)


def filter_json(where: Filter) -> dict[str, Any]:
    """A filter as the scenario file writes it."""
    found: dict[str, Any] = {}
    for column, condition in where:
        if isinstance(condition, AnyOf):
            found[column] = condition.values[0] if len(condition.values) == 1 else list(condition.values)
        else:
            ends = zip(
                ("from", "to", "above", "below"),
                (condition.at_least, condition.at_most, condition.above, condition.below),
                strict=True,
            )
            found[column] = {word: float(end.value) for word, end in ends if end is not None}
    return found
