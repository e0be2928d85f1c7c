"""Read a Parquet file: its own account of itself first, then column by column, a number of rows at a time.

A file may be damaged, or made to unfold without measure. What it says of itself must fit together before anything of
it is unpacked; texts that a dictionary repeats stay folded until their size is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from optimizer.pool_file import limits
from optimizer.pool_file.as_text import Texts, TooLarge, as_text, joined
from optimizer.pool_file.cleaning import zero
from optimizer.pool_file.limits import refusal
from optimizer.pool_file.table import Gathering, Table, Wanted

ROWS: Final = 1 << 16  # unpacked at a time
FEW_ROWS: Final = 1 << 8


@contextmanager
def damage_named(file: str) -> Iterator[None]:
    """Turn what the library raises for damaged data into a fault."""
    try:
        yield
    except MemoryError:
        raise refusal("memory", file) from None
    except (pa.ArrowException, OSError, ValueError, LookupError, OverflowError):
        raise refusal("damage", file) from None


def read_parquet(raw: bytes, file: str, wanted: Wanted, height: int | None = None) -> Table:
    """Read the wanted columns; `height` is the most rows.

    Raises
    ------
    ScenarioError
        When it is damaged, is beyond the limits, or holds lists or records where they are wanted.
    """
    with damage_named(file):
        opened = pyarrow.parquet.ParquetFile(pa.BufferReader(raw))
        schema, about = opened.schema_arrow, opened.metadata
        names = list(schema.names)
    limits.check_height(about.num_rows, file, height)
    _check_rows(about, file)
    gathering = Gathering(file, names, 1, wanted, height=height)
    for at in gathering.picked:
        field = schema.field(at)
        with damage_named(file):
            plain = _is_plain(field.type)
        if not plain:
            raise refusal("kind", file, field.name, 1, at + 1)
    with damage_named(file):
        columns = [_column(raw, about, gathering, at) for at in gathering.picked]
    gathering.add(np.arange(2, about.num_rows + 2), columns)
    return gathering.table()


def _is_plain(kind: pa.DataType) -> bool:
    return as_text(pa.array([], kind)) is not None


def _check_rows(about: pa.parquet.FileMetaData, file: str) -> None:
    """Refuse a file whose groups have other rows than the whole.

    What it says of the columns in a group is never asked for: in a damaged file, the question ends the process.
    """
    with damage_named(file):
        rows = [about.row_group(number).num_rows for number in range(about.num_row_groups)]
    if min(rows, default=0) < 0 or sum(rows) != about.num_rows:
        raise refusal("damage", file)


def _column(raw: bytes, about: pa.parquet.FileMetaData, gathering: Gathering, at: int) -> Texts:
    """Read one column as text.

    Texts that a dictionary repeats stay folded until their size is known. The library cannot keep all kinds of texts
    folded: of the others, few are unpacked at a time.
    """
    try:
        return _read(_parts(raw, about, at, ROWS, folded=True), about.num_rows, gathering, at)
    except (pa.ArrowException, OSError):  # releases tell it in different ways
        return _read(_parts(raw, about, at, FEW_ROWS, folded=False), about.num_rows, gathering, at)


def _read(parts: Iterator[pa.Array], height: int, gathering: Gathering, at: int) -> Texts:
    file, name = gathering.file, gathering.header[at]
    found: list[Texts] = []
    rows = size = 0
    for cells in parts:
        cells.validate(full=True)
        try:
            part = as_text(cells)
        except TooLarge:
            part = None
        size += 0 if part is None else part.cells.nbytes
        if part is None or size > limits.MAX_BYTES:
            raise refusal("large", file, name, 1, at + 1)
        if (row := zero(part.cells)) is not None:
            raise refusal("zero", file, name, rows + row + 2, at + 1)
        found.append(part)
        rows += len(cells)
    if rows != height:
        raise refusal("damage", file)
    return joined(found)


def _parts(raw: bytes, about: pa.parquet.FileMetaData, at: int, step: int, *, folded: bool) -> Iterator[pa.Array]:
    """The cells of one column, so many rows at a time."""
    name = about.schema.to_arrow_schema().names[at]
    opened = pyarrow.parquet.ParquetFile(
        pa.BufferReader(raw),
        metadata=about,
        read_dictionary=[name] if folded else None,
        page_checksum_verification=True,  # they are rare, but where there are any, a changed byte is noticed
    )
    for batch in opened.iter_batches(step, columns=[name], use_threads=False):
        (position,) = batch.schema.get_all_field_indices(name)
        yield batch.column(position)
