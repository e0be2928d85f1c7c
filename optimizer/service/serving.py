"""The service as a process that listens."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

import uvicorn

from optimizer.service.app import create_app
from optimizer.service.connections import Connection
from optimizer.service.settings import Settings

_CLIENTS_MOST = 500
_HEADERS_MOST = 16_384  # bytes
# A client whose machine is gone says nothing any more: its connection is closed after so many milliseconds in which it
# did not answer, nor had room for what it is sent.
_GONE_MS = 60_000
_GONE = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
if hasattr(socket, "TCP_USER_TIMEOUT"):
    _GONE.append((socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _GONE_MS))


def serve(settings: Settings, host: str, port: int, tell: Callable[[str], None]) -> None:
    """Listen until the process is told to end; `tell` gets the address once clients can connect.

    Raises
    ------
    OSError
        If nobody can listen there.
    NotAStoreError
        If the file of the store is something else.
    """
    if hasattr(signal, "SIGPIPE"):  # commands end when their reader leaves; a client or a worker may leave a service
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    app = create_app(settings)
    app.state.service.database.connection()  # so that what is wrong with the store is said at once
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for level, option, value in _GONE:
        listening.setsockopt(level, option, value)  # which its connections take over
    listening.bind((host, port))
    listening.listen(_CLIENTS_MOST)
    config = uvicorn.Config(
        app,
        http=Connection,
        log_level="warning",
        server_header=False,
        limit_concurrency=_CLIENTS_MOST,
        h11_max_incomplete_event_size=_HEADERS_MOST,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    shown = f"[{host}]" if ":" in host else host
    tell(f"http://{shown}:{listening.getsockname()[1]}/")
    server.run(sockets=[listening])
