"""Phrases: patterns with holes, of which a planner's own words pass untouched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.report.holes import KINDS
from optimizer.report.phrases import LANGUAGES, NARROW, NO_BREAK, Book, Translating, book, number

BOOK = """
# a comment
[thing]
spend => dépense
clicks => clics

[bound]
{thing} at most {value} => {thing} au plus {value}
{thing} at most {value} of {own} => {thing} au plus {value} de {own}

[text]
{own}: {bound} => {own} : {bound}
{bound} => {bound}
none => aucun
{number} creator<s> <is|are> kept => {number} créateur<s> <est|sont> gardé<s>
{bound;} => {bound;}
{own} is in => {own} en est
write {{{own}: 1}} => écrire {{{own}: 1}}
leave out {{a: {{{own}: 1}}}} => ôter {{a: {{{own}: 1}}}}
add {code} or {code2} => ajouter {code} ou {code2}
a long text =>
    un long texte
left out{why?} => écarté{why?}

[why]
 by a rule =>  par une règle
"""


def said(text: str, *names: str) -> str | None:
    found = Book()
    found.add(BOOK)
    return Translating(found, frozenset(names)).text(text)


def test_a_whole_text_is_its_phrase() -> None:
    assert said("none") == "aucun"
    assert said("a long text") == "un long texte"


def test_a_text_without_a_phrase_is_none() -> None:
    assert said("none of it") is None


def test_holes_hold_phrases_and_numbers() -> None:
    assert said("spend at most 1,234.50 EUR") == f"dépense au plus 1{NARROW}234,50{NO_BREAK}EUR"
    assert said("clicks at most 40 % of plan") == f"clics au plus 40{NARROW}% de plan"


def test_a_capital_begins_a_sentence_in_both_languages() -> None:
    assert said("None") == "Aucun"


def test_words_follow_the_number() -> None:
    assert said("1 creator is kept") == "1 créateur est gardé"
    assert said("1,200 creators are kept") == f"1{NARROW}200 créateurs sont gardés"
    assert said("0 creators are kept") == "0 créateur est gardé"


def test_lists_are_translated_item_by_item() -> None:
    assert said("spend at most 1; clicks at most 2") == f"dépense au plus 1{NARROW}; clics au plus 2"


def test_a_hole_may_be_empty_where_it_says_so() -> None:
    assert said("left out") == "écarté"
    assert said("left out by a rule") == "écarté par une règle"
    assert said("left out by chance") is None


def test_braces_are_written_twice() -> None:
    assert said("write {a: 1}") == "écrire {a: 1}"
    assert said("leave out {a: {x: 1}}") == "ôter {a: {x: 1}}"


@pytest.mark.parametrize("code", ["400%", "{niche: food}", "[{a: 1}, {b: [2, 3]}]", 'key: "a b"', "cpm: 6", "`where`"])
def test_what_stands_in_a_file_passes_untouched(code: str) -> None:
    assert said(f"add {code} or -5") == f"ajouter {code} ou -5"


@pytest.mark.parametrize("text", ["two words", "a, b", "key: two words", "{a} {b}", "the end."])
def test_a_sentence_does_not_stand_in_a_file(text: str) -> None:
    assert said(f"add {text} or -5") is None


def test_the_reading_that_takes_least_for_own_words_counts() -> None:
    assert said("spend at most 3: clicks at most 2") == f"spend at most 3{NO_BREAK}: clics au plus 2"
    assert said("x: y: spend at most 2") == f"x: y{NO_BREAK}: dépense au plus 2"


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1))
def test_own_words_pass_untouched(name: str) -> None:
    assert said(f"{name}: spend at most 2", name) == f"{name}{NO_BREAK}: dépense au plus 2"
    assert said(f"{name} is in", name) == f"{name} en est"


@pytest.mark.parametrize(
    "name", ["spend", "none", "budget: none", "spend at most 5", "a: spend at most 3", "1 creator is kept", "x is in"]
)
def test_names_that_are_phrases_pass_untouched(name: str) -> None:
    assert said(f"{name}: spend at most 2", name) == f"{name}{NO_BREAK}: dépense au plus 2"
    assert said(f"{name} is in", name) == f"{name} en est"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("0.95", "0,95"),
        ("-6,970.00", f"-6{NARROW}970,00"),
        ("+12.5 %", f"+12,5{NARROW}%"),
        ("1.00%", f"1,00{NARROW}%"),
        ("1,128,103", f"1{NARROW}128{NARROW}103"),
    ],
)
def test_numbers_in_french(english: str, french: str) -> None:
    assert number(english) == french


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("no arrow", "not a phrase"),
        ("{own} is => {other} est", "holes of both sides differ"),
        ("{own} is => {own} <est|sont>", "no number decides"),
    ],
)
def test_a_faulty_phrase_is_refused(line: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Book().add(line)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_family_that_a_hole_names_exists(language: str) -> None:
    found = book(language, "optimizer.report")
    known = {"own", "name", *KINDS}
    asked = {hole.kind for phrases in found.patterns.values() for phrase in phrases for hole in phrase.holes}
    assert asked - known <= found.patterns.keys() | found.whole.keys()


def test_further_packages_bring_phrases_of_their_own(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "a_page" / "fr"
    folder.mkdir(parents=True)
    (tmp_path / "a_page" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "page.phrases").write_text("Plan it => Planifier\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    from optimizer.report.language import said as told

    assert told("Plan it", "fr", "a_page") == "Planifier"
    assert told("Warnings", "fr", "a_page") == "Avertissements"
    assert told("Plan it", "en", "a_page") == "Plan it"


def test_long_texts_of_a_planner_take_bounded_work() -> None:
    from optimizer.report.language import Speaker

    entries = ", ".join(f'{{"creator": "@n{at}", "price": 12.5}}' for at in range(2_000))
    assert Speaker("fr").said(f"changed: include = [{entries}]") == f"changé{NO_BREAK}: include = [{entries}]"
    names = "; ".join(f"@n{at} and @n{at + 1}: {at}.5 more, or none of spend" for at in range(300))
    assert names in Speaker("fr").said(f"x: {names}")
    assert Speaker("fr").said("[" * 5_000) == "[" * 5_000
