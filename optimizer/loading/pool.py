"""From a table of text to the pool: columns found by name, cast, checked, sorted by creator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nlargest
from typing import cast

import numpy as np
import polars as pl

from optimizer.domain.exact import Currency, Flags, Ints
from optimizer.domain.figures import FIGURES, Figure, audience_share, figure_of, is_about_posts, is_of_a_kind
from optimizer.domain.filters import fold
from optimizer.domain.pool import CREATOR, Column, Pool
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading import cells
from optimizer.loading.source import short
from optimizer.loading.table import Table
from optimizer.unseen import visible

LABELS = ("tier", "platform", "niche", "country")  # read wherever they are: plans show them
_SYNONYMS = ("handle", "username", "user", "account", "name", "id", "influencer", "profile")


@dataclass(frozen=True)
class ColumnUse:
    """One of our columns: its column in the file, whether that is in percent, and the figure that it holds."""

    name: str
    source: str
    percent: bool = False
    figure: Figure | None = None


@dataclass(frozen=True)
class Wanted:
    """What the scenario needs from the file.

    `mapped`: our column -> the file's, and whether in percent; `texts`, `ranges`: columns of filters, as texts or
    numbers; `kinds`: what is delivered; `audiences`: columns audience_<value> that rules about people ask for;
    `counted`: columns of numbers that are the scenario's own quantities.
    """

    mapped: Mapping[str, tuple[str, bool]]
    texts: frozenset[str]
    ranges: frozenset[str]
    kinds: frozenset[str] = frozenset({"post"})
    audiences: frozenset[str] = frozenset()
    place: Place | None = None
    counted: frozenset[str] = frozenset()

    def figure(self, name: str) -> Figure | None:
        """The figure that a column of numbers holds; None for texts."""
        if name in self.audiences:
            return audience_share(name)
        found = figure_of(name, self.kinds)
        if found is not None:
            return found[0]
        if is_about_posts(name):
            return Figure(name, "whole", "posts")
        return Figure(name, "signed", name) if name in self.ranges | self.counted else None

    def uses(self, header: Sequence[str]) -> list[ColumnUse]:
        """Which of our columns the file has, matched in any case; each with how it is to be read."""
        sources = {fold(name): name for name in header}
        taken = {fold(source) for source, _ in self.mapped.values()}
        asked_for = self.texts | self.ranges | self.counted
        found: dict[str, tuple[str, bool]] = {}
        for name, (source, percent) in self.mapped.items():
            if fold(source) in sources:
                found[_canonical(name)] = (sources[fold(source)], percent)
        for folded, source in sources.items():
            name = _canonical(source)
            asked = name in LABELS or name == CREATOR or self.figure(name) or folded in asked_for
            if name not in found and asked and (folded not in taken or folded in asked_for):
                found[name] = (source, False)
        uses = [ColumnUse(name, source, percent, self.figure(name)) for name, (source, percent) in found.items()]
        return [use for use in uses if self.reads(use)]

    def sources(self, header: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(use.source for use in self.uses(header)))

    def problems(self, table: Table) -> list[Problem]:
        """Mapped columns that the file does not have, and a file without creators."""
        known = {fold(name) for name in table.header}
        problems = [
            Problem(
                "unknown-column",
                f'{table.file} has no column "{source}"',
                (at < FEW and nearest(source, table.header)) or f"its columns are: {some(table.header)}",
                self.place,
            )
            for at, (source, _) in enumerate(self.mapped.values())
            if fold(source) not in known
        ]
        problems += self._mapped_in_vain()
        if not problems and not any(use.name == CREATOR for use in self.uses(table.header)):
            guess = next((name for word in _SYNONYMS for name in table.header if word in fold(name)), table.header[0])
            mend = f'name the column that identifies creators: columns: {{creator: "{visible(guess)}"}}'
            cause = f"{table.file} has no column creator; its columns are: {some(table.header)}"
            problems.append(Problem("no-creator-column", cause, mend, self.place))
        return problems

    def _mapped_in_vain(self) -> list[Problem]:
        """Mapped columns that cannot be in percent, and those that nothing uses and that look like a slip.

        Another column that nothing uses is allowed: its use may be removed for a time.
        """
        problems, known = [], [*FIGURES, *LABELS, CREATOR]
        for name, (_, percent) in list(self.mapped.items())[:MOST_MAPPED]:
            ours = _canonical(name)
            figure = self.figure(ours)
            text = figure is None and ours in {*LABELS, CREATOR} | self.texts
            if percent and (text or (figure is not None and figure.unit not in ("rate", "factor", "signed"))):
                mend = "remove unit: percent"
                problems.append(
                    Problem("not-percent", f"{name} is not a share, so it cannot be in percent", mend, self.place)
                )
            near = "" if figure or text or is_of_a_kind(ours) else nearest(name, known, _ALIKE)
            if near:
                problems.append(Problem("unknown-column", f'nothing uses a column "{name}"', near, self.place))
        return problems

    def reads(self, use: ColumnUse) -> bool:
        """Whether anything uses one of our columns."""
        return use.figure is not None or use.name in {*LABELS, CREATOR} | self.texts


def _canonical(name: str) -> str:
    """A column's name as filters and formulas use it."""
    return fold(name)


def nearest(name: str, names: Iterable[str], alike: float = 0.6) -> str:
    """A question that suggests the nearest of the names; empty if none is near."""
    near = near_name(name, names, alike)
    return "" if near is None else f'did you mean "{visible(near)}"?'


