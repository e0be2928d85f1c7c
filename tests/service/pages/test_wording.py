"""Parts of a question in a planner's words, in both languages: no key of a scenario's file is left."""

from __future__ import annotations

import re
from typing import Any

import pytest

from optimizer.report.language import Speaker
from optimizer.report.phrases import NARROW, NO_BREAK
from optimizer.service.pages.case import Case
from optimizer.service.pages.wording import Wording, plainly
from tests.service.pages.conftest import HTMX, Site

RULES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"quantity": "engagements", "at_least": "25_000"},
        "engagements at least 25,000",
        f"engagements au moins 25{NARROW}000",
    ),
    (
        {"quantity": "spend", "group": {"tier": "nano"}, "at_least": "33.4%"},
        "spend (tier nano) at least 33.4 % of plan",
        f"dépense (palier nano) au moins 33,4{NARROW}% du plan",
    ),
    (
        {
            "quantity": "spend",
            "group": {"niche": ["food", "pets"]},
            "at_least": "0.2",
            "at_most": "0.4",
            "of": "budget",
        },
        "spend (niche food or pets) at least 20 % of budget, at most 40 % of budget",
        f"dépense (niche food ou pets) au moins 20{NARROW}% du budget, au plus 40{NARROW}% du budget",
    ),
    (
        {"quantity": "gross_reach", "people": {"country": "FR"}, "exactly": "5e4"},
        "gross reach (people: country FR) exactly 50,000",
        f"portée brute (personnes{NO_BREAK}: pays FR) exactement 50{NARROW}000",
    ),
    (
        {"quantity": "spend", "per": "creator", "at_most": "1_000"},
        "spend at most 1,000 EUR, for each creator",
        f"dépense au plus 1{NARROW}000{NO_BREAK}EUR, pour chaque créateur",
    ),
    (
        {"quantity": "creators", "per": "platform", "among": ["tiktok", "x"], "at_most": {"tiktok": "5", "x": "3"}},
        "creators at most 5 (tiktok), at most 3 (x), for each platform: tiktok, x",
        f"créateurs au plus 5 (tiktok), au plus 3 (x), pour chaque plateforme{NO_BREAK}: tiktok, x",
    ),
    (
        {
            "quantity": "hours",
            "group": {"followers": {"from": "5_000", "below": "9_000"}},
            "at_least": "8",
            "or_none": "true",
        },
        "hours (followers from 5000 below 9000) at least 8, or none",
        "heures (abonnés à partir de 5000 et au-dessous de 9000) au moins 8, ou rien",
    ),
    ({"quantity": "cpa", "at_most": "22.5"}, "cpa at most 22.5 EUR", f"CPA au plus 22,5{NO_BREAK}EUR"),
    (
        {"quantity": "engagement_rate", "at_least": "3%"},
        "engagement rate at least 3 %",
        f"taux d’engagement au moins 3{NARROW}%",
    ),
    ({"at_most_one_of": ["@a", "@b"]}, "at most one of @a, @b", f"au plus un de{NO_BREAK}: @a, @b"),
    (
        {"together": ["@a", {"niche": "food"}]},
        "all or none of @a, niche food",
        f"tous ou aucun de{NO_BREAK}: @a, niche food",
    ),
    ({"if": "@a", "then": [{"offer": "reel"}]}, "if @a, then offer reel", "si @a, alors offre reel"),
]


@pytest.mark.parametrize(("rule", "english", "french"), RULES, ids=[said for _, said, _ in RULES])
def test_a_rule_is_said_in_both_languages(rule: dict[str, Any], english: str, french: str) -> None:
    assert Wording(Speaker("en"), "EUR").rule(rule) == english
    assert Wording(Speaker("fr"), "EUR").rule(rule) == french


@pytest.mark.parametrize(
    ("of", "english", "french"),
    [
        ("engagements", "Maximize engagements", "Maximiser les engagements"),
        (
            {"engagements": "1", "clicks": "40"},
            "Maximize engagements + 40 x clicks",
            "Maximiser les engagements + 40 × les clics",
        ),
        ("deliverables.video", "Maximize deliverables: video", f"Maximiser les livrables{NO_BREAK}: video"),
    ],
)
def test_a_goal_is_said_in_both_languages(of: Any, english: str, french: str) -> None:
    assert Wording(Speaker("en")).goal("maximize", of) == english
    assert Wording(Speaker("fr")).goal("maximize", of) == french


def test_what_is_no_rule_is_said_as_it_stands() -> None:
    odd = {"quantity": "of my own", "group": "food", "at_most": "many", "per": None}
    assert Wording(Speaker("en")).rule(odd) == "of my own (creator food) at most many"


@pytest.mark.parametrize(
    ("key", "said"), [("gross_reach", "gross reach"), ("deliverables.video", "deliverables: video")]
)
def test_keys_are_said_plainly(key: str, said: str) -> None:
    assert plainly(key) == said


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_key_of_the_file_is_shown_in_the_question(site: Site, language: str) -> None:
    scenario = site.example()
    headers = {**HTMX, "accept-language": language}
    rule, goal = {"at_most_one_of": [{"tier": "nano"}, {"tier": "micro"}]}, {"maximize": "gross_reach"}
    case = Case(changes={"constraints.some": rule, "objective": goal}).query
    page = site.work_in(scenario, headers, case=case)
    question = "".join(re.findall(r'class="chips".*?</div>|<details id="question".*?</aside>', page, re.DOTALL))
    shown = re.sub(r"<[^>]*>", " ", question)
    assert not re.search(r"\b(?:at_least|at_most|at_most_one_of|gross_reach)\b", shown)
    assert ("Maximize gross reach" if language == "en" else "Maximiser la portée brute") in shown
    assert ("at most one of tier nano, tier micro" if language == "en" else "au plus un de") in shown
    assert 'value="maximize ' in question


def test_a_rule_that_is_added_gets_a_name_in_the_language(site: Site) -> None:
    scenario = site.example()
    form = {"quantity": "gross_reach", "bound": "at_least", "amount": "5"}
    page = site.work_in(scenario, {**HTMX, "accept-language": "fr"}, **form)
    assert "portée brute au moins 5" in page


def test_a_budget_is_written_to_the_cent() -> None:
    assert Wording(Speaker("en")).amount("3500.5") == "3,500.50"
    assert Wording(Speaker("en"), "EUR").amount("3500.50") == "3,500.50 EUR"
    assert Wording(Speaker("en"), "EUR").amount("3500") == "3,500 EUR"
    assert Wording(Speaker("fr")).amount("3500.5") == f"3{NARROW}500,50"
