"""Errors as problem documents (RFC 9457): the same places, causes and cures as on the command line."""

from __future__ import annotations

from typing import Any

from optimizer.errors import CheckError, ScenarioError
from optimizer.results import endings
from optimizer.results.as_json import problems_json
from optimizer.service.store.errors import (
    AnotherRequestError,
    BusyError,
    ChangedError,
    FullError,
    NoConditionError,
    NotReadyError,
    RefusedError,
    UnknownError,
)
from optimizer.unseen import visible

TYPE = "application/problem+json"
_REFUSED = {
    UnknownError: 404,
    ChangedError: 412,
    NoConditionError: 428,
    NotReadyError: 409,
    FullError: 507,
    BusyError: 429,
    AnotherRequestError: 422,
}


def problem(status: int, title: str, detail: str = "", **more: Any) -> dict[str, Any]:
    """One problem: what is wrong, and what to do."""
    found = {"type": "about:blank", "status": status, "title": visible(title)}
    return {**found, **({"detail": visible(detail)} if detail else {}), **more}


def problem_of(error: BaseException) -> dict[str, Any]:
    """The problem of an error. What nobody foresaw is ours, and says nothing of how it came about."""
    if isinstance(error, RefusedError):
        status = next((_REFUSED[kind] for kind in type(error).__mro__ if kind in _REFUSED), 422)
        return problem(status, error.cause, error.mend)
    if isinstance(error, MemoryError):
        return problem(413, "there is not enough memory for this pool", "leave out creators, or give the service more")
    ending = endings.of_error(error)
    if isinstance(error, ScenarioError):
        count = len(error.problems)
        detail = "\n\n".join(map(str, error.problems))
        found = problems_json(error.problems)["problems"]
        return problem(ending.status, f"{count:,} problem{'s' * (count != 1)} in the scenario", detail, problems=found)
    if isinstance(error, CheckError):
        return problem(ending.status, "creatormix withholds this plan", str(error))
    if ending is not endings.OURS:
        return problem(ending.status, ending.said, str(error))
    if isinstance(error, ValueError):
        return problem(endings.USAGE.status, "this cannot be asked", str(error))
    return problem(ending.status, f"creatormix failed ({type(error).__name__}); this is a fault of ours")
