"""Creators who stand in several rows of a file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.pool import CREATOR
from optimizer.errors import Problem
from optimizer.loading.casting import Casting, Fault
from optimizer.loading.columns import ColumnUse
from optimizer.loading.source import short
from optimizer.pool_file.limits import LISTED
from optimizer.unseen import visible

_FEW = 6  # rows of which nobody can tell whether they are posts


class Doubled:
    """The rows of creators who stand in several.

    `twice`: these rows, ascending; `first`: of all rows, whether they have a handle and are the first of their creator;
    `in_doubt`: rows to leave out: all of a creator, but for one of them if they are identical.
    """

    def __init__(self, casting: Casting, uses: Mapping[str, ColumnUse], keys: pa.StringArray, order: Ints) -> None:
        self._casting, self._keys = casting, keys
        self._use = uses[CREATOR]
        as_before = ~first_of(keys, order)
        given = pc.not_equal(keys, "").to_numpy(zero_copy_only=False)  # a blank one is reported already
        self.first = given.copy()
        self.first[order[as_before]] = False
        self._first_of = _carried(order, as_before)
        both = order[(as_before | np.append(as_before[1:], False)[: len(keys)]) & given[order]]
        self.twice: Ints = np.sort(both)
        self.in_doubt = np.zeros(len(keys), dtype=np.bool_)
        if len(self.twice):
            self.in_doubt[self.twice] = True
            self._keep_one_of_identical(uses)

    def _keep_one_of_identical(self, uses: Mapping[str, ColumnUse]) -> None:
        """Keep the first row of a creator whose rows all say the same."""
        names = [name for use in uses.values() for name in use.source.columns]
        rows = [
            self._casting.table.columns[name].take(pa.array(self.twice)).to_pylist() for name in dict.fromkeys(names)
        ]
        said: dict[int, set[tuple[str | None, ...]]] = {}
        own = {name: at for at, name in enumerate(dict.fromkeys(names))}
        handle = own.get(self._use.source.columns[0]) if self._use.source.columns else None
        for row, *cells in zip(self.twice.tolist(), *rows, strict=True):
            told = tuple(cell for at, cell in enumerate(cells) if at != handle)
            said.setdefault(int(self._first_of[row]), set()).add(told)
        for row, versions in said.items():
            self.in_doubt[row] = len(versions) > 1

    def report(self) -> None:
        """Report the rows after the first of each creator."""
        rows = self.twice[~self.first[self.twice]]
        if len(self.first) >= _FEW and len(rows) * 2 > len(self.first):
            self._ask_for_posts(len(rows))
        elif len(rows):
            name = self._use.source.columns[0] if self._use.source.columns else CREATOR
            self._casting.faults.append(Fault(name, rows, self._told))

    def _ask_for_posts(self, count: int) -> None:
        """Ask whether a row of the file is a post, rather than report most of its rows."""
        row = int(self.twice[~self.first[self.twice]][0])
        name = self._use.source.columns[0] if self._use.source.columns else CREATOR
        cause = f"{count:,} of {len(self.first):,} rows are of creators who are there already: a row seems to be a post"
        mend = "write rows: posts beside file:, for means over each creator's posts; or keep one row for each creator"
        self._casting.refuse_column(name, row, "rows-of-posts", cause, mend)

    def _told(self, rows: Ints) -> list[Problem]:
        table, name = self._casting.table, self._use.source.first
        told = []
        for row in rows[:LISTED].tolist():
            handle = short(visible(str(table.columns[name][row].as_py())))
            cause = f'{name} "{handle}" is there already, in row {table.rows[self._first_of[row]]}'
            told.append(Problem("duplicate-creator", cause, "keep one of the rows", table.place(row, name)))
        if len(rows) > LISTED:
            cause = f"and {len(rows) - LISTED:,} more rows whose {name} is there already"
            place = table.place(int(rows[LISTED]), name)
            told.append(Problem("duplicate-creator", cause, "keep one of each", place))
        return told

    def positions(self, kept: Ints) -> Ints:
        """The position in the pool of each row's creator, -1 where it has no handle; `kept` are the pool's rows."""
        at = np.full(len(self.first), -1, dtype=np.int64)
        at[kept] = np.arange(len(kept))
        others = np.flatnonzero(~self.first)
        at[others] = at[self._first_of[others]]
        return at


def first_of(keys: pa.StringArray, order: Ints) -> Flags:
    """In an order sorted by key, where each key begins."""
    taken = keys.take(pa.array(order))
    same = pc.equal(taken[1:], taken[: max(0, len(order) - 1)]).to_numpy(zero_copy_only=False)
    first: Flags = np.append(True, ~same)[: len(order)]
    return first


def _carried(order: Ints, as_before: Flags) -> Ints:
    """Of each row, the first row with its key."""
    starts = np.where(as_before, 0, np.arange(len(order)))
    first = np.empty(len(order), dtype=np.int64)
    first[order] = order[np.maximum.accumulate(starts)] if len(order) else order
    return first
