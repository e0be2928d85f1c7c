"""The page of a scenario: its question, and the plan that answers it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from optimizer.service.api.parameters import JobId, ScenarioId
from optimizer.service.pages import asking, question, work
from optimizer.service.pages.case import NEAR, QUICK, Case
from optimizer.service.pages.page import elsewhere, language_of, page, router
from optimizer.service.service import Service

_WAIT_MOST = 60.0  # seconds for a browser without scripts


def routes(service: Service) -> APIRouter:
    """The routes of the plan of a scenario."""
    found = router()
    _of_questions(found, service)
    _of_searches(found, service)
    return found


def _of_questions(found: APIRouter, service: Service) -> None:
    @found.get("/s/{scenario}")
    def open_scenario(request: Request, scenario: ScenarioId) -> Response:
        kept = service.scenarios.get(scenario)
        case = Case.of_pairs(request.query_params.multi_items())
        return page(
            request,
            "scenario.html",
            kept=kept,
            case=case,
            tab="plan",
            begin=True,
            started=asking.was_started(service, kept.id),
        )

    @found.get("/s/{scenario}/question")
    def show_question(request: Request, scenario: ScenarioId) -> Response:
        """The form of a question, once the scenario is read."""
        kept, case = service.scenarios.get(scenario), Case.of_pairs(request.query_params.multi_items())
        job, outline = asking.outlined(service, kept, case)
        form = question.form_of(outline, language_of(request)) if outline else None
        if job.over and outline is None:
            return Response("")
        return page(request, "question.html", kept=kept, case=case, form=form, job=None, saved=None)

    @found.post("/s/{scenario}/work")
    async def plan(request: Request, scenario: ScenarioId) -> Response:
        """Plan a question, as a form or a button changes it."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await run_in_threadpool(_planned, request, scenario, form)

    def _planned(request: Request, scenario: str, form: dict[str, str]) -> Response:
        kept = service.scenarios.get(scenario)
        case = Case.read(form.get("case", ""))
        if case.plan and (form.get("book") or form.get("leave_out")):  # which plan anew, with all that was said so far
            case = asking.behind(service, case, answers=True)
        case = question.asked(case, form, language_of(request))
        if form.get("running"):
            asking.of_scenario(service, kept, form["running"])
            service.jobs.register.unwanted(form["running"])
        part = request.headers.get("hx-request") == "true"
        if form.get("begin") and not part:  # the address then says the question, and how far it is can be seen
            return elsewhere(request, f"/s/{kept.id}?{case.query}" if case.query else f"/s/{kept.id}")
        _, outline = asking.outlined(service, kept, case)
        gap = NEAR if form.get("near") else QUICK
        job = asking.planned(service, kept, case, gap, asking.SOON if part else _WAIT_MOST)
        if not part:
            more = {"tab": "plan", "begin": False, "started": asking.was_started(service, kept.id)}
            return work.drawn(request, "scenario.html", service, kept, case, job, outline, **more)
        answer = work.drawn(request, "work.html", service, kept, case, job, outline)
        here = request.scope.get("root_path", "") + f"/s/{kept.id}"
        answer.headers["HX-Push-Url" if "again" not in form else "HX-Replace-Url"] = (
            f"{here}?{case.query}" if case.query else here
        )
        return answer


def _of_searches(found: APIRouter, service: Service) -> None:
    @found.get("/s/{scenario}/work")
    def back(request: Request, scenario: ScenarioId) -> Response:
        """Where a browser without scripts is sent that goes back to a plan, or keeps its address."""
        return elsewhere(request, f"/s/{service.scenarios.get(scenario).id}")

    @found.get("/s/{scenario}/jobs/{job}/work")
    def look(request: Request, scenario: ScenarioId, job: JobId) -> Response:
        """How far a job is; its plan once it is there."""
        service.jobs.begin()
        kept = service.scenarios.get(scenario)
        case = Case.of_pairs(request.query_params.multi_items())
        one = asking.of_scenario(service, kept, job)
        if not one.over:
            return work.drawn(request, "progress.html", service, kept, case, one, None)
        _, outline = asking.outlined(service, kept, case, 5.0)
        answer = work.drawn(request, "work.html", service, kept, case, one, outline)
        answer.headers.update({"HX-Retarget": "#work", "HX-Reswap": "outerHTML"})
        return answer

    @found.post("/s/{scenario}/jobs/{job}/stop", status_code=204)
    def stop(scenario: ScenarioId, job: JobId) -> Response:
        """Ask for the best that was found so far."""
        one = asking.of_scenario(service, service.scenarios.get(scenario), job)
        service.jobs.register.stop(one.id)
        return Response(status_code=204)

    @found.post("/s/{scenario}/jobs/{job}/cancel", status_code=204)
    def cancel(scenario: ScenarioId, job: JobId) -> Response:
        """Give a job up."""
        one = asking.of_scenario(service, service.scenarios.get(scenario), job)
        service.jobs.register.unwanted(one.id)
        return Response(status_code=204)
