"""The parameters that routes have in common: ids, the names of files, and conditions."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Header, Path

from optimizer.service.store.scenarios import ANY

ID: Final = r"^[0-9a-f]{32}$"
ScenarioId = Annotated[str, Path(pattern=ID, description="the id of a scenario")]
JobId = Annotated[str, Path(pattern=ID, description="the id of a job")]
PlanId = Annotated[str, Path(pattern=ID, description="the id of a saved plan")]
FileName = Annotated[str, Path(max_length=200, description="the name of a file, perhaps inside folders")]
Match = Annotated[str | None, Header(alias="If-Match", description="the ETag of the version that is changed, or *")]


def etag_of(match: str | None) -> str | None:
    """The version that a condition names."""
    if match is None or match.strip() == ANY:
        return match and ANY
    return match.strip().removeprefix("W/").strip('"').replace(ANY, "")
