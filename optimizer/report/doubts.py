"""Doubts in words: by kind, the first of each, with why it matters and how to settle it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from optimizer.domain.doubts import Doubt
from optimizer.report.document import Words, words_of

_SHOWN = 3


def doubts_words(doubts: Iterable[Doubt]) -> tuple[Words, ...]:
    """The doubts, under a heading; nothing where there are none."""
    kinds: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        kinds.setdefault(doubt.code, []).append(doubt)
    lines = [line for code, found in kinds.items() for line in _kind(code, found)]
    return words_of(*lines, title="Doubts", hanging=True)


def _kind(code: str, found: list[Doubt]) -> Iterator[str]:
    for doubt in found[:_SHOWN]:
        head = f"{doubt.place}: " if doubt.place is not None else ""
        yield f"- {head}{doubt.what}"
    if len(found) > _SHOWN:
        yield f"  ... and {len(found) - _SHOWN:,} more: see --json"
    yield f"  why: {found[0].why}"
    yield f"  settle: {found[0].mend}; or accepted: [{{doubt: {code}, {_who(found)}because: ...}}]"


def _who(found: list[Doubt]) -> str:
    only = found[0].creator if len(found) == 1 else None
    return "" if only is None else f'creator: "{only}", '
