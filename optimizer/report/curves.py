"""The curve of a sweep as a picture: the value and its proved limit, over the input that is varied."""

from __future__ import annotations

from typing import Any

from optimizer.report import sweep as told
from optimizer.report.document import Picture
from optimizer.report.pictures import CONFIG, FAINT, MARK, SCHEMA
from optimizer.results.sweep import Sweep
from optimizer.unseen import visible

_LINES_MOST = 12  # lines of different values of the first input


def curves(sweep: Sweep) -> list[Picture]:
    """The curve, where there are points enough for one, and their values are comparable."""
    planned = [point for point in sweep.points if point.outcome == "plan"]
    if len(planned) < 2 or len({tuple(point.of.items()) for point in planned}) > 1:
        return []
    across = sweep.vary[-1]
    rows: list[dict[str, Any]] = []
    said = []
    for point in planned:
        at = point.at.get(across)
        line = told.written(sweep, point, sweep.vary[0]) if len(sweep.vary) > 1 else "value"
        rows.append({"at": at, "value": point.value, "limit": point.bound, "line": visible(line)})
        said.append(f"{told.written(sweep, point, across)}: {told.value_of(sweep, point, point.value)}")
    lines = len({row["line"] for row in rows})
    if lines > _LINES_MOST:
        return []
    numbers = all(not isinstance(row["at"], str) for row in rows)
    x = {
        "field": "at",
        "type": "quantitative" if numbers else "nominal",
        "title": visible(told.named(across)),
        "sort": None,
        "scale": {"zero": False} if numbers else {},
    }
    y = {"field": "value", "type": "quantitative", "title": visible(told.goal(sweep)), "scale": {"zero": False}}
    colour = {"field": "line", "type": "nominal", "title": visible(told.named(sweep.vary[0])), "sort": None}
    mark = {"type": "line", "point": {"size": 40}} | ({} if lines > 1 else {"color": MARK})
    limit = {
        "mark": {"type": "line", "strokeDash": [4, 3], "color": FAINT},
        "encoding": {"x": x, "y": {**y, "field": "limit"}},
    }
    value = {"mark": mark, "encoding": {"x": x, "y": y, **({"color": colour} if lines > 1 else {})}}
    title = f"{told.goal(sweep)}, over {told.named(across)}" + ("" if lines > 1 else "; dashed: the proved limit")
    spec = {
        "$schema": SCHEMA,
        "background": None,
        "padding": {"left": 16, "right": 16, "top": 4, "bottom": 4},
        "width": 560,
        "height": 280,
        "data": {"values": rows},
        "layer": [value] if lines > 1 else [limit, value],
        "config": CONFIG,
    }
    return [Picture(title, "; ".join(said), spec)]
