"""From a table of text to the pool: columns found by name, cast, checked, sorted by creator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.pool import CREATOR, PLATFORM, Column, Labels, Numbers, Pool
from optimizer.errors import Problem, ScenarioError
from optimizer.loading import cells
from optimizer.loading.accounts import Handles, with_said
from optimizer.loading.casting import Casting, Fault, Written
from optimizer.loading.columns import CURRENCY, ColumnUse, Wanted
from optimizer.loading.decimals import decided
from optimizer.loading.doubled import Doubled, first_of
from optimizer.loading.money import Money
from optimizer.loading.posts import grouped, without_totals
from optimizer.loading.texts import Texts
from optimizer.pool_file.table import Table

FEW_CREATORS = 20_000  # whose keys are a list, in which looking one up takes a tenth of the time


@dataclass(frozen=True, eq=False)
class ReadPool:
    """The pool as read, what was left out of it, and its faults, which are told once it is known who matters.

    `faults` hold positions in the table, and `at` the position in the pool of each of these, -1 where it has none.
    `sources` are the columns of the file that each of ours comes from; `header` are all that it has.
    """

    pool: Pool
    problems: tuple[Problem, ...] = ()
    faults: tuple[Fault, ...] = ()
    at: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    warnings: tuple[str, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    header: tuple[str, ...] = ()

    def told(self, settled: Flags | None = None) -> list[Problem]:
        """All problems, but for those of single cells of creators who are `settled`: out of the question anyhow."""
        told = list(self.problems)
        for fault in self.faults:
            rows = fault.rows
            if settled is not None and not fault.whole:
                rows = rows[~self._of(rows, settled)]
            told += fault.tell(rows) if len(rows) else []
        return told

    def without(self, gone: Ints, problems: Sequence[Problem] = (), warnings: Sequence[str] = ()) -> ReadPool:
        """The pool without some creators and the faults of their cells; with what is said of them instead."""
        left = np.setdiff1d(np.arange(len(self.pool)), gone)
        places = np.full(len(self.pool) + 1, -1, dtype=np.int64)  # the last one is for -1
        places[left] = np.arange(len(left))
        told = [*self.problems, *problems]
        faults = self.faults
        if len(self.at):
            kept = ((fault, fault.rows[~np.isin(self.at[fault.rows], gone)]) for fault in faults)
            faults = tuple(replace(fault, rows=rows) for fault, rows in kept if len(rows))
        return replace(
            self,
            pool=self.pool.take(left),
            problems=tuple(told),
            faults=faults,
            at=places[self.at],
            warnings=(*self.warnings, *warnings),
        )

    def _of(self, rows: Ints, settled: Flags) -> Flags:
        at = self.at[rows]
        out: Flags = (at >= 0) & np.append(settled, False)[at]
        return out

    def spoilt(self, column: str) -> Flags:
        """The creators of the pool without a value because the cell is at fault, by our name of the column."""
        spoilt = np.zeros(len(self.pool), dtype=np.bool_)
        for fault in self.faults:
            if fault.column in self.sources.get(column, ()) and not fault.value:
                at = self.at[fault.rows]
                spoilt[at[at >= 0]] = True
        return spoilt


def read_pool(table: Table, wanted: Wanted, money: Money, skip_bad_rows: bool) -> ReadPool:
    """Cast a table into the pool.

    Raises
    ------
    ScenarioError
        If columns are missing, so that there is nothing to cast.
    """
    problems = wanted.problems(table)
    if problems:
        raise ScenarioError(problems)
    if wanted.posts:
        table = without_totals(table)
    uses = {use.name: use for use in wanted.uses(table.header)}
    constants = {name: use.source.constant for name, use in uses.items() if use.source.constant is not None}
    casting = Casting(table, len(table.rows), wanted.blank, wanted.place, constants, wanted.posts)
    read = cells.handles(casting, uses[CREATOR])
    columns = with_said(casting, uses, read, _columns(casting, uses, wanted, money))
    handles, order = read.apart(columns.get(PLATFORM))
    if wanted.posts:
        return _of_posts(casting, uses, handles, columns, order, skip_bad_rows)
    doubled = Doubled(casting, uses, handles, order, columns)
    doubled.report()
    warnings = [f"{table.warned} {note}" for note in (*table.notes, *casting.notes)]
    if not skip_bad_rows:
        kept = order[doubled.first[order]]
        pool = _sorted(table, handles, columns, kept)
        sources = {name: use.source.columns for name, use in uses.items()}
        at = doubled.positions(kept)
        return ReadPool(pool, table.problems, tuple(casting.faults), at, tuple(warnings), sources)
    bad = casting.bad
    bad[doubled.twice] = doubled.in_doubt[doubled.twice] | bad[doubled.twice]
    warnings += _skipped(casting, bad)
    whole = tuple(fault for fault in casting.faults if fault.whole)
    pool = _sorted(table, handles, columns, order[~bad[order]])
    return ReadPool(pool, (), whole, warnings=tuple(warnings))


def _of_posts(
    casting: Casting,
    uses: Mapping[str, ColumnUse],
    handles: Handles,
    columns: Mapping[str, Column],
    order: Ints,
    skip_bad_rows: bool,
) -> ReadPool:
    """The pool of a file with one row for each post."""
    table, keys = casting.table, handles.keys
    counted = pc.not_equal(keys, "").to_numpy(zero_copy_only=False)
    skipped = _skipped(casting, casting.bad) if skip_bad_rows else []
    if skip_bad_rows:
        counted &= ~casting.bad
    order = order[counted[order]]
    first = first_of(keys, order)
    starts = np.flatnonzero(first)
    of_creators = grouped(casting, uses, columns, order, starts) if len(order) else {}
    ids = _sorted(table, handles, {}, order[starts])
    pool = replace(ids, columns=of_creators)
    at = np.full(casting.size, -1, dtype=np.int64)
    at[order] = np.cumsum(first) - 1
    warnings = tuple(f"{table.warned} {note}" for note in (*table.notes, *casting.notes))
    sources = {name: use.source.columns for name, use in uses.items()}
    faults = tuple(fault for fault in casting.faults if fault.whole or not skip_bad_rows)
    return ReadPool(pool, () if skip_bad_rows else table.problems, faults, at, (*warnings, *skipped), sources)


def _columns(casting: Casting, uses: Mapping[str, ColumnUse], wanted: Wanted, money: Money) -> dict[str, Column]:
    texts, taken = dict[str, Labels](), list[Written]()
    for name, use in uses.items():
        if name == CREATOR:
            continue
        if use.figure is None or (use.figure.unit == "signed" and not cells.any_number(casting, use)):
            texts[name] = cells.labels(casting, use)
        else:
            taken += cells.written(casting, use, use.figure)
    numbers: dict[str, Numbers] = {}
    for said, mark in decided(casting, taken, wanted.decimal, money.currency):
        found = cells.numbers(casting, said, mark, money, texts.get(CURRENCY))
        name = said.use.name
        numbers[name] = cells.added(casting, name, numbers[name], found) if name in numbers else found
    texts.pop(CURRENCY, None)
    return {
        name: numbers[name] if name in numbers else texts[name] for name in uses if name in numbers or name in texts
    }


def _skipped(casting: Casting, bad: Flags) -> list[str]:
    table = casting.table
    count = int(bad.sum()) + table.bad_rows
    if not count:
        return []
    told = [problem for fault in casting.faults if not fault.whole for problem in fault.tell(fault.rows)]
    reasons = [problem for problem in (*table.problems, *told) if problem.place is not None]
    reasons.sort(key=lambda problem: problem.place.line or 0 if problem.place else 0)
    first = "; ".join(f"row {p.place.line}: {p.cause}" for p in reasons[:3] if p.place is not None)
    more = "; ..." if len(reasons) > 3 else ""
    return [f"{table.warned}: {count:,} of {casting.size + table.bad_rows:,} rows skipped ({first}{more})"]


def _sorted(table: Table, handles: Handles, columns: Mapping[str, Column], rows: Ints) -> Pool:
    """The kept rows (`rows`, in the order of their keys) as columns, whatever the order of the file."""
    chosen = pa.array(rows)
    kept = handles.keys.take(chosen)
    keys_of = kept.to_pylist() if len(rows) <= FEW_CREATORS else Texts(kept)
    taken = {name: column.take(rows) for name, column in columns.items()}
    return Pool(cast("Sequence[str]", Texts(handles.shown.take(chosen))), keys_of, taken, table.rows[rows], table.file)
