"""Ctrl-C: whatever a command is doing when it comes, the program ends with its own exit code."""

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
    """From here on, remember that Ctrl-C came; a second one ends the program at once. One that is ignored stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _remember)


def _remember(_signal: int, _frame: FrameType | None) -> None:
    if _came:
        os._exit(INTERRUPTED)
    _came.append(True)
    raise KeyboardInterrupt


def came(error: BaseException) -> bool:
    """Whether something failed because of Ctrl-C: a library that is interrupted may raise an error of its own."""
    return isinstance(error, KeyboardInterrupt) or (bool(_came) and not isinstance(error, SystemExit))


def end() -> NoReturn:
    """Say so and leave at once: nothing that still runs in a thread must hold the process up."""
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
    """Whatever is done here ends with the right exit code where Ctrl-C comes."""
    try:
        yield
    except BaseException as error:
        if came(error):
            end()
        raise
