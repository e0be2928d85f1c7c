"""Plans of later versions, which state more, are verified; a plan that states less is not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from optimizer import verify
from optimizer.results.stated import digest
from tests.stored.later import SINCE_0_1_0
from tests.support.answers import Answered, answered

DATA = (
    "changes",
    "of",
    "group",
    "people",
    "rows",
    "estimated",
    "cells",
    "quantities",
)  # whose keys are names, not fields
SEALING = ("digest", "solver")  # without which there is no digest
LATER = {field.rpartition(".")[2] for field in SINCE_0_1_0} - {"note"} | {"leaves"}  # which version 0.1.0 leaves out
FREE = {
    "impossible",
    "split",
    "seconds",
    "step",
    "sponsored",
    "half_life",
} | LATER  # and what is left out where it says nothing; doubts as well
OF_NO_PLAN = ("conflict", "repairs")  # which only plans of later versions have


@pytest.fixture(scope="module")
def answers() -> list[Answered]:
    return [*answered("fields", 30, sizes=(4, 9)), *answered("fields in parts", 6, parts=True)]


def objects(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all objects of fields."""
    if isinstance(value, Mapping):
        yield path
        for key, inner in value.items():
            if key not in DATA or not isinstance(inner, Mapping):
                yield from objects(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from objects(inner, (*path, at))


def copied(said: dict[str, Any], path: tuple[Any, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A copy, and its object at a path."""
    copy = json.loads(json.dumps(said))
    inner = copy
    for step in path:
        inner = inner[step]
    return copy, inner


def sealed(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"digest": digest(said)}


def test_fields_that_are_not_known_are_passed_over_at_every_level(answers: list[Answered]) -> None:
    for answer in answers:
        every = json.loads(json.dumps(answer.said))
        for path in list(objects(answer.said)):
            if path[:1] == ("definitions",):  # whose keys are figures of the scenario
                continue
            inner = every
            for step in path:
                inner = inner[step]
            inner |= {"approved": [{"by": "@ann"}], "price side": None}
        verification = verify(sealed(every), answer.scenario)
        assert verification.holds, f"{answer.seed}: {verification}"
        assert not verify(every, answer.scenario).holds, "the digest seals what is not known too"


def test_no_field_that_is_known_can_be_left_out(answers: list[Answered]) -> None:
    seen = set()
    for answer in answers:
        for path in objects(answer.said):
            where = tuple(step for step in path if not isinstance(step, int))
            _, inner = copied(answer.said, path)
            for key in inner:
                free = (
                    key in FREE
                    or (not where and key == "forecast")  # without it, figures are taken as measured
                    or where[:2] == ("forecast", "fit")  # whose keys are columns and platforms
                    or where[:1] == ("doubts",)
                    or (*where, key) == ("repairs", "note")
                    or (answer.outcome == "plan" and not where and key in OF_NO_PLAN)
                )
                if free or (where, key, answer.outcome) in seen or (not where and key in SEALING):
                    continue
                seen.add((where, key, answer.outcome))
                lacking, inner = copied(answer.said, path)
                del inner[key]
                assert not verify(sealed(lacking), answer.scenario).holds, f"{answer.seed}: {path} {key}"
    assert len(seen) > 100


def test_what_is_missing_is_named(answers: list[Answered]) -> None:
    answer = next(answer for answer in answers if answer.outcome == "plan")
    lacking, inner = copied(answer.said, ("constraints", 0))
    del inner["room"]
    assert "these fields are missing: constraints > room" in str(verify(sealed(lacking), answer.scenario))


def test_no_figure_that_is_known_can_be_added(answers: list[Answered]) -> None:
    """A quantity or a label of this scenario is no unknown field, wherever it is not to be found."""
    seen = 0
    for answer in answers:
        if answer.outcome != "plan":
            continue
        names = {*answer.scenario.quantities, "cpm", "roas", "tier", "niche"}
        for path in (("totals",), *(("allocations", at) for at in range(len(answer.said["allocations"])))):
            _, inner = copied(answer.said, path)
            for name in sorted(names - set(inner)):
                forged, inner = copied(answer.said, path)
                inner[name] = 1
                assert not verify(sealed(forged), answer.scenario).holds, f"{answer.seed}: {path} {name}"
                seen += 1
    assert seen > 50


def test_who_is_in_a_group_cannot_be_added_to() -> None:
    for answer in answered("groups", 12, sizes=(4, 6)):
        for at, rule in enumerate(answer.said.get("constraints", [])):
            for key in ("group", "people"):
                forged, inner = copied(answer.said, ("constraints", at))
                inner[key] = {**rule[key], "mood": "good"}
                assert not verify(sealed(forged), answer.scenario).holds
