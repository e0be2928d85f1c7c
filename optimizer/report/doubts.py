"""Doubts as text: by kind, the first of each, with why it matters and how to settle it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from optimizer.domain.doubts import Doubt

_SHOWN = 3


def doubts_text(doubts: Iterable[Doubt], width: int) -> str:
    """A section `Doubts`; empty where there are none."""
    kinds: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        kinds.setdefault(doubt.code, []).append(doubt)
    lines = [line for code, found in kinds.items() for line in _kind(code, found, width)]
    return "\n".join(["Doubts", *lines]) if lines else ""


def _kind(code: str, found: list[Doubt], width: int) -> Iterator[str]:
    for doubt in found[:_SHOWN]:
        head = f"{doubt.place}: " if doubt.place is not None else ""
        yield from _folded(f"- {head}{doubt.what}", width)
    if len(found) > _SHOWN:
        yield f"  ... and {len(found) - _SHOWN:,} more: see --json"
    yield from _folded(f"  why: {found[0].why}", width)
    mend = f"  settle: {found[0].mend}"
    yield from _folded(f"{mend}; or accepted: [{{doubt: {code}, {_who(found)}because: ...}}]", width)


def _who(found: list[Doubt]) -> str:
    only = found[0].creator if len(found) == 1 else None
    return "" if only is None else f'creator: "{only}", '


def _folded(line: str, width: int) -> list[str]:
    text = line.lstrip()
    begin = line[: len(line) - len(text)]
    return textwrap.wrap(
        text,
        width,
        initial_indent=begin,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
