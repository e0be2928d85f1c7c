"""A workbook without the rows that name a creator. Its parts are edited as text, so that all else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Final

from optimizer.domain.accounts import handle_key

_SHEET: Final = re.compile(r"/worksheets/[^/]+\.xml$")
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^>]*?/>|<(?:\w+:)?row\b.*?</(?:\w+:)?row>", re.DOTALL)
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_VALUE: Final = re.compile(rb"<(?:\w+:)?v\b[^>]*>(.*?)</(?:\w+:)?v>", re.DOTALL)
_SHARED: Final = re.compile(rb"(<(?:\w+:)?si\b[^>]*>)(.*?)(</(?:\w+:)?si>)", re.DOTALL)
_TEXT: Final = re.compile(rb"<(?:\w+:)?t\b[^>]*>(.*?)</(?:\w+:)?t>", re.DOTALL)
_PLACE: Final = re.compile(rb'\br="([A-Z]+\d+)"')
_CALCULATED: Final = re.compile(rb'<c\b[^>]*\br="([A-Z]+\d+)"[^>]*/>')
_IS_SHARED: Final = b't="s"'


class _Rows:
    """The rows of all sheets, one after the other: which shared texts are still used, and which cells are gone."""

    def __init__(self, texts: list[str], key: str) -> None:
        self._texts, self._key = texts, key
        self.used: set[int] = set()
        self.gone: set[bytes] = set()

    def kept(self, found: re.Match[bytes]) -> bytes:
        """A row, or nothing where it names the creator."""
        cells = [(one[1], one[2] or b"") for one in _CELL.finditer(found[0])]
        shared = [int(_value(inner)) for said, inner in cells if _IS_SHARED in said and _value(inner).isdecimal()]
        own = [_text(inner) or unescape(_value(inner)) for said, inner in cells if _IS_SHARED not in said]
        own += [self._texts[at] for at in shared if at < len(self._texts)]
        if any(handle_key(one) == self._key for one in own if one):
            self.gone.update(_PLACE.findall(found[0]))
            return b""
        self.used.update(shared)
        return found[0]


def workbook_without(parts: Mapping[str, bytes], key: str) -> Mapping[str, bytes]:
    """The parts of a workbook without the rows that name a creator; the same parts if there are none."""
    strings = next((name for name in parts if name.endswith("sharedStrings.xml")), None)
    texts = [] if strings is None else [_text(found[2]) for found in _SHARED.finditer(parts[strings])]
    rows = _Rows(texts, key)
    edited = {name: _ROW.sub(rows.kept, part) if _SHEET.search(name) else part for name, part in parts.items()}
    if not rows.gone:
        return parts
    if strings is not None:
        edited[strings] = _emptied(parts[strings], rows.used)
    for name in [one for one in parts if one.endswith("calcChain.xml")]:
        edited[name] = _CALCULATED.sub(lambda one: b"" if one[1] in rows.gone else one[0], parts[name])
    return edited


def _emptied(part: bytes, used: set[int]) -> bytes:
    """The shared texts, of which those that no cell refers to are empty; they keep their numbers."""
    found = list(_SHARED.finditer(part))
    pieces, end = [], 0
    for at, one in enumerate(found):
        pieces += [part[end : one.start()], one[0] if at in used else one[1] + b"<t></t>" + one[3]]
        end = one.end()
    return b"".join([*pieces, part[end:]])


def _value(inner: bytes) -> str:
    found = _VALUE.search(inner)
    return "" if found is None else found[1].decode("utf-8", "replace")


def _text(inner: bytes) -> str:
    return unescape(b"".join(_TEXT.findall(inner)).decode("utf-8", "replace"))
