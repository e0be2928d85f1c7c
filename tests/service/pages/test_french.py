"""French pages are French: of no stored plan is anything left in English but a planner's own words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer import NoPlan
from optimizer.report import gallery
from optimizer.report.language import Speaker, missing, speaker
from optimizer.report.phrases import NARROW, NO_BREAK
from optimizer.service.pages import repairs, roster, shown, told, work
from optimizer.service.pages.case import Case
from tests.docs.pages import ROOT
from tests.service.serving import SCENARIO, Client

STORED = sorted((ROOT / "tests" / "stored" / "format1").glob("*/plans/*.json"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_no_english_is_left_of_a_stored_plan(path: Path) -> None:
    result = shown.read_back(path.read_bytes())
    french = speaker("fr", result)
    with missing() as english:
        shown.doubts(result, french)
        if isinstance(result, NoPlan):
            shown.clashes(result, french)
            shown.left_out(result, french)
            repairs.ways(result, Case(), {}, french)
        else:
            shown.goal(result, french)
            shown.figures(result, french)
            shown.rules(result, french)
            shown.sections(result, french)
            shown.nobody(result, french)
            roster.roster(result, french)
            for picture in gallery.of_plan(result):
                french.picture(picture)
    assert english == []


def test_names_of_a_planner_stay_as_they_are() -> None:
    path = next(one for one in STORED if json.loads(one.read_text())["outcome"] == "plan")
    plan = shown.read_back(path.read_bytes())
    assert not isinstance(plan, NoPlan)
    said, french = roster.roster(plan), roster.roster(plan, speaker("fr", plan))
    assert said is not None
    assert french is not None
    assert [row.creator for row in french.rows] == [row.creator for row in said.rows]
    assert [one.name for one in french.headings] != [one.name for one in said.headings]


def test_what_is_worked_out_on_demand_is_in_the_language_of_the_page(client: Client) -> None:
    scenario = client.made(SCENARIO)
    said = {"low": "300", "high": "500", "case": ""}
    headers = {"Accept-Language": "fr", "HX-Request": "true"}
    client.post(f"/s/{scenario}/curve", data=said, headers=headers)
    job = next(one for one in client.get(f"/v1/scenarios/{scenario}/jobs").json() if one["verb"] == "sweep")
    client.over(job["id"])
    page = client.get(f"/s/{scenario}/jobs/{job['id']}/told", headers=headers).text
    assert "budget" in page
    assert "bound" not in page


def test_how_far_a_search_is_and_what_it_is_at_is_french() -> None:
    said = work.progress({"value": 1234.5, "seconds": 3.2, "at": "the plan", "done": 1}, "fr")
    assert (said["value"], said["at"], said["done"]) == (f"1{NARROW}234,50", "le plan", "1")
    assert work.progress({"at": "@ana"}, "fr")["at"] == "@ana"
    assert work.progress({"value": 1234.5, "at": "the plan"})["value"] == "1,234.50"


def test_what_a_creator_is_worth_is_written_as_in_french() -> None:
    one = {
        "in": True,
        "fee": 1200,
        "walk_away_fee": 1500.5,
        "proved": True,
        "fee_high": None,
        "loss_without": 12.34,
        "fee_intervals": [],
        "replaced_by": ["@bea"],
    }
    said = {"format": "creatormix/explanation/1", "currency": "EUR", "creators": [one]}
    found = told._worth(said, "fr")
    assert found is not None
    assert found["fee"] == f"1{NARROW}200,00{NO_BREAK}EUR"
    assert found["upto"] == f"1{NARROW}500,50{NO_BREAK}EUR"
    assert found["lost"] == "12,3"


def test_the_question_beside_the_scenario_has_french_names(client: Client) -> None:
    scenario = client.made(SCENARIO)
    headers = {"Accept-Language": "fr", "HX-Request": "true"}
    case = Case(changes={"budget": "300"}).query
    client.post(f"/s/{scenario}/beside", data={"case": case}, headers=headers)
    job = next(one for one in client.get(f"/v1/scenarios/{scenario}/jobs").json() if one["verb"] == "compare")
    client.over(job["id"])
    page = client.get(f"/s/{scenario}/jobs/{job['id']}/told", headers=headers).text
    assert "tel qu’écrit" in page
    assert "as written" not in page


def test_several_rules_that_a_creator_would_cost_are_joined_in_french() -> None:
    said = "one post brings 2,615 to the goal (clicks), and takes of budget and voices what brings 3,275 with others"
    assert "prend à budget et voices ce qui" in Speaker("fr").said(said, "why_not")
