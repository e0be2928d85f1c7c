"""French pages are French: of no stored plan is anything left in English but a planner's own words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer import NoPlan
from optimizer.report import gallery
from optimizer.report.language import missing, speaker
from optimizer.service.pages import repairs, roster, shown
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
