"""The SQLite file: connections, tables, transactions.

A commit is on the disk when it returns (WAL, full sync), so that what was acknowledged outlives a kill or a power cut.
Deleted bytes are overwritten, since a creator may ask to be forgotten.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Final

from optimizer.service.store.errors import BusyError, FullError

VERSION: Final = 2
_LOG_MOST: Final = 16_000_000  # bytes that the log keeps once it is empty
_PRAGMAS: Final = (
    *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"),
    f"journal_size_limit={_LOG_MOST}",
)
_SCRUBS, _BETWEEN = 50, 0.1  # how often the log is tried to be emptied, and the seconds between
_TABLES: Final = """
CREATE TABLE scenarios (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, main TEXT NOT NULL, version TEXT NOT NULL, created REAL NOT NULL,
  changed REAL NOT NULL
) STRICT;
CREATE TABLE files (
  scenario TEXT NOT NULL REFERENCES scenarios ON DELETE CASCADE, name TEXT NOT NULL, sha256 TEXT NOT NULL,
  content BLOB NOT NULL, PRIMARY KEY (scenario, name)
) STRICT;
CREATE TABLE jobs (
  id TEXT PRIMARY KEY, scenario TEXT NOT NULL REFERENCES scenarios ON DELETE CASCADE, version TEXT NOT NULL,
  verb TEXT NOT NULL, arguments TEXT NOT NULL, state TEXT NOT NULL, created REAL NOT NULL, begun REAL, ended REAL,
  seen REAL NOT NULL, lease REAL NOT NULL, owner TEXT, attempts INTEGER NOT NULL DEFAULT 0,
  unwanted INTEGER NOT NULL DEFAULT 0, stopping INTEGER NOT NULL DEFAULT 0,
  progress TEXT, problem TEXT, key TEXT UNIQUE, asked TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, created);
CREATE TABLE answers (
  job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE, form TEXT NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (job, form)
) STRICT;
CREATE TABLE plans (
  id TEXT PRIMARY KEY, scenario TEXT NOT NULL REFERENCES scenarios ON DELETE CASCADE, name TEXT NOT NULL,
  notes TEXT NOT NULL, arguments TEXT NOT NULL, etag TEXT NOT NULL, created REAL NOT NULL, changed REAL NOT NULL,
  content BLOB NOT NULL, version TEXT NOT NULL
) STRICT;
CREATE TABLE owners (id TEXT PRIMARY KEY, seen REAL NOT NULL) STRICT;
"""
_STEPS: Final = {  # from each version to the next
    1: (
        "ALTER TABLE scenarios RENAME COLUMN etag TO version",
        "ALTER TABLE plans ADD COLUMN version TEXT NOT NULL DEFAULT ''",
    )
}


class NotAStoreError(Exception):
    """The file is no store of this version."""


def new_id() -> str:
    """A random name of 128 bits."""
    return secrets.token_hex(16)


class Database:
    """Connections to one file, one for each thread."""

    def __init__(self, path: Path, most_bytes: float = inf) -> None:
        self.path, self._most_bytes = path, most_bytes
        self._mine = threading.local()
        self._made = threading.Lock()
        self._ready = False

    def connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        found: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if found is None or self._mine.process != os.getpid():
            found = self._connected()
            self._mine.connection, self._mine.process = found, os.getpid()
        return found

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; writers wait for each other."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def size(self) -> int:
        """How many bytes the store holds."""
        connection = self.connection()
        pages, page, free = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size", "freelist_count")
        )
        return int((pages - free) * page)

    def make_room(self, more: int) -> None:
        """Raise FullError if there is no room for so many bytes more."""
        if self.size() + more > self._most_bytes:
            raise FullError("the store is full", "delete scenarios or plans that are no longer needed")

    def scrub(self) -> None:
        """Write the file anew without what was deleted, and empty its log; raises BusyError if others keep it busy."""
        connection = self.connection()
        connection.execute("VACUUM")
        for _ in range(_SCRUBS):
            if not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                return
            time.sleep(_BETWEEN)
        raise BusyError("the store is in use, and what was deleted is still in its log", "ask again in some seconds")

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            for said in _PRAGMAS:
                connection.execute(f"PRAGMA {said}").fetchone()
            with self._made:
                if not self._ready:
                    self._make(connection)
                    self._ready = True
        except sqlite3.DatabaseError as error:
            connection.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise NotAStoreError(f"{self.path} is no store of creatormix: {error}") from None
        return connection

    def _make(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found > VERSION:
                raise NotAStoreError(f"{self.path} was made by a newer creatormix")
            if found == 0:
                if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    raise NotAStoreError(f"{self.path} is a database of something else")
                for statement in _TABLES.split(";\n"):
                    connection.execute(statement)
            for version in range(found or VERSION, VERSION):
                for statement in _STEPS[version]:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            connection.execute("ROLLBACK")
            connection.close()
            raise
        connection.execute("COMMIT")
