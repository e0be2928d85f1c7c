"""Files with one row for each post: a creator's figures are means over the posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Floats, Ints
from optimizer.domain.filters import fold
from optimizer.domain.pool import Column, Labels, Numbers
from optimizer.loading.casting import Casting
from optimizer.loading.columns import POSTED, ColumnUse
from optimizer.loading.texts import matching, replaced
from optimizer.pool_file.table import Table

MEASURED: Final = "posts_measured"
_TOTALS: Final = frozenset("total totals totaux gesamt summe totale sum somme".split())
_ISO: Final = r"^(\d{4})[-/.](\d{2})[-/.](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?.*$"
_SLASHED: Final = (
    r"^(?P<one>\d{1,2})[/.](?P<two>\d{1,2})[/.](?P<year>\d{4})(?:[, ]+(?P<hour>\d{1,2}):(?P<minute>\d\d))?"
)


def without_totals(table: Table) -> Table:
    """The table without rows that sum up the others, which say so in the first column; noted."""
    first = table.columns.get(table.header[0]) if table.header else None
    if first is None:
        return table
    totals = [word for word in pc.unique(first).to_pylist() if word and fold(word) in _TOTALS]
    if not totals:
        return table
    kept = ~pc.is_in(first, pa.array(totals, pa.string())).to_numpy(zero_copy_only=False)
    count = int((~kept).sum())
    note = f"has {count:,} row{'s' if count > 1 else ''} called {totals[0]}: left out, as it sums up the others"
    return replace(
        table,
        columns={name: cells.filter(pa.array(kept)) for name, cells in table.columns.items()},
        numeric={name: typed[kept] for name, typed in table.numeric.items()},
        rows=table.rows[kept],
        notes=(*table.notes, note),
    )


def grouped(
    casting: Casting, uses: Mapping[str, ColumnUse], columns: Mapping[str, Column], order: Ints, starts: Ints
) -> dict[str, Column]:
    """The columns of creators from those of posts.

    Parameters
    ----------
    columns
        Of posts, in the order of the file.
    order, starts
        The posts to count, sorted by creator, and where in this order each creator starts.

    Returns
    -------
    dict
        Numbers are means over the posts where they are known, followers those of the newest post, texts all that
        occur; and `posts_measured`, the number of posts, with `posts_measured_<figure>` where that differs.
    """
    found: dict[str, Column] = {}
    counts = np.diff(np.append(starts, len(order)))
    newest = _newest(casting, uses)
    for name, column in columns.items():
        if name == POSTED:
            continue
        if isinstance(column, Labels):
            found[name] = _all_that_occur(column, order, counts)
        elif name == "followers":
            found[name] = _of_newest(casting, column, order, starts, counts, newest)
        elif column.scale != 1:
            found[name] = _one_amount(casting, uses[name], column, order, starts, counts)
        else:
            found[name], known = _means(column, order, starts, counts)
            if (known != counts).any():
                found[f"{MEASURED}_{name}"] = Numbers(known.astype(np.float64), known > 0)
    found[MEASURED] = Numbers(counts.astype(np.float64), np.ones(len(counts), dtype=np.bool_))
    return found


def _means(column: Numbers, order: Ints, starts: Ints, counts: Ints) -> tuple[Numbers, Ints]:
    """Means over the known cells of each creator, and how many these are; the same in whatever order posts stand."""
    creator = np.repeat(np.arange(len(starts)), counts)
    values, known = column.values[order].astype(np.float64), column.known[order]
    again = np.lexsort((values, creator))  # a sum of floats depends on the order
    many: Ints = np.add.reduceat(known.astype(np.int64), starts)
    sums = np.add.reduceat(np.where(known, values, 0.0)[again], starts)
    return Numbers(sums / np.maximum(many, 1), many > 0), many


def _all_that_occur(column: Labels, order: Ints, counts: Ints) -> Labels:
    """The texts of each creator, one after the other where there are several."""
    creator = np.repeat(np.arange(len(counts)), counts)
    pairs = np.unique(np.stack([creator, column.codes[order]]), axis=1)
    pairs = pairs[:, pairs[1] >= 0]
    codes = np.full(len(counts), -1, dtype=np.int64)
    codes[pairs[0]] = pairs[1]
    several = np.flatnonzero(np.bincount(pairs[0], minlength=len(counts)) > 1)
    if not len(several):
        return Labels(codes, column.vocabulary)
    both = pairs[:, np.isin(pairs[0], several)]
    of: dict[int, list[str]] = {}
    for at, code in both.T.tolist():
        of.setdefault(at, []).append(column.vocabulary[code])
    spelled = {at: "|".join(texts) for at, texts in of.items()}
    vocabulary = sorted({*column.vocabulary, *spelled.values()}, key=str.encode)
    place = {text: code for code, text in enumerate(vocabulary)}
    moved = np.array([*(place[text] for text in column.vocabulary), -1], dtype=np.int64)
    codes = moved[codes]
    for at, text in spelled.items():
        codes[at] = place[text]
    return Labels(codes, tuple(vocabulary))


def _one_amount(casting: Casting, use: ColumnUse, column: Numbers, order: Ints, starts: Ints, counts: Ints) -> Numbers:
    """Money is the creator's, not the post's: all rows must say the same."""
    values, known = column.values[order], column.known[order]
    most = np.maximum.reduceat(np.where(known, values, -1), starts)
    differs = known & (values != np.repeat(most, counts))
    where = np.zeros(casting.size, dtype=np.bool_)
    where[order[differs]] = True
    name = use.source.columns[0] if use.source.columns else use.name
    casting.refuse(
        name,
        where,
        "amounts-differ",
        lambda cell: f"{name} is {cell}, and another one in another row of the creator",
        "write the same amount in every row of a creator: it is what the creator asks for",
    )
    return Numbers(np.maximum(most, 0), most >= 0, column.scale)


def _of_newest(
    casting: Casting, column: Numbers, order: Ints, starts: Ints, counts: Ints, newest: Ints | None
) -> Numbers:
    """What the newest post with a value says; where no post has a date, the most of all posts, which is noted."""
    values, known = column.values[order], column.known[order]
    most = np.maximum.reduceat(np.where(known, values, -1.0), starts)
    if newest is not None:
        creator = np.repeat(np.arange(len(starts)), counts)
        again = np.lexsort((values, np.where(known, newest[order], -1), creator))
        last = again[np.append(starts[1:], len(order)) - 1]
        return Numbers(np.where(known[last], values[last], 0.0), known[last])
    if (known & (values != np.repeat(most, counts))).any():
        casting.notes.append("does not say when posts came out: followers are the most of a creator's posts")
    return Numbers(np.maximum(most, 0.0), most >= 0)


def _newest(casting: Casting, uses: Mapping[str, ColumnUse]) -> Ints | None:
    """When each post came out, as a number that grows; None where the file does not say it in a form that is clear."""
    use = uses.get(POSTED)
    if use is None or not use.source.columns:
        return None
    cells = casting.table.columns[use.source.first]
    told = _iso(cells)
    if told is None:
        told = _slashed(cells)
    if told is None:
        casting.notes.append(f"has times in {use.source.first} that can be read in several ways: they are not used")
    return told


def _iso(cells: pa.StringArray) -> Ints | None:
    """Times such as 2026-09-28 14:05, or seconds since 1970."""
    given = pc.is_valid(cells).to_numpy(zero_copy_only=False)
    if (matching(cells, r"^\d{9,13}$") == given).all():
        return _integers(cells)
    if not (matching(cells, _ISO) == given).all():
        return None
    digits = pc.utf8_slice_codeunits(replaced(cells, r"\D", ""), 0, 14)
    padded = pc.utf8_rpad(digits, 14, "0")
    return _integers(padded)


def _integers(digits: pa.StringArray) -> Ints:
    told: Ints = pc.fill_null(pc.cast(digits, pa.int64()), -1).to_numpy(zero_copy_only=False)
    return told


def _slashed(cells: pa.StringArray) -> Ints | None:
    """Times such as 09/28/2026 14:05, where a part above 12 says which one is the day."""
    found = pc.extract_regex(cells, _SLASHED)
    given = pc.is_valid(cells).to_numpy(zero_copy_only=False)
    if not (pc.is_valid(found).to_numpy(zero_copy_only=False) == given).all():
        return None
    one, two, year, hour, minute = (_part(found, name) for name in ("one", "two", "year", "hour", "minute"))
    first, second = bool((one > 12).any()), bool((two > 12).any())
    if first == second:
        return None
    month, day = (two, one) if first else (one, two)
    told: Ints = np.where(given, (((year * 100 + month) * 100 + day) * 100 + hour) * 100 + minute, -1).astype(np.int64)
    return told


def _part(found: pa.StructArray, name: str) -> Floats:
    part = pc.struct_field(found, [name])
    numbers = pc.cast(pc.if_else(pc.equal(part, ""), "0", part), pa.float64())
    read: Floats = pc.fill_null(numbers, 0.0).to_numpy(zero_copy_only=False)
    return read
