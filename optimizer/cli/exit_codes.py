"""How a command ends, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from optimizer.results import endings

OK, OURS, USAGE, FAULTY, INFEASIBLE, NONE_FOUND, FAILED, _ = (one.code for one in endings.ENDINGS)
SAID: Final[Mapping[int, str]] = {one.code: one.said for one in endings.ENDINGS}


def of_error(error: BaseException) -> int:
    """The code of an error; what nobody foresaw is ours."""
    return endings.of_error(error).code


def of_outcome(outcome: str, *, interrupted: bool = False) -> int:
    """The code of a result by its outcome."""
    return endings.of_outcome(outcome, interrupted=interrupted).code
