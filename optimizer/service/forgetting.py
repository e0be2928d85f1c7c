"""Forgetting a creator: their rows in files, and the plans and jobs that name them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from optimizer.domain.accounts import handle_key, mention
from optimizer.service.service import NoAnswerError, Service
from optimizer.service.store.errors import RefusedError
from optimizer.service.store.mentions import remove_mentions
from optimizer.service.store.scenarios import Kept

_VERB: Final = "forget"
_SECONDS: Final = 120.0  # for the files of one scenario


def forget(service: Service, creator: str) -> dict[str, Any]:
    """Remove a creator from all files, plans and jobs, and from the bytes of the store.

    Raises
    ------
    NoAnswerError, BusyError, ChangedError
        If a scenario's text names them, or a file cannot be read, or not now, or is just being changed. Ask again then.
    """
    key = handle_key(creator)
    if not key:
        raise RefusedError("this is no name of a creator", "write their handle, as @ana")
    told, counts, known = list[str](), [0, 0], set[tuple[str, str]]()
    while new := [kept for kept in service.scenarios.listed() if (kept.id, kept.etag) not in known]:
        try:
            edited = _edited_all(service, new, creator)
        finally:
            service.jobs.register.remove_all(_VERB)  # whose arguments name the creator
        known |= {(kept.id, kept.etag) for kept in new}
        changed = [(kept, files) for kept, files in edited if files]
        for kept, files in changed:
            known.add((kept.id, service.scenarios.write(kept.id, files, match=kept.etag).etag))
            told += [f"{kept.name}/{name}" for name in files]
        removed = remove_mentions(service.database, key, [kept.id for kept, _ in changed])
        counts = [one + more for one, more in zip(counts, removed, strict=True)]
        for kept in new:
            service.jobs.forget(kept.id)
    service.database.scrub()
    return {"files": told, "plans": counts[0], "jobs": counts[1], "remaining": _remaining(service, key)}


def _remaining(service: Service, key: str) -> list[str]:
    """Where their name is still: what scenarios and files are called, and what is said in files of somebody else."""
    pattern, found = mention(key), []
    for kept in service.scenarios.listed():
        if pattern.search(kept.name.casefold()):
            found.append(kept.name)
        for name in kept.files:
            content = service.scenarios.file(kept.id, name)[0].decode("utf-8", "replace")
            said = f"{name}\n{PurePosixPath(name).with_suffix('')}\n{content}"
            if pattern.search(said.casefold()):
                found.append(f"{kept.name}/{name}")
    return found


def _edited_all(service: Service, scenarios: Sequence[Kept], creator: str) -> list[tuple[Kept, dict[str, bytes]]]:
    """The files that change, by scenario. What is in the way in any of them is told at once, with their names."""
    edited, faults, said = list[tuple[Kept, dict[str, bytes]]](), list[dict[str, Any]](), dict[str, Any]()
    for kept in scenarios:
        try:
            edited.append((kept, _edited(service, kept.id, creator)))
        except NoAnswerError as error:
            if not (found := error.said.get("problems")):
                raise
            said = {**said, **error.said}
            faults += [{**one, "file": f"{kept.name}/{one['file']}"} for one in found]
    if not faults:
        return edited
    title = f"{len(faults):,} problem{'s' * (len(faults) != 1)} in the way"
    lines = [f"{one['file']}{':' + str(one['line']) if one.get('line') else ''}: {one['cause']}" for one in faults]
    raise NoAnswerError({**said, "title": title, "detail": "\n\n".join(lines), "problems": faults})


def _edited(service: Service, scenario: str, creator: str) -> dict[str, bytes]:
    """The files of a scenario that change, worked on by a process that may be killed: files are hostile."""
    found = service.answered(scenario, _VERB, {"creator": creator}, _SECONDS)
    return {name: base64.b64decode(content) for name, content in json.loads(found)["files"].items()}
