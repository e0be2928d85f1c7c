"""Plans are saved with a name and notes, and come in every form; hostile names do nothing in any of them."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest

from optimizer import Plan
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
