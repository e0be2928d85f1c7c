"""Measured unions: sets of creators with how many people each reaches, of all people or of a part of the audience."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from optimizer.domain.audience import Audience
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.filters import fold
from optimizer.domain.pool import Numbers, Pool
from optimizer.errors import Problem, ScenarioError
from optimizer.loading.casting import Casting
from optimizer.loading.overlap_cells import check_any, lost_words, numbers_of, positions_of, told, unclear_name
from optimizer.loading.overlap_files import CREATORS, PEOPLE, Given
from optimizer.pool_file.table import Table

_PARTS: Final = re.compile(r"[|,;]")
_SLACK: Final = 0.05  # by which a union in a part of the audience may pass what the rounded shares of the pool say


@dataclass(frozen=True, eq=False)
class ReadSets:
    """Sets of creators by position in the pool, and how many people each reaches.

    `cells` are the parts of the audience whose people are counted; None: everybody.
    """

    sets: tuple[Ints, ...]
    people: Floats
    rows: int
    outside: int
    warnings: tuple[str, ...]
    cells: Ints | None = None


def inside_of(audience: Audience, cell: int) -> Floats:
    """The share of each creator's audience that lies in a cell."""
    wanted: Flags = np.arange(len(audience)) == cell
    return audience.share_in(wanted)


def read_sets(given: Given, pool: Pool, audiences: Numbers, audience: Audience | None = None) -> ReadSets:
    """Read sets of creators, parted by | in one cell, with how many people each set reaches.

    Where the file has the columns by which `audience` is parted, each row is about the people of one part of it.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    wanted = (CREATORS, PEOPLE)
    dimensions = () if audience is None else tuple(dict.fromkeys(name for one in audience.values for name in one))
    table = given.table((*wanted, *dimensions))
    column = given.need(table, wanted)
    parting = [name for dimension in dimensions for name in given.found(dimension, table.header, dimensions)[:1]]
    casting = Casting(table, len(table.rows))
    people = numbers_of(casting, column[PEOPLE], "whole", percent=False)
    problems = [*table.problems, *casting.problems]
    written = [_PARTS.split(text or "") for text in table.columns[column[CREATORS]].to_pylist()]
    parts = [[name.strip() for name in names if name.strip()] for names in written]
    index = {name: at for at, name in enumerate(dict.fromkeys(name for names in parts for name in names))}
    found, unclear = positions_of(list(index), pool)
    sets = [np.unique(found[[index[name] for name in names]]).astype(np.int64) for names in parts]
    inside = np.array([len(one) > 0 and one[0] >= 0 for one in sets], dtype=np.bool_)
    for name in unclear:
        row = next(at for at, names in enumerate(parts) if name in names)
        problems.append(unclear_name(name, pool, table.place(row, column[CREATORS])))
    lost = [name for name, at in zip(index, found.tolist(), strict=True) if at == -1]
    warnings = list(table.notes) + lost_words(table, lost, int((~inside).sum()), "sets")
    if not problems:
        check_any(table, inside, lost, "sets")
    kept = inside & people.known
    values = people.values.astype(np.float64)
    lacking = [at for at in np.flatnonzero(kept).tolist() if not audiences.known[sets[at]].all()]
    flags = np.zeros(len(sets), dtype=np.bool_)
    flags[lacking] = True
    problems += told(table, column[CREATORS], flags, "overlap-no-audience", "the pool does not say how many people one"
                      " of them reaches", "give the file of creators a column followers or viewers")  # fmt: skip
    cells = None
    if audience is not None and dimensions and len(parting) == len(dimensions):
        cells, faults = _cells(table, dict(zip(dimensions, parting, strict=True)), audience)
        problems += faults
    least, most = np.zeros(len(sets)), np.full(len(sets), np.inf)
    for at in np.flatnonzero(kept & ~flags).tolist():
        mine = audiences.values[sets[at]]
        if cells is not None and cells[at] < 0:
            continue  # reported already
        if cells is not None and audience is not None:
            mine = mine * inside_of(audience, int(cells[at]))[sets[at]]
        least[at], most[at] = mine.max(), mine.sum()
    slack = 1e-9 if cells is None else _SLACK
    kept &= ~flags
    below = kept & (values < least * (1 - slack) - 0.5)
    problems += told(table, column[PEOPLE], below, "overlap-too-few-people", "a set reaches fewer people than its"
                      " largest audience has", "correct it, or the followers in the file of creators")  # fmt: skip
    above = kept & (values > most * (1 + slack) + 0.5)
    problems += told(table, column[PEOPLE], above, "overlap-too-many", "a set reaches more people than its audiences"
                      " add up to", "correct it, or the followers in the file of creators")  # fmt: skip
    if problems:
        raise ScenarioError(problems)
    rows = [at for at in np.flatnonzero(kept).tolist() if values[at] > 0]
    part = np.zeros(len(sets), dtype=np.int64) if cells is None else cells
    order = sorted(rows, key=lambda at: (int(part[at]), sets[at].tolist(), values[at]))  # not as the file has them
    return ReadSets(
        tuple(sets[at] for at in order),
        values[order],
        len(table.rows),
        int((~inside).sum()),
        tuple(warnings),
        None if cells is None else part[order],
    )


def _cells(table: Table, parting: Mapping[str, str], audience: Audience) -> tuple[Ints, list[Problem]]:
    """The cell of each row, -1 where there is none; and the faults of these rows."""
    known = {tuple(one.get(name, "") for name in parting): at for at, one in enumerate(audience.values) if one}
    written = [table.columns[column].to_pylist() for column in parting.values()]
    keys = [tuple(fold(value or "") for value in row) for row in zip(*written, strict=True)]
    found = np.array([known.get(key, -1) for key in keys], dtype=np.int64)
    column = next(iter(parting.values()))
    cause = "no part of the audience has these values"
    mend = "correct them, or delete the row; to learn one curve for everybody, leave these columns out"
    return found, told(table, column, found < 0, "overlap-no-part", cause, mend)
