"""The register of jobs: what was asked, by whom it is done, how far it is, and its answer.

It is in the store, so that any process of the service can answer for any job. The process that runs a job signs for it
as its owner and says from time to time that it lives. The jobs of an owner that is gone are run once more.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from optimizer.service.store.database import Database, new_id
from optimizer.service.store.errors import AnotherRequestError, BusyError, ChangedError, UnknownError

State = Literal["waiting", "running", "done", "failed", "cancelled"]
OVER: Final = ("done", "failed", "cancelled")
ATTEMPTS_MOST: Final = 2
KEPT_SECONDS: Final = 7 * 86_400  # after which a job that is over is forgotten
LISTED: Final = 200  # jobs of a scenario
_DRAFT_SECONDS: Final = 60.0  # after which the check of a text that was not kept is forgotten
_GONE_SECONDS: Final = 10.0  # after which an owner that says nothing is gone


@dataclass(frozen=True)
class Job:
    """One job about a `version` of its scenario; `problem` says why it failed, `forms` which forms its answer has."""

    id: str
    scenario: str
    version: str
    verb: str
    arguments: Mapping[str, Any]
    state: State
    created: float
    begun: float | None
    ended: float | None
    lease: float
    progress: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None
    forms: tuple[str, ...]

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in OVER


class Register:
    """The jobs of a store; `owner` is the process that asks."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database, self._owner = database, owner

    # --- what clients ask ---

    def submit(
        self,
        scenario: str,
        verb: str,
        arguments: Mapping[str, Any],
        *,
        lease: float,
        waiting: int,
        key: str | None,
        version: str | None = None,
    ) -> Job:
        """Write a job down; the same key with the same request about the same version gives the same job.

        It is about the version of the scenario that `version` names, else about the present one.

        Raises
        ------
        UnknownError, ChangedError, BusyError, AnotherRequestError, FullError
        """
        said = json.dumps(dict(arguments), sort_keys=True)
        asked = sha256(f"{scenario}\n{verb}\n{said}".encode()).hexdigest()
        now = time.time()
        with self._database.transaction() as connection:
            known = None
            if key:
                known = connection.execute("SELECT id, asked, version FROM jobs WHERE key = ?", (key,)).fetchone()
            now_at = connection.execute("SELECT version FROM scenarios WHERE id = ?", (scenario,)).fetchone()
            if known is not None:
                _same(known, asked, now_at)
                connection.execute("UPDATE jobs SET seen = ? WHERE id = ?", (now, known["id"]))
                return self._job(connection, known["id"])
            queued = connection.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()[0]
            if queued >= waiting:
                raise BusyError("there is too much to do already", "ask again in some seconds")
            if now_at is None:
                raise UnknownError("there is no such scenario")
            if version not in (None, now_at["version"]):
                raise ChangedError("somebody changed this scenario in the meantime", "look at it again")
            self._database.make_room(len(said))
            found = new_id()
            connection.execute(
                "INSERT INTO jobs (id, scenario, version, verb, arguments, state, created, seen, lease, key, asked)"
                " VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?)",
                (found, scenario, now_at["version"], verb, said, now, now, lease, key, asked),
            )
            return self._job(connection, found)

    def get(self, job: str, *, looks: bool = True) -> Job:
        """A job; who looks at it is taken to want it still. Raises UnknownError."""
        connection = self._database.connection()
        if looks:
            connection.execute(
                "UPDATE jobs SET seen = ? WHERE id = ? AND seen < ?", (time.time(), job, time.time() - 1)
            )
        return self._job(connection, job)

    def of(self, scenario: str) -> list[Job]:
        """The jobs of a scenario, the newest first; not the oldest of very many."""
        connection = self._database.connection()
        said = "SELECT id FROM jobs WHERE scenario = ? ORDER BY created DESC, id LIMIT ?"
        return [self._job(connection, row["id"]) for row in connection.execute(said, (scenario, LISTED)).fetchall()]

    def has_done(self, scenario: str, verb: str) -> bool:
        """Whether a job of this verb is done."""
        said = "SELECT 1 FROM jobs WHERE scenario = ? AND verb = ? AND state = 'done' LIMIT 1"
        return self._database.connection().execute(said, (scenario, verb)).fetchone() is not None

    def answer(self, job: str, form: str) -> bytes | None:
        """The answer in a form; None if there is none."""
        found = self._database.connection().execute(
            "SELECT content FROM answers WHERE job = ? AND form = ?", (job, form)
        )
        row = found.fetchone()
        return None if row is None else bytes(row["content"])

    def unwanted(self, job: str) -> Job:
        """Say that a job is wanted no more; its owner frees its work. Raises UnknownError."""
        with self._database.transaction() as connection:
            self._job(connection, job)
            connection.execute("UPDATE jobs SET unwanted = 1 WHERE id = ?", (job,))
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', ended = ? WHERE id = ? AND state = 'waiting'", (time.time(), job)
            )
            return self._job(connection, job)

    def remove_all(self, verb: str) -> None:
        """Remove all jobs of a verb, with their answers."""
        self._database.connection().execute("DELETE FROM jobs WHERE verb = ?", (verb,))

    def stop(self, job: str) -> Job:
        """Ask for the best that was found so far. Raises UnknownError."""
        with self._database.transaction() as connection:
            self._job(connection, job)
            connection.execute("UPDATE jobs SET stopping = 1 WHERE id = ?", (job,))
            return self._job(connection, job)

    # --- what owners do ---

    def claim(self, busy: Collection[str]) -> Job | None:
        """The next waiting job whose scenario is not busy, signed for."""
        now = time.time()
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT id, scenario FROM jobs WHERE state = 'waiting' ORDER BY created, id")
            for row in rows.fetchall():
                if row["scenario"] not in busy:
                    connection.execute(
                        "UPDATE jobs SET state = 'running', owner = ?, begun = ?, attempts = attempts + 1 WHERE id = ?",
                        (self._owner, now, row["id"]),
                    )
                    return self._job(connection, row["id"])
        return None

    def waiting(self) -> int:
        """How many jobs wait."""
        found = self._database.connection().execute("SELECT count(*) FROM jobs WHERE state = 'waiting'")
        return int(found.fetchone()[0])

    def wishes(self, job: str) -> tuple[bool, bool]:
        """Whether a running job is wanted still, and whether its best so far is wanted now."""
        row = self._database.connection().execute(
            "SELECT unwanted, stopping, seen + lease AS until FROM jobs WHERE id = ?", (job,)
        )
        found = row.fetchone()
        if found is None:  # its scenario was deleted
            return False, False
        return not found["unwanted"] and time.time() < found["until"], bool(found["stopping"])

    def tell(self, job: str, progress: Mapping[str, Any]) -> None:
        """Write down how far a job is."""
        self._database.connection().execute(
            "UPDATE jobs SET progress = ? WHERE id = ?", (json.dumps(dict(progress)), job)
        )

    def finish(self, job: str, forms: Mapping[str, bytes]) -> None:
        """Write the answer down; one whose scenario was deleted has no place any more."""
        with self._database.transaction() as connection:
            if not self._end(connection, job, "done", None):
                return
            self._database.make_room(sum(map(len, forms.values())))
            connection.executemany("INSERT INTO answers VALUES (?, ?, ?)", [(job, *one) for one in forms.items()])

    def fail(self, job: str, problem: Mapping[str, Any]) -> None:
        """Write down why there is no answer."""
        with self._database.transaction() as connection:
            self._end(connection, job, "failed", problem)

    def cancel(self, job: str) -> None:
        """Write down that the work was given up."""
        with self._database.transaction() as connection:
            self._end(connection, job, "cancelled", None)

    def _end(self, connection: sqlite3.Connection, job: str, state: State, problem: Mapping[str, Any] | None) -> bool:
        """End a job that this process still owns: a process that was taken for dead must not end it twice."""
        said = None if problem is None else json.dumps(dict(problem))
        done = connection.execute(
            "UPDATE jobs SET state = ?, ended = ?, problem = ? WHERE id = ? AND state = 'running' AND owner = ?",
            (state, time.time(), said, job, self._owner),
        )
        return bool(done.rowcount)

    def live(self) -> None:
        """Say that this process lives; take over what others left, and forget what is old."""
        now = time.time()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO owners VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen",
                (self._owner, now),
            )
            connection.execute("DELETE FROM owners WHERE seen < ?", (now - _GONE_SECONDS,))
            left = "state = 'running' AND owner NOT IN (SELECT id FROM owners)"
            connection.execute(
                f"UPDATE jobs SET state = 'failed', ended = ?, problem = ? WHERE {left} AND attempts >= ?",
                (now, json.dumps(_LOST), ATTEMPTS_MOST),
            )
            connection.execute(f"UPDATE jobs SET state = 'waiting', owner = NULL WHERE {left}")
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', ended = ? WHERE state = 'waiting' AND seen + lease < ?",
                (now, now),
            )
            connection.execute("DELETE FROM jobs WHERE ended < ?", (now - KEPT_SECONDS,))
            connection.execute(
                "DELETE FROM jobs WHERE ended < ? AND json_extract(arguments, '$.text') IS NOT NULL",
                (now - _DRAFT_SECONDS,),
            )

    def leave(self) -> None:
        """Say that this process ends: what it runs is for others."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM owners WHERE id = ?", (self._owner,))
            connection.execute(
                "UPDATE jobs SET state = 'waiting', owner = NULL WHERE state = 'running' AND owner = ?", (self._owner,)
            )

    def _job(self, connection: sqlite3.Connection, job: str) -> Job:
        row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job,)).fetchone()
        if row is None:
            raise UnknownError("there is no such job")
        forms = connection.execute("SELECT form FROM answers WHERE job = ? ORDER BY form", (job,)).fetchall()
        names = ("id", "scenario", "version", "verb", "state", "created", "begun", "ended", "lease")
        said: dict[str, Any] = {name: row[name] for name in names}
        for name in ("progress", "problem"):
            said[name] = None if row[name] is None else json.loads(row[name])
        return Job(arguments=json.loads(row["arguments"]), forms=tuple(one["form"] for one in forms), **said)


def _same(known: sqlite3.Row, asked: str, scenario: sqlite3.Row | None) -> None:
    """Refuse a key that was used for something else; raises AnotherRequestError."""
    if known["asked"] != asked:
        raise AnotherRequestError(
            "this Idempotency-Key was used for another request", "use a new key for each new request"
        )
    if scenario is not None and known["version"] != scenario["version"]:
        raise AnotherRequestError(
            "this Idempotency-Key was used before the scenario changed",
            "use a new key to ask about the scenario as it is now; the earlier answer is at its job",
        )


_LOST: Final = {
    "type": "about:blank",
    "status": 500,
    "title": "the service ended while this was worked on",
    "detail": "it was begun twice, and the service ended both times: ask for less at once, or give it more memory",
}
