"""What is worked out on demand beside a plan: pictures, the whole report, fees, curves, comparisons; and downloads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import Response

from optimizer.domain.exact import Currency
from optimizer.report.language import said
from optimizer.results import words
from optimizer.results.plan import Plan
from optimizer.service.api.answers import TYPES
from optimizer.service.api.parameters import ID, ScenarioId
from optimizer.service.pages import asking, shown, spoken, work
from optimizer.service.pages.case import NEAR, QUICK, Case
from optimizer.service.pages.page import language_of, page, refused, router
from optimizer.service.pages.phrases import speaker
from optimizer.service.problems import problem
from optimizer.service.rendering import rendered
from optimizer.service.service import Service
from optimizer.service.store.errors import RefusedError
from optimizer.service.store.jobs import Job
from optimizer.service.store.scenarios import Kept

Kind = Annotated[Literal["jobs", "plans"], Path()]
Which = Annotated[str, Path(pattern=ID)]
TextField = Annotated[str, Form(max_length=40_000)]
DownloadForm = Literal["json", "html", "csv", "xlsx"]


def routes(service: Service) -> APIRouter:
    """The routes of what is told on demand."""
    found = router()
    _of_plans(found, service)
    _of_jobs(found, service)
    _of_answers(found, service)
    return found


def _of_plans(found: APIRouter, service: Service) -> None:
    @found.get("/s/{scenario}/{kind}/{which}/pictures")
    def draw(request: Request, scenario: ScenarioId, kind: Kind, which: Which) -> Response:
        """The pictures of a plan."""
        kept = service.scenarios.get(scenario)
        plan = shown.read_back(asking.content(service, kept, kind, which))
        speaker = spoken.speaker_of(language_of(request), plan)
        drawn = shown.drawn(plan, speaker) if isinstance(plan, Plan) else []
        return page(request, "pictures.html", drawn=drawn)

    @found.get("/s/{scenario}/{kind}/{which}/report")
    def report(request: Request, scenario: ScenarioId, kind: Kind, which: Which) -> Response:
        """The whole report of a plan, as it is downloaded, inside the page."""
        content = asking.content(service, service.scenarios.get(scenario), kind, which)
        return page(request, "report.html", body=asking.inner(rendered(content, "html", language_of(request)) or b""))

    @found.get("/s/{scenario}/{kind}/{which}/plan.{form}")
    def download(request: Request, scenario: ScenarioId, kind: Kind, which: Which, form: DownloadForm) -> Response:
        """A plan as a file."""
        kept = service.scenarios.get(scenario)
        content = rendered(asking.content(service, kept, kind, which), form, language_of(request))
        if content is None:
            return refused(request, problem(404, "this answer has no plan that a table could hold", "ask for JSON"))
        return _file(content, kept, "plan", form)


def _of_jobs(found: APIRouter, service: Service) -> None:
    @found.post("/s/{scenario}/explain")
    def explain(
        request: Request,
        scenario: ScenarioId,
        creator: Annotated[str, Form(min_length=1, max_length=200)],
        case: TextField = "",
    ) -> Response:
        """What a creator is worth: up to which fee they are booked, or why they are not."""
        kept, asked = service.scenarios.get(scenario), asking.behind(service, Case.read(case), answers=True)
        arguments = {"creators": [creator.strip()], "rules": False, "figures": False, "gap": NEAR}
        return _begun(request, service, kept, "explain", {**asked.arguments, **arguments})

    @found.post("/s/{scenario}/worth")
    def worth(request: Request, scenario: ScenarioId, case: TextField = "") -> Response:
        """What each rule costs, and which figures decide."""
        kept, asked = service.scenarios.get(scenario), asking.behind(service, Case.read(case), answers=True)
        arguments = {**asked.arguments, "creators": [], "gap": QUICK}
        return _begun(request, service, kept, "explain", arguments)

    @found.post("/s/{scenario}/others")
    def others(request: Request, scenario: ScenarioId, case: TextField = "") -> Response:
        """Other plans that are nearly as good."""
        kept, asked = service.scenarios.get(scenario), asking.behind(service, Case.read(case), answers=True)
        arguments = {**asked.arguments, "count": 5, "gap": QUICK}
        return _begun(request, service, kept, "alternatives", arguments)

    @found.post("/s/{scenario}/curve")
    def curve(
        request: Request,
        scenario: ScenarioId,
        low: Annotated[float, Form(gt=0, le=1e12)],
        high: Annotated[float, Form(gt=0, le=1e12)],
        case: TextField = "",
    ) -> Response:
        """What other budgets would bring."""
        if not low < high:
            raise RefusedError("the higher budget is not above the lower one", "write the lower one first")
        kept, asked = service.scenarios.get(scenario), asking.behind(service, Case.read(case), answers=True)
        step = (high - low) / 6
        budgets = [f"{low + number * step:.0f}" for number in range(7)]
        changes = {path: value for path, value in asked.changes.items() if path != "budget"}
        arguments = {**asked.arguments, "changes": changes, "vary": {"budget": budgets}, "gap": QUICK}
        return _begun(request, service, kept, "sweep", arguments)

    @found.post("/s/{scenario}/beside")
    def beside(request: Request, scenario: ScenarioId, case: TextField = "") -> Response:
        """The question beside the scenario as it is written."""
        kept, asked = service.scenarios.get(scenario), Case.read(case)
        if asked.plan:
            raise RefusedError("save this plan first", "then compare it with the other one, under Saved plans")
        say = speaker(language_of(request))
        cases = [{"name": say("as written")}, {"name": say("changed"), **asked.arguments}]
        return _begun(request, service, kept, "compare", {"cases": cases, "gap": QUICK})


def _of_answers(found: APIRouter, service: Service) -> None:
    @found.get("/s/{scenario}/jobs/{job}/told")
    def look(request: Request, scenario: ScenarioId, job: Which) -> Response:
        """How far such a job is; its answer once it is there."""
        service.jobs.begin()
        kept = service.scenarios.get(scenario)
        return _told(request, service, kept, asking.of_scenario(service, kept, job))

    @found.get("/s/{scenario}/jobs/{job}/answer")
    def answer(
        request: Request, scenario: ScenarioId, job: Which, form: Annotated[DownloadForm, Query()] = "json"
    ) -> Response:
        """Such an answer as a file."""
        kept = service.scenarios.get(scenario)
        one = asking.of_scenario(service, kept, job)
        content = service.jobs.register.answer(one.id, form)
        if content is None:
            return refused(request, problem(404, "there is no such answer", "ask again"))
        return _file(content, kept, one.verb, form)


def _begun(request: Request, service: Service, kept: Kept, verb: str, arguments: Mapping[str, Any]) -> Response:
    """A question that is worked on, told in the language of the page."""
    job = asking.submitted(service, kept, verb, {**arguments, "language": language_of(request)})
    return _told(request, service, kept, job)


def _told(request: Request, service: Service, kept: Kept, job: Job) -> Response:
    job = service.waited(job.id, 0.3)
    html = service.jobs.register.answer(job.id, "html") if job.state == "done" else None
    lacking = None
    if job.state == "done" and html is None:  # there is no plan to speak of
        reason = json.loads(service.jobs.register.answer(job.id, "json") or b"{}").get("reason", "")
        lacking = said(reason, language_of(request))
    values = {"kept": kept, "job": job, "trouble": asking.trouble(job), "lacking": lacking}
    values["body"] = None if html is None else asking.inner(html, job.verb)
    answer = json.loads(service.jobs.register.answer(job.id, "json") or b"{}") if html else {}
    values["worth"] = _worth(answer, language_of(request)) if html else None
    values["progress"] = work.progress(job.progress, language_of(request)) if job.progress else None
    return page(request, "told.html", **values)


def _worth(said: dict[str, Any], language: str) -> dict[str, str] | None:
    """What the only creator of an explanation is worth, if they are booked: fees, and what is lost without them."""
    found = said.get("creators") if said.get("format") == "creatormix/explanation/1" else None
    if not found or len(found) > 1 or not found[0]["in"] or found[0]["fee"] is None:
        return None
    (one,) = found
    code = said["currency"]

    def money(fee: float) -> str:
        return spoken.numeral(f"{words.written(fee, 'money', Currency(code).decimals)} {code}", language)

    highest = one["walk_away_fee"]
    known = one["proved"] or one["fee_high"] in (None, highest)
    upto = "" if highest is None else money(highest) if known else f"{money(one['fee_low'])} … {money(one['fee_high'])}"
    return {
        "fee": money(one["fee"]),
        "upto": upto,
        "never": "" if upto or one["fee_intervals"] else "yes",
        "lost": "" if one["loss_without"] is None else spoken.numeral(words.short(one["loss_without"]), language),
        "instead": ", ".join(one["replaced_by"]),
    }


def _file(content: bytes, kept: Kept, what: str, form: str) -> Response:
    """A file to keep, named after its scenario."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in kept.name).strip("-").lower()
    name = "-".join(part for part in plain.split("-") if part)[:60] or "scenario"
    headers = {"content-disposition": f'attachment; filename="{name}-{what}.{form}"'}
    return Response(content, media_type=TYPES[form], headers=headers)
