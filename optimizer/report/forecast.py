"""The forecast of a plan, for all that render one: the range of the goal, of totals and of bookings."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.report import views
from optimizer.report.document import Cell, Column, Raw, Table, is_sure
from optimizer.report.views import kind_of
from optimizer.results import words
from optimizer.results.common import Range
from optimizer.results.plan import Allocation, BookingForecast, Plan

OBJECTIVE = "objective"
FIELDS = ("measured", "p10", "p50", "p90")


def goal(plan: Plan) -> str:
    """The value of the goal with its range, of which four draws in five lie inside: `337.4, most likely 161 to 560`."""
    value = words.goal_value(plan, plan.objective.value)
    ends = goal_range(plan)
    return f"{value}, most likely {ends}" if ends else value


def goal_range(plan: Plan) -> str:
    """The range of the goal; blank where nothing of it varies."""
    found = None if plan.forecast is None else plan.forecast.ranges.get(OBJECTIVE)
    if found is None or found.p10 == found.p90:
        return ""
    return " to ".join(words.goal_value(plan, float(f"{end:.3g}")) for end in (found.p10, found.p90))


def by_figures(plan: Plan) -> str:
    """What a proof is about, where figures are expected ones."""
    return "" if plan.forecast is None else ", by the expected figures"


def quantity_of(plan: Plan) -> str | None:
    """The quantity of which each booking's range is shown: of the goal, else of what the rules ask for."""
    asked = [*plan.objective.of, *(rule.quantity for rule in plan.constraints), "engagements", "impressions"]
    known = {name for booking in plan.allocations for name in booking.forecast}
    return next((name for name in asked if name in known), None)


def totals(plan: Plan) -> Table | None:
    """The range of each total that varies, with the errors that bookings share and without them."""
    named = ranges(plan)
    if not named:
        return None
    columns = (
        Column("quantity"),
        *(Column(name, "count") for name in ("expected", "lowest tenth", "middle", "highest tenth")),
        *(Column(f"{name}, each alone", "count") for name in ("lowest tenth", "highest tenth")),
    )
    rows = tuple(
        (name, one.expected, one.p10, one.p50, one.p90, one.alone[0], one.alone[2]) for name, one in named.items()
    )
    return Table("Forecast", columns, rows)


def ranges(plan: Plan) -> dict[str, Range]:
    """The ranges of the totals that vary."""
    found = {} if plan.forecast is None else plan.forecast.ranges
    return {name: one for name, one in found.items() if name != OBJECTIVE and one.p10 != one.p90}


def listed(plan: Plan) -> tuple[tuple[Cell, ...], ...]:
    """The lines of a short table: what the goal and the rules count, and what all follows from."""
    asked = {*plan.objective.of, *(rule.quantity for rule in plan.constraints), "impressions", "engagements"}
    return tuple(
        (
            name,
            views.valued(plan, name, one.expected),
            f"{rounded(plan, name, one.p10)} to {rounded(plan, name, one.p90)}",
            f"{rounded(plan, name, one.alone[0])} to {rounded(plan, name, one.alone[2])}",
        )
        for name, one in ranges(plan).items()
        if name in asked
    )


def chances(plan: Plan) -> list[float | None]:
    """The chance of each rule, in order; empty where all are as good as certain, or none is known."""
    found = [] if plan.forecast is None else [one.chance for one in plan.forecast.rules]
    return found if any(chance is not None and not is_sure(chance) for chance in found) else []


def columns_of(plan: Plan) -> list[Column]:
    """The columns that a table of bookings has beside all others."""
    name = quantity_of(plan)
    if name is None:
        return []
    return [
        Column("posts measured", "count"),
        *(Column(f"{name} {field}", kind_of(plan, name)) for field in FIELDS),
        Column("why"),
    ]


def cells_of(plan: Plan, booking: Allocation) -> list[Raw]:
    """The cells of one booking in these columns."""
    name = quantity_of(plan)
    if name is None:
        return []
    one = booking.forecast.get(name)
    if one is None:
        return [None] * (len(FIELDS) + 2)
    return [one.posts, *(getattr(one, field) for field in FIELDS), one.why]


def of_bookings(plan: Plan, name: str, shown: Sequence[Allocation]) -> tuple[tuple[Cell, ...], ...]:
    """The rows of a table that sets what was measured of a quantity beside what is expected."""
    several = len({booking.creator for booking in shown}) < len(shown)
    return tuple(
        (
            booking.creator + (f" on {booking.offer}" if several else ""),
            one.why,
            one.measured,
            one.expected,
            float(f"{one.p50:.3g}"),
            between(plan, name, one),
        )
        for booking in shown
        if (one := booking.forecast.get(name)) is not None
    )


def between(plan: Plan, name: str, one: BookingForecast | None) -> str:
    """The range of a booking; blank where there is none."""
    return "" if one is None else f"{rounded(plan, name, one.p10)} to {rounded(plan, name, one.p90)}"


def rounded(plan: Plan, name: str, value: float) -> str:
    """An end of a range, to three digits: it is no exact number."""
    return words.bare(plan, name, float(f"{value:.3g}"))
