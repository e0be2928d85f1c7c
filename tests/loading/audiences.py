"""A pool and a scenario with an `audience:`, and what became of it; for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from optimizer import ScenarioError, load_scenario
from optimizer.domain.audience import Audience

POOL = """\
creator,followers,fee,average_views,engagement_rate,country,niche,audience_FR,audience_BE,audience_18-24,talent
@a,50000,200,20000,3%,FR,fantasy,80%,10%,50%,Ana
@b,40000,150,20000,3%,FR,romance,,,,Ana
@c,30000,100,10000,3%,BE,fantasy|romance,20%,70%,,
@d,20000,90,9000,4%,,fantasy,,,,
"""
SAID = """format: 1
currency: EUR
budget: 400
objective: {maximize: reach}
creators: pool.csv
tiers: {any: [1, 1_000_000]}
"""


def loaded(folder: Path, more: str = "", said: str = SAID) -> Any:
    (folder / "s.yaml").write_text(f"{said}{more}\n", encoding="utf-8")
    return load_scenario(folder / "s.yaml")


def audience(folder: Path, inner: str = "", more: str = "") -> Audience:
    found = loaded(folder, f"audience: {{{inner}}}\n{more}").audience
    assert found is not None
    return found


def people(found: Audience) -> dict[str, float]:
    return {name: curve.people / 1e6 for name, curve in zip(found.names, found.curves, strict=True)}


def shares(found: Audience, creator: int) -> dict[str, float]:
    mine = range(int(found.starts[creator]), int(found.starts[creator + 1]))
    return {found.names[int(found.cell[at])]: round(float(found.share[at]), 6) for at in mine}


def codes(folder: Path, more: str, said: str = SAID) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loaded(folder, more, said)
    assert all(problem.cause and problem.mend for problem in caught.value.problems)
    assert all(problem.place is not None for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]
