"""A file of single posts, which expected figures rest on: read once, then matched with the creators of the pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.accounts import platform_key
from optimizer.domain.exact import Currency, Flags, Floats, Ints
from optimizer.domain.figures import POSTS_MEASURED, Figure
from optimizer.domain.forecast import SINGLE, PastPosts
from optimizer.domain.pool import CREATOR, PLATFORM, Column, Labels, Numbers, Pool, values_of
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading import cells
from optimizer.loading.accounts import with_said
from optimizer.loading.casting import Casting, Written
from optimizer.loading.columns import ColumnUse, Wanted
from optimizer.loading.creator_column import likely_creator_column
from optimizer.loading.decimals import decided
from optimizer.loading.money import Money
from optimizer.loading.months import NOT_SAID, months
from optimizer.loading.near import some
from optimizer.loading.people import unclear
from optimizer.loading.posts import without_totals
from optimizer.loading.texts import matching
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from optimizer.unseen import visible

_PARTS = ("likes", "comments", "shares")  # of which interactions are the sum
_COUNTS = {name: Figure(name, "number", name) for name in ("views", *_PARTS, "interactions")}
_FLAGS = ("sponsored", "pinned", "paid")
_DATE = "date"
_YES: Final = r"(?i)^(?:1|1\.0|y|yes|true|ja|wahr|o|oui|vrai|si|sí)$"
_NO: Final = r"(?i)^(?:0|0\.0|n|no|false|nein|falsch|non|faux)$"
_NO_MONEY = Money(Currency("EUR"), {})


@dataclass(frozen=True, eq=False)
class FileOfPosts:
    """The posts of a file that count, arrays of shape (n,): whose each is, what it brought, and how old it is.

    `account` are positions in `accounts`, each a handle with its platform, empty where the file does not say it.
    `places` are the first rows of the accounts.
    """

    accounts: tuple[tuple[str, str], ...]
    places: tuple[Place, ...]
    account: Ints
    posts: PastPosts
    name: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PostColumns(Wanted):
    """The columns of a file of posts, found as those of a pool are."""

    def figure(self, name: str) -> Figure | None:
        """The count that a column holds; None for texts."""
        return _COUNTS.get(name)

    @property
    def of_posts(self) -> tuple[str, ...]:
        """The columns of texts that only a file of posts has."""
        return (_DATE, *_FLAGS)

    def reads(self, use: ColumnUse) -> bool:
        """Whether anything uses one of our columns."""
        return use.figure is not None or use.name in (CREATOR, PLATFORM, *self.of_posts)

    def problems(self, table: Table) -> list[Problem]:
        """As of a pool; and a file that does not say what posts brought."""
        problems = super().problems(table)
        names = {use.name for use in self.uses(table.header)}
        if CREATOR not in names:
            problems = [problem for problem in problems if problem.code != "no-creator-column"]
            problems += [] if problems else [self._without_creators(table)]
        if not problems and not names & set(_COUNTS):
            cause = (
                f"{table.file} has neither views nor interactions; its columns are: {some(filter(None, table.header))}"
            )
            mend = 'name the columns: past_posts: {file: ..., columns: {views: "...", likes: "..."}}'
            problems.append(Problem("no-post-figures", cause, mend, self.place))
        return problems

    def _without_creators(self, table: Table) -> Problem:
        cause = f"{table.file} does not say whose posts they are; its columns are: {some(filter(None, table.header))}"
        guess = visible(likely_creator_column(table.header) or "...")
        mend = f'name the column that identifies creators: past_posts: {{file: ..., columns: {{creator: "{guess}"}}}}'
        return Problem("no-creator-column", cause, mend, self.place)


def read_posts(
    path: Path, shown: str, name: str, wanted: PostColumns, sheet: str | None, row: int | None
) -> FileOfPosts:
    """Read a file of posts.

    `shown` names the file in faults, and `name` in warnings.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    table = replace(read_table(path, shown, wanted.sources, sheet, row), name=name)
    problems = wanted.problems(table)
    if problems:
        raise ScenarioError(problems)
    table = without_totals(table)
    uses = {use.name: use for use in wanted.uses(table.header)}
    constants = {name: use.source.constant for name, use in uses.items() if use.source.constant is not None}
    casting = Casting(table, len(table.rows), frozenset(), wanted.place, constants, posts=True)
    handles = cells.handles(casting, uses[CREATOR])
    texts: dict[str, Column] = {PLATFORM: cells.labels(casting, uses[PLATFORM])} if PLATFORM in uses else {}
    platform = with_said(casting, uses, handles, texts).get(PLATFORM)
    counts = _counts(casting, uses, wanted)
    flags = {one: _flags(casting, uses[one]) if one in uses else np.zeros(casting.size, np.bool_) for one in _FLAGS}
    month = months(casting, uses[_DATE]) if _DATE in uses else np.full(casting.size, NOT_SAID)
    if table.problems or casting.faults:
        raise ScenarioError([*table.problems, *casting.problems])
    account, accounts, first = _accounts(handles.keys, platform)
    dated = month != NOT_SAID
    age = np.where(dated, month.max(initial=NOT_SAID) - month, 0)
    kept = np.flatnonzero(~flags["pinned"] & ~flags["paid"])
    posts = PastPosts(account, counts["views"], counts["interactions"], age, flags["sponsored"]).take(kept)
    column = uses[CREATOR].source.columns[0] if uses[CREATOR].source.columns else table.header[0]
    places = tuple(table.place(at, column) for at in first.tolist())
    notes = (*table.notes, *casting.notes, *_left_out(flags), *_without_date(dated, _DATE in uses))
    return FileOfPosts(accounts, places, account[kept], posts, name, notes)


