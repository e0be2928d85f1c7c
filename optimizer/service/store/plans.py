"""Saved plans: what a planner keeps under a name, with notes and what was asked."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from optimizer.service.store.database import Database, new_id
from optimizer.service.store.errors import ChangedError, NoConditionError, NotReadyError, RefusedError, UnknownError
from optimizer.service.store.scenarios import ANY

_NAME_MOST: Final = 200
_NOTES_MOST: Final = 10_000
_OF_PLANS: Final = ("plan", "replan")
_ALL: Final = "SELECT plans.*, scenarios.version AS now FROM plans JOIN scenarios ON scenarios.id = scenario"

_OF_JOB: Final = (
    "SELECT jobs.id, scenario, '' AS name, '' AS notes, arguments, '' AS etag, jobs.created, ended AS changed,"
    " jobs.version, scenarios.version AS now, content FROM jobs JOIN scenarios ON scenarios.id = scenario"
    " JOIN answers ON job = jobs.id AND form = 'json' WHERE jobs.id = ? AND verb IN (?, ?)"
)


@dataclass(frozen=True)
class Saved:
    """A saved plan without its content.

    `arguments` are what was asked, `version` is the one of the scenario that was planned, `outdated` whether its files
    have changed since; both are None of plans that were saved before this was written down.
    """

    id: str
    scenario: str
    name: str
    notes: str
    arguments: Mapping[str, Any]
    etag: str
    created: float
    changed: float
    version: str | None
    outdated: bool | None


class Plans:
    """The saved plans of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, scenario: str) -> list[Saved]:
        """Those of a scenario, the newest first."""
        rows = self._database.connection().execute(
            f"{_ALL} WHERE scenario = ? ORDER BY plans.created DESC, plans.id", (scenario,)
        )
        return [_saved(row) for row in rows]

    def get(self, plan: str) -> Saved:
        """One of them; raises UnknownError."""
        return _saved(self._row(self._database.connection(), plan))

    def source(self, which: str) -> Saved:
        """A saved plan, or the plan that a job made, as what another plan follows; raises UnknownError."""
        connection = self._database.connection()
        row = connection.execute(f"{_ALL} WHERE plans.id = ?", (which,)).fetchone()
        return _saved(row if row is not None else self._made(connection, which))

    def source_content(self, which: str) -> bytes:
        """Its JSON; raises UnknownError."""
        connection = self._database.connection()
        row = connection.execute("SELECT content FROM plans WHERE id = ?", (which,)).fetchone()
        return bytes((row if row is not None else self._made(connection, which))["content"])

    def content(self, plan: str) -> bytes:
        """Its JSON; raises UnknownError."""
        return bytes(self._row(self._database.connection(), plan)["content"])

    def save(self, scenario: str, name: str, notes: str, job: str) -> Saved:
        """Keep the plan that a job of the scenario made.

        Raises
        ------
        UnknownError, RefusedError, NotReadyError, FullError
        """
        found, now = new_id(), time.time()
        said = (name[:_NAME_MOST], notes[:_NOTES_MOST])
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT scenario, version, verb, state, arguments, content FROM jobs"
                " LEFT JOIN answers ON job = id AND form = 'json' WHERE id = ?",
                (job,),
            ).fetchone()
            if row is None:
                raise UnknownError("there is no such job")
            if row["state"] in ("waiting", "running"):
                raise NotReadyError("this is not done yet", "ask again in some seconds")
            if row["scenario"] != scenario or row["verb"] not in _OF_PLANS or row["content"] is None:
                raise RefusedError("this job made no plan of this scenario", "plan first")
            self._database.make_room(len(row["content"]))
            connection.execute(
                "INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (found, scenario, *said, row["arguments"], _etag(*said), now, now, row["content"], row["version"]),
            )
            return _saved(self._row(connection, found))

    def describe(self, plan: str, name: str | None, notes: str | None, *, match: str | None) -> Saved:
        """Give it another name or other notes; raises NoConditionError, ChangedError or UnknownError."""
        with self._database.transaction() as connection:
            row = self._row(connection, plan)
            if match is None:
                raise NoConditionError(
                    "a change must say which version it changes", "send If-Match with the ETag, or *"
                )
            if match not in (ANY, row["etag"]):
                raise ChangedError(
                    "somebody changed this plan in the meantime", "read it again, then repeat your change"
                )
            said = (
                row["name"] if name is None else name[:_NAME_MOST],
                row["notes"] if notes is None else notes[:_NOTES_MOST],
            )
            connection.execute(
                "UPDATE plans SET name = ?, notes = ?, etag = ?, changed = ? WHERE id = ?",
                (*said, _etag(*said), time.time(), plan),
            )
            return _saved(self._row(connection, plan))

    def remove(self, plan: str) -> None:
        """Remove a plan; raises UnknownError."""
        with self._database.transaction() as connection:
            self._row(connection, plan)
            connection.execute("DELETE FROM plans WHERE id = ?", (plan,))

    def _made(self, connection: sqlite3.Connection, job: str) -> sqlite3.Row:
        row: sqlite3.Row | None = connection.execute(_OF_JOB, (job, *_OF_PLANS)).fetchone()
        if row is None:
            raise UnknownError("there is no such plan", "it was deleted or has expired; plan again, and save the plan")
        return row

    def _row(self, connection: sqlite3.Connection, plan: str) -> sqlite3.Row:
        row: sqlite3.Row | None = connection.execute(f"{_ALL} WHERE plans.id = ?", (plan,)).fetchone()
        if row is None:
            raise UnknownError("there is no such plan")
        return row


def _etag(name: str, notes: str) -> str:
    return sha256(json.dumps([name, notes]).encode()).hexdigest()[:32]


def _saved(row: sqlite3.Row) -> Saved:
    names = ("id", "scenario", "name", "notes", "etag", "created", "changed")
    version = row["version"] or None
    return Saved(
        arguments=json.loads(row["arguments"]),
        version=version,
        outdated=None if version is None else version != row["now"],
        **{name: row[name] for name in names},
    )
