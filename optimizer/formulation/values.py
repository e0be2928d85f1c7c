"""The bookings of each value of a column of texts, at any number of values: above all of talents, the accounts of one
person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import fold
from optimizer.domain.pool import CREATOR, TALENT, Labels, values_of
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.supply import Supply


@dataclass(frozen=True, eq=False)
class Values:
    """The bookings of a group by the values of a column.

    Each value has a key: from 0 up in the order of their folded names; of talents, then one for each creator whose cell
    is blank, who is their own talent. Pairs of a key and a booking are sorted by key, so that the bookings of one key
    are a slice; an account of two people (`Ana|Bo`) is in two pairs.

    Parameters
    ----------
    column
        The column that has the values.
    names
        The values; of several spellings the first in order.
    ids
        The names of all creators, by position.
    keys, bookings
        The pairs, ascending.
    units
        (n,) the unit that each booking books: an account, or a step of a segment.
    anonymous
        (n,) where a booking is of a segment without a talent: each single one is another person.
    """

    column: str
    names: tuple[str, ...]
    ids: Sequence[str]
    keys: Ints
    bookings: Ints
    units: Ints
    anonymous: Flags

    def none(self) -> Values:
        """The same values without bookings."""
        return replace(self, keys=self.keys[:0], bookings=self.bookings[:0])

    def is_named(self, key: int) -> bool:
        """Whether the column has the value; otherwise it is a creator's name."""
        return key < len(self.names)

    def name(self, key: int) -> str:
        """The value; the creator's name where that is the talent."""
        return self.names[key] if self.is_named(key) else self.ids[key - len(self.names)]

    def column_of(self, key: int) -> str:
        """The column that has the name."""
        return self.column if self.is_named(key) else CREATOR

    def label(self, key: int) -> str:
        """A name which no other value has: a creator may be called as a talent is."""
        return f"{self.column_of(key)} {self.name(key)}"

    def row_label(self, key: int, bound: str) -> str:
        """The name of a value's row that has this bound."""
        return f"{self.label(key)}: {bound}"

    @property
    def members(self) -> Ints:
        """All bookings, ascending."""
        inside = np.zeros(len(self.units), dtype=np.bool_)
        inside[self.bookings] = True
        return np.flatnonzero(inside)

    def of(self, key: int) -> Ints:
        """The bookings of a value, ascending."""
        start, end = np.searchsorted(self.keys, (key, key + 1))
        return self.bookings[start:end]

    def pairs_of(self, columns: Ints) -> tuple[Ints, Ints]:
        """The pairs of some bookings (ascending): their keys, and their places among `columns`."""
        first = np.searchsorted(self._by_booking[1], columns, side="left")
        last = np.searchsorted(self._by_booking[1], columns, side="right")
        counts = last - first
        places = np.repeat(np.arange(len(columns)), counts)
        steps = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._by_booking[0][np.repeat(first, counts) + steps], places

    @cached_property
    def _by_booking(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.bookings, kind="stable")
        return self.keys[order], self.bookings[order]

    @cached_property
    def _begins(self) -> tuple[Ints, Ints]:
        """Where the pairs of each value begin, and those of each of its accounts."""
        units = self.units[self.bookings]
        new = np.ones(len(self.keys), dtype=np.bool_)
        new[1:] = self.keys[1:] != self.keys[:-1]
        account = new.copy()
        account[1:] |= units[1:] != units[:-1]
        return np.flatnonzero(new), np.flatnonzero(account)

    @cached_property
    def all_keys(self) -> Ints:
        """The values that have bookings."""
        return self.keys[self._begins[0]]

    def accounts(self) -> Ints:
        """How many accounts each of `all_keys` has."""
        values, accounts = self._begins
        return np.diff(np.append(np.searchsorted(accounts, values), len(accounts)))

    @cached_property
    def alone(self) -> Flags:
        """(n,) Where a booking is of an account beside which its values have no other."""
        alone = np.ones(len(self.units), dtype=np.bool_)
        several = self.all_keys[self.accounts() > 1]
        alone[self.bookings[np.isin(self.keys, several)]] = False
        return alone

    @cached_property
    def alone_by_key(self) -> Flags:
        """Of each pair, whether its value has no other account."""
        lone: Flags = np.repeat(self.accounts() == 1, np.diff(np.append(self._begins[0], len(self.keys))))
        return lone

    def most(self, values: Ints) -> Ints:
        """What each of `all_keys` can total at most with one booking of each account."""
        talents, accounts = self._begins
        if not len(talents):
            return np.zeros(0, dtype=np.int64)
        each = np.maximum.reduceat(values[self.bookings], accounts)
        return np.add.reduceat(each, np.searchsorted(accounts, talents))


def values_by(estimates: Estimates, supply: Supply, column: str, members: Ints) -> Values:
    """The values among a group's bookings (`members`, ascending); a blank cell has none, but in the column talent."""
    labels, entry = estimates.columns.labels(column)
    scenario, creators = estimates.scenario, estimates.columns.creator
    names, first, others = _named(labels)
    codes = labels.codes[entry[members]]
    told = np.append(first, -1)[codes]
    blank, anonymous = told < 0, np.zeros(len(creators), dtype=np.bool_)
    if column == TALENT:
        segments = np.array([segment.position for segment in scenario.segments], dtype=np.int64)
        anonymous[members[blank]] = np.isin(creators[members[blank]], segments)
        keys, bookings = np.where(blank, len(names) + creators[members], told), members
    else:
        keys, bookings = told[~blank], members[~blank]
    more = np.flatnonzero(np.isin(codes, list(others)))  # cells of several values
    if len(more):
        pairs = [(key, int(members[at])) for at in more.tolist() for key in others[int(codes[at])]]
        keys = np.concatenate([keys, np.array([key for key, _ in pairs], dtype=np.int64)])
        bookings = np.concatenate([bookings, np.array([at for _, at in pairs], dtype=np.int64)])
    order = np.lexsort((bookings, keys))
    return Values(column, names, scenario.pool.ids, keys[order], bookings[order], supply.unit, anonymous)


def _named(labels: Labels) -> tuple[tuple[str, ...], Ints, dict[int, tuple[int, ...]]]:
    """The values of a column; of each entry of its vocabulary the first one, and the others if any."""
    used = np.append(np.bincount(labels.codes + 1, minlength=len(labels.vocabulary) + 1)[1:] > 0, False).tolist()
    spelled: dict[str, str] = {}
    said: list[tuple[str, ...]] = []
    for entry, is_used in zip(labels.vocabulary, used, strict=False):
        folded: dict[str, None] = {}
        for value in values_of(entry) if is_used else ():
            key = fold(value)
            folded[key] = None
            if value < spelled.setdefault(key, value):
                spelled[key] = value
        said.append(tuple(folded))
    number = {key: at for at, key in enumerate(sorted(spelled))}
    first = np.array([number[keys[0]] if keys else -1 for keys in said], dtype=np.int64)
    others = {code: tuple(number[key] for key in keys[1:]) for code, keys in enumerate(said) if len(keys) > 1}
    return tuple(spelled[key] for key in number), first, others
