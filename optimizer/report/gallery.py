"""The pictures of a plan that a planner looks at beside its tables: what money buys where, people, and ranges."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from optimizer.domain.pay import PAY
from optimizer.report import forecast, pictures, views
from optimizer.report.document import Picture
from optimizer.report.pictures import CONFIG, FAINT, MARK, SCHEMA, Row
from optimizer.results import words
from optimizer.results.plan import Allocation, Plan
from optimizer.unseen import visible

OTHER = "#c98a2b"
_GROUPS_MOST = 12
_LABELS = ("tier", "niche", "platform", PAY)


def of_plan(plan: Plan) -> list[Picture]:
    """All of them, those first that say where the money goes."""
    return [*groups(plan), *people(plan), *ranges(plan), *pictures.rules(plan), *pictures.bookings(plan)]


def groups(plan: Plan) -> list[Picture]:
    """The shares of spend and of outcome by tier, niche, platform, pay and offer, where there are several."""
    outcome = next((name for name in plan.objective.of if name not in ("spend", "cash")), None)
    by: dict[str, Callable[[Allocation], str]] = {label: _label(label) for label in _LABELS}
    found = (_shares(plan, name, of, outcome) for name, of in {**by, "offer": lambda one: one.offer}.items())
    return [one for one in found if one is not None]


def _label(label: str) -> Callable[[Allocation], str]:
    return lambda booking: booking.labels.get(label) or "(none)"


def _shares(plan: Plan, by: str, of: Callable[[Allocation], str], outcome: str | None) -> Picture | None:
    """One picture of shares; None where there is one group only, or no spend."""
    parts: dict[str, list[Allocation]] = {}
    for booking in plan.allocations:
        parts.setdefault(of(booking), []).append(booking)
    whole = views.total_of(plan.allocations, "spend")
    if len(parts) < 2 or whole <= 0:
        return None
    named = sorted(parts.items(), key=lambda one: (-views.total_of(one[1], "spend"), one[0]))
    if len(named) > _GROUPS_MOST:
        rest = [booking for _, some in named[_GROUPS_MOST - 1 :] for booking in some]
        named = [*named[: _GROUPS_MOST - 1], (f"{len(parts) - _GROUPS_MOST + 1} others", rest)]
    rows: list[Row] = []
    said = []
    brought = views.total_of(plan.allocations, outcome) if outcome else 0.0
    for name, some in named:
        spend = views.total_of(some, "spend")
        rows.append({"name": visible(name), "value": 100 * spend / whole, "kind": "spend"})
        line = f"{name}: {words.amount(plan, 'spend', spend)}"
        if outcome and brought > 0:
            part = views.total_of(some, outcome)
            rows.append({"name": visible(name), "value": 100 * part / brought, "kind": visible(outcome)})
            line += f", {words.amount(plan, outcome, part)} {outcome}"
        said.append(line)
    kinds = list(dict.fromkeys(str(row["kind"]) for row in rows))
    title = f"Shares of {' and '.join(kinds)} by {by}"
    return Picture(title, "; ".join(said), _paired(rows, kinds, "percent of the plan"))


def people(plan: Plan) -> list[Picture]:
    """People who are reached, each counted once, beside all contacts with them."""
    found = plan.people
    if found is None:
        return []
    counts = {
        "contacts": found.gross_reach,
        "people reached": found.reach,
        "by two creators or more": found.by_two,
        "by three or more": found.by_three,
    }
    rows = [{"name": name, "value": value} for name, value in counts.items()]
    says = "; ".join(f"{name} {words.written(value, 'count', 0)}" for name, value in counts.items())
    return [pictures.bars("Contacts, and the people behind them", says, rows, "people")]


def ranges(plan: Plan) -> list[Picture]:
    """Between which values totals lie, in percent of what is expected, as their units differ."""
    found = {name: one for name, one in forecast.ranges(plan).items() if one.expected > 0}
    asked = {*plan.objective.of, *(rule.quantity for rule in plan.constraints), "impressions", "engagements"}
    shown = {name: one for name, one in found.items() if name in asked}
    if not shown:
        return []
    rows: list[Row] = []
    said = []
    for name, one in shown.items():
        ends = [100 * end / one.expected for end in (one.p10, one.p90, one.alone[0], one.alone[2])]
        rows.append(
            {"name": name, "value": 100, **dict(zip(("low", "high", "own_low", "own_high"), ends, strict=True))}
        )
        low, high = (forecast.rounded(plan, name, end) for end in (one.p10, one.p90))
        said.append(f"{name} {words.amount(plan, name, one.expected)}, {low} to {high}")
    axis = {"field": "value", "type": "quantitative", "title": "percent of what is expected", "scale": {"zero": False}}
    wide = {"type": "rule", "strokeWidth": 3, "color": FAINT}
    layers = [
        pictures.layer(wide, x={**axis, "field": "low"}, x2={"field": "high"}),
        pictures.layer(
            {**wide, "strokeWidth": 7, "color": MARK}, x={**axis, "field": "own_low"}, x2={"field": "own_high"}
        ),
        pictures.layer({"type": "tick", "color": "currentColor", "thickness": 2, "size": 16}, x=axis),
    ]
    title = "Where four draws in five lie; blue: without the errors that bookings share"
    return [Picture(title, "; ".join(said), pictures.specification(rows, layers))]


def _paired(rows: Sequence[Row], kinds: Sequence[str], heading: str) -> Row:
    """Two bars for each name, one below the other."""
    colour = {
        "field": "kind",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(kinds), "range": [MARK, OTHER][: len(kinds)]},
    }
    layer = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "value", "type": "quantitative", "title": heading},
            "yOffset": {"field": "kind", "sort": None},  # as the rows stand: a list of names would be of one language
            "color": colour,
        },
    }
    height = {"step": 13, "for": "offset"} if len(kinds) > 1 else {"step": 20}
    return {
        "$schema": SCHEMA,
        "background": None,
        "padding": pictures.padding(rows),
        "width": 560,
        "height": height,
        "data": {"values": list(rows)},
        **layer,
        "config": CONFIG,
    }
