"""The question of a page: kept in its address, changed by forms and buttons."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.report.language import Speaker
from optimizer.report.phrases import NARROW, NO_BREAK
from optimizer.service.pages.case import Case
from optimizer.service.pages.phrases import speaker
from optimizer.service.pages.question import asked, chip_said, form_of
from optimizer.service.pages.wording import Wording
from optimizer.service.store.errors import RefusedError

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
VALUES = st.one_of(st.none(), NAMES, st.lists(NAMES, max_size=3), st.dictionaries(NAMES, NAMES, max_size=3))
PATHS = st.sampled_from(["budget", "objective", 'constraints."a b"', "constraints.c.at_most", "include"])
CASES = st.builds(
    Case,
    variant=st.one_of(st.just(""), NAMES),
    changes=st.dictionaries(PATHS, VALUES, max_size=4),
    book=st.lists(NAMES, unique=True, max_size=3).map(tuple),
    leave_out=st.just(()),
)
OUTLINE: dict[str, Any] = {
    "currency": "EUR",
    "budget": "4_000",
    "objective": {"maximize": "clicks"},
    "rules": {
        "few": {"quantity": "creators", "at_most": "2_0"},
        "one": {"at_most_one_of": ["a", "b"]},
        "each": {"quantity": "spend", "per": "niche", "at_most": {"food": "40%"}},
    },
    "quantities": ["spend", "clicks"],
    "groups": {"niche": ["food", "travel"]},
    "variants": [],
    "creators": 3,
}


@settings(deadline=None)
@given(CASES)
def test_a_question_survives_its_address(case: Case) -> None:
    assert Case.read(case.query) == case


@settings(deadline=None)
@given(st.dictionaries(PATHS, st.one_of(st.none(), ASCII, st.dictionaries(ASCII, ASCII, max_size=2)), max_size=4))
def test_a_question_survives_the_arguments_of_its_job(changes: dict[str, Any]) -> None:
    case = Case(variant="lean", changes=changes, book=("@a",), leave_out=("@b",))
    assert Case.of_arguments(case.arguments) == case


def test_changes_that_others_wrote_as_text_are_read() -> None:
    said = {"changes": {"budget": "15_000", "objective": "{maximize: clicks}", "a": "null", "b": "x: [", "c": 3}}
    read = {"budget": "15_000", "objective": {"maximize": "clicks"}, "a": None, "b": "x: [", "c": 3}
    assert Case.of_arguments(said).changes == read


@settings(deadline=None)
@given(CASES)
def test_each_part_can_be_said_and_taken_back(case: Case) -> None:
    for language in ("en", "fr"):
        wording = Wording(Speaker(language))
        assert all(chip_said(chip, speaker(language), wording) for chip in case.chips)
    for chip in case.chips:
        case = case.without(chip.kind, chip.key)
    assert case == Case()


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_address_is_a_question_or_is_refused(text: str) -> None:
    with suppress(RefusedError):
        assert isinstance(Case.read(text), Case)


def test_an_address_without_end_is_refused() -> None:
    for query in ("book=a&" * 4_000, "book=" + "a" * 40_000):
        with pytest.raises(RefusedError):
            Case.read(query)


@pytest.mark.parametrize("query", ["set=x", "set=%5B1%2C2%5D", "set=%5B%22%22%2C1%5D", "said=declined:x", "book="])
def test_a_damaged_address_is_refused(query: str) -> None:
    with pytest.raises(RefusedError):
        Case.read(query)


def test_a_creator_is_kept_or_left_out_never_both() -> None:
    case = Case().booking("@a").leaving_out("@a")
    assert (case.book, case.leave_out) == ((), ("@a",))
    assert case.booking("@a") == Case(book=("@a",))


def test_what_was_said_below_a_path_is_gone_when_the_path_changes() -> None:
    case = Case().changed("constraints.few.at_most", "5").changed("constraints.few", None)
    assert case.changes == {"constraints.few": None}
    assert case.changed("constraints.few.at_most", "5").changes == {"constraints.few.at_most": "5"}


def test_a_rule_that_was_added_changes_itself_and_goes_without_a_trace() -> None:
    case = asked(
        Case(), {"quantity": "spend", "column": "niche", "value": "food", "bound": "at_most", "amount": "40 %"}
    )
    (path,) = case.changes
    assert case.changes[path] == {"quantity": "spend", "group": {"niche": "food"}, "at_most": "40%"}
    assert case.changed(f"{path}.at_most", "30%").changes[path]["at_most"] == "30%"
    assert case.removed(path) == Case()


def test_a_rule_without_a_name_is_named_after_what_it_counts_and_not_after_a_figure_that_may_change() -> None:
    form = {"quantity": "spend", "column": "niche", "value": "food", "bound": "at_most", "amount": "40 %"}
    first = asked(Case(), form)
    (path,) = first.changes
    assert path == 'constraints."food spend (at most)"'
    again = asked(first, form | {"amount": "30%"})
    assert list(again.changes) == [path]
    assert again.changes[path]["at_most"] == "30%"
    assert len(asked(again, form | {"bound": "at_least"}).changes) == 2
    assert list(asked(Case(), form, "fr").changes) == ['constraints."food dépense (au plus)"']


def test_no_ratio_is_offered_as_a_goal_because_none_can_be_one() -> None:
    names = {name for name, _ in form_of({**OUTLINE, "quantities": [*OUTLINE["quantities"], "cpe", "roas"]}).goals}
    assert "maximize spend" in names
    assert not names & {"maximize cpe", "maximize roas"}


def test_a_form_changes_only_what_was_changed_in_it() -> None:
    same = {"budget": "4000", "was_budget": "4000", "goal": "maximize clicks", "was_goal": "maximize clicks"}
    assert asked(Case(), same) == Case()
    assert asked(Case(), same | {"budget": "3 000"}).changes == {"budget": "3000"}
    assert asked(Case(), same | {"goal": "minimize spend"}).changes == {"objective": {"minimize": "spend"}}
    bounds = {"rule": "few", "at_most": "20", "was_at_most": "20"}
    assert asked(Case(), bounds) == Case()
    assert asked(Case(), bounds | {"at_most": "5"}).changes == {"constraints.few.at_most": "5"}


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("3 000", "3000"),
        ("3\u202f000", "3000"),
        ("3,000", "3000"),
        ("1,234,567.50", "1234567.50"),
        ("12,5 %", "12.5%"),
        ("3_000", "3_000"),
        ("40%", "40%"),
        ("a,b", "a,b"),
        ("3 000,50 €", "3000.50"),
        ("€4,000", "4000"),
        ("4000 EUR", "4000"),
        ("EUR", "EUR"),
    ],
)
def test_numbers_are_taken_as_planners_write_them(typed: str, written: str) -> None:
    assert asked(Case(), {"budget": typed}).changes == {"budget": written}


@pytest.mark.parametrize(
    "form",
    [
        {"goal": "worship clicks"},
        {"quantity": "spend", "amount": ""},
        {"quantity": "spend", "amount": "1", "bound": "roughly"},
        {"quantity": "spend", "amount": "1", "column": "niche"},
        {"quantity": "spend", "amount": "1", "name": 'a"b'},
        {"budget": "9" * 300},
        {"book": "x" * 300},
    ],
)
def test_a_form_that_says_nothing_sensible_is_refused_with_a_cure(form: dict[str, str]) -> None:
    with pytest.raises(RefusedError) as caught:
        asked(Case(), form)
    assert caught.value.mend


def test_the_form_shows_rules_as_they_stand_and_what_only_the_text_can_change() -> None:
    form = form_of(OUTLINE)
    assert (form.budget, form.sense, form.goal, form.curve) == ("4000", "maximize", "clicks", ("2000", "6000"))
    few, one, each = form.rules
    assert (few.says, few.bounds) == ("creators at most 20", (("at_most", "20"),))
    assert (one.says, one.bounds) == ("at most one of a, b", ())
    assert (each.says, each.bounds) == ("spend at most 40 % of plan (food), for each niche", ())


def test_the_form_is_in_the_words_of_the_language() -> None:
    form = form_of(OUTLINE, "fr")
    assert form.goal_said == "Maximiser les clics"
    assert ("minimize spend", "Minimiser la dépense") in form.goals
    assert ("spend", "dépense") in form.quantities
    assert [one.says for one in form.rules] == [
        "créateurs au plus 20",
        f"au plus un de{NO_BREAK}: a, b",
        f"dépense au plus 40{NARROW}% du plan (food), pour chaque niche",
    ]


def test_a_goal_with_weights_is_left_to_the_text() -> None:
    assert form_of({**OUTLINE, "objective": {"maximize": {"clicks": "1", "reach": "2"}}}).goal == ""
    assert form_of({**OUTLINE, "budget": None, "objective": None}).curve == ("", "")
