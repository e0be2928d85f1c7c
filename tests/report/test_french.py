"""Reports in French: no English is left, numbers are French, and a planner's own names stay as they are."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import NoPlan, Plan, alternatives, compare, explain, fit_audience, load_scenario, sweep, try_optimize
from optimizer.report.document import Table
from optimizer.report.language import Speaker, missing, names_of
from optimizer.report.phrases import NARROW, NO_BREAK, book
from optimizer.report.printed import printed
from optimizer.report.workbook import workbook
from tests.docs.pages import ROOT
from tests.report.pages import Page
from tests.report.test_outputs import planned
from tests.support.languages import english_left, page_of, sheets_of, text_of, texts_of, untold
from tests.support.replanning import story
from tests.support.scenarios import scenario

STORED = sorted((ROOT / "tests" / "stored" / "format1").glob("*/plans/*.json"))
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
QUICK: dict[str, Any] = {"gap": 0.5, "time_limit_s": None, "rounds": 30}


def stored(path: Path) -> Plan | NoPlan:
    said = path.read_text(encoding="utf-8")
    kind = NoPlan if json.loads(said)["outcome"] in ("infeasible", "no_plan") else Plan
    return kind.from_json(said)


def first_test(**changes: str) -> Any:
    return load_scenario(ROOT / "scenarios" / "first_test.yaml", changes=changes)


def small(number: int) -> Any:
    said, frame = scenario(f"french {number}", sizes=(3, 7), words=("logic", "each", "terms"))
    return load_scenario(said, creators=frame)


@cache
def compared() -> Any:
    cases = {"base": first_test(), "other": first_test(budget="700"), "none": first_test(budget="10")}
    return compare(cases, why=True, **QUICK)


@cache
def answers() -> list[Any]:
    """Answers of every kind, also those without a plan."""
    found = [compared(), alternatives(first_test(), within=0.2, count=2, **QUICK)]
    found.append(sweep(first_test(), {"budget": ["10", "400", "800"]}, gap=0.5, rounds=60))
    found.append(sweep(small(1), frontier="gross_reach", points=3, gap=0.5, rounds=60))
    found += [explain(small(number), gap=0.5, rounds=60) for number in (1, 2, 3)]
    found += [alternatives(small(number), within=0.3, count=2, **QUICK) for number in (1, 5)]
    found += [one.after for number in range(9) if (one := story(number)) is not None]
    found.append(learned())
    return found


def learned() -> Any:
    trio = {
        "creator": ["@ann", "@bob", "@cyd"],
        "followers": [2000, 3000, 2500],
        "fee": [1, 2, 3],
        "engagement_rate": [0.1] * 3,
    }
    said = {"format": 1, "currency": "EUR", "budget": 9, "objective": {"maximize": "engagements"}}
    people = {"creator": ["@ann", "@bob", "@bob", "@zoe"], "person": ["1", "1", "2", "3"]}
    return fit_audience(load_scenario(said, creators=trio), sample=people)


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_english_is_left_in_a_stored_plan(path: Path) -> None:
    result = stored(path)
    assert untold(result) == []
    assert english_left(result) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_english_is_left_in_the_plan_of_a_shipped_scenario(path: Path) -> None:
    key = "budget" if "\nbudget:" in path.read_text(encoding="utf-8") else "wallets.spend"
    for changes in ({}, {key: "1"}):
        result = try_optimize(load_scenario(path, changes=changes), **QUICK)
        assert untold(result) == []
        assert english_left(result) == []


def test_no_english_is_left_in_answers_of_every_kind() -> None:
    for result in answers():
        assert untold(result) == [], type(result)
        assert english_left(result) == [], type(result)


def test_a_text_without_a_phrase_is_left_in_english_and_reported() -> None:
    with missing() as found:
        assert Speaker("fr").said("Warnings") == "Avertissements"
        assert Speaker("fr").said("such a text there is not") == "such a text there is not"
    assert found == ["such a text there is not"]


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="language is one of en, fr, not de"):
        planned().to_html(language="de")  # type: ignore[arg-type]


# --- what is written where ---

_MADE: dict[str, frozenset[str]] = {
    "report": frozenset(
        "alternatives audience beside blocks booked clash comparison comparison_page curves document doubts explanation"
        " forecast goals moves pictures plan_page plan_parts replanned sheets sweep sweep_page text views"
        " what_differs".split()
    ),
    "results": frozenset({"words", "sweep_json"}),
    "doubts": frozenset("asking cells columns defaults forecasts plans posts rates spellings totals".split()),
    "planning": frozenset("told unspent outcome kinds forecast".split()),
    "analysis": frozenset("alternatives attribution changes_told compare creator_worth explain".split()),
    "estimation": frozenset({"nobody"}),
}
"""Where texts of documents are made: package -> modules."""

_NOT_SAID = (
    r"^ \(\?=|viewBox|<svg|system-ui|budget spend|\(\?<!|^total totals|^grand grande",  # code, and words to look for
    r"^within must be|^count must be|say which share|two cases have|can be told of two| may be any of |: name one of",
    r"a budget is an amount|there is no plan to state|the line is from no pack|both scenarios have a plan",  # ours
    r"widen `to`|which matches none of|and so on for| more offers$| is for $",  # a fault of a scenario
    r"^no one two three",  # said word by word
    r"\{doubt: |because: |per: creator|\{weight_|\{where: \{|, unit: percent|(?:columns|variants): \{$",  # said in YAML
)


def _strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every literal text of some code, docstrings left out."""
    passed = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node


