"""How a command ends: the one table of exit codes, with what they say and which errors and outcomes they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from optimizer.cli.interrupts import INTERRUPTED
from optimizer.errors import CheckError, DocumentError, ScenarioError
from optimizer.results.errors import InfeasibleError, NoPlanFoundError

OK, OURS, USAGE, FAULTY, INFEASIBLE, NONE_FOUND, FAILED = range(7)

SAID: Final[Mapping[int, str]] = {
    OK: "done (a plan whose gap was missed carries a warning)",
    OURS: "a fault of creatormix itself",
    USAGE: "wrong usage",
    FAULTY: "the scenario or the pool is at fault",
    INFEASIBLE: "no plan can keep all rules",
    NONE_FOUND: "no plan found within the limit",
    FAILED: "verification failed: what a plan states does not hold",
    INTERRUPTED: "interrupted before there was a plan",
}
_OF_ERRORS: Final[Mapping[type[BaseException], int]] = {
    ScenarioError: FAULTY,
    DocumentError: FAULTY,
    InfeasibleError: INFEASIBLE,
    NoPlanFoundError: NONE_FOUND,
    CheckError: OURS,
    KeyboardInterrupt: INTERRUPTED,
    BrokenPipeError: OK,  # whoever reads the answer has enough of it
}
_OF_OUTCOMES: Final[Mapping[str, int]] = {"plan": OK, "infeasible": INFEASIBLE, "no_plan": NONE_FOUND}


def of_error(error: BaseException) -> int:
    """The code of an error; what nobody foresaw is ours."""
    return next((_OF_ERRORS[kind] for kind in type(error).__mro__ if kind in _OF_ERRORS), OURS)


def of_outcome(outcome: str, *, interrupted: bool = False) -> int:
    """The code of a result by its outcome; a search that was interrupted has not failed to find a plan."""
    return INTERRUPTED if interrupted and outcome == "no_plan" else _OF_OUTCOMES[outcome]
