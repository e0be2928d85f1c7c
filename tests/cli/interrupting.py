"""A command in a process of its own, with a terminal for its progress, interrupted once that says something."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

# the command, which says in the twentieth round of a search that it is in the middle of it
COMMAND = """
import sys
from optimizer.cli.main import main
from optimizer.solving.clock import Clock
over = Clock.over.fget
def asked(clock):
    if clock.counted == 20:
        print("in the middle", file=sys.stderr, flush=True)
    return over(clock)
Clock.over = property(asked)
main()
"""
MIDDLE = "in the middle"
PATIENCE = 600.0  # seconds, only so that a fault does not hang


def interrupted(folder: Path, *arguments: str, once: str) -> tuple[int, bytes, str]:
    """The exit code, the output and all that was said on the terminal; Ctrl-C comes once it says `once`."""
    command = [sys.executable, "-c", COMMAND, *arguments]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        said = [""]

        def listen() -> None:
            sent = False
            while True:
                try:
                    part = os.read(ours, 10_000)
                except OSError:  # the other side is closed
                    return
                said[0] += part.decode(errors="replace")
                if not part:
                    return
                if once in said[0] and not sent:
                    sent = True
                    process.send_signal(signal.SIGINT)

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        out, _ = process.communicate(timeout=PATIENCE)
        listening.join(PATIENCE)
    os.close(ours)
    assert once in said[0], said[0]
    return process.returncode, out, said[0]
