"""Running jobs: one thread for each job under way, one that watches what clients still want."""

from __future__ import annotations

import atexit
import base64
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from optimizer.service import metrics
from optimizer.service.problems import problem, problem_of
from optimizer.service.settings import Settings
from optimizer.service.store.database import Database, new_id
from optimizer.service.store.errors import ChangedError, UnknownError
from optimizer.service.store.jobs import Job, Register
from optimizer.service.store.plans import Plans
from optimizer.service.store.scenarios import Scenarios
from optimizer.service.workers import DiedError, Worker, remove_left_folders

_LOOK: Final = 0.05  # seconds between looks at what is wanted
_LIVE: Final = 2.0  # seconds between signs of life
_TOLD: Final = 0.2  # seconds between two lines of progress that are written down
_GRACE: Final = 60.0  # seconds that a job may take longer than its search: loading, ranges, ties
_IDLE: Final = 900.0  # seconds after which a worker without work is ended


@dataclass
class _Running:
    """A job under way."""

    job: Job
    worker: Worker | None = None
    until: float = 0.0
    given_up: str = ""  # why its worker was killed: "unwanted" or "time"
    stopped: bool = False


@dataclass
class _Warm:
    """A worker that waits for the next job of its scenario."""

    worker: Worker
    since: float = field(default_factory=time.monotonic)


