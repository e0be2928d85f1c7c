"""What the shell may offer while a command is typed: variants, packs, figures and solvers.

It runs whenever the key is pressed, so it loads little and starts nothing; where it cannot know, it offers nothing.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from optimizer.loading.source import Node

Completion = Callable[[click.Context, click.Parameter, str], list[str]]

# how each solver can be recognized without starting it: modules of Python, or programs
_SOLVERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cbc": (("pulp",), ("cbc",)),
    "choco": ((), ("minizinc", "choco")),
    "copt": (("coptpy",), ("copt_cmd",)),
    "cplex": (("cplex",), ("cplex",)),
    "cuopt": (("cuopt",), ()),
    "cylp": (("cylp",), ()),
    "fscip": ((), ("fscip",)),
    "glpk": (("glpk",), ("glpsol",)),
    "gurobi": (("gurobipy",), ("gurobi_cl",)),
    "highs-pulp": (("highspy",), ("highs",)),
    "mipcl": ((), ("mps_mipcl",)),
    "mosek": (("mosek",), ()),
    "scip": (("pyscipopt",), ("scip",)),
    "xpress": (("xpress",), ("optimizer",)),
}


def offering(known: Callable[[click.Context], Iterable[str]]) -> Completion:
    """A completion from all known words; whatever goes wrong, nothing is offered and nothing is said."""

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        with suppress(Exception):
            return [word for word in known(ctx) if word.startswith(incomplete)]
        return []

    return complete


def _variants(ctx: click.Context) -> Iterable[str]:
    """The variants of the scenario that is named before, and of those that it extends."""
    from optimizer.loading.overlay import extended

    said = (ctx.params.get("scenario"), *(ctx.params.get("scenarios") or ()), *ctx.args)
    path = Path(os.path.realpath(next(one for one in said if one)))  # in `args`, as long as an option has no value
    folders = {str(path): path.parent}

    def parent(reference: Node) -> tuple[str, Node]:
        found = Path(os.path.realpath(folders[reference.place.file] / str(reference.value)))
        folders[str(found)] = found.parent
        return str(found), _document(found)

    document = extended(_document(path), parent, (str(path),))
    entries = document.value if isinstance(document.value, dict) else {}
    variants = entries["variants"].value
    return variants if isinstance(variants, dict) else ()


def _document(path: Path) -> Node:
    """A scenario file, if it is an ordinary one: a pipe would be waited for."""
    from optimizer.loading.source import MOST_BYTES, parse_yaml

    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError
    with path.open("rb") as file:
        return parse_yaml(file.read(MOST_BYTES + 1), str(path))


def _packs(_: click.Context) -> Iterable[str]:
    from importlib import resources

    files = (resources.files("optimizer") / "packs" / "data").iterdir()  # importing the reader takes longer
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


def _figures(_: click.Context) -> Iterable[str]:
    from optimizer.domain.figures import FIGURES

    return FIGURES


def _solvers(_: click.Context) -> Iterable[str]:
    here = [
        name
        for name, (modules, programs) in _SOLVERS.items()
        if any(find_spec(module) for module in modules) or any(shutil.which(program) for program in programs)
    ]
    return ["highs", *here]


variants = offering(_variants)
packs = offering(_packs)
figures = offering(_figures)
solvers = offering(_solvers)
