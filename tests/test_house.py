"""The house keeps its order: style, types, layers, public names, quick start."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import optimizer

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "--no-cache", "."),
        ("ruff", "format", "--no-cache", "--check", "."),
        ("mypy", "--cache-dir", "/dev/null"),
        ("lint-imports", "--no-cache"),
    ],
    ids=["lint", "format", "types", "layers"],
)
def test_the_code_passes(command: tuple[str, ...]) -> None:
    result = run(str(BIN / command[0]), *command[1:])
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_layer_has_an_exception_and_imports_for_types_count_as_well() -> None:
    linted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert linted["exclude_type_checking_imports"] is False
    assert [one["name"] for one in linted["contracts"] if one.get("ignore_imports")] == []


def test_importing_the_package_loads_no_solver_and_no_arrays() -> None:
    code = "import optimizer, sys; print(sorted({'highspy', 'numpy', 'pyarrow', 'polars', 'scipy'} & set(sys.modules)))"
    assert run(sys.executable, "-c", code).stdout.strip() == "[]"


def test_importing_the_package_loads_nothing_else_of_it_but_what_results_hang_on() -> None:
    code = "import optimizer, sys; print(sorted(name for name in sys.modules if name.startswith('optimizer.')))"
    assert run(sys.executable, "-c", code).stdout.strip() == "['optimizer.results', 'optimizer.results.shown']"


def test_help_loads_no_solver_and_no_arrays() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom optimizer.cli.main import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "print(sorted(set(sys.modules) & {'highspy','numpy','pyarrow','polars','scipy','pydantic','pulp'}))"
    )
    assert run(sys.executable, "-c", code).stdout.strip() == "[]"


def test_every_public_name_exists_and_is_documented_where_it_lives() -> None:
    for name in optimizer.__all__:
        assert getattr(optimizer, name).__doc__, name


def test_dir_lists_the_public_names() -> None:
    assert set(optimizer.__all__) <= set(dir(optimizer))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute"):
        _ = optimizer.nothing_of_the_kind


def test_every_module_and_every_public_function_has_a_docstring() -> None:
    import ast

    bare = []
    for path in (ROOT / "optimizer").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            bare.append(str(path))
        bare += [
            f"{path}:{node.name}"
            for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    formulas = re.compile(r"formulas\.py:[a-z_]+$")  # the formula is its own description, and stands in the table
    assert [name for name in bare if not formulas.search(name)] == []


def test_no_module_uses_what_another_keeps_to_itself() -> None:
    used = [found for path in (ROOT / "optimizer").rglob("*.py") for found in _of_others(path)]
    assert used == []


def _of_others(path: Path) -> list[str]:
    """Private names of other modules that a module imports, or reaches for through a dot."""
    import ast

    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = [one.name for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)) for one in node.names]
    private = [name for name in imported if re.match(r"_[a-z]|.*\._[a-z]", name)]
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    own = {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    own |= {node.attr for node in attributes if isinstance(node.ctx, ast.Store)}
    own |= {node.target.id for node in nodes if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}
    allowed = {"os._exit", "group._replace"}  # public in all but name
    inherited = r"(self|cls|super\(\))\._"
    private += [
        ast.unparse(node)
        for node in attributes
        if re.match(r"_[a-z]", node.attr)
        and node.attr not in own
        and ast.unparse(node) not in allowed
        and not re.match(inherited, ast.unparse(node))
    ]
    return [f"{path.relative_to(ROOT)}: {name}" for name in private]


def test_the_version_is_one(root: Path) -> None:
    assert (
        importlib.import_module("optimizer").__version__
        in run(sys.executable, "-m", "optimizer.cli.main", "--version").stdout
    )


def test_the_readme_has_the_test_command_that_ci_runs(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    block = text.split("<!-- test command -->\n```sh\n")[1].split("\n```")[0]
    assert block.endswith("-m pytest")
    assert "\n" not in block
