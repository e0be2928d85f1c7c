"""Pictures of results as Vega-Lite specifications, and their drawing as SVG.

Data stands in the specification, under names of our own: Vega-Lite reads a dot in a field's name as a path, and names
of quantities have dots.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.util import find_spec
from typing import Any

from optimizer.domain.pay import PAY
from optimizer.report import forecast, views
from optimizer.report.document import Picture
from optimizer.results import words
from optimizer.results.plan import Plan
from optimizer.unseen import visible

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_VERSION = "5.20"  # of Vega-Lite, so that another release of the library draws the same
MARK, FAINT = "#4a7fc1", "#9aa3af"
_LOCALES: Mapping[str, Mapping[str, Any]] = {"fr": {"format_locale": "fr-FR"}}  # of the numbers at an axis
_LONGEST = 48  # characters of a name that an axis has room for
_BOOKINGS_MOST, _RULES_MOST, _GROUPS_MOST = 20, 30, 12
_INK = ("labelColor", "titleColor", "domainColor", "tickColor", "gridColor")  # as the page around it, light or dark
CONFIG: Mapping[str, Any] = {
    "font": "Roboto, system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        **dict.fromkeys(_INK, "currentColor"),
        "gridOpacity": 0.15,
        "labelFontSize": 11,
        "labelLimit": 280,  # pixels; what is longer ends in an ellipsis, and keeps a bar of its own
        "tickCount": 6,
    },
    "legend": {"orient": "top", "labelColor": "currentColor", "titleColor": "currentColor"},
}
Row = Mapping[str, Any]


def spending(plan: Plan) -> list[Picture]:
    """How the spend is divided over tiers, niches, platforms and ways to pay, where there are several."""
    found = []
    for label in ("tier", "niche", "platform", PAY):
        groups: dict[str, float] = {}
        for booking in plan.allocations:
            name = booking.labels.get(label) or "(none)"
            groups[name] = groups.get(name, 0) + booking.values.get("spend", 0)
        if len(groups) > 1 and any(groups.values()):
            rows = sorted(groups.items(), key=lambda one: (-one[1], one[0]))
            kept = rows[:_GROUPS_MOST] if len(rows) <= _GROUPS_MOST else rows[: _GROUPS_MOST - 1]
            if rest := rows[len(kept) :]:
                kept.append((f"{len(rest)} others", sum(spend for _, spend in rest)))
            shown = [{"name": visible(name), "value": spend} for name, spend in kept]
            says = "; ".join(f"{name} {words.amount(plan, 'spend', spend)}" for name, spend in kept)
            found.append(bars(f"Spend by {label}", says, shown, f"spend ({plan.currency})"))
    return found


def bookings(plan: Plan) -> list[Picture]:
    """What the biggest bookings are expected to bring, and between which values four draws in five lie."""
    name = forecast.quantity_of(plan)
    ranged = [one for one in views.biggest_first(plan) if name in one.forecast] if name else []
    if name is None or len(ranged) < 2:
        return []
    rows, said = [], []
    for number, booking in enumerate(ranged[:_BOOKINGS_MOST], 1):
        one = booking.forecast[name]
        label = visible(f"{number}. {booking.creator}")  # numbered: a creator may have several bookings
        rows.append({"name": label, "value": one.expected, "low": one.p10, "high": one.p90})
        said.append(f"{booking.creator} {words.bare(plan, name, one.expected)}, {forecast.between(plan, name, one)}")
    title = f"Expected {name} of each booking, and where four draws in five lie"
    title += f" (the {_BOOKINGS_MOST} biggest)" if len(ranged) > _BOOKINGS_MOST else ""
    axis = {"field": "value", "type": "quantitative", "title": views.headed(plan, name), "scale": {"zero": True}}
    layers = [
        layer({"type": "rule", "strokeWidth": 3, "color": FAINT}, x={**axis, "field": "low"}, x2={"field": "high"}),
        layer({"type": "point", "filled": True, "size": 70, "color": MARK, "opacity": 1}, x=axis),
    ]
    return [Picture(title, "; ".join(said), specification(rows, layers))]


def rules(plan: Plan) -> list[Picture]:
    """Where each rule stands between its bounds: 100 is the bound."""
    rows: list[Row] = []
    said = []
    for rule in plan.constraints:
        for kind, bound in (("at most", rule.at_most), ("at least", rule.at_least)):
            if rule.kind != "logic" and bound and bound > 0 and rule.value is not None and len(rows) < _RULES_MOST:
                part = 100 * rule.value / bound
                name = visible(f"{len(rows) + 1}. {words.rule_name(rule)}")
                rows.append({"name": name, "value": round(min(part, 200), 4), "kind": kind, "bound": 100})
                said.append(f"{words.rule_name(rule)}: {part:,.0f} % of {kind}")
    if len(rows) < 2:
        return []
    title = "Each rule's value in percent of its bound" + (
        " (cut at 200)" if any(r["value"] == 200 for r in rows) else ""
    )
    axis = {"field": "value", "type": "quantitative", "title": "percent of the bound", "scale": {"zero": True}}
    colour = {
        "field": "kind",
        "type": "nominal",
        "title": "bound",
        "scale": {"domain": ["at most", "at least"], "range": [MARK, "#c98a2b"]},
    }
    layers = [
        layer({"type": "bar", "height": 9}, x=axis, color=colour),
        layer({"type": "tick", "color": "currentColor", "thickness": 2, "size": 16}, x={**axis, "field": "bound"}),
    ]
    return [Picture(title, "; ".join(said), specification(rows, layers))]


def bars(title: str, says: str, rows: Sequence[Row], heading: str) -> Picture:
    """A bar for each name."""
    axis = {"field": "value", "type": "quantitative", "title": heading}
    return Picture(title, says, specification(rows, [layer({"type": "bar", "color": MARK, "height": 13}, x=axis)]))


def layer(mark: Row, **encoding: Row) -> dict[str, Any]:
    """A layer with the names on the left."""
    names = {"field": "name", "type": "nominal", "sort": None, "title": None}
    return {"mark": mark, "encoding": {"y": names, **encoding}}


def specification(rows: Sequence[Row], layers: Sequence[Row]) -> dict[str, Any]:
    """Layers over the same rows."""
    return {
        "$schema": SCHEMA,
        "background": None,
        "padding": padding(rows),
        "width": 560,
        "height": {"step": 20},
        "data": {"values": list(rows)},
        "layer": list(layers),
        "config": CONFIG,
    }


def padding(rows: Sequence[Row]) -> dict[str, int]:
    """Room around a picture: on the left more for long names, as another font may be wider than the measured one."""
    longest = max((len(str(row.get("name", ""))) for row in rows), default=0)
    return {"left": 12 + min(longest, _LONGEST), "right": 16, "top": 4, "bottom": 4}


def draw(picture: Picture, language: str = "en", width: int | None = None) -> str:
    """A picture as SVG that stands in a page; nothing where what draws it is not installed.

    `width` is that of its axes in pixels, where it is not that of the picture.
    """
    if find_spec("vl_convert") is None:
        return ""
    import vl_convert  # an extra, and slow to load

    svg = vl_convert.vegalite_to_svg(
        {**picture.spec, **({"width": width} if width else {})},
        vl_version=_VERSION,
        allowed_base_urls=[],
        **_LOCALES.get(language, {}),
    )
    head, _, rest = svg.partition(">")
    box = re.search(r'viewBox="[\d. -]+"', head)
    whole = re.search(r'width="([\d.]+)"', head)
    assert box is not None, svg[:200]
    assert whole is not None, svg[:200]
    says = escape(visible(f"{picture.title}: {picture.says}"))
    return f'<svg role="img" aria-label="{says}" {box[0]} style="width: {whole[1]}px">{rest}'
