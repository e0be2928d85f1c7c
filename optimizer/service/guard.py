"""What every request passes: whom it calls, where it comes from, whether it may, and how much it brings.

A page of another site must not drive a service on this machine: neither by a form, nor under a name that was made to
point here. So the `Host` must be one of ours, and an `Origin` must be the same as the `Host`.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from optimizer.service import metrics
from optimizer.service.problems import TYPE, problem
from optimizer.service.settings import MEGABYTE, Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE: Final = "creatormix"
_OPEN: Final = ("/v1/health/", "/login", "/static/")  # what is answered without the token
# JSON and forms are read in between other requests: a megabyte takes so little time that nobody notices. So only files
# may be large, which are put aside on the disk: as large as the settings say. The last word is the kind of the body.
_MOST: Final = MEGABYTE
_LOGIN_MOST: Final = 2_000
_AS_JSON: Final = "/v1/scenarios"  # a new scenario, whose files have another way in
_LARGE: Final = re.compile(
    r"POST /v1/scenarios/uploaded multipart/form-data"
    r"|POST /v1/scenarios/started [^ ]*"
    r"|PUT /v1/scenarios/[^/]+/files/.+"
    r"|POST (/start|/s/[^/]+/files) multipart/form-data",  # the forms of the pages
    re.DOTALL,
)
_DIGITS_MOST: Final = 18  # of a length in bytes; with thousands of them, Python reads no number
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with none at all, browsers send the forms of a page as if from nowhere
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class CutError(Exception):
    """A request that is not read to its end; `said` is the answer."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said["title"])
        self.said = said


def seal(token: str) -> str:
    """What a browser keeps instead of the token."""
    return hmac.new(token.encode(), b"creatormix pages", sha256).hexdigest()


class Guard:
    """An ASGI application behind the checks."""

    silent_seconds = 30.0  # that a client may be silent while it sends a body
    body_seconds = 60.0  # for a whole body, and for each megabyte that it may hold one more

    def __init__(self, app: Asgi, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refused(scope, headers)
        if refused is not None:
            await _answer(send, refused, _door(scope, headers))
            metrics.count("requests", method=_method(scope), status=str(refused["status"]))
            return
        begun = False
        most = self._most(scope, headers)
        too_large = _too_large(most, _path(scope))
        body = _Body(receive, most, too_large, self.silent_seconds, self.body_seconds + most / MEGABYTE)

        async def sent(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                if body.cut is not None:  # whoever read the body took the error for a fault of its content
                    raise body.cut
                begun = True
                known = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), value.encode())
                        for name, value in _HEADERS.items()
                        if name.encode() not in known
                    ),
                ]
                metrics.count("requests", method=_method(scope), status=str(message["status"]))
            await send(message)

        try:
            await self._app(scope, body.receive, sent)
        except CutError as error:
            if not begun:
                await _answer(send, error.said)
                metrics.count("requests", method=_method(scope), status=str(error.said["status"]))

    def _refused(self, scope: Scope, headers: dict[str, str]) -> dict[str, Any] | None:
        """Why a request is not let in."""
        host = headers.get("host", "")
        if _without_port(host) not in self._settings.hosts:
            return problem(421, "this service does not answer under that name", "start it with --host NAME to let it")
        origin = headers.get("origin")
        if origin is not None and _place(origin) != host.lower():
            return problem(403, "this request comes from a page of another site")
        if scope["method"] not in ("GET", "HEAD") and headers.get("sec-fetch-site", "none") not in (
            "none",
            "same-origin",
        ):
            return problem(403, "this request comes from a page of another site")
        length, most = headers.get("content-length", "0"), self._most(scope, headers)
        if not length.isdecimal() or len(length) > _DIGITS_MOST or int(length) > most:
            return _too_large(most, _path(scope))
        if self._settings.token is not None and not _path(scope).startswith(_OPEN) and not self._known(headers):
            return problem(401, "this needs the token of the service", "send it as Authorization: Bearer TOKEN")
        return None

    def _known(self, headers: dict[str, str]) -> bool:
        token = self._settings.token or ""
        kind, _, sent = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), token.encode()):
            return True
        cookies = dict(part.strip().partition("=")[::2] for part in headers.get("cookie", "").split(";"))
        return hmac.compare_digest(cookies.get(COOKIE, "").encode(), seal(token).encode())

    def _most(self, scope: Scope, headers: dict[str, str]) -> int:
        """How many bytes the body of a request may hold."""
        path, kind = _path(scope), headers.get("content-type", "").partition(";")[0].strip().lower()
        if path == "/login":
            return _LOGIN_MOST
        room = self._settings.body_mb * MEGABYTE
        return room if _LARGE.fullmatch(f"{scope['method']} {path} {kind}") else min(room, _MOST)


class _Body:
    """A body that holds no more than it may, from a client that goes on sending; `cut` is why it ended early."""

    def __init__(self, receive: Receive, most: int, too_large: dict[str, Any], silent: float, seconds: float) -> None:
        self._receive, self._too_large, self._silent = receive, too_large, silent
        self._end = asyncio.get_running_loop().time() + seconds
        self._room, self._whole = most, False
        self.cut: CutError | None = None

    async def receive(self) -> Message:
        """The next part."""
        if self._whole:  # from here on it waits for the client to leave
            return await self._receive()
        left = self._end - asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(self._receive(), min(self._silent, left))
        except TimeoutError:
            said = "the request stopped in the middle" if left > self._silent else "the request took too long to come"
            self.cut = CutError(problem(408, said))
            raise self.cut from None
        if message["type"] == "http.request":
            self._room -= len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._room < 0:
                self.cut = CutError(self._too_large)
                raise self.cut
        return message


def _too_large(most: int, path: str) -> dict[str, Any]:
    size = f"{most // MEGABYTE} MB" if most >= MEGABYTE else f"{most // 1_000} kB"
    cure = "send the files as a form (multipart/form-data) to /v1/scenarios/uploaded" if path == _AS_JSON else ""
    return problem(413, f"a request may hold {size} here", cure)


def _path(scope: Scope) -> str:
    """The path below the one that the service is mounted at."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _door(scope: Scope, headers: dict[str, str]) -> str | None:
    """Where a browser shows the token."""
    looks = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
    return f"{scope.get('root_path', '')}/login" if looks else None


def _place(origin: str) -> str | None:
    """The name and port of a page; None if its address cannot be read."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _without_port(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()


def _method(scope: Scope) -> str:
    """The method, if it is one that there is: others would make counts without end."""
    method: str = scope["method"]
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"


async def _answer(send: Send, said: dict[str, Any], door: str | None = None) -> None:
    body = json.dumps(said).encode()
    headers = {**_HEADERS, "content-type": TYPE, "content-length": str(len(body))}
    status = said["status"]
    if status == 401:
        headers["www-authenticate"] = "Bearer"
        if door is not None:
            status, headers["location"] = 303, door
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body})
