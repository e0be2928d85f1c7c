"""The ASGI application, to run by itself or to mount in another one."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from optimizer import __version__
from optimizer.service import pages
from optimizer.service.api import asks, health, jobs, plans, scenarios
from optimizer.service.api.answers import refusal
from optimizer.service.guard import Guard
from optimizer.service.login import routes as login_routes
from optimizer.service.problems import problem, problem_of
from optimizer.service.service import NoAnswerError, Service
from optimizer.service.settings import Settings
from optimizer.service.store.errors import RefusedError

_ABOUT = (
    "Plans campaigns with nano and micro creators: the verbs of the creatormix command over HTTP. Scenarios and their"
    " files are kept by id. A verb makes a job; with `Prefer: wait=10` its result is the answer if it is there in time."
    " Errors are problem documents."
)


def create_app(settings: Settings | str | Path) -> FastAPI:
    """The service as an ASGI application.

    It needs no lifespan events of its host: threads and worker processes begin with the first job, and end with the
    process. Mount it under any path.

    Parameters
    ----------
    settings
        The settings, or just the path of the store.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     app = create_app(f"{folder}/store.db")
    >>> app.title
    'creatormix'
    """
    service = Service(settings if isinstance(settings, Settings) else Settings(Path(settings)))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.jobs.end()

    app = FastAPI(
        title="creatormix",
        version=__version__,
        description=_ABOUT,
        docs_url=None,  # whose page would load its parts from elsewhere
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    app.state.service = service
    for module in (scenarios, asks, jobs, plans, health):
        app.include_router(module.routes(service))
    app.include_router(login_routes(service))
    app.include_router(pages.routes(service))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (RefusedError, NoAnswerError, sqlite3.Error, Exception):
        app.add_exception_handler(kind, _failed)
    app.add_middleware(Guard, settings=service.settings)
    return app


async def _invalid(_: Request, error: Exception) -> Response:
    """A request whose parameters or body are not what they should be."""
    assert isinstance(error, RequestValidationError)
    said = [
        {
            "code": "request",
            "file": None,
            "line": None,
            "column": None,
            "cause": f"{_where(one['loc'])}: {one['msg']}",
            "mend": "",
        }
        for one in error.errors()[:20]
    ]
    return refusal(problem(422, "the request is at fault", said[0]["cause"] or "", problems=said))


def _where(path: tuple[int | str, ...]) -> str:
    """The place of a fault in a request, in words."""
    return ".".join(str(step) for step in path[1:]) or str(path[0])


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = refusal(problem(error.status_code, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer


async def _failed(_: Request, error: Exception) -> Response:
    if isinstance(error, NoAnswerError):
        return refusal(error.said)
    if isinstance(error, sqlite3.Error):
        full = "full" in str(error) or "readonly" in str(error)
        return refusal(problem(507 if full else 500, "the store cannot be written" if full else "the store failed"))
    return refusal(problem_of(error))
