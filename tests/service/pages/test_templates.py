"""Templates: no text unescaped, no script inside, nothing from elsewhere, and all of it in French."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from optimizer.service.pages import page
from optimizer.service.pages.phrases import phrases, speaker, wanted

PAGES = Path(page.__file__).parent
TEMPLATES = sorted((PAGES / "templates").glob("*.html"))
STATIC = PAGES / "static"
SAFE = {  # what report.html and the drawing of pictures made, all of whose texts are escaped
    "doubts",
    "sections.changes",
    "sections.budget",
    "sections[name]",
    "body",
    "svg",
}
MARKS = ("measured", "expected", "own", "assumed", "benchmark", "exactly", "at least", "at most")


def texts() -> set[str]:
    """All texts that pages say themselves."""
    found = {one for path in TEMPLATES for one in re.findall(r"\b_\('((?:[^'\\]|\\.)*)'", path.read_text())}
    found |= set(re.findall(r'say\(\s*"([^"]*)"', (PAGES / "question.py").read_text()))
    return found | {*MARKS, "{name} signed", "{name} said no"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_only_what_the_report_made_passes_unescaped(path: Path) -> None:
    text = path.read_text()
    assert set(re.findall(r"\{\{\s*([^}|]*?)\s*\|\s*safe\b", text)) <= SAFE
    assert text.count("safe") == len(re.findall(r"\|\s*safe\s*\}\}", text))
    assert "autoescape" not in text
    assert "Markup" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_there_is_no_script_or_handler_inside_and_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
    assert re.findall(r"\son[a-z]+\s*=", text) == []
    assert re.findall(r"hx-on|javascript:|hx-vals=\"js|style=|https?://", text) == []


def test_every_text_has_its_french_with_the_same_holes() -> None:
    french = phrases("fr")
    assert sorted(texts() - french.keys()) == []
    assert sorted(french.keys() - texts()) == []
    for english, said in french.items():
        holes = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in (english, said)]
        assert holes[0] == holes[1], english


def test_french_has_no_plain_space_before_its_signs() -> None:
    assert [said for said in phrases("fr").values() if re.search(r" [;:!?»]|« ", said)] == []


def test_a_text_without_a_phrase_stays_english() -> None:
    assert speaker("fr")("nothing of the kind") == "nothing of the kind"
    assert speaker("en")("{count} saved", count=2) == "2 saved"
    assert phrases("xx") == {}


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "language"),
    [
        (None, None, None, "en"),
        ("fr", "en", "en", "fr"),
        (None, "fr", "en", "fr"),
        ("de", "../fr", "de-CH, fr-CH;q=0.8, en", "fr"),
        (None, None, "en-GB,fr", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_else_kept_else_accepted(
    asked: str | None, kept: str | None, accepted: str | None, language: str
) -> None:
    assert wanted(asked, kept, accepted) == language


def test_all_that_pages_load_is_here_with_its_licence() -> None:
    assert {path.name for path in STATIC.iterdir()} == {*page.STATIC, "htmx.LICENSE"}
    assert 'version:"2.0.11"' in (STATIC / "htmx.min.js").read_text()
    for name in ("pages.css", "pages.js"):
        assert re.findall(r"https?://|url\(|@import|eval\(|innerHTML\s*=", (STATIC / name).read_text()) == []
