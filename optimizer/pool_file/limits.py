"""What a file of creators may hold at most, and the faults of a file that can be read in no part."""

from __future__ import annotations

from typing import Final

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.unseen import visible

MAX_ROWS: Final = 2_000_000
MAX_COLUMNS: Final = 500  # that are read; there may be more
MAX_WIDTH: Final = 20_000  # that are there: more than a workbook can have
MAX_BYTES: Final = 2 << 30
MAX_CELL: Final = 10_000
MAX_TEXT: Final = (2 << 30) - 1  # bytes of one column: what an array of texts can hold
LISTED: Final = 20

FEWER: Final = "leave out the creators that no plan would book, or split the pool"


def fault(code: str, cause: str, mend: str, file: str, row: int | None = None, col: int | None = None) -> ScenarioError:
    """Make the error for one fault because of which nothing of the file can be read."""
    return ScenarioError([Problem(code, cause, mend, Place(file, row, col))])


def refusal(why: str, file: str, name: str = "", row: int | None = None, col: int | None = None) -> ScenarioError:
    """Make the error for a table of which nothing can be read; `row` and `col` as a spreadsheet shows them."""
    if why == "kind":
        cause = f'the column "{shown(name)}" holds lists, records, raw bytes or durations, not plain values'
        mend = "store it as text or as numbers, one value a cell"
        return fault("pool-column-type", cause, mend, file, row, col)
    if why == "large":
        return fault("pool-too-large", f'the column "{shown(name)}" is too large', FEWER, file, row, col)
    if why == "zero":
        return fault("pool-nul", "the cell holds a zero byte", "remove it", file, row, col)
    if why == "memory":
        return fault("pool-too-large", "the file needs more memory than is available", FEWER, file)
    return fault("pool-unreadable", "the file is damaged", "save or export it again", file)


def check_size(size: int, file: str) -> None:
    """Refuse a file of too many bytes, or of none."""
    if size > MAX_BYTES:
        raise fault("pool-too-large", f"the file has {size:,} bytes; at most {MAX_BYTES:,} are allowed", FEWER, file)
    if not size:
        raise fault("pool-empty", "the file is empty", "write a header line and a row for each creator", file)


def check_width(width: int, most: int, file: str, row: int) -> None:
    """Refuse a header of too many columns."""
    if width > most:
        cause = f"there are {width:,} columns; at most {most:,} are allowed"
        raise fault("pool-too-many-columns", cause, "delete the columns that are not needed", file, row)


def check_picked(count: int, file: str, row: int) -> None:
    """Refuse to read too many columns."""
    if count > MAX_COLUMNS:
        cause = f"the scenario uses {count:,} columns of the file; at most {MAX_COLUMNS} are allowed"
        raise fault("pool-too-many-columns", cause, "delete the columns that are not needed", file, row)


def check_height(height: int, file: str, most: int | None = None) -> None:
    """Refuse a table of too many rows: by default, more than a file of creators may have."""
    most = MAX_ROWS if most is None else most
    if height > most:
        raise fault("pool-too-many-rows", f"there are more than {most:,} rows", FEWER, file)


def shown(name: str) -> str:
    """The name of a column, cut for a message."""
    return visible(name if len(name) <= 60 else name[:60] + "…")
