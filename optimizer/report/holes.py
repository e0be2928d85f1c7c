"""What the holes of phrases stand for that is the same everywhere: numbers, places, and what stands in a file."""

from __future__ import annotations

import re

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?"


def _brackets(depth: int) -> str:
    """A pattern of text in brackets, which may hold others, so many deep."""
    inner = r"[^\[\]{}]*"
    for _ in range(depth):
        inner = rf"[^\[\]{{}}]*(?:[\[{{]{inner}[\]}}][^\[\]{{}}]*)*"
    return rf"[\[{{]{inner}[\]}}]"


_WHOLE = rf'{_brackets(4)}|"[^"]*"|`[^`]*`'  # text whose ends are marked
KINDS = {
    "number": re.compile(_NUMBER),
    "percent": re.compile(rf"{_NUMBER} ?%"),
    "money": re.compile(rf"{_NUMBER} [A-Z]{{3}}"),
    "value": re.compile(rf"{_NUMBER}(?: ?%| [A-Z]{{3}})?"),
    "place": re.compile(r".+?(?::\d+){1,2}|.+\.\w{2,7}"),
    "currency": re.compile(r"[A-Z]{3}"),
    "code": re.compile(rf'{_WHOLE}|[^\s:,;"]+: (?:{_WHOLE}|[^\s,;]+)|[^\s,;]*[^\s,;.:]'),
}
AS_THEY_ARE = ("place", "code")  # in every language
