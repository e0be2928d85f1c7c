"""Texts as they are meant: trimmed, in Unicode's composed form, null where blank; whole columns at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

# Unicode white space, and the zero-width marks that copying from a web page leaves behind.
SPACES: Final = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_FORMULA: Final = r"^'([=+\-@\t\r|])"  # our export puts an apostrophe before what a spreadsheet would compute
_NOT_COMPOSED: Final = 0xCC  # the first byte of U+0300: only characters from there on can be anything but composed


def cleaned(cells: pa.StringArray) -> pa.StringArray:
    """Trim and compose each text, take off the apostrophe of our export, and make blank ones null."""
    written = content(cells)
    if bool(((written - np.uint8(1) < 0x20) | (written >= 0xC2)).any()):
        cells = pc.utf8_trim(cells, SPACES)
    if bool((written >= _NOT_COMPOSED).any()):
        cells = pc.utf8_normalize(cells, "NFC")
    if bool((written == ord("'")).any()):
        cells = pc.utf8_trim(pc.replace_substring_regex(cells, _FORMULA, r"\1"), SPACES)
    return nulled(cells, lengths(cells) == 0)


def nulled(cells: pa.StringArray, where: NDArray[np.bool_]) -> pa.StringArray:
    """Make the marked cells null."""
    if not where.any():
        return cells
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), cells)


def offsets(cells: pa.StringArray) -> NDArray[np.int32]:
    """Where each text begins in the bytes of the array, and where the last one ends."""
    buffer = cells.buffers()[1]
    if buffer is None or not len(cells):
        return np.zeros(len(cells) + 1, np.int32)
    return np.frombuffer(buffer, np.int32, len(cells) + 1, cells.offset * 4)


def lengths(cells: pa.StringArray) -> NDArray[np.int32]:
    """How many bytes each text has; what null has is unspecified, and 0 in what is read here."""
    return np.diff(offsets(cells))


def content(cells: pa.StringArray) -> NDArray[np.uint8]:
    """The bytes of all texts, one after the other."""
    buffer, ends = cells.buffers()[2], offsets(cells)
    if buffer is None or ends[0] == ends[-1]:
        return np.zeros(0, np.uint8)
    return np.frombuffer(buffer, np.uint8, int(ends[-1] - ends[0]), int(ends[0]))


def zero(cells: pa.StringArray) -> int | None:
    """Find the first text that holds a zero byte."""
    places = np.flatnonzero(content(cells) == 0)
    if not places.size:
        return None
    ends = offsets(cells)
    return int(np.searchsorted(ends, ends[0] + places[0], side="right")) - 1
