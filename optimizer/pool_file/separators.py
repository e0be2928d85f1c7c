"""What separates the cells of a CSV text."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np

from optimizer.pool_file.csv_records import QUOTE, SPACE, line_ends
from optimizer.pool_file.limits import fault

SAMPLE: Final = 1 << 20  # the sample that the separator is guessed from
_AS_REGULAR: Final = 0.05
SEPARATORS: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


class Opening(NamedTuple):
    """What may separate the cells, the byte at which the table starts, and the number of the row there."""

    separators: tuple[str, ...]
    start: int
    row: int


def opening(text: bytes, file: str) -> Opening:
    """Find what may separate the cells of a text.

    A first line ``sep=;``, which spreadsheets write and obey, decides. Otherwise it is one of comma, semicolon and
    tab that the text has outside quotes.
    """
    told = re.match(rb"sep=([^\r\n])(?:\r\n|\r|\n|$)", text, re.IGNORECASE)
    if told is not None:
        separator = told[1].decode("latin-1")
        if separator not in SEPARATORS:
            cause = f'cells separated by "{separator}" cannot be read'
            raise fault("pool-separator", cause, "separate them by a comma, a semicolon or a tab", file, 1)
        return Opening((separator,), told.end(), 2)
    sample = np.frombuffer(text, np.uint8, min(len(text), SAMPLE))
    outside = np.bitwise_xor.accumulate((sample == QUOTE).view(np.uint8)) == 0
    found = [separator for separator in SEPARATORS if ((sample == ord(separator)) & outside).any()]
    return Opening(tuple(found) or (",",), 0, 1)


def settled(text: bytes, separators: tuple[str, ...], file: str) -> str:
    """Choose one of several separators by how regular they are.

    What counts is the share of lines that have it as often as most lines that have it do. Where two are as regular, it
    is the one that lines have twice as often, or else the one that the header has and the other has not.
    """
    sample = np.frombuffer(text, np.uint8, min(len(text), SAMPLE))
    outside = np.bitwise_xor.accumulate((sample == QUOTE).view(np.uint8)) == 0
    breaks = np.flatnonzero(line_ends(sample) & outside) + 1
    starts = np.concatenate([[0], breaks[breaks < sample.size]])
    marks = {separator: (sample == ord(separator)) & outside for separator in separators}
    filled = ~(SPACE[sample] | (sample == QUOTE) | np.logical_or.reduce(list(marks.values())))
    lines = np.logical_or.reduceat(filled, starts)
    found = {}
    for separator, mark in marks.items():
        counts = np.add.reduceat(mark, starts, dtype=np.int64)[lines]
        if sample.size < len(text):
            counts = counts[:-1]  # the last line of a sample is cut
        if counts.any():
            usual = int(np.bincount(counts[counts > 0]).argmax())
            first = int((counts == usual).argmax())
            found[separator] = (float((counts == usual).mean()), usual, -first)
    best, *others = sorted(found, key=found.__getitem__, reverse=True) or [","]
    for other in others:
        if not _clearer(found[best], found[other]):
            best = other
    doubtful = [other for other in found if other != best and not _clearer(found[best], found[other])]
    if doubtful:
        raise _doubt(best, doubtful[0], file)
    return best


def _clearer(one: tuple[float, int, int], other: tuple[float, int, int]) -> bool:
    """Whether a separator is the clearer one: by share of lines, usual number, and first line with that number."""
    if abs(one[0] - other[0]) > _AS_REGULAR:
        return one[0] > other[0]
    if one[1] >= 2 * other[1] or other[1] >= 2 * one[1]:
        return one[1] > other[1]
    return one[2] > other[2]


def _doubt(one: str, other: str, file: str) -> Exception:
    cause = f"the lines have both {SEPARATORS[one]} and {SEPARATORS[other]}; either may separate the cells"
    mend = 'write "sep=;" or "sep=," as first line, or put the column names that hold the other one in quote marks'
    return fault("pool-separator", cause, mend, file)
