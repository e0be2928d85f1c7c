"""The pages' own texts in other languages. English is the key; what has no phrase stays English.

A file of phrases has lines as `english = french`; a text with `{name}` keeps these holes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from optimizer.report.phrases import as_printed
from optimizer.results.shown import Language

LANGUAGES: Final[Mapping[Language, str]] = MappingProxyType({"en": "English", "fr": "Français"})
_HOME: Final = "optimizer.service.pages"
Say = Callable[..., str]


@cache
def phrases(language: str) -> Mapping[str, str]:
    """All phrases of a language."""
    file = resources.files(_HOME) / f"phrases.{language}"
    if not file.is_file():
        return MappingProxyType({})
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition(" = ") for line in lines if line and not line.startswith("#"))
    return MappingProxyType({english: as_printed(said) for english, _, said in pairs})


def speaker(language: str) -> Say:
    """What says a text in a language; holes are filled with what is given by name."""
    known = phrases(language)

    def say(text: str, /, **holes: object) -> str:
        found = known.get(text, text)
        return found.format(**holes) if holes else found

    return say


def wanted(asked: str | None, kept: str | None, accepted: str | None) -> Language:
    """The language that was asked for, else the one that was kept, else the first accepted one that there is."""
    tags = [part.partition(";")[0].strip().lower().partition("-")[0] for part in (accepted or "").split(",")]
    return next((known for one in (asked, kept, *tags) for known in LANGUAGES if one == known), "en")