def _counts(casting: Casting, uses: Mapping[str, ColumnUse], wanted: PostColumns) -> dict[str, Floats]:
    """Views and interactions of each post, NaN where they are unknown."""
    taken: list[Written] = []
    for name, figure in _COUNTS.items():
        if name in uses:
            taken += cells.written(casting, uses[name], figure)
    found: dict[str, Numbers] = {}
    for said, mark in decided(casting, taken, wanted.decimal, _NO_MONEY.currency):
        name, column = said.use.name, cells.numbers(casting, said, mark, _NO_MONEY, None)
        found[name] = cells.added(casting, name, found[name], column) if name in found else column
    values = {name: np.where(one.known, one.values.astype(np.float64), np.nan) for name, one in found.items()}
    unknown = np.full(casting.size, np.nan)
    parts = [values[name] for name in _PARTS if name in values]
    summed = sum(parts, np.zeros(casting.size)) if parts else unknown
    return {"views": values.get("views", unknown), "interactions": values.get("interactions", summed)}


def _flags(casting: Casting, use: ColumnUse) -> Flags:
    """A column of yes and no; blank is no."""
    name = use.source.columns[0] if use.source.columns else use.name
    written = casting.without_blanks(name, casting.cells(use.source))
    yes = matching(written, _YES)
    other = matching(written, ".") & ~yes & ~matching(written, _NO)
    casting.refuse(name, other, "not-a-flag", lambda cell: f'{name} is "{cell}", neither yes nor no', "write yes or no")
    return yes


