"""Asking random scenarios, and what the answers are worth; for tests of how answers hang together."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from optimizer import NoPlan, Plan, load_scenario, to_dict, try_optimize
from tests.support.amounts import seeded, times
from tests.support.drawn_pools import Frame, Mapping
from tests.support.scenarios import WORDS, scenario
from tests.support.unexplained import plan_alone

COUNT = 11
STYLES = ("plain", "cents", "round", "ties")
SLACK = 1e-9  # values are reported as floats


def asked(seed: str, words: tuple[str, ...] = ()) -> tuple[Mapping, Frame]:
    said, frame = scenario(seed, style=STYLES[len(seed) % len(STYLES)], sizes=(5, 9), words=words)
    return said, frame or {}


def drawn(
    name: str, *, only: tuple[str, ...] | None = None, count: int = COUNT
) -> Iterator[tuple[int, Mapping, Frame]]:
    """Scenarios with any words; or with `only` some, of which those named twice are drawn more often.

    Of those with any words, half know only creators, fees and gifts.
    """
    for number in range(times(count)):
        words = WORDS if only is None else only
        yield (number, *asked(f"{seeded(name)} {number}", words if only or number % 2 else ()))


def answer(said: Mapping, frame: Frame, rounds: int = 250) -> Plan | NoPlan:
    return try_optimize(load_scenario(said, creators=frame or None), gap=0, rounds=rounds)


def valued(said: Mapping, frame: Frame, gap: float = 0) -> float:
    """What the answer is worth, without its explanations."""
    return worth(plan_alone(load_scenario(said, creators=frame or None), gap=gap))


def worth(result: Plan | NoPlan) -> float:
    """The value, higher is better; without a plan it is minus infinity."""
    if isinstance(result, NoPlan):
        assert result.outcome == "infeasible"
        return float("-inf")
    return result.objective.value * (1 if result.objective.sense == "maximize" else -1)


def not_below(better: float, than: float) -> bool:
    return better >= than - SLACK * abs(than) if than != float("-inf") else True


def as_json(result: Plan | NoPlan) -> dict[str, Any]:
    shown = to_dict(result)
    del shown["solver"]["seconds"]
    return shown


def as_json_of_any_order(result: Plan | NoPlan) -> dict[str, Any]:
    """The JSON without what names rows of the pool."""
    return as_json(result) | {"doubts": [], "digest": ""}


def booked(result: Plan) -> list[tuple[str, str, int | None, float]]:
    return [(one.creator, one.offer, one.step, one.count) for one in result.allocations]


def rules_in(said: Mapping) -> dict[str, Mapping]:
    found: dict[str, Mapping] = said.get("constraints", {})
    return found


def reordered(frame: Frame, rng: random.Random) -> Frame:
    order = list(range(len(frame.get("creator", ()))))
    rng.shuffle(order)
    names = list(frame)
    rng.shuffle(names)
    return {name: [frame[name][at] for at in order] for name in names}
