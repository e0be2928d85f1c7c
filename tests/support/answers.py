"""Answers of the planner to random scenarios, as their JSON, with what they answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from optimizer import load_scenario, to_json, try_optimize
from optimizer.domain.scenario import Scenario
from tests.support.amounts import seeded, times
from tests.support.scenarios import PARTS, WORDS, scenario


@dataclass(frozen=True)
class Answered:
    """A scenario, and the JSON of the answer to it."""

    seed: str
    scenario: Scenario
    said: dict[str, Any]

    @property
    def outcome(self) -> str:
        return str(self.said["outcome"])


def answered(name: str, count: int, *, sizes: tuple[int, int] = (3, 9), parts: bool = False) -> Iterator[Answered]:
    """Answers to so many scenarios; every fourth one knows only creators, fees and gifts."""
    name = seeded(name)
    for number in range(times(count)):
        words = (*WORDS, PARTS) if parts else WORDS if number % 4 else ()
        said, frame = scenario(f"{name} {number}", words=words, sizes=sizes)
        loaded = load_scenario(said, creators=frame)
        result = try_optimize(loaded, gap=0, rounds=250)
        yield Answered(f"{name} {number}", loaded, json.loads(to_json(result)))
