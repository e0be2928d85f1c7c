"""The values that an input is varied over: a range from, to, step; or a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from optimizer.domain.exact import Number, parse_number
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.overlay import split_change
from optimizer.loading.source import short
from optimizer.unseen import visible

MOST = 10_000  # points of a sweep
_PART = re.compile(r"""(?:[^,"'\[\]{}]|"[^"]*"|'[^']*'|\[[^\[\]]*\]|\{(?:[^{}]|\{[^{}]*\})*\})+""")
Values = tuple[str, ...]


def asked_values(texts: Iterable[str]) -> dict[str, Values]:
    """What is varied, by path, of texts such as `budget=10_000:50_000:5_000` and `objective.maximize=clicks,posts`.

    Raises
    ------
    ScenarioError
        If a text is of neither form, or two are about the same path.
    """
    found: dict[str, Values] = {}
    for text in texts:
        path, said = split_change(text)
        path = path.strip()
        if path in found:
            cause = f"{visible(short(path))} is varied twice"
            raise _fault("vary-twice", cause, "write one range, or all its values in one list", text)
        found[path] = values_of(path, said)
    return found


def values_of(path: str, said: str) -> Values:
    """The values of one input as they are set, of a range `FROM:TO:STEP` or a list `V1,V2`.

    Raises
    ------
    ScenarioError
        If the range is not one, or has too many values.
    """
    ends = said.split(":")
    numbers = [parse_number(part) for part in ends]
    known = [one for one in numbers if one is not None]
    if len(ends) > 1 and len(known) == len(ends):
        if len(ends) != 3:
            cause = f"{visible(short(said))} is not a range"
            mend = f"write it as {path}=FROM:TO:STEP, or list V1,V2,V3"
            raise _fault("vary-range", cause, mend, f"{path}={said}")
        return _range(path, said, known)
    parts = tuple(dict.fromkeys(part.strip() for part in _PART.findall(said) if part.strip()))
    if not parts:
        mend = f"write {path}=FROM:TO:STEP, or {path}=V1,V2,V3"
        raise _fault("vary-range", "there are no values", mend, f"{path}={said}")
    return parts


def _range(path: str, said: str, numbers: list[Number]) -> Values:
    """All values of a range, its last one included where a step falls on it; in percent where one of them is."""
    percent = any(one.percent for one in numbers)
    first, last, step = (one.value for one in numbers)
    whole = f"{path}={said}"
    if not step or (last - first) * step < 0:
        cause = f"the step of {visible(short(said))} does not lead from its start to its end"
        raise _fault("vary-step", cause, "write it as FROM:TO:STEP, as in 10_000:50_000:5_000", whole)
    count = int((last - first) / step) + 1
    if count > MOST:
        mend = f"take a larger step: at most {MOST:,} points are planned"
        raise _fault("vary-many", f"{visible(short(said))} has {count:,} values", mend, whole)
    return tuple(str(Number(first + at * step, percent)) for at in range(count))


def shown_value(text: str) -> int | float | str:
    """A value as it stands in a result: a number, percent as a fraction; any other text as it is."""
    found = parse_number(text)
    if found is None:
        return text.strip("\"'")
    whole = found.value == found.value.to_integral_value()
    return int(found.value) if whole else float(found.value)


def grid(varied: Mapping[str, Values]) -> list[dict[str, str]]:
    """All points, the last input varying first.

    Raises
    ------
    ScenarioError
        If there are too many, or more than two inputs.
    """
    if len(varied) > 2:
        mend = "vary two of them, and set the others with --set"
        raise _fault("vary-inputs", f"{len(varied)} inputs are varied at once, and two at most can be", mend)
    points: list[dict[str, str]] = [{}]
    for path, values in varied.items():
        if len(points) * len(values) > MOST:
            cause = f"these are {len(points) * len(values):,} points"
            raise _fault("vary-many", cause, f"take larger steps: at most {MOST:,} points are planned")
        points = [{**point, path: value} for point in points for value in values]
    return points


def _fault(code: str, cause: str, mend: str, said: str = "") -> ScenarioError:
    place = Place(visible(f"--vary {short(said)}") if said else "--vary")
    return ScenarioError([Problem(code, cause, visible(mend), place)])
