"""Pools as files: CSV or Parquet."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from optimizer.whole_file import write_whole

FORMATS: Final = ("csv", "parquet")


def pool_bytes(pool: pa.Table, form: str) -> bytes:
    """What a file of this pool holds; `form` is csv or parquet."""
    if form == "csv":
        return _csv(pool)
    if form == "parquet":
        buffer = BytesIO()
        pyarrow.parquet.write_table(pool, buffer, compression="zstd")
        return buffer.getvalue()
    raise ValueError(f'"{form}" is not a format of pools; write csv or parquet')


def _csv(pool: pa.Table) -> bytes:
    """Each row as a line; nothing that a pool of ours holds needs quote marks."""
    cells = [_texts(column.combine_chunks()) for column in pool.columns]
    lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
    whole = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "\n")[0].as_py()
    return f"{','.join(pool.column_names)}\n{whole}\n".encode()


def _texts(cells: pa.Array) -> pa.Array:
    """Numbers with a point where they may have decimals, as in 8200.0."""
    texts = cells.cast(pa.string())
    if not pa.types.is_floating(cells.type):
        return texts
    return pc.if_else(pc.equal(pc.floor(cells), cells), pc.binary_join_element_wise(texts, "0", "."), texts)


def write_pool(pool: pa.Table, path: str | Path) -> None:
    """Write a pool to a file, CSV or Parquet by its suffix: as a whole, or not at all.

    Raises
    ------
    ValueError
        When the suffix is neither .csv nor .parquet.
    OSError
        When the file cannot be written. What was there before is left as it was.
    """
    path = Path(path)
    write_whole(path, pool_bytes(pool, path.suffix.lower().removeprefix(".")))
