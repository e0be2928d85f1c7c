"""Which column of the file is which of ours: found by name, or as the scenario maps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from optimizer.domain.figures import AUDIENCE, FIGURES, Figure, audience_share, figure_of, is_about_posts, is_of_a_kind
from optimizer.domain.filters import fold
from optimizer.domain.pool import CREATOR
from optimizer.errors import Place, Problem
from optimizer.loading.creator_column import likely_creator_column
from optimizer.loading.near import FEW, nearest, some
from optimizer.pool_file.table import Table
from optimizer.presets import Preset
from optimizer.unseen import visible

LABELS = ("tier", "platform", "niche", "country")  # read wherever they are: plans show them
CURRENCY = "currency"  # the code of the currency that a row's money is in
POSTED = "posted"  # when a post came out, in files with a row for each post
MOST_MAPPED = 500  # as many columns as a file may have
_OF_POSTS = frozenset(
    "post id|permalink|video title|video link|publish time|post time|webvideourl|content|titre de la vidéo|contenu"
    "|video publish time|createtimeiso|post url|shortcode|heure de publication de la vidéo".split("|")
)
_ALIKE = 0.8  # names of columns are free, so only what is very like a known one is a slip


@dataclass(frozen=True)
class Source:
    """Where one of our columns comes from.

    `columns` are the file's: numbers of all of them are added up; where `several`, a text has the values of all, and
    `split` are the marks that part the values of a cell, beside `|`. `constant` is the one text of every
    cell instead. `all_but`: the file has the rest of the share, so that 1 minus the cell is meant. `decimal` says what
    begins the decimals, where the planner does.
    """

    columns: tuple[str, ...] = ()
    percent: bool = False
    all_but: bool = False
    constant: str | None = None
    decimal: Literal["comma", "point"] | None = None
    split: tuple[str, ...] = ()
    several: bool = False

    @property
    def first(self) -> str:
        """The column that a fault is placed at."""
        return self.columns[0]


@dataclass(frozen=True)
class ColumnUse:
    """One of our columns, where it comes from, and the figure that it holds."""

    name: str
    source: Source
    figure: Figure | None = None


@dataclass(frozen=True)
class Wanted:
    """What the scenario needs from the file.

    `mapped`: our column -> where it comes from; `texts`, `ranges`: columns of filters, as texts or numbers; `kinds`:
    what is delivered; `audiences`: columns audience_<value> that rules about people ask for, or `every_audience` that
    the file has; `counted`: columns of numbers that are the scenario's own quantities; `decimal`: what begins the
    decimals of all columns; `blank`: what stands for a blank cell, beside the usual words; `preset`: the tool that
    wrote the file, whose headers are known.
    """

    mapped: Mapping[str, Source]
    texts: frozenset[str]
    ranges: frozenset[str]
    kinds: frozenset[str] = frozenset({"post"})
    audiences: frozenset[str] = frozenset()
    place: Place | None = None
    counted: frozenset[str] = frozenset()
    decimal: Literal["comma", "point"] | None = None
    blank: frozenset[str] = frozenset()
    posts: bool = False
    preset: Preset | None = None
    every_audience: bool = False

    @property
    def of_posts(self) -> tuple[str, ...]:
        """The columns of texts that only a file of posts has."""
        return (POSTED,) if self.posts else ()

    def figure(self, name: str) -> Figure | None:
        """The figure that a column of numbers holds; None for texts."""
        if name in self.audiences or (self.every_audience and name.startswith(AUDIENCE)):
            return audience_share(name)
        found = figure_of(name, self.kinds)
        if found is not None:
            return found[0]
        if is_about_posts(name):
            return Figure(name, "whole", "posts")
        return Figure(name, "signed", name) if name in self.ranges | self.counted else None

    def uses(self, header: Sequence[str]) -> list[ColumnUse]:
        """Which of our columns the file has, matched in any case; each with how it is to be read."""
        known = _Header(header)
        taken = {fold(name) for source in self.mapped.values() for name in source.columns}
        asked_for = self.texts | self.ranges | self.counted
        found: dict[str, Source] = {}
        for name, source in self.mapped.items():
            columns = [known.find(column) for column in source.columns]
            if all(columns):
                found[fold(name)] = _of(source, [column for column in columns if column])
        for name, source in self.by_preset(header).items():
            found[name] = source
            taken |= {fold(column) for column in source.columns}
        for name in known.distinct():
            ours = fold(name)
            asked = ours in {*LABELS, CREATOR, CURRENCY, *self.of_posts} or self.figure(ours) or ours in asked_for
            if ours not in found and asked and (ours not in taken or ours in asked_for):
                found[ours] = Source((known.find(name) or name,))
        uses = [ColumnUse(name, source, self.figure(name)) for name, source in found.items()]
        return [use for use in uses if self.reads(use)]

    def by_preset(self, header: Sequence[str]) -> dict[str, Source]:
        """Where our columns come from by the preset: those that the file has and the scenario does not name."""
        if self.preset is None:
            return {}
        named = {fold(name) for name in self.mapped}
        return {
            name: Source(columns, way.percent, way.all_but, way.constant)
            for name, (way, columns) in self.preset.matched(header).items()
            if name not in named
        }

    def sources(self, header: Sequence[str]) -> list[str]:
        """The columns of the file to read."""
        known = _Header(header)
        exact = {name for source in self.mapped.values() for name in source.columns} & known.exact.keys()
        found = [
            name
            for use in self.uses(header)
            for column in use.source.columns
            for name in ([column] if column in exact else known.folded[fold(column)])  # alike ones: the reader asks
        ]
        if self.posts:  # whose first column says which row sums up the others
            found += header[:1]
        return list(dict.fromkeys(found))

    def problems(self, table: Table) -> list[Problem]:
        """Mapped columns that the file does not have, and a file without creators."""
        known = _Header(table.header)
        problems = [
            Problem(
                "unknown-column",
                f'{table.file} has no column "{name}"',
                (at < FEW and nearest(name, table.header)) or f"its columns are: {some(filter(None, table.header))}",
                self.place,
            )
            for at, source in enumerate(self.mapped.values())
            for name in source.columns
            if known.find(name) is None
        ]
        problems += self._mapped_in_vain()
        if not problems and not any(use.name == CREATOR for use in self.uses(table.header)):
            guess = likely_creator_column(table.header)
            mend = f'name the column that identifies creators: columns: {{creator: "{visible(guess or "...")}"}}'
            if any(fold(name) in _OF_POSTS for name in table.header):
                who = f'"{visible(guess)}"' if guess else '{is: "@handle"}'
                mend = f"its rows seem to be posts: beside file:, write rows: posts and columns: {{creator: {who}}}"
            cause = f"{table.file} has no column creator; its columns are: {some(filter(None, table.header))}"
            problems.append(Problem("no-creator-column", cause, mend, self.place))
        return problems

    def _mapped_in_vain(self) -> list[Problem]:
        """Mapped columns that cannot be in percent, and those that nothing uses and that look like a slip.

        Another column that nothing uses is allowed: its use may be removed for a time.
        """
        problems, known = [], [*FIGURES, *LABELS, CREATOR, CURRENCY]
        for name, source in list(self.mapped.items())[:MOST_MAPPED]:
            ours = fold(name)
            figure = self.figure(ours)
            text = figure is None and ours in {*LABELS, CREATOR, CURRENCY, *self.of_posts} | self.texts
            share = figure is not None and figure.unit in ("rate", "factor", "signed")
            for said, key in ((source.percent, "unit: percent"), (source.all_but, "all_but")):
                if said and (text or (figure is not None and not share)):
                    cause = f"{name} is not a share, so it cannot be in percent"
                    if key == "all_but":
                        cause = f"{name} is not a share, so it cannot be what another share leaves"
                    mend = "remove unit: percent" if key != "all_but" else "write from instead of all_but"
                    problems.append(Problem("not-percent", cause, mend, self.place))
            problems += self._not_as_text(name, source, text=text)
            if text and len(source.columns) > 1 and not source.several:
                cause = f"{name} is a text, so several columns cannot be added up to it"
                problems.append(Problem("not-a-sum", cause, "name one column", self.place))
            near = "" if figure or text or is_of_a_kind(ours) else nearest(name, known, _ALIKE)
            if near:
                problems.append(Problem("unknown-column", f'nothing uses a column "{name}"', near, self.place))
        return problems

    def _not_as_text(self, name: str, source: Source, *, text: bool) -> list[Problem]:
        """Several columns, or marks between values, where only texts can have them."""
        ours, told = fold(name), list[tuple[str, str]]()
        if source.several and ours == CREATOR:
            told.append(("a creator has one handle, so it cannot come from several columns", "name one column"))
        elif source.several and not text and self.figure(ours) is not None:
            listed = ", ".join(visible(column) for column in source.columns)
            cause = f"{name} is a number, so it cannot come from several columns"
            told.append((cause, f"name one column; to add them up write {{sum: [{listed}]}}"))
        if source.split and (ours in (CREATOR, CURRENCY) or (not text and self.figure(ours) is not None)):
            kind = "is one text" if text else "is a number"
            told.append((f"{name} {kind}, so its cells hold no several values", "remove split"))
        return [Problem("not-several", cause, mend, self.place) for cause, mend in told]

    def reads(self, use: ColumnUse) -> bool:
        """Whether anything uses one of our columns."""
        return use.figure is not None or use.name in {*LABELS, CREATOR, CURRENCY, *self.of_posts} | self.texts


def _of(source: Source, columns: Sequence[str]) -> Source:
    """A source by the file's own spelling of its columns."""
    return replace(source, columns=tuple(columns))


class _Header:
    """The names of a file's columns: found as they are spelled, else in any case, else with a point for a slash."""

    def __init__(self, names: Sequence[str]) -> None:
        self.exact = dict.fromkeys(name for name in names if name)
        self.folded: dict[str, list[str]] = {}
        self.nested: dict[str, list[str]] = {}
        for name in self.exact:
            self.folded.setdefault(fold(name), []).append(name)
            self.nested.setdefault(fold(name).replace(".", "/"), []).append(name)

    def alike(self, name: str) -> list[str]:
        """The columns that a name may mean: the one of its spelling, else all that are alike."""
        if name in self.exact:
            return [name]
        asked = fold(name)
        return self.folded.get(asked) or self.nested.get(asked.replace(".", "/")) or []

    def find(self, name: str) -> str | None:
        """The first column that a name may mean."""
        return next(iter(self.alike(name)), None)

    def distinct(self) -> list[str]:
        """One name for each that is spelled alike but for case."""
        return [names[0] for names in self.folded.values()]
