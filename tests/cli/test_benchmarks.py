"""The command `benchmarks`: what it lists, shows, compares, and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from optimizer.cli.main import main
from optimizer.domain.benchmarks import LEVELS
from optimizer.packs import load, names
from optimizer.report.benchmarks import compare_text, list_text, pack_text, value_words

PACKS = [load(name) for name in names()]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["benchmarks", *arguments], env={"COLUMNS": "110"})


def told(*arguments: str) -> Any:
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0
    answer = json.loads(result.output)
    assert answer["format"] == "creatormix/benchmarks/1"
    return answer


def plain(text: str) -> str:
    return " ".join(text.split())


def test_without_a_name_every_pack_is_listed_with_what_it_fills() -> None:
    result = invoke()
    assert result.exit_code == 0
    for pack in PACKS:
        line = next(line for line in result.output.splitlines() if line.strip().startswith(f"{pack.name} "))
        assert pack.date in line
        assert all(figure in result.output for figure in pack.figures)


def test_packs_that_fill_nothing_stand_apart() -> None:
    filling, reading = invoke().output.split("Only to read")
    assert " pap-tiktok " in filling
    assert " katall " in reading


@pytest.mark.parametrize("name", names())
def test_a_pack_shows_every_figure_with_its_levels_and_what_is_only_shown_with_why(name: str) -> None:
    pack, result = load(name), invoke(name)
    assert result.exit_code == 0
    words = plain(result.output)
    assert plain(f"{pack.source}, {pack.date}") in words
    for benchmark in pack.benchmarks:
        assert all(value_words(benchmark, benchmark.at(level)) in words for level in LEVELS)
        for said in (benchmark.denominator, benchmark.derived, benchmark.any_size, benchmark.note):
            assert said in words
    for shown in pack.shown:
        assert f"{shown.text}: {shown.value}. Why not: {shown.reason}" in words


def test_what_the_source_does_not_state_is_marked() -> None:
    output = plain(invoke("pap-tiktok").output)
    assert "10.3 % ~14.15 % 18 %" in output
    assert "~8.7 % 8.7 % ~8.7 %" in output
    assert "200.00 USD ~447.21 USD 1,000.00 USD" in output


def test_comparing_a_figure_shows_every_pack_that_states_it_with_contradictions_side_by_side() -> None:
    output = invoke("--compare", "engagement_rate").output
    table, shown = output.split("Stated as well, but only shown")
    for pack in PACKS:
        count = sum(line.strip().startswith(f"{pack.name} ") for line in table.splitlines())
        assert count == len(pack.about("engagement_rate"))
    assert "up to 8 to 10 %" in shown
    assert "nothing is averaged" in plain(output)


def test_a_comparison_goes_from_small_creators_to_large() -> None:
    tiers = [row["tier"] for row in told("--compare", "engagement_rate")["benchmarks"]]
    assert tiers == sorted(tiers, key=["nano", "micro", "macro", "mega"].index)


@pytest.mark.parametrize(
    ("figure", "words"),
    [("click_rate", "No pack states it. Write your own under assume."), ("authenticity", "No pack fills it.")],
)
def test_a_figure_that_no_pack_fills_is_no_fault(figure: str, words: str) -> None:
    result = invoke("--compare", figure)
    assert result.exit_code == 0
    assert words in plain(result.output)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pap-tictok"], 'there is no pack "pap-tictok"; did you mean "pap-tiktok"?'),
        (["zzz"], 'there is no pack "zzz"; there are: a25-europe,'),
        (["--compare", "fees"], 'there is no figure "fees"; did you mean "fee"?'),
        (["grin", "--compare", "fee"], "give a pack or --compare, not both"),
    ],
)
def test_what_is_not_there_is_wrong_usage_and_names_the_nearest(arguments: list[str], words: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert words in plain(result.output)


def test_the_list_as_json_has_all_packs_without_values() -> None:
    packs = told()["packs"]
    assert [pack["name"] for pack in packs] == list(names())
    assert next(pack for pack in packs if pack["name"] == "grin")["figures"] == {"fee": 1}


def test_a_pack_as_json_has_everything() -> None:
    answer = told("pap-tiktok")
    assert answer["tiers"]["mega"] == [1_000_000, None]
    nano = answer["benchmarks"][0]
    assert (nano["low"], nano["base"], nano["high"]) == (0.103, 0.1415, 0.18)
    assert nano["stated"] == ["low", "high"]
    assert nano["followers"] == [0, 9_999]
    assert len(answer["shown"]) == len(load("pap-tiktok").shown)


def test_a_comparison_as_json_names_the_pack_of_everything() -> None:
    answer = told("--compare", "fee")
    assert {row["pack"] for row in answer["benchmarks"]} == {"pap-instagram", "pap-tiktok", "a26-europe", "grin"}
    assert {row["pack"] for row in answer["shown"]} == {"katall", "traackr"}


@pytest.mark.parametrize("width", [60, 110, 140])
def test_no_number_and_no_name_is_cut_however_narrow_the_terminal(width: int) -> None:
    texts = [list_text(PACKS, width), compare_text("fee", PACKS, width), *(pack_text(pack, width) for pack in PACKS)]
    assert not any("…" in text for text in texts)
    assert "27,110.88 USD" in texts[1]
    assert all(f" {name} " in texts[0] for name in names())


def test_the_command_needs_no_arrays_and_no_solver() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom optimizer.cli.main import main\n"
        "assert CliRunner().invoke(main, ['benchmarks', '--compare', 'fee']).exit_code == 0\n"
        "print(sorted(set(sys.modules) & {'highspy', 'numpy', 'pyarrow', 'scipy', 'pydantic'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_help_of_all_commands_reads_no_data_file() -> None:
    code = "import sys\nimport optimizer.cli.main\nprint(sorted(set(sys.modules) & {'yaml', 'rich'}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
