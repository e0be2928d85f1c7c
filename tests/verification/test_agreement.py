"""What planning states is found again by the verifier, which shares nothing with it but the scenario."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from optimizer import load_scenario, optimize, to_dict, to_json, try_optimize, verify
from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import estimate
from optimizer.planning.forecast import settings
from optimizer.verification.bookings import Bookings
from tests.support.answers import Answered, answered
from tests.support.scenarios import WORDS, scenario

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


def stated(loaded: Scenario) -> Mapping[str, Any]:
    """The fits, as a plan states them."""
    found = settings(loaded)
    return {} if found is None else asdict(found)


@pytest.fixture(scope="module")
def answers() -> list[Answered]:
    return [*answered("agree", 75), *answered("agree in parts", 20, parts=True)]


def test_every_answer_holds_for_its_scenario(answers: list[Answered]) -> None:
    kinds: Counter[str] = Counter()
    for answer in answers:
        verification = verify(answer.said, answer.scenario)
        assert verification.holds, f"{answer.seed}: {verification}"
        kinds[answer.said.get("proof") or answer.outcome] += 1
        kinds["cases"] += bool((answer.said["certificate"] or {}).get("cases"))
    assert min(kinds[kind] for kind in ("plan", "prices", "branches", "cases")) > 2


def test_estimates_are_the_same_to_the_last_digit() -> None:
    for number in range(40):
        said, frame = scenario(f"amounts {number}", words=WORDS)
        loaded = load_scenario(said, creators=frame)
        estimates, bookings = estimate(loaded), Bookings(loaded, stated(loaded))
        assert len(estimates) == len(bookings)
        for measure, values in estimates.values.items():
            assert bookings.amounts[measure] == values.tolist()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scenario_is_verified(path: Path) -> None:
    loaded = load_scenario(path)
    plan = try_optimize(loaded, gap=0.01, time_limit_s=None)
    verification = verify(plan, loaded)
    assert verification.holds, str(verification)
    assert str(verification).startswith("verified: the plan keeps every rule")
    estimates, bookings = estimate(loaded), Bookings(loaded, stated(loaded))
    for measure, values in estimates.values.items():
        assert bookings.amounts[measure] == values.tolist()


def test_a_plan_of_a_variant_with_changes_is_verified_for_just_these() -> None:
    path = next(path for path in SHIPPED if path.stem == "cheapest_for_target")
    asked = load_scenario(path, changes={"constraints.target.at_least": 50_000})
    plan = optimize(asked, gap=0.01)
    assert verify(plan, asked).holds
    differences = verify(plan, load_scenario(path)).differences
    assert any(difference.where.startswith("scenario > changes") for difference in differences)


def test_no_solver_is_needed(tmp_path: Path) -> None:
    path = next(path for path in SHIPPED if path.stem == "first_test")
    plan = tmp_path / "plan.json"
    plan.write_text(to_json(optimize(load_scenario(path))), encoding="utf-8")
    program = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('highspy', 'pulp', 'scipy'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
        f"sys.argv = ['creatormix', 'verify', {str(plan)!r}, '--scenario', {str(path)!r}]\n"
        "from optimizer.cli.main import main\n"
        "main()\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("verified")


def test_a_plan_with_warnings_about_its_files_holds_wherever_it_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "campaign"
    (folder / "pools").mkdir(parents=True)
    said = "format: 1\ncurrency: EUR\nobjective: {maximize: creators}\nbudget: 9\n"
    (folder / "s.yaml").write_text(f"{said}creators: {{file: pools/p.csv, bad_rows: skip}}\n", encoding="utf-8")
    (folder / "pools" / "p.csv").write_bytes("creator,fee\nzoé,3\nbea,x\n".encode("cp1252"))
    stated = {}
    for place in (tmp_path, folder, folder / "pools"):
        monkeypatch.chdir(place)
        stated[place] = to_dict(optimize(load_scenario(folder / "s.yaml")))
    warnings = [
        "pools/p.csv is not UTF-8; read as Windows-1252",
        'pools/p.csv: 1 of 2 rows skipped (row 3: fee is "x", not a number)',
    ]
    assert [plan["warnings"] for plan in stated.values()] == [warnings] * 3
    for place in stated:
        monkeypatch.chdir(place)
        assert all(verify(plan, load_scenario(folder / "s.yaml")).holds for plan in stated.values())
