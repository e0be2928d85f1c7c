"""Reads a file of creators of which nothing is known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from optimizer.domain.filters import fold
from optimizer.errors import Problem, ScenarioError
from optimizer.guessing.guess import recognized
from optimizer.pool_file.limits import MAX_COLUMNS
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table

OPTIONS: Final = {"pool-sheet": "--sheet NAME", "pool-header": "--header ROW"}  # of the command
FIELDS: Final = {"pool-sheet": "its name", "pool-header": "its number"}  # of a form


def read_unknown(
    path: Path, file: str, sheet: str | None, header: int | None, options: Mapping[str, str] = OPTIONS
) -> Table:
    """All columns of a file, or the first ones of many; the row of their names is found by words that are known.

    Raises
    ------
    ScenarioError
        If it cannot be read; where a choice is open, with the option that decides.
    """
    try:
        names = read_table(path, file, recognized, sheet, header).header
    except ScenarioError as error:
        raise ScenarioError([_for_options(one, options) for one in error.problems]) from None
    if not recognized(names):
        return read_table(path, file, _each, sheet, header)
    return read_table(path, file, lambda row: _each(row) if tuple(row) == names else recognized(row), sheet, header)


def _each(header: Sequence[str]) -> list[str]:
    """Every column, but for those whose names differ from another one's in capitals only."""
    folded = [fold(name) for name in header]
    return [name for name in header if name and folded.count(fold(name)) == 1][:MAX_COLUMNS]


def _for_options(problem: Problem, options: Mapping[str, str]) -> Problem:
    """A problem that a key of the scenario would settle, with the option in its place."""
    option = options.get(problem.code)
    if option is None or "creators: {" not in problem.mend:
        return problem
    before, _, _ = problem.mend.partition("creators: {")
    _, _, after = problem.mend.partition("}")
    return replace(problem, mend=f"{before.rstrip(' ,').removesuffix('as in').rstrip(' ,')} with {option}{after}")
