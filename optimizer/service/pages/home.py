"""The first page: begin with a file of creators, go on with a scenario, or try an example."""

from __future__ import annotations

import json
from importlib import resources
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import Response

from optimizer.domain.doubts import Doubt
from optimizer.errors import Place
from optimizer.report.document import Document, Section
from optimizer.report.doubts import doubts_words
from optimizer.report.html import parts_html
from optimizer.report.language import Speaker
from optimizer.service.api.parameters import ScenarioId
from optimizer.service.forgetting import forget
from optimizer.service.pages import asking, question
from optimizer.service.pages.case import Case
from optimizer.service.pages.page import elsewhere, language_of, page, refused, router
from optimizer.service.pages.wording import plainly
from optimizer.service.problems import problem
from optimizer.service.service import Service
from optimizer.service.starting import Where, in_folder, last_start, opened, started, started_again
from optimizer.service.store.scenarios import Kept

_EXAMPLE = ("scenario.yaml", "creators.csv")
_Name = Annotated[str, Form(max_length=200)]
_Number = Annotated[str, Form(pattern=r"^[0-9]{0,7}$")]
_READ = 10.0  # seconds that a page waits for a file to be read
_Match = Annotated[str, Form(max_length=64)]


def routes(service: Service) -> APIRouter:
    """The routes of the first page, and of what is done with a scenario as a whole."""
    found = router()
    _of_beginning(found, service)

    @found.get("/s/{scenario}/start")
    def guesses(request: Request, scenario: ScenarioId) -> Response:
        """What was guessed of a file of creators, and what is doubtful."""
        kept = service.scenarios.get(scenario)
        job = last_start(service, scenario)
        said = service.jobs.register.answer(job.id, "json") if job else None
        if said is None:
            return elsewhere(request, f"/s/{scenario}")
        read, outline = asking.outlined(service, kept, Case(), _READ)
        form = question.form_of(outline, language_of(request)) if outline else None
        values = {"kept": kept, "tab": "start", "said": _guesses(json.loads(said), language_of(request)), "form": form}
        return page(request, "start.html", **values, started=True, faulty=read.over and form is None)

    @found.post("/s/{scenario}/start")
    def another_version(request: Request, scenario: ScenarioId, file: UploadFile, match: _Match) -> Response:
        """Read another version of the file of creators, such as a corrected one."""
        if not file.size:
            return refused(request, problem(422, "this file is empty", "choose a file of creators"))
        started_again(service, service.scenarios.get(scenario), file.file, match)
        return elsewhere(request, f"/s/{scenario}/start")

    @found.get("/s/{scenario}/doubts")
    def doubts(request: Request, scenario: ScenarioId) -> Response:
        """What an experienced planner would ask of the file."""
        kept = service.scenarios.get(scenario)
        job = service.waited(asking.submitted(service, kept, "check", {}).id, 30.0)
        answer = service.jobs.register.answer(job.id, "json")
        said = json.loads(answer) if answer else {}
        speaker = Speaker(language_of(request), frozenset(one["creator"] for one in said.get("doubts", [])))
        warnings = [speaker.said(one) for one in said.get("warnings", ())]
        values = {"trouble": asking.trouble(job), "doubts": _doubts(said, speaker), "warnings": warnings}
        return page(request, "doubts.html", **values)

    @found.post("/s/{scenario}/rename")
    def rename(request: Request, scenario: ScenarioId, name: _Name, match: _Match) -> Response:
        kept = service.scenarios.get(scenario)
        service.scenarios.rename(scenario, name.strip() or kept.name, match=match)
        return elsewhere(request, f"/s/{scenario}/files")

    @found.post("/s/{scenario}/delete")
    def delete(request: Request, scenario: ScenarioId) -> Response:
        service.scenarios.remove(scenario)
        service.jobs.forget(scenario)
        return elsewhere(request, "/")

    @found.get("/forget")
    def ask_forget(request: Request) -> Response:
        return page(request, "forget.html", creator="", done=None)

    @found.post("/forget")
    def forget_creator(request: Request, creator: _Name, sure: Annotated[str, Form()] = "") -> Response:
        """Remove a creator from all that is kept, once that is confirmed."""
        done = forget(service, creator.strip()) if sure and creator.strip() else None
        return page(request, "forget.html", creator=creator.strip(), done=done)

    return found


def _of_beginning(found: APIRouter, service: Service) -> None:
    @found.get("/")
    def home(request: Request) -> Response:
        plans = {kept.id: len(service.plans.listed(kept.id)) for kept in service.scenarios.listed()}
        values = {"scenarios": service.scenarios.listed(), "plans": plans, "folder": in_folder(service)}
        return page(request, "home.html", **values)

    @found.post("/start")
    def start(
        request: Request, file: UploadFile, name: _Name = "", sheet: _Name = "", header: _Number = ""
    ) -> Response:
        """Start a scenario from a file of creators; one of YAML is kept as it is."""
        called = _called(file)
        if not file.size:
            return refused(request, problem(422, "this file is empty", "choose a file of creators"))
        if called.endswith((".yaml", ".yml")):
            kept = service.scenarios.make(name.strip() or called.rsplit(".", 1)[0], called, {called: file.file})
            return elsewhere(request, f"/s/{kept.id}/files")
        where = Where(sheet.strip(), int(header) if header else None)
        kept, _ = started(service, called, file.file, name.strip(), where)
        return elsewhere(request, f"/s/{kept.id}/start")

    @found.post("/example")
    def example(request: Request) -> Response:
        """A small scenario with an invented pool."""
        home = resources.files("optimizer.cli") / "starter"
        kept = service.scenarios.make(
            "My first campaign", _EXAMPLE[0], {name: (home / name).read_bytes() for name in _EXAMPLE}
        )
        return elsewhere(request, f"/s/{kept.id}")

    @found.post("/open")
    def open_copy(request: Request, name: Annotated[str, Form(max_length=1_000)]) -> Response:
        """A copy of a scenario of the folder."""
        kept: Kept = opened(service, name)
        return elsewhere(request, f"/s/{kept.id}")


def _called(file: UploadFile) -> str:
    """The name that a browser gives a file, without folders."""
    return (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]


def _guesses(said: dict[str, Any], language: str) -> dict[str, Any]:
    """What was guessed, with its reasons in the language."""
    speaker = Speaker(language)
    guesses = [
        {"column": plainly(speaker.said(one["column"], "guessed")), "why": speaker.said(one["why"], "guess")}
        for one in said["guesses"]
    ]
    guesses = [{**one, **told} for one, told in zip(said["guesses"], guesses, strict=True)]
    return {**said, "guesses": guesses, "asks": [speaker.said(one, "asks") for one in said["asks"]]}


def _doubts(said: dict[str, Any], speaker: Speaker) -> str:
    """The doubts of a check, as the report says them."""
    found = [
        Doubt(
            one["code"],
            one["certain"],
            Place(one["file"], one["line"], one["column"]) if one.get("file") else None,
            *(one[name] for name in ("creator", "what", "why", "mend")),
        )
        for one in said.get("doubts", [])
    ]
    (section,) = speaker.document(Document("", (Section("", tuple(doubts_words(found))),), 2)).sections
    return parts_html(section.parts, 2)
