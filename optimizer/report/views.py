"""What a plan shows, as tables of raw values.

Text, CSV and workbook render these, so that each number is worked out once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optimizer.domain.quantities import REACH
from optimizer.report.document import Cell, Column, Kind, Raw, Table, Valued
from optimizer.results import words
from optimizer.results.comparison import Comparison
from optimizer.results.plan import Allocation, Plan

_ASSUMED = ("assume", "the pool", "fit", "unknown", "creator's own value")  # sources that are no benchmark pack
OWN, ASSUMED, BENCHMARK = "own", "assumed", "benchmark"


def kind_of(plan: Plan, quantity: str) -> Kind:
    """The kind of a quantity's or ratio's values."""
    unit = plan.units.get(quantity, "count")
    return "money" if unit == "money" else "share" if unit == "share" else "count"


def valued(plan: Plan, quantity: str, value: float | None) -> Cell:
    """A value of a quantity or ratio, with the currency if it is money."""
    if value is None:
        return None
    kind = kind_of(plan, quantity)
    unit = plan.currency if kind == "money" else ""
    return Valued(value, kind, unit, words.decimals_of(plan, quantity, value))


def goal_valued(plan: Plan, value: float | None) -> Valued:
    """A value of the objective, in its unit if it is a single quantity."""
    (name, weight), *others = plan.objective.of.items()
    kind = kind_of(plan, name) if weight == 1 and not others else "count"
    return Valued(value, kind, plan.currency if kind == "money" else "")


def headed(plan: Plan, quantity: str) -> str:
    """The heading of a column of a quantity: with the currency, if it is money."""
    return f"{quantity} ({plan.currency})" if kind_of(plan, quantity) == "money" else quantity


def contribution(plan: Plan, booking: Allocation) -> float:
    """What a booking adds to the objective's value, in its own sense."""
    return sum(weight * _gained(booking, name) for name, weight in plan.objective.of.items())


def _gained(booking: Allocation, name: str) -> float:
    """What a booking adds to a quantity; of people reached, those whom nobody else brings."""
    return (booking.adds_people or 0) if name == REACH else booking.values.get(name, 0)


def biggest_first(plan: Plan) -> list[Allocation]:
    """The bookings by what they add to the objective's value, the most first; then by spend, then as in the JSON."""
    return sorted(
        plan.allocations,
        key=lambda booking: (-abs(contribution(plan, booking)), -booking.values.get("spend", 0)),
    )


def source_kind(source: str) -> str:
    """Whether a figure from this source is assumed, or from a benchmark pack."""
    return ASSUMED if source in _ASSUMED else BENCHMARK


def rests_on(booking: Allocation) -> str:
    """What the figures of a booking are: the creator's own throughout, or some assumed, or from a benchmark pack."""
    kinds = {source_kind(source) for source in booking.estimated.values()}
    return " and ".join(kind for kind in (ASSUMED, BENCHMARK) if kind in kinds) or OWN


def mix(plan: Plan) -> Table | None:
    """The outcome and cost of each offer in each tier; None if there is only one, or no spend is known."""
    groups: dict[tuple[str, str], list[Allocation]] = {}
    for booking in plan.allocations:
        groups.setdefault((booking.offer, booking.labels.get("tier") or ""), []).append(booking)
    goals = [name for name in plan.objective.of if name != "spend"][:1]
    if len(groups) < 2 or not any("spend" in booking.values for booking in plan.allocations):
        return None
    rows = []
    for (offer, tier), bookings in sorted(groups.items()):
        spend = sum(booking.values.get("spend", 0) for booking in bookings)
        row: list[Raw] = [offer, tier, sum(booking.count for booking in bookings), spend]
        for name in goals:
            gained = sum(_gained(booking, name) for booking in bookings)
            row += [gained, spend / gained if gained > 0 else None]
        rows.append(tuple(row))
    more = [
        column
        for name in goals
        for column in (Column(name, kind_of(plan, name)), Column(f"{plan.currency} for one", "money_each"))
    ]
    return Table(
        "Mix",
        (Column("offer"), Column("tier"), Column("bookings", "count"), Column("spend", "money"), *more),
        tuple(rows),
    )


def figures(plan: Plan) -> Table:
    """The figures that are not the creators' own: what they are, their source, and of how many bookings."""
    counts: dict[str, dict[str, float]] = {}
    for booking in plan.allocations:
        for name, source in booking.estimated.items():
            of = counts.setdefault(name, {})
            of[source] = of.get(source, 0) + booking.count
    total = sum(booking.count for booking in plan.allocations)
    rows = [
        (name, source_kind(source), source, count, total)
        for name, sources in sorted(counts.items())
        for source, count in sorted(sources.items(), key=lambda item: -item[1])
    ]
    columns = (Column("figure"), Column("kind"), Column("from"), Column("bookings", "count"), Column("of", "count"))
    return Table("Figures", columns, tuple(rows))


def marks(plan: Plan) -> dict[tuple[str, str], str]:
    """A letter for each figure with its source, as `figures` lists them: small if assumed, a capital if from a pack."""
    found: dict[tuple[str, str], str] = {}
    counted = {ASSUMED: 0, BENCHMARK: 0}
    view = figures(plan)
    for name, kind, source in zip(view.column("figure"), view.column("kind"), view.column("from"), strict=True):
        begin = "a" if kind == ASSUMED else "A"
        times, letter = divmod(counted[str(kind)], 26)
        counted[str(kind)] += 1
        found[str(name), str(source)] = chr(ord(begin) + letter) + (str(times + 1) if times else "")
    return found


def mark_of(booking: Allocation, letters: Mapping[tuple[str, str], str]) -> str:
    """The letters of the figures of a booking that are not the creator's own; `own` if there are none."""
    return "".join(sorted(letters[one] for one in booking.estimated.items())) or OWN


def total_of(bookings: Sequence[Allocation], quantity: str) -> float:
    """The sum of a quantity over some bookings."""
    return sum(booking.values.get(quantity, 0) for booking in bookings)


def roster(comparison: Comparison) -> Table:
    """Who is booked in which case, and how often: 0 if not booked, None if the case has no plan."""
    cases = comparison.cases
    rows = (
        (
            row.creator,
            row.offer,
            *((one.count if one else 0) if case.plan else None for case, one in zip(cases, row.cases, strict=True)),
        )
        for row in comparison.roster
    )
    columns = (Column("creator"), Column("offer"), *(Column(case.name, "count", "heading") for case in cases))
    return Table("Who is booked", columns, tuple(rows))
