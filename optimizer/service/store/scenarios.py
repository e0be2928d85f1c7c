"""Scenarios with their files: a file of YAML, the files of creators and others that it names."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from optimizer.service.store.contents import Content, digest, length, put
from optimizer.service.store.database import Database, new_id
from optimizer.service.store.errors import ChangedError, NoConditionError, RefusedError, UnknownError

NAME_MOST: Final = 200
FILES_MOST: Final = 50
MAIN: Final = "scenario.yaml"  # the file that is planned, unless another one is named
ANY: Final = "*"  # a condition that holds for every version
_PART: Final = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")
_PARTS_MOST: Final = 4
_Checked = tuple[Content, str]  # with its SHA-256


@dataclass(frozen=True)
class Kept:
    """A scenario without the content of its files.

    `main` is the file that is planned; `version` names what the files hold, which plans depend on; `etag` names all
    that can be changed, the name as well.
    """

    id: str
    name: str
    main: str
    version: str
    created: float
    changed: float
    files: Mapping[str, int]  # and their sizes in bytes

    @property
    def etag(self) -> str:
        """What a change of it has to name."""
        return _etag(self.version, self.name)


def _etag(version: str, name: str) -> str:
    return sha256(f"{version}\n{name}".encode("utf-8", "replace")).hexdigest()[:32]


def checked_name(name: str) -> str:
    """The name of a file, which may be inside folders; raises RefusedError if it could be anywhere else."""
    parts = name.split("/")
    length = len(name.encode("utf-8", "replace"))
    if length > NAME_MOST or len(parts) > _PARTS_MOST or not all(map(_PART.fullmatch, parts)):
        raise RefusedError(
            "this is not a name that a file can have here",
            f"write up to {NAME_MOST} bytes, without \\ and without parts that begin with a dot",
        )
    if name.encode("utf-8", "replace").decode("utf-8") != name:
        raise RefusedError("the name of a file must be valid Unicode", "choose another name")
    return name


def _checked(files: Mapping[str, Content]) -> dict[str, _Checked]:
    """Files whose names can be, with what names their contents; worked out before other writers have to wait."""
    return {checked_name(each): (content, digest(content)) for each, content in files.items()}


class Scenarios:
    """The scenarios of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self) -> list[Kept]:
        """All of them, the last changed first."""
        rows = self._database.connection().execute("SELECT * FROM scenarios ORDER BY changed DESC, id").fetchall()
        return [self._kept(row) for row in rows]

    def get(self, scenario: str) -> Kept:
        """One of them; raises UnknownError."""
        return self._kept(self._row(self._database.connection(), scenario))

    def make(self, name: str, main: str, files: Mapping[str, Content]) -> Kept:
        """Keep a new one; raises RefusedError or FullError."""
        contents = _checked(files)
        if checked_name(main) not in contents:
            raise RefusedError(f"there is no file {main}", "send the scenario's own file among the files")
        with self._database.transaction() as connection:
            self._make_room(contents)
            found, now = new_id(), time.time()
            connection.execute(
                "INSERT INTO scenarios VALUES (?, ?, ?, '', ?, ?)", (found, name[:NAME_MOST] or main, main, now, now)
            )
            self._put(connection, found, contents)
            return self._kept(self._row(connection, found))

    def file(self, scenario: str, name: str) -> tuple[bytes, str]:
        """The content of a file, and the ETag of its scenario; raises UnknownError."""
        with self._database.transaction() as connection:
            kept = self._row(connection, scenario)
            found = connection.execute("SELECT content FROM files WHERE scenario = ? AND name = ?", (scenario, name))
            row = found.fetchone()
        if row is None:
            raise UnknownError("this scenario has no file of that name")
        return bytes(row[0]), _etag(kept["version"], kept["name"])

    def files(self, scenario: str) -> tuple[Kept, dict[str, bytes]]:
        """A scenario and the contents of all its files, of one version."""
        with self._database.transaction() as connection:
            row = self._row(connection, scenario)
            rows = connection.execute("SELECT name, content FROM files WHERE scenario = ?", (scenario,)).fetchall()
            return self._kept(row), {one["name"]: bytes(one["content"]) for one in rows}

    def write(self, scenario: str, files: Mapping[str, Content], *, match: str | None) -> Kept:
        """Write some files of the version that `match` names; another version is not written."""
        contents = _checked(files)
        with self._database.transaction() as connection:
            self._matching(connection, scenario, match)
            self._make_room(contents)
            self._put(connection, scenario, contents)
            return self._kept(self._row(connection, scenario))

    def rename(self, scenario: str, name: str, *, match: str | None) -> Kept:
        """Give it another name."""
        with self._database.transaction() as connection:
            self._matching(connection, scenario, match)
            connection.execute("UPDATE scenarios SET name = ? WHERE id = ?", (name[:NAME_MOST], scenario))
            return self._kept(self._row(connection, scenario))

    def remove_file(self, scenario: str, name: str, *, match: str | None) -> Kept:
        """Remove a file, but not the scenario's own."""
        with self._database.transaction() as connection:
            row = self._matching(connection, scenario, match)
            if name == row["main"]:
                raise RefusedError("this is the scenario itself", "delete the scenario instead")
            gone = connection.execute("DELETE FROM files WHERE scenario = ? AND name = ?", (scenario, name))
            if not gone.rowcount:
                raise UnknownError("this scenario has no file of that name")
            self._stamp(connection, scenario)
            return self._kept(self._row(connection, scenario))

    def remove(self, scenario: str) -> None:
        """Remove a scenario with all that belongs to it."""
        with self._database.transaction() as connection:
            self._row(connection, scenario)
            connection.execute("DELETE FROM scenarios WHERE id = ?", (scenario,))

    # --- inside ---

    def _matching(self, connection: sqlite3.Connection, scenario: str, match: str | None) -> sqlite3.Row:
        row = self._row(connection, scenario)
        if match is None:
            raise NoConditionError(
                "a change must say which version it changes", "send If-Match with the ETag of what you read, or *"
            )
        if match not in (ANY, _etag(row["version"], row["name"])):
            raise ChangedError(
                "somebody changed this scenario in the meantime", "read it again, then repeat your change"
            )
        return row

    def _row(self, connection: sqlite3.Connection, scenario: str) -> sqlite3.Row:
        row: sqlite3.Row | None = connection.execute("SELECT * FROM scenarios WHERE id = ?", (scenario,)).fetchone()
        if row is None:
            raise UnknownError("there is no such scenario")
        return row

    def _make_room(self, contents: Mapping[str, _Checked]) -> None:
        self._database.make_room(sum(length(content) for content, _ in contents.values()))

    def _put(self, connection: sqlite3.Connection, scenario: str, contents: Mapping[str, _Checked]) -> None:
        for name, (content, known) in contents.items():
            put(connection, scenario, name, content, known)
        self._stamp(connection, scenario)

    def _stamp(self, connection: sqlite3.Connection, scenario: str) -> None:
        """Name the version by what its files hold."""
        rows = connection.execute(
            "SELECT name, sha256 FROM files WHERE scenario = ? ORDER BY name", (scenario,)
        ).fetchall()
        if len(rows) > FILES_MOST:
            raise RefusedError(f"a scenario has at most {FILES_MOST} files", "remove some first")
        names = {row["name"] for row in rows}
        if any(other.startswith(f"{name}/") for name in names for other in names):
            raise RefusedError("a file cannot have the name of a folder of another one", "choose another name")
        version = sha256("\n".join(f"{row['sha256']} {row['name']}" for row in rows).encode()).hexdigest()[:32]
        connection.execute(
            "UPDATE scenarios SET version = ?, changed = ? WHERE id = ?", (version, time.time(), scenario)
        )

    def _kept(self, row: sqlite3.Row) -> Kept:
        rows = self._database.connection().execute(
            "SELECT name, length(content) FROM files WHERE scenario = ? ORDER BY name", (row["id"],)
        )
        sizes = {one[0]: one[1] for one in rows}
        return Kept(row["id"], row["name"], row["main"], row["version"], row["created"], row["changed"], sizes)
