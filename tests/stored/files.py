"""The stored scenarios and plans, by the version of creatormix that made them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer import load_scenario
from optimizer.domain.scenario import Scenario

FOLDER = Path(__file__).parent
FORMAT1 = FOLDER / "format1"
VERSIONS = sorted(path.name for path in FORMAT1.iterdir())


@dataclass(frozen=True)
class Stored:
    """A plan, or the word that there is none, as a file."""

    path: Path

    def __str__(self) -> str:
        return f"{self.version}/{self.path.stem}"

    @property
    def version(self) -> str:
        return self.path.parts[-3]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return found

    @property
    def asked(self) -> dict[str, Any]:
        """Which scenario was planned, and with what."""
        said = self.said
        file = self.path.parents[1] / said["inputs"][0]["path"]
        return {"source": str(file), "variant": said["scenario"]["variant"], "changes": said["scenario"]["changes"]}

    def scenario(self) -> Scenario:
        return load_scenario(**self.asked)


PLANS = [Stored(path) for version in VERSIONS for path in sorted((FORMAT1 / version / "plans").glob("*.json"))]
SCENARIOS = sorted(FORMAT1.glob("*/*.yaml"))
