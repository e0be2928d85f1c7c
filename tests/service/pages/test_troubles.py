"""Faults and refusals on pages are in the language of the page; the API says them in English."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from optimizer.report.language import Speaker, missing
from optimizer.report.phrases import NO_BREAK
from optimizer.service.pages.phrases import phrases
from optimizer.service.pages.troubles import told
from tests.docs.pages import ROOT
from tests.report.test_french_faults import known
from tests.service.pages.conftest import HTMX, Site

FRENCH = {**HTMX, "accept-language": "fr"}
FAULTY = "format: 1\nname: x\ncurrency: EUR\nbudget: many\nobjective: {maximise: engagements}\ncreators: no.csv\n"
HOME = ROOT / "optimizer" / "service"


def test_faults_of_a_text_are_french_on_a_french_page(site: Site) -> None:
    scenario = site.example()
    page = site.post(f"/s/{scenario}/text/check", {"text": FAULTY}, headers=FRENCH).text
    assert "erreurs dans le scénario" in page
    assert f"«{NO_BREAK}many{NO_BREAK}» n’est pas un nombre" in page
    assert f"clé inconnue «{NO_BREAK}maximise{NO_BREAK}»" in page
    assert f"vouliez-vous dire «{NO_BREAK}maximize{NO_BREAK}»" in page
    assert "ligne 4" in page
    assert "problems" not in page
    english = site.post(f"/s/{scenario}/text/check", {"text": FAULTY}, headers=HTMX).text
    assert "is not a number" in english


def test_the_api_says_faults_in_english_whoever_asks(site: Site) -> None:
    said = {"name": "x", "files": {"scenario.yaml": FAULTY}}
    scenario = site.client.post("/v1/scenarios", json=said).json()["id"]
    headers = {"accept-language": "fr", "prefer": "wait=30"}
    answer = site.client.post(f"/v1/scenarios/{scenario}/check", json={}, headers=headers).json()
    assert "problems in the scenario" in answer["title"]
    assert any("is not a number" in one["cause"] for one in answer["problems"])


def test_refusals_are_french_on_a_french_page(site: Site) -> None:
    scenario = site.example()
    page = site.post(f"/s/{scenario}/work", {"quantity": "spend", "bound": "at_most"}, headers=FRENCH)
    assert page.status_code == 422
    assert "une règle a besoin d’une borne" in page.text
    assert "écrire un nombre, ou une part comme 40%" in page.text
    gone = site.get("/s/00000000000000000000000000000000", headers={"accept-language": "fr"})
    assert "ce scénario n’existe pas" in gone.text


def test_a_document_keeps_what_is_no_text() -> None:
    fault = {"code": "x", "file": "s.yaml", "line": 3, "column": 1, "cause": "this is blank", "mend": "write a text"}
    said = told(
        {"type": "about:blank", "status": 422, "title": "2 problems in the scenario", "problems": [fault]}, "fr"
    )
    assert said["title"] == "2 erreurs dans le scénario"
    assert said["problems"] == [{**fault, "cause": "ce champ est vide", "mend": "écrire un texte"}]
    assert fault["cause"] == "this is blank"


def test_what_was_guessed_is_french(site: Site) -> None:
    pool = "Handle,Followers,ER,Price\n@ana,5000,3.5%,100\n@bea,7000,4.5%,200\n"
    files = {"file": ("list.csv", pool, "text/csv")}
    home = site.client.post("/start", files=files, follow_redirects=False).headers["location"]
    page = site.get(home, headers={"accept-language": "fr"}).text
    assert "en est un nom courant" in page
    assert "is a usual name" not in page
    assert "taux d’engagement" in page
    assert "engagement_rate" not in page


@pytest.mark.parametrize("name", ["The token of this service", "Enter", "This is not the token."])
def test_the_door_has_french_words(name: str) -> None:
    assert name in phrases("fr")


# --- every refusal that the service writes ---


def refusals() -> Iterator[tuple[str, str]]:
    """The texts of refusals and problems, each with its place."""
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if called == "problem" or (called.endswith(("Error", "_by_hand")) and called != "ValueError"):
                for inner in [one for argument in node.args for one in ast.walk(argument)]:  # type: ignore[attr-defined]
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and " " in inner.value.strip():
                        yield f"{path.name}:{inner.lineno}", inner.value


def test_every_refusal_is_in_a_phrase() -> None:
    lacking = [f"{place}: {text}" for place, text in refusals() if text.strip(" ;:,()") not in known()]
    assert lacking == [], "\n".join(lacking)


def test_a_refusal_without_holes_is_translated_whole() -> None:
    speaker = Speaker("fr")
    with missing() as left:
        for said in ("there is too much to do already", "this takes longer than 60 seconds", "no file was chosen"):
            speaker.said(said, "fault")
        for said in ("ask again in some seconds", "tick the plans to compare, 6 at most"):
            speaker.said(said, "mend")
    assert left == []
