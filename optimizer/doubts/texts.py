"""Handles and labels as texts, whole columns at a time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.exact import Ints

if TYPE_CHECKING:
    import pyarrow as pa

_JOINTS = r"[\s._\-]+"


def arrow(texts: Sequence[str]) -> pa.Array:
    """A sequence of texts as one array."""
    import pyarrow as pa

    known: Any = getattr(texts, "cells", None)  # of a large pool, which is one array already
    return known if isinstance(known, pa.Array) else pa.array(list(texts), type=pa.string())


def containing(keys: Sequence[str], words: Iterable[str]) -> list[int]:
    """The positions of texts that hold one of the words as a word of its own."""
    import pyarrow.compute as pc

    pattern = f"(?:^|[^a-z0-9_.])(?:{'|'.join(map(re.escape, words))})(?:$|[^a-z0-9_])"
    hits = pc.match_substring_regex(arrow(keys), pattern)
    found: list[int] = np.flatnonzero(hits.to_numpy(zero_copy_only=False)).tolist()
    return found


def repeated(keys: Sequence[str]) -> tuple[Ints, Ints]:
    """Pairs of positions whose keys are the same but for dots, underscores, hyphens and spaces."""
    import pyarrow.compute as pc

    bare = pc.replace_substring_regex(arrow(keys), _JOINTS, "")
    order = pc.sort_indices(bare).to_numpy().astype(np.int64)
    ordered = bare.take(order)
    same = np.append(pc.equal(ordered[1:], ordered[:-1]).to_numpy(zero_copy_only=False), False).astype(np.bool_)
    first = np.flatnonzero(same)
    pairs_first, pairs_second = [order[first]], [order[first + 1]]
    step = 2
    while len(first := first[first + step < len(order)]) and step <= _MOST_ALIKE:  # three spellings are three pairs
        first = first[same[first + step - 1]]
        pairs_first.append(order[first])
        pairs_second.append(order[first + step])
        step += 1
    return np.concatenate(pairs_first), np.concatenate(pairs_second)


_MOST_ALIKE = 8


def bare(text: str) -> str:
    """A label without accents, spaces, joints and the ending of a plural."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    letters = "".join(char for char in plain.replace("&", "and") if char.isalnum() or not char.isascii())
    if len(letters) > 4 and letters.endswith("ies"):
        return f"{letters[:-3]}y"
    return letters[:-1] if len(letters) > 3 and letters.endswith(("s", "x")) and not letters.endswith("ss") else letters
