"""The files of a scenario: listed, added, downloaded and removed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import Response

from optimizer.service.api.parameters import ScenarioId
from optimizer.service.pages import asking
from optimizer.service.pages.page import elsewhere, page, router
from optimizer.service.service import Service
from optimizer.service.store.errors import RefusedError

_Match = Annotated[str, Form(max_length=64)]


def routes(service: Service) -> APIRouter:
    """The routes of files."""
    found = router()

    @found.get("/s/{scenario}/files")
    def show(request: Request, scenario: ScenarioId) -> Response:
        kept = service.scenarios.get(scenario)
        return page(request, "files.html", kept=kept, tab="files", started=asking.was_started(service, scenario))

    @found.post("/s/{scenario}/files")
    def add(
        request: Request,
        scenario: ScenarioId,
        file: UploadFile,
        match: _Match,
        name: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        """Add a file, or write another version of one."""
        called = name.strip() or (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
        if not called:
            raise RefusedError("no file was chosen", "choose a file")
        service.scenarios.write(scenario, {called: file.file}, match=match)
        return elsewhere(request, f"/s/{scenario}/files")

    @found.post("/s/{scenario}/files/remove")
    def remove(
        request: Request, scenario: ScenarioId, match: _Match, name: Annotated[str, Form(max_length=200)]
    ) -> Response:
        service.scenarios.remove_file(scenario, name, match=match)
        return elsewhere(request, f"/s/{scenario}/files")

    return found
