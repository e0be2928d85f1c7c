"""Pools as files: CSV or Parquet."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

import polars as pl

from optimizer.whole_file import write_whole

FORMATS: Final = ("csv", "parquet")


def pool_bytes(frame: pl.DataFrame, form: str) -> bytes:
    """What a file of this pool holds; `form` is csv or parquet."""
    buffer = BytesIO()
    if form == "csv":
        frame.write_csv(buffer)
    elif form == "parquet":
        frame.write_parquet(buffer)
    else:
        raise ValueError(f'"{form}" is not a format of pools; write csv or parquet')
    return buffer.getvalue()


def write_pool(frame: pl.DataFrame, path: str | Path) -> None:
    """Write a pool to a file, CSV or Parquet by its suffix: as a whole, or not at all.

    Raises
    ------
    ValueError
        When the suffix is neither .csv nor .parquet.
    OSError
        When the file cannot be written. What was there before is left as it was.
    """
    path = Path(path)
    write_whole(path, pool_bytes(frame, path.suffix.lower().removeprefix(".")))
