"""Ctrl-C: the program ends with its own exit code, whatever it is doing."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
_came: list[bool] = []  # as soon as Ctrl-C came


def listen() -> None:
    """Record Ctrl-C from now on; a second one ends the program at once. If the signal is ignored, it stays ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _remember)


def _remember(_signal: int, _frame: FrameType | None) -> None:
    if _came:
        os._exit(INTERRUPTED)
    _came.append(True)
    raise KeyboardInterrupt


def came(error: BaseException) -> bool:
    """Whether a failure was caused by Ctrl-C: an interrupted library may raise an error of its own."""
    return isinstance(error, KeyboardInterrupt) or (bool(_came) and not isinstance(error, SystemExit))


def end() -> NoReturn:
    """Report the interrupt and exit at once, whatever still runs in a thread."""
    threading = sys.modules.get("threading")
    try:
        sys.stderr.write("interrupted\n")
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody reads it
        pass
    if threading is not None and threading.active_count() > 1:
        os._exit(INTERRUPTED)
    sys.exit(INTERRUPTED)


@contextmanager
def ending() -> Iterator[None]:
    """Run a block so that Ctrl-C ends it with the right exit code."""
    try:
        yield
    except BaseException as error:
        if came(error):
            end()
        raise
