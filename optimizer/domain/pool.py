"""The pool: all creators as columns, sorted by id."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.accounts import ON, account_of, apart, is_elsewhere, platform_key
from optimizer.domain.exact import Flags, Floats, Ints, Number, parse_number
from optimizer.domain.filters import AnyOf, Condition, Filter, Range, fold

CREATOR, TALENT, PLATFORM = "creator", "talent", "platform"


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of numbers, one per creator.

    `values` holds money in minor units (`scale` of them make one) and everything else as it is (`scale` 1);
    where `known` is false the value is 0 and has no meaning.
    """

    values: Floats | Ints
    known: Flags
    scale: int = 1

    def take(self, rows: Ints) -> Numbers:
        return Numbers(self.values[rows], self.known[rows], self.scale)

    def matches(self, condition: Condition) -> Flags:
        """Which rows are known and meet the condition. Exact: the bounds are scaled, not the values."""
        if isinstance(condition, AnyOf):
            return self.known & np.isin(
                self.values, [self._bound(found) for value in condition.values if (found := parse_number(value))]
            )
        inside = self.known.copy()
        if condition.at_least is not None:
            inside &= self.values >= self._bound(condition.at_least)
        if condition.at_most is not None:
            inside &= self.values <= self._bound(condition.at_most)
        if condition.above is not None:
            inside &= self.values > self._bound(condition.above)
        if condition.below is not None:
            inside &= self.values < self._bound(condition.below)
        return inside

    def _bound(self, number: Number) -> float:
        return float(Fraction(number.value) * self.scale)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Texts, one per creator or other entry, as codes into a vocabulary; -1 where the cell is blank.

    A vocabulary entry is the text of a cell; `a|b` holds both a and b. Entries that are `called` otherwise answer to
    those names, whatever is in them, and the first one is shown.
    """

    codes: Ints
    vocabulary: tuple[str, ...]
    called: tuple[tuple[str, ...], ...] = ()

    @property
    def known(self) -> Flags:
        return self.codes >= 0

    def take(self, rows: Ints) -> Labels:
        return Labels(self.codes[rows], self.vocabulary, self.called)

    def answers(self) -> Iterable[tuple[str, ...]]:
        """What each entry of the vocabulary answers to in filters: its single values, unless it is called otherwise."""
        return self.called or map(values_of, self.vocabulary)

    def matches(self, condition: Condition) -> Flags:
        if isinstance(condition, Range):
            raise TypeError("a range needs numbers")
        wanted = {fold(value) for value in condition.values}
        hits = [any(fold(name) in wanted for name in names) for names in self.answers()]
        return np.array([*hits, False], dtype=np.bool_)[self.codes]

    def values(self) -> dict[str, str]:
        """The single values that occur, by folded form; the first spelling in order represents all spellings."""
        used = np.flatnonzero(np.bincount(self.codes + 1)[1:])
        if self.called:
            return {name: name for name in sorted({self.called[code][0] for code in used.tolist()})}
        found = sorted({value for code in used.tolist() for value in values_of(self.vocabulary[code])}, reverse=True)
        return dict(sorted({fold(value): value for value in found}.items()))


Column = Numbers | Labels


def values_of(entry: str) -> tuple[str, ...]:
    """The single values of a cell: `fantasy|romance` holds two."""
    if "|" not in entry:
        return (value,) if (value := entry.strip()) else ()
    return tuple(value.strip() for value in entry.split("|") if value.strip())


def parted(cell: str, marks: Sequence[str] = ()) -> str:
    """A cell as a vocabulary has it: its single values, parted by some marks or by `|`, each once, joined by `|`."""
    for mark in marks:
        cell = cell.replace(mark, "|")
    found: dict[str, str] = {}
    for value in values_of(cell):
        found.setdefault(fold(value), value)
    return "|".join(found.values())


class Dimension:
    """What each booking has one of, such as a creator or an offer: columns, each with one entry for each of them."""

    columns: Mapping[str, Column]

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())).known)

    def answers(self, column: str) -> bool:
        """Whether filters may ask for a column of this name."""
        return column in self.columns

    def matches(self, where: Filter) -> Flags:
        """Which entries meet every condition; a comparison with an unknown value, or with a column that is not there,
        is false.
        """
        mask = np.ones(len(self), dtype=np.bool_)
        for column, condition in where:
            mask &= self._meets(column, condition)
        return mask

    def _meets(self, column: str, condition: Condition) -> Flags | bool:
        return column in self.columns and self.columns[column].matches(condition)


@dataclass(frozen=True, eq=False)
class Pool(Dimension):
    """All creators that may be booked, as columns sorted by id.

    Parameters
    ----------
    ids
        Handles as the file writes them, in the order of `keys`; any sequence that can be indexed.
    keys
        Handles in the form used for comparing (`handle_key`), ascending and distinct.
    columns
        The columns by name, each with one entry per creator.
    rows
        The row of each creator in the file, for messages.
    file
        The name of the file, for messages; empty where there is none.
    """

    ids: Sequence[str]
    keys: Sequence[str]
    columns: Mapping[str, Column] = field(default_factory=dict)
    rows: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    file: str = ""

    def __len__(self) -> int:
        return len(self.keys)

    def position(self, handle: str) -> int | None:
        """The position of a creator, by handle; None where there is no such creator, or several."""
        found = self.positions(handle)
        return found[0] if len(found) == 1 else None

    def positions(self, handle: str) -> list[int]:
        """The positions of all accounts that a handle may mean: `@ana`, or `@ana on tiktok`.

        An account whose handle no other one has is called by the handle alone, and may be named with its platform.
        """
        key, said = account_of(handle)
        found = self._called(key)
        if not found and ON in key:
            name, platform = apart(key)
            found = [at for at in self._called(name) if platform_key(self.platform(at)) == platform_key(platform)]
        return [at for at in found if not is_elsewhere(self.platform(at), said)]

    def platform(self, at: int) -> str:
        """The platform of a creator; empty where it is unknown."""
        found = self.columns.get(PLATFORM)
        code = int(found.codes[at]) if isinstance(found, Labels) else -1
        return found.vocabulary[code] if isinstance(found, Labels) and code >= 0 else ""

    def _at(self, key: str) -> int | None:
        at = bisect_left(self.keys, key)
        return at if at < len(self) and self.keys[at] == key else None

    def _called(self, key: str) -> list[int]:
        """The position of the account that is called so; else of those who are called so on several platforms."""
        exact = self._at(key)
        if exact is not None:
            return [exact]
        start, found = f"{key}{ON}", []
        for at in range(bisect_left(self.keys, start), len(self)):
            if not self.keys[at].startswith(start):
                break
            if self.keys[at] == f"{start}{fold(self.platform(at))}":
                found.append(at)
        return found

    def take(self, rows: Ints) -> Pool:
        """The pool of these rows, which must be ascending so that it stays sorted."""
        return Pool(
            _Picked(self.ids, rows),
            _Picked(self.keys, rows),
            {name: column.take(rows) for name, column in self.columns.items()},
            self.rows[rows],
            self.file,
        )

    def with_columns(self, columns: Mapping[str, Column]) -> Pool:
        return replace(self, columns={**self.columns, **columns})

    def answers(self, column: str) -> bool:
        """See `Dimension`: also for creators by name."""
        return column == CREATOR or super().answers(column)

    def _meets(self, column: str, condition: Condition) -> Flags | bool:
        if column != CREATOR:
            return super()._meets(column, condition)
        mask = np.zeros(len(self), dtype=np.bool_)
        handles: Iterable[str] = condition.values if isinstance(condition, AnyOf) else ()
        for handle in handles:
            mask[self.positions(handle)] = True
        return mask


def joined(first: Pool, second: Pool) -> Pool:
    """Two pools as one, sorted by key; a column that only one of them has is unknown in the other.

    Raises
    ------
    TypeError
        If a column holds numbers in one pool and texts in the other; the message is its name.
    """
    if not len(first) or not len(second):
        return second if len(second) else first
    places = [bisect_left(first.keys, key) for key in second.keys]
    order = np.insert(np.arange(len(first)), places, len(first) + np.arange(len(second)))
    columns = {
        name: _stacked(name, first.columns.get(name), second.columns.get(name), (len(first), len(second))).take(order)
        for name in dict.fromkeys([*first.columns, *second.columns])
    }
    rows = np.concatenate([first.rows, second.rows])[order]
    return Pool(
        _Stacked(first.ids, second.ids, order), _Stacked(first.keys, second.keys, order), columns, rows, first.file
    )


def _stacked(name: str, first: Column | None, second: Column | None, sizes: tuple[int, int]) -> Column:
    """One column above another."""
    parts = [first, second]
    if any(isinstance(part, Labels) for part in parts):
        if any(isinstance(part, Numbers) for part in parts):
            raise TypeError(name)
        labels = [
            part if isinstance(part, Labels) else Labels(np.full(size, -1, dtype=np.int64), ())
            for part, size in zip(parts, sizes, strict=True)
        ]
        vocabulary = tuple(sorted({entry for part in labels for entry in part.vocabulary}))
        code_of = {entry: code for code, entry in enumerate(vocabulary)}
        codes = [
            np.array([*(code_of[entry] for entry in part.vocabulary), -1], dtype=np.int64)[part.codes]
            for part in labels
        ]
        return Labels(np.concatenate(codes), vocabulary)
    return _stacked_numbers([part if isinstance(part, Numbers) else None for part in parts], sizes)


def _stacked_numbers(parts: list[Numbers | None], sizes: tuple[int, int]) -> Numbers:
    scale = next(part.scale for part in parts if part is not None)
    counted = any(part is not None and part.values.dtype == np.int64 for part in parts)
    kind = np.int64 if counted else np.float64
    size = sum(sizes)
    values: Floats | Ints = np.zeros(size, dtype=np.int64) if counted else np.zeros(size, dtype=np.float64)
    known, start = np.zeros(size, dtype=np.bool_), 0
    for part, count in zip(parts, sizes, strict=True):
        if part is not None:
            values[start : start + count] = part.values.astype(kind)
            known[start : start + count] = part.known
        start += count
    return Numbers(values, known, scale)


class _Stacked(Sequence[str]):
    """Two sequences of texts as one, in a given order, without copying them."""

    def __init__(self, first: Sequence[str], second: Sequence[str], order: Ints) -> None:
        self._first, self._second, self._order = first, second, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        if isinstance(at, slice):
            return [self[int(one)] for one in range(*at.indices(len(self)))]
        place = int(self._order[at])
        return self._first[place] if place < len(self._first) else self._second[place - len(self._first)]


class _Picked(Sequence[str]):
    """Some items of a sequence, by position, without copying them."""

    def __init__(self, items: Sequence[str], rows: Ints) -> None:
        self._items: Sequence[str] = items._items if isinstance(items, _Picked) else items
        self._rows: Ints = items._rows[rows] if isinstance(items, _Picked) else rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        if isinstance(at, slice):
            return [self._items[int(row)] for row in self._rows[at]]
        return self._items[int(self._rows[at])]
