"""The `forecast` of a scenario: its settings, and what is usual among the creators of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.figures import POSTS_MEASURED
from optimizer.domain.forecast import Common, Fitted, Forecast, PastPosts
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Assumption
from optimizer.errors import ScenarioError
from optimizer.expectations.expect import fitted
from optimizer.expectations.fitting import LARGEST
from optimizer.loading.columns import Source
from optimizer.loading.files import ScenarioFiles
from optimizer.loading.past_posts import FileOfPosts, PostColumns, matched, with_means
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import ColumnSource, ScenarioFile

_BLOCK = 100_000


def source_of(said: ColumnSource) -> Source:
    """Where a column comes from."""
    columns = said.sum or said.source or [name for name in (said.all_but,) if name is not None]
    return Source(
        tuple(columns),
        said.unit == "percent",
        said.all_but is not None,
        said.constant,
        said.decimal,
        split=tuple(said.split or ()),
        several=said.source is not None and len(said.source) > 1,
    )


def forecast_of(said: ScenarioFile) -> Forecast:
    """The settings of the forecast."""
    mine, usual = said.forecast, Common()
    common = Common(
        **{
            name: getattr(usual, name) if value is None else float(value.value)
            for name, value in ((name, getattr(mine.common, name)) for name in Common.__slots__)
        }
    )
    return Forecast(mine.rates, mine.unmeasured, common, mine.draws, mine.seed)


@dataclass(frozen=True)
class KnownPosts:
    """Single posts by the whole pool's creators, and the file that they are from; None without."""

    file: FileOfPosts | None = None
    posts: PastPosts | None = None

    def among(self, rows: Ints, size: int) -> PastPosts | None:
        """Those of some creators of a pool of `size`, by position among these."""
        return None if self.posts is None else self.posts.among(rows, size)


def file_of_posts(said: ScenarioFile, r: Resolving, files: ScenarioFiles) -> FileOfPosts | None:
    """The file that `past_posts` names; one at fault is reported."""
    mine = said.forecast.past_posts
    written = r.document.at(("forecast", "past_posts"))
    if mine is None or written is None:
        return None
    columns = r.document.at(("forecast", "past_posts", "columns"))
    wanted = PostColumns(
        {name: source_of(one) for name, one in mine.columns.named.items()},
        frozenset(),
        frozenset(),
        place=(columns or written).place,
        decimal=mine.decimal,
        posts=True,
    )
    try:
        return files.past_posts(mine, wanted, r.document.at(("forecast", "past_posts", "file")) or written)
    except ScenarioError as error:
        r.problems += error.problems
        return None


def with_posts(file: FileOfPosts | None, pool: Pool, unnamed: Flags, r: Resolving) -> tuple[Pool, KnownPosts]:
    """The pool with means over posts where it has no figures, and the posts of its creators."""
    if file is None:
        return pool, KnownPosts()
    posts, warnings, problems = matched(file, pool, unnamed)
    r.warnings += warnings
    r.problems += problems
    return with_means(pool, posts), KnownPosts(file, posts)


class Usual:
    """What is usual in a file of creators, fitted once for each way of asking."""

    def __init__(self) -> None:
        self._asked: object = None
        self._found = Fitted()

    def of(
        self,
        read: object,
        tiers: Mapping[str, tuple[int, int]],
        pool: Pool,
        named: Flags,
        forecast: Forecast,
        assume: Mapping[str, Sequence[Assumption]],
        posts: KnownPosts,
    ) -> Fitted:
        """The fits of all named creators of the file (`read`), those included whom the scenario leaves out.

        Over how many posts a figure was measured may be said by tier.
        """
        lines = tuple(assume.get(POSTS_MEASURED, ()))
        asked = (read, posts.file, len(pool), forecast.rates, lines, tuple(tiers.items()))
        if read is None or asked != self._asked:
            rows = population(pool, named)
            self._found = fitted(pool.take(rows), forecast, assume, posts.among(rows, len(pool)))
            self._asked = asked
        return self._found


def population(pool: Pool, named: Flags) -> Ints:
    """The creators that a fit looks at: all, or of many those with the lowest hashes of their ids."""
    rows = np.flatnonzero(named)
    if len(rows) <= LARGEST:
        return rows
    hashes = np.concatenate(
        [
            np.fromiter(map(crc32, map(str.encode, pool.keys[at : at + _BLOCK])), dtype=np.int64)
            for at in range(0, len(pool), _BLOCK)
        ]
    )[rows]
    lowest: Ints = np.sort(rows[np.argsort(hashes, kind="stable")[:LARGEST]])
    return lowest
