"""The month that a post came out in, from dates as people and tools write them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Flags, Ints
from optimizer.loading.casting import Casting
from optimizer.loading.columns import ColumnUse
from optimizer.loading.texts import known, matching

NOT_SAID: Final = -1
_ISO: Final = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?(?:[T ,].*)?$"
_SLASHED: Final = r"^(?P<one>\d{1,2})[/.](?P<two>\d{1,2})[/.](?P<year>\d{4})(?:[T ,].*)?$"
_SECONDS: Final = r"^\d{9,10}$|^\d{12,13}$"  # since 1970, or thousandths of them
_THOUSANDTHS: Final = 10**11
_FIRST, _LAST = 1970, 2099  # years; another one is a slip, after which every other post would be old


def months(casting: Casting, use: ColumnUse) -> Ints:
    """The month of each cell, counted from year 0; -1 where it is blank. What is no date is reported.

    Where days and months of slashed dates cannot be told apart, no date of the column is used, which is noted.
    """
    name = use.source.columns[0] if use.source.columns else use.name
    cells = casting.without_blanks(name, casting.cells(use.source))
    found = np.full(casting.size, NOT_SAID, dtype=np.int64)
    year, month, day = (_part(cells, _ISO, part) for part in ("year", "month", "day"))
    iso = _fits(year, month, np.where(day == NOT_SAID, 1, day))
    found[iso] = (year * 12 + month - 1)[iso]
    seconds = matching(cells, _SECONDS)
    if seconds.any():
        found[seconds] = _since_1970(cells, seconds)
    slashed, usable = _slashed(casting, name, cells, found)
    wrong = known(cells) & ~iso & ~seconds & ~slashed
    casting.refuse(
        name, wrong, "not-a-date", lambda cell: f'{name} is "{cell}", not a date', "write it as 2026-09-28, or 2026-09"
    )
    return found if usable else np.full(casting.size, NOT_SAID, dtype=np.int64)


def _slashed(casting: Casting, name: str, cells: pa.StringArray, found: Ints) -> tuple[Flags, bool]:
    """Read dates such as 09/28/2026 into `found`, where a part above 12 says which one is the day; which cells these
    are, and whether it can be told."""
    one, two, year = (_part(cells, _SLASHED, part) for part in ("one", "two", "year"))
    day_first, day_second = _fits(year, two, one), _fits(year, one, two)
    either = day_first | day_second
    must_first, must_second = bool((day_first & ~day_second).any()), bool((day_second & ~day_first).any())
    month = two if must_first else one
    found[either] = (year * 12 + month - 1)[either]
    usable = must_first != must_second or not (either & (one != two)).any()
    if not usable:
        casting.notes.append(f"has dates in {name} that can be read in several ways: they are not used")
    return either, usable


def _fits(year: Ints, month: Ints, day: Ints) -> Flags:
    """Where a year, a month and a day may be such."""
    fits: Flags = (year >= _FIRST) & (year <= _LAST) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    return fits


def _part(cells: pa.StringArray, pattern: str, name: str) -> Ints:
    """A part of a date as a number, -1 where there is none."""
    part = pc.struct_field(pc.extract_regex(cells, pattern), [name])
    digits = pc.if_else(pc.equal(part, ""), None, part)
    told: Ints = pc.fill_null(pc.cast(digits, pa.int64()), NOT_SAID).to_numpy(zero_copy_only=False)
    return told


def _since_1970(cells: pa.StringArray, where: Flags) -> Ints:
    """The months of times that are counted in seconds, or in thousandths of them."""
    count = pc.cast(cells.filter(pa.array(where)), pa.int64()).to_numpy(zero_copy_only=False)
    seconds = np.where(count >= _THOUSANDTHS, count // 1_000, count)
    told: Ints = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return told
