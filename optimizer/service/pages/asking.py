"""Asking verbs for a page: one job for each question, whose answer is used again while the scenario is the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from optimizer import __version__
from optimizer.service.pages.case import Case
from optimizer.service.problems import problem
from optimizer.service.service import Service
from optimizer.service.store.errors import RefusedError, UnknownError
from optimizer.service.store.jobs import Job
from optimizer.service.store.scenarios import Kept

LEASE: Final = 15.0  # seconds after which the work of a closed page is given up
SOON: Final = 1.2  # seconds that a page waits for an answer before it shows how far it is
_TRIES_MOST: Final = 100
_GENERATIONS_MOST: Final = 100  # of plans that follow each other
_CHANGED: Final = 412  # the status of a job whose scenario was changed before it began
_SECTION: Final = '<section id="part-'


def submitted(service: Service, kept: Kept, verb: str, arguments: Mapping[str, Any]) -> Job:
    """The job of a question about this version of a scenario: one that is there, unless it was given up or broke."""
    said = json.dumps(arguments, sort_keys=True)
    key = sha256(
        f"page\n{__version__}\n{kept.id}\n{kept.version}\n{verb}\n{said}".encode("utf-8", "replace")
    ).hexdigest()
    for number in range(_TRIES_MOST):
        job = service.jobs.submit(kept.id, verb, arguments, lease=LEASE, key=f"{key}-{number}", version=kept.version)
        status = (job.problem or {}).get("status", 500)
        broke = job.state == "failed" and (status >= 500 or status == _CHANGED)
        if job.state != "cancelled" and not broke:
            return job
    return service.jobs.submit(kept.id, verb, arguments, lease=LEASE, version=kept.version)


def outlined(service: Service, kept: Kept, case: Case, seconds: float = SOON) -> tuple[Job, dict[str, Any] | None]:
    """What the form of a question offers, once it is there."""
    job = submitted(service, kept, "outline", behind(service, case).arguments)
    job = service.waited(job.id, seconds)
    found = service.jobs.register.answer(job.id, "json")
    return job, None if found is None else json.loads(found)


def behind(service: Service, case: Case, *, answers: bool = False) -> Case:
    """The question behind a plan that is made again, with its changes, and without those who said no if asked."""
    later = list[Case]()
    while case.plan and len(later) < _GENERATIONS_MOST:
        later.append(case)
        try:
            case = Case.of_arguments(service.plans.source(case.plan).arguments)
        except UnknownError:  # it was deleted, or is too old
            case = Case()
    case = Case() if case.plan else case
    for one in reversed(later):
        for path, value in one.changes.items():
            case = case.changed(path, value)
        for creator, status in one.answers.items() if answers else ():
            case = case.leaving_out(creator) if status == "declined" else case.booking(creator)
    return case


def planned(service: Service, kept: Kept, case: Case, gap: float, seconds: float = SOON) -> Job:
    """The job that plans a question, waited for a moment."""
    if case.plan and service.plans.source(case.plan).scenario != kept.id:
        raise UnknownError("there is no such plan")
    job = submitted(service, kept, case.verb, {**case.arguments, "gap": gap})
    return service.waited(job.id, seconds)


def of_scenario(service: Service, kept: Kept, job: str) -> Job:
    """A job of this scenario; raises UnknownError."""
    found = service.jobs.register.get(job)
    if found.scenario != kept.id:
        raise UnknownError("there is no such job")
    return found


def was_started(service: Service, scenario: str) -> bool:
    """Whether a scenario was started from a file, so that there are guesses to look at."""
    return service.jobs.register.has_done(scenario, "start")


def trouble(job: Job) -> dict[str, Any] | None:
    """Why a job that is over has no answer."""
    if job.state == "failed":
        return dict(job.problem or problem(500, "it failed"))
    return problem(410, "the work was given up") if job.state == "cancelled" else None


def content(service: Service, kept: Kept, kind: str, which: str) -> bytes:
    """The plan of a job or a saved plan, both of this scenario; raises UnknownError or RefusedError."""
    if kind == "plans":
        if service.plans.get(which).scenario != kept.id:
            raise UnknownError("there is no such plan")
        return service.plans.content(which)
    job = of_scenario(service, kept, which)
    found = service.jobs.register.answer(job.id, "json")
    if found is None or job.verb not in ("plan", "replan"):
        raise RefusedError("there is no plan yet", "wait until it is there")
    return found


def inner(page: bytes, verb: str = "") -> str:
    """The body of a page that `report.html` made, all of whose texts are escaped.

    What the page around it says already is left out: the plan that is explained, and the files that were read.
    """
    body = page.decode().partition("<main>\n")[2].rpartition("</main>")[0]
    if not verb:
        return body
    begin, *sections = body.split(_SECTION)
    return begin + "".join(_SECTION + one for one in sections[1 if verb == "explain" else 0 : -1])