def _warned(tree: ast.AST) -> Iterator[ast.AST]:
    """What some code adds to warnings and notes."""
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in ("append", "extend"):
            yield from [node] if ast.unparse(called.value).endswith(("warnings", "notes")) else []


def _literals() -> Iterator[tuple[str, str]]:
    """The literals of modules that make texts, and of the warnings that others make, each with its place."""
    for package, modules in _MADE.items():
        for module in sorted(modules):
            tree = ast.parse((ROOT / "optimizer" / package / f"{module}.py").read_text(encoding="utf-8"))
            yield from ((f"{package}/{module}.py:{one.lineno}", one.value) for one in _strings(tree))
    for package in ("loading", "pool_file"):
        for path in sorted((ROOT / "optimizer" / package).glob("*.py")):
            for part in _warned(ast.parse(path.read_text(encoding="utf-8"))):
                yield from ((f"{package}/{path.name}:{one.lineno}", one.value) for one in _strings(part))


def test_every_text_that_describers_write_is_in_a_phrase() -> None:
    found = book("fr", "optimizer.report")
    whole = [text for family in found.whole.values() for text in family]
    parts = [
        part for family in found.patterns.values() for one in family for part in one.english if isinstance(part, str)
    ]
    known = "\n".join(whole + parts)
    edges = " ,;:.()\"'\n-*%"
    lacking = [
        f"{place}: {text!r}"
        for place, text in _literals()
        if " " in text.strip(edges)
        and re.search("[A-Za-z]{3}", text)
        and not all(piece.strip(edges) in known for piece in re.split(r"\{[^{}]*\}|^audience: ", text.strip(edges)))
        and not any(re.search(pattern, text) for pattern in _NOT_SAID)
    ]
    assert lacking == []


# --- numbers and forms ---


def test_numbers_and_money_are_written_as_in_french() -> None:
    text = text_of(planned(budget=12345.6))
    assert re.search(f"budget +dépense au plus 12{NARROW}345,60{NO_BREAK}EUR", text)
    assert f"10{NARROW}%" in text
    assert not re.search(r"\d\.\d", text)


def test_a_page_says_its_language() -> None:
    page = Page(planned().to_html(language="fr"))
    assert page.of("html")[0]["lang"] == "fr"
    assert "Règles" in page.texts
    assert page.of("nav")[0]["aria-label"] == "Sommaire"
    assert planned().to_html(language="en") == planned().to_html()


def test_axes_of_pictures_are_french() -> None:
    pytest.importorskip("vl_convert")
    html = stored(ROOT / "tests/stored/format1/0.1.0/plans/packs.json").to_html(language="fr")
    assert "pourcentage de la borne" in html
    assert "dépense (EUR)" in html


