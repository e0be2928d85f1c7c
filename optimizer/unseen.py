"""Invisible characters that affect a terminal, the reading direction, or the encoding."""

from __future__ import annotations

import re
from typing import Final

# controls (but tabs and line feeds), direction marks, other ends of lines, invisible joiners and lone surrogates
UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """A text with such characters written as escapes; inside JSON it means the same."""
    return UNSEEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
