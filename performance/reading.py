"""How long the slowest scenarios and workbooks within the caps keep the reader: `python performance/reading.py`.

The texts are those of tests/loading/test_time.py: each is as long as a scenario may be, and made to take long. A
second is the most that any should take on an ordinary machine. A workbook of 20,000 rows and 15 columns should take
less than three.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from optimizer import load_scenario
from optimizer.errors import ScenarioError
from optimizer.estimation.estimate import estimate
from optimizer.pool_file.read import read_table
from tests.loading.test_time import BOMBS, POOL
from tests.pool_file.books import book


def seconds(folder: Path, text: str) -> float:
    """Of processor time, to read and judge one scenario."""
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    (folder / "pool.csv").write_text(POOL, encoding="utf-8")
    start = time.process_time()
    with contextlib.suppress(ScenarioError):  # most of them are at fault; what counts is how soon that is said
        estimate(load_scenario(folder / "s.yaml"))
    return time.process_time() - start


def of_workbook(folder: Path) -> float:
    """Of processor time, to read a workbook of 20,000 rows and 15 columns of texts and numbers."""
    rows = [[f"column {at}" for at in range(15)]]
    rows += [[*(f"text {row} {at}" for at in range(5)), *(row * at / 7 for at in range(10))] for row in range(20_000)]
    (folder / "pool.xlsx").write_bytes(book(rows))
    start = time.process_time()
    read_table(folder / "pool.xlsx", "pool.xlsx", lambda header: header)
    return time.process_time() - start


def main() -> None:
    """Print each with its time, the slowest first."""
    with tempfile.TemporaryDirectory() as folder:
        found = sorted(((seconds(Path(folder), text), name) for name, text in BOMBS.items()), reverse=True)
        workbook = of_workbook(Path(folder))
    for taken, name in found:
        print(f"{taken:6.2f} s  {name}")
    print(f"{workbook:6.2f} s  a workbook of 20,000 x 15")


if __name__ == "__main__":
    main()
