"""How a browser shows the token once, and keeps a seal of it in a cookie that no script and no other site can use."""

from __future__ import annotations

import hmac
from html import escape
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from optimizer.service.api.answers import at
from optimizer.service.guard import COOKIE, seal
from optimizer.service.service import Service

_SECONDS = 30 * 86_400
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>creatormix</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 15vh auto; padding: 0 1rem; }}
input, button {{ font: inherit; padding: .5rem; width: 100%; box-sizing: border-box; margin-top: .5rem; }}
</style>
</head>
<body>
<main>
<h1>creatormix</h1>
<form method="post" action="{action}">
<label for="token">The token of this service</label>
<input id="token" name="token" type="password" autocomplete="current-password" required>
<button>Enter</button>
</form>
<p role="alert">{said}</p>
</main>
</body>
</html>
"""


def routes(service: Service) -> APIRouter:
    """The page that asks for the token."""
    router = APIRouter(include_in_schema=False)
    token = service.settings.token

    @router.get("/login")
    def ask(request: Request) -> Response:
        return _page(request, "")

    @router.post("/login")
    async def enter(request: Request) -> Response:
        body = await request.body()
        said = parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0].strip()
        if token is None or not hmac.compare_digest(said.encode(), token.encode()):
            return _page(request, "This is not the token.", 403)
        answer = RedirectResponse(at(request, "/"), 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, seal(token), max_age=_SECONDS, httponly=True, samesite="strict", secure=secure)
        return answer

    return router


def _page(request: Request, said: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(action=escape(at(request, "/login")), said=escape(said)), status)
