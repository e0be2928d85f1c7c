"""Cut a CSV text into blocks of whole records, and refuse every fault of its quote marks and lines.

A CSV reader is made to get through: it takes `"1"00` for 100 and reads on past a quote mark that is never closed. So
before the reader sees a block, its quote marks and line ends are checked here, byte by byte but in whole arrays.

A text is read in blocks of whole records. The arrays stay small beside the text, and the reader never has to join two
blocks: where it does so, a line end in a cell may lose one of its two bytes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from optimizer.errors import ScenarioError
from optimizer.pool_file.limits import fault

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Positions = NDArray[np.int64]

BLOCK: Final = 4 << 20  # at least 4, a character; larger ones are slower, as fresh memory costs more than the work
LONGEST: Final = 32 << 20  # one record: 500 cells of 10,000 characters fit
LF, CR, QUOTE = b'\n\r"'


class Ragged(NamedTuple):
    """A record of another width than the header: its row, how many cells it has, and how it begins."""

    row: int
    width: int
    text: str


@dataclass(frozen=True, eq=False)
class Block:
    """Some whole records of a CSV text, without the blank ones.

    `text` is of shape (n_bytes,) and ends with the end of a line; `rows` (row numbers) and `starts` (first bytes) are
    of shape (n_records,).
    """

    text: Bytes
    rows: Positions
    starts: Positions

    def record(self, at: int) -> bytes:
        """The bytes of one record, with its line end."""
        end = self.starts[at + 1] if at + 1 < self.starts.size else self.text.size
        return self.text[self.starts[at] : end].tobytes()

    def below(self, row: int) -> Block:
        """The records below a row."""
        at = int(np.searchsorted(self.rows, row, side="right"))
        if at == self.starts.size:
            return Block(self.text[:0], self.rows[:0], self.starts[:0])
        start = int(self.starts[at])
        return Block(self.text[start:], self.rows[at:], self.starts[at:] - start)


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
        if not scan.breaks.size:
            if stop == len(text) or size >= LONGEST:
                raise scan.endless(file, row)
            size *= 2
            continue
        block, cut, count = scan.records(row)
        yield block
        start, row, size = start + cut, row + count, BLOCK


class _Scan:
    """The quote marks and line ends in a stretch of text that begins with a record."""

    def __init__(self, text: Bytes, separator: int) -> None:
        self.text, self.separator = text, separator
        ends = line_ends(text)
        self.quote: Mask | None = None
        self.inside: Mask | None = None
        self.opening = self.closing = np.zeros(0, np.int64)
        quote = text == QUOTE
        if quote.any():
            self.quote = quote
            self.inside = np.bitwise_xor.accumulate(quote.view(np.uint8)).view(np.bool_)
            ends &= ~self.inside
            places = np.flatnonzero(quote)
            self.opening, self.closing = places[::2], places[1::2]
        self.breaks = np.flatnonzero(ends)

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
        if self.inside is None or not self.inside[-1]:
            return fault("pool-long-row", "this row is too long", "look for missing line breaks", file, row)
        # Of a doubled quote mark inside a cell the first one "closes" and the second one "opens" again.
        doubled = (self.opening > 0) & (self.text[self.opening - 1] == QUOTE)
        place = self._place(int(self.opening[~doubled][-1]), row)
        cause = "the quote mark that opens this cell is never closed"
        return fault("pool-quote", cause, "close or remove it", file, *place)

    def _place(self, offset: int, row: int) -> tuple[int, int]:
        rows = int(np.searchsorted(self.breaks, offset))
        start = int(self.breaks[rows - 1]) + 1 if rows else 0
        before = self.text[start:offset] == self.separator
        if self.inside is not None:
            before &= ~self.inside[start:offset]
        return row + rows, int(np.count_nonzero(before)) + 1

    def records(self, row: int) -> tuple[Block, int, int]:
        """Give the whole records but the blank ones, the byte after the last one and the number of rows up to there."""
        text, ends = self.text, self.breaks
        after = ends + 1
        if (text[ends] == CR).any():
            after += (text[ends] == CR) & (text[np.minimum(after, text.size - 1)] == LF) & (after < text.size)
        starts, cut = np.concatenate([[0], after[:-1]]), int(after[-1])
        rows = row + np.arange(ends.size)
        filled = self._filled(starts, ends)
        if filled.all():
            return Block(text[:cut], rows, starts), cut, ends.size
        sizes = after - starts
        kept = np.repeat(filled, sizes)
        sizes = sizes[filled]
        return Block(text[:cut][kept], rows[filled], np.cumsum(sizes) - sizes), cut, filled.size

    def _filled(self, starts: Positions, ends: Positions) -> Mask:
        """Find the records that hold anything but separators and white space."""
        border = SPACE.copy()
        border[[QUOTE, self.separator]] = True
        if not (border[self.text[starts]] & border[self.text[np.maximum(ends - 1, starts)]]).any():
            return np.ones(starts.size, np.bool_)
        solid = ~(SPACE[self.text] | self._marks())
        if self.quote is not None:
            enclosing = self.quote.copy()
            enclosing[self.opening[(self.opening > 0) & (self.text[self.opening - 1] == QUOTE)]] = False
            solid &= ~enclosing
        solid[ends[-1] :] = False  # what follows is not part of the last record
        return np.logical_or.reduceat(solid, starts)

    def _marks(self) -> Mask:
        """Separators that are no part of a cell."""
        marks: Mask = self.text == self.separator
        return marks if self.inside is None else marks & ~self.inside


def cells_of(record: bytes, separator: str) -> list[str]:
    """The cells of one record that has no fault."""
    cells = []
    for match in _CELL[separator].finditer(record):
        quoted, plain, end = match.groups()
        cells.append((plain if quoted is None else quoted.replace(b'""', b'"')).decode())
        if end != separator.encode():
            break
    return cells


_CELL: Final = {
    separator: re.compile(rb'(?:"((?:[^"]|"")*)"|([^%s\r\n]*))(%s|\r\n|\r|\n|$)' % ((separator.encode(),) * 2))
    for separator in (",", ";", "\t")
}


def columns(
    block: Block, separator: str, width: int, picked: list[int]
) -> tuple[list[pa.StringArray], Positions, list[Ragged]]:
    """Give the text of some columns.

    Parameters
    ----------
    block
        The records.
    separator
        One of the three known.
    width
        Cells that a record should have.
    picked
        Positions of the columns, ascending from 0.

    Returns
    -------
    tuple
        The columns, with the row number of each of their cells; and the records of another width.
    """
    ragged: list[pyarrow.csv.InvalidRow] = []

    def note(record: pyarrow.csv.InvalidRow) -> str:
        ragged.append(record)
        return "skip"

    names = [str(at) for at in range(width)]
    included = [names[at] for at in picked] or names[:1]  # an empty list would mean all
    reading = pyarrow.csv.ReadOptions(column_names=names, block_size=block.text.size + 1, use_threads=False)
    parsing = pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note)
    converting = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(included, pa.string()), include_columns=included, check_utf8=False
    )
    table = pyarrow.csv.read_csv(
        pa.BufferReader(pa.py_buffer(_without_mark(block.text))),
        read_options=reading,
        parse_options=parsing,
        convert_options=converting,
    )
    fits = np.ones(block.rows.size, np.bool_)
    fits[[record.number - 1 for record in ragged]] = False
    rows = block.rows[fits]
    if table.num_rows != rows.size:
        raise RuntimeError(f"{block.rows.size} records were found, and {table.num_rows + len(ragged)} were read")
    return (
        [_one(table.column(names[at])) for at in picked],
        rows,
        [Ragged(int(block.rows[one.number - 1]), one.actual_columns, one.text[:200]) for one in ragged],
    )


def _without_mark(text: Bytes) -> Bytes:
    """A text with blanks in place of a byte order mark, which the reader would take off with the whole line."""
    if text[: len(codecs.BOM_UTF8)].tobytes() != codecs.BOM_UTF8:
        return text
    text = text.copy()
    text[: len(codecs.BOM_UTF8)] = ord(" ")
    return text


def _one(cells: pa.ChunkedArray) -> pa.StringArray:
    return cells.chunk(0) if cells.num_chunks == 1 else pa.concat_arrays(cells.chunks)


def line_ends(text: Bytes) -> Mask:
    """Mark each line end once: \\n, \\r, and the \\r of \\r\\n."""
    line_end: Mask = text == LF
    carriage_return = text == CR
    if carriage_return.any():
        line_end[1:] &= ~carriage_return[:-1]
        line_end |= carriage_return
    return line_end


SPACE: Final = np.isin(np.arange(256), list(b" \t\n\v\f\r\x1c\x1d\x1e\x1f"))
