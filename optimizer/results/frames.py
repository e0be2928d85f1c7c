"""A plan's tables for programs: Arrow, pandas and polars."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

from optimizer.results.as_json import allocation_row
from optimizer.results.plan import Plan
from optimizer.results.shown import View
from optimizer.results.sweep import Sweep
from optimizer.results.sweep_json import point_row

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Column = tuple[str, list[Any]]  # its type, and its values
_OF_BOOKINGS = {"creator": "string", "offer": "string", "count": "double", "exact_count": "string", "step": "int64"}
_AFTER = {"keeps": "double"}
_TEXTS = ("name", "quantity", "kind", "per_value", "says", "note", "price_of")  # of a rule; its filters are JSON


def arrow(result: Plan | Sweep, view: View | None) -> pyarrow.Table:
    """A table of a plan, or the points of a sweep, for Arrow."""
    import pyarrow as pa  # slow to load

    columns = _points(result) if isinstance(result, Sweep) else _view(result, view)
    kinds = {"string": pa.string(), "double": pa.float64(), "int64": pa.int64(), "bool": pa.bool_()}
    return pa.table({name: pa.array(values, kinds[kind]) for name, (kind, values) in columns.items()})


def _view(plan: Plan, view: View | None) -> dict[str, Column]:
    if view is None or view not in get_args(View):
        raise ValueError(f"view must be one of {', '.join(get_args(View))}, not {view!r}")
    return {"bookings": _bookings, "constraints": _constraints, "totals": _totals}[view](plan)


def pandas_frame(plan: Plan | Sweep, view: View | None) -> pandas.DataFrame:
    """The same for pandas."""
    try:
        import pandas  # noqa: F401  whether it is there
    except ImportError:
        raise ImportError("pandas is not installed: pip install pandas") from None
    return arrow(plan, view).to_pandas()


def polars_frame(plan: Plan | Sweep, view: View | None) -> polars.DataFrame:
    """The same for polars."""
    try:
        import polars
    except ImportError:
        raise ImportError("polars is not installed: pip install polars") from None
    found = polars.from_arrow(arrow(plan, view))
    assert isinstance(found, polars.DataFrame)
    return found


def _bookings(plan: Plan) -> dict[str, Column]:
    """One row per booking: as in the JSON, with the sources of estimated figures as one text."""
    rows = [allocation_row(booking) for booking in plan.allocations]
    kinds = _OF_BOOKINGS | _AFTER
    kinds |= {name: "string" for booking in plan.allocations for name in booking.labels}
    kinds |= {name: "double" for booking in plan.allocations for name in booking.values}
    table = {name: (kind, [row.get(name) for row in rows]) for name, kind in kinds.items()}
    sources = ["; ".join(f"{name}: {source}" for name, source in one.estimated.items()) for one in plan.allocations]
    return table | {"estimated": ("string", sources)}


def _constraints(plan: Plan) -> dict[str, Column]:
    """One row per rule; filters as JSON, since a column has one type."""
    rows = [asdict(rule) for rule in plan.constraints]
    names = rows[0] if rows else {}
    return {name: _column(name, [row[name] for row in rows]) for name in names}


def _column(name: str, values: list[Any]) -> Column:
    if name == "binding":
        return "bool", values
    if name in ("group", "people", "of"):
        return "string", [_json(value) for value in values]
    return ("string" if name in _TEXTS else "double"), values


def _json(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False) if value else None
    return None if value is None else str(value)


def _totals(plan: Plan) -> dict[str, Column]:
    return {
        "quantity": ("string", list(plan.totals)),
        "unit": ("string", _units(plan, plan.totals)),
        "value": ("double", list(plan.totals.values())),
    }


def _units(plan: Plan, names: Iterable[str]) -> list[str]:
    """The currency for money, else `count` or `share`."""
    units = (plan.units.get(name, "count") for name in names)
    return [plan.currency if unit == "money" else unit for unit in units]


def _points(sweep: Sweep) -> dict[str, Column]:
    """One row per point: its place, what the plan is worth, its totals, and who changes."""
    rows = [point_row(sweep, point) for point in sweep.points]
    names = dict.fromkeys(name for row in rows for name in row)
    found: dict[str, Column] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if any(isinstance(value, str) for value in values):
            found[name] = "string", [None if value is None else str(value) for value in values]
        else:
            found[name] = "double", values
    return found
