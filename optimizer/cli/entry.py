"""The entry point: sets up Ctrl-C before anything that takes time is imported."""

from __future__ import annotations

from optimizer.cli.interrupts import ending, listen
from optimizer.imports import without_pandas


def run() -> None:
    """Run the command line."""
    listen()
    without_pandas()
    with ending():
        from optimizer.cli.main import main

        main()


if __name__ == "__main__":
    run()
