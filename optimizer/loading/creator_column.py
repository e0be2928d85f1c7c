"""Which column of a file most likely identifies creators, for the message that none is named."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optimizer.domain.filters import fold

_WHOLE = ("handle", "username", "user name", "account", "creator", "influencer", "profile", "name", "user", "id")
_NOT = ("campaign", "brand", "post", "video", "media", "list", "manager", "agency", "category", "group", "company")


def likely_creator_column(header: Sequence[str]) -> str | None:
    """The column whose header is such a word, else one that has it among its words; None if no header has.

    `video_id` and `campaign name` identify something else, and "width" only contains "id".
    """
    words = {name: re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold()) for name in header}
    for synonym in _WHOLE:
        for name in header:
            if fold(name).replace("_", " ") == synonym:
                return name
    for synonym in _WHOLE:
        asked = synonym.split()
        for name in header:
            mine = words[name]
            if set(asked) <= set(mine) and not set(mine) & set(_NOT):
                return name
    return None
