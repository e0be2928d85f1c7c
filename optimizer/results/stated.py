"""The JSON of a plan as plain values, and the digest that seals it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FORMAT = "creatormix/plan/1"


class NotAPlan(Exception):  # noqa: N818  a verdict on what is verified, not a fault
    """Something that creatormix did not write as a plan; its message says what is wrong."""


def read(data: bytes | str) -> Mapping[str, Any]:
    """The JSON of a plan; raises NotAPlan if it is not one, or has a field twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise NotAPlan("a field appears twice")
        return found

    def no_number(word: str) -> None:
        raise NotAPlan(f"{word} is not a number")

    try:
        value = json.loads(data, object_pairs_hook=once, parse_constant=no_number)
    except (ValueError, RecursionError):
        raise NotAPlan("it is not JSON") from None
    if not isinstance(value, Mapping):
        raise NotAPlan("its JSON is not an object")
    return value


def digest(value: Mapping[str, Any]) -> str:
    """The sha256 of a plan's JSON, without the time that it took, and without carried columns: personal data."""
    solver = {key: said for key, said in of(value, "solver", dict).items() if key != "seconds"}
    timeless = {key: said for key, said in value.items() if key not in ("digest", "carried")} | {"solver": solver}
    text = json.dumps(timeless, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def of(value: Any, key: str, kind: type | tuple[type, ...]) -> Any:
    """A field of an object; raises NotAPlan where it is not there or of another kind."""
    found = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
        raise NotAPlan(f"the field {key} is missing, or has the wrong type")
    return found
