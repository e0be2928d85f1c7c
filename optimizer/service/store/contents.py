"""The content of a file on its way into the store: bytes, or what lies on the disk because it may be large."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from io import SEEK_END
from typing import IO, Final

Content = bytes | IO[bytes]
_PIECE: Final = 1_000_000  # bytes that are in memory at once


def length(content: Content) -> int:
    """How many bytes it holds."""
    return len(content) if isinstance(content, bytes) else content.seek(0, SEEK_END)


def digest(content: Content) -> str:
    """Its SHA-256."""
    found = sha256()
    for piece in _pieces(content):
        found.update(piece)
    return found.hexdigest()


def put(connection: sqlite3.Connection, scenario: str, name: str, content: Content, sha256: str) -> None:
    """Write a file of a scenario, piece by piece; one of the same name is replaced."""
    connection.execute("DELETE FROM files WHERE scenario = ? AND name = ?", (scenario, name))
    written = connection.execute(
        "INSERT INTO files VALUES (?, ?, ?, zeroblob(?))", (scenario, name, sha256, length(content))
    )
    assert written.lastrowid is not None
    with connection.blobopen("files", "content", written.lastrowid) as blob:
        for piece in _pieces(content):
            blob.write(piece)


def _pieces(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    content.seek(0)
    while piece := content.read(_PIECE):
        yield piece
