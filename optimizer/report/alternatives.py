"""Plans near the best one, in words and tables: for a terminal, for a page, and for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.report import forecast, views
from optimizer.report import plan_parts as parts
from optimizer.report.document import Cell, Column, Document, Section, Table, Words, section, words_of
from optimizer.report.phrases import ENGLISH
from optimizer.report.text import spoken
from optimizer.results import words
from optimizer.results.alternatives import Alternative, Alternatives, Reserve
from optimizer.results.plan import Allocation, Plan

_NAMED_MOST, _RESERVES_MOST, _STAND_INS_MOST = 40, 20, 3
_MORE = "--all lists them"
_CAPTION = (
    "new: bookings of names that the best plan does not have; shared: of names of the plans above it, summed over"
    " these; * it is not proved that no plan shares fewer"
)
_MARKS = {
    "core": "Core, booked in every plan near the best one",
    "swappable": "Swappable, booked in some of them",
    "never": "Never, in none of them",
}


def render(found: Alternatives, width: int | None = None, everything: bool = False, language: str = ENGLISH) -> str:
    """Alternatives as plain text in a language; long lists are cut unless `everything` is asked for."""
    return spoken(_document(found, everything, headings=False), found, width or 100, language)


def page(found: Alternatives) -> Document:
    """The page of alternatives."""
    return _document(found, everything=True, headings=True)


def _document(found: Alternatives, everything: bool, *, headings: bool) -> Document:
    def named(heading: str) -> str:
        return heading if headings else ""

    return Document(
        f"{parts.named(found.best)}: alternatives",
        (
            *section(named("The question"), Words(tuple(heading(found)))),
            *section(named("Plans near the best one"), plans(found), *_no_other(found)),
            *_changes(found, named("What changes")),
            *section(named("Who is in them"), *_marked(found, everything)),
            *section(named("Who steps in"), *reserves(found, everything)),
            *section(named("Warnings"), *words_of(*(f"- {one}" for one in found.warnings), title="Warnings")),
        ),
        found.best.decimals,
    )


def heading(found: Alternatives) -> Iterator[str]:
    """What was asked, and how good the best plan is."""
    best = found.best
    yield parts.named(best)
    yield from parts.changed(best)
    yield f"{words.goal(best)}: {forecast.goal(best)}"
    yield parts.proof_words(best)
    side = "at most" if best.objective.sense == "minimize" else "at least"
    given_up = words.percent(round(found.within, 4))
    how = f"{given_up} of it may be given up"
    if found.by == "forecast":
        how = f"{given_up} of it may be given up, as much as the forecast cannot tell apart"
    yield f"near the best plan: plans worth {side} {words.goal_value(best, found.least)} ({how})"


def plans(found: Alternatives) -> Table:
    """The best plan and the others."""
    best = found.best
    ranged = any(one.range is not None for one in found.plans)
    rows: list[tuple[Cell, ...]] = [
        (
            "best",
            views.goal_valued(best, best.objective.value),
            "",
            "",
            *([forecast.goal_range(best)] if ranged else []),
        )
    ]
    for at, one in enumerate(found.plans, 1):
        shared = f"{one.shared:g}{'' if one.proved else '*'}"
        likely = [_range(best, one)] if ranged else []
        rows.append((str(at), views.goal_valued(best, one.value), f"{one.differs:g}", shared, *likely))
    names = ("new", "shared", *(["most likely"] if ranged else []))
    columns = (Column("plan"), Column(words.goal(best), "count"), *(Column(name, "words") for name in names))
    return Table("Plans", columns, tuple(rows), _CAPTION if found.plans else "")


def _range(best: Plan, one: Alternative) -> str:
    if one.range is None or one.range.p10 == one.range.p90:
        return ""
    return " to ".join(words.goal_value(best, float(f"{end:.3g}")) for end in (one.range.p10, one.range.p90))


def _no_other(found: Alternatives) -> tuple[Words, ...]:
    if found.no_other is None:
        return ()
    proved = "there is no other plan near the best one with other names, proved"
    return words_of(proved if found.no_other == "proved" else "no other plan was found; there may be one")


def _changes(found: Alternatives, heading: str) -> tuple[Section, ...]:
    """Who comes in and who leaves, plan by plan."""
    said = []
    for at, one in enumerate(found.plans, 1):
        comes, leaves = _names(one.comes_in, None), _names(one.leaves, None)
        said.append(f"- plan {at}: {f'in: {comes}' if comes else 'nobody new'}{f'; out: {leaves}' if leaves else ''}")
    return section(heading, *words_of(*said, title="Changes from the best plan"))


def _marked(found: Alternatives, everything: bool) -> Iterator[Words]:
    """Who is core, who is swappable, and how many are in no plan."""
    for mark, title in _MARKS.items():
        of_mark, count = [one for one in found.creators if one.mark == mark], found.counts[mark]
        if mark == "never" and not everything:
            of_mark = []
        open_ = sum(not one.proved for one in of_mark)
        booked_first = sorted(of_mark, key=lambda one: not one.booked)
        names = [f"{one.creator}{'' if one.proved else '*'}" for one in booked_first]
        said = [_names(names, None if everything else _NAMED_MOST, count)] if names else []
        yield Words((f"{title}: {count:,}", *said, *(["* not proved"] if open_ else [])))


def _names(names: Sequence[str], most: int | None, count: int | None = None) -> str:
    shown, count = names[:most], len(names) if count is None else count
    more = f" ... and {count - len(shown):,} more" if len(shown) < count else ""
    return ", ".join(shown) + more


def reserves(found: Alternatives, everything: bool = True) -> tuple[Table | Words, ...]:
    """Who steps in for each creator."""
    if not found.reserves:
        return ()
    shown = found.reserves if everything else found.reserves[:_RESERVES_MOST]
    rows = tuple((one.creator, _says(one, None if everything else _STAND_INS_MOST), _lost(one)) for one in shown)
    left = len(found.reserves) - len(shown)
    more = words_of(f"... and stand-ins for {left:,} more: {_MORE}") if left else ()
    caption = "for each who falls out while all others stay, the best first; loss: of the best plan's value"
    columns = (Column("falls out"), Column("steps in"), Column("loss", "words"))
    return (Table("Stand-ins", columns, rows, caption), *more)


def _says(one: Reserve, most: int | None) -> str:
    """Who steps in, in words."""
    names = [f"{by.creator} ({by.offer})" for by in one.stand_ins]
    if one.together:
        return f"{' with '.join(names)}, who keep all rules together"
    if one.keeps:
        return _listed(names, most) if names else "nobody needs to"
    missed = f"nobody keeps {', '.join(one.breaks)}" if one.breaks else "nobody keeps all rules"
    found = "" if one.proved else " (not proved)"
    return f"{missed}{found}{f'; nearest: {_listed(names, most)}' if names else ''}"


def _listed(names: Sequence[str], most: int | None) -> str:
    return ", ".join(names[:most])


def _lost(one: Reserve) -> str:
    losses = [by.loss for by in one.stand_ins]
    if not losses or losses[0] is None:
        return ""
    return words.percent(losses[0])


# --- for spreadsheets ---


def who(found: Alternatives) -> Table:
    """A row for each creator that is listed: the mark, how often each plan books them, and who steps in."""
    counts = [_counts(found.best.allocations), *(_counts(one.allocations) for one in found.plans)]
    stand_ins = {one.creator: [by.creator for by in one.stand_ins] for one in found.reserves}
    rows = tuple(
        (
            one.creator,
            one.mark,
            "yes" if one.proved else "no",
            *(mine.get(one.creator, 0) for mine in counts),
            "; ".join(stand_ins.get(one.creator, ())),
        )
        for one in found.creators
    )
    names = ["best", *(f"plan {at}" for at in range(1, len(found.plans) + 1))]
    columns = (Column("creator"), Column("mark"), Column("proved"), *(Column(name, "count") for name in names))
    return Table("Who", (*columns, Column("stand-ins")), rows)


def _counts(allocations: Sequence[Allocation]) -> dict[str, float]:
    counts: dict[str, float] = {}
    for booking in allocations:
        counts[booking.creator] = counts.get(booking.creator, 0) + booking.count
    return counts


def sheets(found: Alternatives) -> list[Table]:
    """Alternatives as views, one a sheet."""
    best = found.best
    every: list[tuple[str, float, float | None, float, Sequence[Allocation]]]
    every = [("best", best.objective.value, None, 0.0, best.allocations)]
    every += [
        (f"plan {at}", one.value, one.loss, one.differs, one.allocations) for at, one in enumerate(found.plans, 1)
    ]
    names = list(dict.fromkeys(name for *_, bookings in every for booking in bookings for name in booking.values))
    bookings = tuple(
        (plan, booking.creator, booking.offer, booking.count, *(booking.values.get(name) for name in names))
        for plan, *_, mine in every
        for booking in mine
    )
    kinds = tuple(Column(views.headed(best, name), views.kind_of(best, name)) for name in names)
    return [
        Table(
            "Plans",
            (Column("plan"), Column("value", "count"), Column("loss", "share"), Column("new names", "count")),
            tuple((name, views.goal_valued(best, value), loss, new) for name, value, loss, new, _ in every),
        ),
        who(found),
        Table(
            "Stand-ins",
            (
                *(Column(name) for name in ("falls out", "offer", "steps in", "on", "how", "breaks alone")),
                Column("loss", "share"),
            ),
            tuple(
                (one.creator, one.offer, by.creator, by.offer, _how(one), ", ".join(one.breaks), by.loss)
                for one in found.reserves
                for by in one.stand_ins
            ),
        ),
        Table("Bookings", (*map(Column, ("plan", "creator", "offer")), Column("count", "count"), *kinds), bookings),
        Table("Warnings", (Column("warning"),), tuple((warning,) for warning in found.warnings)),
    ]


def _how(one: Reserve) -> str:
    return "together" if one.together else "alone" if one.keeps else "misses a lower bound"
