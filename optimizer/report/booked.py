"""The table of all bookings, which CSV and workbook write."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.report import forecast, replanned, views
from optimizer.report.document import Column, Kind, Table
from optimizer.results.as_json import allocation_row
from optimizer.results.plan import Plan


def booked(plan: Plan, carried: Mapping[str, Mapping[str, str | None]] | None = None) -> Table:
    """One row per booking, the biggest first, with all that is known of it.

    `carried` are columns of the file of creators: heading -> creator -> cell. A heading that is taken is marked.
    """
    every = views.biggest_first(plan)
    rows = [allocation_row(booking) for booking in every]
    names = list(dict.fromkeys(["creator", "offer", "count", *(name for row in rows for name in row)]))
    texts = {"creator", "offer", "exact_count", *(label for booking in every for label in booking.labels)}
    kinds: dict[str, Kind] = {name: "text" if name in texts else views.kind_of(plan, name) for name in names}
    kinds |= {"keeps": "share", "adds_people": "count"}
    columns = [Column(name, kinds[name]) for name in names] + [Column("estimated"), Column("figures")]
    columns += forecast.columns_of(plan)
    answers = replanned.by_creator(plan)
    columns += map(Column, answers)
    taken = {column.name for column in columns}
    more = {f"{name} (file)" if name in taken else name: cells for name, cells in (carried or {}).items()}
    return Table(
        "Booked",
        (*columns, *(Column(name, own="all") for name in more)),
        tuple(
            (
                *(row.get(name) for name in names),
                "; ".join(f"{name}: {source}" for name, source in booking.estimated.items()),
                views.rests_on(booking),
                *forecast.cells_of(plan, booking),
                *(cells.get(booking.creator, "") for cells in answers.values()),
                *(cells.get(booking.creator) for cells in more.values()),
            )
            for booking, row in zip(every, rows, strict=True)
        ),
    )
