"""What can go wrong, as a tree of errors.

    CreatormixError
    |- ScenarioError         a scenario or a pool is at fault; carries every problem found
    |- InfeasibleError       no plan can keep all rules; `result` tells which rules conflict
    |- NoPlanFoundError      nothing was found within the limit; a plan may exist
    |- DocumentError         a JSON document is not what it should be, or was changed
    `- CheckError            a plan failed the exact check and is withheld

A `Problem` is one fault as a planner reads it: where it is, what is wrong, how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file: line and column count from 1; in a pool they are row and column."""

    file: str
    line: int | None = None
    column: int | None = None
    excerpt: str = field(default="", compare=False)
    length: int = field(default=1, compare=False)

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: a stable code, what is wrong, how to mend it, and where."""

    code: str
    cause: str
    mend: str = ""
    place: Place | None = None

    def __str__(self) -> str:
        head = f"{self.place}: {self.cause}" if self.place else self.cause
        return "\n".join([head, *self._excerpt(), *([f"  mend: {self.mend}"] if self.mend else [])])

    def _excerpt(self) -> list[str]:
        place = self.place
        if place is None or not place.excerpt or place.line is None or place.column is None:
            return []
        number = str(place.line)
        start = max(0, place.column - 1 - 80)
        shown = place.excerpt[start : start + 120]
        marks = "^" * max(1, min(place.length, len(shown) - (place.column - 1 - start)))
        return [f"  {number} | {shown}", f"  {' ' * len(number)} | {' ' * (place.column - 1 - start)}{marks}"]


class CreatormixError(Exception):
    """The root of all errors that creatormix raises on purpose."""


class ScenarioError(CreatormixError):
    """A scenario or a pool is at fault; `problems` holds every fault found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        self.problems: tuple[Problem, ...] = tuple(sorted(unique, key=_by_place))
        super().__init__("\n\n".join(str(problem) for problem in self.problems))


class CheckError(CreatormixError):
    """A plan did not pass the exact check; it is withheld, and `failures` says why."""

    def __init__(self, failures: Iterable[str]) -> None:
        self.failures: tuple[str, ...] = tuple(failures)
        super().__init__(
            "the plan failed the exact check and is withheld:\n" + "\n".join(f"  {f}" for f in self.failures)
        )


class DocumentError(CreatormixError):
    """A JSON document cannot be read back: it is of another kind or version, damaged, or was changed."""


def _by_place(problem: Problem) -> tuple[bool, str, int, int, str]:
    place = problem.place or Place("")
    return (problem.place is None, place.file, place.line or 0, place.column or 0, problem.code)
