"""The casting of a table: what is found wrong in it, told later for the rows that matter; and words for blank."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.figures import Figure
from optimizer.errors import Place, Problem
from optimizer.loading.columns import ColumnUse, Source
from optimizer.loading.numerals import Numerals
from optimizer.loading.source import short
from optimizer.loading.texts import blanked, data_of, matching
from optimizer.pool_file.limits import LISTED
from optimizer.pool_file.table import Table
from optimizer.unseen import visible

_BLANK: Final = frozenset("#n/a|n/a|n.a.|#na|nan|null|-|--|–|—|sur devis|sur demande|tbd|tba|n.c.|?".split("|"))
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
        self.blank = frozenset(word.strip().lower() for word in self.blank)

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
        data, _ = data_of(cells)
        if not self.blank and _BARE[data].all():
            return cells
        likely = cells if self.blank else cells.filter(pa.array(~matching(cells, "[0-9]")))
        words = pc.unique(likely)
        found = words.filter(pa.array(self.words_for_blank(words)))
        if not len(found):
            return cells
        where = pc.is_in(cells, found)
        self.note_blanks(name, [(str(word), int(pc.sum(pc.equal(cells, word)).as_py())) for word in found.to_pylist()])
        return blanked(cells, where.to_numpy(zero_copy_only=False))

    def words_for_blank(self, words: pa.StringArray) -> Flags:
        """Which of some distinct cells say that there is nothing."""
        known = pa.array([*_BLANK, *self.blank], pa.string())
        found: Flags = pc.is_in(pc.utf8_lower(words), known).to_numpy(zero_copy_only=False)
        return found

    def note_blanks(self, name: str, found: Sequence[tuple[str, int]]) -> None:
        """Note which words were read as blank, and how many cells hold them."""
        if found:
            shown = ", ".join(f'"{short(visible(word))}"' for word, _ in found[:3]) + (", ..." if found[3:] else "")
            self.notes.append(f"{sum(count for _, count in found):,} cells of {name} are {shown}: read as blank")


@dataclass(frozen=True, eq=False)
class Written:
    """One column of numbers as the file writes it: what it is for, and its cells taken apart."""

    use: ColumnUse
    figure: Figure
    name: str
    numerals: Numerals
    counted: bool = False  # each cell is a count, which has no decimals
