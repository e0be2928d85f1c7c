"""Filters: which creators and offers a rule, an offer or an exclusion applies to."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass

from optimizer.domain.exact import Number


def fold(text: str) -> str:
    """A text in the form used for comparing: NFC, case folded, stripped."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where the column holds one of these values."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return " or ".join(self.values)


@dataclass(frozen=True, slots=True)
class Range:
    """True where the column's number lies between the bounds that are given."""

    at_least: Number | None = None
    at_most: Number | None = None
    above: Number | None = None
    below: Number | None = None

    def __str__(self) -> str:
        words = {"from": self.at_least, "to": self.at_most, "above": self.above, "below": self.below}
        return " ".join(f"{word} {number}" for word, number in words.items() if number is not None)


Condition = AnyOf | Range


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on columns, all of which must hold; without conditions it matches everything."""

    conditions: tuple[tuple[str, Condition], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def __iter__(self) -> Iterator[tuple[str, Condition]]:
        return iter(self.conditions)

    def only(self, columns: Container[str]) -> Filter:
        """The conditions of the filter on these columns."""
        return Filter(tuple((column, condition) for column, condition in self if column in columns))

    def without(self, columns: Container[str]) -> Filter:
        """The conditions of the filter on all other columns."""
        return Filter(tuple((column, condition) for column, condition in self if column not in columns))

    def __str__(self) -> str:
        return ", ".join(f"{column} {condition}" for column, condition in self) or "all"


EVERYTHING = Filter()
