"""`creatormix new FOLDER --from FILE`: a scenario that plans, or that says what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner, Result

from optimizer import load_scenario
from optimizer.cli.main import main
from optimizer.guessing.scenario import quoted

AGENCY = (
    "Handle,Network,Topic,Country,Subs,Avg views,ER,Price,Mail\n"
    "@lea.lit,tiktok,books,FR,8200,3100,6.1,180 €,lea@example.org\n"
    "@max.reads,tiktok,books,FR,4100,2100,4.0,90 €,max@example.org\n"
    "@ana,instagram,travel,ES,15400,5200,2.2,420 €,ana@example.org\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(file: str | Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["new", "campaign", "--from", str(file), *more])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments])


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_with_fees_plans_at_once():
    result = new(write("agency.csv", AGENCY))
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "wrote campaign/scenario.yaml and campaign/scenario.schema.json",
        "copied agency.csv to campaign/agency.csv",
        "3 rows:",
        "  creator from Handle",
        "  platform from Network",
        "  niche from Topic  (check this)",
        "  country from Country",
        "  followers from Subs",
        "  engagement_rate from ER",
        "  average_views from Avg views",
        "  fee from Price",
        "now try: creatormix plan campaign/scenario.yaml",
    ]
    planned = run("plan", "campaign/scenario.yaml", "--json")
    assert planned.exit_code == 0, planned.output
    assert json.loads(planned.stdout)["claim"] == "optimal"


def test_each_line_of_the_scenario_says_why():
    new(write("agency.csv", AGENCY))
    text = Path("campaign/scenario.yaml").read_text(encoding="utf-8")
    assert '# "Subs" is a usual name for it; numbers up to 15,400\n' in text
    assert "\n  # not used: Mail\n" in text
    assert '# "€" stands beside the fees\n' in text
    assert "@example.org" not in text
    said = yaml.safe_load(text)
    assert said["creators"]["columns"]["engagement_rate"] == {"from": "ER", "unit": "percent"}
    assert (said["currency"], said["objective"]) == ("EUR", {"maximize": "engagements"})


def test_a_file_inside_the_folder_is_not_copied():
    write("campaign/pools/agency.csv", AGENCY)
    result = new("campaign/pools/agency.csv")
    assert "copied" not in result.output
    assert yaml.safe_load(Path("campaign/scenario.yaml").read_text())["creators"]["file"] == "pools/agency.csv"
    assert run("check", "campaign/scenario.yaml").exit_code == 0


def test_without_fees_it_says_what_is_missing_and_one_change_mends_it():
    result = new(write("list.csv", "Handle,Followers,ER\n@ana,8200,6.1%\n@bea,15400,2%\n"))
    assert result.exit_code == 0
    assert "It cannot be planned yet:\n- the file has no fees: in the scenario, take the # away" in result.output
    path = Path("campaign/scenario.yaml")
    path.write_text(path.read_text().replace("# assume:", "assume:").replace("#   fee:", "  fee:"))
    assert run("plan", str(path)).exit_code == 0


@pytest.mark.parametrize(
    ("text", "goal", "asked"),
    [
        ("Handle,Followers\n@ana,8200\n", "engagements", ["engagement rate", "fees"]),
        ("Handle,Avg views\n@ana,8200\n", "impressions", ["fees"]),
        ("Handle,Price\n@ana,82\n", "creators", []),
    ],
)
def test_the_objective_follows_from_what_is_known(text, goal, asked):
    result = new(write("list.csv", text))
    assert yaml.safe_load(Path("campaign/scenario.yaml").read_text())["objective"] == {"maximize": goal}
    assert [line for line in result.output.splitlines() if line.startswith("- ")] == [
        f"- the file has no {what}: in the scenario, take the # away before assume, and write what you expect"
        for what in asked
    ]


def test_rows_without_a_needed_figure_are_left_out_aloud():
    new(write("list.csv", "Handle,Followers,ER,Fee\n@ana,8200,6.1%,90\n@bea,15400,,80\n@cy,9000,3%,70\n"))
    text = Path("campaign/scenario.yaml").read_text()
    assert "  where: {engagement_rate: {from: 0}}" in text
    assert "# leaves out 1 row without engagement_rate" in text
    assert run("plan", "campaign/scenario.yaml").exit_code == 0


def test_words_for_blank_are_left_out_too_and_either_figure_of_engagement_is_enough():
    rows = "@ana,8200,6.1%,,90\n@bea,15400,,700,80\n@cy,9000,3%,300,sur devis\n"
    new(write("list.csv", f"Handle,Followers,ER,Average engagements,Fee\n{rows}"))
    said = yaml.safe_load(Path("campaign/scenario.yaml").read_text())
    assert said["creators"]["where"] == {"fee": {"from": 0}}
    assert run("plan", "campaign/scenario.yaml").exit_code == 0


def test_numbered_niches_are_read_as_one_column():
    new(write("list.csv", "Handle,niche1,niche2,Fee\n@ana,books,food,90\n@bea,food,,80\n"))
    assert yaml.safe_load(Path("campaign/scenario.yaml").read_text())["creators"]["columns"]["niche"] == [
        "niche1",
        "niche2",
    ]
    assert run("check", "campaign/scenario.yaml").exit_code == 0


def test_large_accounts_get_tiers_of_their_own():
    new(write("list.csv", "Handle,Followers,ER,Fee\n@ana,253.7M,6.1%,90\n@bea,154K,2%,80\n@cy,9000,3%,70\n"))
    said = yaml.safe_load(Path("campaign/scenario.yaml").read_text())
    assert said["tiers"]["mega"] == [1_000_000, 1_000_000_000]
    assert len(load_scenario("campaign/scenario.yaml").pool) == 3


def test_a_fee_for_each_kind_becomes_an_offer_of_its_own():
    new(write("list.csv", "Handle,Followers,ER,Prix story,Prix reel\n@ana,8200,6.1%,90,180\n@bea,9000,3%,,150\n"))
    said = yaml.safe_load(Path("campaign/scenario.yaml").read_text())
    assert said["offers"] == {
        "one story": {"deliver": {"story": 1}, "to": {"fee_story": {"from": 0}}},
        "one reel": {"deliver": {"reel": 1}},
    }
    assert run("plan", "campaign/scenario.yaml").exit_code == 0


def test_what_is_unclear_is_named_in_the_scenario_and_aloud():
    result = new(write("list.csv", "Handle,Prix,Tarif\n@ana,90,80\n"))
    assert "- fee may be Prix or Tarif: choose one\n" in result.output
    assert "# fee: Prix   # or another: Prix or Tarif; choose one\n" in Path("campaign/scenario.yaml").read_text()


def test_a_preset_is_named_with_what_it_reads():
    new(write("top.csv", "Rank,Nick,Followers,Eng (Auth.),Eng (Avg.)\n1,ana,85K,1.2K,1.9K\n"))
    text = Path("campaign/scenario.yaml").read_text()
    assert "\n    preset: hypeauditor" in text
    assert "\n    #   it reads average_engagements from Eng (Avg.)\n" in text
    assert yaml.safe_load(text)["creators"]["columns"] == {"preset": "hypeauditor"}


def test_posts_of_one_account_ask_whose_they_are():
    header = "Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views,Add to favorites\n"
    result = new(write("studio.csv", header + "a,https://example.org/v/7,Oct 2,900,40,30,12500,20\n"))
    assert "- no column says who the creators are\n" in result.output
    assert '# creator: {is: "@handle"}' in Path("campaign/scenario.yaml").read_text()


def test_a_workbook_asks_for_its_sheet_by_the_option():
    with xlsxwriter.Workbook("list.xlsx") as book:
        for name, row in (("Nano", ["@ana", 8200]), ("Micro", ["@bea", 15400])):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Handle", "Followers"])
            sheet.write_row(1, 0, row)
    result = new("list.xlsx")
    assert result.exit_code == 3
    assert "--sheet" in result.output
    assert not Path("campaign").exists()
    assert new("list.xlsx", "--sheet", "Micro").exit_code == 0
    assert yaml.safe_load(Path("campaign/scenario.yaml").read_text())["creators"]["sheet"] == "Micro"


def test_hostile_names_stay_texts(folder):
    header = '"a: b, #c]","yes",Handle,"}{ &x"\n'
    new(write("li: st#1.csv", header + "1,2,@ana,3\n"))
    said = yaml.safe_load(Path("campaign/scenario.yaml").read_text(encoding="utf-8"))
    assert said["creators"] == {"file": "li: st#1.csv", "columns": {"creator": "Handle"}}
    for name in ("yes", "null", "a: b", "#", "1e3", "- a", "'", '"', "ä, b", "{x}", "*a", "%", "@a", "a\tb", "~"):
        assert yaml.safe_load(f"[{{from: {quoted(name)}, unit: x}}]") == [{"from": name, "unit": "x"}], name


@pytest.mark.parametrize("more", [("--creators", "5"), ("--seed", "2"), ("--format", "csv")])
def test_an_invented_pool_is_not_asked_for_beside_a_file(more):
    result = new(write("agency.csv", AGENCY), *more)
    assert result.exit_code == 2
    assert "--from takes a file of creators" in result.output


def test_a_sheet_needs_a_file():
    assert "add --from FILE" in run("new", "campaign", "--sheet", "A").output


def test_nothing_is_replaced():
    write("campaign/scenario.yaml", "mine")
    result = new(write("agency.csv", AGENCY))
    assert result.exit_code == 2
    assert Path("campaign/scenario.yaml").read_text() == "mine"
    write("other/agency.csv", "theirs")
    result = CliRunner().invoke(main, ["new", "other", "--from", "agency.csv"])
    assert result.exit_code == 2
    assert Path("other/agency.csv").read_text() == "theirs"
    assert not Path("other/scenario.yaml").exists()


def test_a_missing_file_is_a_fault_with_a_cure():
    result = new("nowhere.csv")
    assert result.exit_code == 3
    assert "there is no such file" in result.output
