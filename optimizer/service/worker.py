"""The process of a worker: reads requests from its input, line by line, and writes progress and answers as lines.

It ends when its input does, so that none outlives the service, however that ends.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import resource
import shutil
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from optimizer.imports import without_pandas
from optimizer.service.problems import problem_of
from optimizer.service.verbs import Asking, Forms, Session

_MEGABYTE = 1_000_000


def main(folder: Path, memory_mb: int, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more requests."""
    limit = memory_mb * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))  # not of addresses: what draws pictures reserves many
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    stop = threading.Event()
    reader = threading.Thread(target=_read, args=(folder, requests, waiting, stop), daemon=True)
    reader.start()
    os.chdir(folder)  # so that messages name files as their scenario does
    session = Session(Path())
    while True:
        said = waiting.get()
        stop.clear()
        asking = Asking(
            lambda told: _write(answers, {"progress": dict(told)}),
            stop.is_set,
            said["seconds"],
            said.get("plans") or {},
        )
        _write(answers, _answered(session, said, asking))


def _answered(session: Session, said: Mapping[str, Any], asking: Asking) -> dict[str, Any]:
    try:
        session.at(said["main"], said["version"])
        return {"forms": _plain(session.answer(said["verb"], said["arguments"], asking))}
    except Exception as error:  # noqa: BLE001  whatever it is, the client is told, and the service goes on
        return {"problem": problem_of(error)}


def _plain(forms: Forms) -> dict[str, Any]:
    """Forms as JSON takes them."""
    return {
        name: {"base64": base64.b64encode(said).decode()} if isinstance(said, bytes) else said
        for name, said in forms.items()
    }


def _read(folder: Path, requests: BinaryIO, waiting: queue.SimpleQueue[dict[str, Any]], stop: threading.Event) -> None:
    """Take requests; at the end of the input, end the process, whatever it is doing."""
    for line in requests:
        said = json.loads(line)
        if said.get("stop"):
            stop.set()
        else:
            waiting.put(said)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _write(answers: BinaryIO, said: dict[str, Any]) -> None:
    answers.write(json.dumps(said).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    without_pandas()
    lines = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with answers
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer, lines)
