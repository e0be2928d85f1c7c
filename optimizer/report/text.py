"""A plan as a person reads it in a terminal."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.domain.quantities import MONEY, QUANTITIES, RATIOS
from optimizer.planning.plan import ClashingRule, ConstraintResult, NoPlan, Plan

_BOOKED_MOST = 60
_SOURCES = {"unknown": "not known, taken as 100 %", "assume": "the scenario's assume", "fit": "the scenario's fit"}


def render(result: Plan | NoPlan, width: int | None = None, everything: bool = False) -> str:
    """A plan, or why there is none, as plain text."""
    out = io.StringIO()
    console = Console(file=out, width=width or 100, color_system=None, highlight=False, markup=False, emoji=False)
    console.print(document(result, console.width, everything))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def document(result: Plan | NoPlan, width: int, everything: bool = False) -> RenderableType:
    """What is printed, for a console of some width to lay out."""
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
        _booked(result, len(booked), width),
    ]
    if len(booked) < len(result.allocations):
        parts.append(Text(f"... and {len(result.allocations) - len(booked):,} more: see --all, --csv or --json"))
    for part in (_sources(result), _next_hundred(result), _warnings(result.warnings)):
        if part is not None:
            parts += [Text(), part]
    return Group(*parts)


def proof_words(plan: Plan) -> str:
    """How good the plan is, in a sentence that claims no more than is proved.

    The shortfall is measured against the best that may be possible, the bound, and rounded up.
    """
    if plan.claim == "optimal":
        return "proved optimal: no plan does better"
    goal, solver = plan.objective, f"the solver calls it {plan.solver_claim}"
    if plan.solver.stopped:
        solver = "the search was stopped"
    side = "above" if goal.sense == "minimize" else "below"
    if goal.bound > 0 and goal.value > 0:
        share = ceil(10_000 * goal.gap_absolute / goal.bound) / 100
        return f"at most {share:,.2f} % {side} the best possible plan, proved ({solver})"
    name = next(iter(goal.of)) if len(goal.of) == 1 else "points"
    return f"at most {_value(plan, name, goal.gap_absolute)} {name} {side} the best possible plan, proved ({solver})"


def _heading(plan: Plan) -> Text:
    name = plan.scenario.name + (f", variant {plan.scenario.variant}" if plan.scenario.variant else "")
    goal = " + ".join(title if weight == 1 else f"{weight:g} x {title}" for title, weight in plan.objective.of.items())
    lines = [name, f"{plan.objective.sense} {goal}: {_value(plan, goal, plan.objective.value)}", proof_words(plan)]
    lines += [f"changed: {path} = {value}" for path, value in plan.scenario.changes.items()]
    return Text("\n".join(lines))


def _totals(plan: Plan) -> Table:
    table = Table(title="Totals", title_justify="left", box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
    cells = [(name, _value(plan, name, total)) for name, total in plan.totals.items()]
    height = -(-len(cells) // 2)
    for row in range(height):
        line: list[Text] = []
        for column in range(2):
            at = column * height + row
            name, shown = cells[at] if at < len(cells) else ("", "")
            line += [Text(name), Text(shown)]
        table.add_row(*line)
    return table


def _rules(plan: Plan) -> Table:
    rows = []
    for rule in plan.constraints:
        value = "none" if rule.value is None else _bound(plan, rule, rule.value)
        price = "" if not rule.shadow_price else f"{_short(rule.shadow_price)} per {_price_unit(plan, rule)}"
        room = _value(plan, _room_quantity(rule), rule.room)
        rows.append([rule_name(rule), _bounds(plan, rule), value, room, price])
    table = _table("Rules", ["rule", "bound"], ["value", "room", "price"], rows or [["no rules", "", "", "", ""]])
    goal = next(iter(plan.objective.of)) if len(plan.objective.of) == 1 else "the objective"
    gained = "saved" if plan.objective.sense == "minimize" else "gained"
    table.caption = f"price: {goal} {gained} for each unit by which the bound is loosened (linear relaxation)"
    table.caption_justify = "left"
    return table


def rule_name(rule: ConstraintResult | ClashingRule) -> str:
    """The planner's name, with the value of `per`."""
    return rule.name if rule.per_value is None else f"{rule.name} ({rule.per_value})"


def _booked(plan: Plan, shown: int, width: int) -> RenderableType:
    if not plan.allocations:
        found_out = not plan.solver.stopped and plan.objective.gap_absolute == 0
        return Text(f"Booked: nobody.{' No booking that keeps the rules helps the objective.' if found_out else ''}")
    asked = [rule.quantity for rule in plan.constraints if rule.quantity in ("impressions", "conversions")]
    wanted = dict.fromkeys(["spend", *plan.objective.of, "engagements", *asked])
    columns = [name for name in wanted if any(name in booking.values for booking in plan.allocations)]
    labels = [
        label
        for label in ("tier", "platform", "niche")
        if len({booking.labels.get(label) for booking in plan.allocations}) > 1
    ]
    for spare in ("platform", *asked, "engagements", "niche", "tier"):  # what goes first where the page is narrow
        if _needed_width(plan, shown, labels, columns) <= width:
            break
        labels = [label for label in labels if label != spare]
        columns = [name for name in columns if name != spare or name in plan.objective.of]
    rows = []
    for booking in plan.allocations[:shown]:
        times = "" if booking.count == 1 else f" x {booking.count}"
        texts = [booking.creator + times, booking.offer, *(booking.labels.get(label) or "" for label in labels)]
        rows.append([*texts, *(_bare(plan, name, booking.values.get(name)) for name in columns)])
    headings = [f"{name} ({plan.currency})" if _is_money(name) else name for name in columns]
    return _table("Booked", ["creator", "offer", *labels], headings, rows)


