"""The page of a plan: from a file of creators to a plan, changed questions, saved plans, downloads."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest

from optimizer.results.plan import Plan
from optimizer.service.pages import asking
from optimizer.service.pages.case import Case
from optimizer.service.store.errors import UnknownError
from tests.service.pages.conftest import HTMX, POOL, Site, case_of, job_of, value_of


def roster(page: str) -> list[str]:
    return [
        unescape(one) for one in re.findall(r'<button form="go" class="tiny" name="leave_out" value="([^"]+)"', page)
    ]


def saved(site: Site, scenario: str, page: str, name: str) -> str:
    answer = site.post(f"/s/{scenario}/plans", {"job": job_of(page), "name": name, "notes": "why <b>"}, headers=HTMX)
    found = re.search(r"/plans/([0-9a-f]{32})", answer.text)
    assert found
    return found[1]


def test_a_file_of_creators_becomes_a_scenario_whose_guesses_and_doubts_are_shown(site: Site) -> None:
    with POOL.open("rb") as file:
        page = site.post("/start", {"name": "Spring"}, files={"file": ("creators.csv", file)})
    assert page.url.path.endswith("/start")
    assert "its numbers go to 0.99" in page.text
    doubts = site.get(f"{page.url.path.removesuffix('/start')}/doubts").text
    assert "8 of 60 creators have no fee" in doubts


def test_a_file_that_cannot_be_read_is_refused_with_its_cause_on_a_page(site: Site) -> None:
    page = site.post("/start", files={"file": ("creators.csv", b"\x00\x01")})
    assert page.status_code == 422
    assert page.headers["content-type"].startswith("text/html")
    assert "creators.csv" in page.text
    assert site.service.scenarios.listed() == []


def test_the_page_shows_what_the_verb_answers(site: Site) -> None:
    scenario = site.example()
    page = site.work(scenario)
    plan = Plan.from_json(site.get(f"/s/{scenario}/jobs/{job_of(page)}/plan.json").content)
    assert value_of(page) == pytest.approx(plan.objective.value, abs=1)
    assert sorted(roster(page)) == sorted({one.creator for one in plan.allocations})
    assert all(unescape(rule.name) in unescape(page) for rule in plan.constraints)


def test_a_creator_who_is_left_out_is_not_booked_and_comes_back(site: Site) -> None:
    scenario = site.example()
    first = site.work(scenario)
    who = roster(first)[0]
    second = site.work(scenario, case=case_of(first), leave_out=who)
    assert who not in roster(second)
    assert value_of(second) <= value_of(first)
    third = site.work(scenario, case=case_of(second), drop=f"leave_out:{who}")
    assert roster(third) == roster(first)


def test_a_creator_who_is_kept_is_booked(site: Site) -> None:
    scenario = site.example()
    first = site.work(scenario)
    plan = Plan.from_json(site.get(f"/s/{scenario}/jobs/{job_of(first)}/plan.json").content)
    who = plan.runners_up[-1]
    assert who in roster(site.work(scenario, case=case_of(first), book=who))


def test_the_same_question_is_answered_by_the_same_job_until_the_scenario_changes(site: Site) -> None:
    scenario = site.example()
    first, second = site.work(scenario), site.work(scenario)
    assert job_of(first) == job_of(second)
    kept = site.service.scenarios.get(scenario)
    text = site.service.scenarios.file(scenario, kept.main)[0].replace(b"budget: 4_000", b"budget: 3_000")
    site.service.scenarios.write(scenario, {kept.main: text}, match=kept.etag)
    assert job_of(site.work(scenario)) != job_of(first)


def test_rules_that_clash_are_told_with_buttons_each_of_which_mends_it(site: Site) -> None:
    scenario = site.example()
    page = site.work(scenario, quantity="creators", bound="at_least", amount="50")
    assert "No plan keeps all rules" in page
    ways = re.findall(r'<li><form.*?name="case" value="([^"]*)"', page, re.DOTALL)
    assert ways
    for way in ways:
        assert value_of(site.work(scenario, case=unescape(way))) > 0


def test_a_saved_plan_is_opened_described_and_removed(site: Site) -> None:
    scenario = site.example()
    plan = saved(site, scenario, site.work(scenario), "First <i>")
    page = site.get(f"/s/{scenario}/plans/{plan}").text
    assert "First &lt;i&gt;" in page
    assert "why &lt;b&gt;" in page
    match = site.service.plans.get(plan).etag
    assert site.post(f"/s/{scenario}/plans/{plan}/describe", {"name": "x", "match": "old"}).status_code == 412
    site.post(f"/s/{scenario}/plans/{plan}/describe", {"name": "Second", "match": match})
    assert site.service.plans.get(plan).name == "Second"
    site.post(f"/s/{scenario}/plans/{plan}/delete")
    assert site.get(f"/s/{scenario}/plans/{plan}").status_code == 404


def test_saved_plans_of_one_name_are_compared_the_oldest_first(site: Site) -> None:
    scenario = site.example()
    first = site.work(scenario)
    one = saved(site, scenario, first, "May")
    two = saved(site, scenario, site.work(scenario, leave_out=roster(first)[0]), "May")
    page = site.post(f"/s/{scenario}/plans/compare", {"plan": [two, one]})
    told = site.told(page)
    assert "differences are taken from May" in told
    assert "May (2)" in told
    assert site.post(f"/s/{scenario}/plans/compare", {"plan": [one]}).status_code == 422


def test_who_said_no_to_a_saved_plan_leaves_and_few_others_change(site: Site) -> None:
    scenario = site.example()
    first = site.work(scenario)
    plan, who = saved(site, scenario, first, "May"), roster(first)[0]
    again = site.work(scenario, case="", saved=plan, declined=who)
    assert who not in roster(again)
    assert "What has changed" in again
    assert case_of(again) == f"of={plan}&said=declined%3A%40{who.removeprefix('@')}"
    more = site.work(scenario, case=case_of(again), signed=roster(again)[0])
    assert roster(again)[0] in roster(more)


def test_who_said_no_before_anything_is_saved_leaves_the_plan_that_is_shown(site: Site) -> None:
    scenario = site.example()
    first = site.work(scenario)
    who, others = roster(first)[0], roster(first)[1:]
    job = re.search(r'name="shown" value="(\w+)"', first)
    assert job
    again = site.work(scenario, case="", shown=job[1], declined=who)
    assert case_of(again) == f"of={job[1]}&said=declined%3A%40{who.removeprefix('@')}"
    assert "What has changed" in again
    assert "follows the plan before" in again
    assert who not in roster(again)
    assert len({*others} - {*roster(again)}) <= 1
    following = re.search(r'name="shown" value="(\w+)"', again)
    assert following
    name = {"job": following[1], "name": "after"}
    kept = site.post(f"/s/{scenario}/plans", name)
    assert "follows the plan before" in kept.text
    assert site.post(f"/s/{site.example()}/work", {"case": case_of(again)}).status_code == 404


@pytest.mark.parametrize("button", ["book", "leave_out"])
def test_who_said_no_stays_out_and_changes_stay_when_another_is_kept_or_left_out(site: Site, button: str) -> None:
    scenario = site.example()
    first = site.work(scenario, budget="3000")
    who, other = roster(first)[:2]
    again = site.work(scenario, case=case_of(first), shown=job_of(first), declined=who)
    after = site.work(scenario, case=case_of(again), shown=job_of(again), **{button: other})
    assert who not in roster(after)
    assert (other in roster(after)) == (button == "book")
    asked = Case.read(case_of(after))
    assert asked.changes == {"budget": "3000"}
    assert who in asked.leave_out


def test_the_question_behind_a_plan_that_was_made_again_and_again_is_known() -> None:
    made: dict[str, dict[str, Any]] = {
        "1": {"changes": {"budget": "300", "name": "a"}},
        "2": {"plan": "1", "results": [{"creator": "@a", "status": "declined"}], "changes": {"budget": "400"}},
        "3": {"plan": "3"},  # which follows itself, as only a damaged store has it
    }

    def source(which: str) -> Any:
        if which not in made:
            raise UnknownError("there is no such plan")
        return SimpleNamespace(arguments=made[which])

    service: Any = SimpleNamespace(plans=SimpleNamespace(source=source))
    last = Case(plan="2", answers={"@b": "signed"})
    assert asking.behind(service, last) == Case(changes={"name": "a", "budget": "400"})
    asked = asking.behind(service, last, answers=True)
    assert (asked.leave_out, asked.book) == (("@a",), ("@b",))
    assert asking.behind(service, Case(plan="gone", changes={"budget": 1})) == Case(changes={"budget": 1})
    assert asking.behind(service, Case(plan="3")) == Case()


def test_without_a_plan_who_said_no_is_left_out(site: Site) -> None:
    assert case_of(site.work(site.example(), declined="@nobody-here")).startswith("out=")


def test_a_fee_and_a_reason_are_told(site: Site) -> None:
    scenario = site.example()
    page = site.work(scenario)
    plan = Plan.from_json(site.get(f"/s/{scenario}/jobs/{job_of(page)}/plan.json").content)
    fee = site.told(site.post(f"/s/{scenario}/explain", {"creator": roster(page)[0], "case": ""}, headers=HTMX))
    assert "worth it up to" in fee
    why = site.told(site.post(f"/s/{scenario}/explain", {"creator": plan.runners_up[0], "case": ""}, headers=HTMX))
    assert "Not booked" in why
    assert "sha256" not in why
    nobody = site.told(site.post(f"/s/{scenario}/explain", {"creator": "@nobody.at.all", "case": ""}, headers=HTMX))
    assert "nobody.at.all" in nobody


def test_a_curve_of_budgets_is_drawn_and_downloaded(site: Site) -> None:
    scenario = site.example()
    told = site.told(site.post(f"/s/{scenario}/curve", {"low": "2000", "high": "3500"}, headers=HTMX))
    assert "<svg" in told
    found = re.search(r"/s/[0-9a-f]+/jobs/[0-9a-f]+/answer", told)
    assert found
    rows = list(csv.reader(io.StringIO(site.get(f"{found[0]}?form=csv").text)))
    assert len(rows) == 8
    assert site.post(f"/s/{scenario}/curve", {"low": "2000", "high": "2000"}).status_code == 422


def test_pictures_the_report_and_all_downloads_are_there(site: Site) -> None:
    scenario = site.example()
    at = f"/s/{scenario}/jobs/{job_of(site.work(scenario))}"
    assert site.get(f"{at}/pictures").text.count("<svg") >= 4
    assert "How good it is, proved" in site.get(f"{at}/report").text
    for form, begin in {"json": b"{", "html": b"<!doctype", "csv": b"\xef\xbb\xbf", "xlsx": b"PK"}.items():
        answer = site.get(f"{at}/plan.{form}")
        assert answer.content.startswith(begin)
        assert answer.headers["content-disposition"] == f'attachment; filename="my-first-campaign-plan.{form}"'


def test_a_plan_of_another_scenario_is_not_shown(site: Site) -> None:
    one, two = site.example(), site.example()
    page = site.work(one)
    job, plan = job_of(page), saved(site, one, page, "May")
    for path in (f"jobs/{job}/pictures", f"jobs/{job}/work", f"plans/{plan}", f"plans/{plan}/plan.json"):
        assert site.get(f"/s/{two}/{path}").status_code == 404, path


def test_a_browser_without_scripts_gets_the_plan_as_a_page(site: Site) -> None:
    scenario = site.example()
    page = site.post(f"/s/{scenario}/work", {"budget": "3 000", "was_budget": "4000"}).text
    assert page.startswith("<!doctype html>")
    assert value_of(page) > 0
    assert "Budget: 3,000" in page


def test_a_search_is_followed_stopped_and_given_up(site: Site) -> None:
    scenario = site.example()
    kept = site.service.scenarios.get(scenario)
    job = site.service.jobs.register.submit(kept.id, "plan", {"gap": 0.01}, lease=60, waiting=8, key=None)
    page = site.get(f"/s/{scenario}/jobs/{job.id}/work").text  # nobody runs it yet, or it is done at once
    assert "Stop with the best so far" in page or 'class="big"' in page
    assert site.post(f"/s/{scenario}/jobs/{job.id}/stop").status_code == 204
    assert site.post(f"/s/{scenario}/jobs/{job.id}/cancel").status_code == 204


def test_a_new_question_gives_up_the_search_before_it(site: Site) -> None:
    scenario = site.example()
    kept = site.service.scenarios.get(scenario)
    job = site.service.jobs.register.submit(kept.id, "plan", {"gap": 0.5}, lease=60, waiting=8, key=None)
    site.work(scenario, running=job.id)
    assert site.service.jobs.register.get(job.id).state in ("cancelled", "done")


def test_json_of_a_plan_on_the_page_verifies(site: Site) -> None:
    scenario = site.example()
    document = json.loads(site.get(f"/s/{scenario}/jobs/{job_of(site.work(scenario))}/plan.json").content)
    assert document["outcome"] == "plan"


def test_the_first_plan_has_an_address_that_can_be_kept(site: Site) -> None:
    scenario = site.example()
    form = {"budget": "3 000", "was_budget": "4000", "begin": "1"}
    answer = site.post(f"/s/{scenario}/work", form, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/s/{scenario}?set=%5B%22budget%22%2C+%223000%22%5D"
    answer = site.get(f"/s/{scenario}/work", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/s/{scenario}")
