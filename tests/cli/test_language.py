"""`--language fr` gives texts, pages and workbooks in French; JSON and CSV are the same in every language."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from optimizer.cli.main import main
from tests.cli.test_page import POOL, SCENARIO


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    (tmp_path / "people.csv").write_text("creator,person\n@ann,1\n@cyd,1\n@cyd,2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, command.split())
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.mark.parametrize(
    ("command", "said", "code"),
    [
        ("plan s.yaml", "Totaux", 0),
        ("plan s.yaml --set constraints.some.at_least=9", "Aucun plan.", 4),
        ("compare s.yaml --set budget=200", "2 cas côte à côte", 0),
        ("explain s.yaml", "Ce que coûtent les règles", 0),
        ("explain s.yaml --set constraints.some.at_least=9", "Aucun plan.", 4),
        ("alternatives s.yaml", "Plans", 0),
        ("alternatives s.yaml --set constraints.some.at_least=9", "Aucun plan.", 4),
        ("sweep s.yaml --vary budget=100,300,1", "Sans plan", 0),
        ("audience fit s.yaml --sample people.csv", "Un échantillon de personnes, compté", 0),
    ],
)
def test_a_text_is_in_french(command: str, said: str, code: int) -> None:
    assert said in run(f"{command} --language fr", code)
    assert said not in run(command, code) or said == "Plans"


@pytest.mark.parametrize(
    "command",
    [
        "plan s.yaml --out page.html",
        "compare s.yaml --set budget=200 --out page.html",
        "explain s.yaml --out page.html",
        "alternatives s.yaml --out page.html",
        "sweep s.yaml --vary budget=100,300 --out page.html",
        "audience fit s.yaml --sample people.csv --page page.html",
    ],
)
def test_a_page_is_in_french(command: str, folder: Path) -> None:
    run(f"{command} --language fr")
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in page
    assert "Produit par creatormix." in page


@pytest.mark.parametrize(
    ("command", "sheet"),
    [
        ("plan s.yaml", "Réservés"),
        ("compare s.yaml --set budget=200", "Totaux"),
        ("alternatives s.yaml", "Remplaçants"),
        ("sweep s.yaml --vary budget=100,300", "Créateurs"),
    ],
)
def test_a_workbook_is_in_french(command: str, sheet: str, folder: Path) -> None:
    run(f"{command} --language fr --out book.xlsx")
    assert sheet in openpyxl.load_workbook(folder / "book.xlsx").sheetnames


def test_a_plan_that_is_made_again_is_in_french() -> None:
    run("plan s.yaml --json --out plan.json")
    run("replan plan.json --template results.csv")
    said = run("replan plan.json results.csv --language fr")
    assert "engagé : rien pour l’instant" in said.replace("\xa0", " ")


@pytest.mark.parametrize("form", ["--json", "--csv"])
@pytest.mark.parametrize("command", ["plan s.yaml", "compare s.yaml --set budget=200", "alternatives s.yaml"])
def test_json_and_csv_are_the_same_in_every_language(command: str, form: str) -> None:
    plain, french = (run(f"{command} {form} --rounds 500{more}") for more in ("", " --language fr"))
    assert re.sub(r'"seconds": [\d.]+', "", french) == re.sub(r'"seconds": [\d.]+', "", plain)


def test_another_language_is_refused() -> None:
    result = CliRunner().invoke(main, ["plan", "s.yaml", "--language", "de"])
    assert result.exit_code == 2
    assert "'de' is not one of 'en', 'fr'" in result.stderr
