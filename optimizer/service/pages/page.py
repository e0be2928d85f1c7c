"""How pages are drawn: templates, languages, addresses, and errors as pages."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import sha256
from importlib import resources
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException

from optimizer.report.language import Speaker
from optimizer.results.shown import Language
from optimizer.service.api.answers import at
from optimizer.service.pages.phrases import LANGUAGES, speaker, wanted
from optimizer.service.pages.question import chip_said
from optimizer.service.pages.spoken import numeral
from optimizer.service.pages.troubles import told
from optimizer.service.pages.wording import Wording, plainly
from optimizer.service.problems import problem, problem_of
from optimizer.service.service import NoAnswerError
from optimizer.service.store.errors import RefusedError
from optimizer.unseen import visible

_HOME: Final = "optimizer.service.pages"
_log: Final = logging.getLogger(__name__)
_LANGUAGE: Final = "creatormix-language"
_YEAR: Final = 365 * 86_400
_TROUBLES: Final = ("trouble", "problem")  # values of templates that are problem documents
STATIC: Final = {
    "pages.css": "text/css; charset=utf-8",
    "pages.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
}


@cache
def static(name: str) -> bytes:
    """A file that pages load."""
    return (resources.files(_HOME) / "static" / name).read_bytes()


@cache
def _version(name: str) -> str:
    return sha256(static(name)).hexdigest()[:12]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader(_HOME, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"visible": visible, "time": _time, "segment": lambda name: quote(name, "")}
    found.filters["plainly"] = plainly
    found.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)
    return found


def language_of(request: Request) -> Language:
    """The language of a page."""
    return wanted(
        request.query_params.get("language"), request.cookies.get(_LANGUAGE), request.headers.get("accept-language")
    )


def page(request: Request, template: str, status: int = 200, /, **values: Any) -> Response:
    """A template as a page, or as a part of one."""
    language = language_of(request)
    own = {
        "_": speaker(language),
        "language": language,
        "languages": LANGUAGES,
        "chip_said": partial(chip_said, say=speaker(language), wording=Wording(Speaker(language))),
        "number": lambda value: numeral(f"{value:,}", language),
        "url": lambda path: at(request, path),
        "static": lambda name: at(request, f"/static/{name}?v={_version(name)}"),
        "here": request.scope["path"].removeprefix(request.scope.get("root_path", "")),
        **{name: told(values[name], language) for name in _TROUBLES if values.get(name)},
        "query": [(name, value) for name, value in request.query_params.multi_items() if name != "language"],
    }
    answer = HTMLResponse(_environment().get_template(template).render(values | own), status)
    if request.query_params.get("language") in LANGUAGES:
        answer.set_cookie(_LANGUAGE, language, _YEAR, path=at(request, "/"), httponly=True, samesite="lax")
    return answer


def elsewhere(request: Request, path: str) -> Response:
    """Send the browser to another page."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": at(request, path)})
    return RedirectResponse(at(request, path), 303)


def refused(request: Request, said: Mapping[str, Any]) -> Response:
    """A problem as a page, or as a message of the page that asked."""
    if request.headers.get("hx-request") == "true":
        answer = page(request, "refused.html", said["status"], problem=said)
        answer.headers.update({"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"})
        return answer
    return page(request, "error.html", said["status"], problem=said)


class PageRoute(APIRoute):
    """A route whose errors are pages as well."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route."""
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except NoAnswerError as error:
                return refused(request, error.said)
            except RefusedError as error:
                return refused(request, problem_of(error))
            except RequestValidationError as error:
                where = ", ".join(str(one["loc"][-1]) for one in error.errors()[:3])
                return refused(request, problem(422, "this form is not complete", f"look at: {where}"))
            except HTTPException:
                raise
            except Exception as error:  # noqa: BLE001  a fault of ours is a page as well
                _log.exception("a page failed")
                return refused(request, problem_of(error))

        return answered


def router() -> APIRouter:
    """Routes of pages, which are no part of the API."""
    return APIRouter(route_class=PageRoute, include_in_schema=False, default_response_class=HTMLResponse)
