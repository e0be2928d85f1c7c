"""Files that say how audiences overlap: pairs with shared people, sets with whom they reach, rows of people.

Headers are matched in any case, and by what other tools call them; creators are matched to the pool however handles are
written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.compute as pc

from optimizer.domain.exact import Floats, Ints
from optimizer.domain.pool import CREATOR, Numbers, Pool
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.casting import Casting
from optimizer.loading.near import nearest, some
from optimizer.loading.overlap_cells import (
    Base,
    Names,
    bare_header,
    check_any,
    counted,
    each_once,
    lost_words,
    outside,
    people_shared,
    positions_of,
    shared_figures,
    told,
    unclear_name,
)
from optimizer.loading.source import short
from optimizer.pool_file.frames import table_from_frame
from optimizer.pool_file.names import meant
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from optimizer.unseen import visible

MOST_ROWS: Final = 20_000_000  # pairs of 6,000 creators
FIRST, SECOND, SHARED, CREATORS, PEOPLE, PERSON = "first", "second", "shared", "creators", "people", "person"
_CALLED: Final = {
    FIRST: "creator a|creator_a|a|creator 1|creator_1|creator1|first|first creator|source|from|influencer 1|account 1"
    "|handle 1|user 1|creator",
    SECOND: "creator b|creator_b|b|creator 2|creator_2|creator2|second|second creator|target|to|influencer 2|account 2"
    "|handle 2|user 2|other|other creator|overlaps with|compared with",
    SHARED: "shared|shared people|shared followers|shared audience|common|common followers|in common|overlap"
    "|overlap %|audience overlap|follower overlap|overlap percentage|overlap percent|overlapping followers"
    "|mutual followers|count|weight|share|people",
    CREATORS: "creators|set|roster|accounts|handles|influencers",
    PEOPLE: "people|reach|unique reach|union|unduplicated reach|deduplicated reach|net reach|unique followers"
    "|unique audience|unique",
    CREATOR: "creator|creators|handle|username|user name|influencer|account|streamer|channel|profile",
    PERSON: "person|follower|user|user id|user_id|follower id|follower_id|person id|person_id|respondent|respondent id"
    "|panelist|member|viewer|id",
}
_YES: Final = frozenset("1 1.0 yes y true x ja oui si sí ✓ ✔".split())
_NO: Final = frozenset("0 0.0 no n false - nein non".split())


@dataclass(frozen=True)
class Given:
    """A file or a data frame, and which of its columns are which, where it is said: `first`, `second`, `shared`;
    `creators`, `people`; `creator`, `person`.
    """

    source: object
    columns: Mapping[str, str] = field(default_factory=dict)
    shown: str | None = None  # its name in messages, where it is not that of the source

    @property
    def name(self) -> str:
        """Its name in messages."""
        if self.shown is not None:
            return visible(self.shown)
        is_path = isinstance(self.source, (str, os.PathLike))
        return visible(str(Path(self.source))) if is_path else "the table"  # type: ignore[arg-type]

    def table(self, wanted: Sequence[str] | None) -> Table:
        """Its columns of these meanings; None: all of them."""

        def chosen(header: tuple[str, ...]) -> list[str]:
            if wanted is None:
                return [name for name in header if name]
            return [name for ours in wanted for name in self.found(ours, header, wanted)]

        if isinstance(self.source, (str, os.PathLike)):
            try:
                return read_table(Path(self.source), self.name, chosen, rows=MOST_ROWS)
            except ScenarioError as error:  # a header of handles looks like data
                if error.problems[0].code != "pool-header" or SHARED in (wanted or ()):
                    raise
                return read_table(Path(self.source), self.name, chosen, header=1, rows=MOST_ROWS)
        return table_from_frame(self.source, self.name, chosen, MOST_ROWS)

    def found(self, ours: str, header: Sequence[str], wanted: Sequence[str]) -> list[str]:
        """The columns of a header that have one of our meanings: the one that is named, else the likeliest."""
        if ours in self.columns:
            return meant(self.columns[ours], header)
        taken = {name for other in wanted if other in self.columns for name in meant(self.columns[other], header)}
        for word in _CALLED.get(ours, ours).split("|"):
            plain = [name for name in header if name and name not in taken and bare_header(name) == word]
            if plain:
                return plain[:1]
        return []

    def need(self, table: Table, wanted: Sequence[str]) -> dict[str, str]:
        """Each meaning's column; raises where one is missing."""
        found = {ours: self.found(ours, table.header, wanted) for ours in wanted}
        lacking = [ours for ours in wanted if not found[ours]]
        if not lacking:
            return {ours: names[0] for ours, names in found.items()}
        there = some(filter(None, table.header))
        problems = []
        for ours in lacking:
            said = self.columns.get(ours)
            option = f"name it with --column {ours}=NAME"
            if said is None:
                cause = f"no column says {_SAYS[ours]}; the columns are: {there}"
                problems.append(Problem("overlap-no-column", cause, option, Place(table.file)))
            else:
                cause = f'there is no column "{visible(short(said))}"; the columns are: {there}'
                mend = nearest(said, table.header) or option
                problems.append(Problem("overlap-no-column", cause, mend, Place(table.file)))
        raise ScenarioError(problems)


