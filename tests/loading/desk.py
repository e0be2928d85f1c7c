"""A folder with a scenario and its pool, written and loaded in one go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from optimizer import load_scenario
from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem, ScenarioError

POOL = """creator,platform,niche,country,followers,engagement_rate,fee
@ana,tiktok,food,FR,5000,0.03,100
@bea,instagram,home,BE,20000,0.02,400
@cia,tiktok,food|home,,8000,,
@big,tiktok,food,FR,500000,0.01,9000
"""
PARTS = {
    "format": "1",
    "currency": "EUR",
    "objective": "{maximize: engagements}",
    "creators": "pool.csv",
    "assume": "{engagement_rate: 3%, fee: 100}",
}


def text_of(**parts: str | None) -> str:
    """A scenario that loads, with some parts given anew (or left out, with None)."""
    return "".join(f"{key}: {value}\n" for key, value in (PARTS | parts).items() if value is not None)


class Desk:
    """A folder to write in and load from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return path

    def load(self, content: str | bytes | None = None, pool: str | bytes = POOL, **options: Any) -> Scenario:
        """Load a scenario's text, by default the one that is in order."""
        self.write("pool.csv", pool)
        return load_scenario(self.write("s.yaml", text_of() if content is None else content), **options)

    def faults(self, content: str | bytes | None = None, pool: str | bytes = POOL, **options: Any) -> list[Problem]:
        """Every fault of a scenario, in order."""
        with pytest.raises(ScenarioError) as error:
            self.load(content, pool, **options)
        return list(error.value.problems)

    def fault(self, content: str | bytes | None = None, pool: str | bytes = POOL, **options: Any) -> Problem:
        """The only fault of a scenario."""
        (problem,) = self.faults(content, pool, **options)
        assert problem.cause
        assert problem.mend
        return problem


def at(problem: Problem) -> tuple[int | None, int | None]:
    """Line and column of a fault."""
    assert problem.place is not None
    return problem.place.line, problem.place.column


def spot(problem: Problem) -> tuple[str, int | None, int | None]:
    """Code, line and column of a fault."""
    return problem.code, *at(problem)
