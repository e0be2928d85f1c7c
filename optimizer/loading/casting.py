"""The casting of a table: what is found wrong in it, told later for the rows that matter; and words for blank."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.figures import Figure
from optimizer.domain.filters import fold
from optimizer.errors import Place, Problem
from optimizer.loading.columns import ColumnUse, Source
from optimizer.loading.numerals import Numerals
from optimizer.loading.source import short
from optimizer.loading.texts import blanked, data_of, matching
from optimizer.pool_file.limits import LISTED
from optimizer.pool_file.table import Table
from optimizer.unseen import visible

_BLANK: Final = frozenset(
    "#n/a|n/a|n.a.|#na|nan|null|-|--|–|—|sur devis|sur demande|on request|auf anfrage|tbd|tba|n.c.|?".split("|")
)
_BARE: Final = np.isin(np.arange(256), list(b"0123456789.,%+ eE"))


@dataclass(frozen=True, eq=False)
class Fault:
    """What is wrong with some cells of a column: their positions in the table, and how it is told for some of them.

    `whole`: it is a doubt about the whole column, which leaving rows out does not settle. `value`: the cell has a
    number all the same, by which a filter may pass the creator over.
    """

    column: str
    rows: Ints
    tell: Callable[[Ints], list[Problem]]
    whole: bool = False
    value: bool = False


@dataclass
class Casting:
    """The casting of one table: its faults, and what a blank cell may hold."""

    table: Table
    size: int
    blank: frozenset[str] = frozenset()
    said: Place | None = None  # where the scenario says what the columns are
    constants: Mapping[str, str] = field(default_factory=dict)
    posts: bool = False  # a row is a post, so that views and interactions are counts
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.blank = frozenset(fold(word) for word in self.blank)

    @property
    def problems(self) -> list[Problem]:
        """All faults as told."""
        return [problem for fault in self.faults for problem in fault.tell(fault.rows)]

    @property
    def bad(self) -> Flags:
        """The rows with a fault of their own."""
        bad = np.zeros(self.size, dtype=np.bool_)
        for fault in self.faults:
            if not fault.whole:
                bad[fault.rows] = True
        return bad

    def refuse(
        self, name: str, where: Flags, code: str, say: Callable[[str], str], mend: str, *, value: bool = False
    ) -> None:
        """Report the cells of a column where `where` holds: the first ones by place, the rest counted."""
        rows = np.flatnonzero(where)
        if not len(rows):
            return
        if name not in self.table.columns:  # one text for all cells: the fault is the scenario's
            cause = say(short(visible(self.constants.get(name, ""))))
            self.faults.append(Fault(name, rows[:1], lambda _: [Problem(code, cause, mend, self.said)], whole=True))
            return
        cells = self.table.columns[name]

        def tell(some: Ints) -> list[Problem]:
            told = [
                Problem(code, say(short(visible(str(cells[row].as_py())))), mend, self.table.place(row, name))
                for row in some[:LISTED].tolist()
            ]
            if len(some) > LISTED:
                cause = f"and {len(some) - LISTED:,} more cells of {name} like that"
                told.append(Problem(code, cause, mend, self.table.place(int(some[LISTED]), name)))
            return told

        self.faults.append(Fault(name, rows, tell, value=value))

    def refuse_column(self, name: str, row: int, code: str, cause: str, mend: str) -> None:
        """Report a fault of a whole column, which skipping rows does not mend."""
        place = self.table.place(row, name) if name in self.table.columns else self.said
        problem = Problem(code, cause, mend, place)
        self.faults.append(Fault(name, np.array([row]), lambda _: [problem], whole=True))

    def cells(self, source: Source, at: int = 0) -> pa.StringArray:
        """The cells of a source, blank where they hold a word for blank."""
        if source.constant is not None:
            return pa.repeat(pa.scalar(source.constant, pa.string()), self.size)
        return self.table.columns[source.columns[at]]

    def without_blanks(self, name: str, cells: pa.StringArray) -> pa.StringArray:
        """Cells, blank where they hold a word that says that there is no figure; which is noted."""
        words = _BLANK | self.blank
        data, _ = data_of(cells)
        if _BARE[data].all() and not self.blank:
            return cells
        found = [word for word in pc.unique(cells.filter(pa.array(~matching(cells, "[0-9]")))).to_pylist() if word]
        hits = [word for word in found if fold(word) in words]
        if self.blank:
            hits += [word for word in pc.unique(cells).to_pylist() if word and word not in hits and fold(word) in words]
        if not hits:
            return cells
        where = pc.is_in(cells, pa.array(hits, pa.string())).to_numpy(zero_copy_only=False)
        shown = ", ".join(f'"{short(visible(word))}"' for word in hits[:3]) + (", ..." if len(hits) > 3 else "")
        self.notes.append(f"{int(where.sum()):,} cells of {name} are {shown}: read as blank")
        return blanked(cells, where)


@dataclass(frozen=True, eq=False)
class Written:
    """One column of numbers as the file writes it: what it is for, and its cells taken apart."""

    use: ColumnUse
    figure: Figure
    name: str
    numerals: Numerals
    counted: bool = False  # each cell is a count, which has no decimals
