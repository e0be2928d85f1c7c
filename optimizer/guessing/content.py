"""What the cells of a column look like: numbers and their level, percent signs, addresses, handles, codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import Floats
from optimizer.loading.numerals import COMMA, POINT, taken_apart, values_of
from optimizer.loading.texts import matching
from optimizer.pool_file.table import Table

LOOKED_AT: Final = 5_000  # rows
PLATFORMS: Final[Mapping[str, str]] = {
    "instagram": "instagram", "ig": "instagram", "insta": "instagram", "tiktok": "tiktok", "tik tok": "tiktok",
    "youtube": "youtube", "yt": "youtube", "facebook": "facebook", "fb": "facebook", "twitter": "x", "x": "x",
    "twitch": "twitch", "snapchat": "snapchat", "linkedin": "linkedin", "pinterest": "pinterest", "threads": "threads",
}  # fmt: skip
_ADDRESS: Final = re.compile(r"(?:https?://)?(?:www\.|m\.)?(instagram|tiktok|youtube|facebook|twitch)\.(?:com|tv)/\S+")


@dataclass(frozen=True, eq=False)
class Content:
    """The first cells of a column; `numeric` marks those that the file holds as numbers."""

    cells: pa.StringArray
    numeric: np.ndarray | None = None

    @classmethod
    def of(cls, table: Table, name: str) -> Content:
        """The content of one column."""
        numeric = table.numeric.get(name)
        return cls(table.columns[name].slice(0, LOOKED_AT), None if numeric is None else numeric[:LOOKED_AT])

    @cached_property
    def filled(self) -> int:
        """How many cells are not blank."""
        return int(len(self.cells) - self.cells.null_count)

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.cells)

    @cached_property
    def _values(self) -> tuple[Floats, bool, frozenset[str]]:
        """The numbers, whether some have a percent sign, and the signs of money beside them."""
        numerals = taken_apart(self.cells, self.numeric, whole=True)
        mark = COMMA if numerals.evidence(COMMA).any() and not numerals.evidence(POINT).any() else POINT
        read, unfit = numerals.read(mark)
        known = pc.is_valid(read).to_numpy(zero_copy_only=False) & ~unfit
        signs = frozenset[str]()
        if numerals.currency is not None:
            signs = frozenset(sign for sign in pc.unique(numerals.currency).to_pylist() if sign)
        return values_of(read)[known], bool((numerals.percent & known).any()), signs

    @property
    def values(self) -> Floats:
        """The numbers; those with a percent sign as fractions."""
        return self._values[0]

    @property
    def percent(self) -> bool:
        """Whether some cells have a percent sign."""
        return self._values[1]

    @property
    def signs(self) -> frozenset[str]:
        """What stands beside numbers as a sign of money."""
        return self._values[2]

    @property
    def numbers(self) -> bool:
        """Whether it is a column of numbers: most of the cells with a digit are some, and these are not few."""
        digits = int(matching(self.cells, "[0-9]").sum())
        return digits > 0 and len(self.values) >= 0.8 * digits and 10 * digits >= self.filled

    @property
    def most(self) -> float:
        """The highest number."""
        return float(self.values.max()) if len(self.values) else 0.0

    @property
    def middle(self) -> float:
        """The middle of the numbers."""
        return float(np.median(self.values)) if len(self.values) else 0.0

    @property
    def over_one(self) -> float:
        """The share of the numbers that are above 1, of those that are not zero: zeros have no level."""
        some = self.values[self.values > 0]
        return float((some > 1).mean()) if len(some) else 0.0

    @property
    def hundredths(self) -> bool:
        """Whether shares without a percent sign are in percent: many are above 1, or all are far from fractions."""
        return self.over_one > 0.2 or (self.over_one > 0 and self.middle > 0.2)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The distinct texts, of columns with few of them."""
        return tuple(str(text) for text in pc.unique(self.cells).to_pylist() if text is not None)

    def share(self, pattern: str) -> float:
        """How many of the filled cells match a pattern."""
        return int(matching(self.cells, pattern).sum()) / self.filled if self.filled else 0.0

    @property
    def unlike(self) -> float:
        """How many of the filled cells are distinct."""
        return len(self.texts) / self.filled if self.filled else 0.0

    @property
    def platforms(self) -> frozenset[str]:
        """The platforms that the cells name, if all of them do."""
        named = [PLATFORMS.get(" ".join(text.casefold().split())) for text in self.texts]
        return frozenset(one for one in named if one) if named and all(named) else frozenset()

    @property
    def addressed(self) -> frozenset[str]:
        """The platforms whose addresses the cells are, if nearly all are such."""
        found = [_ADDRESS.match(text.casefold()) for text in self.texts[:1_000]]
        if not found or sum(one is not None for one in found) < 0.9 * len(found):
            return frozenset()
        return frozenset(one[1] for one in found if one is not None)
