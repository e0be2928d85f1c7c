"""How much the random tests draw: a little in every run, more when asked, and other things with another seed.

CREATORMIX_TIMES=20 CREATORMIX_SEED=spring python -m pytest
"""

from __future__ import annotations

import os

TIMES = int(os.environ.get("CREATORMIX_TIMES", "1"))
SEED = os.environ.get("CREATORMIX_SEED", "")


def times(count: int) -> int:
    """So many draws, or as many times more as was asked for."""
    return count * TIMES


def seeded(name: str) -> str:
    """The name of a series of draws, another one with another seed."""
    return f"{SEED} {name}" if SEED else name
