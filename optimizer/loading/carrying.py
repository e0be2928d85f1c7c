"""Columns of the file of creators that an export carries, such as email addresses.

They are personal data: read only when they are asked for, in a pass of their own over the file, and held by nothing
but what is returned here. No scenario, plan, message or digest has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.domain.filters import fold
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Scenario
from optimizer.loading.cells import unquoted
from optimizer.loading.near import nearest, some
from optimizer.loading.source import Node
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table

Cells = Mapping[str, Mapping[str, str | None]]  # heading -> creator -> cell


@dataclass(frozen=True, eq=False)
class Carried:
    """Some columns of the file of creators, as text."""

    _table: Table
    _columns: tuple[str, ...]
    _pool: Pool
    _segments: frozenset[int]

    def of(self, creators: Sequence[str]) -> Cells:
        """The cells of some creators; None where blank, and for segments."""
        places = {name: self._pool.position(name) for name in dict.fromkeys(creators)}
        found: dict[str, dict[str, str | None]] = {}
        for column in self._columns:
            cells = unquoted(self._table.columns[column])
            rows = {name: self._row(at) for name, at in places.items()}
            found[column] = {name: None if row is None else cells[row].as_py() for name, row in rows.items()}
        return found

    def _row(self, creator: int | None) -> int | None:
        """The record of a creator, by the row that the file shows it in."""
        if creator is None or creator in self._segments:
            return None
        row = int(self._pool.rows[creator])
        at = int(np.searchsorted(self._table.rows, row))
        return at if at < len(self._table.rows) and int(self._table.rows[at]) == row else None


def carried(scenario: Scenario, names: Sequence[str]) -> Carried:
    """Read columns of the file that a loaded scenario names, by their names there or by ours, in any case.

    Raises
    ------
    ValueError
        If there is no such file or column; the message says what was meant.
    ScenarioError
        If the file cannot be read.
    """
    read, document = scenario.read, scenario.resolved
    reference = None
    if isinstance(document, Node):
        reference = document.at(("creators", "file")) or document.at(("creators",))
    files = getattr(read, "files", None)
    if files is None or reference is None or not isinstance(reference.value, str) or getattr(read, "frame", None):
        raise ValueError("the scenario names no file of creators, whose columns could be carried")
    assert isinstance(document, Node)
    path = files.inside(reference)
    mapped, picked = _mapped(document), dict[str, str]()

    def wanted(header: tuple[str, ...]) -> list[str]:
        there = {fold(name): name for name in header if name}
        picked.clear()
        for name in names:
            asked = fold(name)
            source = there.get(asked) or there.get(fold(mapped.get(asked, "")))
            if source is not None:
                picked[asked] = source
        return list(dict.fromkeys(picked.values()))

    sheet, row = (_said(document, key) for key in ("sheet", "header"))
    table = read_table(path, reference.value, wanted, sheet, None if row is None else int(row))
    for name in names:
        if fold(name) not in picked:
            known = [one for one in table.header if one]
            raise ValueError(
                f'{reference.value} has no column "{name}"; {nearest(name, known) or f"its columns are: {some(known)}"}'
            )
    columns = tuple(dict.fromkeys(picked.values()))
    segments = frozenset(segment.position for segment in scenario.segments)
    return Carried(replace(table, problems=(), notes=()), columns, scenario.pool, segments)


def _said(document: Node, key: str) -> str | None:
    node = document.at(("creators", key))
    return node.value if node is not None and isinstance(node.value, str) else None


def _mapped(document: Node) -> dict[str, str]:
    """Our names of columns, folded, with their names in the file."""
    node = document.at(("creators", "columns"))
    found = {}
    for ours, said in node.value.items() if node is not None and isinstance(node.value, dict) else ():
        source = said.at(("from",)) or said
        if isinstance(source.value, str):
            found[fold(ours)] = source.value
    return found
