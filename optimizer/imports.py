"""What a process of our own need not import."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec


class _NoPandas:
    """Finds no pandas, wherever it is installed."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: object = None) -> ModuleSpec | None:
        """Refuse pandas; of anything else, others know."""
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def without_pandas() -> None:
    """Let nothing import pandas in this process, which is ours and has no use for it.

    PyArrow imports it wherever it is installed, to know its frames, and that takes a third of a second.
    """
    sys.meta_path.insert(0, _NoPandas())
