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


def read_parquet(raw: bytes, file: str, wanted: Wanted) -> Table:
    """Read the wanted columns.

    Raises
    ------
    ScenarioError
        When it is damaged, is beyond the limits, or holds lists or records where they are wanted.
    """
    with damage_named(file):
        opened = pyarrow.parquet.ParquetFile(pa.BufferReader(raw))
        schema, about = opened.schema_arrow, opened.metadata
        names = list(schema.names)
    limits.check_height(about.num_rows, file)
    gathering = Gathering(file, names, 1, wanted)
    leaves = _leaves(schema)
    for at in gathering.picked:
        field = schema.field(at)
        with damage_named(file):
            plain = _is_plain(field.type)
        if not plain:
            raise refusal("kind", file, field.name, 1, at + 1)
        _check(about, len(raw), leaves[at], file, field.name, at)
    with damage_named(file):
        columns = [_column(raw, about, gathering, at, leaves[at]) for at in gathering.picked]
    gathering.add(np.arange(2, about.num_rows + 2), columns)
    return gathering.table()


def _leaves(schema: pa.Schema) -> list[int]:
    """The position of each field's first leaf among all leaves of the file."""
    counts = [_width(field.type) for field in schema]
    return [sum(counts[:at]) for at in range(len(counts))]


def _width(kind: pa.DataType) -> int:
    if isinstance(kind, pa.BaseExtensionType):
        return _width(kind.storage_type)
    if not kind.num_fields or pa.types.is_dictionary(kind):
        return 0 if pa.types.is_struct(kind) else 1
    return sum(_width(kind.field(at).type) for at in range(kind.num_fields))


def _is_plain(kind: pa.DataType) -> bool:
    return as_text(pa.array([], kind)) is not None


def _check(about: pa.parquet.FileMetaData, length: int, leaf: int, file: str, name: str, at: int) -> None:
    """Refuse a file whose account of itself does not fit together, and one that unpacks to too much."""
    rows = size = 0
    with damage_named(file):
        for number in range(about.num_row_groups):
            group = about.row_group(number)
            column = group.column(leaf)
            sound = 0 <= group.num_rows == column.num_values and 0 <= column.total_compressed_size <= length
            if not sound:
                raise refusal("damage", file)
            rows += group.num_rows
            size += column.total_uncompressed_size
    if rows != about.num_rows:
        raise refusal("damage", file)
    if size > limits.MAX_BYTES:
        raise refusal("large", file, name, 1, at + 1)


def _column(raw: bytes, about: pa.parquet.FileMetaData, gathering: Gathering, at: int, leaf: int) -> Texts:
    """Read one column as text."""
    file, name = gathering.file, gathering.header[at]
    parts: list[Texts] = []
    rows = size = 0
    for cells in _parts(raw, about, at, leaf):
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
        parts.append(part)
        rows += len(cells)
    if rows != about.num_rows:
        raise refusal("damage", file)
    return joined(parts)


def _parts(raw: bytes, about: pa.parquet.FileMetaData, at: int, leaf: int) -> Iterator[pa.Array]:
    """The cells of one column, a number of rows at a time.

    A text that is told once and repeated by a dictionary stays folded. Where each text is told by how it differs from
    the one before, the library cannot fold them; so few are unpacked at a time.
    """
    encodings = {
        name for group in range(about.num_row_groups) for name in about.row_group(group).column(leaf).encodings
    }
    text = about.schema.column(leaf).physical_type == "BYTE_ARRAY"
    folded = text and not encodings & {"DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"}
    name = about.schema.to_arrow_schema().names[at]
    opened = pyarrow.parquet.ParquetFile(
        pa.BufferReader(raw),
        metadata=about,
        read_dictionary=[name] if folded else None,
        page_checksum_verification=True,  # they are rare, but where there are any, a changed byte is noticed
    )
    step = ROWS if folded or not text else min(FEW_ROWS, ROWS)
    for batch in opened.iter_batches(step, columns=[name], use_threads=False):
        (position,) = batch.schema.get_all_field_indices(name)
        yield batch.column(position)
