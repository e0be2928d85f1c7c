"""Find the cells of a CSV text: where each one starts and ends, and every fault of encoding, quotes and lines.

A lenient CSV reader pads short rows, drops surplus cells and reads on past a missing quote mark, all silently. So the
structure is read here, byte by byte but in whole arrays, and whatever does not fit is refused with its place.

A text is read in blocks of whole records, so that the arrays stay small beside the text itself.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from optimizer.errors import Place, Problem, ScenarioError

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Positions = NDArray[np.int64]

BLOCK: Final = 4 << 20  # at least 4, a character; larger ones are slower, as fresh memory costs more than the work
LONGEST: Final = 32 << 20  # one record: 500 cells of 10,000 characters fit
SAMPLE: Final = 1 << 20  # the sample that the separator is guessed from
SEPARATORS: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
LF, CR, QUOTE, APOSTROPHE = b"\n\r\"'"

_SAVE_AS_UTF8 = 'open the file in a spreadsheet and save it as "CSV UTF-8"'
_MARKS = "€‚„…‘’“”‹›«»•–—™°´§£¥¢©®ªº¡¿·¼½¾²³±×÷\xa0"  # what people type beside letters


class Column(NamedTuple):
    """The cells of one column as written, and the cleaning that some of them may need."""

    text: pl.Series
    beyond_latin: bool  # only characters from U+0300 on can be anything but NFC
    apostrophe: bool
    blanks: bool  # some may begin or end in white space


@dataclass(frozen=True, eq=False)
class Block:
    """Some whole records of a CSV text, blank ones left out.

    `text` is of shape (n_bytes,); `enclosing` marks the quote marks in it that are no part of a cell; `starts` and
    `ends` are of shape (n_cells,), `widths` (cells per record) and `rows` (row numbers) of shape (n_records,).
    """

    text: Bytes
    enclosing: Mask | None
    starts: Positions
    ends: Positions
    widths: Positions
    rows: Positions


def fault(code: str, cause: str, mend: str, file: str, row: int | None = None, col: int | None = None) -> ScenarioError:
    """Make the error for one fault because of which nothing of the file can be read."""
    return ScenarioError([Problem(code, cause, mend, Place(file, row, col))])


def decode(raw: bytes, file: str) -> tuple[bytes, tuple[str, ...]]:
    """Bring the bytes of a file to UTF-8 without a byte order mark.

    Returns
    -------
    tuple
        The text, and a note if the file was in another encoding.

    Raises
    ------
    ScenarioError
        If the encoding cannot be determined, or the text holds a zero byte.
    """
    notes: tuple[str, ...] = ()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw, notes = _from_utf16(raw, file), ("is UTF-16; read as such",)
    text = raw.removeprefix(codecs.BOM_UTF8)
    if (zero := text.find(0)) >= 0:
        if text[:4096].count(0) * 4 > len(text[:4096]):
            raise fault("pool-encoding", "the text seems to be UTF-16 without a mark that says so", _SAVE_AS_UTF8, file)
        cause = f"byte {zero + 1:,} is zero; the file is damaged or is not a text file"
        raise fault("pool-nul", cause, _SAVE_AS_UTF8, file, row_at(text, zero))
    wrong = _first_not_utf8(text)
    if wrong is None:
        return text, notes
    return _from_windows_1252(text, wrong, file), ("is not UTF-8; read as Windows-1252",)


def _from_utf16(raw: bytes, file: str) -> bytes:
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        if raw.startswith(codecs.BOM_UTF32_LE):
            raise UnicodeError
        ends = range(BLOCK, len(raw) + BLOCK, BLOCK)
        return b"".join(decoder.decode(raw[end - BLOCK : end], end >= len(raw)).encode() for end in ends)
    except UnicodeError:
        raise fault("pool-encoding", "the text is marked as UTF-16 but is not", _SAVE_AS_UTF8, file) from None


def _first_not_utf8(text: bytes) -> int | None:
    if text.isascii():
        return None
    at = 0
    while at < len(text):
        try:
            at += codecs.utf_8_decode(text[at : at + BLOCK], "strict", at + BLOCK >= len(text))[1]
        except UnicodeDecodeError as error:
            return at + error.start
    return None


def _from_windows_1252(text: bytes, wrong: int, file: str) -> bytes:
    place = row_at(text, wrong)
    if text.translate(None, _PLAUSIBLE_1252):
        cause = f"byte {wrong + 1:,} is neither UTF-8 nor Windows-1252"
        raise fault("pool-encoding", cause, _SAVE_AS_UTF8, file, place)
    if _looks_like_utf8(text):
        cause = f"the text is UTF-8 except for byte {wrong + 1:,} and perhaps others; the file is damaged"
        raise fault("pool-encoding", cause, _SAVE_AS_UTF8, file, place)
    return b"".join(text[at : at + BLOCK].decode("cp1252").encode() for at in range(0, len(text), BLOCK))


def _looks_like_utf8(text: bytes) -> bool:
    """Recognize damaged UTF-8: half or more of the high bytes continue a character; in Windows-1252 few do."""
    high = following = 0
    for at in range(0, len(text), BLOCK):
        part = np.frombuffer(text, np.uint8, min(BLOCK, len(text) - at), at)
        high += int(np.count_nonzero(part >= 0x80))
        following += int(np.count_nonzero((part[1:] >= 0x80) & (part[1:] < 0xC0) & (part[:-1] >= 0x80)))
    return following * 4 >= high


def _plausible_1252() -> bytes:
    high = bytes(range(0x80, 0x100)).decode("cp1252", "ignore")
    usual = [sign for sign in high if sign in _MARKS or unicodedata.category(sign).startswith("L")]
    return bytes(range(0x80)) + "".join(usual).encode("cp1252")


_PLAUSIBLE_1252: Final = _plausible_1252()


def row_at(text: bytes, offset: int) -> int:
    """The row number of a byte of a text; the first row is 1."""
    row, odd = 1, np.uint8(0)
    for at in range(0, offset, BLOCK):
        part = np.frombuffer(text, np.uint8, min(BLOCK, offset - at), at)
        inside = np.bitwise_xor.accumulate((part == QUOTE).view(np.uint8)) ^ odd
        breaks = _line_ends(part) & (inside == 0)
        breaks[0] &= not (at and text[at - 1] == CR and part[0] == LF)
        row, odd = row + int(np.count_nonzero(breaks)), inside[-1]
    return row


def opening(text: bytes, file: str) -> tuple[str, int, int]:
    """Find the separator of a text, and where its header starts.

    A first line ``sep=;``, which spreadsheets write and obey, decides. Otherwise it is the one of comma,
    semicolon and tab that the header line has outside quotes; of several, the one with twice the weight of any other.
    The weight is the number in the header times the share of rows with the same number.

    Returns
    -------
    tuple
        Separator, byte at which the rest starts, row number of that rest.
    """
    told = re.match(rb"sep=([^\r\n])(?:\r\n|\r|\n|$)", text, re.IGNORECASE)
    if told is None:
        return _separator(text, file), 0, 1
    separator = told[1].decode("latin-1")
    if separator not in SEPARATORS:
        cause = f'cells separated by "{separator}" cannot be read'
        raise fault("pool-separator", cause, "separate them by a comma, a semicolon or a tab", file, 1)
    return separator, told.end(), 2


def _separator(text: bytes, file: str) -> str:
    sample = np.frombuffer(text, np.uint8, min(len(text), SAMPLE))
    outside = np.bitwise_xor.accumulate((sample == QUOTE).view(np.uint8)) == 0
    breaks = np.flatnonzero(_line_ends(sample) & outside) + 1
    starts = np.concatenate([[0], breaks[breaks < sample.size]])
    marks = {separator: (sample == ord(separator)) & outside for separator in SEPARATORS}
    filled = ~(_SPACE[sample] | (sample == QUOTE) | np.logical_or.reduce(list(marks.values())))
    lines = np.logical_or.reduceat(filled, starts) if sample.size else np.zeros(0, np.bool_)
    weights = {}
    for separator in SEPARATORS if lines.any() else ():
        counts = np.add.reduceat(marks[separator], starts, dtype=np.int64)[lines]
        if counts[0]:
            rows = counts[1:] if sample.size == len(text) else counts[1:-1]  # the last line of a sample is cut
            weights[separator] = float(counts[0]) * (float((rows == counts[0]).mean()) if rows.size else 1.0)
    best, *others = sorted(weights, key=weights.__getitem__, reverse=True) or [","]
    if others and weights[best] < 2 * weights[others[0]]:
        one, other = SEPARATORS[best], SEPARATORS[others[0]]
        cause = f"the header line has both {one} and {other}; either may separate the cells"
        mend = 'write "sep=;" or "sep=," as first line, or put the column names that hold the other one in quote marks'
        raise fault("pool-separator", cause, mend, file)
    return best


def blocks(text: bytes, start: int, row: int, separator: str, file: str) -> Iterator[Block]:
    """Cut a text into its records.

    Parameters
    ----------
    text
        UTF-8 without zero bytes.
    start, row
        Byte to start from, and the number of the row there.
    separator
        One of the three known.
    file
        The name to show in faults.

    Yields
    ------
    Block
        Whole records, at least one row of the file, perhaps all blank.

    Raises
    ------
    ScenarioError
        At the first misplaced or unclosed quote mark, or at a record that is far too long.
    """
    size = BLOCK
    while start < len(text):
        stop = min(start + size, len(text))
        stop += text[stop - 1 : stop + 1] == b"\r\n"  # never between the two
        part = np.frombuffer(text, np.uint8, stop - start, start)
        if stop == len(text) and part[-1] not in (LF, CR):
            part = np.append(part, np.uint8(LF))
        scan = _Scan(part, ord(separator))
        scan.refuse_stray_quotes(file, row)
        if not scan.line_ends.size:
            if stop == len(text) or size >= LONGEST:
                raise scan.endless(file, row)
            size *= 2
            continue
        block, cut, count = scan.records(row)
        yield block
        start, row, size = start + cut, row + count, BLOCK


class _Scan:
    """The marks in a stretch of text that begins with a record."""

    def __init__(self, text: Bytes, separator: int) -> None:
        self.text, self.separator = text, separator
        quote = text == QUOTE
        marks = _line_ends(text) | (text == separator)
        self.enclosing: Mask | None = None
        self.opening = self.closing = np.zeros(0, np.int64)
        self.inside = False
        if quote.any():
            inside = np.bitwise_xor.accumulate(quote.view(np.uint8)).view(np.bool_)
            marks &= ~inside
            self.inside = bool(inside[-1])
            places = np.flatnonzero(quote)
            self.opening, self.closing = places[::2], places[1::2]
            # Of a doubled quote mark inside a cell the first one "closes" and the second one "opens" again.
            self.doubled = (self.opening > 0) & (text[self.opening - 1] == QUOTE)
            quote[self.opening[self.doubled]] = False
            self.enclosing = quote
        self.marks = marks
        self.ends = np.flatnonzero(marks)
        self.line_ends = np.flatnonzero(text[self.ends] != separator)

    def refuse_stray_quotes(self, file: str, row: int) -> None:
        """Raise at the first quote mark that neither begins nor ends a cell, nor is doubled."""
        edge = np.zeros(256, np.bool_)
        edge[[LF, CR, QUOTE, self.separator]] = True
        last = self.text.size - 1
        late = self.opening[~edge[self.text[self.opening - 1]] & (self.opening > 0)]
        early = self.closing[~edge[self.text[np.minimum(self.closing + 1, last)]] & (self.closing < last)]
        if not late.size and not early.size:
            return
        if not early.size or (late.size and late[0] < early[0]):
            cause = "a quote mark inside a cell that does not begin with one"
            mend = "put the whole cell in quote marks and double the ones inside it, or remove the mark"
            raise fault("pool-quote", cause, mend, file, *self._place(int(late[0]), row))
        cause = "there is text after the closing quote mark of the cell"
        mend = "double the quote marks inside the cell, and look for a mark that is missing above"
        raise fault("pool-quote", cause, mend, file, *self._place(int(early[0]), row))

    def endless(self, file: str, row: int) -> ScenarioError:
        """Make the error for a stretch in which no record ends."""
        if not self.inside:
            return fault("pool-long-row", "this row is too long", "look for missing line breaks", file, row)
        place = self._place(int(self.opening[~self.doubled][-1]), row)
        cause = "the quote mark that opens this cell is never closed"
        return fault("pool-quote", cause, "close or remove it", file, *place)

    def _place(self, offset: int, row: int) -> tuple[int, int]:
        cells = int(np.searchsorted(self.ends, offset))
        rows = int(np.searchsorted(self.line_ends, cells))
        return row + rows, cells - (int(self.line_ends[rows - 1]) + 1 if rows else 0) + 1

    def records(self, row: int) -> tuple[Block, int, int]:
        """Give the whole records, the byte after the last one and the number of rows up to there."""
        text, ends = self.text, self.ends[: self.line_ends[-1] + 1]
        after = ends + 1
        if (text[ends] == CR).any():
            after += (text[ends] == CR) & (text[np.minimum(after, text.size - 1)] == LF) & (after < text.size)
        starts = np.concatenate([[0], after[:-1]])
        first = np.concatenate([[0], self.line_ends[:-1] + 1])
        widths = self.line_ends - first + 1
        rows = row + np.arange(widths.size)
        filled = self._filled(starts[first], ends[self.line_ends])
        if not filled.all():
            cells = np.repeat(filled, widths)
            starts, ends, widths, rows = starts[cells], ends[cells], widths[filled], rows[filled]
        return Block(text, self.enclosing, starts, ends, widths, rows), int(after[-1]), filled.size

    def _filled(self, starts: Positions, ends: Positions) -> Mask:
        """Find the records that hold anything but separators and white space."""
        border = _SPACE.copy()
        border[[QUOTE, self.separator]] = True
        if not (border[self.text[starts]] & border[self.text[np.maximum(ends - 1, starts)]]).any():
            return np.ones(starts.size, np.bool_)
        solid = ~(_SPACE[self.text] | self.marks)
        if self.enclosing is not None:
            solid &= ~self.enclosing
        solid[ends[-1] :] = False  # what follows is not part of the last record
        return np.logical_or.reduceat(solid, starts)


def columns(block: Block, records: Mask, width: int, picked: Positions) -> list[Column]:
    """Give the text of some columns of some records, without quote marks.

    Parameters
    ----------
    block
        The records.
    records
        Which of them, shape (n_records,); each has `width` cells.
    width
        Cells per record.
    picked
        Positions of the columns, ascending from 0.
    """
    count = int(np.count_nonzero(records))
    if not count or not picked.size:
        return [Column(pl.Series(dtype=pl.String), False, False, False)] * picked.size
    cells = slice(None) if count == records.size else np.repeat(records, block.widths)
    starts = block.starts[cells].reshape(count, width).take(picked, axis=1).ravel()
    ends = block.ends[cells].reshape(count, width).take(picked, axis=1).ravel()
    # What is left out and what is kept, a cell with the mark that ends it, take turns.
    turns = np.empty(2 * starts.size + 2, np.int64)
    turns[0], turns[1:-1:2], turns[2:-1:2], turns[-1] = 0, starts, ends + 1, block.text.size
    kept = np.repeat(np.arange(turns.size - 1) % 2 == 1, np.diff(turns))
    if block.enclosing is not None:
        kept &= ~block.enclosing
    # The text has no zero byte, so that one can end each cell whatever the cell holds.
    text = block.text.copy()
    text[ends] = 0
    text = text[kept]
    whole = pl.Series([text[:-1].tobytes()], dtype=pl.Binary).cast(pl.String)
    parts = whole.str.split("\0").explode()
    beyond = _columns_with(text, text >= 0xCC, picked.size)
    quoted = _columns_with(text, text == APOSTROPHE, picked.size)
    blank = _columns_with(text, (text - np.uint8(1) < 0x20) | (text >= 0xC2), picked.size)  # 0 ends a cell
    width = picked.size
    return [Column(parts.gather_every(width, at), at in beyond, at in quoted, at in blank) for at in range(width)]


def _columns_with(text: Bytes, marked: Mask, width: int) -> frozenset[int]:
    places = np.flatnonzero(marked)
    if not places.size:
        return frozenset()
    cells = np.searchsorted(np.flatnonzero(text == 0), places)
    return frozenset(np.unique(cells % width).tolist())


def _line_ends(text: Bytes) -> Mask:
    """Mark each line end once: \\n, \\r, and the \\r of \\r\\n."""
    line_end: Mask = text == LF
    carriage_return = text == CR
    if carriage_return.any():
        line_end[1:] &= ~carriage_return[:-1]
        line_end |= carriage_return
    return line_end


_SPACE: Final = np.isin(np.arange(256), list(b" \t\n\v\f\r\x1c\x1d\x1e\x1f"))
