"""Counts of what a service did, in the text form that Prometheus reads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Final

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_HELP: Final = {
    "jobs": "Jobs that ended, by verb and how they ended.",
    "requests": "Requests that were answered, by method and status.",
}
_counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
_lock = threading.Lock()


def count(name: str, **labels: str) -> None:
    """Count one more."""
    with _lock:
        _counts[name, tuple(sorted(labels.items()))] += 1


def text(gauges: Mapping[str, float]) -> str:
    """All counts of this process, and some numbers of now."""
    with _lock:
        found = sorted(_counts.items())
    lines = []
    for name, said in _HELP.items():
        lines += [f"# HELP creatormix_{name}_total {said}", f"# TYPE creatormix_{name}_total counter"]
        for (each, labels), number in found:
            if each == name:
                inside = ",".join(f'{key}="{value}"' for key, value in labels)
                lines.append(f"creatormix_{name}_total{{{inside}}} {number}")
    for name, value in gauges.items():
        lines += [f"# TYPE creatormix_{name} gauge", f"creatormix_{name} {value:g}"]
    return "\n".join(lines) + "\n"
