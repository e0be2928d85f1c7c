"""What separates the cells of a CSV text."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np

from optimizer.pool_file.csv_records import QUOTE, SPACE, line_ends
from optimizer.pool_file.limits import fault

SAMPLE: Final = 1 << 20  # the sample that the separator is guessed from
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

    The weight of a separator is the number that most lines have of it, times the share of these lines among all from
    the first of them on. One that has twice the weight of any other is chosen, or one that has no less and whose first
    such line, the header, stands above those of the others.
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
            found[separator] = (usual * float((counts[first:] == usual).mean()), -first)
    best, *others = sorted(found, key=found.__getitem__, reverse=True) or [","]
    if others:
        (weight, first), (second, other) = found[best], found[others[0]]
        if weight < 2 * second and first <= other:
            raise _doubt(best, others[0], file)
    return best


def _doubt(one: str, other: str, file: str) -> Exception:
    cause = f"the lines have both {SEPARATORS[one]} and {SEPARATORS[other]}; either may separate the cells"
    mend = 'write "sep=;" or "sep=," as first line, or put the column names that hold the other one in quote marks'
    return fault("pool-separator", cause, mend, file)
