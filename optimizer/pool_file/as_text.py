"""Plain values of any kind as text, and which of them are numbers; whole columns at a time."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from optimizer.pool_file.limits import MAX_TEXT

_EXACT: Final = 2.0**63  # whole numbers below it are written in full


class Texts(NamedTuple):
    """The cells of one column, and where they are numbers rather than text; None: nowhere."""

    cells: pa.StringArray
    numeric: NDArray[np.bool_] | None = None


class TooLarge(Exception):  # noqa: N818  the table is at fault
    """A column has more text than can be held, as a dictionary may unfold a millionfold."""


def joined(parts: Sequence[Texts]) -> Texts:
    """Parts of one column as a whole."""
    cells = pa.concat_arrays([part.cells for part in parts] or [pa.array([], pa.string())])
    if all(part.numeric is None for part in parts):
        return Texts(cells)
    return Texts(cells, np.concatenate([flags_of(part) for part in parts]))


def flags_of(part: Texts) -> NDArray[np.bool_]:
    """Where the cells are numbers."""
    return np.zeros(len(part.cells), np.bool_) if part.numeric is None else part.numeric


def as_text(cells: pa.Array) -> Texts | None:
    """Give plain values as text, one for each; None for lists, records, raw bytes and spans of time."""
    kind = cells.type
    if isinstance(cells, pa.ExtensionArray):
        return as_text(cells.storage)
    if pa.types.is_dictionary(kind):
        return _unfolded(cells)
    if pa.types.is_run_end_encoded(kind):
        return as_text(pc.run_end_decode(cells))
    if pa.types.is_floating(kind):
        return _of_floats(cells)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return Texts(cells.cast(pa.string()), np.asarray(cells.is_valid()))
    if pa.types.is_timestamp(kind):
        return Texts(pc.replace_substring(cells.cast(pa.string()), " ", "T", max_replacements=1))
    if pa.types.is_date(kind) or pa.types.is_time(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return Texts(cells.cast(pa.string()))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        if pa.types.is_large_string(kind) and cells.nbytes > MAX_TEXT:
            raise TooLarge
        return Texts(cells.cast(pa.string()))
    return None


def _unfolded(cells: pa.DictionaryArray) -> Texts | None:
    words = as_text(cells.dictionary)
    if words is None:
        return None
    sizes = pc.take(pc.binary_length(words.cells), cells.indices)
    if (pc.sum(sizes.cast(pa.int64())).as_py() or 0) > MAX_TEXT:
        raise TooLarge
    numeric = None
    if words.numeric is not None:
        numeric = np.asarray(pc.take(pa.array(words.numeric), cells.indices).fill_null(False))
    return Texts(words.cells.take(cells.indices), numeric)


def _of_floats(cells: pa.Array) -> Texts:
    """Shortest digits that give the number again; whole ones without a point; nothing where it is not a number."""
    if pa.types.is_float16(cells.type):
        cells = cells.cast(pa.float32())
    values = np.asarray(cells.cast(pa.float64()).fill_null(np.nan))
    whole = (np.abs(values) < _EXACT) & (np.floor(values) == values)
    in_full = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.string())
    digits = pc.replace_substring(cells.cast(pa.string()), "e+", "e")
    texts = pc.if_else(pa.array(whole), in_full, digits)
    nothing = pa.scalar(None, pa.string())
    return Texts(pc.if_else(pa.array(np.isnan(values)), nothing, texts), np.isfinite(values))


def of_mixed(values: Iterable[object]) -> Texts | None:
    """Give values of Python of several kinds as text, one by one; None if one of them is no plain value."""
    texts: list[str | None] = []
    numeric: list[bool] = []
    for value in values:
        plain = _of_python(value)
        if not _is_blank(plain) and not isinstance(plain, _PLAIN):
            return None
        texts.append(None if _is_blank(plain) else _text(plain))
        numeric.append(isinstance(plain, int | float | Decimal) and not isinstance(plain, bool) and _is_finite(plain))
    found = np.array(numeric, np.bool_)
    return Texts(pa.array(texts, pa.string()), found if found.any() else None)


_PLAIN: Final = (str, bool, int, float, Decimal, datetime.date, datetime.time)


def _of_python(value: object) -> object:
    """A value of NumPy as one of Python."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    return value.item() if isinstance(value, np.generic) else value


def _is_blank(value: object) -> bool:
    """None, NaN in any form, and what pandas writes for a missing value."""
    if isinstance(value, float | Decimal):
        return value != value  # noqa: PLR0124  only NaN differs from itself
    return value is None or type(value).__name__ in {"NAType", "NaTType"}


def _is_finite(value: int | float | Decimal) -> bool:
    return isinstance(value, int) or (value.is_finite() if isinstance(value, Decimal) else bool(np.isfinite(value)))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def number_text(value: float) -> str:
    """The shortest digits that give a float again; a whole one without a point."""
    if abs(value) < _EXACT and value.is_integer():
        return str(int(value))
    return re.sub("e([+-])0*", lambda sign: "e-" if sign[1] == "-" else "e", repr(value))
