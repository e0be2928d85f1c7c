"""The file that a planner fills in with what happened: one row per booking, with blanks."""

from __future__ import annotations

from optimizer.report.document import Column, Table
from optimizer.results.plan import Plan

_OUTCOMES = ("posts", "impressions", "engagements", "clicks", "conversions", "revenue")


def results_table(plan: Plan, plan_id: str, segments: frozenset[str]) -> Table:
    """One row per booking of a named creator; what is agreed already is filled in.

    The columns after `fee` are for what the posts bring, later.
    """
    agreed = {one.creator: one for one in plan.committed.bookings} if plan.committed else {}
    outcomes = [name for name in _OUTCOMES if name in plan.totals]
    rows = []
    for booking in plan.allocations:
        if booking.creator in segments:
            continue
        mine = agreed.get(booking.creator)
        answer = ("", None) if mine is None else (mine.status, mine.fee)
        rows.append((plan_id, booking.creator, booking.offer, *answer, *([None] * len(outcomes))))
    columns = (*map(Column, ("plan_id", "creator", "offer", "status")), Column("fee", "money"))
    return Table("Results", (*columns, *(Column(name, "count") for name in outcomes)), tuple(rows))
