"""How routes answer: problems, jobs that somebody waits for, and documents."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from optimizer.service.api.models import JobShown, ProblemShown
from optimizer.service.problems import TYPE, problem
from optimizer.service.service import Service
from optimizer.service.store.jobs import Job

JSON: Final = "application/json"
TYPES: Final[Mapping[str, str]] = {
    "json": JSON,
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "yaml": "application/yaml; charset=utf-8",
}
WAIT_MOST: Final = 60.0  # seconds
_LOOK: Final = 0.02
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Statuses as OpenAPI describes them: every error is a problem document."""
    said = {"model": ProblemShown, "content": {TYPE: {"schema": {"$ref": "#/components/schemas/ProblemShown"}}}}
    return {status: {**said, "description": _SAID[status]} for status in (*statuses, 401, 403, 413, 421, 422)}


_SAID: Final = {
    400: "The request cannot be read.",
    401: "The token is missing.",
    403: "The request comes from another site.",
    404: "There is nothing of this name.",
    409: "It is not ready.",
    410: "The work was given up.",
    412: "Somebody else changed it.",
    413: "It is too large.",
    415: "The kind of the content is not taken.",
    421: "The service does not answer under this name.",
    422: "The scenario or the request is at fault.",
    428: "The change does not say which version it changes.",
    429: "There is too much to do already.",
    500: "A fault of the service.",
    504: "It took too long.",
    507: "The store is full.",
}


def refusal(said: Mapping[str, Any]) -> Response:
    """A problem as the answer."""
    headers = {"Retry-After": "5"} if said["status"] in (409, 429) else None
    return JSONResponse(dict(said), said["status"], headers, TYPE)


def at(request: Request, path: str) -> str:
    """A path of this service, wherever it is mounted."""
    return f"{request.scope.get('root_path', '')}{path}"


def job_response(request: Request, job: Job) -> Response:
    """A job that is under way."""
    headers = {"Location": at(request, f"/v1/jobs/{job.id}"), "Retry-After": "1"}
    return JSONResponse(JobShown.of(job).model_dump(), 202, headers)


def wait_of(prefer: str | None) -> float:
    """How long a client waits for the answer (RFC 7240)."""
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), WAIT_MOST) if found else 0.0


async def answered(request: Request, service: Service, job: Job, seconds: float, *, keyed: bool) -> Response:
    """The answer of a job, or the job while it is under way.

    The work of a client that waits and leaves is given up at once, unless it has a key to come back with.
    """
    register, until = service.jobs.register, time.monotonic() + seconds
    while not job.over and time.monotonic() < until:
        if await request.is_disconnected():
            if not keyed:
                await run_in_threadpool(register.unwanted, job.id)
            return Response(status_code=204)
        await asyncio.sleep(_LOOK)
        job = await run_in_threadpool(register.get, job.id)
    if not job.over:
        return job_response(request, job)
    return await run_in_threadpool(result_of, service, job, "json")


def result_of(service: Service, job: Job, form: str) -> Response:
    """What came of a job that is over, in a form."""
    if job.state == "failed":
        return refusal(job.problem or problem(500, "it failed"))
    if job.state == "cancelled":
        return refusal(problem(410, "the work was given up", "ask again"))
    found = service.jobs.register.answer(job.id, form)
    if found is None:
        there = ", ".join(job.forms)
        return refusal(problem(404, f"there is no answer in this form; there is: {there}"))
    return Response(found, media_type=TYPES[form], headers={"Content-Location": f"/v1/jobs/{job.id}/result"})
