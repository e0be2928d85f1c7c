"""How long a client may hold a connection without asking anything, on a clock of the test's own."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.responses import StreamingResponse
from uvicorn import Config
from uvicorn.server import Server, ServerState

from optimizer.service.connections import Connection

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
SECONDS, STUCK = Connection.header_seconds, Connection.stuck_seconds


class Wire(asyncio.Transport):
    """What a client gets; `unread` bytes of it wait here."""

    def __init__(self) -> None:
        super().__init__()
        self.got, self.unread = b"", 0
        self.closed = self.aborted = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.got += data

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.closed or self.aborted

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Talk:
    """A connection, and the clock that it knows."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._now = 0.0
        loop.time = lambda: self._now  # type: ignore[method-assign]
        self.answering = asyncio.Event()
        config = Config(self._app, lifespan="off", log_config=None, interface="asgi3")
        self.connection, self.wire = Connection(config, ServerState(), {}, loop), Wire()
        self.connection.connection_made(self.wire)

    async def _app(self, _: Any, __: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        await self.answering.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def sends(self, data: bytes) -> None:
        self.connection.data_received(data)
        await self.passes(0)

    async def passes(self, seconds: float) -> None:
        self._now += seconds
        for _ in range(10):
            await asyncio.sleep(0)


@contextmanager
def listening(app: Any) -> Iterator[tuple[int, Server]]:
    """A server in a thread of this process, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = Server(Config(app, http=Connection, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        yield bound.getsockname()[1], server
        server.should_exit = True
        thread.join()


def talk(about: Callable[[Talk], Awaitable[None]]) -> None:
    """Have a talk."""
    loop = asyncio.new_event_loop()

    async def all_of_it() -> None:
        await about(Talk(loop))

    try:
        loop.run_until_complete(all_of_it())
    finally:
        loop.close()


@pytest.mark.parametrize("said", [b"", b"GET / HT", GET[:-2]])
def test_headers_that_never_end_close_the_connection(said: bytes) -> None:
    async def about(held: Talk) -> None:
        if said:
            await held.sends(said)
        await held.passes(SECONDS - 1)
        assert not held.wire.closed
        if said:
            await held.sends(b"x" if said != GET[:-2] else b"x: y\r\n")  # a little now and then wins no time
        await held.passes(2)
        assert held.wire.closed

    talk(about)


def test_a_request_may_take_its_time_to_be_answered() -> None:
    async def about(held: Talk) -> None:
        await held.sends(GET[:9])
        await held.passes(SECONDS - 1)
        await held.sends(GET[9:])
        await held.passes(100 * SECONDS)
        assert not held.wire.is_closing()
        held.answering.set()
        await held.passes(0)
        assert held.wire.got.endswith(b"ok")
        assert not held.wire.is_closing()

    talk(about)


def test_the_second_request_of_a_connection_has_no_longer() -> None:
    async def about(held: Talk) -> None:
        held.answering.set()
        for _ in range(3):
            await held.passes(1)
            await held.sends(GET)
        assert held.wire.got.count(b"200 OK") == 3
        await held.sends(GET[:9])
        await held.passes(SECONDS - 1)
        assert not held.wire.closed
        await held.sends(GET[9:10])
        await held.passes(2)
        assert held.wire.closed

    talk(about)


def test_requests_that_come_together_are_all_answered() -> None:
    async def about(held: Talk) -> None:
        await held.sends(GET * 2)
        await held.passes(2 * SECONDS)
        held.answering.set()
        await held.passes(0)
        assert held.wire.got.count(b"200 OK") == 2

    talk(about)


def test_a_body_that_nobody_waits_for_any_more_wins_no_time() -> None:
    async def about(held: Talk) -> None:
        held.answering.set()
        await held.sends(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 99\r\n\r\n{")
        assert held.wire.got.endswith(b"ok")
        for _ in range(int(SECONDS) + 1):
            await held.sends(b"x")
            await held.passes(1)
        assert held.wire.closed

    talk(about)


def test_an_answer_that_nobody_reads_is_thrown_away() -> None:
    async def about(held: Talk) -> None:
        held.answering.set()
        held.wire.unread = 3_000_000
        await held.sends(GET)
        for _ in range(5):  # slow, but reading
            held.wire.unread -= 1
            await held.passes(STUCK)
            assert not held.wire.aborted
        await held.passes(STUCK)
        assert held.wire.aborted

    talk(about)


def test_a_stream_that_nobody_reads_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over real sockets: the client asks for a stream without end, and reads nothing of it."""
    monkeypatch.setattr(Connection, "stuck_seconds", 0.1)
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def endless() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 100_000
                    await asyncio.sleep(0)
            finally:
                ended.set()

        await StreamingResponse(endless())(scope, receive, send)

    with listening(app) as (port, server), socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(GET)
        assert ended.wait(60)
        while server.server_state.connections:  # whose end is seen a moment later
            time.sleep(0.01)
        with socket.create_connection(("127.0.0.1", port)) as other:  # the service goes on
            other.sendall(GET)
            assert other.recv(9) == b"HTTP/1.1 "


def test_a_stream_that_is_read_slowly_goes_on() -> None:
    async def about(held: Talk) -> None:
        await held.sends(GET)
        held.connection.pause_writing()
        held.wire.unread = 3_000_000
        held.connection.pause_writing()
        for _ in range(5):
            held.wire.unread -= 1
            await held.passes(STUCK)
        assert not held.wire.aborted
        held.connection.resume_writing()
        await held.passes(10 * STUCK)
        assert not held.wire.is_closing()
        held.answering.set()
        await held.passes(0)

    talk(about)


def test_a_client_that_left_leaves_no_timer() -> None:
    async def about(held: Talk) -> None:
        held.connection.connection_lost(None)
        await held.passes(10 * SECONDS)
        assert held.connection.deadline is None

    talk(about)
