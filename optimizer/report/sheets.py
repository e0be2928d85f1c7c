"""The sheets of a workbook: a plan, or plans side by side, as views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from optimizer.report import forecast, goals, replanned, views
from optimizer.report.booked import booked
from optimizer.report.comparison import warnings_of
from optimizer.report.document import Column, Kind, Raw, Table, Valued
from optimizer.report.plan_parts import proof_words, rule_cells
from optimizer.report.views import kind_of
from optimizer.report.what_differs import keys_sheet
from optimizer.results import words
from optimizer.results.comparison import Comparison
from optimizer.results.plan import ConstraintResult, Plan

Cells = tuple[Raw | Valued, ...]


def plan_sheets(plan: Plan, carried: Mapping[str, Mapping[str, str | None]] | None = None) -> list[Table]:
    """A plan as views, one a sheet; `carried` as for `booked`."""
    mix = views.mix(plan)
    figures = views.figures(plan)
    every = [
        Table("Plan", (Column("item"), Column("value"), Column("unit")), tuple(_overview(plan))),
        *replanned.tables(plan),
        Table("Rules", _RULES, tuple(_rule(plan, rule) for rule in plan.constraints)),
        _shared(plan),
        _ranges(plan),
        None if mix is None else _in_currency(mix, plan),
        _with_values(booked(plan, carried), plan),
        figures if figures.rows else None,
        _benchmarks(plan),
        Table("Runners-up", (Column("creator"),), tuple((name,) for name in plan.runners_up)),
        Table(
            "Not considered",
            (Column("left out by"), Column("creators", "count")),
            tuple((one.by, one.count) for one in plan.excluded or ()),
        ),
        _doubts(plan),
        Table("Warnings", (Column("warning"),), tuple((warning,) for warning in plan.warnings)),
    ]
    return [view for view in every if view is not None]


_RULES = (
    Column("rule"),
    Column("bound"),
    Column("value"),
    Column("at least"),
    Column("at most"),
    Column("room"),
    Column("price"),
    Column("note"),
)


def _overview(plan: Plan) -> Iterator[Cells]:
    """Goal, claim and totals."""
    goal = plan.objective
    yield "scenario", plan.scenario.name, ""
    if plan.scenario.variant:
        yield "variant", plan.scenario.variant, ""
    for path, value in plan.scenario.changes.items():
        yield f"changed: {path}", value, ""
    yield "goal", words.goal(plan), ""
    reached, limit = (views.goal_valued(plan, one) for one in (goal.value, goal.bound))
    yield "value", reached, reached.unit
    if forecast.goal_range(plan):
        yield "most likely", forecast.goal_range(plan), ""
    yield "proved limit", limit, limit.unit
    for name, cell in goals.figures(plan):
        yield name, cell, cell.unit if isinstance(cell, Valued) else ""
    yield "proof", proof_words(plan), ""
    if plan.unspent is not None:
        yield "left of the budget", Valued(plan.unspent.amount, "money"), plan.currency
        yield "why it is left", plan.unspent.why, ""
    if plan.people is not None:
        yield "people reached by two creators or more", Valued(plan.people.by_two, "count"), ""
        yield "people reached by three creators or more", Valued(plan.people.by_three, "count"), ""
    for name, total in plan.totals.items():
        yield f"total {name}", views.valued(plan, name, total), plan.currency if words.is_money(plan, name) else ""


def _rule(plan: Plan, rule: ConstraintResult) -> Cells:
    """How one rule stands."""
    name, bound, value, room, price = rule_cells(plan, rule)
    if rule.kind == "logic":
        return name, bound, value, None, None, None, price, rule.note
    kind = "share" if rule.kind == "share" else kind_of(plan, rule.quantity)
    ends = Valued(rule.at_least, kind), Valued(rule.at_most, kind)
    return name, bound, None if rule.value is None else value, *ends, room, price, rule.note


def _shared(plan: Plan) -> Table | None:
    """The pairs of creators who share the most people."""
    if plan.people is None or not plan.people.shared:
        return None
    rows = tuple((*pair.creators, pair.people) for pair in plan.people.shared)
    return Table("Shared people", (Column("creator"), Column("and"), Column("people of both", "count")), rows)


def _ranges(plan: Plan) -> Table | None:
    """The forecast, with the unit of each quantity."""
    view = forecast.totals(plan)
    if view is None:
        return None
    rows = tuple(
        (name, *(Valued(value, kind_of(plan, str(name))) for value in values if not isinstance(value, Valued)))
        for name, *values in view.rows
    )
    return Table(view.title, view.columns, rows)


def _in_currency(view: Table, plan: Plan) -> Table:
    """A view whose headings of money name the currency."""
    columns = tuple(
        replace(column, name=f"{column.name} ({plan.currency})") if column.kind == "money" else column
        for column in view.columns
    )
    return Table(view.title, columns, view.rows)


def _with_values(view: Table, plan: Plan) -> Table:
    """A view without the columns that are empty throughout."""
    kept = [at for at in range(len(view.columns)) if any(row[at] not in (None, "") for row in view.rows)]
    columns = tuple(view.columns[at] for at in kept) or (Column("creator"),)
    return _in_currency(Table(view.title, columns, tuple(tuple(row[at] for at in kept) for row in view.rows)), plan)


def _benchmarks(plan: Plan) -> Table | None:
    if not plan.benchmarks:
        return None
    names = ("pack", "figure", "speaks of", "level", "value", "low", "high", "source", "date", "use")
    rows = tuple(
        (
            *(one.pack, one.figure, one.speaks_of, one.level, one.value, one.low, one.high, one.source, one.date),
            "passed over" if one.passed_over else "used",
        )
        for one in plan.benchmarks
    )
    return Table("Benchmarks", tuple(map(Column, names)), rows)


def _doubts(plan: Plan) -> Table | None:
    """What an experienced planner would ask, one row a doubt."""
    if not plan.doubts:
        return None
    rows = tuple((one.code, one.creator, str(one.place or ""), one.what, one.why, one.mend) for one in plan.doubts)
    return Table("Doubts", tuple(map(Column, ("doubt", "creator", "place", "what", "why", "mend"))), rows)


# --- plans side by side ---


def comparison_sheets(comparison: Comparison) -> list[Table]:
    """A comparison as views, one a sheet."""
    cases = [Column(case.name, own="heading") for case in comparison.cases]
    warnings = [*warnings_of(comparison), *(f"not compared: {text}" for text in comparison.not_compared)]
    keys = keys_sheet(comparison)
    return [
        Table("Cases", (Column("case"), *map(Column, _CASES)), tuple(_cases(comparison))),
        *([keys] if keys.rows else []),
        Table("Totals", (Column("quantity"), Column("unit"), *cases), tuple(_totals(comparison))),
        Table("Rules", (Column("rule"), *cases), tuple(_rules(comparison))),
        views.roster(comparison),
        Table("Warnings", (Column("warning"),), tuple((warning,) for warning in warnings)),
    ]


_CASES = ("what differs", "outcome", "goal", "value", "proved limit", "difference", "against base, proved", "reason")


def _cases(comparison: Comparison) -> Iterator[Cells]:
    for case in comparison.cases:
        plan, against = case.plan, case.against_base
        if plan is None:
            yield case.name, ", ".join(case.differs), case.outcome, None, None, None, None, None, case.reason
            continue
        yield (
            case.name,
            ", ".join(case.differs),
            "a plan",
            words.goal(plan),
            views.goal_valued(plan, plan.objective.value),
            views.goal_valued(plan, plan.objective.bound),
            None if against is None else views.goal_valued(plan, against.difference),
            None if against is None else against.proved,
            case.reason,
        )


def _totals(comparison: Comparison) -> Iterator[Cells]:
    currencies = {case.plan.currency for case in comparison.cases if case.plan}
    for row in comparison.totals:
        kind: Kind = "money" if row.unit == "money" else "share" if row.unit == "share" else "count"
        unit = ", ".join(sorted(currencies)) if kind == "money" else ""
        yield row.quantity, unit, *(None if cell is None else Valued(cell.value, kind) for cell in row.cases)


def _rules(comparison: Comparison) -> Iterator[Cells]:
    for row in comparison.rules:
        name = row.name if row.per_value is None else f"{row.name} ({row.per_value})"
        cells: list[Raw | Valued] = []
        for case, rule in zip(comparison.cases, row.cases, strict=True):
            if rule is None or case.plan is None:
                cells.append(None)
            elif rule.kind == "logic":
                cells.append("kept")
            else:
                cells.append(Valued(rule.value, "share" if rule.kind == "share" else kind_of(case.plan, rule.quantity)))
        yield name, *cells
