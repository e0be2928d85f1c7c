"""Creators who stand in several rows of a file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import fold
from optimizer.domain.pool import CREATOR, PLATFORM, TALENT, Column, Labels, Numbers
from optimizer.errors import Problem
from optimizer.loading.accounts import Handles
from optimizer.loading.casting import Casting, Fault
from optimizer.loading.columns import ColumnUse
from optimizer.loading.source import short
from optimizer.pool_file.limits import LISTED
from optimizer.unseen import visible

_FAR = 2  # times as many followers: more than one account gains between two exports
_FEW = 6  # rows of which nobody can tell whether they are posts


class Doubled:
    """The rows of creators who stand in several.

    `twice`: these rows, ascending; `first`: of all rows, whether they have a handle and are the first of their creator;
    `in_doubt`: rows to leave out: all of a creator, but for one of them if they are identical.
    """

    def __init__(
        self,
        casting: Casting,
        uses: Mapping[str, ColumnUse],
        handles: Handles,
        order: Ints,
        columns: Mapping[str, Column],
    ) -> None:
        self._casting, self._shown, keys = casting, handles.shown, handles.keys
        self._use, self._uses, self._columns = uses[CREATOR], uses, columns
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
        one_for_all = not self._use.source.columns  # `creator: {is: ...}`
        if len(rows) and (one_for_all or (len(self.first) >= _FEW and len(rows) * 2 > len(self.first))):
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
            handle, first = short(visible(str(self._shown[row].as_py()))), int(self._first_of[row])
            other, mend = self._compared(first, row)
            cause = f'{name} "{handle}" is there already, in row {table.rows[first]}{other}'
            told.append(Problem("duplicate-creator", cause, mend, table.place(row, name)))
        if len(rows) > LISTED:
            cause = f"and {len(rows) - LISTED:,} more rows whose {name} is there already"
            place = table.place(int(rows[LISTED]), name)
            told.append(Problem("duplicate-creator", cause, "keep one of each", place))
        return told

    def _compared(self, first: int, row: int) -> tuple[str, str]:
        """What two rows of one handle say otherwise, and what to do about it."""
        platform = self._columns.get(PLATFORM)
        blank = isinstance(platform, Labels) and not platform.known[[first, row]].all()
        if blank and isinstance(platform, Labels) and platform.known[[first, row]].any():
            return "; one of the two has no platform", "fill in the platform of both, or keep one of the rows"
        pairs = {name: self._texts(name, first, row) for name in self._uses if name != CREATOR}
        others = {name: pair for name, pair in pairs.items() if all(pair) and len({*map(fold, pair)}) == 2}
        if not self._are_others(others, first, row):
            return "", "keep one of the rows"
        shown = [f"{name} {short(visible(a))} there, {short(visible(b))} here" for name, (a, b) in others.items()]
        mend = "if they are two accounts, name a column that tells them apart: columns: {creator: ...}"
        if not isinstance(platform, Labels):
            mend = "if they are accounts on two platforms, add a column platform"
        return f", and looks like another one: {'; '.join(shown[:3])}", f"{mend}; if they are one, keep the right row"

    def _are_others(self, others: Mapping[str, tuple[str, str]], first: int, row: int) -> bool:
        """Whether two rows are plainly of different creators: their followers are far apart, or where they live."""
        followers = self._columns.get("followers")
        if isinstance(followers, Numbers) and followers.known[[first, row]].all():
            low, high = sorted(followers.values[[first, row]].tolist())
            if high >= _FAR * max(low, 1):
                return True
        return bool({"country", TALENT} & {*others})

    def _texts(self, name: str, first: int, row: int) -> tuple[str, str]:
        """The cells of two rows in one of our columns, as the file writes them."""
        cells = [self._casting.table.columns[source] for source in self._uses[name].source.columns[:1]]
        return tuple(str(cells[0][at].as_py() or "") if cells else "" for at in (first, row))  # type: ignore[return-value]

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
