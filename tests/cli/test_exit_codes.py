"""One table says how a command ends, and the help, the reference and the commands follow it."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from optimizer import CheckError, CreatormixError, DocumentError, InfeasibleError, NoPlan, NoPlanFoundError
from optimizer import ScenarioError as Faulty
from optimizer.cli import exit_codes
from optimizer.cli.main import main
from optimizer.results import endings
from tests.docs.pages import ROOT
from tests.report.test_outputs import planned


def without_a_plan() -> NoPlan:
    result = planned(constraints={"many": {"quantity": "creators", "at_least": 3}})
    assert isinstance(result, NoPlan)
    return result


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Faulty([]), 3),
        (DocumentError("x"), 3),
        (CheckError(["x"]), 1),
        (CreatormixError("x"), 1),
        (MemoryError(), 1),
        (ZeroDivisionError(), 1),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 0),
    ],
)
def test_each_error_has_its_code(error: BaseException, code: int) -> None:
    assert exit_codes.of_error(error) == code


def test_an_error_that_carries_a_result_ends_as_the_result_does() -> None:
    result = without_a_plan()
    assert exit_codes.of_error(InfeasibleError(result)) == exit_codes.of_outcome("infeasible") == 4
    assert exit_codes.of_error(NoPlanFoundError(result)) == exit_codes.of_outcome("no_plan") == 5
    assert exit_codes.of_outcome("no_plan", interrupted=True) == 130
    assert exit_codes.of_outcome("infeasible", interrupted=True) == 4
    assert exit_codes.of_outcome("plan", interrupted=True) == 0


def test_every_error_that_is_raised_on_purpose_has_a_line_of_its_own() -> None:
    kinds = [CreatormixError, *CreatormixError.__subclasses__()]
    assert {kind.__name__ for kind in kinds if kind not in endings._OF_ERRORS} == {"CreatormixError"}


def test_help_and_reference_list_the_same_codes() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output.split("Exit codes:")[1]
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8").split("## Exit codes")[1]
    listed = [int(code) for code in re.findall(r"^ +(\d+)  ", shown, re.MULTILINE)]
    assert listed == list(exit_codes.SAID)
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)] == listed
