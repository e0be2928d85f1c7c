"""What separates the cells of a CSV text."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from optimizer.pool_file.csv_records import QUOTE, SPACE, line_ends
from optimizer.pool_file.limits import fault

SAMPLE: Final = 1 << 20  # the sample that the separator is guessed from
SEPARATORS: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


def opening(text: bytes, file: str) -> tuple[str, int, int]:
    """Find the separator of a text, and where its header starts.

    A first line ``sep=;``, which spreadsheets write and obey, decides. Otherwise it is the one of comma,
    semicolon and tab that the header line has outside quotes; of several, the one with twice the weight of any other.
    The weight is the number in the header times the share of rows with the same number.

    Returns
    -------
    tuple
        Separator, byte at which the rest starts, row number of that rest.
    """
    told = re.match(rb"sep=([^\r\n])(?:\r\n|\r|\n|$)", text, re.IGNORECASE)
    if told is None:
        return _separator(text, file), 0, 1
    separator = told[1].decode("latin-1")
    if separator not in SEPARATORS:
        cause = f'cells separated by "{separator}" cannot be read'
        raise fault("pool-separator", cause, "separate them by a comma, a semicolon or a tab", file, 1)
    return separator, told.end(), 2


def _separator(text: bytes, file: str) -> str:
    sample = np.frombuffer(text, np.uint8, min(len(text), SAMPLE))
    outside = np.bitwise_xor.accumulate((sample == QUOTE).view(np.uint8)) == 0
    breaks = np.flatnonzero(line_ends(sample) & outside) + 1
    starts = np.concatenate([[0], breaks[breaks < sample.size]])
    marks = {separator: (sample == ord(separator)) & outside for separator in SEPARATORS}
    filled = ~(SPACE[sample] | (sample == QUOTE) | np.logical_or.reduce(list(marks.values())))
    lines = np.logical_or.reduceat(filled, starts) if sample.size else np.zeros(0, np.bool_)
    weights = {}
    for separator in SEPARATORS if lines.any() else ():
        counts = np.add.reduceat(marks[separator], starts, dtype=np.int64)[lines]
        if counts[0]:
            rows = counts[1:] if sample.size == len(text) else counts[1:-1]  # the last line of a sample is cut
            weights[separator] = float(counts[0]) * (float((rows == counts[0]).mean()) if rows.size else 1.0)
    best, *others = sorted(weights, key=weights.__getitem__, reverse=True) or [","]
    if others and weights[best] < 2 * weights[others[0]]:
        one, other = SEPARATORS[best], SEPARATORS[others[0]]
        cause = f"the header line has both {one} and {other}; either may separate the cells"
        mend = 'write "sep=;" or "sep=," as first line, or put the column names that hold the other one in quote marks'
        raise fault("pool-separator", cause, mend, file)
    return best
