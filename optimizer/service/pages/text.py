"""The scenario's own text: an editor with the loader's messages at their lines, and variants written into it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from optimizer.loading.source import composed
from optimizer.service.api.parameters import ScenarioId
from optimizer.service.pages import asking, written
from optimizer.service.pages.case import Case
from optimizer.service.pages.page import elsewhere, page, refused, router
from optimizer.service.problems import problem
from optimizer.service.service import Service
from optimizer.service.store.errors import ChangedError, RefusedError
from optimizer.service.store.scenarios import Kept

_BYTES_MOST = 400_000
_Text = Annotated[str, Form(max_length=_BYTES_MOST)]
_Match = Annotated[str, Form(max_length=64)]
_SECONDS = 30.0


def routes(service: Service) -> APIRouter:
    """The routes of the text of a scenario."""
    found = router()

    @found.get("/s/{scenario}/text")
    def show(request: Request, scenario: ScenarioId) -> Response:
        kept = service.scenarios.get(scenario)
        return _editor(request, service, kept, _text(service, kept), kept.etag)

    @found.post("/s/{scenario}/text/check")
    def check(request: Request, scenario: ScenarioId, text: _Text = "") -> Response:
        """What the loader says of a text that is not saved yet."""
        kept = service.scenarios.get(scenario)
        return page(request, "messages.html", kept=kept, trouble=_checked(service, kept, _lines(text)))

    @found.post("/s/{scenario}/text")
    def save(request: Request, scenario: ScenarioId, match: _Match, text: _Text = "") -> Response:
        """Save the text, unless somebody saved another one in the meantime."""
        kept = service.scenarios.get(scenario)
        ours = _as_before(_text(service, kept), _lines(text))
        try:
            kept = service.scenarios.write(scenario, {kept.main: ours.encode("utf-8", "replace")}, match=match)
        except ChangedError:
            theirs = _text(service, kept)
            return _editor(request, service, kept, ours, kept.etag, theirs=theirs, status=409)
        return _editor(request, service, kept, ours, kept.etag, said="saved")

    @found.post("/s/{scenario}/variant")
    def save_variant(
        request: Request,
        scenario: ScenarioId,
        name: Annotated[str, Form(max_length=200)],
        match: _Match,
        case: Annotated[str, Form(max_length=40_000)] = "",
    ) -> Response:
        """Write a question into the scenario as a variant; nothing else of its text changes."""
        kept, asked, name = service.scenarios.get(scenario), Case.read(case), composed(name.strip())
        if asked.plan:
            raise RefusedError("answers of creators are no variant", "save the plan instead")
        _, outline = asking.outlined(service, kept, Case(variant=asked.variant), _SECONDS)
        if outline is None:
            raise RefusedError("the scenario cannot be read now", "look at its text, then try again")
        text = written.with_variant(_text(service, kept), name, asked, outline)
        if trouble := _checked(service, kept, text, variant=name):
            return refused(request, trouble)
        service.scenarios.write(scenario, {kept.main: text.encode()}, match=match)
        return elsewhere(request, f"/s/{scenario}?{Case(variant=name).query}")

    return found


def _text(service: Service, kept: Kept) -> str:
    try:
        return service.scenarios.file(kept.id, kept.main)[0].decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError(f"{kept.main} is not text in UTF-8", "save it as UTF-8, and upload it again") from None


def _lines(text: str) -> str:
    """What a browser sends, with ends of lines as in files."""
    return text.replace("\r\n", "\n")


def _as_before(before: str, text: str) -> str:
    """A text with the ends of lines that it had."""
    return text.replace("\n", "\r\n") if "\r\n" in before else text


def _checked(service: Service, kept: Kept, text: str, variant: str = "") -> dict[str, Any] | None:
    """What is wrong with a text; None if nothing is."""
    arguments: dict[str, Any] = {"text": text, **({"variant": variant} if variant else {})}
    job = service.jobs.submit(kept.id, "check", arguments, lease=asking.LEASE)
    job = service.waited(job.id, _SECONDS)
    trouble = asking.trouble(job)
    if not job.over:
        service.jobs.register.unwanted(job.id)
        trouble = problem(504, "checking takes long", "the creators are many, or another plan is being made")
    return trouble


def _editor(
    request: Request,
    service: Service,
    kept: Kept,
    text: str,
    match: str,
    *,
    theirs: str | None = None,
    said: str = "",
    status: int = 200,
) -> Response:
    values = {"kept": kept, "tab": "text", "text": _lines(text), "match": match, "theirs": theirs, "said": said}
    return page(request, "text.html", status, **values, started=asking.was_started(service, kept.id))
