"""How a browser shows the token once, and keeps a seal of it in a cookie that no script and no other site can use."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from optimizer.service.api.answers import at
from optimizer.service.guard import COOKIE, seal
from optimizer.service.pages.page import page
from optimizer.service.service import Service

_SECONDS = 30 * 86_400


def routes(service: Service) -> APIRouter:
    """The page that asks for the token."""
    router = APIRouter(include_in_schema=False)
    token = service.settings.token

    @router.get("/login")
    def ask(request: Request) -> Response:
        return page(request, "login.html", wrong=False)

    @router.post("/login")
    async def enter(request: Request) -> Response:
        body = await request.body()
        said = parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0].strip()
        if token is None or not hmac.compare_digest(said.encode(), token.encode()):
            return page(request, "login.html", 403, wrong=True)
        answer = RedirectResponse(at(request, "/"), 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, seal(token), max_age=_SECONDS, httponly=True, samesite="strict", secure=secure)
        return answer

    return router
