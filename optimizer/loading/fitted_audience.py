"""A file of learned overlap, `creatormix/audience/1`, read strictly: it may have been edited by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from optimizer.domain.accounts import handle_key
from optimizer.domain.curves import LEAST_K
from optimizer.domain.fitted import METHODS, FitError, FittedAudience, FittedCurve
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.source import composed, short
from optimizer.results.audience_json import FORMAT
from optimizer.results.stated import NotAPlan, read
from optimizer.unseen import UNSEEN, visible

MOST_BYTES: Final = 1 << 30
MOST_PEOPLE: Final = 1e12
_SLACK: Final = 1 + 1e-6  # of sums of numbers that were rounded when they were written
_MEND: Final = "write it again with: creatormix audience fit SCENARIO ... --out FILE"
_KEYS: Final = {
    "curve": ({"k", "people"}, {"cells"}),
    "pairs": ({"cells", "creators"},),
    "sample": ({"cells", "creators"},),
}
_COMMON: Final = {"format", "method", "errors", "made_from", "seed"}


class _Faulty(Exception):  # noqa: N818  a verdict, told as a problem
    """What is wrong with the file."""


def read_fitted(path: Path, shown: str) -> FittedAudience:
    """Read a file of learned overlap; `shown` is its name in messages.

    Raises
    ------
    ScenarioError
        If it cannot be read, is of another format or version, or does not hold together.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise _fault("audience-missing", "there is no such file", "check the name and the folder", shown) from None
    except IsADirectoryError:
        cause = "it cannot be read: it is a folder"
        raise _fault("audience-unreadable", cause, "name a file of learned overlap", shown) from None
    except OSError as error:
        cause = f"the file cannot be read ({error.strerror or 'input or output error'})"
        raise _fault("audience-unreadable", cause, "check that you may read it", shown) from None
    if len(data) > MOST_BYTES:
        raise _fault("audience-too-large", "the file is too large", "learn fewer cells, or sample fewer people", shown)
    return fitted_of(data, shown)


def fitted_of(data: bytes | str, shown: str) -> FittedAudience:
    """The content of such a file; see `read_fitted`."""
    try:
        return _fitted(read(data))
    except (NotAPlan, _Faulty) as error:
        raise _fault("audience-file", f"this file of learned overlap cannot be used: {error}", _MEND, shown) from None


def _fault(code: str, cause: str, mend: str, shown: str) -> ScenarioError:
    return ScenarioError([Problem(code, cause, mend, Place(visible(shown)))])


def _fitted(said: Mapping[str, Any]) -> FittedAudience:
    found = said.get("format")
    if found != FORMAT:
        if isinstance(found, str) and found.startswith("creatormix/audience/"):
            raise _Faulty(
                f"it is of version {_shown(found.rsplit('/', 1)[1])} of the format; this release reads {FORMAT}"
            )
        raise _Faulty(f"it does not say that it is {FORMAT}")
    method = said.get("method")
    if not isinstance(method, str) or method not in METHODS:
        raise _Faulty(f"method is none of {', '.join(METHODS)}")
    keys = set(said) - _COMMON
    if keys not in _KEYS[method]:
        wanted = " or ".join(", ".join(sorted(one)) for one in _KEYS[method])
        raise _Faulty(f"a file of the method {method} has {wanted}; this one has {_shown(', '.join(sorted(keys)))}")
    learned: dict[str, Any] = {}
    if method == "curve":
        learned["curves"] = _curves(said)
    else:
        learned["cells"] = tuple(
            _number(people, f"cells, number {at}") for at, people in enumerate(_list(said, "cells"))
        )
        learned["creators"] = _creators(said["creators"], learned["cells"])
        if method == "sample":
            _check_whole(learned["creators"], learned["cells"])
    errors = tuple(_error(one, at) for at, one in enumerate(_list(said, "errors")))
    return FittedAudience(method, **learned, errors=errors, made_from=_made_from(said), seed=_seed(said))  # type: ignore[arg-type]


def _curves(said: Mapping[str, Any]) -> tuple[FittedCurve, ...]:
    if "cells" not in said:
        return (FittedCurve(_k(said["k"], "k"), {}, _people(said["people"], "people")),)
    found = []
    for at, one in enumerate(_list(said, "cells")):
        where = f"cells, number {at}"
        if not isinstance(one, Mapping) or not {"cell", "k"} <= set(one) <= {"cell", "k", "people"}:
            raise _Faulty(f"{where}: it needs cell, k and people")
        cell = one["cell"]
        if not isinstance(cell, Mapping) or not cell or not all(isinstance(value, str) for value in cell.values()):
            raise _Faulty(f"{where}: cell is not an object of texts")
        names = {_text(key, where): _text(value, where) for key, value in cell.items()}
        found.append(FittedCurve(_k(one["k"], f"{where}, k"), names, _people(one.get("people"), f"{where}, people")))
    if not found:
        raise _Faulty("cells is empty")
    if len({tuple(sorted(one.cell.items())) for one in found}) < len(found):
        raise _Faulty("a cell appears twice")
    return tuple(found)


