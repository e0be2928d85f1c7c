"""What a page and a workbook say of a sweep."""

from __future__ import annotations

from optimizer.report import sweep as told
from optimizer.report.curves import curves
from optimizer.report.document import Column, Document, Own, Raw, Table, Words, section, words_of
from optimizer.report.plan_page import inputs_table
from optimizer.results.sweep import Sweep
from optimizer.results.sweep_json import point_row


def sweep_page(sweep: Sweep) -> Document:
    """The page of a sweep: the curve, its points, who changes, and what is lacking."""
    between = "Between two goals" if sweep.frontier is not None else "The points"
    table = told.points_table(sweep) if sweep.points else None
    return Document(
        sweep.scenario.name,
        (
            *section(
                between, Words(tuple(told.heading(sweep))), *curves(sweep), table, *words_of(*told.captions(sweep))
            ),
            *section("Who changes", *words_of(*(f"- {line}" for line in told.changes(sweep)))),
            *section("Points without a plan", *words_of(*(f"- {line}" for line in told.lacking(sweep)))),
            *section("Failed", *words_of(*(f"- {line}" for line in told.failures(sweep.failed)))),
            *section("Not planned, because it was stopped", *words_of(*(f"- {at}" for at in told.left_out(sweep)))),
            *section("Warnings", *words_of(*(f"- {line}" for line in sweep.warnings))),
            *section("Where the figures come from", inputs_table(sweep.inputs)),
        ),
        sweep.decimals,
    )


def rows_table(sweep: Sweep) -> Table:
    """One row per point with all its numbers, for CSV and workbooks."""
    rows = [point_row(sweep, point) for point in sweep.points]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = tuple(
        Column(name, "text" if name in _TEXTS else "count", _own(sweep) if name in sweep.vary else "") for name in names
    )
    return Table("Points", columns, tuple(tuple(row.get(name) for name in names) for row in rows))


def _own(sweep: Sweep) -> Own:
    """Whose words a column of inputs has: paths are as a planner writes them; the other goal of a frontier is ours."""
    return "all" if sweep.frontier is None else ""


_TEXTS = ("outcome", "claim", "comes in", "leaves", "lacks")


def sweep_sheets(sweep: Sweep) -> list[Table]:
    """A sweep as tables, one a sheet."""
    prices = list(dict.fromkeys(name for point in sweep.points for name in point.prices))
    priced: tuple[tuple[Raw, ...], ...] = tuple(
        (*(point.at.get(path) for path in sweep.vary), *(point.prices.get(name) for name in prices))
        for point in sweep.points
    )
    booked: tuple[tuple[Raw, ...], ...] = tuple(
        (*(point.at.get(path) for path in sweep.vary), name) for point in sweep.points for name in point.creators
    )
    where = tuple(Column(path, "count", _own(sweep)) for path in sweep.vary)
    every = [
        rows_table(sweep),
        Table("Prices", (*where, *(Column(name, "count", "heading") for name in prices)), priced),
        Table("Creators", (*where, Column("creator")), booked),
        Table("Failed", (Column("point and cause"),), tuple((line,) for line in told.failures(sweep.failed))),
        Table("Warnings", (Column("warning"),), tuple((line,) for line in sweep.warnings)),
    ]
    return [table for table in every if table.rows]
