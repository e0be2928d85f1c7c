"""The question that a page asks: a variant, changes, who is booked and who is left out; or a plan that is made again.

It is kept in the address of the page, so that each question can be kept, sent and gone back to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

from optimizer.errors import ScenarioError
from optimizer.loading.load import as_written
from optimizer.loading.overlay import steps_of
from optimizer.loading.source import NULLS, parse_yaml
from optimizer.service.store.errors import RefusedError

QUICK, NEAR = 0.01, 0.0001  # how far from the best plan: at first, and when it is to be proved further
_CHANGES_MOST, _NAMES_MOST, _FIELDS_MOST, _TEXT_MOST = 100, 1_000, 3_000, 30_000
_STATUSES: Final = ("declined", "signed")
Kind = Literal["variant", "change", "book", "leave_out", "answer"]


@dataclass(frozen=True)
class Chip:
    """One part of the question, as it is shown and taken back."""

    kind: Kind
    key: str
    value: Any = None


@dataclass(frozen=True)
class Case:
    """What is asked. With a `plan`, it is made again with the `answers` of creators, and perhaps with `changes`; the
    rest is then empty. The plan is a saved one, or the one that a job made.
    """

    variant: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    book: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    plan: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    # --- as an address ---

    @classmethod
    def read(cls, query: str) -> Case:
        """The question of an address; raises RefusedError if it cannot be one."""
        if len(query) > _TEXT_MOST:
            raise _too_much()
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_FIELDS_MOST)
        except ValueError:
            raise _too_much() from None
        return cls.of_pairs(pairs)

    @classmethod
    def of_pairs(cls, pairs: Iterable[tuple[str, str]]) -> Case:
        """The question of a parsed address; what is not of it is passed over."""
        found = cls()
        for name, value in pairs:
            if name == "variant":
                found = replace(found, variant=value)
            elif name == "set":
                found = found.changed(*_change(value))
            elif name == "book":
                found = found.booking(value)
            elif name == "out":
                found = found.leaving_out(value)
            elif name == "of":
                found = replace(found, plan=value)
            elif name == "said":
                status, _, creator = value.partition(":")
                found = found.answered(creator, status)
        return found

    @classmethod
    def of_arguments(cls, said: Mapping[str, Any]) -> Case:
        """The question that a job was asked."""
        answers = {one["creator"]: one.get("status", "") for one in said.get("results") or ()}
        return cls(
            variant=said.get("variant") or "",
            changes={path: _read(value) for path, value in (said.get("changes") or {}).items()},
            book=tuple(said.get("book") or ()),
            leave_out=tuple(said.get("leave_out") or ()),
            plan=said.get("plan") or "",
            answers={name: status for name, status in answers.items() if status in _STATUSES},
        )

    @property
    def query(self) -> str:
        """The question as an address says it."""
        pairs = [("variant", self.variant)] if self.variant else []
        pairs += [("set", json.dumps([path, value], ensure_ascii=False)) for path, value in self.changes.items()]
        pairs += [("book", name) for name in self.book]
        pairs += [("out", name) for name in self.leave_out]
        pairs += [("of", self.plan)] if self.plan else []
        pairs += [("said", f"{status}:{creator}") for creator, status in self.answers.items()]
        return urlencode(pairs, errors="replace")

    # --- as a verb is asked ---

    @property
    def verb(self) -> str:
        """The verb that answers."""
        return "replan" if self.plan else "plan"

    @property
    def arguments(self) -> dict[str, Any]:
        """What it is asked."""
        changes = {path: word(value) if isinstance(value, str) else value for path, value in self.changes.items()}
        if self.plan:
            rows = [{"creator": creator, "status": status} for creator, status in self.answers.items()]
            return {"plan": self.plan, "results": rows, **({"changes": changes} if changes else {})}
        said: dict[str, Any] = {"variant": self.variant, "changes": changes}
        said |= {"book": list(self.book), "leave_out": list(self.leave_out)}
        return {name: value for name, value in said.items() if value}

    @property
    def as_written(self) -> bool:
        """Whether it asks for the scenario as it stands."""
        return self == Case()

    # --- changed ---

    def changed(self, path: str, value: Any) -> Case:
        """With a path changed: what was said of paths below it is gone; a rule that was added here changes itself.

        A rule that was removed is there again with a bound that is given to it.
        """
        steps = steps_of(path)
        for outer, said in self.changes.items():
            above = steps_of(outer)
            if (
                isinstance(said, Mapping)
                and outer != path
                and steps[: len(above)] == above
                and len(steps) == len(above) + 1
            ):
                inner = {key: one for key, one in said.items() if key != steps[-1]}
                value = inner if value is None else {**inner, steps[-1]: value}
                return replace(self, changes={**self.changes, outer: value})
        kept = {
            one: said
            for one, said in self.changes.items()
            if steps_of(one)[: len(steps)] != steps
            and not (not isinstance(said, Mapping) and steps[: len(steps_of(one))] == steps_of(one))
        }
        if len(kept) >= _CHANGES_MOST:
            raise _too_much()
        return replace(self, changes={**kept, path: value})

    def removed(self, path: str) -> Case:
        """With what stands at a path removed; what was added here itself is taken back."""
        if isinstance(self.changes.get(path), Mapping):
            return self.without("change", path)
        return self.changed(path, None)

    def booking(self, creator: str) -> Case:
        """With a creator who must be booked."""
        found = replace(self, leave_out=tuple(one for one in self.leave_out if one != creator), plan="", answers={})
        return found if creator in self.book else replace(found, book=_with(found.book, creator))

    def leaving_out(self, creator: str) -> Case:
        """With a creator who may not be booked."""
        found = replace(self, book=tuple(one for one in self.book if one != creator), plan="", answers={})
        return found if creator in self.leave_out else replace(found, leave_out=_with(found.leave_out, creator))

    def answered(self, creator: str, status: str) -> Case:
        """With the answer of a creator of the plan that is made again."""
        if status not in _STATUSES or not self.plan:
            raise RefusedError("this is no answer of a creator", "choose one of the buttons beside a creator")
        if len(self.answers) >= _NAMES_MOST:
            raise _too_much()
        return replace(self, answers={**self.answers, creator: status})

    def without(self, kind: str, key: str) -> Case:
        """With one part taken back."""
        if kind == "variant":
            return replace(self, variant="")
        if kind == "change":
            return replace(self, changes={path: value for path, value in self.changes.items() if path != key})
        if kind == "answer":
            answers = {creator: status for creator, status in self.answers.items() if creator != key}
            return replace(self, answers=answers)
        if kind == "book":
            return replace(self, book=tuple(one for one in self.book if one != key))
        return replace(self, leave_out=tuple(one for one in self.leave_out if one != key))

    @property
    def chips(self) -> list[Chip]:
        """All its parts."""
        found = [Chip("variant", self.variant)] if self.variant else []
        found += [Chip("change", path, value) for path, value in self.changes.items()]
        found += [Chip("book", name) for name in self.book]
        found += [Chip("leave_out", name) for name in self.leave_out]
        return found + [Chip("answer", creator, status) for creator, status in self.answers.items()]


def word(text: str) -> str:
    """A text as YAML has it: in quotes, unless it is plain beyond doubt."""
    plain = text.replace("_", "").replace(" ", "").replace("%", "").replace(".", "").replace("-", "")
    safe = plain.isascii() and plain.isalnum() and text[:1].isalnum() and text[-1:] != " "
    known = text.lower() in ("null", "true", "false", "yes", "no", "on", "off", "y", "n", "~")
    return text if safe and not known else as_written(text)


def _read(value: Any) -> Any:
    """The value of a change, which is the text of YAML where it is a text."""
    if not isinstance(value, str):
        return value
    if value.strip() in NULLS:
        return None
    try:
        found = parse_yaml(f"value: {value}\n".encode(), "change").plain()
    except (ScenarioError, UnicodeEncodeError):
        return value
    return found["value"] if isinstance(found, dict) and set(found) == {"value"} else value


def _with(names: tuple[str, ...], creator: str) -> tuple[str, ...]:
    if len(names) >= _NAMES_MOST or not 0 < len(creator) <= 200:
        raise _too_much()
    return (*names, creator)


def _change(text: str) -> tuple[str, Any]:
    try:
        path, value = json.loads(text)
        json.dumps([path, value], ensure_ascii=False).encode("utf-8")  # which refuses half a sign
    except (ValueError, TypeError, RecursionError):
        raise RefusedError("the address of this page is damaged", "go back to the scenario, and ask again") from None
    if not isinstance(path, str) or not 0 < len(path) <= 500:
        raise RefusedError("the address of this page is damaged", "go back to the scenario, and ask again")
    return path, value


def _too_much() -> RefusedError:
    return RefusedError("these are too many changes at once", "save them as a variant, and go on from there")
