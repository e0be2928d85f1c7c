"""Who comes in, who leaves and who is booked otherwise, as a table for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Group
from rich.text import Text

from optimizer.analysis.measuring import subtractable, total
from optimizer.report.document import Column, Table
from optimizer.report.language import Speaker
from optimizer.report.tables import plain, titled_table
from optimizer.results import words
from optimizer.results.comparison import Booked, Case, Change, Comparison, Move
from optimizer.results.plan import Plan

_SHOWN_MOST = 15
_COUNTED: dict[Change, str] = {
    "stays": "{} stay",
    "offer_changes": "{} on other offers",
    "count_changes": "{} more or less often",
    "comes_in": "{} come in",
    "leaves": "{} leave",
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: its values for each move, and their format."""

    heading: str
    of: Callable[[Move], float]
    written: Callable[[float], str]


def moves_text(comparison: Comparison, case: Case, width: int, everything: bool, speak: Speaker) -> str:
    """The changes from the base to a case, as text in a language."""
    found = moves_table(comparison, case, None if everything else _SHOWN_MOST, "--all lists them")
    if found is None:
        return ""
    found = speak.table(found, None)
    if not found.rows:
        return plain(Text(found.title), width)
    headings, rows = [column.name for column in found.columns], [list(map(str, row)) for row in found.rows]
    table = titled_table("", headings[:2], headings[2:], rows)
    table.title = None
    return plain(Group(Text(found.title), table), width).rstrip("\n") + "\n"


def moves_table(comparison: Comparison, case: Case, most: int | None, where: str) -> Table | None:
    """The changes from the base to a case: counts, then the largest changes with their effect; `where` the rest is."""
    base = next(other.plan for other in comparison.cases if other.name == comparison.base)
    if case.against_base is None or case.plan is None or base is None:
        return None
    moves = case.against_base.moves
    title = f"{case.name} against {comparison.base}: {_counts(moves)}"
    columns = _columns(base, case.plan, [name for move in moves[:1] for name in move.difference])
    moving = sorted((move for move in moves if move.change != "stays"), key=lambda move: _weight(case.plan, move))
    shown = moving[:most]
    staying = [move for move in moves if move.change == "stays"]
    rows = [[move.creator, change_words(move), *_figures(columns, [move])] for move in shown]
    if len(shown) < len(moving):
        rest = moving[len(shown) :]
        rows.append([f"... {len(rest):,} more", where, *_figures(columns, rest)])
    other_figures = [move for move in staying if any(move.difference.values())]
    if other_figures:
        rows.append([f"{len(other_figures):,} who stay", "with other figures", *_figures(columns, other_figures)])
    if rows:
        rows.append(["all together", "", *_figures(columns, moves)])
    headings = (Column("creator"), Column("change"), *(Column(column.heading, "words") for column in columns))
    return Table(title, headings, tuple(map(tuple, rows)))


def _counts(moves: Sequence[Move]) -> str:
    counts = Counter(move.change for move in moves)
    if counts["stays"] == len(moves):
        return f"the same {len(moves):,} creators on the same offers" if moves else "nobody is booked in either"
    return ", ".join(text.format(f"{counts[change]:,}") for change, text in _COUNTED.items() if counts[change])


def _weight(plan: Plan | None, move: Move) -> tuple[float, float, str]:
    """The order of moves: by what they change in the case's objective, then in spend, the largest first."""
    weights = plan.objective.of if plan else {}
    gain = sum(weight * (move.difference.get(name) or 0) for name, weight in weights.items())
    return -abs(gain), -abs(move.difference.get("spend") or 0), move.creator


def _columns(base: Plan, plan: Plan, quantities: Sequence[str]) -> list[_Column]:
    """A column of differences for each quantity; if there is no difference, the values of both plans."""
    columns = []
    for name in quantities:
        if name in base.totals and name in plan.totals and subtractable(name, plan, base):
            columns.append(_Column(_titled(plan, name), _difference(name), _signed(plan, name)))
            continue
        if name in base.totals:
            columns.append(_Column(f"{_titled(base, name)} before", _sum(name, "before"), _bare(base, name)))
        if name in plan.totals:
            columns.append(_Column(f"{_titled(plan, name)} after", _sum(name, "after"), _bare(plan, name)))
    return columns


def _titled(plan: Plan, name: str) -> str:
    return f"{name} ({plan.currency})" if words.is_money(plan, name) else name


def _difference(name: str) -> Callable[[Move], float]:
    return lambda move: move.difference[name] or 0


def _sum(name: str, side: str) -> Callable[[Move], float]:
    return lambda move: total(booked.values.get(name, 0) for booked in getattr(move, side))


def _signed(plan: Plan, name: str) -> Callable[[float], str]:
    def written(value: float) -> str:
        return f"{'+' if value > 0 else '-' if value < 0 else ''}{words.bare(plan, name, abs(value))}"

    return written


def _bare(plan: Plan, name: str) -> Callable[[float], str]:
    return lambda value: words.bare(plan, name, value)


def _figures(columns: Sequence[_Column], moves: Sequence[Move]) -> list[str]:
    return [column.written(total(column.of(move) for move in moves)) for column in columns]


def change_words(move: Move) -> str:
    """`in: three videos`, `out: one video`, `one video -> three videos`, `gifted video x 12 -> x 20`."""
    if move.change == "comes_in":
        return f"in: {_offers(move.after)}"
    if move.change == "leaves":
        return f"out: {_offers(move.before)}"
    if len(move.before) == len(move.after) == 1 and move.change == "count_changes":
        return f"{_offers(move.before)} -> {_times(move.after[0])}"
    return f"{_offers(move.before)} -> {_offers(move.after)}"


def _offers(side: Sequence[Booked]) -> str:
    return ", ".join(booked.offer + (f" {_times(booked)}" if booked.count != 1 else "") for booked in side)


def _times(booked: Booked) -> str:
    return f"x {booked.count:,}" if isinstance(booked.count, int) else f"x {booked.count:,.2f}"
