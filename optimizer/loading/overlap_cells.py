"""Cells of files of overlap: names of creators, and figures that are people or shares of an audience."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyarrow.compute as pc

from optimizer.domain.exact import Currency, Flags, Floats, Ints
from optimizer.domain.figures import Figure
from optimizer.domain.pool import Numbers, Pool
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading import cells
from optimizer.loading.casting import Casting
from optimizer.loading.columns import ColumnUse, Source
from optimizer.loading.decimals import decided
from optimizer.loading.money import Money
from optimizer.loading.source import short
from optimizer.loading.texts import matching
from optimizer.pool_file.limits import LISTED
from optimizer.pool_file.table import Table
from optimizer.unseen import visible

Base = Literal["smaller", "larger", "both", "first"]
BASES: Final = ("smaller", "larger", "both", "first")
_IN_PERCENT: Final = re.compile(r"%|percent|prozent|pourcent|\bpct\b")
_UNDER: Final = re.compile(r"[\s_]+")
_DECIMALS: Final = r"[0-9][.,](?:[0-9]{1,2}|[0-9]{4,})$"
_NAMED: Final = 5
_MOST_SHARE: Final = 1e6  # what is above 100 % is told row by row
_NO_MONEY: Final = Money(Currency("EUR"), {})
_UNKNOWN, _UNCLEAR = -1, -2


@dataclass(frozen=True, eq=False)
class Names:
    """The creators of a column by position in the pool, below 0 where the pool has no such one; and what is wrong."""

    positions: Ints
    lost: tuple[str, ...]
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, table: Table, column: str, pool: Pool) -> Names:
        """Those of a column; blank cells and names that may mean several creators are faults."""
        coded = pc.dictionary_encode(table.columns[column])
        names = coded.dictionary.to_pylist()
        found, unclear = positions_of(names, pool)
        index = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        problems = told(table, column, index < 0, "overlap-no-creator", "the row does not name the creator",
                        "write the creator, or delete the row")  # fmt: skip
        for name in unclear:
            row = int(np.flatnonzero(index == names.index(name))[0])
            problems.append(unclear_name(name, pool, table.place(row, column)))
        lost = tuple(name for name, at in zip(names, found.tolist(), strict=True) if at == _UNKNOWN)
        return cls(np.append(found, _UNKNOWN)[index], lost, tuple(problems))


def positions_of(names: Sequence[str], pool: Pool) -> tuple[Ints, list[str]]:
    """The position of each name in the pool, -1 where there is none; and the names that may mean several."""
    found, unclear = np.full(len(names), _UNKNOWN, dtype=np.int64), list[str]()
    for at, name in enumerate(names):
        places = pool.positions(name)
        if len(places) == 1:
            found[at] = places[0]
        elif places:
            found[at] = _UNCLEAR
            unclear.append(name)
    return found, unclear


def unclear_name(name: str, pool: Pool, place: Place) -> Problem:
    """The fault of a handle that stands on several platforms."""
    shown = [visible(short(pool.ids[at])) for at in pool.positions(name)[:3]]
    cause = f'"{visible(short(name))}" is unclear: the pool has {", ".join(shown)}'
    return Problem("unclear-creator", cause, f'write which one is meant, as in "{shown[0]}"', place)


def outside(table: Table, names: Sequence[Names], what: str) -> list[str]:
    """A warning that names creators who are not in the pool; raises where nobody of the file is.

    Raises
    ------
    ScenarioError
        If no row has only creators of the pool.
    """
    inside = np.logical_and.reduce([one.positions >= 0 for one in names])
    lost = list(dict.fromkeys(name for one in names for name in one.lost))
    return lost_words(table, lost, int((~inside).sum()), what)


def lost_words(table: Table, lost: Sequence[str], count: int, what: str) -> list[str]:
    """The same of names that are known already."""
    if not lost:
        return []
    first = ", ".join(visible(short(name)) for name in sorted(lost)[:_NAMED])
    more = f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else ""
    who = "1 creator who is" if len(lost) == 1 else f"{len(lost):,} creators who are"
    return [f"{table.warned} names {who} not in the pool: {first}{more}; {count:,} {what} are left out"]


def check_any(table: Table, kept: Flags, lost: Sequence[str], what: str) -> None:
    """Refuse a file of which nothing is about creators of the pool."""
    if kept.any():
        return
    first = ", ".join(visible(short(name)) for name in sorted(set(lost))[:_NAMED])
    cause = f"none of the {what} is of creators in the pool" + (f"; the file names {first}" if first else "")
    mend = "write the handles as the file of creators does, with or without @; or name the column with --column"
    raise ScenarioError([Problem("overlap-nobody", cause, mend, Place(table.file))])


def told(table: Table, column: str, where: Flags, code: str, cause: str, mend: str) -> list[Problem]:
    """One fault of some rows: the first ones by place, and how many more there are."""
    rows = np.flatnonzero(where).tolist()
    found = [Problem(code, f"{cause}{_said(table, column, at)}", mend, table.place(at, column)) for at in rows[:LISTED]]
    if len(rows) > LISTED:
        more = f"{len(rows) - LISTED:,} more rows have this fault"
        found.append(Problem(code, more, mend, table.place(rows[LISTED], column)))
    return found


def _said(table: Table, column: str, at: int) -> str:
    cell = table.columns[column][at].as_py()
    return f": {visible(short(cell))}" if cell else ""


def shared_figures(casting: Casting, table: Table, column: str, base: Base | None) -> tuple[Numbers, bool]:
    """The figures of shared people, and whether they are shares (as fractions): where a base is named, or the header or
    a cell says percent.
    """
    cells_ = table.columns[column]
    by_header = _IN_PERCENT.search(column.casefold()) is not None
    by_cell = bool(matching(cells_, "%").any())
    if base is None and (by_header or by_cell):
        cause = f"{column} is in percent, and it is not said of whose audience"
        mend = "add --share-of smaller, larger, both (who follows one or both) or first (the first creator of the row)"
        raise ScenarioError([Problem("overlap-share-of", cause, mend, table.place(0, column))])
    if base is None:
        unit = "number" if matching(cells_, _DECIMALS).any() else "whole"  # 1,234 people are no decimals
        return numbers_of(casting, column, unit, percent=False), False
    found = numbers_of(casting, column, "factor", percent=by_header and not by_cell)
    above = found.known & (found.values > 1)
    if not by_header and not by_cell and 2 * above.sum() > (found.known & (found.values > 0)).sum():  # plain percents
        found = Numbers(found.values / 100, found.known)
    return found, True


def people_shared(figures: Floats, first: Floats, second: Floats, base: Base | None) -> Floats:
    """How many people two creators share, from counts or from shares of an audience."""
    if base is None:
        return figures
    if base == "both":  # of a + b - shared
        return figures * (first + second) / (1 + figures)
    whole = {"smaller": np.minimum(first, second), "larger": np.maximum(first, second), "first": first}[base]
    shared: Floats = figures * whole
    return shared


def numbers_of(casting: Casting, column: str, unit: str, *, percent: bool) -> Numbers:
    """A column of numbers, however they are written; what is none is reported."""
    figure = Figure(column, unit, column, most=_MOST_SHARE if unit == "factor" else None)
    use = ColumnUse(column, Source((column,), percent=percent), figure)
    ((said, mark),) = decided(casting, cells.written(casting, use, figure), None, _NO_MONEY.currency)
    return cells.numbers(casting, said, mark, _NO_MONEY, None)


def each_once(first: Ints, second: Ints, shared: Floats, kept: Flags, size: int) -> tuple[Ints, int, Flags]:
    """The rows of each pair once, in the order of the pairs; how many more say the same; and those that differ."""
    codes = np.minimum(first, second) * size + np.maximum(first, second)
    rows = np.flatnonzero(kept)
    rows = rows[np.lexsort((rows, codes[rows]))]
    same = codes[rows[1:]] == codes[rows[:-1]]
    lead = rows[np.append(True, ~same)] if len(rows) else rows
    of = np.cumsum(np.append(True, ~same)) - 1 if len(rows) else rows
    differs = np.abs(shared[rows] - shared[lead[of]]) > 1e-6 * np.maximum(1, shared[rows]) if len(rows) else rows > 0
    wrong = np.zeros(len(kept), dtype=np.bool_)
    wrong[rows[differs]] = True
    return lead, len(rows) - len(lead) - int(differs.sum()), wrong


def counted(count: int, one: str) -> str:
    """A count with its word: 1 pair, 2 pairs."""
    return f"1 {one}" if count == 1 else f"{count:,} {one}s"


def bare_header(name: str) -> str:
    """A header in lower case, with single blanks."""
    return _UNDER.sub(" ", name.strip().casefold())
