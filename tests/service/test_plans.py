"""Plans are saved with a name and notes, and come in every form; hostile names do nothing in any of them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from optimizer import Plan
from optimizer.service.store.database import Database
from optimizer.service.store.plans import Plans
from optimizer.service.store.scenarios import Scenarios
from tests.service.serving import POOL, SCENARIO, Client

HOSTILE = ("<script>document.title=1</script>", '=HYPERLINK("http://evil.example")', "../../etc/passwd")


def test_a_plan_is_saved_described_and_removed(client: Client) -> None:
    scenario = client.made()
    plan = client.saved(scenario, "first", leave_out=["@bea"])
    said = client.get(f"/v1/plans/{plan}")
    assert (said.json()["name"], said.json()["asked"]) == ("first", {"leave_out": ["@bea"]})
    assert client.patch(f"/v1/plans/{plan}", json={"notes": "for Ana"}).status_code == 428
    etag = {"If-Match": said.headers["etag"]}
    assert client.patch(f"/v1/plans/{plan}", json={"notes": "for Ana"}, headers=etag).json()["name"] == "first"
    assert client.patch(f"/v1/plans/{plan}", json={"name": "x"}, headers=etag).status_code == 412
    assert [one["notes"] for one in client.get(f"/v1/scenarios/{scenario}/plans").json()] == ["for Ana"]
    assert client.delete(f"/v1/plans/{plan}").status_code == 204
    assert client.get(f"/v1/plans/{plan}").status_code == 404


def test_only_a_finished_plan_of_the_scenario_can_be_saved(client: Client) -> None:
    scenario, other = client.made(), client.made()
    job = client.begun(scenario, "check")
    client.over(job)
    assert client.post(f"/v1/scenarios/{scenario}/plans", json={"job": job, "name": "x"}).status_code == 422
    planned = client.begun(scenario, "plan")
    client.over(planned)
    assert client.post(f"/v1/scenarios/{other}/plans", json={"job": planned, "name": "x"}).status_code == 422


def test_a_plan_of_an_earlier_version_is_kept_and_says_so(client: Client) -> None:
    scenario = client.made()
    before = client.saved(scenario, "before")
    job = client.begun(scenario, "plan", gap=0.02)
    client.over(job)
    path = f"/v1/scenarios/{scenario}"
    version = client.get(path).json()["version"]
    changed = client.put(f"{path}/files/notes.txt", content=b"x", headers={"If-Match": "*"}).json()
    late = client.post(f"{path}/plans", json={"job": job, "name": "late"})
    assert (late.status_code, late.json()["outdated"], late.json()["version"]) == (201, True, version)
    assert client.get(f"/v1/plans/{before}").json()["outdated"]
    now = client.get(f"/v1/plans/{client.saved(scenario, 'now')}").json()
    assert (now["outdated"], now["version"]) == (False, changed["version"])
    client.patch(path, json={"name": "other"}, headers={"If-Match": "*"})  # which changes no plan
    assert [one["outdated"] for one in client.get(f"{path}/plans").json()] == [False, True, True]
    shown = client.get(f"/s/{scenario}/plans").text
    assert shown.count("the scenario has changed since") == 2
    assert "the scenario has changed since" in client.get(f"/s/{scenario}/plans/{before}").text
    again = client.post(f"/s/{scenario}/plans", data={"job": job, "name": "x"}, headers={"HX-Request": "true"})
    assert "the scenario has changed since" in again.text


def test_a_store_of_the_version_before_is_read(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db")
    scenario = Scenarios(database).make("a", "scenario.yaml", {"scenario.yaml": b"x"})
    connection = database.connection()
    connection.execute("INSERT INTO plans VALUES ('1', ?, 'p', '', '{}', '', 1, 1, x'7b7d', '')", (scenario.id,))
    connection.execute("ALTER TABLE plans DROP COLUMN version")
    connection.execute("ALTER TABLE scenarios RENAME COLUMN version TO etag")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    again = Database(tmp_path / "store.db")
    assert Scenarios(again).get(scenario.id) == scenario
    assert [(one.name, one.version, one.outdated) for one in Plans(again).listed(scenario.id)] == [("p", None, None)]


def test_a_saved_plan_comes_in_every_form(client: Client) -> None:
    plan = client.saved(client.made())
    content = {form: client.get(f"/v1/plans/{plan}/content", params={"form": form}) for form in ("json", "html", "csv")}
    read = Plan.from_json(content["json"].content)
    assert content["html"].text == read.to_html()
    assert all(one.creator in content["csv"].text for one in read.allocations)
    book = client.get(f"/v1/plans/{plan}/content", params={"form": "xlsx"})
    assert zipfile.ZipFile(io.BytesIO(book.content)).testzip() is None
    assert "attachment" in book.headers["content-disposition"]
    assert client.get(f"/v1/plans/{plan}/content", params={"form": "exe"}).status_code == 422


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_do_nothing_in_any_form(client: Client, hostile: str) -> None:
    cell = '"' + hostile.replace('"', '""') + '"'
    scenario = client.made(SCENARIO.replace("Small", json.dumps(hostile)), POOL.replace("@bea", cell))
    plan = client.saved(scenario, hostile)
    said = client.get(f"/v1/plans/{plan}/content")
    assert hostile in {one["creator"] for one in said.json()["allocations"]}
    page = client.get(f"/v1/plans/{plan}/content", params={"form": "html"}).text
    assert "<script" not in page
    table = client.get(f"/v1/plans/{plan}/content", params={"form": "csv"}).text
    assert not re.search(r'(^|[,\n])"?=', table)
    book = zipfile.ZipFile(io.BytesIO(client.get(f"/v1/plans/{plan}/content", params={"form": "xlsx"}).content))
    sheets = [book.read(name) for name in book.namelist() if "worksheets/sheet" in name]
    assert all(b"HYPERLINK" not in part and b"<hyperlink" not in part for part in sheets)
