"""How an answer or an error ends a command, and a request: the one table of exit codes and HTTP statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from optimizer.errors import CheckError, DocumentError, ScenarioError
from optimizer.results.errors import InfeasibleError, NoPlanFoundError


@dataclass(frozen=True)
class Ending:
    """An end: the exit code of a command, the status of a request, and what both say."""

    code: int
    status: int
    said: str


OK: Final = Ending(0, 200, "done (a plan whose gap was missed carries a warning)")
OURS: Final = Ending(1, 500, "a fault of creatormix itself")
USAGE: Final = Ending(2, 422, "wrong usage")
FAULTY: Final = Ending(3, 422, "the scenario or the pool is at fault")
INFEASIBLE: Final = Ending(4, 200, "no plan can keep all rules")
NONE_FOUND: Final = Ending(5, 200, "no plan found within the limit")
FAILED: Final = Ending(6, 200, "verification failed: what a plan states does not hold")
INTERRUPTED: Final = Ending(130, 200, "interrupted before there was a plan")
ENDINGS: Final = (OK, OURS, USAGE, FAULTY, INFEASIBLE, NONE_FOUND, FAILED, INTERRUPTED)
_OF_ERRORS: Final[Mapping[type[BaseException], Ending]] = {
    ScenarioError: FAULTY,
    DocumentError: FAULTY,
    InfeasibleError: INFEASIBLE,
    NoPlanFoundError: NONE_FOUND,
    CheckError: OURS,
    KeyboardInterrupt: INTERRUPTED,
    BrokenPipeError: OK,  # whoever reads the answer has enough of it
}
_OF_OUTCOMES: Final[Mapping[str, Ending]] = {"plan": OK, "infeasible": INFEASIBLE, "no_plan": NONE_FOUND}


def of_error(error: BaseException) -> Ending:
    """The ending of an error; what nobody foresaw is ours."""
    return next((_OF_ERRORS[kind] for kind in type(error).__mro__ if kind in _OF_ERRORS), OURS)


def of_outcome(outcome: str, *, interrupted: bool = False) -> Ending:
    """The ending of a result by its outcome; a search that was interrupted has not failed to find a plan."""
    return INTERRUPTED if interrupted and outcome == "no_plan" else _OF_OUTCOMES[outcome]
