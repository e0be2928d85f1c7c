"""Saved plans."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from optimizer.service.api.answers import TYPES, at, errors, refusal
from optimizer.service.api.models import Described, PlanShown, SavedAsked
from optimizer.service.api.parameters import Match, PlanId, ScenarioId, etag_of
from optimizer.service.problems import problem
from optimizer.service.rendering import FORMS, rendered
from optimizer.service.service import Service
from optimizer.service.store.plans import Saved


def routes(service: Service) -> APIRouter:
    """The routes of saved plans."""
    router = APIRouter(prefix="/v1", tags=["plans"])
    plans = service.plans

    @router.get("/scenarios/{scenario}/plans", responses=errors(404))
    def list_plans(scenario: ScenarioId) -> list[PlanShown]:
        """The saved plans of a scenario, the newest first."""
        service.scenarios.get(scenario)
        return [PlanShown.of(one) for one in plans.listed(scenario)]

    @router.post(
        "/scenarios/{scenario}/plans", status_code=201, response_model=PlanShown, responses=errors(404, 409, 507)
    )
    def save_plan(request: Request, scenario: ScenarioId, said: SavedAsked) -> Response:
        """Save the plan that a job made."""
        return _shown(request, plans.save(scenario, said.name, said.notes, said.job), 201)

    @router.get("/plans/{plan}", response_model=PlanShown, responses=errors(404))
    def get_plan(request: Request, plan: PlanId) -> Response:
        """A saved plan, without its content."""
        return _shown(request, plans.get(plan))

    @router.get(
        "/plans/{plan}/content",
        response_class=Response,
        responses={
            200: {"description": "The plan.", "content": {TYPES[form].partition(";")[0]: {} for form in FORMS}},
            **errors(404),
        },
    )
    def get_content(
        plan: PlanId,
        form: Annotated[Literal["json", "html", "csv", "xlsx"], Query(description="the form of the plan")] = "json",
        language: Annotated[Literal["en", "fr"], Query(description="the language of a page or a workbook")] = "en",
    ) -> Response:
        """The plan itself: as JSON, as a page, as a table, or as a workbook."""
        content = rendered(plans.content(plan), form, language)
        if content is None:
            return refusal(problem(404, "this answer has no plan that a table could hold", "ask for json or html"))
        headers = {"Content-Disposition": f'attachment; filename="plan.{form}"'} if form in ("csv", "xlsx") else None
        return Response(content, media_type=TYPES[form], headers=headers)

    @router.patch("/plans/{plan}", response_model=PlanShown, responses=errors(404, 412, 428))
    def describe_plan(request: Request, plan: PlanId, said: Described, if_match: Match = None) -> Response:
        """Give a saved plan another name or other notes."""
        return _shown(request, plans.describe(plan, said.name, said.notes, match=etag_of(if_match)))

    @router.delete("/plans/{plan}", status_code=204, responses=errors(404))
    def remove_plan(plan: PlanId) -> None:
        """Remove a saved plan."""
        plans.remove(plan)

    return router


def _shown(request: Request, saved: Saved, status: int = 200) -> Response:
    headers = {"ETag": f'"{saved.etag}"'}
    if status == 201:
        headers["Location"] = at(request, f"/v1/plans/{saved.id}")
    return JSONResponse(PlanShown.of(saved).model_dump(), status, headers)
