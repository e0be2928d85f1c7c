"""What the questions are asked of, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from optimizer.domain.doubts import KINDS, Accepted, Doubt
from optimizer.domain.exact import Currency, Flags, Floats, Ints
from optimizer.domain.figures import AUDIENCE, FIGURES
from optimizer.domain.filters import fold
from optimizer.domain.pool import Labels, Numbers, Pool
from optimizer.errors import Place
from optimizer.unseen import visible

LISTED = 20
_LONGEST = 80


@dataclass(frozen=True)
class Source:
    """Where a column of the pool stands in the file: its name, its position (from 1), and whether it is in percent."""

    name: str
    position: int
    percent: bool = False


@dataclass(frozen=True, eq=False)
class Finding:
    """Creators (by position in the pool) of whom one thing is asked, with words for each.

    `whole`: the doubt is about a column, of which `rows` gives one cell.
    """

    code: str
    rows: Ints
    what: Callable[[int], str]
    mend: Callable[[int], str]
    column: str | None = None
    certain: bool = False
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Asking:
    """A pool as read, all rows of its file, and what is known about it."""

    pool: Pool
    currency: Currency
    sources: Mapping[str, Source] = field(default_factory=dict)
    file: str = ""

    @cached_property
    def order(self) -> Ints:
        """The positions of all creators in the order of the file."""
        return np.argsort(self.pool.rows, kind="stable")

    @cached_property
    def numbers(self) -> dict[str, Numbers]:
        """The columns of numbers."""
        return {name: column for name, column in self.pool.columns.items() if isinstance(column, Numbers)}

    @cached_property
    def labels(self) -> dict[str, Labels]:
        """The columns of texts."""
        return {name: column for name, column in self.pool.columns.items() if isinstance(column, Labels)}

    @cached_property
    def platforms(self) -> Ints:
        """The platform of each creator as a small number; 0 where it is not known."""
        found = self.labels.get("platform")
        if found is None or len(found.vocabulary) > _MOST_PLATFORMS:
            return np.zeros(len(self.pool), dtype=np.int64)
        folded = [fold(entry) for entry in found.vocabulary]
        names = {name: at for at, name in enumerate(sorted(set(folded)), 1)}
        codes: Ints = np.array([*(names[name] for name in folded), 0], dtype=np.int64)[found.codes]
        return codes

    def logs(self, name: str) -> Floats:
        """The natural logarithms of a column, in its unit; NaN where it is blank or not above 0."""
        return logs(self.numbers[name])

    def creator(self, row: int) -> str:
        return short(self.pool.ids[row])

    def place(self, row: int, column: str | None) -> Place:
        source = self.sources.get(column or "")
        return Place(
            self.file or self.pool.file, int(self.pool.rows[row]) or None, None if source is None else source.position
        )

    def called(self, column: str) -> str:
        """A column's name, with the file's own one where that is another."""
        source = self.sources.get(column)
        other = source is not None and fold(source.name) != column
        return f"{column} ({short(source.name)})" if other and source is not None else column

    def written(self, column: str, row: int) -> str:
        """A figure as a planner writes it."""
        numbers = self.numbers[column]
        return amount(column, float(numbers.values[row]) / numbers.scale, self.currency)


_MOST_PLATFORMS = 50


def logs(numbers: Numbers) -> Floats:
    """The natural logarithms of a column, in its unit; NaN where it is blank or not above 0."""
    values = np.where(numbers.known & (numbers.values > 0), numbers.values, np.nan)
    found: Floats = np.log(values) - np.log(numbers.scale)
    return found


def amount(column: str, value: float, currency: Currency) -> str:
    """A figure in words: money with its currency, shares in percent."""
    figure = FIGURES.get(column) or next((FIGURES[n] for n in FIGURES if column.startswith(f"{n}_")), None)
    if column.startswith(AUDIENCE) or (figure is not None and figure.unit == "rate"):
        return f"{value * 100:.3g} %"
    text = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    return f"{text} {currency.code}" if figure is not None and figure.unit == "money" else text


def short(text: str) -> str:
    """A text of the file, safe and short enough for a message."""
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


@dataclass
class Settling:
    """The doubts that the planner has accepted, and which of these entries have settled something."""

    entries: tuple[Accepted, ...] = ()
    used: set[int] = field(default_factory=set)

    def open(self, asking: Asking, finding: Finding) -> Ints:
        """The rows of a finding that are not accepted, in the order of the file."""
        rows = finding.rows
        for at, entry in enumerate(self.entries):
            if entry.doubt != finding.code or not len(rows):
                continue
            position = None if entry.creator is None else asking.pool.position(entry.creator)
            settled: Flags = np.ones(len(rows), dtype=np.bool_) if entry.creator is None else rows == position
            if settled.any():
                self.used.add(at)
                rows = rows[~settled]
        return rows[np.argsort(asking.pool.rows[rows], kind="stable")]

    def accepts(self, code: str, creator: str | None, key: Callable[[str], str]) -> bool:
        """Whether a single doubt is accepted."""
        found = [
            at
            for at, entry in enumerate(self.entries)
            if entry.doubt == code
            and (entry.creator is None or (creator is not None and key(entry.creator) == key(creator)))
        ]
        self.used.update(found)
        return bool(found)


def stated(asking: Asking, findings: Iterable[Finding], settling: Settling) -> Iterator[tuple[Doubt, Ints]]:
    """The doubts that are not settled, each with its rows: the first ones of a finding, the rest counted."""
    for finding in findings:
        rows = settling.open(asking, finding)
        why = KINDS[finding.code].why
        for row in rows[:LISTED].tolist():
            who = None if finding.whole else asking.creator(row)
            place = asking.place(row, finding.column)
            what, mend = finding.what(row), finding.mend(row)
            yield Doubt(finding.code, finding.certain, place, who, what, why, mend), np.array([row])
        if len(rows) > LISTED:
            rest, row = rows[LISTED:], int(rows[LISTED])
            what = f"and {len(rest):,} more like that"
            yield (
                Doubt(
                    finding.code,
                    finding.certain,
                    asking.place(row, finding.column),
                    None,
                    what,
                    why,
                    finding.mend(row),
                ),
                rest,
            )
