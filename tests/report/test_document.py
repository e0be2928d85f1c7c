"""A document has raw values, which each renderer writes in its own way."""

from __future__ import annotations

import pytest

from optimizer.report.document import (
    Cell,
    Column,
    Document,
    Figures,
    Kind,
    Picture,
    Section,
    Table,
    Valued,
    Words,
    section,
    shown,
    words_of,
)
from optimizer.report.html import fragment
from optimizer.report.text import text_of
from tests.report.pages import Page


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (1234.5, "money", "1,234.50"),
        (0.12345, "money_each", "0.1235"),
        (1234.5, "count", "1,234"),
        (12.345, "count", "12.35"),
        (7.0, "count", "7"),
        (0.335, "share", "33.5 %"),
        (0.39, "chance", "39 %"),
        (0.9996, "chance", "sure"),
        (0.0004, "chance", "none"),
        (None, "count", ""),
        ("4 per point", "words", "4 per point"),
        (Valued(0.2068, "money", "EUR", 4), "count", "0.2068 EUR"),
        (Valued(1234.56, "count", decimals=2), "count", "1,234.56"),
        (Valued(None, "money", "EUR"), "count", ""),
    ],
)
def test_a_cell_is_written_as_its_kind_and_unit_say(cell: Cell, kind: Kind, text: str) -> None:
    assert shown(cell, kind, 2) == text


def test_money_has_the_decimals_of_its_currency() -> None:
    assert (shown(1234.0, "money", 0), shown(1234.0, "money", 3)) == ("1,234", "1,234.000")


def test_what_is_empty_is_no_section() -> None:
    assert words_of("", "") == ()
    assert section("Nothing", None, *words_of("")) == ()


EVERY_PART = Document(
    "All parts",
    (
        Section("One", (Words(("first", "- an item that is long enough to be folded", "  its rest"), "Said", True),)),
        Section("Two", (Figures("Totals", (("spend", Valued(5.0, "money", "EUR")), ("creators", 3.0))),)),
        Section(
            "Three",
            (
                Table("Rows", (Column("name"), Column("n", "count")), (("a", 1.0), ("b", None)), "a caption"),
                Table("None", (Column("name"), Column("n", "count")), (), empty="no rows"),
                Picture("Drawn", "what it shows", {}),
            ),
        ),
    ),
)


def test_text_shows_every_part_and_folds_what_hangs() -> None:
    lines = text_of(EVERY_PART, 36).splitlines()
    assert lines[:5] == ["Said", "first", "- an item that is long enough to be", "    folded", "  its rest"]
    assert " spend   5.00 EUR   creators   3" in "\n".join(lines)
    assert {" a      1", " b", "a caption", " no rows", "what it shows"} <= set(lines)


def test_html_shows_every_part_but_pictures_in_a_notebook() -> None:
    html = fragment(EVERY_PART)
    page = Page(html)
    assert page.headings == [3, 4, 5, 4, 5, 4]
    assert '<ul>\n<li dir="auto">an item that is long enough to be folded<br>its rest</li>\n</ul>' in html
    assert "<div><dt>spend</dt><dd>5.00 EUR</dd></div>" in html
    assert '<tr><td colspan="2">no rows</td></tr>' in html
    assert "Drawn" not in html


def test_spare_columns_go_first_where_a_page_is_narrow() -> None:
    columns = (Column("creator"), Column("offer"), Column("niche"), Column("spend", "money"))
    table = Table("Booked", columns, (("@a" * 10, "o" * 10, "n" * 20, 5.0),), spare=("niche",))
    document = Document("x", (Section("", (table,)),))
    assert "niche" in text_of(document, 100)
    assert "niche" not in text_of(document, 60)
    assert "niche" in fragment(document)