def near_name(name: str, names: Iterable[str], alike: float = 0.6) -> str | None:
    """The nearest of the names, if one is near: at least so much `alike`."""
    asked = name if len(name) > _LONG else fold(name)
    folded = {fold(other): other for other in names if len(other) <= _LONG}
    if len(asked) > _LONG or not folded:
        return None
    likely: Iterable[str] = folded
    if len(folded) > FEW:  # the full comparison takes ten times as long as counting the pairs of letters they share
        pairs = {asked[at : at + 2] for at in range(len(asked) - 1)}
        likely = nlargest(FEW, folded, key=lambda other: (sum(pair in other for pair in pairs), other))
    close = get_close_matches(asked, likely, n=1, cutoff=alike)
    return folded[close[0]] if close else None


def some(names: Iterable[str]) -> str:
    """A list of names for a message, cut after twenty."""
    every = list(names)
    return ", ".join(
        [
            *(visible(short(name)) for name in every[:20]),
            *([f"and {len(every) - 20:,} more"] if len(every) > 20 else []),
        ]
    )


MOST_MAPPED = 500  # as many columns as a file may have
FEW_CREATORS = 20_000  # whose keys are a list, in which looking one up takes a tenth of the time
FEW = 50  # names that are compared in full
_LONG = 100
_ALIKE = 0.8  # names of columns are free, so only what is very like a known one is a slip


def read_pool(
    table: Table, wanted: Wanted, currency: Currency, skip_bad_rows: bool
) -> tuple[Pool, list[Problem], list[str]]:
    """Cast a table into the pool.

    Returns
    -------
    pool, problems, warnings
        If there are problems, the pool holds what could be read.
    """
    problems = wanted.problems(table)
    if problems:
        raise ScenarioError(problems)
    uses = {use.name: use for use in wanted.uses(table.header)}
    size = len(table.rows)
    casting = cells.Casting(table, size)
    keys = cells.handles(casting, uses[CREATOR].source)
    columns = _columns(casting, uses, currency)
    order, twice = _by_key(keys)
    bad = casting.bad.copy()
    if len(twice):
        cells.doubled(casting, uses[CREATOR].source, keys, twice)
        bad[_in_doubt(table, uses, keys, twice)] = True
    warnings = [f"{table.warned} {note}" for note in table.notes]
    problems = [*table.problems, *casting.problems]
    if skip_bad_rows:
        warnings += _skipped(table, casting, bad)
        problems = [problem for problem in casting.problems if problem.code in _OF_COLUMNS]
    return _sorted(table, uses, keys, columns, order[~bad[order]]), problems, warnings


_OF_COLUMNS = ("rate-over-one", "percent-doubt", "decimal-doubt")  # faults that skipping rows does not mend


def _columns(casting: cells.Casting, uses: Mapping[str, ColumnUse], currency: Currency) -> dict[str, Column]:
    numeric = [use.source for use in uses.values() if use.figure is not None]
    comma = cells.decimal_comma(casting, numeric)
    columns: dict[str, Column] = {}
    for name, use in uses.items():
        if name == CREATOR:
            continue
        if use.figure is not None and (use.figure.unit != "signed" or cells.any_number(casting, use.source)):
            columns[name] = cells.numbers(casting, use.source, use.figure, use.percent, comma, currency)
        else:
            columns[name] = cells.labels(casting, use.source)
    return columns


def _by_key(keys: pl.Series) -> tuple[Ints, Ints]:
    """All rows in the order of their keys; and, ascending, those whose key is not unique."""
    row, key = pl.DataFrame([keys.alias("key")]).with_row_index("row").sort("key", maintain_order=True)
    order = row.to_numpy().astype(np.int64)
    as_before = ((key == key.shift(1)) & (key != "")).fill_null(False).to_numpy()  # a blank one is already reported
    return order, np.sort(order[as_before | np.append(as_before[1:], False)])


def _in_doubt(table: Table, uses: Mapping[str, ColumnUse], keys: pl.Series, twice: Ints) -> Ints:
    """Rows of duplicate creators to leave out: all of them, but keep one if they are identical."""
    columns = [keys.alias(" "), *(table.columns[use.source].alias(use.name) for use in uses.values())]
    said = pl.DataFrame([column.gather(twice) for column in columns])
    first = said.select(pl.struct(pl.all()).is_first_distinct()).to_series()
    alone = first.arg_true().filter(~said[" "].filter(first).is_duplicated())
    return np.delete(twice, alone.to_numpy())


def _skipped(table: Table, casting: cells.Casting, bad: Flags) -> list[str]:
    count = int(bad.sum()) + table.bad_rows
    if not count:
        return []
    reasons = [problem for problem in (*table.problems, *casting.problems) if problem.place is not None]
    reasons.sort(key=lambda problem: problem.place.line or 0 if problem.place else 0)
    first = "; ".join(f"row {p.place.line}: {p.cause}" for p in reasons[:3] if p.place is not None)
    more = "; ..." if len(reasons) > 3 else ""
    return [f"{table.warned}: {count:,} of {casting.size + table.bad_rows:,} rows skipped ({first}{more})"]


def _sorted(
    table: Table, uses: Mapping[str, ColumnUse], keys: pl.Series, columns: dict[str, Column], rows: Ints
) -> Pool:
    """The kept rows (`rows`, in the order of their keys) as columns, whatever the order of the file."""
    ids = cells.unquoted(table.columns[uses[CREATOR].source])
    kept = keys.gather(rows)
    keys_of = kept.to_list() if len(rows) <= FEW_CREATORS else cast("Sequence[str]", kept)
    taken = {name: column.take(rows) for name, column in columns.items()}
    return Pool(cast("Sequence[str]", ids.gather(rows)), keys_of, taken, table.rows[rows], table.file)
