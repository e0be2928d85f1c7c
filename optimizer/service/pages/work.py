"""The plan of a question as a page shows it: how far the search is, the plan, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from optimizer.report.html import parts_html
from optimizer.report.language import Speaker
from optimizer.results import words
from optimizer.results.no_plan import NoPlan
from optimizer.service.pages import asking, question, repairs, roster, shown, spoken
from optimizer.service.pages.case import QUICK, Case
from optimizer.service.pages.page import language_of, page
from optimizer.service.service import Service
from optimizer.service.store.errors import UnknownError
from optimizer.service.store.jobs import Job
from optimizer.service.store.scenarios import Kept


def drawn(
    request: Request,
    template: str,
    service: Service,
    kept: Kept,
    case: Case,
    job: Job,
    outline: Mapping[str, Any] | None,
    **more: Any,
) -> Response:
    """A template with the state of a job that plans."""
    found = service.jobs.register.answer(job.id, "json") if job.state == "done" else None
    values: dict[str, Any] = {"kept": kept, "case": case, "job": job, "trouble": asking.trouble(job), "saved": None}
    values |= {**form(outline, language_of(request)), "gap": job.arguments.get("gap", QUICK)}
    values |= of_content(found, case, outline or {}, language_of(request)) | {
        "source": f"/s/{kept.id}/jobs/{job.id}",
        "progress": None,
    }
    values |= {"replans": replanned_name(service, case)}
    if not job.over and job.progress:
        values["progress"] = progress(job.progress, language_of(request))
    return page(request, template, **{**values, **more})


def form(outline: Mapping[str, Any] | None, language: str) -> dict[str, Any]:
    """The form of a question, once its outline is there."""
    return {"form": question.form_of(outline, language) if outline else None}


def of_content(content: bytes | None, case: Case, outline: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What a template shows of an answer."""
    if content is None:
        return {"plan": None, "no_plan": None}
    result = shown.read_back(content)
    speaker = spoken.speaker_of(language, result)
    doubts = parts_html(shown.doubts(result, speaker), result.decimals)
    ways = repairs.ways(result, case, outline, speaker)
    if isinstance(result, NoPlan):
        clashes, left_out = shown.clashes(result, speaker), shown.left_out(result, speaker)
        found = {"plan": None, "no_plan": result, "clashes": clashes, "left_out": left_out}
        return {**found, "ways": ways, "doubts": doubts}
    first, others = shown.figures(result, speaker)
    rules, caption = shown.rules(result, speaker)
    sections = shown.sections(result, speaker)
    return {
        "plan": result,
        "no_plan": None,
        "goal": shown.goal(result, speaker),
        "figures": first,
        "others": others,
        "rules": rules,
        "rules_caption": caption,
        "roster": roster.roster(result, speaker),
        "empty": shown.nobody(result, speaker) if result.empty else [],
        "ways": ways if result.empty else [],
        "sections": {name: parts_html(some, result.decimals) for name, some in sections.items()},
        "doubts": doubts,
        "doubts_count": len(result.doubts) + len(result.warnings),
    }


def progress(said: Mapping[str, Any], language: str = "en") -> dict[str, str]:
    """How far a job is, as texts; what is not known is blank."""
    found = dict.fromkeys(("value", "bound", "seconds", "at", "done", "of"), "")
    for name in ("value", "bound"):
        if said.get(name) is not None:
            found[name] = spoken.numeral(words.written(said[name], "count", 2), language)
    if said.get("seconds") is not None:
        found["seconds"] = f"{said['seconds']:.0f}"
    if said.get("at") is not None:
        found["at"] = Speaker(language).said(str(said["at"]), "doing")
    return found | {name: str(said[name]) for name in ("done", "of") if said.get(name) is not None}


def replanned_name(service: Service, case: Case) -> str:
    """The name of the plan that is made again, if it is a saved one."""
    try:
        return service.plans.source(case.plan).name if case.plan else ""
    except UnknownError:
        return "(deleted)"
