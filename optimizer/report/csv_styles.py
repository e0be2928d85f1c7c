"""The styles of CSV: what the spreadsheets of a country open as columns of numbers, and raw cells for programs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """What separates cells, the decimal mark, and whether texts are guarded from being run or read as numbers.

    A guarded file begins with a mark by which a spreadsheet recognizes UTF-8.
    """

    separator: str = ","
    decimal: str = "."
    guarded: bool = True


_COMMA = Style(";", ",")
STYLES: dict[str, Style] = {
    "us": Style(),
    "uk": Style(),
    "fr": _COMMA,
    "de": _COMMA,
    "es": _COMMA,
    "it": _COMMA,
    "nl": _COMMA,
    "pl": _COMMA,
    "pt": _COMMA,
    "ch": Style(";", "."),
    "raw": Style(guarded=False),
}
DEFAULT, RAW = "us", "raw"
