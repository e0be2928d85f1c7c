"""`creatormix audience fit`: learns, shows the errors, writes the file and the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.loading.fitted_audience import read_fitted
from tests.audience import planted
from tests.cli.running import invoke, run

KNOWN = planted.followed(110, 1_500, 4)
SHARED = planted.overlaps(KNOWN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pool = "".join(f"@c{at},{int(SHARED[at, at])},1\n" for at in range(110))
    (tmp_path / "creators.csv").write_text(f"creator,viewers,fee\n{pool}", encoding="utf-8")
    said = "format: 1\nname: Spring\ncurrency: EUR\nobjective: {maximize: creators}\ncreators: creators.csv\n"
    (tmp_path / "s.yaml").write_text(said, encoding="utf-8")
    pairs = "".join(f"c{a},C{b},{int(SHARED[a, b])}\n" for a in range(110) for b in range(a))
    (tmp_path / "pairs.csv").write_text(f"creator_a,creator_b,shared\n{pairs}", encoding="utf-8")
    return tmp_path


def test_the_answer_has_the_errors_side_by_side_and_the_file_what_was_learned(folder: Path) -> None:
    result = run("audience", "fit", "s.yaml", "--pairs", "pairs.csv", "--out", "a.json", "--page", "a.html", cwd=folder)
    assert result.returncode == 0
    for way in ("added up", "chance", "one k", "latent cells"):
        assert f"\n {way} " in result.stdout
    assert "5 cells, chosen by" in result.stdout
    assert "wrote a.json" in result.stderr
    fitted = read_fitted(folder / "a.json", "a.json")
    assert (fitted.method, len(fitted.cells), len(fitted.creators)) == ("pairs", 5, 110)
    page = (folder / "a.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<svg role=" in page
    assert "latent cells" in page


def test_json_is_the_content_of_the_file(folder: Path) -> None:
    asked = ("audience", "fit", "s.yaml", "--pairs", "pairs.csv")
    shown = run(*asked, "--json", "--out", "a.json", cwd=folder).stdout
    assert shown == (folder / "a.json").read_text(encoding="utf-8")
    assert json.loads(shown)["format"] == "creatormix/audience/1"


def test_faults_leave_with_3_and_nothing_is_written(folder: Path) -> None:
    with (folder / "pairs.csv").open("a", encoding="utf-8") as file:
        file.write("c1,c1,5\n")
    result = run("audience", "fit", "s.yaml", "--pairs", "pairs.csv", "--out", "a.json", cwd=folder)
    assert result.returncode == 3
    assert "pairs.csv:5997:2: a pair of a creator with themselves: c1" in result.stderr
    assert "1 problem in pairs.csv; nothing was learned." in result.stderr
    assert not (folder / "a.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name one of --pairs, --unions and --sample"),
        (("--pairs", "p.csv", "--sample", "p.csv"), "name one of --pairs, --unions and --sample"),
        (("--sample", "p.csv", "--cells", "5"), "--cells is about --pairs"),
        (("--unions", "p.csv", "--share-of", "smaller"), "--share-of is about --pairs"),
        (("--unions", "p.csv", "--scale-to", "5"), "--scale-to is about --sample"),
        (("--sample", "p.csv", "--people", "5"), "how many a sample stands for is --scale-to"),
        (("--pairs", "p.csv", "--out", "a.txt"), "a.txt must end in .json"),
        (("--pairs", "p.csv", "--page", "a.txt"), "a.txt must end in .html"),
        (("--pairs", "p.csv", "--column", "third=x"), "write MEANING=NAME"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], said: str) -> None:
    result = invoke("audience", "fit", "s.yaml", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_the_files_that_are_read_are_never_replaced(folder: Path) -> None:
    (folder / "pairs.json").write_bytes((folder / "pairs.csv").read_bytes())
    result = run("audience", "fit", "s.yaml", "--pairs", "pairs.json", "--out", "pairs.json", cwd=folder)
    assert result.returncode == 2
    assert "choose another name" in result.stderr


def test_a_hostile_name_does_nothing_in_the_page_or_the_terminal(folder: Path) -> None:
    said = (
        "format: 1\nname: <script>x</script>\ncurrency: EUR\nobjective: {maximize: creators}\ncreators: creators.csv\n"
    )
    (folder / "s.yaml").write_text(said, encoding="utf-8")
    with (folder / "pairs.csv").open("a", encoding="utf-8") as file:
        file.write("<b>evil</b>,c1,5\n")
    result = run("audience", "fit", "s.yaml", "--pairs", "pairs.csv", "--page", "a.html", cwd=folder)
    page = (folder / "a.html").read_text(encoding="utf-8")
    assert result.returncode == 0
    assert "<script" not in page
    assert "<b>evil" not in page
