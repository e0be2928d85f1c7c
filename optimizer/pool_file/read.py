"""Read a file of creators, whatever it is: told by its first bytes, not by its name alone."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from optimizer.pool_file import limits
from optimizer.pool_file.csv_text import read_csv
from optimizer.pool_file.limits import fault, refusal
from optimizer.pool_file.table import Table, Wanted

_FOREIGN: Final = {
    b"PK\x03\x04": "an Excel workbook or another zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "compressed",
    b"%PDF": "a PDF",
}
_AS_CSV: Final = 'save it as "CSV UTF-8" and name that file'


def read_table(path: Path, file: str, wanted: Wanted) -> Table:
    """Read a CSV or Parquet file.

    Parameters
    ----------
    path
        Where the file is.
    file
        Its name as the planner knows it.
    wanted
        Given the header, tells the columns to read; names that are not in the header are passed over.

    Returns
    -------
    Table
        The file has at least one record, though perhaps none without a fault.

    Raises
    ------
    ScenarioError
        If nothing of the file can be read reliably.
    """
    try:
        raw = _contents(path, file)
        whole = raw[:4] == raw[-4:] == b"PAR1"
        if path.suffix.lower() != ".parquet" and not whole:
            return read_csv(raw, file, wanted)
        if not whole:
            raise refusal("damage", file)
        from optimizer.pool_file.parquet import read_parquet

        return read_parquet(raw, file, wanted)
    except MemoryError:
        raise refusal("memory", file) from None


def _contents(path: Path, file: str) -> bytes:
    try:
        about = path.stat()  # before opening, which would wait for ever on a pipe
        if not stat.S_ISREG(about.st_mode):
            kind = "a folder" if stat.S_ISDIR(about.st_mode) else "a device or a pipe"
            raise fault("pool-not-a-file", f"this is {kind}, not a file", "name a CSV or Parquet file", file)
        limits.check_size(about.st_size, file)
        with path.open("rb") as stream:
            raw = stream.read(limits.MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name that no file can have
        raise fault("pool-missing", "there is no such file", "check the name and the folder", file) from None
    except OSError as error:
        cause = f"the file cannot be read ({error.strerror or 'input or output error'})"
        mend = "check that you may read it and that no other program holds it"
        raise fault("pool-unreadable", cause, mend, file) from None
    limits.check_size(len(raw), file)
    for sign, kind in _FOREIGN.items():
        if raw.startswith(sign):
            raise fault("pool-format", f"this is {kind}, not CSV or Parquet", _AS_CSV, file)
    return raw
