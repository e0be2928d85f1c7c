"""Reading small files in tests, and what is expected of it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pytest

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table

Texts = dict[str, list[str | None]]


def everything(header: tuple[str, ...]) -> Collection[str]:
    return header


def read(path: Path, content: bytes | str, *names: str) -> Table:
    """Read a file of this content, all of its columns or those named."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, path.name, lambda header: names or header)


def texts(table: Table) -> Texts:
    return {name: cells.to_pylist() for name, cells in table.columns.items()}


def only(error: pytest.ExceptionInfo[ScenarioError]) -> Problem:
    (problem,) = error.value.problems
    return problem


def refused(path: Path, content: bytes | str, code: str, row: int | None = None, column: int | None = None) -> Problem:
    """The one fault for which a file is refused."""
    with pytest.raises(ScenarioError) as error:
        read(path, content)
    problem = only(error)
    assert (problem.code, problem.place) == (code, Place(path.name, row, column))
    assert problem.cause
    assert problem.mend
    return problem


def survives(path: Path, content: bytes) -> None:
    """Read it, or refuse it with problems that can be shown."""
    problems: tuple[Problem, ...] = ()
    try:
        found = read(path, content)
    except ScenarioError as error:
        found, problems = None, error.problems
    if found is None:
        assert problems
        assert all(problem.code and problem.cause and problem.mend and str(problem) for problem in problems)
        return
    assert all(len(cells) == found.rows.size for cells in found.columns.values())
    assert all(cells.type == pa.string() for cells in found.columns.values())
