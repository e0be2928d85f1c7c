"""The pool, and other columns, as plain lists, and who meets a filter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from functools import cached_property

from optimizer.domain.accounts import ON, account_of, handle_key, is_elsewhere, platform_key
from optimizer.domain.exact import Number, parse_number
from optimizer.domain.filters import AnyOf, Condition, Filter, Range, fold
from optimizer.domain.pool import CREATOR, PLATFORM, Column, Labels, Numbers, Pool, values_of

Cell = float | int | str | None


class Entries:
    """What bookings have one of, such as creators or offers, by position; None where a cell is unknown."""

    def __init__(self, columns: Mapping[str, Column], size: int) -> None:
        self._columns, self._size = columns, size
        self._cells: dict[str, list[Cell]] = {}
        self._matching: dict[Filter, list[bool]] = {}

    def __len__(self) -> int:
        return self._size

    def has(self, column: str) -> bool:
        """Whether filters may ask for a column of this name."""
        return column in self._columns

    def holds_numbers(self, column: str) -> bool:
        """Whether there is a column, of numbers."""
        return isinstance(self._columns.get(column), Numbers)

    def holds_texts(self, column: str) -> bool:
        """Whether there is a column, of texts."""
        return isinstance(self._columns.get(column), Labels)

    def scale(self, column: str) -> int:
        """How many of a column's units make one."""
        found = self._columns.get(column)
        return found.scale if isinstance(found, Numbers) else 1

    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self._columns)

    def cells(self, column: str) -> list[Cell]:
        """A column's cells, money in minor units."""
        if column not in self._cells:
            found = self._columns[column]
            if isinstance(found, Labels):
                words = [*found.vocabulary, None]
                self._cells[column] = [words[code] for code in found.codes.tolist()]
            else:
                pairs = zip(found.values.tolist(), found.known.tolist(), strict=True)
                self._cells[column] = [value if known else None for value, known in pairs]
        return self._cells[column]

    def number(self, column: str, at: int) -> float | int | None:
        """A creator's number; None where it is unknown or the column holds none."""
        cell = self.cells(column)[at] if self.holds_numbers(column) else None
        return None if isinstance(cell, str) else cell

    def text(self, column: str, at: int) -> str | None:
        """A creator's text; None where it is unknown or the column holds none."""
        cell = self.cells(column)[at] if self.holds_texts(column) else None
        return cell if isinstance(cell, str) else None

    def values(self, column: str, some: Iterable[int]) -> list[str]:
        """The values that some of them have, in any case and spelling, in order; of names, each one as it is."""
        found, cells = self._columns[column], self.cells(column)
        if isinstance(found, Labels) and found.called:
            return sorted({found.called[found.codes[at]][0] for at in some})
        spellings = spelled({str(cells[at]) for at in some if cells[at] is not None})
        return [spellings[key] for key in sorted(spellings)]

    def matching(self, where: Filter) -> list[bool]:
        """Of each entry, whether all that a filter asks holds."""
        if where not in self._matching:
            every = [True] * len(self)
            for column, condition in where:
                meets = self._meets(column, condition)
                every = [both and one for both, one in zip(every, meets, strict=True)]
            self._matching[where] = every
        return self._matching[where]

    def _meets(self, column: str, condition: Condition) -> list[bool]:
        found = self._columns.get(column)
        if isinstance(found, Numbers):
            cells = self.cells(column)
            known = {one: isinstance(one, (int, float)) and _inside(one, condition, found.scale) for one in set(cells)}
            return [known[cell] for cell in cells]
        if found is None:
            return [False] * len(self)
        wanted = {fold(value) for value in condition.values} if isinstance(condition, AnyOf) else set()
        answers = found.called or [values_of(entry) for entry in found.vocabulary]
        hits = [*(any(fold(name) in wanted for name in names) for names in answers), False]
        return [hits[code] for code in found.codes.tolist()]


class Creators(Entries):
    """The creators of a pool; filters may also name them."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool.columns, len(pool))
        self._pool = pool

    def has(self, column: str) -> bool:
        """See `Entries`."""
        return column == CREATOR or super().has(column)

    def _meets(self, column: str, condition: Condition) -> list[bool]:
        if column != CREATOR:
            return super()._meets(column, condition)
        values = condition.values if isinstance(condition, AnyOf) else ()
        named = {at for value in values for at in self._named(value)}
        return [at in named for at in range(len(self))]

    @cached_property
    def ids(self) -> list[str]:
        """Handles, as the file writes them."""
        return list(self._pool.ids[0 : len(self)])

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """Who is called what: by the pool's name; and by the handle alone, where the pool adds the platform."""
        found: dict[str, list[int]] = {}
        short: dict[str, list[int]] = {}
        for at, name in enumerate(self.ids):
            key, ending = handle_key(name), f"{ON}{fold(self.text(PLATFORM, at) or '')}"
            found.setdefault(key, []).append(at)
            if key.endswith(ending):
                short.setdefault(key.removesuffix(ending), []).append(at)
        return short | found

    def _named(self, name: str) -> list[int]:
        """Who is meant by a name: a handle, an address, or `@ana on tiktok`."""
        key, said = account_of(name)
        found = self._by_name.get(key, [])
        if not found and ON in key:
            handle, _, platform = key.rpartition(ON)
            mine = self._by_name.get(handle_key(handle), [])
            found = [at for at in mine if platform_key(self.text(PLATFORM, at) or "") == platform_key(platform)]
        return [at for at in found if not is_elsewhere(self.text(PLATFORM, at) or "", said)]


def _inside(value: float, condition: Condition, scale: int) -> bool:
    def scaled(number: Number) -> float:
        return float(Fraction(number.value) * scale)

    if isinstance(condition, Range):
        return (
            (condition.at_least is None or value >= scaled(condition.at_least))
            and (condition.at_most is None or value <= scaled(condition.at_most))
            and (condition.above is None or value > scaled(condition.above))
            and (condition.below is None or value < scaled(condition.below))
        )
    return any(value == scaled(found) for text in condition.values if (found := parse_number(text)))


def spelled(cells: Collection[str]) -> dict[str, str]:
    """The values of some cells by their folded form; of several spellings the first in order."""
    found: dict[str, str] = {}
    for value in (value for cell in cells for value in values_of(cell)):
        found[fold(value)] = min(value, found.get(fold(value), value))
    return found
