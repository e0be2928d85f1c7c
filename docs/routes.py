"""The table of the routes of the HTTP API, from the same description that tools read."""

from __future__ import annotations

from pathlib import Path

from optimizer.service.app import create_app

HEADINGS = ("route", "does")
Row = tuple[str, str]


def rows() -> list[Row]:
    """Each route with what it does."""
    paths = create_app(Path("nowhere.db")).openapi()["paths"]
    return [
        (f"`{method.upper()} {path}`", one["description"].partition("\n")[0])
        for path, methods in paths.items()
        for method, one in methods.items()
    ]
