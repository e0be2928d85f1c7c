"""A scenario from a file of creators, and copies of the scenarios of a folder."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from optimizer.service.service import Service
from optimizer.service.store.contents import Content
from optimizer.service.store.errors import RefusedError, UnknownError
from optimizer.service.store.jobs import Job
from optimizer.service.store.scenarios import FILES_MOST, MAIN, Kept, checked_name

_SECONDS: Final = 60.0  # for a draft
_LISTED_MOST: Final = 500
_SEEN_MOST: Final = 5_000  # files of a folder that are looked at
_ENDINGS: Final = (".yaml", ".yml")
_IS_SCENARIO: Final = re.compile(rb"^(objective|objectives|extends|creators)\s*:", re.MULTILINE)


@dataclass(frozen=True)
class Where:
    """Where the table of a file is, if that is not clear: its sheet, and the row that names its columns."""

    sheet: str = ""
    header: int | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """What the verb is asked."""
        sheet = {"sheet": self.sheet} if self.sheet else {}
        return sheet | ({} if self.header is None else {"header": self.header})


def started(
    service: Service, file: str, content: Content, name: str, where: Where = Where()
) -> tuple[Kept, dict[str, Any]]:
    """A scenario for a file of creators, and what was guessed.

    Raises
    ------
    RefusedError
        If the name of the file cannot be.
    NoAnswerError, BusyError
        If the file cannot be read, or not now.
    """
    if "/" in file or checked_name(file).endswith(_ENDINGS):
        raise RefusedError(
            "this is not a file of creators", "send a CSV, Excel, Parquet or JSON file under its own name"
        )
    kept = service.scenarios.make(name or Path(file).stem, MAIN, {MAIN: b"", file: content})
    try:
        named = {"name": name} if name else {}
        said = json.loads(service.answered(kept.id, "start", {"file": file, **named, **where.arguments}, _SECONDS))
        return service.scenarios.write(kept.id, {MAIN: said["text"].encode()}, match=kept.etag), said
    except BaseException:
        service.scenarios.remove(kept.id)
        service.jobs.forget(kept.id)
        raise


def started_again(service: Service, kept: Kept, content: Content, match: str) -> Kept:
    """A scenario with another version of the file that it was started from; its text is guessed anew, unless somebody
    changed it. A version that cannot be read changes nothing.

    Raises
    ------
    RefusedError, ChangedError
        If it was not started from a file, or is not the same any more.
    NoAnswerError, BusyError
        If the file cannot be read, or not now.
    """
    job = last_start(service, kept.id)
    answer = service.jobs.register.answer(job.id, "json") if job else None
    if job is None or answer is None or job.arguments["file"] not in kept.files:
        raise RefusedError("this scenario was not started from a file", "add the file under Files")
    file = str(job.arguments["file"])
    before, text = (service.scenarios.file(kept.id, name)[0] for name in (file, kept.main))
    untouched = text == json.loads(answer)["text"].encode()
    written = service.scenarios.write(kept.id, {file: content}, match=match)
    try:
        said = json.loads(service.answered(kept.id, "start", job.arguments, _SECONDS))
    except BaseException:
        service.scenarios.write(kept.id, {file: before}, match=written.etag)
        raise
    return (
        service.scenarios.write(kept.id, {kept.main: said["text"].encode()}, match=written.etag)
        if untouched
        else written
    )


def last_start(service: Service, scenario: str) -> Job | None:
    """The job that last made a scenario from a file."""
    jobs = service.jobs.register.of(scenario)
    return next((one for one in jobs if one.verb == "start" and one.state == "done"), None)


def in_folder(service: Service) -> list[str]:
    """The scenarios of the service's folder, by their paths in it."""
    folder = service.settings.folder
    if folder is None:
        return []
    found = [
        name for name in _names(folder) if name.endswith(_ENDINGS) and _IS_SCENARIO.search(_read(service, folder, name))
    ]
    return found[:_LISTED_MOST]


def opened(service: Service, name: str) -> Kept:
    """A copy of a scenario of the folder, with all files that it names; raises UnknownError or RefusedError."""
    folder = service.settings.folder
    if folder is None or name not in in_folder(service):
        raise UnknownError("there is no such scenario in the folder")
    others = set(_names(folder)) - {name}
    main, waiting = Path(name), [name]
    files: dict[str, bytes] = {}
    while waiting:
        each = waiting.pop()
        files[each] = _read(service, folder, each)
        if each.endswith(_ENDINGS):
            named = {one for one in others if _mentions(files[each], Path(each).parent, one)}
            waiting += sorted(named - {*files} - {*waiting})
        if len(files) > FILES_MOST:
            raise RefusedError(f"this scenario names more than {FILES_MOST} files", "move some of them elsewhere")
    common = _common(files)
    inside = {str(Path(each).relative_to(common)): content for each, content in files.items()}
    return service.scenarios.make(main.stem, str(main.relative_to(common)), inside)


def _common(files: dict[str, bytes]) -> str:
    return (
        os.path.commonpath([Path(each).parent for each in files])
        if len(files) > 1
        else str(Path(next(iter(files))).parent)
    )


def _mentions(text: bytes, home: Path, name: str) -> bool:
    """Whether a scenario names a file, by its path from the scenario's folder."""
    path = os.path.relpath(name, home)
    return path.encode("utf-8", "surrogateescape") in text


def _names(folder: Path) -> list[str]:
    """The files of a folder and its folders, but for hidden ones and links to elsewhere."""
    return sorted(_walked(folder))


def _walked(folder: Path) -> Iterator[str]:
    home, seen = Path(os.path.realpath(folder)), 0
    for at, folders, files in os.walk(home):
        folders[:] = [one for one in folders if not one.startswith(".")]
        for file in files:
            seen += 1
            if seen > _SEEN_MOST:
                return
            path = Path(at) / file
            if not file.startswith(".") and path.is_file() and Path(os.path.realpath(path)).is_relative_to(home):
                yield path.relative_to(home).as_posix()


def _read(service: Service, folder: Path, name: str) -> bytes:
    path = folder / name
    most = service.settings.body_mb * 1_000_000
    try:
        if path.stat().st_size > most:
            raise RefusedError(f"{name} holds more than {service.settings.body_mb} MB", "start the service with more")
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(f"{name} cannot be read: {(error.strerror or 'no access').lower()}") from None
