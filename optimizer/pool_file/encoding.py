"""The text of a file in UTF-8, whatever encoding it has; refused where that is in doubt."""

from __future__ import annotations

import codecs
import unicodedata
from typing import Final

import numpy as np

from optimizer.pool_file import csv_records
from optimizer.pool_file.csv_records import CR, LF, QUOTE, line_ends
from optimizer.pool_file.limits import fault

_SAVE_AS_UTF8 = 'open the file in a spreadsheet and save it as "CSV UTF-8"'
_MARKS = "€‚„…‘’“”‹›«»•–—™°´§£¥¢©®ªº¡¿·¼½¾²³±×÷\xa0"  # what people type beside letters


def decode(raw: bytes, file: str) -> tuple[bytes, tuple[str, ...]]:
    """Bring the bytes of a file to UTF-8 without a byte order mark.

    Returns
    -------
    tuple
        The text, and a note if the file was in another encoding.

    Raises
    ------
    ScenarioError
        If the encoding cannot be determined, or the text holds a zero byte.
    """
    notes: tuple[str, ...] = ()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw, notes = _from_utf16(raw, file), ("is UTF-16; read as such",)
    text = raw.removeprefix(codecs.BOM_UTF8)
    if (zero := text.find(0)) >= 0:
        if text[:4096].count(0) * 4 > len(text[:4096]):
            raise fault("pool-encoding", "the text seems to be UTF-16 without a mark that says so", _SAVE_AS_UTF8, file)
        cause = f"byte {zero + 1:,} is zero; the file is damaged or is not a text file"
        raise fault("pool-nul", cause, _SAVE_AS_UTF8, file, row_at(text, zero))
    wrong = _first_not_utf8(text)
    if wrong is None:
        return text, notes
    return _from_windows_1252(text, wrong, file), ("is not UTF-8; read as Windows-1252",)


def _from_utf16(raw: bytes, file: str) -> bytes:
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        if raw.startswith(codecs.BOM_UTF32_LE):
            raise UnicodeError
        ends = range(csv_records.BLOCK, len(raw) + csv_records.BLOCK, csv_records.BLOCK)
        return b"".join(decoder.decode(raw[end - csv_records.BLOCK : end], end >= len(raw)).encode() for end in ends)
    except UnicodeError:
        raise fault("pool-encoding", "the text is marked as UTF-16 but is not", _SAVE_AS_UTF8, file) from None


def _first_not_utf8(text: bytes) -> int | None:
    if text.isascii():
        return None
    at = 0
    while at < len(text):
        try:
            at += codecs.utf_8_decode(text[at : at + csv_records.BLOCK], "strict", at + csv_records.BLOCK >= len(text))[
                1
            ]
        except UnicodeDecodeError as error:
            return at + error.start
    return None


def _from_windows_1252(text: bytes, wrong: int, file: str) -> bytes:
    place = row_at(text, wrong)
    if text.translate(None, _PLAUSIBLE_1252):
        cause = f"byte {wrong + 1:,} is neither UTF-8 nor Windows-1252"
        raise fault("pool-encoding", cause, _SAVE_AS_UTF8, file, place)
    if _looks_like_utf8(text):
        cause = f"the text is UTF-8 except for byte {wrong + 1:,} and perhaps others; the file is damaged"
        raise fault("pool-encoding", cause, _SAVE_AS_UTF8, file, place)
    return b"".join(
        text[at : at + csv_records.BLOCK].decode("cp1252").encode() for at in range(0, len(text), csv_records.BLOCK)
    )


def _looks_like_utf8(text: bytes) -> bool:
    """Recognize damaged UTF-8: half or more of the high bytes continue a character; in Windows-1252 few do."""
    high = following = 0
    for at in range(0, len(text), csv_records.BLOCK):
        part = np.frombuffer(text, np.uint8, min(csv_records.BLOCK, len(text) - at), at)
        high += int(np.count_nonzero(part >= 0x80))
        following += int(np.count_nonzero((part[1:] >= 0x80) & (part[1:] < 0xC0) & (part[:-1] >= 0x80)))
    return following * 4 >= high


def _plausible_1252() -> bytes:
    high = bytes(range(0x80, 0x100)).decode("cp1252", "ignore")
    usual = [sign for sign in high if sign in _MARKS or unicodedata.category(sign).startswith("L")]
    return bytes(range(0x80)) + "".join(usual).encode("cp1252")


_PLAUSIBLE_1252: Final = _plausible_1252()


def row_at(text: bytes, offset: int) -> int:
    """The row number of a byte of a text; the first row is 1."""
    row, odd = 1, np.uint8(0)
    for at in range(0, offset, csv_records.BLOCK):
        part = np.frombuffer(text, np.uint8, min(csv_records.BLOCK, offset - at), at)
        inside = np.bitwise_xor.accumulate((part == QUOTE).view(np.uint8)) ^ odd
        breaks = line_ends(part) & (inside == 0)
        breaks[0] &= not (at and text[at - 1] == CR and part[0] == LF)
        row, odd = row + int(np.count_nonzero(breaks)), inside[-1]
    return row
