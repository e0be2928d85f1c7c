"""Notes at the end of a table, such as its source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from optimizer.pool_file.cleaning import SPACES

_NOTE: Final = re.compile(
    r"(?:sources?|notes?|n\.?b\.?|remarks?|remarques?|quelle|hinweis|fuente|nota|fonte|bron)\b|[*†‡(\[©™¹²³]",
    re.IGNORECASE,
)


def is_note(text: str) -> bool:
    """Whether a text is plainly a note below a table, and no name: by how it begins, a colon, or five words."""
    text = text.strip(SPACES + '"')
    return not text.startswith("@") and (
        _NOTE.match(text) is not None or re.search(r":\s", text) is not None or len(text.split()) >= 5
    )


def footnotes(rows: Sequence[int]) -> list[str]:
    """What to say of notes at the end of a file."""
    if not rows:
        return []
    return [f"ends with a note in row {rows[0]:,}, passed over"]
