"""Scenarios and their files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from optimizer.service.api.answers import at, errors
from optimizer.service.api.models import ForgetAsked, Forgotten, Named, NewScenario, ScenarioShown
from optimizer.service.api.parameters import FileName, Match, ScenarioId, etag_of
from optimizer.service.forgetting import forget
from optimizer.service.incoming import incoming
from optimizer.service.service import Service
from optimizer.service.starting import Where, started
from optimizer.service.store.errors import RefusedError
from optimizer.service.store.scenarios import FILES_MOST, MAIN, Kept


def routes(service: Service) -> APIRouter:
    """The routes under /v1/scenarios."""
    router = APIRouter(prefix="/v1", tags=["scenarios"])
    _add_scenarios(router, service)
    _add_files(router, service)

    @router.post("/forget", responses=errors(412, 429, 500, 504))
    def forget_creator(said: ForgetAsked) -> Forgotten:
        """Remove a creator: their rows in all files, and the plans and jobs that name them."""
        return Forgotten(**forget(service, said.creator))

    return router


def _add_scenarios(router: APIRouter, service: Service) -> None:
    scenarios = service.scenarios

    @router.get("/scenarios", responses=errors())
    def list_scenarios() -> list[ScenarioShown]:
        """All scenarios, the last changed first."""
        return [ScenarioShown.of(one) for one in scenarios.listed()]

    @router.post("/scenarios", status_code=201, response_model=ScenarioShown, responses=errors(507))
    def make_scenario(request: Request, said: NewScenario) -> Response:
        """Keep a scenario with small files of text, in JSON; send others as a form, or with PUT afterwards."""
        files = {name: text.encode() for name, text in said.files.items()}
        return _shown(request, scenarios.make(said.name, said.main, files), 201)

    @router.post("/scenarios/uploaded", status_code=201, response_model=ScenarioShown, responses=errors(507))
    def upload_scenario(
        request: Request,
        files: Annotated[list[UploadFile], File(max_length=FILES_MOST, description="the files, under their names")],
        name: Annotated[str, Form(max_length=200)] = "",
        main: Annotated[str, Form(min_length=1, max_length=200, description="the scenario's own file")] = MAIN,
    ) -> Response:
        """Keep a scenario with files of any kind and size, sent as a form (multipart/form-data)."""
        named = {each.filename or "": each.file for each in files}
        if len(named) < len(files):
            raise RefusedError("two files have the same name", "give each of them a name of its own")
        return _shown(request, scenarios.make(name, main, named), 201)

    @router.post(
        "/scenarios/started",
        status_code=201,
        response_model=ScenarioShown,
        responses=errors(412, 429, 500, 504, 507),
        openapi_extra={"requestBody": _BINARY},
    )
    async def start_scenario(
        request: Request,
        file: Annotated[str, Query(max_length=120, description="the name of the file, as `creators.xlsx`")],
        name: Annotated[str, Query(max_length=200, description="the name of the scenario")] = "",
        sheet: Annotated[str, Query(max_length=200, description="the sheet of a workbook that has several")] = "",
        header: Annotated[int | None, Query(ge=1, description="the row that names the columns")] = None,
    ) -> Response:
        """Start a scenario from a file of creators, with guesses about its columns, as `creatormix new --from`."""
        async with incoming(request) as content:
            kept, _ = await run_in_threadpool(started, service, file, content, name, Where(sheet, header))
        return _shown(request, kept, 201)

    @router.get("/scenarios/{scenario}", response_model=ScenarioShown, responses=errors(404))
    def get_scenario(request: Request, scenario: ScenarioId) -> Response:
        """A scenario, without the content of its files."""
        return _shown(request, scenarios.get(scenario))

    @router.patch("/scenarios/{scenario}", response_model=ScenarioShown, responses=errors(404, 412, 428))
    def rename_scenario(request: Request, scenario: ScenarioId, said: Named, if_match: Match = None) -> Response:
        """Give a scenario another name in the list."""
        return _shown(request, scenarios.rename(scenario, said.name, match=etag_of(if_match)))

    @router.delete("/scenarios/{scenario}", status_code=204, responses=errors(404))
    def remove_scenario(scenario: ScenarioId) -> None:
        """Remove a scenario with its files, jobs and plans."""
        scenarios.remove(scenario)
        service.jobs.forget(scenario)


def _add_files(router: APIRouter, service: Service) -> None:
    scenarios = service.scenarios

    @router.get("/scenarios/{scenario}/files/{name:path}", response_class=Response, responses=_FILE | errors(404))
    def get_file(scenario: ScenarioId, name: FileName) -> Response:
        """The content of a file."""
        content, etag = scenarios.file(scenario, name)
        headers = {"ETag": f'"{etag}"', "Content-Disposition": "attachment"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    @router.put(
        "/scenarios/{scenario}/files/{name:path}",
        response_model=ScenarioShown,
        responses=errors(404, 412, 428, 507),
        openapi_extra={"requestBody": _BINARY},
    )
    async def put_file(request: Request, scenario: ScenarioId, name: FileName, if_match: Match = None) -> Response:
        """Write a file of a scenario, the scenario's own or another."""
        async with incoming(request) as content:
            kept = await run_in_threadpool(scenarios.write, scenario, {name: content}, match=etag_of(if_match))
        return _shown(request, kept)

    @router.delete(
        "/scenarios/{scenario}/files/{name:path}", response_model=ScenarioShown, responses=errors(404, 412, 428)
    )
    def remove_file(request: Request, scenario: ScenarioId, name: FileName, if_match: Match = None) -> Response:
        """Remove a file of a scenario."""
        return _shown(request, scenarios.remove_file(scenario, name, match=etag_of(if_match)))


_BINARY = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_FILE: dict[int | str, dict[str, object]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


def _shown(request: Request, kept: Kept, status: int = 200) -> Response:
    headers = {"ETag": f'"{kept.etag}"'}
    if status == 201:
        headers["Location"] = at(request, f"/v1/scenarios/{kept.id}")
    return JSONResponse(ScenarioShown.of(kept).model_dump(), status, headers)
