"""A service to ask in tests: in this process, or as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from optimizer.service.app import create_app
from optimizer.service.settings import Settings

HOME = "http://127.0.0.1"
WAIT = {"Prefer": "wait=60"}
SCENARIO = """format: 1
name: Small
currency: EUR
budget: 500  # the most
objective: {maximize: engagements}
creators: creators.csv
constraints:
  some: {quantity: creators, at_least: 1}
"""
POOL = """creator,followers,niche,average_engagements,fee
@ana,2000,food,150,100
@bea,3000,food,600,250
@cem,4000,travel,300,200
@dua,5000,travel,250,150
"""


class Client(TestClient):
    """A client with a small scenario; `service` is what it asks."""

    def __init__(self, settings: Settings) -> None:
        app = create_app(settings)
        self.service = app.state.service
        super().__init__(app, base_url=HOME, raise_server_exceptions=False)

    def made(self, text: str = SCENARIO, pool: str = POOL, **more: str) -> str:
        """The id of a scenario that is kept."""
        files = {"scenario.yaml": text, "creators.csv": pool, **more}
        answer = self.post("/v1/scenarios", json={"name": "small", "files": files})
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["id"]
        return found

    def asked(self, scenario: str, verb: str, **said: Any) -> Any:
        """The result of a verb."""
        answer = self.post(f"/v1/scenarios/{scenario}/{verb}", json=said, headers=WAIT)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def begun(self, scenario: str, verb: str, **said: Any) -> str:
        """The id of a job that nobody waits for."""
        answer = self.post(f"/v1/scenarios/{scenario}/{verb}", json=said)
        assert answer.status_code == 202, answer.text
        found: str = answer.json()["id"]
        return found

    def over(self, job: str) -> dict[str, Any]:
        """A job once it is over."""
        while True:
            found: dict[str, Any] = self.get(f"/v1/jobs/{job}").json()
            if found["state"] in ("done", "failed", "cancelled"):
                return found
            time.sleep(0.02)

    def saved(self, scenario: str, name: str = "first", **said: Any) -> str:
        """The id of a saved plan."""
        job = self.begun(scenario, "plan", **said)
        assert self.over(job)["state"] == "done"
        answer = self.post(f"/v1/scenarios/{scenario}/plans", json={"job": job, "name": name})
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["id"]
        return found


@contextmanager
def client(home: Path, **said: Any) -> Iterator[Client]:
    """A client of a service with a store in a folder."""
    with Client(Settings(home / "store.db", **said)) as found:
        yield found


@contextmanager
def process(home: Path, *said: str, env: dict[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`creatormix serve` as a process of its own, and its address."""
    command = [sys.executable, "-m", "optimizer.cli.main", "serve", "--port", "0", "--store", str(home / "store.db")]
    began = subprocess.Popen(
        [*command, *said],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "COVERAGE_PROCESS_START": "", **(env or {})},
    )
    try:
        assert began.stderr is not None
        line = began.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + began.stderr.read()
        yield began, found[0].rstrip("/")
    finally:
        if began.poll() is None:
            os.killpg(began.pid, signal.SIGKILL)
        began.wait()
        assert began.stderr is not None
        began.stderr.close()
