"""What was learned about the overlap of audiences as plain JSON values: `creatormix/audience/1`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from optimizer.domain.fitted import FittedAudience, FittedCurve

FORMAT: Final = "creatormix/audience/1"


def audience_json(fitted: FittedAudience) -> dict[str, Any]:
    """The content of the file."""
    return {
        "format": FORMAT,
        "method": fitted.method,
        **_learned(fitted),
        "errors": [asdict(one) for one in fitted.errors],
        "made_from": dict(fitted.made_from),
        "seed": fitted.seed,
    }


def _learned(fitted: FittedAudience) -> dict[str, Any]:
    if fitted.method == "curve":
        everybody = [curve for curve in fitted.curves if not curve.cell]
        if everybody:
            return _curve(everybody[0])
        return {"cells": [{"cell": dict(curve.cell), **_curve(curve)} for curve in fitted.curves]}
    creators = {name: {str(cell): people for cell, people in mine.items()} for name, mine in fitted.creators.items()}
    return {"cells": list(fitted.cells), "creators": creators}


def _curve(curve: FittedCurve) -> dict[str, float | None]:
    return {"k": curve.k, "people": curve.people}
