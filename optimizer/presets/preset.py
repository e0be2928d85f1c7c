"""What a preset is: which headers of a tool's export mean which of our columns, and how they are read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_CAPITALS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MARKS: Final = re.compile(r"[\s_\-./:#]+")


def plain(name: str) -> str:
    """A header as it is compared: `followersCount`, `Followers_count` and `followers count` are the same."""
    words = _CAPITALS.sub(" ", unicodedata.normalize("NFC", name).replace("’", "'"))
    words = _MARKS.sub(" ", words).strip().casefold()
    return words.replace("tik tok", "tiktok").replace("you tube", "youtube")


class Spellings:
    """The columns of a file, found by any spelling of a header."""

    def __init__(self, header: Sequence[str]) -> None:
        self._exact = frozenset(filter(None, header))
        self._plain: dict[str, list[str]] = {}
        for name in filter(None, header):
            self._plain.setdefault(plain(name), []).append(name)

    def find(self, name: str) -> str | None:
        """The file's column of this name; None where there is none, or several that are spelled alike."""
        if name in self._exact:
            return name
        found = self._plain.get(plain(name), [])
        return found[0] if len(found) == 1 else None

    def first(self, names: Sequence[str]) -> str | None:
        """The first of these names that the file has."""
        return next((found for name in names if (found := self.find(name)) is not None), None)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a tool counts as a figure, on some platforms; on all where none is named."""

    text: str
    platforms: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.text} ({', '.join(self.platforms)})" if self.platforms else self.text


@dataclass(frozen=True)
class PresetColumn:
    """One of our columns in the export of a tool.

    `parts` are the spellings of each column of the file that it comes from: one, or several that are added up, of which
    the first must be there. `constant` is the one text of all rows instead.
    """

    name: str
    parts: tuple[tuple[str, ...], ...] = ()
    percent: bool = False
    all_but: bool = False
    constant: str | None = None
    split: str | None = None
    definitions: tuple[Definition, ...] = ()

    def found(self, header: Spellings) -> tuple[str, ...] | None:
        """The columns of the file that it comes from, None where the file lacks them."""
        if self.constant is not None:
            return ()
        columns = [header.first(part) for part in self.parts]
        return tuple(name for name in columns if name is not None) if columns[0] is not None else None

    def meaning(self, columns: Sequence[str]) -> tuple[Definition, ...]:
        """What the figure counts, with the columns that were found."""
        if self.definitions or len(self.parts) < 2:
            return self.definitions
        return (Definition(" + ".join(columns)),)


@dataclass(frozen=True)
class Preset:
    """The export of one tool. `columns` are in the order in which they are tried, several for one of ours.

    `marks` are headers which together tell the export from others; `posts`: each row is a post, not a creator.
    """

    name: str
    title: str
    source: str
    date: str
    columns: tuple[PresetColumn, ...]
    marks: tuple[tuple[str, ...], ...] = ()
    posts: bool = False
    note: str = ""

    def matched(self, header: Sequence[str]) -> Mapping[str, tuple[PresetColumn, tuple[str, ...]]]:
        """Of each of our columns that the file has, the first way to read it, and the columns that it comes from."""
        spellings, found = Spellings(header), dict[str, tuple[PresetColumn, tuple[str, ...]]]()
        for column in self.columns:
            if column.name not in found and (columns := column.found(spellings)) is not None:
                found[column.name] = column, columns
        return found

    def missed(self, header: Sequence[str]) -> tuple[str, ...]:
        """Our columns that the export may have and this file does not."""
        return tuple(name for name in self.names if name not in self.matched(header))

    def fits(self, header: Sequence[str]) -> bool:
        """Whether a file has all headers that mark the export."""
        spellings = Spellings(header)
        return bool(self.marks) and all(spellings.first(names) is not None for names in self.marks)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Our columns that the export may have."""
        return tuple(dict.fromkeys(column.name for column in self.columns))
