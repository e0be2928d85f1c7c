"""Read a file of creators, whatever it is: told by its first bytes, not by its name alone."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from optimizer.pool_file import limits
from optimizer.pool_file.archive import Archive, is_zip
from optimizer.pool_file.csv_text import read_csv
from optimizer.pool_file.json_list import is_json, read_json
from optimizer.pool_file.limits import fault, refusal
from optimizer.pool_file.packed import read_packed
from optimizer.pool_file.table import Table, Wanted

_FOREIGN: Final = {
    b"\xd0\xcf\x11\xe0": (
        "an old Excel workbook (.xls), or one that is locked with a password",
        'open it in Excel and save it as .xlsx without a password, or as "CSV UTF-8"',
    ),
    b"\x1f\x8b": ("compressed (.gz)", "unpack it, and name the file that was in it"),
    b"%PDF": ("a PDF", 'a table cannot be read from it; export the list as "CSV UTF-8" or as .xlsx'),
}


def read_table(
    path: Path,
    file: str,
    wanted: Wanted,
    sheet: str | None = None,
    header: int | None = None,
    rows: int | None = None,
) -> Table:
    """Read a file: CSV, Excel workbook, Parquet, JSON, or a zip file with one of these tables as CSV.

    Parameters
    ----------
    path
        Where the file is.
    file
        Its name as the planner knows it.
    wanted
        Given the header, tells the columns to read; names that are not in the header are passed over.
    sheet
        The sheet of a workbook, the file in a zip file, or the list in a JSON file. By default the only one.
    header
        The row that names the columns, as a spreadsheet shows it. By default it is looked for.
    rows
        How many rows a CSV or Parquet file may have, where it is no file of creators. By default 2,000,000.

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
        return _read(_contents(path, file), path.suffix.lower(), file, wanted, sheet, header, rows)
    except MemoryError:
        raise refusal("memory", file) from None


def _read(
    raw: bytes, suffix: str, file: str, wanted: Wanted, sheet: str | None, header: int | None, rows: int | None
) -> Table:
    if is_zip(raw):
        return read_packed(Archive(raw, file), file, wanted, sheet, header)
    whole = raw[:4] == raw[-4:] == b"PAR1"
    if suffix == ".parquet" or whole:
        _refuse_keys("a Parquet file", file, sheet, header)
        if not whole:
            raise refusal("damage", file)
        from optimizer.pool_file.parquet import read_parquet

        return read_parquet(raw, file, wanted, rows)
    if is_json(raw, suffix):
        _refuse_keys("a JSON file", file, None, header)
        return read_json(raw, file, wanted, sheet, suffix)
    _refuse_keys("a CSV file", file, sheet, None)
    return read_csv(raw, file, wanted, header, rows)


def _refuse_keys(what: str, file: str, sheet: str | None, header: int | None) -> None:
    for key, value in (("sheet", sheet), ("header", header)):
        if value is not None:
            raise fault("pool-key", f"this is {what}: it has no {key} to choose", f"remove the key {key}", file)


def _contents(path: Path, file: str) -> bytes:
    try:
        about = path.stat()  # before opening, which would wait for ever on a pipe
        if not stat.S_ISREG(about.st_mode):
            kind = "a folder" if stat.S_ISDIR(about.st_mode) else "a device or a pipe"
            raise fault("pool-not-a-file", f"this is {kind}, not a file", "name a file, such as pool.csv", file)
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
    for sign, (kind, mend) in _FOREIGN.items():
        if raw.startswith(sign):
            raise fault("pool-format", f"this is {kind}", mend, file)
    return raw