_SAYS: Final = {
    FIRST: "who the first creator of a pair is",
    SECOND: "who the second creator of a pair is",
    SHARED: "how many people they share",
    CREATORS: "which creators are in a set",
    PEOPLE: "how many people a set reaches",
    CREATOR: "whom a person follows",
    PERSON: "who a person is",
}


@dataclass(frozen=True, eq=False)
class ReadPairs:
    """Pairs of creators by position in the pool, as the file has them; `where` are their rows in the table.

    `outside` counts pairs with a creator who is not in the pool.
    """

    first: Ints
    second: Ints
    shared: Floats
    rows: int
    outside: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ReadPeople:
    """Rows of a sample: the creator of each by position in the pool, and the person by position in `ids`."""

    creators: Ints
    persons: Ints
    ids: Sequence[str]
    rows: int
    outside: int
    warnings: tuple[str, ...]


def read_pairs(given: Given, pool: Pool, audiences: Numbers, base: Base | None) -> ReadPairs:
    """Read pairs of creators with the people they share: counts, or shares of the audience that `base` names.

    Parameters
    ----------
    given
        The file, or a data frame.
    pool
        Whom the names are of.
    audiences
        How many people each creator of the pool reaches.
    base
        What a share is of: the `smaller` audience, the `larger`, `both` (who follows at least one of the two), or the
        audience of the `first` creator of the row. None: the figures are counts.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    wanted = (FIRST, SECOND, SHARED)
    table = given.table(wanted)
    column = given.need(table, wanted)
    casting = Casting(table, len(table.rows))
    problems = list(table.problems)
    one, two = Names.of(table, column[FIRST], pool), Names.of(table, column[SECOND], pool)
    problems += [*one.problems, *two.problems]
    first, second = one.positions, two.positions
    figures, is_share = shared_figures(casting, table, column[SHARED], base)
    problems += casting.problems
    inside = (first >= 0) & (second >= 0)
    if not problems:
        check_any(table, inside, [*one.lost, *two.lost], "pairs")
    known = inside & figures.known
    place = column[SHARED]
    itself = inside & (first == second)
    problems += told(table, column[SECOND], itself, "overlap-self", "a pair of a creator with themselves",
                      "delete the row: whom a creator reaches alone is in the file of creators")  # fmt: skip
    known &= ~itself
    no_audience = known & ~(audiences.known[first] & audiences.known[second])
    known &= ~no_audience
    problems += told(table, place, no_audience, "overlap-no-audience", "the pool does not say how many people one of"
                      " the two reaches", "give the file of creators a column followers or viewers")  # fmt: skip
    reached = audiences.values.astype(np.float64)
    a, b = reached[first], reached[second]
    smaller = np.minimum(a, b)
    shared = people_shared(figures.values.astype(np.float64), a, b, base if is_share else None)
    if is_share:
        above = known & (figures.values > 1)
        problems += told(table, place, above, "overlap-share-above-one", "a share of an audience is above 100 %",
                          "correct it; if it is a number of people, leave --share-of out")  # fmt: skip
        known &= ~above
    many = known & (shared > smaller * (1 + 1e-9) + 0.5)
    what = "the pair shares more people than the smaller of the two audiences has"
    mend = "correct it, or the followers in the file of creators"
    if is_share:
        mend += "; or say with --share-of which audience it is a share of"
    problems += told(table, place, many, "overlap-too-many", what, mend)
    known &= ~many
    rows, repeated, differing = each_once(first, second, shared, known, len(pool))
    problems += told(table, place, differing, "overlap-twice", "the pair stands in another row with another figure",
                      "keep one of the two")  # fmt: skip
    warnings = list(table.notes) + outside(table, [one, two], "pairs")
    if repeated:
        warnings.append(f"{table.warned} has {counted(repeated, 'pair')} twice, with the same figure: each counts once")
    blank = int((inside & ~figures.known).sum())
    if blank:
        warnings.append(f"{table.warned} has {counted(blank, 'pair')} without a figure, which counts as unknown")
    if problems:
        raise ScenarioError(problems)
    apart = int((~inside).sum())
    kept = np.minimum(shared, smaller)[rows]
    return ReadPairs(first[rows], second[rows], kept, len(table.rows), apart, tuple(warnings))


def read_people(given: Given, pool: Pool) -> ReadPeople:
    """Read a sample: rows (creator, person), or a row a respondent with a column a creator, 1 or 0.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    long = given.table((CREATOR, PERSON))
    found = {ours: given.found(ours, long.header, (CREATOR, PERSON)) for ours in (CREATOR, PERSON)}
    if not found[CREATOR] and not given.columns:
        return _respondents(given, pool)
    column = given.need(long, (CREATOR, PERSON))
    names = Names.of(long, column[CREATOR], pool)
    persons = pc.dictionary_encode(long.columns[column[PERSON]])
    code = persons.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    nobody = (code < 0) & (names.positions >= 0)
    problems = [*long.problems, *names.problems]
    problems += told(long, column[PERSON], nobody, "overlap-no-person", "the row does not say who follows the creator",
                      "write the person, or delete the row")  # fmt: skip
    if problems:
        raise ScenarioError(problems)
    kept = names.positions >= 0
    check_any(long, kept, names.lost, "rows")
    warnings = [*long.notes, *outside(long, [names], "rows")]
    return ReadPeople(names.positions[kept], code[kept], persons.dictionary.to_pylist(), len(long.rows),
                      int((~kept).sum()), tuple(warnings))  # fmt: skip


