"""How a service is set up: where it keeps things, whom it answers, and how much it takes on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MEGABYTE = 1_000_000
_TOKEN = re.compile(r"[!-~]{16,512}")


@dataclass(frozen=True)
class Settings:
    """The settings of one service.

    Parameters
    ----------
    store
        The SQLite file that everything is kept in; it is made if there is none. Its folder must exist.
    folder
        A folder whose scenarios can be opened by name; None for none.
    hosts
        The names that clients may call this service by (the `Host` of a request), without a port. A page of another
        site that reaches this machine under a name of its own is refused.
    token
        What clients must send as `Authorization: Bearer ...`; needed unless all hosts are this machine itself.
    running, waiting
        How many jobs run at once, and how many may wait; more are refused.
    warm
        How many worker processes are kept, each with one scenario loaded.
    seconds
        The longest time that a job may take; a search ends in time to give its best plan.
    lease
        After so many seconds in which nobody asks about a job, its work is given up; a client may ask for another.
    memory_mb, body_mb, store_mb
        What a worker may use, what a request may hold, and what the store may hold, in megabytes.
    """

    store: Path
    folder: Path | None = None
    hosts: tuple[str, ...] = LOOPBACK
    token: str | None = field(default=None, repr=False)
    running: int = 2
    waiting: int = 8
    warm: int = 4
    seconds: float = 300.0
    lease: float = 120.0
    memory_mb: int = 4_096
    body_mb: int = 64
    store_mb: int = 4_000

    def __post_init__(self) -> None:
        for name in ("running", "warm", "seconds", "lease", "memory_mb", "body_mb", "store_mb"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0")
        if self.waiting < 0:
            raise ValueError("waiting must be at least 0")
        if self.token is not None and not _TOKEN.fullmatch(self.token):
            raise ValueError("the token must be 16 to 512 visible ASCII characters, without spaces")
        if self.token is None and not {*self.hosts} <= {*LOOPBACK}:
            raise ValueError("a service that others can reach needs a token")


def token_of(text: str) -> str:
    """The token in a file or an environment variable: its only line.

    Raises
    ------
    ValueError
        If it is too short, or holds spaces.
    """
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError("the token must be one line of 16 to 512 visible ASCII characters, without spaces")
    return token
