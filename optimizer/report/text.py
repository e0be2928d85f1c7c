"""A plan as a person reads it in a terminal."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.domain.quantities import MONEY, QUANTITIES, RATIOS
from optimizer.planning.plan import ConstraintResult, NoPlan, Plan

_RATES = ("engagement_rate", "authenticity")
_BOOKED_MOST = 60
_SOURCES = {"unknown": "not known, taken as 100 %", "assume": "the scenario's assume", "fit": "the scenario's fit"}


def render(result: Plan | NoPlan, width: int | None = None, everything: bool = False) -> str:
    """A plan, or why there is none, as plain text."""
    out = io.StringIO()
    console = Console(file=out, width=width or 100, color_system=None, highlight=False, markup=False, emoji=False)
    console.print(document(result, everything))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def document(result: Plan | NoPlan, everything: bool = False) -> RenderableType:
    """What is printed, for a console to lay out."""
    if isinstance(result, NoPlan):
        return _no_plan(result)
    booked = result.allocations if everything else result.allocations[:_BOOKED_MOST]
    parts: list[RenderableType] = [
        _heading(result),
        Text(),
        _totals(result),
        Text(),
        _rules(result),
        Text(),
        _booked(result, len(booked)),
    ]
    if len(booked) < len(result.allocations):
        parts.append(Text(f"... and {len(result.allocations) - len(booked):,} more: see --all, --csv or --json"))
    for part in (_sources(result), _next_hundred(result), _warnings(result.warnings)):
        if part is not None:
            parts += [Text(), part]
    return Group(*parts)


def proof_words(plan: Plan) -> str:
    """How good the plan is, in a sentence that claims no more than is proved."""
    gap = plan.objective.gap
    if plan.claim == "optimal":
        return "proved optimal: no plan does better"
    less = "above" if plan.objective.sense == "minimize" else "below"
    shown = f"{gap:.4%}" if gap < 0.0001 else f"{gap:.2%}"
    return f"at most {shown} {less} the best possible plan, proved (the solver calls it {plan.solver_claim})"


def _heading(plan: Plan) -> Text:
    name = plan.scenario.name + (f", variant {plan.scenario.variant}" if plan.scenario.variant else "")
    goal = " + ".join(title if weight == 1 else f"{weight:g} x {title}" for title, weight in plan.objective.of.items())
    lines = [name, f"{plan.objective.sense} {goal}: {_value(plan, goal, plan.objective.value)}", proof_words(plan)]
    lines += [f"changed: {path} = {value}" for path, value in plan.scenario.changes.items()]
    return Text("\n".join(lines))


def _totals(plan: Plan) -> Table:
    table = Table(title="Totals", title_justify="left", box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for _ in range(3):
        table.add_column()
        table.add_column(justify="right")
    cells = [(name, _value(plan, name, total)) for name, total in plan.totals.items()]
    height = -(-len(cells) // 3)
    for row in range(height):
        line: list[Text] = []
        for column in range(3):
            at = column * height + row
            name, shown = cells[at] if at < len(cells) else ("", "")
            line += [Text(name), Text(shown)]
        table.add_row(*line)
    return table


def _rules(plan: Plan) -> Table:
    table = Table(title="Rules", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("rule", "bound", "value", "room", "price"):
        table.add_column(heading, justify="left" if heading in ("rule", "bound") else "right")
    for rule in plan.constraints:
        value = "none" if rule.value is None else _bound(plan, rule, rule.value)
        price = "" if not rule.shadow_price else f"{_short(rule.shadow_price)} per {_price_unit(plan, rule)}"
        room = _value(plan, _room_quantity(rule), rule.room)
        table.add_row(Text(rule_name(rule)), Text(_bounds(plan, rule)), Text(value), Text(room), Text(price))
    if not plan.constraints:
        table.add_row(Text("no rules"))
    goal = next(iter(plan.objective.of)) if len(plan.objective.of) == 1 else "the objective"
    table.caption = f"price: {goal} gained for each unit by which the bound is loosened (linear relaxation)"
    table.caption_justify = "left"
    return table


def rule_name(rule: ConstraintResult) -> str:
    """The planner's name, with the value of `per`."""
    return rule.name if rule.per_value is None else f"{rule.name} ({rule.per_value})"


