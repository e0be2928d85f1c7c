"""Chunks of points on an executor: processes of this machine, a cluster, or whatever a caller brings.

A worker may die, and an executor with it. What was done is kept, the rest is asked again: of processes of our own in
new ones, at last chunk by chunk, so that the one that brings a worker down is found and the others are not lost.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from optimizer.analysis.points import Chunk, Done, Work, has, plan_chunk, planned_points
from optimizer.domain.scenario import Scenario

_PATIENCE_S = 0.1  # between two looks at whether to stop
_BREAKS = 2  # times that processes of our own die before chunks are asked one by one
_ASKED = 3  # times that a chunk is asked of another executor

OnDone = Callable[[Done], None]
Cancel = Callable[[], bool]
_Asked = tuple[Chunk, Scenario | None, int]  # a chunk, the scenario where it is sent along, and how often it was asked


def in_turn(chunks: Sequence[Chunk], work: Work, cancel: Cancel, on_done: OnDone) -> None:
    """All chunks in this process."""
    for chunk in chunks:
        for done in planned_points(work, chunk, cancel):
            on_done(done)


@dataclass(eq=False)
class Crew:
    """Processes of this machine, begun at once; each gets the scenario once."""

    workers: int
    work: Work
    scenario: Scenario

    def __post_init__(self) -> None:
        context = multiprocessing.get_context("spawn")  # a copy of a process with a solver's threads may hang
        self._stop = context.Event()
        self._context = context
        self.executor = self._new(self.workers)

    def _new(self, workers: int) -> ProcessPoolExecutor:
        settings = (self.work.key, self.scenario, self._stop)
        executor = ProcessPoolExecutor(workers, self._context, initializer=_begin, initargs=settings)
        for _ in range(workers):
            executor.submit(int)  # so that all of them begin now, beside what is done here
        return executor

    def go(self, chunks: Sequence[Chunk], cancel: Cancel, on_done: OnDone) -> None:
        """Plan all chunks; what a dead worker left undone is planned by new ones."""
        left, breaks = list(chunks), 0
        while left and not cancel() and breaks < _BREAKS:
            left = self._round(left, cancel, on_done)
            if left and not cancel():
                breaks += 1
                self._renew(self.workers)
        for chunk in left:
            if cancel():
                return
            if self._round([chunk], cancel, on_done) and not cancel():
                for place, _ in chunk.points:
                    on_done(Done(place, None, "the process that planned it died, which happens where memory ends"))
                self._renew(1)

    def _renew(self, workers: int) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = self._new(workers)

    def _round(self, chunks: Sequence[Chunk], cancel: Cancel, on_done: OnDone) -> list[Chunk]:
        """Plan some chunks; those that are left where a worker died."""
        asked: dict[Future[Any], Chunk] = {}
        try:
            asked = {self.executor.submit(_plan_here, self.work, chunk): chunk for chunk in chunks}
        except BrokenProcessPool:
            return list(chunks)
        left: list[Chunk] = []
        for future in _as_they_end(asked, cancel, self._halt):
            try:
                for done in future.result() or ():
                    on_done(done)
            except BrokenProcessPool:
                left.append(asked[future])
            except CancelledError:
                continue
        return [chunk for chunk in chunks if chunk in left]

    def _halt(self, waiting: Iterable[Future[Any]]) -> None:
        """Stop the workers, which give back what they have done."""
        self._stop.set()
        for future in waiting:
            future.cancel()

    def close(self) -> None:
        """End the processes."""
        self._stop.set()
        self.executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def crew(workers: int, work: Work, scenario: Scenario) -> Iterator[Crew]:
    """Processes of this machine, ended with the block."""
    one = Crew(workers, work, scenario)
    try:
        yield one
    finally:
        one.close()


@dataclass(eq=False)
class Elsewhere:
    """An executor of the caller's, with `width` chunks under way at once.

    The scenario is sent only to workers that say that they do not have it.
    """

    executor: Executor
    width: int
    work: Work
    scenario: Scenario

    def go(self, chunks: Sequence[Chunk], cancel: Cancel, on_done: OnDone) -> None:
        """Plan all chunks; one whose worker fails is asked again, and its points fail at last."""
        queue: deque[_Asked] = deque((chunk, None, 0) for chunk in chunks)
        asked: dict[Future[Any], tuple[Chunk, int]] = {}
        while (queue or asked) and not cancel():
            while queue and len(asked) < self.width:
                chunk, sent, attempt = queue.popleft()
                asked[self.executor.submit(plan_chunk, self.work, chunk, sent, attempt)] = (chunk, attempt)
            ended, _ = wait(asked, timeout=_PATIENCE_S, return_when=FIRST_COMPLETED)
            for future in ended:
                again = self._taken(future, *asked.pop(future), on_done)
                if again is not None:
                    queue.appendleft(again)
        for future, one in asked.items():  # what runs elsewhere is not waited for
            if not future.cancel() and future.done():
                self._taken(future, *one, on_done)

    def _taken(self, future: Future[Any], chunk: Chunk, attempt: int, on_done: OnDone) -> _Asked | None:
        """Take what a future has found; what is to be asked next, where that was nothing."""
        try:
            found = future.result()
        except (Exception, CancelledError) as error:  # noqa: BLE001  whatever ended a worker
            if attempt < _ASKED and not isinstance(error, BrokenExecutor):
                return chunk, self.scenario, attempt + 1
            cause = f"the worker failed ({type(error).__name__}: {error})"
            found = [Done(place, None, cause) for place, _ in chunk.points]
        if found is None:
            return chunk, self.scenario, attempt + 1
        for done in found:
            on_done(done)
        return None


def _as_they_end(
    asked: Iterable[Future[Any]], cancel: Cancel, halt: Callable[[Iterable[Future[Any]]], None]
) -> Iterator[Future[Any]]:
    """Futures as they end; once `cancel` says so, `halt` ends them soon."""
    waiting, halted = set(asked), False
    while waiting:
        ended, waiting = wait(waiting, timeout=_PATIENCE_S, return_when=FIRST_COMPLETED)
        yield from ended
        if cancel() and not halted:
            halted = True
            halt(waiting)


# --- in a process of our own ---

_stopping: list[Any] = []


def _begin(key: str, scenario: Scenario, stop: Any) -> None:
    """Begin a process: Ctrl-C is for the parent to heed, and its end is ours."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stopping[:] = [stop]
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    has(key, scenario)


def _end_with(parent: Any) -> None:
    """End at once when the parent has ended, however that came."""
    parent.join()
    os._exit(1)


def _plan_here(work: Work, chunk: Chunk) -> list[Done] | None:
    return plan_chunk(work, chunk, cancel=_stopping[0].is_set)
