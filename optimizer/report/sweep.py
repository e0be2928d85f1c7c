"""A sweep in words and tables: what it is about, its points, who changes, and what points without a plan lack."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from rich.text import Text

from optimizer.report.document import Cell, Column, Table, shown
from optimizer.report.language import Speaker, speaker
from optimizer.report.phrases import ENGLISH, TEXT
from optimizer.report.tables import plain, titled_table
from optimizer.results import words
from optimizer.results.sweep import At, FailedPoint, Sweep, SweepPoint
from optimizer.results.sweep_json import lacks_text

_BAR = 16  # characters of the longest bar
_LISTED = 20
_FAMILIES = {"Failed": "failed"}  # of phrases, for the lines of a list
_CLAIMS = {"optimal": "best", "within_gap": "within gap", "feasible": "gap missed"}
_MARGINAL = (
    "per {per}: how the value changes with one more {per}, by the difference to the point before; price: the same by"
    " the price of the bound at this point, if bookings could be split"
)
_DIFFERENCE = "per {per}: how the value changes with one more {per}, by the difference to the point before"


def render(sweep: Sweep, width: int | None = None, everything: bool = False, language: str = ENGLISH) -> str:
    """A sweep as plain text in a language; long lists are cut unless `everything` is asked for."""
    width = width or 100
    speak = speaker(language, sweep, held=True)

    def listed(title: str, lines: Sequence[str], everything: bool = everything) -> str:
        return _listed(
            speak.said(title),
            [speak.line(line, _FAMILIES.get(title, TEXT)) for line in lines],
            width,
            everything,
            speak,
        )

    parts = ["\n".join(map(speak.line, heading(sweep))) + "\n"]
    if sweep.points:
        parts.append(_as_text(speak.table(points_table(sweep), sweep.decimals), sweep, width, speak))
        parts += [plain(Text(speak.said(line)), width) for line in captions(sweep)]
    parts += [
        listed("Who changes", changes(sweep)),
        listed("Without a plan", lacking(sweep)),
        listed("Failed", failures(sweep.failed)),
        listed("Not planned, because it was stopped", left_out(sweep)),
        listed("Warnings", sweep.warnings, everything=True),
    ]
    return speak.release("\n".join(part for part in parts if part))


def heading(sweep: Sweep) -> list[str]:
    """What is varied, how the plans are proved, and what was changed in all of them."""
    count = len(sweep.points)
    points = f"{count:,} {'point' if count == 1 else 'points'}"
    if sweep.frontier is not None:
        says = f"{sweep.scenario.name}: {points} between two goals, {goal(sweep)} and"
        lines = [f"{says} {sweep.frontier.sense} {sweep.frontier.quantity}"]
    else:
        varied = " and ".join(named(path) for path in sweep.vary)
        lines = [f"{sweep.scenario.name}: {goal(sweep)} at {points} of {varied}"]
    planned = [point for point in sweep.points if point.outcome == "plan"]
    met = sum(point.claim in ("optimal", "within_gap") for point in planned)
    if planned:
        asked = "all" if met == len(planned) else f"{met:,} of {len(planned):,}"
        best = sum(point.claim == "optimal" for point in planned)
        lines.append(f"{asked} proved within {words.percent(sweep.gap)} of the best, {best:,} of them the best itself")
    if sweep.scenario.variant is not None:
        lines.append(f"variant {sweep.scenario.variant}")
    return lines + [f"everywhere: {path} = {value}" for path, value in sweep.scenario.changes.items()]


def goal(sweep: Sweep) -> str:
    """The goal in words; only its sense, if it is varied itself."""
    goals = list(dict.fromkeys((point.sense, tuple(point.of.items())) for point in sweep.points))
    if len(goals) != 1:
        return "the goal's value"
    sense, of = goals[0]
    return f"{sense} {' + '.join(name if weight == 1 else f'{weight:g} x {name}' for name, weight in of)}"


def named(path: str) -> str:
    """A path as a heading: `nano keeps a third, at least`."""
    for side, said in (("at_least", "at least"), ("at_most", "at most"), ("exactly", "exactly")):
        begin, _, end = path.rpartition(f".{side}")
        if begin.startswith("constraints.") and not end:
            rule = begin.removeprefix("constraints.").strip("\"'")
            return f"{rule}, {said}"
    return path


def written(sweep: Sweep, point: SweepPoint | FailedPoint, path: str) -> str:
    """The value of one input at a point, as it was set."""
    value, said = point.at.get(path), point.changes.get(path, "")
    if sweep.frontier is not None:
        return "" if value is None or isinstance(value, str) else words.bare(sweep, path, value)
    return f"{value:,}" if isinstance(value, int) and not said.endswith("%") else said or str(value)


def _place(at: At) -> str:
    return ", ".join(
        f"{named(path)} {value:,}" if isinstance(value, (int, float)) else f"{named(path)} {value}"
        for path, value in at.items()
    )


def _where(sweep: Sweep, point: SweepPoint | FailedPoint) -> str:
    return ", ".join(f"{named(path)} {written(sweep, point, path)}" for path in sweep.vary) or "everywhere"


# --- the points ---


def points_table(sweep: Sweep) -> Table:
    """One row per point."""
    first = next((point for point in sweep.points if point.outcome == "plan"), None)
    per = next((point.marginal.per for point in sweep.points if point.marginal is not None), None)
    priced = any(point.marginal is not None and point.marginal.price is not None for point in sweep.points)
    differs = any(point.marginal is not None and point.marginal.difference is not None for point in sweep.points)
    ranged = any(point.likely for point in sweep.points)
    heading_ = "value" if first is None or len(first.of) != 1 else next(iter(first.of))
    columns = [
        *(Column(_headed(sweep, path), "words") for path in sweep.vary),
        Column(_headed(sweep, heading_), "words"),
        *([Column("most likely", "words")] if ranged else []),
        Column("proved limit", "words"),
        Column("proved"),
        Column("creators", "count"),
        *([Column(f"per {per}", "words")] if differs else []),
        *([Column("price", "words")] if priced else []),
        Column("in", "count"),
        Column("out", "count"),
    ]
    rows = []
    for point in sweep.points:
        plan = point.outcome == "plan"
        marginal = point.marginal
        row: list[Cell] = [written(sweep, point, path) for path in sweep.vary]
        row.append(value_of(sweep, point, point.value) if plan else "no plan")
        if ranged:
            row.append(" to ".join(value_of(sweep, point, end) for end in point.likely) if point.likely else "")
        row.append(value_of(sweep, point, point.bound))
        row.append(_CLAIMS[point.claim] if point.claim else _outcome(point))
        row.append(len(point.creators) if plan else None)
        if differs:
            row.append("" if marginal is None or marginal.difference is None else words.short(marginal.difference))
        if priced:
            row.append("" if marginal is None or marginal.price is None else words.short(marginal.price))
        row += [None if names is None else len(names) for names in (point.comes_in, point.leaves)]
        rows.append(tuple(row))
    return Table("Points", tuple(columns), tuple(rows), spare=("most likely",))


def _headed(sweep: Sweep, name: str) -> str:
    """A quantity with its currency; a path as it is named."""
    return f"{name} ({sweep.currency})" if words.is_money(sweep, name) or name == "budget" else named(name)


def value_of(sweep: Sweep, point: SweepPoint, value: float | None) -> str:
    """A value of a point's goal."""
    if value is None:
        return ""
    (name, weight), *others = point.of.items()
    return words.bare(sweep, "" if others or weight != 1 else name, value)


