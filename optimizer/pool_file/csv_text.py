"""Read a CSV file: encoding, separator, header, then record by record in blocks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from optimizer.errors import ScenarioError
from optimizer.pool_file import limits
from optimizer.pool_file.as_text import Texts
from optimizer.pool_file.csv_records import Block, blocks, cells_of, columns
from optimizer.pool_file.encoding import decode
from optimizer.pool_file.limits import fault
from optimizer.pool_file.separators import opening
from optimizer.pool_file.table import Gathering, Table, Wanted


def read_csv(raw: bytes, file: str, wanted: Wanted) -> Table:
    """Read the wanted columns.

    Raises
    ------
    ScenarioError
        When nothing of it can be read reliably.
    """
    text, notes = decode(raw, file)
    separator, start, row = opening(text, file)
    stream = blocks(text, start, row, separator, file)
    first = next((block for block in stream if block.rows.size), None)
    if first is None:
        raise fault("pool-empty", "the file has no text", "write a header line and a row for each creator", file)
    gathering = Gathering(file, cells_of(first.record(0), separator), int(first.rows[0]), wanted)
    _gather(gathering, chain([first.after(0)], stream), separator)
    return gathering.table(separator, notes)


def _gather(gathering: Gathering, stream: Iterable[Block], separator: str) -> None:
    try:
        for block in stream:
            limits.check_height(gathering.seen + block.rows.size, gathering.file)
            if block.rows.size:
                cells, rows, ragged = columns(block, separator, len(gathering.header), gathering.picked)
                gathering.add_ragged(ragged)
                gathering.add(rows, [Texts(cell) for cell in cells])
    except ScenarioError as error:
        raise ScenarioError([*gathering.problems(), *error.problems]) from None
