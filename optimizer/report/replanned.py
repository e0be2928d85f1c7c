"""What a plan says that was made again: what is committed, what has changed and why."""

from __future__ import annotations

from optimizer.report.document import Column, Table, Words
from optimizer.results import words
from optimizer.results.plan import Plan
from optimizer.results.replanned import Committed, NameChange, Replanned


def summary(plan: Plan) -> tuple[Words, ...]:
    """What is committed, what is kept of the best value, and how many names change; nothing of other plans."""
    if plan.replan is None or plan.committed is None:
        return ()
    kept = [one.creator for one in plan.changes if one.what == "kept"]
    agreed = {one.creator for one in plan.committed.bookings}
    open_ = sum(name not in agreed for name in kept)
    stays = f"{_count(len(kept), 'creator')} kept, {open_:,} of them not agreed yet"
    return (Words((_committed(plan, plan.committed), _kept(plan, plan.replan), _names(plan.replan), stays)),)


def changes(plan: Plan, *, everything: bool) -> tuple[Table, ...]:
    """Who leaves, who is new and who changes; with `everything`, who stays as well."""
    shown = [one for one in plan.changes if everything or one.what != "kept"]
    return (_changes(shown),) if shown else ()


def by_creator(plan: Plan) -> dict[str, dict[str, str]]:
    """What a list of bookings says more of each creator: heading -> creator -> text."""
    if plan.replan is None or plan.committed is None:
        return {}
    return {
        "status": {one.creator: one.status for one in plan.committed.bookings},
        "change": {one.creator: one.what for one in plan.changes},
    }


def tables(plan: Plan) -> tuple[Table, ...]:
    """All changes, and all that is agreed, as tables of a workbook."""
    if plan.replan is None or plan.committed is None:
        return ()
    money = f"({plan.currency})"
    columns = (Column("creator"), Column("offer"), Column("status"))
    agreed = tuple((one.creator, one.offer, one.status, one.fee, one.spend) for one in plan.committed.bookings)
    declined = tuple((name, "", "declined", None, None) for name in plan.committed.declined)
    return (
        _changes(plan.changes),
        Table(
            "Answers",
            (*columns, Column(f"agreed fee {money}", "money"), Column(f"spend {money}", "money")),
            (*agreed, *declined),
        ),
    )


def _changes(changes: list[NameChange] | tuple[NameChange, ...]) -> Table:
    names = ("creator", "change", "before", "now", "why")
    rows = tuple((one.creator, one.what, one.before or "", one.offer or "", one.why) for one in changes)
    return Table("Changes", tuple(map(Column, names)), rows)


def _committed(plan: Plan, committed: Committed) -> str:
    """What is agreed, and what that leaves open: the two add up to the plan's spend."""
    declined = f"; {len(committed.declined):,} declined" if committed.declined else ""
    if not committed.creators:
        return f"committed: nothing yet{declined}"
    creators = _count(committed.creators, "creator")
    if committed.spend is None:
        return f"committed: {creators}{declined}"
    spent = words.amount(plan, "spend", committed.spend)
    still = words.amount(plan, "spend", round(plan.totals.get("spend", 0.0) - committed.spend, plan.decimals))
    return f"committed: {creators} for {spent}; {still} is open{declined}"


def _kept(plan: Plan, replan: Replanned) -> str:
    """How much of the best value is kept."""
    last = plan.goals[-1] if plan.goals else plan.objective
    if last.value == replan.best:
        return "worth as much as the best plan that was found with what is agreed"
    best = words.goal_value(plan, replan.best) if not plan.goals else words.written(replan.best, "count", 2)
    share = f", {words.percent(last.value / replan.best)} of it" if last.value > 0 and replan.best > 0 else ""
    return (
        f"the best plan that was found with what is agreed is worth {best}; this one{share or ' less'} for few changes"
    )


def _names(replan: Replanned) -> str:
    """How many open names change, and whether that is proved to be as few as can be."""
    changed = "no open name changes" if not replan.names else f"{_count(replan.names, 'open name')} change"
    changed = changed if replan.names != 1 else "1 open name changes"
    if not replan.names:
        return changed
    keeps = f"that keeps {words.percent(replan.keep)} of the best"
    return f"{changed}; {f'no plan {keeps} changes fewer (proved)' if replan.fewest else 'fewer may be possible'}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
