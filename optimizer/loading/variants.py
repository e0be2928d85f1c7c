"""Which variants a scenario has."""

from __future__ import annotations

import os

from optimizer.loading import overlay
from optimizer.loading.load import _Files


def variant_names(source: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None) -> tuple[str, ...]:
    """The names of a scenario's variants, its own and those of what it extends, in the order of the file.

    Raises
    ------
    ScenarioError
        Where a file cannot be read.
    """
    files = _Files(source, root)
    variants = overlay.extended(files.document, files.parent, (files.own,)).at(("variants",))
    return tuple(variants.value) if variants is not None and isinstance(variants.value, dict) else ()
