"""Jobs: how far they are, their answers, and how to end them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from optimizer.service.api.answers import TYPES, errors, job_response, refusal, result_of
from optimizer.service.api.models import JobShown
from optimizer.service.api.parameters import JobId, ScenarioId
from optimizer.service.problems import problem
from optimizer.service.service import Service
from optimizer.service.store.jobs import Job

_LOOK = 0.1  # seconds between looks at a job that is followed
_BEAT = 100  # looks without news after which a line says that the service is there
_LOOKS_MOST = 6_000  # after which a client has to ask again, so that none that left unseen is told for ever


def routes(service: Service) -> APIRouter:
    """The routes under /v1/jobs."""
    router = APIRouter(prefix="/v1", tags=["jobs"])
    register = service.jobs.register

    @router.get("/scenarios/{scenario}/jobs", responses=errors(404))
    def list_jobs(scenario: ScenarioId) -> list[JobShown]:
        """The jobs of a scenario, the newest first."""
        service.scenarios.get(scenario)
        return [JobShown.of(job) for job in register.of(scenario)]

    @router.get("/jobs/{job}", responses=errors(404))
    def get_job(job: JobId) -> JobShown:
        """How far a job is. Asking says that it is wanted still."""
        service.jobs.begin()
        return JobShown.of(register.get(job))

    @router.get(
        "/jobs/{job}/result",
        response_class=Response,
        responses={
            200: {"description": "The result.", "content": {each.partition(";")[0]: {} for each in TYPES.values()}},
            **errors(404, 409, 410, 412, 429, 500, 504, 507),
        },
    )
    def get_result(
        job: JobId,
        form: Annotated[Literal["json", "html", "csv", "xlsx"], Query(description="the form of the result")] = "json",
    ) -> Response:
        """The result of a job that is done."""
        found = register.get(job)
        if not found.over:
            return refusal(problem(409, "this is not done yet", "ask again in some seconds"))
        return result_of(service, found, form)

    @router.get(
        "/jobs/{job}/events",
        response_class=StreamingResponse,
        responses={200: {"description": "Events.", "content": {"text/event-stream": {}}}, **errors(404)},
    )
    async def follow_job(request: Request, job: JobId) -> Response:
        """The job whenever something of it changes, as server-sent events, until it is over; ten minutes at most."""
        first = await run_in_threadpool(register.get, job)
        return StreamingResponse(_events(request, service, first), media_type="text/event-stream")

    @router.post("/jobs/{job}/stop", status_code=202, response_model=JobShown, responses=errors(404))
    def stop_job(request: Request, job: JobId) -> Response:
        """Ask for the best that was found so far."""
        return job_response(request, register.stop(job))

    @router.delete("/jobs/{job}", responses=errors(404))
    def cancel_job(job: JobId) -> JobShown:
        """Give a job up; its process is ended."""
        return JobShown.of(register.unwanted(job))

    return router


async def _events(request: Request, service: Service, job: Job) -> AsyncIterator[str]:
    told, silent = "", 0
    for _ in range(_LOOKS_MOST):
        said = json.dumps(JobShown.of(job).model_dump())
        silent += 1
        if said != told:
            told, silent = said, 0
            yield f"event: job\ndata: {said}\n\n"
        elif silent % _BEAT == 0:
            yield ": still there\n\n"
        if job.over or await request.is_disconnected():
            return
        await asyncio.sleep(_LOOK)
        job = await run_in_threadpool(service.jobs.register.get, job.id)