def _accounts(keys: pa.StringArray, platform: Column | None) -> tuple[Ints, tuple[tuple[str, str], ...], Ints]:
    """The account of each post; the accounts, by handle and platform; and the first row of each."""
    coded = pc.dictionary_encode(keys)
    handle = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    names, code = [""], np.zeros(len(handle), dtype=np.int64)
    if isinstance(platform, Labels):
        names = [*(platform_key(next(iter(values_of(entry)), "")) for entry in platform.vocabulary), ""]
        code = platform.codes % len(names)  # the last is for none
    pairs, first, of = np.unique(handle * len(names) + code, return_index=True, return_inverse=True)
    words = coded.dictionary.to_pylist()
    accounts = tuple((str(words[pair // len(names)]), names[pair % len(names)]) for pair in pairs.tolist())
    return of.reshape(-1).astype(np.int64), accounts, first.astype(np.int64)


def _left_out(flags: Mapping[str, Flags]) -> list[str]:
    """How many posts are left out, for they say little of what the next one will bring."""
    counts = {name: int(flags[name].sum()) for name in ("pinned", "paid")}
    told = " and ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    several = int((flags["pinned"] | flags["paid"]).sum())
    return [f"has {told} post{'s' if several > 1 else ''}: left out"] if several else []


def _without_date(dated: Flags, has_dates: bool) -> list[str]:
    missing = int((~dated).sum())
    if not has_dates or not missing or missing == len(dated):
        return []
    return [f"has {missing:,} post{'s' if missing > 1 else ''} without a date: taken as new"]


def matched(found: FileOfPosts, pool: Pool, unnamed: Flags) -> tuple[PastPosts, list[str], list[Problem]]:
    """The posts of a file by the pool's creators, segments excepted; warnings, and accounts that are unclear."""
    places = np.full(len(found.accounts), -1, dtype=np.int64)
    counts = np.bincount(found.account, minlength=len(found.accounts))
    problems = []
    for at, (handle, platform) in enumerate(found.accounts):
        mine = [one for one in pool.positions(handle) if not unnamed[one] and _is_on(pool.platform(one), platform)]
        if len(mine) > 1:
            cause, _ = unclear(handle, mine, pool)
            mend = "say the platform of each post, in a column platform"
            problems.append(Problem("unclear-creator", cause, mend, found.places[at]))
        elif mine:
            places[at] = mine[0]
    warnings = [f"{found.name} {note}" for note in found.notes]
    unknown = places < 0
    if others := int(counts[unknown].sum()):
        accounts = int((unknown & (counts > 0)).sum())
        of = f"{accounts:,} account{'s that are' if accounts > 1 else ' that is'} not in the pool"
        warnings.append(f"{found.name} has {others:,} post{'s' if others > 1 else ''} of {of}")
    creator = places[found.account]
    kept = np.flatnonzero(creator >= 0)
    posts = replace(found.posts, creator=creator).take(kept).sorted()
    told = frozenset(name for name in SINGLE.values() if not np.isnan(getattr(posts, name)).all())
    return replace(posts, told=told), warnings, problems


def _is_on(own: str, said: str) -> bool:
    """Whether a creator may be on the platform that a post says; also where one of the two is not said."""
    return not said or not own or said in map(platform_key, values_of(own))


def with_means(pool: Pool, past: PastPosts) -> Pool:
    """The pool with means over posts where it has no figure of its own, and over how many posts.

    Interactions are not filled in where the pool gives their rate: it is the same figure.
    """
    added: dict[str, Column] = {}
    for column in ("average_views", "average_engagements"):
        own, rate = pool.columns.get(column), pool.columns.get("engagement_rate")
        values: Floats = getattr(past, SINGLE[column])
        known = ~np.isnan(values)
        counts = np.bincount(past.creator[known], minlength=len(pool))
        blank = counts > 0
        if isinstance(own, Numbers):
            blank &= ~own.known
        if column == "average_engagements" and isinstance(rate, Numbers):
            blank &= ~rate.known
        if not blank.any():
            continue
        order = np.lexsort((values[known], past.creator[known]))  # a sum of floats depends on the order
        sums = np.bincount(past.creator[known][order], values[known][order], len(pool))
        added[column] = _filled(own, blank, sums / np.maximum(counts, 1))
        name = f"{POSTS_MEASURED}_{column}"
        added[name] = _filled(pool.columns.get(name), blank, counts.astype(np.float64))
    return pool.with_columns(added) if added else pool


def _filled(own: Column | None, where: Flags, values: Floats) -> Numbers:
    """A column with other values in some places."""
    if not isinstance(own, Numbers):
        return Numbers(np.where(where, values, 0.0), where)
    return Numbers(np.where(where, values, own.values.astype(np.float64)), own.known | where)
