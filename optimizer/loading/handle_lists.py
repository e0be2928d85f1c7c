"""Files of handles, such as a list of creators who may not be booked: one column, or one that names creators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from optimizer.domain.filters import fold
from optimizer.domain.pool import CREATOR
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.cells import unquoted
from optimizer.loading.creator_column import likely_creator_column
from optimizer.loading.near import nearest, some
from optimizer.loading.said_files import HandleFile
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table

_NO_HEADER = ("pool-header", "pool-no-rows")  # what is said of a file that begins with its first handle


@dataclass(frozen=True)
class HandleList:
    """The handles of a file, as they are written there; `file` is its name in warnings."""

    file: str
    handles: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_handles(path: Path, shown: str, name: str, said: HandleFile) -> HandleList:
    """Read a file of handles.

    A file of a single column needs no header. `shown` names the file in faults, and `name` in warnings.

    Raises
    ------
    ScenarioError
        If it cannot be read, has a faulty row, or no column can be told to name creators.
    """
    headers: list[tuple[str, ...]] = []

    def wanted(header: tuple[str, ...]) -> list[str]:
        headers.append(header)
        column = _column(header, said)
        return [] if column is None else [column]

    try:
        table = read_table(path, shown, wanted, said.sheet, said.header)
    except ScenarioError as error:
        alone = bool(headers) and all(len(header) == 1 for header in headers) and said.columns is None
        if not alone or error.problems[0].code not in _NO_HEADER:
            raise
        try:
            table = read_table(path, shown, wanted, said.sheet, _row_of(error))
        except ScenarioError as again:
            if again.problems[0].code != "pool-no-rows":
                raise
            return HandleList(name, _handles([headers[-1][0]]))
    if table.problems:
        raise ScenarioError(table.problems)
    column = _column(table.header, said)
    if column is None:
        raise ScenarioError([_no_column(table, said)])
    written = [cell for cell in unquoted(table.columns[column]).to_pylist() if cell]
    first = [column] if len(table.header) == 1 and said.columns is None else []
    return HandleList(name, _handles([*first, *written]), table.notes)


def _row_of(error: ScenarioError) -> int:
    place = error.problems[0].place
    return place.line if place is not None and place.line is not None else 1


def _column(header: Sequence[str], said: HandleFile) -> str | None:
    """The column that names creators: as mapped, `creator`, the only one, or the one whose name says so."""
    by_name = {fold(name): name for name in header if name}
    if said.columns is not None:
        return by_name.get(fold(said.columns.creator))
    named = [name for name in header if name]
    if len(named) == 1 and len(header) == 1:
        return named[0]
    return by_name.get(CREATOR) or likely_creator_column(named)


def _no_column(table: Table, said: HandleFile) -> Problem:
    if said.columns is not None:
        near = nearest(said.columns.creator, table.header) or f"its columns are: {some(table.header)}"
        return Problem(
            "unknown-column", f'{table.file} has no column "{said.columns.creator}"', near, Place(table.file)
        )
    cause = f"no column of {table.file} names creators; its columns are: {some(table.header)}"
    mend = 'name the column: {file: ..., columns: {creator: "Name of the column"}}'
    return Problem("no-creator-column", cause, mend, Place(table.file))


def _handles(written: Sequence[str]) -> tuple[str, ...]:
    """The handles, without the word that heads a column of them."""
    return tuple(text for text in dict.fromkeys(written) if likely_creator_column([text]) != text or "@" in text)
