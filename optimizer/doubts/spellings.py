"""Repeats under other spellings: creators, values, and values that are parts of cells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import fold
from optimizer.domain.pool import Labels, Numbers, values_of
from optimizer.doubts.asking import Asking, Finding, short
from optimizer.doubts.texts import bare, repeated

_LIKE = 0.01  # figures of the same account, taken at different times
_MOST_VALUES = 3_000
_NOT_ASKED = ("tier", "country")
_PARTS = re.compile(r"\s*[/;,&+\n]\s*")
_LONG = 6  # letters from which one letter may be a slip
_RARE = 0.1


def alike_creators(asking: Asking) -> Iterator[Finding]:
    """Ask of creators whose names are the same but for dots, underscores and capitals, and whose figures agree."""
    if len(asking.pool) < 2 or not asking.numbers:
        return
    one, other = repeated(asking.pool.keys)
    if not len(one):
        return
    agree, compared = np.zeros(len(one), dtype=np.int64), np.zeros(len(one), dtype=np.int64)
    for column in asking.numbers.values():
        both, same = _alike(column, one, other)
        agree += same
        compared += both
    apart = np.zeros(len(one), dtype=np.bool_)
    for name, labels in asking.labels.items():
        if name != "tier":
            apart |= (labels.codes[one] != labels.codes[other]) & labels.known[one] & labels.known[other]
    hits = np.flatnonzero((agree >= np.minimum(2, compared)) & (2 * agree > compared) & (compared > 0) & ~apart)
    if not len(hits):
        return
    rows = asking.pool.rows
    later = np.where(rows[one[hits]] > rows[other[hits]], one[hits], other[hits])
    sooner = one[hits] + other[hits] - later
    first = dict(zip(later.tolist(), sooner.tolist(), strict=True))
    yield Finding(
        "alike-creators",
        np.array(sorted(first), dtype=np.int64),
        lambda row: (
            f"{asking.creator(row)} has the figures of {asking.creator(first[row])} in row"
            f" {int(rows[first[row]])}: the same account, spelled in another way?"
        ),
        lambda _row: "keep one of the two rows, or name the other in exclude",
        "creator",
    )


def _alike(column: Numbers, one: Ints, other: Ints) -> tuple[Flags, Flags]:
    """Where both have a figure, and where these are nearly the same."""
    both: Flags = column.known[one] & column.known[other]
    first, second = column.values[one].astype(np.float64), column.values[other].astype(np.float64)
    same: Flags = both & (np.abs(first - second) <= _LIKE * np.maximum(np.abs(first), np.abs(second)))
    return both, same


def alike_values(asking: Asking) -> Iterator[Finding]:
    """Ask of values that differ in spaces, joints, accents or a plural; or in one letter, where one of them is rare."""
    for name, labels in asking.labels.items():
        if name in _NOT_ASKED or len(labels.vocabulary) > _MOST_VALUES:
            continue
        counts = _counts(labels)
        pairs = dict(_same(counts)) | {}
        pairs |= {rare: common for rare, common in _one_letter(counts) if rare not in pairs}
        for rare, common in pairs.items():
            rows = _having(labels, rare)
            if not len(rows):
                continue
            said, other = counts[rare][1], counts[common][1]
            told = (
                f'{name} has both "{short(said)}" ({counts[rare][0]:,}) and "{short(other)}" ({counts[common][0]:,}):'
                " the same value, spelled in two ways?"
            )
            mend = f'write "{short(other)}" in all of these cells'
            first = rows[np.argmin(asking.pool.rows[rows])]
            yield Finding(
                "alike-values",
                np.array([first]),
                lambda _row, told=told: told,  # type: ignore[misc]
                lambda _row, mend=mend: mend,  # type: ignore[misc]
                name,
                whole=True,
            )


def _counts(labels: Labels) -> dict[str, tuple[int, str]]:
    """How many creators have each single value, by its folded form, and its first spelling."""
    of_entry = np.bincount(labels.codes[labels.codes >= 0], minlength=len(labels.vocabulary))
    found: dict[str, tuple[int, str]] = {}
    for entry, count in zip(labels.vocabulary, of_entry.tolist(), strict=True):
        for value in values_of(entry) if count else ():
            before, said = found.get(fold(value), (0, value))
            found[fold(value)] = (before + count, said)
    return found


def _same(counts: dict[str, tuple[int, str]]) -> Iterator[tuple[str, str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for value in counts:
        groups[bare(value)].append(value)
    for form, values in groups.items():
        if form and len(values) > 1:
            common = max(values, key=lambda value: (counts[value][0], value))
            yield from ((value, common) for value in values if value != common)


def _one_letter(counts: dict[str, tuple[int, str]]) -> Iterator[tuple[str, str]]:
    """Rare values that are a common one but for a letter: found by leaving out each letter in turn."""
    without: dict[str, set[str]] = defaultdict(set)
    for value in counts:
        if len(value) >= _LONG and value.isascii() and value.replace(" ", "").isalpha():
            for at in range(len(value)):
                without[value[:at] + value[at + 1 :]].add(value)
            without[value].add(value)
    for values in without.values():
        if 1 < len(values) <= 20:
            common = max(values, key=lambda value: (counts[value][0], value))
            for value in values - {common}:
                few = counts[value][0] <= max(1, _RARE * counts[common][0])
                if few and counts[common][0] >= 5 and _slip(value, common):
                    yield value, common


def _slip(value: str, other: str) -> bool:
    """Whether two words differ by one letter more, one less, one other, or two that changed places."""
    if abs(len(value) - len(other)) == 1:
        return True
    if len(value) != len(other) or value[0] != other[0]:
        return False
    apart = [at for at in range(len(value)) if value[at] != other[at]]
    if len(apart) == 1:
        return True
    return len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(value) == sorted(other)


def _having(labels: Labels, folded: str) -> Ints:
    codes = [
        code for code, entry in enumerate(labels.vocabulary) if any(fold(value) == folded for value in values_of(entry))
    ]
    return np.flatnonzero(np.isin(labels.codes, codes))


def parts_of_cells(asking: Asking) -> Iterator[Finding]:
    """Ask of values that seem to be several, of which one is a value of other cells."""
    for name, labels in asking.labels.items():
        if name == "tier" or len(labels.vocabulary) > _MOST_VALUES:
            continue
        counts = _counts(labels)
        for value, (count, said) in counts.items():
            parts = [part for part in _PARTS.split(said) if part]
            alone = next((part for part in parts if len(parts) > 1 and fold(part) in counts), None)
            rows = _having(labels, value) if alone is not None else ()
            if alone is None or not len(rows):
                continue
            first = rows[np.argmin(asking.pool.rows[rows])]
            more = f" ({count:,} creators)" if count > 1 else ""
            told = (
                f'{name} is "{short(said)}"{more}, and "{short(alone)}" is a value of other cells:'
                " does this cell hold several values?"
            )
            marks = ", ".join(f'"{mark.strip()}"' for mark in dict.fromkeys(_PARTS.findall(said)) if mark.strip())
            mend = f'write "{short("|".join(parts))}" for several values'
            mend += f", or say under columns what parts them: split: [{marks}]" if marks else ""
            yield Finding(
                "parts-of-cells",
                np.array([first]),
                lambda _row, told=told: told,  # type: ignore[misc]
                lambda _row, mend=mend: mend,  # type: ignore[misc]
                name,
                whole=count > 1,
            )
