"""Files of results, as planners and spreadsheets write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer import ScenarioError
from optimizer.domain.exact import Currency
from optimizer.loading.results_file import ResultsFile, read_results

EUR = Currency("EUR")
PLAN = "4a1a6251d8821fb2"


def read(path: Path, text: str | bytes, currency: Currency = EUR) -> ResultsFile:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_results(path, currency)


def told(file: ResultsFile) -> list[tuple[str, str, str, str, int | None]]:
    return [(row.plan_id, row.creator, row.offer, row.status, row.fee) for row in file.rows]


EXPECTED = [(PLAN, "@ana", "one post", "signed", 65050), (PLAN, "bea", "", "declined", None)]


@pytest.mark.parametrize(
    "text",
    [
        f"plan_id,creator,offer,status,fee\n{PLAN},@ana,one post,signed,650.50\n{PLAN},bea,,declined,\n",
        f"\ufeffplan_id;creator;offer;status;fee\r\n{PLAN};'@ana;one post;Signed;650,50\r\n'{PLAN};bea;;DECLINED ;\r\n",
        f"Plan ID\tFee\tHandle\tStatus\tOffer\n{PLAN}\t650,50 €\t@ana\tsigned\tone post\n{PLAN}\t-\tbea\tdeclined\t\n",
    ],
    ids=["plain", "as Excel saves it in Germany", "other names and order"],
)
def test_a_file_is_read_as_people_and_spreadsheets_write_it(tmp_path: Path, text: str) -> None:
    assert told(read(tmp_path / "results.csv", text)) == EXPECTED


def test_a_frame_is_read_like_a_file() -> None:
    frame = {
        "plan_id": [PLAN, PLAN],
        "creator": ["@ana", "bea"],
        "offer": ["one post", None],
        "status": ["signed", "declined"],
        "fee": [650.5, None],
    }
    assert told(read_results(frame, EUR)) == EXPECTED


def test_what_is_open_is_blank_and_blank_rows_say_nothing(tmp_path: Path) -> None:
    rows = "".join(f"{PLAN},@{at},{word}\n" for at, word in enumerate(["", "open", "-", "TBD"]))
    found = read(tmp_path / "results.csv", f"plan_id,creator,status\n{rows}{PLAN},,\n")
    assert [row.status for row in found.rows] == [""] * 4


@pytest.mark.parametrize("text", ["plan_id,creator,status\n", "plan_id,creator,offer,status,fee,posts\r\n"])
def test_a_file_without_rows_says_that_nothing_happened(tmp_path: Path, text: str) -> None:
    assert read(tmp_path / "results.csv", text).rows == ()


def test_amounts_are_in_the_coins_of_the_currency(tmp_path: Path) -> None:
    text = f"plan_id,creator,status,fee\n{PLAN},@ana,signed,1200\n"
    assert read(tmp_path / "results.csv", text, Currency("JPY")).rows[0].fee == 1200
    assert read(tmp_path / "results.csv", text, Currency("KWD")).rows[0].fee == 1_200_000


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("", "pool-empty", None, "--template"),
        ("creator,status\n@ana,signed\n", "results-no-column", None, "no column plan_id"),
        ("plan_id,status\nx,signed\n", "results-no-column", None, "no column creator"),
        ("plan_id,creator,status\nx,@ana,singed\n", "results-status", 2, 'did you mean "signed"'),
        ("plan_id,creator,status\nx,@ana,@&!\n", "results-status", 2, "signed, posted, paid or declined"),
        ("plan_id,creator,status,fee\nx,@ana,,120\n", "results-fee-alone", 2, "write signed"),
        ("plan_id,creator,status\nx,@a,paid\nx,,signed\n", "results-no-creator", 3, "write the creator"),
        ("plan_id,creator,status,fee\nx,@ana,signed,much\n", "not-a-number", 2, "write a plain number"),
        ("plan_id,creator,status,fee\nx,@ana,signed,-5\n", "negative", 2, "below zero"),
        ("plan_id,creator,status,fee\nx,@ana,signed,5.0051\n", "finer-than-currency", 2, "2 decimals"),
        ("plan_id,creator,status,fee\nx,@ana,signed,$ 5\n", "other-currency", 2, "in the currency of the plan"),
        ('plan_id;creator;status;fee\nx;@a;paid;"1,50"\nx;@b;paid;1.60\n', "decimal-doubt", 2, "as in 1200"),
        ("plan_id,creator,status\nx,@ana\n", "pool-ragged-row", 2, "2 cells"),
        ("plan_id,creator,Status,STATUS\nx,@ana,paid,paid\n", "pool-duplicate-header", 1, "STATUS"),
    ],
)
def test_each_fault_has_its_row_and_how_to_mend_it(
    tmp_path: Path, text: str, code: str, line: int | None, words: str
) -> None:
    with pytest.raises(ScenarioError) as raised:
        read(tmp_path / "results.csv", text)
    (problem,) = raised.value.problems
    assert problem.code == code
    assert problem.place is not None
    assert problem.place.line == line
    assert words in str(problem)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = "plan_id,creator,status,fee\nx,@a,signd,\nx,,paid,\nx,@c,paid,?5\nx,@d,,7\n"
    with pytest.raises(ScenarioError) as raised:
        read(tmp_path / "results.csv", text)
    assert [problem.place.line for problem in raised.value.problems if problem.place] == [2, 3, 4, 5]