def _creators(said: object, cells: Sequence[float]) -> dict[str, dict[int, float]]:
    """Each creator's people by cell."""
    if not isinstance(said, Mapping):
        raise _Faulty("creators is not an object")
    found: dict[str, dict[int, float]] = {}
    keys = set[str]()
    for name, mine in said.items():
        creator = _text(name, "creators")
        where = f"creator {_shown(creator)}"
        key = handle_key(creator)
        if not key or key in keys:
            raise _Faulty(f"{where} appears twice" if key else "a creator has no name")
        keys.add(key)
        if not isinstance(mine, Mapping):
            raise _Faulty(f"{where}: it is not an object of cells")
        found[creator] = {_cell(cell, len(cells), where): _number(people, where) for cell, people in mine.items()}
        for cell, people in found[creator].items():
            if people > cells[cell] * _SLACK:
                raise _Faulty(f"{where} has {people:,.0f} people in cell {cell}, which has {cells[cell]:,.0f}")
    return found


def _check_whole(creators: Mapping[str, Mapping[int, float]], cells: Sequence[float]) -> None:
    """In a sample, a creator reaches all people of a cell or none."""
    for name, mine in creators.items():
        for cell, people in mine.items():
            if abs(people - cells[cell]) > cells[cell] * (_SLACK - 1):
                raise _Faulty(f"creator {_shown(name)} reaches a part of cell {cell}; in a sample it is all or none")


def _cell(text: str, count: int, where: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or str(int(text)) != text or int(text) >= count:
        raise _Faulty(f"{where}: there is no cell {_shown(text)}")
    return int(text)


def _error(said: object, at: int) -> FitError:
    where = f"errors, number {at}"
    if not isinstance(said, Mapping) or set(said) != {"of", "way", "sets", "median", "p90", "bias"}:
        raise _Faulty(f"{where}: it needs of, way, sets, median, p90 and bias")
    bias = said["bias"]
    if isinstance(bias, bool) or not isinstance(bias, (int, float)) or not math.isfinite(bias):
        raise _Faulty(f"{where}: bias is not a number")
    sets = said["sets"]
    if isinstance(sets, bool) or not isinstance(sets, int) or not 0 <= sets < MOST_PEOPLE:
        raise _Faulty(f"{where}: sets is not a count")
    sizes = [_number(said[key], where, least=0.0) for key in ("median", "p90")]
    return FitError(_text(said["of"], where), _text(said["way"], where), sets, sizes[0], sizes[1], float(bias))


def _made_from(said: Mapping[str, Any]) -> dict[str, int | str | float]:
    found = said.get("made_from")
    if not isinstance(found, Mapping):
        raise _Faulty("made_from is missing, or is not an object")
    told: dict[str, int | str | float] = {}
    for key, value in found.items():
        name = _text(key, "made_from")
        told[name] = _text(value, "made_from") if isinstance(value, str) else value
        if not isinstance(value, str):
            _number(value, f"made_from, {_shown(name)}", least=0.0)
    return told


def _seed(said: Mapping[str, Any]) -> int:
    seed = said.get("seed")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise _Faulty("seed is missing, or is not a whole number from 0")
    return seed


def _k(value: object, where: str) -> float | None:
    if value is None:
        return None
    k = _number(value, where)
    if k < LEAST_K:
        raise _Faulty(f"{where}: k is {k:g}, and at least {float(LEAST_K)}; null is chance overlap")
    return k


def _people(value: object, where: str) -> float | None:
    return None if value is None else _number(value, where)


def _number(value: object, where: str, least: float | None = None) -> float:
    """A finite number: above 0, or from `least` on."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and -MOST_PEOPLE <= value <= MOST_PEOPLE
    if not fits or not (value > 0 if least is None else value >= least):  # type: ignore[operator]
        raise _Faulty(f"{where}: it is not a number {'above 0' if least is None else 'from 0 on'}")
    return float(value)  # type: ignore[arg-type]


def _list(said: Mapping[str, Any], key: str) -> list[object]:
    found = said.get(key)
    if not isinstance(found, list):
        raise _Faulty(f"{key} is missing, or is not a list")
    return found


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or UNSEEN.search(value) is not None:
        raise _Faulty(f"{where}: a text is missing, or holds invisible characters")
    return composed(value)


def _shown(text: str) -> str:
    return visible(short(text))