def _needed_width(plan: Plan, shown: int, labels: list[str], columns: list[str]) -> int:
    """About how many characters the table of bookings takes."""
    longest = [max(len(booking.creator) for booking in plan.allocations[:shown])]
    longest.append(max(len(booking.offer) for booking in plan.allocations[:shown]))
    for label in labels:
        longest.append(
            max([len(label), *(len(booking.labels.get(label) or "") for booking in plan.allocations[:shown])])
        )
    return sum(min(length, 40) + 3 for length in longest) + 15 * len(columns)


def _table(title: str, texts: list[str], numbers: list[str], rows: list[list[str]]) -> Table:
    """A table whose texts give way on a narrow terminal; numbers are never cut."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in texts:
        table.add_column(heading, overflow="fold", max_width=40)
    for at, heading in enumerate(numbers, len(texts)):
        longest = max([len(heading), *(len(row[at]) for row in rows)])
        table.add_column(heading, justify="right", no_wrap=True, min_width=longest)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _sources(plan: Plan) -> Table | None:
    """Where estimated figures came from, counted over the bookings."""
    found: dict[str, Counter[str]] = {}
    for booking in plan.allocations:
        for name, source in booking.estimated.items():
            found.setdefault(name, Counter())[source] += 1
    if not found:
        return None
    rows = []
    for name, sources in sorted(found.items()):
        for source, count in sources.most_common():
            rows.append([name, _SOURCES.get(source, source), f"{count:,} of {len(plan.allocations):,}"])
    return _table("Estimated figures (all others are the creators' own)", ["figure", "from"], ["bookings"], rows)


def _next_hundred(plan: Plan) -> Text | None:
    """What a little more budget would buy, by the budget's price."""
    budget = next((rule for rule in plan.constraints if rule.name == "budget" and rule.quantity == "spend"), None)
    if budget is None or plan.objective.sense == "minimize" or plan.solver.stopped:
        return None
    if not budget.shadow_price:
        left = _value(plan, "spend", budget.room)
        return Text(f"Budget: {left} is left.")
    goal = next(iter(plan.objective.of)) if len(plan.objective.of) == 1 else "of the objective"
    gain = _short(100 * budget.shadow_price)
    return Text(f"The next 100 {plan.currency} of budget buy about {gain} {goal} (by the price; small changes only).")


def _warnings(warnings: tuple[str, ...]) -> Text | None:
    return Text("\n".join(["Warnings", *(f"- {warning}" for warning in warnings)])) if warnings else None


def _no_plan(result: NoPlan) -> RenderableType:
    name = result.scenario.name + (f", variant {result.scenario.variant}" if result.scenario.variant else "")
    lines = [name, "No plan." if result.outcome == "infeasible" else "No plan found.", result.reason]
    lines += [f"- {rule_name(rule)}: {_bounds(result, rule)}" for rule in result.rules]
    if "include" in result.conflict:
        lines.append("- include: the creators who must be booked")
    lines += [f"changed: {path} = {value}" for path, value in result.scenario.changes.items()]
    parts: list[RenderableType] = [Text("\n".join(lines))]
    warnings = _warnings(result.warnings)
    return Group(*parts, *([Text(), warnings] if warnings else []))


def _bounds(plan: Plan | NoPlan, rule: ConstraintResult | ClashingRule) -> str:
    of = "" if rule.kind != "share" else f" of {_filter(rule.of)}"
    if rule.at_least is not None and rule.at_least == rule.at_most:
        return f"{rule.quantity} exactly {_bound(plan, rule, rule.at_least)}{of}"
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


def _bound(plan: Plan | NoPlan, rule: ConstraintResult | ClashingRule, value: float) -> str:
    """A bound as it was written, with all its decimals; or a value beside it."""
    if rule.kind == "share":
        return _percent(value)
    shown = _value(plan, rule.quantity, value)
    if value in (rule.at_least, rule.at_most) and _is_money(rule.quantity):
        decimals = len(f"{value:.6f}".rstrip("0").partition(".")[2])
        shown = f"{value:,.{max(plan.decimals, decimals)}f} {plan.currency}"
    return shown


def _room_quantity(rule: ConstraintResult) -> str:
    return RATIOS[rule.quantity].numerator if rule.kind == "ratio" else rule.quantity


def _price_unit(plan: Plan, rule: ConstraintResult) -> str:
    if rule.kind == "share":
        return "point"
    return plan.currency if _is_money(rule.quantity) else "unit"


def _value(plan: Plan | NoPlan, quantity: str, value: float) -> str:
    """A value in the quantity's unit, with thousands apart."""
    return f"{_bare(plan, quantity, value)} {plan.currency}" if _is_money(quantity) else _bare(plan, quantity, value)


def _is_money(quantity: str) -> bool:
    if quantity in RATIOS:
        return RATIOS[quantity].money
    return quantity in QUANTITIES and QUANTITIES[quantity].unit == MONEY


def _bare(plan: Plan | NoPlan, quantity: str, value: float | None) -> str:
    """A value without its currency."""
    if value is None:
        return ""
    if quantity in RATIOS and RATIOS[quantity].share:
        return _percent(value)
    if _is_money(quantity):
        finer = 2 if quantity in RATIOS and abs(value) < 10 else 0  # a cost per engagement may be part of a cent
        return f"{value:,.{plan.decimals + finer}f}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


def _percent(value: float) -> str:
    return f"{100 * value:.2f}".rstrip("0").rstrip(".") + " %"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
