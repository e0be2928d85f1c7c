"""A file that ends in .html is a page to mail, whether there is a plan or not, and of a comparison."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli.main import main
from tests.report.pages import Page

SCENARIO = """\
format: 1
currency: EUR
budget: 500
creators: pool.csv
objective: {maximize: engagements}
constraints: {some: {quantity: creators, at_least: 1}}
"""
POOL = "creator,followers,average_engagements,fee\n@ann,2000,100,100\n<b>bob</b>,3000,150,250\n@cyd,5000,90,300\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("plan s.yaml --out page.html", 0),
        ("plan s.yaml --set constraints.some.at_least=9 --out page.html", 4),
        ("compare s.yaml --set budget=200 --out page.html", 0),
        ("compare s.yaml --set constraints.some.at_least=9 --with constraints.some.at_least=8 --out page.HTML", 4),
    ],
)
def test_a_file_that_ends_in_html_is_a_page(folder: Path, command: str, code: int) -> None:
    name = command.rpartition(" ")[2]
    result = CliRunner().invoke(main, command.split())
    assert result.exit_code == code, result.output
    assert f"wrote {name}" in result.output
    assert result.stdout == ""
    first = (folder / name).read_bytes()
    Page(first.decode("utf-8"))
    CliRunner().invoke(main, command.split())
    assert (folder / name).read_bytes() == first


def test_a_page_is_no_export_of_columns_and_no_json(folder: Path) -> None:
    refused = CliRunner().invoke(main, "plan s.yaml --carry followers --out page.html".split())
    assert (refused.exit_code, "--carry is for exports" in refused.output) == (2, True)
    both = CliRunner().invoke(main, "plan s.yaml --json --out page.html".split())
    assert (both.exit_code, "choose one of the two" in both.output) == (2, True)
    assert not (folder / "page.html").exists()
