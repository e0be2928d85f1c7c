"""Plan the stored scenarios of one version of creatormix, by that version: run it with that version's Python.

    path/to/python tests/stored/make.py tests/stored/format1/0.1.0

Each scenario is planned as it stands, in each variant, and with the changes that `CHANGES` names. A plan that is there
already stays, since it was made by the version that it is stored for.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import yaml

import optimizer
from optimizer import load_scenario, try_optimize
from optimizer.results.as_json import dumps

CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    "cases": {"budget 3000": {"budget": "3_000", "constraints.niches.at_most": "50%"}},
}
GAP = 0.0
to_dict = getattr(optimizer, "to_dict", None) or optimizer.to_json  # 0.1.0 has only the latter


def main(folder: Path) -> None:
    """Plan all scenarios of a folder."""
    (folder / "plans").mkdir(exist_ok=True)
    for path in sorted(folder.glob("*.yaml")):
        variants = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader).get("variants", {})
        asked = [("", None, None), *((f"@{name}", name, None) for name in variants)]
        asked += [(f"@{name}", None, changes) for name, changes in CHANGES.get(path.stem, {}).items()]
        for ending, variant, changes in asked:
            stored = folder / "plans" / f"{path.stem}{ending}.json".replace(" ", "-")
            if not stored.exists():
                scenario = load_scenario(path, root=folder, variant=variant, changes=changes)
                result = try_optimize(scenario, gap=GAP, time_limit_s=None)
                stored.write_text(dumps(to_dict(result)), encoding="utf-8")
                print(stored.name, result.outcome, result.solver.way, f"{result.solver.seconds:.2f} s")


if __name__ == "__main__":
    os.chdir(sys.argv[1])  # so that plans name their files as they are named there, and no folder of this machine
    main(Path())
