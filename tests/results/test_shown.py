"""Results are given out by what is installed above them, and by nothing that they import themselves."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

import optimizer
from optimizer import Verification
from optimizer.results import shown
from tests.report.test_outputs import plan_of, planned

RESULTS = Path(optimizer.__file__).parent / "results"
METHODS = {"__str__", "_repr_html_", "to_html", "to_dict", "to_json", "from_json", "to_arrow", "to_pandas", "to_polars"}


def test_what_gives_results_out_is_loaded_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(planned())
    loaded: list[str] = []

    def load() -> shown.Faces:
        loaded.append("now")
        return SimpleNamespace(printed=lambda result, width: f"{result.scenario.name} in {width}")  # type: ignore[return-value]

    monkeypatch.setattr(shown, "_loaders", [])
    shown.install(load)
    assert loaded == []
    assert str(plan) == "small in 100"
    assert loaded == ["now"]


def test_the_package_installs_the_reports() -> None:
    from optimizer.report import faces

    assert shown.faces() is faces


def test_every_form_that_is_named_is_there() -> None:
    named = {name for name in vars(shown.Faces) if not name.startswith("_")}
    assert len(named) == len(METHODS)
    assert [name for name in named if not callable(getattr(shown.faces(), name, None))] == []


def test_a_verification_is_given_out_too() -> None:
    result = Verification(True, "plan", "verified", ())
    assert result.to_dict()["format"] == "creatormix/verification/1"
    assert result.to_json().endswith("}\n")


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.py")), ids=lambda path: path.name)
def test_results_import_the_domain_and_each_other_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    ours = {name.split(".")[1] for name in found if name.startswith("optimizer.")}
    assert ours <= {"domain", "errors", "results", "unseen"}
    assert "import_module" not in path.read_text(encoding="utf-8")
