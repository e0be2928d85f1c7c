"""Variants: only the chosen one is applied to a scenario; only `check` looks at the others."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.errors import Problem, ScenarioError
from optimizer.loading import overlay
from optimizer.loading.faults import validate
from optimizer.loading.source import MOST_VALUES, Node, short


def names(document: Node) -> tuple[str, ...]:
    """The names of a document's variants, in order."""
    return tuple(_entries(document))


def of_another_kind(document: Node, chosen: str | None) -> list[Problem]:
    """Report variants that are not a mapping of names, or a chosen one that has no keys."""
    node = document.at(("variants",))
    if node is None or node.value is None:
        return []
    if not isinstance(node.value, dict):
        mend = "write {lean: {budget: 15_000}}"
        return [Problem("not-a-mapping", "variants must be a mapping of names to changes", mend, node.place)]
    one = node.value.get(chosen) if chosen is not None else None
    return [] if chosen is None or one is None else _without_keys(chosen, one)


def idle(document: Node, own: str, chosen: str | None) -> tuple[list[Problem], list[str]]:
    """Faults of the variants of the file `own` that were not chosen; and warnings about those of files that it extends.

    A variant of another file is written for that file. If it no longer fits, that is not a fault of this file.
    """
    problems: list[Problem] = []
    warnings: list[str] = []
    work = 0
    for name, node in _entries(document).items():
        if name == chosen:
            continue
        found, values = _faults(document, name, node)
        work += 1 + values
        if work > MOST_VALUES:
            mend = "move some to another file that extends this one"
            place = None if (whole := document.at(("variants",))) is None else whole.key_place
            problems.append(Problem("too-many", "there are too many variants to check", mend, place))
            break
        if node.place.file == own or node.place.file.startswith(f"{own} > "):  # so places of a mapping are called
            problems += found
        elif found:
            told = found[0].cause
            warnings.append(
                f"variant {short(name)} of {node.place.file} does not fit this scenario ({told}): to do without it,"
                f" write variants: {{{short(name)}: null}}"
            )
    return problems, warnings


def _entries(document: Node) -> Mapping[str, Node]:
    node = document.at(("variants",))
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _faults(document: Node, name: str, node: Node) -> tuple[list[Problem], int]:
    """All faults of a variant, and how many values were checked."""
    if problems := _without_keys(name, node):
        return problems, 0
    try:
        touched = overlay.touched(overlay.with_variant(document, name), node)
    except ScenarioError as error:
        return list(error.problems), 0
    values = sum(1 for _ in touched.leaves())
    return (validate(touched) if values <= MOST_VALUES else []), values


def _without_keys(name: str, node: Node) -> list[Problem]:
    if isinstance(node.value, dict):
        return []
    return [Problem("not-a-mapping", f"variant {short(name)} has no keys", "write {budget: 15_000}", node.place)]
