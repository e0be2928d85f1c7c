"""All routes of the pages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from optimizer.service.pages import files, home, plans, questions, text, told
from optimizer.service.pages.page import STATIC, refused, router, static
from optimizer.service.problems import problem
from optimizer.service.service import Service


def routes(service: Service) -> APIRouter:
    """The routes of the pages, and of what these load."""
    found = router()
    for module in (home, questions, told, plans, text, files):
        found.include_router(module.routes(service))

    @found.get("/static/{name}")
    def load(request: Request, name: str) -> Response:
        if name not in STATIC:
            return refused(request, problem(404, "there is no such file"))
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(static(name), media_type=STATIC[name], headers=headers)

    return found
