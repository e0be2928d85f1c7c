"""The verbs: each makes a job, and answers with its result if the client waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from optimizer.service.api import models
from optimizer.service.api.answers import JSON, answered, errors, wait_of
from optimizer.service.api.parameters import ScenarioId
from optimizer.service.service import Service

Prefer = Annotated[
    str | None,
    Header(description="`wait=10`: answer with the result if it is there within so many seconds (60 at most)"),
]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", max_length=200, description="the same key with the same request gives the same job"
    ),
]
_ASKED = {
    "check": (models.CheckAsked, "Check the scenario: everything that planning does before its search."),
    "plan": (models.PlanAsked, "The best mix of creators, with its proof; or why there is none."),
    "compare": (models.CompareAsked, "Put cases side by side."),
    "sweep": (models.SweepAsked, "The best plan over ranges of one or two inputs, or between two goals."),
    "explain": (models.ExplainAsked, "What rules cost, at which fees creators are booked, which figures decide."),
    "alternatives": (models.AlternativesAsked, "Other plans near the best one, who is in all of them, and stand-ins."),
    "replan": (models.ReplanAsked, "Plan again once creators have answered."),
    "verify": (models.VerifyAsked, "Work out again all that a saved plan states, without any solver."),
}


def routes(service: Service) -> APIRouter:
    """The routes of the verbs, under /v1/scenarios/{scenario}."""
    router = APIRouter(prefix="/v1/scenarios/{scenario}", tags=["verbs"])
    for verb, (asked, said) in _ASKED.items():
        router.add_api_route(
            f"/{verb}",
            _route(service, verb, asked),
            methods=["POST"],
            name=verb,
            summary=verb.capitalize(),
            description=said,
            response_class=Response,
            responses={
                200: {"description": "The result.", "content": {JSON: {"schema": {"type": "object"}}}},
                202: {"description": "The job, while it is under way.", "model": models.JobShown},
                204: {"description": "The client left, and the work was given up."},
                **errors(404, 410, 412, 429, 500, 504, 507),
            },
        )
    return router


def _route(service: Service, verb: str, kind: Any) -> Callable[..., Any]:
    async def ask(
        request: Request,
        scenario: ScenarioId,
        said: Any,
        prefer: Prefer = None,
        idempotency_key: Key = None,
    ) -> Response:
        arguments = said.model_dump(exclude_none=True, exclude_defaults=True)
        for plan in [arguments, *arguments.get("cases", ())]:
            if "plan" in plan:
                await run_in_threadpool(service.plans.source, plan["plan"])
        lease = arguments.pop("lease_s", None)
        job = await run_in_threadpool(
            service.jobs.submit, scenario, verb, arguments, lease=lease, key=idempotency_key or None
        )
        return await answered(request, service, job, wait_of(prefer), keyed=bool(idempotency_key))

    ask.__annotations__["said"] = kind  # by which the body is read and described
    return ask