def _outcome(point: SweepPoint) -> str:
    return "rules clash" if point.outcome == "infeasible" else "none found"


def captions(sweep: Sweep) -> list[str]:
    """What the columns of marginal values and changes mean."""
    marginals = [point.marginal for point in sweep.points if point.marginal is not None]
    if not marginals:
        return []
    priced = any(one.price is not None for one in marginals)
    return [(_MARGINAL if priced else _DIFFERENCE).format(per=marginals[0].per)]


def changes(sweep: Sweep) -> list[str]:
    """Who comes in and who leaves, at each point where the roster changes."""
    return [
        f"{_where(sweep, point)}: "
        + "; ".join(
            f"{word} {', '.join(names)}" for word, names in (("in", point.comes_in), ("out", point.leaves)) if names
        )
        for point in sweep.points
        if point.roster_changes
    ]


def lacking(sweep: Sweep) -> list[str]:
    """What each point without a plan lacks."""
    return [
        f"{_where(sweep, point)}: {point.reason}; {lacks_text(sweep, point)}"
        if point.lacks
        else f"{_where(sweep, point)}: {point.reason}"
        for point in sweep.points
        if point.outcome != "plan"
    ]


def failures(failed: Iterable[FailedPoint]) -> list[str]:
    """Each point that could not be planned, with its cause."""
    return [f"{_place(one.at)}: {one.cause}" for one in failed]


def left_out(sweep: Sweep) -> list[str]:
    """The points that were not planned."""
    return [_place(at) for at in sweep.not_planned]


def _as_text(table: Table, sweep: Sweep, width: int, speak: Speaker) -> str:
    """The table with a bar for each value: the curve."""
    order = sorted(range(len(table.columns)), key=lambda at: table.columns[at].kind != "text")  # what is proved, first
    longest = max((abs(point.value) for point in sweep.points if point.value), default=0.0)
    rows = []
    for point, row in zip(sweep.points, table.rows, strict=True):
        cells = [shown(cell, table.columns[at].kind, sweep.decimals) for at, cell in enumerate(row)]
        bar = "" if not point.value or not longest else "█" * max(1, round(_BAR * abs(point.value) / longest))
        rows.append([*(cells[at] for at in order[1:]), cells[order[0]], bar])
    numbers = [table.columns[at].name for at in order[1:]]
    found = titled_table(table.title, [], numbers, [])
    found.add_column(table.columns[order[0]].name, no_wrap=True)
    found.add_column(speak.said("curve", "heading"), no_wrap=True, min_width=_BAR)
    for said in rows:
        found.add_row(*map(Text, said))
    longest = max(len(line) for line in plain(found, 1_000).splitlines())
    return plain(found, max(width, longest + 2)).rstrip() + "\n"  # better too wide than cut


def _listed(title: str, lines: Sequence[str], width: int, everything: bool, speak: Speaker) -> str:
    """A title with lines that wrap with a hanging indent; long lists are cut."""
    if not lines:
        return ""
    kept = lines if everything else lines[:_LISTED]
    wrapped = [textwrap.fill(f"- {line}", width, subsequent_indent="  ", break_on_hyphens=False) for line in kept]
    more = [speak.said(f"... and {len(lines) - len(kept):,} more (--all)")] if len(kept) < len(lines) else []
    return plain(Text("\n".join([title, *wrapped, *more])), width)
