"""A plan as it is given to a verb: a result, its JSON, or a file with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.errors import DocumentError
from optimizer.results.as_json import to_dict
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Plan
from optimizer.results.stated import NotAPlan, read

Given = Plan | Mapping[str, Any] | str | os.PathLike[str]


@dataclass(frozen=True)
class GivenPlan:
    """A plan, and the digest by which the rows of a file of results name it."""

    plan: Plan
    plan_id: str


def given_plan(plan: Given) -> GivenPlan:
    """Read a plan; a text that begins with a brace is JSON, any other a path.

    Raises
    ------
    DocumentError
        If it is no plan, or was changed after it was written.
    OSError
        If the file cannot be read.
    """
    if isinstance(plan, NoPlan):
        raise DocumentError("this is an answer without a plan: there is nothing to plan again")
    if isinstance(plan, Plan):
        return GivenPlan(plan, str(to_dict(plan)["digest"]))
    try:
        if isinstance(plan, Mapping):
            said = plan
        elif isinstance(plan, str) and plan.lstrip().startswith("{"):
            said = read(plan)
        else:
            said = read(Path(plan).read_bytes())
    except NotAPlan as error:
        raise DocumentError(f"this is not the JSON of a plan: {error}") from None
    return GivenPlan(Plan.from_json(said), str(said.get("digest")))
