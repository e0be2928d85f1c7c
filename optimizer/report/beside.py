"""Who is not in a plan: who was left out by what, and who was nearest to being booked."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.results.common import Excluded
from optimizer.results.plan import Plan

_REASONS_MOST = 6


def left_out(excluded: Sequence[Excluded] | None, considered: int | None) -> str:
    """How many creators are not considered, and why; empty if all are, or if that is not known."""
    if excluded is None or considered is None:
        return ""
    total = sum(one.count for one in excluded)
    if not total:
        return ""
    shown = excluded if len(excluded) <= _REASONS_MOST else excluded[: _REASONS_MOST - 1]
    parts = [f"{one.count:,} {_by(one.by)}" for one in shown]
    if len(shown) < len(excluded):
        rest = excluded[len(shown) :]
        parts.append(f"{sum(one.count for one in rest):,} for {len(rest):,} other reasons")
    return f"Not considered: {total:,} of {total + considered:,} creators: {', '.join(parts)}."


def _by(reason: str) -> str:
    """`by where`, `by exclude {niche: food}`, `with no tier`."""
    return f"with {reason}" if reason.startswith("no ") else f"by {reason.replace(': ', ' ', 1)}"


def runners_up(plan: Plan) -> str:
    """Who was nearest to being booked; empty if there is nobody else."""
    named = ", ".join(plan.runners_up)
    return f"Runners-up, nearest to being booked by the prices of the rules: {named}" if named else ""