class Jobs:
    """The jobs that this process runs. Threads begin with the first job."""

    def __init__(self, settings: Settings, database: Database, scenarios: Scenarios, plans: Plans) -> None:
        self._settings, self._scenarios, self._plans = settings, scenarios, plans
        self.register = Register(database, new_id())
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._warm: dict[str, _Warm] = {}
        self._begun = False
        self._ends = threading.Event()

    def submit(
        self,
        scenario: str,
        verb: str,
        arguments: Mapping[str, Any],
        *,
        lease: float | None = None,
        key: str | None = None,
        version: str | None = None,
    ) -> Job:
        """Take a job on; see `Register.submit`."""
        self.begin()
        found = self.register.submit(
            scenario,
            verb,
            arguments,
            lease=lease or self._settings.lease,
            waiting=self._settings.waiting,
            key=key,
            version=version,
        )
        self._dispatch()
        return found

    def begin(self) -> None:
        """Start watching, once until `end`; a host may end its application and go on with it."""
        with self._lock:
            if self._begun:
                return
            self._begun, self._ends = True, threading.Event()
        self.register.live()
        remove_left_folders()
        threading.Thread(target=self._watch, args=(self._ends,), name="creatormix-watch", daemon=True).start()
        atexit.register(self.end)

    def end(self) -> None:
        """Give up what is under way, for other processes, and end all workers."""
        with self._lock:
            begun, self._begun = self._begun, False
            self._ends.set()
            workers = [one.worker for one in self._running.values() if one.worker]
            workers += [one.worker for one in self._warm.values()]
            self._warm.clear()
        if begun:
            with suppress(Exception):  # the store may be gone
                self.register.leave()
        for worker in workers:
            worker.kill()

    def forget(self, scenario: str) -> None:
        """End the worker of a scenario, so that nothing of it stays in memory or in a folder."""
        with self._lock:
            warm = self._warm.pop(scenario, None)
            running = [one for one in self._running.values() if one.job.scenario == scenario]
            for one in running:
                one.given_up = one.given_up or "unwanted"
        for worker in [*([warm.worker] if warm else []), *(one.worker for one in running if one.worker)]:
            worker.kill()

    def numbers(self) -> dict[str, int]:
        """How many jobs run here, how many wait, how many workers are kept."""
        with self._lock:
            found = {"running": len(self._running), "warm": len(self._warm)}
        return found | {"waiting": self.register.waiting()}

    # --- one job ---

    def _dispatch(self) -> None:
        """Begin jobs while there is room; only one of a scenario at a time, for its worker."""
        while not self._ends.is_set():
            with self._lock:
                if len(self._running) >= self._settings.running:
                    return
                job = self.register.claim({one.job.scenario for one in self._running.values()})
                if job is None:
                    return
                one = self._running[job.id] = _Running(job)
            threading.Thread(target=self._run, args=(one,), name=f"creatormix-{job.id}", daemon=True).start()

    def _run(self, one: _Running) -> None:
        job = one.job
        try:
            answer = self._asked(one)
            if "problem" in answer:
                self.register.fail(job.id, answer["problem"])
            else:
                self.register.finish(job.id, {name: _content(said) for name, said in answer["forms"].items()})
            self._keep(one)
            metrics.count("jobs", verb=job.verb, state="failed" if "problem" in answer else "done")
        except (UnknownError, ChangedError) as error:  # the scenario or a plan was deleted, or is another one now
            self.register.fail(job.id, problem_of(error))
        except DiedError:
            if one.given_up == "unwanted":
                self.register.cancel(job.id)
            elif not self._ends.is_set():
                self.register.fail(job.id, _TOO_LONG if one.given_up == "time" else _DIED)
            metrics.count("jobs", verb=job.verb, state=one.given_up or "died")
        except Exception as error:  # noqa: BLE001  a job that cannot be written down must not stop the others
            with suppress(Exception):
                self.register.fail(job.id, problem_of(error))
        finally:
            with self._lock:
                self._running.pop(job.id, None)
            if one.worker is not None:
                one.worker.kill()
            self._dispatch()

    def _asked(self, one: _Running) -> dict[str, Any]:
        """The answer of a worker that has the scenario."""
        job = one.job
        kept, files = self._scenarios.files(job.scenario)
        if kept.version != job.version:
            raise ChangedError("somebody changed this scenario in the meantime", "ask again")
        version = kept.version
        if (draft := job.arguments.get("text")) is not None:  # a text that is not kept yet
            files[kept.main] = draft.encode("utf-8", "replace")
            version += sha256(files[kept.main]).hexdigest()
        with self._lock:
            warm = self._warm.pop(job.scenario, None)
        if warm is not None and not warm.worker.lives:
            warm.worker.kill()
            warm = None
        worker = warm.worker if warm else Worker(self._settings.memory_mb)
        with self._lock:
            one.worker = worker
            one.until = time.monotonic() + self._settings.seconds + _GRACE
            if one.given_up:
                raise DiedError("given up before it began")
        worker.holds(files)
        asked = {"verb": job.verb, "arguments": job.arguments, "main": kept.main, "version": version}
        asked["plans"] = {plan: self._plans.source_content(plan).decode() for plan in _plans_of(job.arguments)}
        told = 0.0
        for said in worker.ask({**asked, "seconds": self._settings.seconds}):
            if "progress" not in said:
                return said
            if time.monotonic() - told >= _TOLD:
                told = time.monotonic()
                self.register.tell(job.id, said["progress"])
        raise DiedError("no answer")

    def _keep(self, one: _Running) -> None:
        """Keep a worker for the next job of its scenario; the one that waited longest makes room."""
        with self._lock:
            if self._ends.is_set() or one.given_up or one.worker is None:
                return
            self._warm[one.job.scenario], one.worker = _Warm(one.worker), None
            oldest = min(self._warm, key=lambda each: self._warm[each].since)
            extra = self._warm.pop(oldest) if len(self._warm) > self._settings.warm else None
        if extra is not None:
            extra.worker.kill()

    # --- watching ---

    def _watch(self, ends: threading.Event) -> None:
        lived = 0.0
        while not ends.wait(_LOOK):
            with suppress(Exception):  # a store that is busy or full for a moment; the next look comes soon
                with self._lock:
                    running = list(self._running.values())
                for one in running:
                    self._look(one)
                if time.monotonic() - lived >= _LIVE:
                    lived = time.monotonic()
                    self.register.live()
                    self._end_idle()
                    self._dispatch()

    def _look(self, one: _Running) -> None:
        """Kill what is wanted no more or takes too long; pass on that the best so far is wanted."""
        wanted, stopping = self.register.wishes(one.job.id)
        worker = one.worker
        if worker is None or one.given_up:
            return
        if not wanted or time.monotonic() > one.until:
            one.given_up = "time" if wanted else "unwanted"
            worker.kill()
        elif stopping and not one.stopped:
            one.stopped = True
            worker.tell({"stop": True})

    def _end_idle(self) -> None:
        with self._lock:
            old = [each for each, warm in self._warm.items() if time.monotonic() - warm.since > _IDLE]
            workers = [self._warm.pop(each).worker for each in old]
        for worker in workers:
            worker.kill()


def _plans_of(arguments: Mapping[str, Any]) -> list[str]:
    """The saved plans that a request names."""
    named = [arguments, *(arguments.get("cases") or ())]
    return [one["plan"] for one in named if one.get("plan")]


def _content(said: str | Mapping[str, str]) -> bytes:
    """An answer as a worker sends it."""
    return said.encode() if isinstance(said, str) else base64.b64decode(said["base64"])


_TOO_LONG: Final = problem(
    504, "this took longer than a job may take here", "ask for a larger gap, fewer points or fewer creators"
)
_DIED: Final = problem(
    500,
    "the process that worked on this ended without an answer",
    "it may have used more memory than it may use here: ask for less at once, or give the service more memory",
)
