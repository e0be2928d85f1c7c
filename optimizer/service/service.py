"""A service: its settings, what it keeps, and the jobs it runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optimizer.service.jobs import Jobs
from optimizer.service.problems import problem
from optimizer.service.settings import MEGABYTE, Settings
from optimizer.service.store.database import Database
from optimizer.service.store.errors import BusyError
from optimizer.service.store.jobs import Job
from optimizer.service.store.plans import Plans
from optimizer.service.store.scenarios import Scenarios

_LOOK = 0.02  # seconds between looks at a job that somebody waits for


class NoAnswerError(Exception):
    """A job that was waited for has no answer; `said` is its problem."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.said = said
        super().__init__(said.get("title", ""))


@dataclass(eq=False)
class Service:
    """All parts of one service."""

    settings: Settings
    database: Database = field(init=False)
    scenarios: Scenarios = field(init=False)
    plans: Plans = field(init=False)
    jobs: Jobs = field(init=False)

    def __post_init__(self) -> None:
        self.database = Database(self.settings.store, self.settings.store_mb * MEGABYTE)
        self.scenarios = Scenarios(self.database)
        self.plans = Plans(self.database)
        self.jobs = Jobs(self.settings, self.database, self.scenarios, self.plans)

    def answered(self, scenario: str, verb: str, arguments: Mapping[str, Any], seconds: float) -> bytes:
        """The answer of a verb, waited for.

        Raises
        ------
        NoAnswerError
            With the problem, if there is none.
        BusyError
            If there is too much to do before it.
        """
        job = self.waited(self.jobs.submit(scenario, verb, arguments).id, seconds)
        found = self.jobs.register.answer(job.id, "json")
        if found is None:
            self.jobs.register.unwanted(job.id)
            if job.state == "waiting":
                raise BusyError("there is too much to do already", "ask again in some seconds")
            raise NoAnswerError(job.problem or problem(504, f"this takes longer than {seconds:.0f} seconds"))
        return found

    def waited(self, job: str, seconds: float) -> Job:
        """A job once it is over, or as it is after so many seconds."""
        until = time.monotonic() + seconds
        found = self.jobs.register.get(job)
        while not found.over and time.monotonic() < until:
            time.sleep(_LOOK)
            found = self.jobs.register.get(job)
        return found
