"""Which columns of a header a name means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_BETWEEN: Final = re.compile(r"\s+")


def meant(name: str, header: Sequence[str]) -> list[str]:
    """The names in a header that a name means: the one of its spelling, else all that are alike.

    Alike are names in other capitals, with other white space, and nested names with a point in place of a slash, as
    older exports of scrapers have them: authorMeta.fans and authorMeta/fans.

    Examples
    --------
    >>> meant("followers", ["Followers", "followers"])
    ['followers']
    >>> meant("FOLLOWERS", ["Followers", "followers"])
    ['Followers', 'followers']
    >>> meant("authorMeta.fans", ["id", "authorMeta/fans"])
    ['authorMeta/fans']
    """
    if name in header:
        return [name]
    for key in (_folded, _nested):
        asked = key(name)
        found = [other for other in dict.fromkeys(header) if other and key(other) == asked]
        if found:
            return found
    return []


def _folded(name: str) -> str:
    return _BETWEEN.sub(" ", unicodedata.normalize("NFC", name).strip()).casefold()


def _nested(name: str) -> str:
    return _folded(name).replace(".", "/")
