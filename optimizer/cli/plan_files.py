"""The file of a plan, and the scenario that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.errors import Problem, ScenarioError


def bytes_of(plan: Path) -> bytes:
    """What a file holds; raises ScenarioError if it cannot be read."""
    try:
        return plan.read_bytes()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "cannot be read").lower()
        raise ScenarioError([Problem("file", f"{plan} cannot be read: {reason}", "check the path")]) from None


def scenario_of(said: Mapping[str, Any], plan: Path) -> Path:
    """The file that a plan names first, beside the plan, in the current folder, or in its `scenarios`."""
    inputs = said.get("inputs")
    first = inputs[0].get("path") if isinstance(inputs, list) and inputs and isinstance(inputs[0], dict) else None
    name = Path(first).name if isinstance(first, str) and "\x00" not in first else ""
    places = [folder / name for folder in (plan.parent, Path(), Path("scenarios"))]
    found = next((place for place in places if name and _is_file(place)), None)
    if found is None:
        cause = (
            f"the scenario {name} of this plan is not here"
            if name
            else "the plan does not say which scenario it is for"
        )
        raise ScenarioError([Problem("scenario-not-found", cause, "name it: --scenario path/to/scenario.yaml")])
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name may be too long
        return False
