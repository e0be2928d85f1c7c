"""Read a CSV file: encoding, separator, header, then record by record in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from optimizer.errors import ScenarioError
from optimizer.pool_file import limits
from optimizer.pool_file.as_text import Texts
from optimizer.pool_file.csv_records import Block, blocks, cells_of, columns
from optimizer.pool_file.encoding import decode
from optimizer.pool_file.layout import LOOKED_AT, Row, find_header, known, trimmed
from optimizer.pool_file.limits import fault
from optimizer.pool_file.notes import footnotes
from optimizer.pool_file.separators import SEPARATORS, Opening, opening, settled
from optimizer.pool_file.table import Gathering, Table, Wanted


def read_csv(raw: bytes, file: str, wanted: Wanted, said: int | None = None, height: int | None = None) -> Table:
    """Read the wanted columns; `said` is the row of their names, where it is given, and `height` the most rows.

    Raises
    ------
    ScenarioError
        When nothing of it can be read reliably.
    """
    text, notes = decode(raw, file)
    found = opening(text, file)
    separator = _separator(text, found, wanted, file)
    stream = blocks(text, found.start, found.row, separator, file)
    head, error = _head(stream, said)
    rows = [row for block in head for row in _rows(block, separator, None if said else LOOKED_AT)]
    if not rows:
        raise fault("pool-empty", "the file has no text", "write a header line and a row for each creator", file)
    header = find_header(rows, wanted, said, file)
    gathering = Gathering(file, header.names, header.row, wanted, height=height)
    body = (block.below(header.row) for block in head)
    _gather(gathering, chain(body, _raised(error), stream), separator)
    ending = footnotes(gathering.drop_footnotes())
    return gathering.table(separator, (*notes, *header.notes, *ending))


def _separator(text: bytes, found: Opening, wanted: Wanted, file: str) -> str:
    """The separator: where several are possible, the one by which a row names columns that are wanted."""
    readings = {separator: _first_rows(text, found, separator, file) for separator in found.separators}
    tables = {separator: [row for row in rows if len(row.cells) > 1] for separator, rows in readings.items()}
    scores = {separator: max((known(row, wanted) for row in rows), default=0) for separator, rows in tables.items()}
    best = max(scores.values())
    # A first line in one piece is a title, or the name of the only column.
    firsts = [rows[0] for rows in readings.values() if rows]
    if firsts and all(len(row.cells) == 1 for row in firsts):
        absent = next((separator for separator in SEPARATORS if separator not in found.separators), None)
        if absent is not None and max(known(row, wanted) for row in firsts) >= max(1, best):
            return absent
    if len(found.separators) == 1:
        return found.separators[0]
    named = [separator for separator, score in scores.items() if score == best]
    return named[0] if best and len(named) == 1 else settled(text[found.start :], found.separators, file)


def _first_rows(text: bytes, found: Opening, separator: str, file: str) -> list[Row]:
    """The first rows if cells are separated so; none where that does not fit."""
    try:
        stream = blocks(text, found.start, found.row, separator, file)
        block = next((block for block in stream if block.rows.size), None)
    except ScenarioError:
        return []
    return [] if block is None else _rows(block, separator, LOOKED_AT)


def _head(stream: Iterator[Block], said: int | None) -> tuple[list[Block], ScenarioError | None]:
    """The blocks with the first rows, and what is wrong behind them; with a row's number, up to the one below it."""
    found: list[Block] = []
    count = 0
    try:
        for block in stream:
            found.append(block)
            count += block.rows.size
            if block.rows.size and ((count >= LOOKED_AT) if said is None else (int(block.rows[-1]) > said)):
                break
    except ScenarioError as error:
        if not count:
            raise
        return found, error
    return found, None


def _raised(error: ScenarioError | None) -> Iterator[Block]:
    """Nothing, or the fault that ends the text."""
    if error is not None:
        raise error
    yield from ()


def _rows(block: Block, separator: str, most: int | None) -> list[Row]:
    return [
        trimmed(int(row), cells_of(block.record(at), separator)) for at, row in enumerate(block.rows[:most].tolist())
    ]


def _gather(gathering: Gathering, stream: Iterable[Block], separator: str) -> None:
    try:
        for block in stream:
            limits.check_height(gathering.seen + block.rows.size, gathering.file, gathering.height)
            if block.rows.size:
                cells, rows, ragged = columns(block, separator, len(gathering.header), gathering.picked)
                gathering.add_ragged(ragged)
                gathering.add(rows, [Texts(cell) for cell in cells])
    except ScenarioError as error:
        raise ScenarioError([*gathering.problems(), *error.problems]) from None
