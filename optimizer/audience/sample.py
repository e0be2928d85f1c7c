"""A sample of people with the creators whom each of them follows: people with the same creators are one cell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array

from optimizer.audience.pairs import Pairs
from optimizer.domain.exact import Flags, Floats, Ints


@dataclass(frozen=True, eq=False)
class Sample:
    """People merged into cells: all people of a cell follow the same creators.

    `people` is how many each cell has, shape (n_cells,), scaled up if the sample was; the creators of cell s, by
    position and ascending, are `creators[starts[s]:starts[s + 1]]`; `size` is the number of creators.
    """

    size: int
    people: Floats
    creators: Ints
    starts: Ints

    @property
    def audiences(self) -> Floats:
        """How many people each creator reaches, shape (n_creators,)."""
        return np.bincount(self.creators, np.repeat(self.people, np.diff(self.starts)), self.size).astype(np.float64)

    @property
    def everybody(self) -> float:
        """How many people follow anybody."""
        return float(self.people.sum())

    def scaled_to(self, people: float) -> Sample:
        """The same sample, standing for so many people."""
        return replace(self, people=self.people * (people / self.everybody))

    def unions(self, sets: Sequence[Ints]) -> Floats:
        """How many people each set of creators reaches: counted, not modelled."""
        by_creator = self._by_creator()
        found = np.zeros(len(sets))
        for at, one in enumerate(sets):
            lists = [by_creator.indices[by_creator.indptr[i] : by_creator.indptr[i + 1]] for i in one.tolist()]
            cells = np.unique(np.concatenate(lists)) if lists else np.zeros(0, dtype=np.int64)
            found[at] = self.people[cells].sum()
        return found

    def pairs(self) -> Pairs:
        """The people whom each pair of creators shares; pairs that are not listed share nobody."""
        members = self._by_creator()
        weighed = members.copy()
        weighed.data = self.people[weighed.indices]
        shared = (members.T @ weighed).tocoo()
        row, column = shared.coords
        above = row < column
        order = np.lexsort((column[above], row[above]))
        first, second = row[above][order].astype(np.int64), column[above][order].astype(np.int64)
        return Pairs(self.size, first, second, shared.data[above][order], others_share_nobody=True)

    def _by_creator(self) -> csc_array:
        """Which cells each creator reaches."""
        cell = np.repeat(np.arange(len(self.people)), np.diff(self.starts))
        ones = np.ones(len(cell))
        return csc_array((ones, (cell, self.creators)), shape=(len(self.people), self.size))


def merged(size: int, creators: Ints, persons: Ints) -> Sample:
    """People with the same creators as one cell, from rows (creator, person) in any order; a row twice counts once.

    Cells are in the order of how many creators they have, then of the creators' positions.

    Parameters
    ----------
    size
        The number of creators.
    creators, persons
        The creator of each row by position, and a number for each person.
    """
    codes = np.unique(persons.astype(np.int64) * size + creators)
    person, creator = codes // size, codes % size
    begins = np.flatnonzero(np.append(True, person[1:] != person[:-1])) if len(person) else np.zeros(0, dtype=np.int64)
    counts = np.diff(np.append(begins, len(person)))
    people: list[Floats] = []
    of_cells: list[Ints] = []
    lengths: list[Ints] = []
    for length in np.unique(counts).tolist():
        each = creator[begins[counts == length][:, None] + np.arange(length)]
        cells, many = np.unique(each, axis=0, return_counts=True)
        people.append(many.astype(np.float64))
        of_cells.append(cells.ravel())
        lengths.append(np.full(len(cells), length, dtype=np.int64))
    none = np.zeros(0, dtype=np.int64)
    starts = np.append(0, np.cumsum(np.concatenate([none, *lengths])))
    return Sample(size, np.concatenate([np.zeros(0), *people]), np.concatenate([none, *of_cells]), starts)


def held_back(ids: Iterable[str], share: float, seed: int) -> Flags:
    """Which people are held back, about this share of all: by a hash of each one's name, so that it depends on nobody
    else and on no order.
    """
    key, limit = seed.to_bytes(8, "little", signed=False), round(share * 2**32)
    each = (hashlib.blake2b(one.encode("utf-8", "surrogatepass"), digest_size=4, key=key).digest() for one in ids)
    return np.array([int.from_bytes(one, "little") < limit for one in each], dtype=np.bool_)


def kept_half(ids: Iterable[str], seed: int) -> Flags:
    """Which people are chosen by, and not held back: by a hash of each one's name, so that it depends on nobody else
    and on no order.
    """
    key = seed.to_bytes(8, "little", signed=False)
    return np.array(
        [
            hashlib.blake2b(one.encode("utf-8", "surrogatepass"), digest_size=1, key=key).digest()[0] < 128
            for one in ids
        ],
        dtype=np.bool_,
    )
