"""Quantities that count the different values of a column: which are asked for, and whether they can be counted."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.domain.dimensions import Dimensions
from optimizer.domain.filters import fold
from optimizer.domain.pool import CREATOR, Labels
from optimizer.domain.quantities import DISTINCT
from optimizer.loading.resolve import Resolving
from optimizer.loading.schema import Goal, Rule, ScenarioFile

Path = tuple[str | int, ...]


def written_goals(said: ScenarioFile) -> Iterator[tuple[Path, Goal]]:
    """The goals in order, and where each is written."""
    if isinstance(said.objective, Goal):
        yield ("objective",), said.objective
    else:
        yield from ((("objective", at), goal) for at, goal in enumerate(said.objective))


def distinct_asked(said: ScenarioFile) -> dict[str, Path]:
    """The columns whose different values are counted, and where that is first written."""
    written = [
        (name, (*path, sense, name))
        for path, goal in written_goals(said)
        for sense in ("maximize", "minimize")
        for name in getattr(goal, sense) or {}
    ]
    written += [
        (rule.quantity, ("constraints", name, "quantity"))
        for name, rule in said.constraints.items()
        if isinstance(rule, Rule)
    ]
    written += [(name, ("wallets", name)) for name in said.wallets or {}]
    return {
        name.removeprefix(DISTINCT): path
        for name, path in reversed(written)
        if name.startswith(DISTINCT) and name.removeprefix(DISTINCT).strip()
    }


def check_distinct(said: ScenarioFile, dimensions: Dimensions, r: Resolving) -> None:
    """Report columns whose different values cannot be counted."""
    for column, path in distinct_asked(said).items():
        found = dimensions.column(fold(column))
        if isinstance(found, Labels):
            continue
        cause, mend = f'there is no column "{column}"', r.near(fold(column), [*dimensions.texts, *r.mapped])
        if found is not None:
            cause, mend = f'"{column}" holds numbers', f"{DISTINCT}<column> needs a column of texts"
        elif fold(column) == CREATOR:
            cause, mend = "each creator is booked once at most", "use the quantity creators, which counts bookings"
        node = r.document.at(path)
        at = path if node is not None else path[:-1]
        r.refuse(at, "unknown-column", cause, mend or "add the column, or correct the name")