def test_a_workbook_has_french_headings_and_real_numbers() -> None:
    result = planned()
    book_ = openpyxl.load_workbook(io.BytesIO(workbook(sheets_of(result), 2)))
    assert book_.sheetnames[:2] == ["Plan", "Règles"]
    rules = book_["Règles"]
    assert [cell.value for cell in rules[1]][:3] == ["règle", "borne", "valeur"]
    assert isinstance(rules["C2"].value, (int, float))


def test_columns_of_the_planners_file_stay() -> None:
    from optimizer.report.sheets import plan_sheets

    plan = planned()
    assert isinstance(plan, Plan)
    tables = Speaker("fr", names_of(plan)).tables(
        plan_sheets(plan, {"why": {"@ann": "kept"}, "room": {"@ann": "none"}})
    )
    booked = next(one for one in tables if one.title == "Réservés")
    columns = [column.name for column in booked.columns]
    assert columns[-2:] == ["why (file)", "room"]
    assert ("kept", "none") in [row[-2:] for row in booked.rows]


def test_a_text_is_printed_in_french() -> None:
    assert "Totaux" in printed(planned(), 100, "fr")
    assert "Totals" in printed(planned(), 100)


def test_what_must_stay_together_is_not_folded() -> None:
    for line in text_of(planned(budget=12345.6), width=60).splitlines():
        assert not re.search(r"(?:^|\s)(?:EUR|%)(?:\s|$)", line.replace(NO_BREAK, "_").replace(NARROW, "_")), line


# --- names ---

_PHRASES = sorted(text for family in book("fr", "optimizer.report").whole.values() for text in family)
_OWN = st.sampled_from([*_PHRASES, "budget: none", "spend at most 5", "a: spend at least 3", "- none", "1. sure"])


def _named(creator: str, offer: str, rule: str, niche: str) -> Plan | NoPlan:
    frame: dict[str, list[Any]] = {
        "creator": [f"{creator} one", creator, "@cyd"],
        "niche": [niche, "pets", niche],
        "followers": [2000, 3000, 9000],
        "engagement_rate": [0.05, 0.04, 0.03],
        "fee": [100, 200, 900],
    }
    said: dict[str, Any] = {
        "name": rule,
        "offers": {offer: {"deliver": {"post": 1}}},
        "constraints": {rule: {"quantity": "spend", "group": {"niche": [niche]}, "at_least": "10%"}},
    }
    return planned(frame, **said)


@settings(max_examples=25, deadline=None)
@given(creator=_OWN, offer=_OWN, rule=_OWN, niche=_OWN)
def test_names_that_are_english_phrases_are_never_translated(creator: str, offer: str, rule: str, niche: str) -> None:
    from optimizer import ScenarioError

    try:
        result = _named(creator, offer, rule, niche)
    except ScenarioError:
        return  # it is no name
    if isinstance(result, NoPlan):
        return
    document = page_of(result)
    tables = [part for one in document.sections for part in one.parts if isinstance(part, Table)]
    booked = next(one for one in tables if one.title == "Réservés")
    names = [row[0] for row in booked.rows]
    assert sorted(names) == sorted(one.creator for one in result.allocations)
    assert {row[1] for row in booked.rows} == {one.offer for one in result.allocations}
    assert document.title == result.scenario.name
    rules = next(one for one in tables if one.title == "Règles")
    assert [row[0] for row in rules.rows] == [one.name for one in result.constraints]
    asked = [text for text in texts_of(document) if text.startswith(f"- {result.constraints[-1].name}{NO_BREAK}:")]
    assert asked


def test_names_of_a_result_are_known() -> None:
    assert {"@ann", "small", "food"} <= names_of(planned())


FACES: list[Callable[[Any], object]] = [page_of, sheets_of, text_of]


@pytest.mark.parametrize("face", FACES)
def test_the_same_result_gives_the_same_french(face: Callable[[Any], object]) -> None:
    assert face(planned()) == face(planned())
