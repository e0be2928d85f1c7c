"""Each verb over HTTP gives what the library gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer import load_scenario, optimize
from tests.service.serving import POOL, SCENARIO, WAIT, Client


def test_a_plan_over_http_is_the_plan_of_the_library(client: Client, tmp_path: Path) -> None:
    text = SCENARIO + "forecast: {rates: measured}\n"  # tests of this process draw less, and search less, than a worker
    scenario = client.made(text)
    (tmp_path / "scenario.yaml").write_text(text)
    (tmp_path / "creators.csv").write_text(POOL)
    answer = client.post(f"/v1/scenarios/{scenario}/plan", json={}, headers=WAIT)
    mine = optimize(load_scenario(tmp_path / "scenario.yaml")).to_dict()
    but = ("solver", "digest")
    assert {**answer.json(), **dict.fromkeys(but)} == {**mine, **dict.fromkeys(but)}
    again = client.post(f"/v1/scenarios/{scenario}/plan", json={}, headers=WAIT)
    assert again.json()["digest"] == answer.json()["digest"], "a warm process answers as a fresh one"


def test_who_must_be_booked_and_who_is_left_out_is_added_to_the_scenario(client: Client) -> None:
    scenario = client.made(SCENARIO + "exclude: ['@cem']\ninclude: ['@dua']\n")
    who = lambda said: {one["creator"] for one in said["allocations"]}  # noqa: E731
    assert who(client.asked(scenario, "plan")) == {"@bea", "@dua", "@ana"}
    assert who(client.asked(scenario, "plan", leave_out=["@bea"])) == {"@ana", "@dua"}
    without = client.asked(scenario, "plan", changes={"include": []}, book=["@ana"], leave_out=["@dua"])
    assert who(without) == {"@ana", "@bea"}
    assert without["scenario"]["changes"]["exclude"] == '["@cem", "@dua"]'


def test_faults_have_the_places_and_cures_of_the_command_line(client: Client) -> None:
    scenario = client.made(SCENARIO.replace("quantity: creators", "quantity: cretors"))
    answer = client.post(f"/v1/scenarios/{scenario}/plan", json={}, headers=WAIT)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    fault = answer.json()["problems"][0]
    assert (fault["file"], fault["line"], fault["mend"]) == ("scenario.yaml", 8, 'did you mean "creators"?')
    assert "Traceback" not in answer.text


def test_rules_that_clash_are_an_answer_with_repairs(client: Client) -> None:
    scenario = client.made(SCENARIO.replace("at_least: 1}", "at_least: 4}"))
    said = client.asked(scenario, "plan")
    assert (said["outcome"], said["proof"] != "none") == ("infeasible", True)
    assert said["repairs"]
    for verb in ("explain", "alternatives"):
        assert client.asked(scenario, verb)["outcome"] == "infeasible"


def test_every_verb_answers(client: Client) -> None:
    scenario = client.made()
    plan = client.saved(scenario)
    assert client.asked(scenario, "check", solve=True)["possible"] is True
    compared = client.asked(scenario, "compare", cases=[{"name": "a", "plan": plan}, {"name": "b", "book": ["@cem"]}])
    assert [one["name"] for one in compared["cases"]] == ["a", "b"]
    swept = client.asked(scenario, "sweep", vary={"budget": [300, 500]})
    assert len(swept["points"]) == 2
    assert client.asked(scenario, "sweep", vary={"budget": "300:500:100"})["points"]
    assert client.asked(scenario, "explain", creators=["@bea"], rules=False)["creators"][0]["creator"] == "@bea"
    assert client.asked(scenario, "alternatives", within=0.5)["plans"]
    assert client.asked(scenario, "verify", plan=plan)["holds"] is True
    replanned = client.asked(scenario, "replan", plan=plan, results=[{"creator": "@bea", "status": "declined"}])
    assert "@bea" not in {one["creator"] for one in replanned["allocations"]}


def test_answers_come_in_the_forms_that_there_are(client: Client) -> None:
    scenario = client.made()
    job = client.begun(scenario, "sweep", vary={"budget": [300, 500]})
    assert client.over(job)["forms"] == ["csv", "html", "json", "xlsx"]
    for form, begins in (("html", b"<!doctype html>"), ("xlsx", b"PK"), ("json", b"{"), ("csv", b"budget")):
        answer = client.get(f"/v1/jobs/{job}/result", params={"form": form})
        assert answer.content.startswith(begins), form
    planned = client.begun(scenario, "plan")
    client.over(planned)
    assert client.get(f"/v1/jobs/{planned}/result", params={"form": "xlsx"}).status_code == 404


def test_pages_and_workbooks_are_in_the_language_that_is_asked_for(client: Client) -> None:
    scenario = client.made()
    job = client.begun(scenario, "sweep", vary={"budget": [300, 500]}, language="fr")
    client.over(job)
    page = client.get(f"/v1/jobs/{job}/result", params={"form": "html"}).text
    assert '<html lang="fr">' in page
    plan = client.saved(scenario)
    page = client.get(f"/v1/plans/{plan}/content", params={"form": "html", "language": "fr"}).text
    assert '<html lang="fr">' in page


@pytest.mark.parametrize(
    ("verb", "said", "about"),
    [
        ("plan", {"gap": 2}, "gap"),
        ("plan", {"bugdet": 3}, "bugdet"),
        ("plan", {"changes": {"budget": {"a": ["x" * 20_000]}}}, "too large"),
        ("sweep", {}, "which inputs to vary"),
        ("compare", {"cases": [{"name": "a"}, {"name": "a"}]}, "same name"),
        ("replan", {"plan": "0" * 32}, "results"),
        ("explain", {"creators": ["@nobody"]}, "@nobody"),
    ],
)
def test_what_cannot_be_asked_is_said(client: Client, verb: str, said: object, about: str) -> None:
    answer = client.post(f"/v1/scenarios/{client.made()}/{verb}", json=said, headers=WAIT)
    assert answer.status_code == 422
    assert about in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_is_not_found(client: Client) -> None:
    nothing = "0" * 32
    for path in (f"scenarios/{nothing}", f"jobs/{nothing}", f"jobs/{nothing}/result", f"plans/{nothing}"):
        answer = client.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["status"]) == (404, 404), path
    assert client.post(f"/v1/scenarios/{nothing}/plan", json={}).status_code == 404
    assert client.post(f"/v1/scenarios/{client.made()}/verify", json={"plan": nothing}).status_code == 404


def test_the_same_key_gives_the_same_job(client: Client) -> None:
    scenario = client.made()
    headers = {"Idempotency-Key": "one"}
    first = client.post(f"/v1/scenarios/{scenario}/plan", json={"gap": 0.1}, headers=headers).json()["id"]
    client.over(first)
    again = client.post(f"/v1/scenarios/{scenario}/plan", json={"gap": 0.1}, headers=headers | WAIT)
    assert again.headers["content-location"].endswith(f"{first}/result")
    other = client.post(f"/v1/scenarios/{scenario}/plan", json={"gap": 0.2}, headers=headers)
    assert (other.status_code, "Idempotency-Key" in other.text) == (422, True)


def test_a_plan_is_made_again_from_the_job_that_made_it_with_other_changes(client: Client) -> None:
    scenario = client.made()
    job = client.begun(scenario, "plan", changes={"budget": "300"})
    client.over(job)
    answers = [{"creator": "@bea", "status": "declined"}]
    again = client.asked(scenario, "replan", plan=job, results=answers, changes={"budget": "450"})
    assert again["scenario"]["changes"]["budget"] == "450"
    assert "@bea" not in [one["creator"] for one in again["allocations"]]
    assert client.asked(scenario, "verify", plan=job)["holds"]
    checked = client.begun(scenario, "check")
    client.over(checked)
    refused = client.post(f"/v1/scenarios/{scenario}/replan", json={"plan": checked, "results": answers})
    assert (refused.status_code, "expired" in refused.json()["detail"]) == (404, True)


def test_a_key_belongs_to_one_version_of_a_scenario(client: Client) -> None:
    scenario, headers = client.made(), {"Idempotency-Key": "one"}
    path, anyway = f"/v1/scenarios/{scenario}", {"If-Match": "*"}
    first = client.post(f"{path}/check", json={}, headers=headers).json()["id"]
    client.patch(path, json={"name": "other"}, headers=anyway)
    assert client.post(f"{path}/check", json={}, headers=headers).json()["id"] == first
    client.put(f"{path}/files/notes.txt", content=b"x", headers=anyway)
    refused = client.post(f"{path}/check", json={}, headers=headers)
    assert (refused.status_code, "before the scenario changed" in refused.text) == (422, True)
    assert client.get(f"/v1/jobs/{first}").status_code == 200
    assert client.post(f"{path}/check", json={}, headers={"Idempotency-Key": "two"}).status_code == 202


def test_a_changed_file_is_planned_anew_by_the_warm_process(client: Client) -> None:
    scenario = client.made()
    before = client.asked(scenario, "plan")["objective"]["value"]
    text = SCENARIO.replace("budget: 500", "budget: 100").encode()
    answer = client.put(f"/v1/scenarios/{scenario}/files/scenario.yaml", content=text, headers={"If-Match": "*"})
    assert answer.status_code == 200
    assert client.asked(scenario, "plan")["objective"]["value"] < before


def test_the_answer_of_a_job_is_json_that_can_be_verified_elsewhere(client: Client, tmp_path: Path) -> None:
    from optimizer import verify

    (tmp_path / "scenario.yaml").write_text(SCENARIO)
    (tmp_path / "creators.csv").write_text(POOL)
    said = client.asked(client.made(), "plan", changes={"budget": 400})
    scenario = load_scenario(tmp_path / "scenario.yaml", changes={"budget": 400})
    assert verify(json.dumps(said), scenario).holds


@pytest.mark.parametrize(
    "file", ["/etc/passwd", "../../../etc/passwd", "/proc/self/fd/1", "/etc/hostname", "nowhere.csv"]
)
def test_results_are_read_from_the_scenario_s_own_files_only(client: Client, file: str) -> None:
    scenario = client.made()
    plan = client.saved(scenario)
    answer = client.post(f"/v1/scenarios/{scenario}/replan", json={"plan": plan, "file": file}, headers=WAIT)
    assert answer.status_code == 422
    assert "the scenario has no file of that name" in answer.text
    assert "root" not in answer.text


def test_results_may_be_a_file_of_the_scenario(client: Client) -> None:
    scenario = client.made()
    plan = client.saved(scenario)
    digest = client.get(f"/v1/plans/{plan}/content").json()["digest"]
    rows = f"plan_id,creator,status\n{digest},@bea,declined\n".encode()
    client.put(f"/v1/scenarios/{scenario}/files/answers/june.csv", content=rows, headers={"If-Match": "*"})
    said = client.asked(scenario, "replan", plan=plan, file="answers/june.csv")
    assert "@bea" not in {one["creator"] for one in said["allocations"]}


def test_a_question_about_a_version_that_is_gone_is_not_answered_with_another(client: Client) -> None:
    from optimizer.service.store.errors import ChangedError

    scenario = client.made()
    first = client.get(f"/v1/scenarios/{scenario}").json()["etag"]
    headers = {"If-Match": "*"}
    path = f"/v1/scenarios/{scenario}/files/scenario.yaml"
    register = client.service.jobs.register
    waits = register.submit(scenario, "plan", {}, lease=600, waiting=9, key=None)  # not dispatched
    client.put(path, content=SCENARIO.replace("500", "300").encode(), headers=headers)
    with pytest.raises(ChangedError):
        client.service.jobs.submit(scenario, "plan", {}, version=first)
    assert client.asked(scenario, "plan")["totals"]["spend"] <= 300
    said = client.over(waits.id)
    assert (said["state"], said["problem"]["status"]) == ("failed", 412)
