"""Cells that may hold several values: parts of them stand as values of their own elsewhere in the column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.domain.filters import fold
from optimizer.domain.pool import Labels, Pool, values_of
from optimizer.loading.source import short
from optimizer.unseen import visible

CODE = "parts-of-cells"
_MARKS = re.compile(r"[/;,&+]")
_TOLD = 3


@dataclass(frozen=True)
class PartsOfCell:
    """One text of a column's cells, of which some `parts` stand alone elsewhere.

    `marks` part them; `creators` have such a cell, and `at` is the position of the first of them in the pool.
    """

    column: str
    value: str
    parts: tuple[str, ...]
    marks: tuple[str, ...]
    creators: int
    at: int

    def __str__(self) -> str:
        alone = ", ".join(f'"{short(visible(part))}"' for part in self.parts)
        stand = "stands" if len(self.parts) == 1 else "stand"
        marks = ", ".join(f'"{mark}"' for mark in self.marks)
        said = marks if len(self.marks) == 1 else f"[{marks}]"
        return (
            f'{self.column} "{short(visible(self.value))}" may be several values: {alone} {stand} alone elsewhere;'
            f" if so, write columns: {{{self.column}: {{from: ..., split: {said}}}}}"
        )


def parts_of_cells(pool: Pool, columns: Collection[str]) -> Iterator[PartsOfCell]:
    """The values of some columns of texts that may be several values, in the order of columns and values."""
    for name in columns:
        found = pool.columns.get(name)
        if isinstance(found, Labels) and any(_MARKS.search(entry) for entry in found.vocabulary):
            yield from _in_column(name, found)


def _in_column(name: str, labels: Labels) -> Iterator[PartsOfCell]:
    counts = np.bincount(labels.codes[labels.known], minlength=len(labels.vocabulary))
    whole: dict[str, str] = {}
    entries_of: dict[str, list[int]] = {}
    for code in np.flatnonzero(counts).tolist():
        for value in values_of(labels.vocabulary[code]):
            whole.setdefault(fold(value), value)
            if _MARKS.search(value):
                entries_of.setdefault(value, []).append(code)
    for value, codes in entries_of.items():
        parts = [part.strip() for part in _MARKS.split(value) if part.strip()]
        alone = [whole[fold(part)] for part in parts if fold(part) in whole]
        if alone and len(parts) > 1:
            marks = tuple(dict.fromkeys(_MARKS.findall(value)))
            of = np.isin(labels.codes, codes)
            yield PartsOfCell(name, value, tuple(dict.fromkeys(alone)), marks, int(of.sum()), int(of.argmax()))


def warnings_of(found: Collection[PartsOfCell]) -> list[str]:
    """What is told of cells that may hold several values: the first few of each column, and how many more."""
    told: list[str] = []
    for name in dict.fromkeys(one.column for one in found):
        mine = [one for one in found if one.column == name]
        told += map(str, mine[:_TOLD])
        if len(mine) > _TOLD:
            told.append(f"{name}: {len(mine) - _TOLD:,} more values may be several values, too")
    return told
