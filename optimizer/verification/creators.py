"""The pool as plain lists, and who meets a filter."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

from optimizer.domain.accounts import ON, account_of, handle_key, is_elsewhere, platform_key
from optimizer.domain.exact import Number, parse_number
from optimizer.domain.filters import AnyOf, Condition, Filter, Range, fold
from optimizer.domain.offers import OFFER_COLUMNS, Offer
from optimizer.domain.pool import CREATOR, PLATFORM, Labels, Numbers, Pool, values_of

Cell = float | int | str | None


class Creators:
    """The creators of a pool by position; None where a cell is unknown."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._cells: dict[str, list[Cell]] = {}
        self._matching: dict[Filter, list[bool]] = {}

    def __len__(self) -> int:
        return len(self._pool)

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

    def has(self, column: str) -> bool:
        """Whether the pool has a column."""
        return column in self._pool.columns

    def holds_numbers(self, column: str) -> bool:
        """Whether the pool has a column, of numbers."""
        return isinstance(self._pool.columns.get(column), Numbers)

    def holds_texts(self, column: str) -> bool:
        """Whether the pool has a column, of texts."""
        return isinstance(self._pool.columns.get(column), Labels)

    def scale(self, column: str) -> int:
        """How many of a column's units make one."""
        found = self._pool.columns.get(column)
        return found.scale if isinstance(found, Numbers) else 1

    def names(self) -> list[str]:
        """The columns of the pool."""
        return list(self._pool.columns)

    def cells(self, column: str) -> list[Cell]:
        """A column's cells, money in minor units."""
        if column not in self._cells:
            found = self._pool.columns[column]
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

    def matching(self, where: Filter) -> list[bool]:
        """Of each creator, whether all that a filter asks of creators holds."""
        where = where.without(OFFER_COLUMNS)
        if where not in self._matching:
            every = [True] * len(self)
            for column, condition in where:
                meets = self._meets(column, condition)
                every = [both and one for both, one in zip(every, meets, strict=True)]
            self._matching[where] = every
        return self._matching[where]

    def _meets(self, column: str, condition: Condition) -> list[bool]:
        if column == CREATOR:
            values = condition.values if isinstance(condition, AnyOf) else ()
            named = {at for value in values for at in self._named(value)}
            return [at in named for at in range(len(self))]
        if self.holds_numbers(column):
            scale = self.scale(column)
            known: dict[Cell, bool] = {None: False}
            for cell in self.cells(column):
                if cell not in known:
                    known[cell] = not isinstance(cell, str) and cell is not None and _inside(cell, condition, scale)
            return [known[cell] for cell in self.cells(column)]
        wanted = {fold(value) for value in condition.values} if isinstance(condition, AnyOf) else set()
        found: dict[Cell, bool] = {None: False}
        for cell in self.cells(column):
            if cell not in found:
                found[cell] = any(fold(value) in wanted for value in values_of(str(cell)))
        return [found[cell] for cell in self.cells(column)]


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


def offer_meets(offer: Offer, where: Filter) -> bool:
    """Whether what a filter asks of offers holds for this one."""
    for column, condition in where.only(OFFER_COLUMNS):
        asked = {fold(value) for value in condition.values} if isinstance(condition, AnyOf) else set()
        steps = column == "offer" and bool(offer.base) and fold(offer.base) in asked
        if fold(offer.label(column)) not in asked and not steps:
            return False
    return True


def is_called(offer: Offer, name: str) -> bool:
    """Whether a name is that of the offer, or that of the ladder it is a step of."""
    return offer.name == name or (bool(offer.base) and offer.base == name)