def _respondents(given: Given, pool: Pool) -> ReadPeople:
    """A row a respondent, with a column a creator."""

    table = given.table(None)
    header = [name for name in table.header if name]
    persons = given.found(PERSON, header, (PERSON,))[:1]
    asked = [name for name in header if name not in persons]
    found, unclear = positions_of(asked, pool)
    if not (found >= 0).any():
        given.need(table, (CREATOR, PERSON))
    problems = [*table.problems, *(unclear_name(name, pool, Place(table.file)) for name in unclear)]
    creators, rows = list[Ints](), list[Ints]()
    taken: dict[int, str] = {}
    for name, at in zip(asked, found.tolist(), strict=True):
        if at < 0:
            continue
        if at in taken:
            cause = f'the columns "{visible(short(taken[at]))}" and "{visible(short(name))}" are of one creator'
            problems.append(Problem("overlap-twice", cause, "keep one of the two", Place(table.file)))
            continue
        taken[at] = name
        codes = pc.dictionary_encode(table.columns[name])
        words = [(word or "").strip().casefold() for word in codes.dictionary.to_pylist()]
        index = codes.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        yes = np.array([*(word in _YES for word in words), False])[index]
        odd = np.array([*(word not in _YES | _NO for word in words), False])[index]
        problems += told(table, name, odd, "overlap-answer", "whether the respondent follows the creator is neither"
                          " yes nor no", "write 1 or 0, yes or no; leave it blank for no")  # fmt: skip
        who = np.flatnonzero(yes)
        creators.append(np.full(len(who), at, dtype=np.int64))
        rows.append(who)
    if problems:
        raise ScenarioError(problems)
    lost = [name for name, at in zip(asked, found.tolist(), strict=True) if at == -1]
    warnings = [*table.notes, *lost_words(table, lost, len(lost), "columns")]
    ids = [str(at) for at in range(len(table.rows))]
    if persons:
        ids = [text or str(at) for at, text in enumerate(table.columns[persons[0]].to_pylist())]
    none = np.zeros(0, dtype=np.int64)
    return ReadPeople(np.concatenate([none, *creators]), np.concatenate([none, *rows]), ids, len(table.rows), len(lost),
                      tuple(warnings))  # fmt: skip
