"""The entry point: sets up Ctrl-C before anything that takes time is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

from optimizer.cli.interrupts import ending, listen


class _NoPandas:
    """Finds no pandas, wherever it is installed."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: object = None) -> ModuleSpec | None:
        """Refuse pandas; of anything else, others know."""
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def without_pandas() -> None:
    """Let nothing import pandas in this process, which is the command's own and has no use for it.

    PyArrow imports it wherever it is installed, to know its frames, and that takes a third of a second.
    """
    sys.meta_path.insert(0, _NoPandas())


def run() -> None:
    """Run the command line."""
    listen()
    without_pandas()
    with ending():
        from optimizer.cli.main import main

        main()


if __name__ == "__main__":
    run()