def _booked(plan: Plan, shown: int) -> Table:
    names = ("spend", "engagements", "impressions", "conversions", "gross_reach")
    goal = [name for name in plan.objective.of if name not in names]
    asked = [
        rule.quantity for rule in plan.constraints if rule.quantity in ("impressions", "conversions", "gross_reach")
    ]
    columns = [
        name
        for name in dict.fromkeys(["spend", *plan.objective.of, *goal, "engagements", *asked])
        if any(name in booking.values for booking in plan.allocations)
    ]
    labels = [
        label
        for label in ("tier", "platform", "niche")
        if any(booking.labels.get(label) for booking in plan.allocations)
    ]
    table = Table(title="Booked", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("creator", "offer", *labels):
        table.add_column(heading, overflow="ellipsis", no_wrap=True, max_width=32)
    for heading in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    for booking in plan.allocations[:shown]:
        times = "" if booking.count == 1 else f" x {booking.count}"
        table.add_row(
            Text(booking.creator + times),
            Text(booking.offer),
            *(Text(booking.labels.get(label) or "") for label in labels),
            *(Text(_value(plan, name, booking.values[name]) if name in booking.values else "") for name in columns),
        )
    if not plan.allocations:
        table.add_row(Text("nobody: no booking helps the objective, and no rule asks for one"))
    return table


def _sources(plan: Plan) -> Table | None:
    """Where estimated figures came from, counted over the bookings."""
    found: dict[str, Counter[str]] = {}
    for booking in plan.allocations:
        for name, source in booking.estimated.items():
            found.setdefault(name, Counter())[source] += 1
    if not found:
        return None
    table = Table(
        title="Estimated figures (all others are the creators' own)",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for heading in ("figure", "bookings", "from"):
        table.add_column(heading, justify="right" if heading == "bookings" else "left")
    for name, sources in sorted(found.items()):
        for source, count in sources.most_common():
            table.add_row(
                Text(name), Text(f"{count:,} of {len(plan.allocations):,}"), Text(_SOURCES.get(source, source))
            )
    return table


def _next_hundred(plan: Plan) -> Text | None:
    """What a little more budget would buy, by the budget's price."""
    budget = next((rule for rule in plan.constraints if rule.name == "budget" and rule.quantity == "spend"), None)
    if budget is None or plan.objective.sense == "minimize":
        return None
    if not budget.shadow_price:
        left = _value(plan, "spend", budget.room)
        return Text(f"Budget: {left} is left; more budget buys nothing, other rules limit the plan.")
    goal = next(iter(plan.objective.of)) if len(plan.objective.of) == 1 else "of the objective"
    gain = _short(100 * budget.shadow_price)
    return Text(f"The next 100 {plan.currency} of budget buy about {gain} {goal} (by the price; small changes only).")


def _warnings(warnings: tuple[str, ...]) -> Text | None:
    return Text("\n".join(["Warnings", *(f"- {warning}" for warning in warnings)])) if warnings else None


def _no_plan(result: NoPlan) -> RenderableType:
    name = result.scenario.name + (f", variant {result.scenario.variant}" if result.scenario.variant else "")
    lines = [name, "No plan." if result.outcome == "infeasible" else "No plan found.", result.reason]
    parts: list[RenderableType] = [Text("\n".join(lines))]
    warnings = _warnings(result.warnings)
    return Group(*parts, *([Text(), warnings] if warnings else []))


def _bounds(plan: Plan, rule: ConstraintResult) -> str:
    of = "" if rule.kind != "share" else f" of {_filter(rule.of)}"
    if rule.at_least is not None and rule.at_least == rule.at_most:
        return f"exactly {_bound(plan, rule, rule.at_least)}{of}"
    words = []
    if rule.at_least is not None:
        words.append(f"at least {_bound(plan, rule, rule.at_least)}")
    if rule.at_most is not None:
        words.append(f"at most {_bound(plan, rule, rule.at_most)}")
    return f"{rule.quantity} {', '.join(words)}{of}"


def _filter(of: Any) -> str:
    if not isinstance(of, Mapping):
        return str(of)
    return ", ".join(str(value) if not isinstance(value, list) else " or ".join(value) for value in of.values())


def _bound(plan: Plan, rule: ConstraintResult, value: float) -> str:
    return _percent(value) if rule.kind == "share" else _value(plan, rule.quantity, value)


def _room_quantity(rule: ConstraintResult) -> str:
    return RATIOS[rule.quantity].numerator if rule.kind == "ratio" else rule.quantity


def _price_unit(plan: Plan, rule: ConstraintResult) -> str:
    if rule.kind == "share":
        return "point"
    unit = QUANTITIES[rule.quantity].unit if rule.quantity in QUANTITIES else MONEY
    return plan.currency if unit == MONEY and rule.quantity not in ("roas", *_RATES) else "unit"


def _value(plan: Plan, quantity: str, value: float) -> str:
    """A value in the quantity's unit, with thousands apart."""
    if quantity in _RATES:
        return _percent(value)
    ratio = RATIOS.get(quantity)
    money = QUANTITIES[quantity].unit == MONEY if quantity in QUANTITIES else ratio is not None and quantity != "roas"
    if money:
        places = plan.decimals + (2 if ratio is not None and abs(value) < 1 else 0)
        return f"{value:,.{places}f} {plan.currency}"
    if isinstance(value, int) or value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


def _percent(value: float) -> str:
    return f"{100 * value:.2f}".rstrip("0").rstrip(".") + " %"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
