"""A connection that does not wait for ever: there is room for so many, and half a request takes one up as well."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """HTTP/1.1, with a limit of time from one request to the whole headers of the next.

    While a request is under way there is none here: its body has one of its own, and its answer may be waited for. But
    what was sent of an answer must be read.
    """

    header_seconds = 10.0  # from the beginning, or the last answer, to whole headers
    stuck_seconds = 60.0  # in which a client reads nothing of an answer

    deadline: asyncio.TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self._await(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """A client left."""
        self._await(None)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Something came in: perhaps the rest of the headers."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._await(None)

    def on_response_complete(self) -> None:
        """An answer is given, though perhaps not read yet; the next request may be here already."""
        self._unread = self.transport.get_write_buffer_size()
        self._await(self.stuck_seconds if self._unread else self.header_seconds)
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The client reads more slowly than an answer is made."""
        super().pause_writing()
        self._unread = self.transport.get_write_buffer_size()
        self._await(self.stuck_seconds)

    def resume_writing(self) -> None:
        """The client has read on."""
        super().resume_writing()
        if self.cycle is not None and not self.cycle.response_complete:
            self._await(None)

    def _await(self, seconds: float | None) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
        self.deadline = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        unread, before = self.transport.get_write_buffer_size(), self._unread
        if 0 < unread < before:
            self._unread = unread
            self._await(self.stuck_seconds)
        elif unread:
            self.transport.abort()
        else:
            self.transport.close()
