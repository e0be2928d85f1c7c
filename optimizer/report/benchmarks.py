"""Benchmark packs as a person reads them in a terminal, and as plain JSON values."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.domain.benchmarks import LEVELS, Benchmark, Level, Pack, size_words
from optimizer.domain.figures import FIGURES

FORMAT = "creatormix/benchmarks/1"
_UNSTATED = "~ the source does not state this level: it states one number for all, or the level is derived."
_NEVER_CUT = ("pack", "platform", "followers", "date")
_CHOICE = "Where sources differ, the order of benchmarks in the scenario decides; nothing is averaged."


def list_text(packs: Sequence[Pack], width: int) -> str:
    """All packs: what they fill, and those that fill nothing but are worth reading."""
    filling = [pack for pack in packs if pack.benchmarks]
    silent = [pack for pack in packs if not pack.benchmarks]
    return _render(
        width,
        _table(
            "Packs",
            ["pack", "source", "platform", "date", "figures"],
            [[p.name, p.source, p.platform or "any", p.date, figures_words(p)] for p in filling],
        ),
        _table(
            "Only to read: nothing in them fills a figure",
            ["pack", "source", "date", "says"],
            [[p.name, p.source, p.date, "; ".join(s.text for s in p.shown)] for p in silent],
        ),
        Text("creatormix benchmarks PACK shows one of them, --compare FIGURE one figure of all."),
    )


def pack_text(pack: Pack, width: int) -> str:
    """One pack: every figure with what it applies to, and statements that are only shown, with the reason."""
    parts: list[RenderableType] = [_lines(width, _heading(pack))]
    if pack.benchmarks:
        for figure in pack.figures:
            parts.append(_figures_table(_figure_title(figure), pack.about(figure)))
        parts.append(Text(_UNSTATED))
        parts.append(_lines(width, ["Counted over", *_each(pack.benchmarks, "denominator")]))
        for title, field in (("Derived", "derived"), ("No tier", "any_size"), ("Notes", "note")):
            if said := _each(pack.benchmarks, field):
                parts.append(_lines(width, [title, *said]))
    else:
        parts.append(Text("Nothing in this pack fills a figure."))
    if pack.shown:
        shown = [f"- {s.text}: {s.value}. Why not: {s.reason}" for s in pack.shown]
        parts.append(_lines(width, ["Only shown, never used as a figure", *shown]))
    return _render(width, *parts)


def compare_text(figure: str, packs: Sequence[Pack], width: int) -> str:
    """One figure of all packs, side by side by size and platform; nothing is averaged."""
    title = _figure_title(figure)
    found = _compared(figure, packs)
    shown = [(pack, shown) for pack in packs for shown in pack.shown if shown.figure == figure]
    if not found and not shown:
        return _render(width, Text(f"{title}\nNo pack states it. Write your own under assume."))
    parts: list[RenderableType] = []
    if found:
        parts.append(_figures_table(title, found, by_pack=True))
        parts.append(Text(_UNSTATED))
        counted = dict.fromkeys(f"- {b.pack} ({b.date}): {b.denominator}" for b in sorted(found, key=lambda b: b.pack))
        parts.append(_lines(width, ["Counted over", *counted]))
        parts.append(Text(_CHOICE))
    else:
        parts.append(Text(f"{title}\nNo pack fills it."))
    if shown:
        rows = [[pack.name, s.whom, s.value, s.reason] for pack, s in shown]
        headings = ["pack", "for whom", "value", "why it is not used"]
        parts.append(_table("Stated as well, but only shown", headings, rows))
    return _render(width, *parts)


def list_json(packs: Sequence[Pack]) -> dict[str, Any]:
    """All packs, without their values."""
    keys = ("name", "title", "source", "date", "platform", "region", "currency", "link")
    rows = [{key: getattr(p, key) for key in keys} | {"figures": _counts(p), "shown": len(p.shown)} for p in packs]
    return {"format": FORMAT, "packs": rows}


def pack_json(pack: Pack) -> dict[str, Any]:
    """One pack with everything that it holds."""
    keys = ("name", "title", "source", "date", "platform", "region", "currency", "note", "link")
    return {
        "format": FORMAT,
        **{key: getattr(pack, key) for key in keys},
        "tiers": {tier: list(bounds) for tier, bounds in pack.tiers.items()},
        "benchmarks": [_benchmark_json(benchmark) for benchmark in pack.benchmarks],
        "shown": [asdict(shown) for shown in pack.shown],
    }


def compare_json(figure: str, packs: Sequence[Pack]) -> dict[str, Any]:
    """One figure of all packs."""
    return {
        "format": FORMAT,
        "figure": figure,
        "benchmarks": [_benchmark_json(benchmark) for benchmark in _compared(figure, packs)],
        "shown": [{"pack": p.name} | asdict(s) for p in packs for s in p.shown if s.figure == figure],
    }


def figures_words(pack: Pack) -> str:
    """The figures that a pack fills, with the number of values: `engagement_rate 5, fee 3`."""
    return ", ".join(f"{figure} {count}" for figure, count in _counts(pack).items())


def value_words(benchmark: Benchmark, value: Decimal) -> str:
    """A value in its unit: `2.71 %`, `447.21 USD`."""
    if benchmark.currency is not None:
        return f"{value:,.2f} {benchmark.currency}"
    text = f"{value * 100:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def _counts(pack: Pack) -> dict[str, int]:
    return {figure: len(pack.about(figure)) for figure in pack.figures}


def _benchmark_json(benchmark: Benchmark) -> dict[str, Any]:
    """Every field; rates are fractions."""
    return asdict(benchmark) | {level: float(benchmark.at(level)) for level in LEVELS}


def _compared(figure: str, packs: Iterable[Pack]) -> list[Benchmark]:
    """Sorted from small creators to large, any size last; within a size by platform."""
    found = [benchmark for pack in packs for benchmark in pack.about(figure)]
    return sorted(
        found,
        key=lambda b: (b.followers is None, _first_tier(b), b.model or (), b.platform or "", b.pack),
    )


def _first_tier(benchmark: Benchmark) -> int:
    """Sizes by powers of ten, so that tiers of different sources with similar lower bounds are together."""
    low = benchmark.followers[0] if benchmark.followers else 0
    return len(str(low)) if low >= 10_000 else 0


def _figure_title(figure: str) -> str:
    return f"{figure}: {FIGURES[figure].title}"


def _figures_table(title: str, benchmarks: Sequence[Benchmark], by_pack: bool = False) -> Group:
    """A table of benchmarks with what they apply to; a column with nothing but "any" is left out."""
    narrowing = ("followers", "platform", "deliverable", "pay")
    rows = [
        {
            **({"pack": benchmark.pack} if by_pack else {}),
            "tier": benchmark.tier or "any",
            "followers": _followers_words(benchmark),
            "platform": benchmark.platform or "any",
            "deliverable": benchmark.deliverable or "any",
            "pay": " or ".join(benchmark.model or ("any",)),
            **{level: _level_words(benchmark, level) for level in LEVELS},
        }
        for benchmark in benchmarks
    ]
    headings = [name for name in rows[0] if name not in narrowing or any(row[name] != "any" for row in rows)]
    return _table(title, headings, [[row[name] for name in headings] for row in rows], numbers=LEVELS)


def _followers_words(benchmark: Benchmark) -> str:
    if benchmark.followers is None:
        return "each 1,000" if benchmark.per_thousand_followers else "any"
    low, high = benchmark.followers
    if high is None:
        return f"from {low:,}"
    return f"{low:,} to {high:,}" if low else f"to {high:,}"


def _level_words(benchmark: Benchmark, level: Level) -> str:
    """A level, marked where the source does not state it."""
    return ("" if level in benchmark.stated else "~") + value_words(benchmark, benchmark.at(level))


def _heading(pack: Pack) -> list[str]:
    about = [
        f"platform: {pack.platform or 'not one alone'}",
        f"region: {pack.region or 'not stated'}",
        f"money in {pack.currency}" if pack.currency else "",
    ]
    tiers = ", ".join(size_words(tier, bounds) for tier, bounds in pack.tiers.items())
    lines = [f"{pack.name}: {pack.title}", f"{pack.source}, {pack.date}", ", ".join(filter(None, about))]
    return [line for line in [*lines, f"tiers: {tiers}" if tiers else "", pack.link, pack.note] if line]


def _each(benchmarks: Iterable[Benchmark], field: str) -> list[str]:
    """The distinct texts of a field, each with its figures; and with what it applies to, if not to all."""
    benchmarks = tuple(benchmarks)
    said: dict[tuple[str, str], list[Benchmark]] = {}
    for benchmark in benchmarks:
        if text := getattr(benchmark, field):
            said.setdefault((benchmark.figure, text), []).append(benchmark)
    lines = []
    for (figure, text), of in said.items():
        everybody = len(of) == sum(benchmark.figure == figure for benchmark in benchmarks)
        whom = "" if everybody else f" ({', '.join(dict.fromkeys(_short_whom(b) for b in of))})"
        lines.append(f"- {figure}{whom}: {text}")
    return lines


def _short_whom(benchmark: Benchmark) -> str:
    size = benchmark.tier or benchmark.platform or "any"
    return f"{size} on {' or '.join(benchmark.model)}" if benchmark.model else size


def _lines(width: int, lines: Iterable[str]) -> Text:
    """Lines that wrap with a hanging indent."""
    wrapped = (
        textwrap.fill(
            line,
            width,
            subsequent_indent="  " if line.startswith("- ") else "",
            break_long_words=False,  # links stay whole
            break_on_hyphens=False,
        )
        for line in lines
    )
    return Text("\n".join(wrapped))


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: Iterable[str] = ()) -> Group:
    """A titled table whose texts wrap on a narrow terminal; numbers and names are never cut."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    numbers = tuple(numbers)
    for at, heading in enumerate(headings):
        whole = heading in (*numbers, *_NEVER_CUT)
        longest = max([len(heading), *(len(row[at]) for row in rows)])
        table.add_column(
            heading,
            justify="right" if heading in numbers else "left",
            no_wrap=whole,
            min_width=longest if whole else min(longest, 16),
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return Group(Text(title), table)


def _render(width: int, *parts: RenderableType) -> str:
    """Plain text, the parts with an empty line between them."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, highlight=False, markup=False, emoji=False)
    for at, part in enumerate(parts):
        if at:
            console.print()
        needed = console.measure(part, options=console.options.update_width(1_000)).minimum
        console.width = max(width, needed)  # better too wide than cut
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
