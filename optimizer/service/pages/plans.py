"""Saved plans: kept with a name and notes, opened, put side by side, and made again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from optimizer.service.api.parameters import PlanId, ScenarioId
from optimizer.service.pages import asking, work
from optimizer.service.pages.case import QUICK, Case
from optimizer.service.pages.page import elsewhere, language_of, page, router
from optimizer.service.service import Service
from optimizer.service.store.errors import RefusedError, UnknownError
from optimizer.service.store.plans import Saved
from optimizer.service.store.scenarios import Kept

_Name = Annotated[str, Form(max_length=200)]
_Notes = Annotated[str, Form(max_length=10_000)]
_CASES_MOST = 20


def routes(service: Service) -> APIRouter:
    """The routes of saved plans."""
    found = router()
    _of_all(found, service)
    _of_comparing(found, service)
    _of_one(found, service)
    _of_changing(found, service)
    return found


def _of_all(found: APIRouter, service: Service) -> None:
    @found.get("/s/{scenario}/plans")
    def list_plans(request: Request, scenario: ScenarioId) -> Response:
        kept = service.scenarios.get(scenario)
        values = {"plans": service.plans.listed(scenario), "started": asking.was_started(service, scenario)}
        return page(request, "plans.html", kept=kept, tab="plans", **values)

    @found.post("/s/{scenario}/plans")
    def save(
        request: Request,
        scenario: ScenarioId,
        job: Annotated[str, Form(max_length=40)],
        name: _Name,
        notes: _Notes = "",
    ) -> Response:
        """Save the plan that a job made."""
        kept = service.scenarios.get(scenario)
        saved = service.plans.save(scenario, name.strip() or kept.name, notes, job)
        if request.headers.get("hx-request") != "true":
            return elsewhere(request, f"/s/{scenario}/plans/{saved.id}")
        return page(request, "saved.html", kept=kept, saved=saved)


def _of_comparing(found: APIRouter, service: Service) -> None:
    @found.post("/s/{scenario}/plans/compare")
    async def compare(request: Request, scenario: ScenarioId) -> Response:
        """Put saved plans side by side."""
        chosen = [str(one) for one in (await request.form()).getlist("plan")]
        kept = service.scenarios.get(scenario)
        if not 2 <= len(chosen) <= _CASES_MOST:
            raise RefusedError("choose two plans or more", f"tick the plans to compare, {_CASES_MOST} at most")
        plans = sorted((_of(service, scenario, one) for one in chosen), key=lambda one: one.created)
        cases = _cases(plans)  # the first that was saved is the one that others differ from
        arguments = {"cases": cases, "gap": QUICK, "language": language_of(request)}
        job = asking.submitted(service, kept, "compare", arguments)
        started = asking.was_started(service, scenario)
        return page(request, "compare.html", kept=kept, tab="plans", job=job, started=started)


def _of_one(found: APIRouter, service: Service) -> None:
    @found.get("/s/{scenario}/plans/{plan}")
    def open_plan(request: Request, scenario: ScenarioId, plan: PlanId) -> Response:
        """A saved plan as it was saved."""
        kept, saved = service.scenarios.get(scenario), _of(service, scenario, plan)
        case = Case.of_arguments(saved.arguments)
        _, outline = asking.outlined(service, kept, case, 0.0)
        told = work.of_content(service.plans.content(plan), case, outline or {}, language_of(request))
        form = work.form(outline, language_of(request))
        return page(request, "plan.html", **_opened(service, kept, saved, case), **form, **told)


def _opened(service: Service, kept: Kept, saved: Saved, case: Case) -> dict[str, Any]:
    """What the page of a saved plan shows beside its content."""
    return {
        "kept": kept,
        "case": case,
        "saved": saved,
        "tab": "plans",
        "started": asking.was_started(service, kept.id),
        "job": None,
        "trouble": None,
        "progress": None,
        "gap": saved.arguments.get("gap", QUICK),
        "source": f"/s/{kept.id}/plans/{saved.id}",
        "replans": work.replanned_name(service, case),
    }


def _of_changing(found: APIRouter, service: Service) -> None:
    @found.post("/s/{scenario}/plans/{plan}/describe")
    def describe(
        request: Request,
        scenario: ScenarioId,
        plan: PlanId,
        name: _Name,
        match: Annotated[str, Form(max_length=64)],
        notes: _Notes = "",
    ) -> Response:
        """Another name, or other notes."""
        saved = _of(service, scenario, plan)
        service.plans.describe(plan, name.strip() or saved.name, notes, match=match)
        return elsewhere(request, f"/s/{scenario}/plans/{plan}")

    @found.post("/s/{scenario}/plans/{plan}/delete")
    def delete(request: Request, scenario: ScenarioId, plan: PlanId) -> Response:
        _of(service, scenario, plan)
        service.plans.remove(plan)
        return elsewhere(request, f"/s/{scenario}/plans")


def _of(service: Service, scenario: str, plan: str) -> Saved:
    """A saved plan of this scenario; raises UnknownError."""
    saved = service.plans.get(plan)
    if saved.scenario != scenario:
        raise UnknownError("there is no such plan")
    return saved


def _cases(plans: list[Saved]) -> list[dict[str, str]]:
    """Cases of a comparison, whose names must differ."""
    names: list[str] = []
    for one in plans:
        number, name = 2, one.name or "plan"
        while name in names:
            number, name = number + 1, f"{one.name or 'plan'} ({number})"
        names.append(name)
    return [{"name": name, "plan": one.id} for name, one in zip(names, plans, strict=True)]
