"""The cells of a pool are what they say: cast strictly, refused with row and column, or known to be in doubt."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest

from optimizer.domain.exact import Currency
from optimizer.domain.pool import Labels, Numbers, Pool
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.columns import Source, Wanted
from optimizer.loading.money import Money
from optimizer.loading.pool import read_pool
from optimizer.pool_file.frames import table_from_frame
from optimizer.pool_file.limits import LISTED
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table
from tests.loading.desk import Desk, at, text_of

Read = tuple[Pool, list[Problem], list[str]]


def read(
    desk: Desk,
    content: str,
    *,
    currency: str = "EUR",
    mapped: Mapping[str, tuple[str, bool]] | None = None,
    texts: str = "",
    ranges: str = "",
    skip: bool = False,
    audiences: str = "",
    **more: Any,
) -> Read:
    asked = [frozenset(words.split()) for words in (texts, ranges, "post", audiences)]
    sources = {name: Source((source,), percent) for name, (source, percent) in (mapped or {}).items()}
    wanted = Wanted(sources, *asked, Place("s.yaml", 4, 11), **more)  # type: ignore[misc]
    table = read_table(desk.write("pool.csv", content), "pool.csv", wanted.sources)
    return told(table, wanted, currency, skip)


def told(table: Table, wanted: Wanted, currency: str = "EUR", skip: bool = False) -> Read:
    found = read_pool(table, wanted, Money(Currency(currency), {currency: Fraction(1)}), skip)
    return found.pool, found.told(), list(found.warnings)


def column(desk: Desk, name: str, cells: list[str], **options: Any) -> Numbers | Labels:
    """The column that these cells give, without any fault."""
    pool, problems, _ = read(desk, table(name, cells), **options)
    assert problems == []
    return pool.columns[name]


def table(name: str, cells: list[str], separator: str = ",") -> str:
    return "".join(f"{creator}{separator}{cell}\n" for creator, cell in [("creator", name), *numbered(cells)])


def numbered(cells: list[str]) -> list[tuple[str, str]]:
    return [(f"c{number:05}", cell) for number, cell in enumerate(cells)]


def values(found: Numbers | Labels) -> list[float | int | None]:
    assert isinstance(found, Numbers)
    return [value if known else None for value, known in zip(found.values.tolist(), found.known, strict=True)]


def words(found: Numbers | Labels) -> list[str | None]:
    assert isinstance(found, Labels)
    return [None if code < 0 else found.vocabulary[code] for code in found.codes]


def faults(desk: Desk, name: str, cells: list[str], separator: str = ",", **options: Any) -> list[tuple[str, int, int]]:
    """Code, row and column of every fault."""
    _, problems, _ = read(desk, table(name, cells, separator), **options)
    assert all(problem.cause and problem.mend and problem.place for problem in problems)
    return [(problem.code, *at(problem)) for problem in problems]  # type: ignore[misc]


# --- numbers ---


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5000", 5000.0),
        ("5 000", 5000.0),
        ("5\u00a0000", 5000.0),
        ("12\u202f345\u202f678", 12345678.0),
        ("5e3", 5000.0),
        ("5.0", 5000.0 / 1000),
        ("+7", 7.0),
        ("0", 0.0),
        ("", None),
        ("5k", 5_000.0),
        ("12.5K", 12_500.0),
        ('"12,5 k"', 12_500.0),
        ("1.2M", 1_200_000.0),
        ("1.25 mio", 1_250_000.0),
        ("5.000", 5_000.0),
        ('"5,000"', 5_000.0),
        ('"1,234,567"', 1_234_567.0),
        ("1.234.567", 1_234_567.0),
        ("12'345", 12_345.0),
        ('"8,041.0"', 8_041.0),
        ("N/A", None),
        ("#N/A", None),
        ("-", None),
        ("NaN", None),
        ("nan", None),
        ("sur devis", None),
    ],
)
def test_a_count_of_followers_is_read(desk: Desk, cell: str, value: float | None) -> None:
    assert values(column(desk, "followers", [cell])) == [value]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("-1", "negative"),
        ("inf", "not-a-number"),
        ("-inf", "not-a-number"),
        ("1e999", "number-too-large"),
        ("1e13", "number-too-large"),
        ("9" * 400, "number-too-large"),
        ("3.5", "not-whole"),
        ("5t", "not-a-number"),
        ("5k k", "not-a-number"),
        ("5e3k", "not-a-number"),
        ("5 €", "not-a-number"),
        ("10k-50k", "two-numbers"),
        ("5,00,000", "not-a-number"),
        ("1,234.567.8", "not-a-number"),
        ("#DIV/0!", "spreadsheet-error"),
        ("many", "not-a-number"),
        ("50%", "not-percent"),
        ("1_000", "not-a-number"),
        ("0x10", "not-a-number"),
        ("1e1000", "not-a-number"),
        ("5 00", "not-a-number"),
        ("--5", "not-a-number"),
        ("٣", "not-a-number"),
        ("'5", "not-a-number"),
        ("1 000 ,5", "not-a-number"),
    ],
)
def test_a_count_of_followers_that_is_none_is_refused_with_its_row_and_column(desk: Desk, cell: str, code: str) -> None:
    quoted = f'"{cell}"' if "," in cell else cell
    assert faults(desk, "followers", ["1000", quoted]) == [(code, 3, 2)]


@pytest.mark.parametrize(("decimal", "expected"), [("point", 5_000.0), ("comma", 5.0)])
def test_a_mark_that_may_part_thousands_is_asked_about_and_decided_by_a_key(
    desk: Desk, decimal: str, expected: float
) -> None:
    assert faults(desk, "average_views", ['"5,000"']) == [("decimal-doubt", 2, 2)]
    assert values(column(desk, "average_views", ['"5,000"'], decimal=decimal)) == [expected]


def test_one_cell_that_can_be_read_in_one_way_decides_for_the_file(desk: Desk) -> None:
    content = 'creator,followers,average_views,fee\na,5.2K,"1,200","1,250"\nb,8000,300,90\n'
    pool, problems, _ = read(desk, content)
    assert problems == []
    assert values(pool.columns["average_views"]) == [1_200.0, 300.0]
    assert values(pool.columns["fee"]) == [125_000, 9_000]


def test_a_share_in_doubt_is_read_as_one_that_is_possible(desk: Desk) -> None:
    assert values(column(desk, "engagement_rate", ['"5,125%"', "3%"])) == [0.05125, 0.03]


def test_a_faulty_cell_is_shown_as_it_stands(desk: Desk) -> None:
    _, (problem,), _ = read(desk, table("followers", ["five"]))
    assert str(problem).splitlines() == [
        'pool.csv:2:2: followers is "five", not a number',
        "  mend: write a plain number, or empty the cell",
    ]


def test_a_long_faulty_cell_is_cut(desk: Desk) -> None:
    _, (problem,), _ = read(desk, table("followers", ["x" * 5_000]))
    assert len(problem.cause) < 100


def test_twenty_bad_cells_of_a_column_are_listed_and_the_rest_counted(desk: Desk) -> None:
    _, problems, _ = read(desk, table("followers", ["x"] * 100))
    assert len(problems) == LISTED + 1
    assert problems[-1].cause == "and 80 more cells of followers like that"


def test_a_column_that_a_range_asks_for_may_be_below_zero(desk: Desk) -> None:
    assert values(column(desk, "mood", ["-2", "3.5"], ranges="mood")) == [-2.0, 3.5]


def test_a_column_of_texts_that_a_range_asks_for_stays_texts(desk: Desk) -> None:
    assert words(column(desk, "mood", ["good", "bad"], ranges="mood")) == ["good", "bad"]


# --- rates ---


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["0.03", "0", "1", ""], [0.03, 0.0, 1.0, None]),
        (["3%", "3.5 %", "0", "100%"], [0.03, 0.035, 0.0, 1.0]),
        (["1.1%", "1e1%"], [0.011, 0.1]),
    ],
)
def test_a_rate_is_a_fraction_or_carries_a_percent_sign(desk: Desk, cells: list[str], expected: list[Any]) -> None:
    assert values(column(desk, "engagement_rate", cells)) == expected


def test_a_rate_in_percent_is_the_float_nearest_to_what_is_written(desk: Desk) -> None:
    cells = [f"{number / 100:.2f}" for number in range(0, 10_000, 7)]
    mapped = {"engagement_rate": ("ER", True)}
    pool, problems, _ = read(desk, table("ER", cells), mapped=mapped)
    assert problems == []
    assert values(pool.columns["engagement_rate"]) == [float(f"{cell}e-2") for cell in cells]


def test_a_rate_over_one_is_refused_whole_and_told_how_to_say_percent(desk: Desk) -> None:
    _, (problem,), _ = read(desk, table("engagement_rate", ["0.5", "3.2", "4.1"]))
    assert (problem.code, at(problem)) == ("rate-over-one", (3, 2))
    assert problem.cause.startswith("2 of 3 cells of engagement_rate are over 1, the first is 3.2")
    assert "columns: {engagement_rate: {from: engagement_rate, unit: percent}}" in problem.mend


def test_the_mend_of_a_rate_over_one_mends(desk: Desk) -> None:
    cells = table("engagement_rate", ["0.5", "3.2"])
    pool, problems, _ = read(desk, cells, mapped={"engagement_rate": ("engagement_rate", True)})
    assert problems == []
    assert values(pool.columns["engagement_rate"]) == [0.005, 0.032]


def test_a_rate_over_a_hundred_percent_is_refused_with_another_mend(desk: Desk) -> None:
    _, (problem,), _ = read(desk, table("ER", ["150"]), mapped={"engagement_rate": ("ER", True)})
    assert problem.mend == "correct the cells, or leave `unit: percent` out if they are fractions"


def test_percent_signs_on_some_cells_alone_leave_a_column_in_doubt(desk: Desk) -> None:
    assert faults(desk, "engagement_rate", ["3%", "0.04", "0"]) == [("percent-doubt", 3, 2)]


def test_a_factor_may_be_over_one_and_in_percent(desk: Desk) -> None:
    assert values(column(desk, "view_rate", ["120%", "80%"])) == [1.2, 0.8]


@pytest.mark.parametrize("name", ["followers", "fee", "niche", "average_views"])
def test_a_column_that_is_no_share_cannot_be_in_percent(desk: Desk, name: str) -> None:
    with pytest.raises(ScenarioError) as error:
        read(desk, table("x", ["1"]), mapped={name: ("x", True)})
    assert [problem.code for problem in error.value.problems] == ["not-percent"]


# --- decimals with a comma ---


def test_a_file_parted_by_semicolons_may_have_a_decimal_comma(desk: Desk) -> None:
    pool, problems, _ = read(desk, table("fee", ["3,5", "1200", "1 200,75"], ";"))
    assert problems == []
    assert values(pool.columns["fee"]) == [350, 120_000, 120_075]


def test_a_file_parted_by_commas_may_have_a_decimal_comma_in_quotes(desk: Desk) -> None:
    assert values(column(desk, "fee", ['"3,5"'])) == [350]


@pytest.mark.parametrize(
    ("decimal", "cell"), [("comma", "0.05"), ("comma", "12.5k"), ("point", '"0,05"'), ("point", '"12,5k"')]
)
def test_a_number_against_the_key_that_decides_is_refused(desk: Desk, decimal: str, cell: str) -> None:
    assert faults(desk, "average_views", ["7", cell], decimal=decimal) == [("not-a-number", 3, 2)]


def test_decimals_with_a_comma_and_a_point_in_one_file_are_in_doubt(desk: Desk) -> None:
    content = "creator;fee;engagement_rate\na;3,5;\nb;;0.04\n"
    _, problems, _ = read(desk, content)
    assert [(problem.code, at(problem)) for problem in problems][:1] == [("decimal-doubt", (2, 2))]


@pytest.mark.parametrize("mark", [",", "."])
def test_three_digits_behind_every_mark_may_be_thousands_and_are_in_doubt(desk: Desk, mark: str) -> None:
    assert faults(desk, "average_views", [f"12{mark}000", f"5{mark}500"], ";") == [("decimal-doubt", 2, 2)]
    assert faults(desk, "fee", [f"12{mark}000", f"5{mark}500"], ";") == [("decimal-doubt", 2, 2)]


def test_both_readings_of_a_cell_in_doubt_are_shown(desk: Desk) -> None:
    _, (problem,), _ = read(desk, table("average_views", ['"1,200"']))
    assert "which may mean 1_200 or 1.2" in problem.cause
    assert "decimal: comma" in problem.mend


# --- money ---


@pytest.mark.parametrize(
    ("currency", "cell", "minor"),
    [
        ("EUR", "100", 10_000),
        ("EUR", "99.9", 9_990),
        ("EUR", "99.99", 9_999),
        ("EUR", ".5", 50),
        ("EUR", "0", 0),
        ("EUR", "1e3", 100_000),
        ("EUR", "1.5E2", 15_000),
        ("EUR", "12.0", 1_200),
        ("EUR", "007", 700),
        ("EUR", "", None),
        ("JPY", "100", 100),
        ("JPY", "100.0", 100),
        ("KWD", "0.234", 234),
        ("KWD", "1", 1_000),
        ("JPY", "1.200", 1_200),
        ("EUR", "1 200 €", 120_000),
        ("EUR", "€1200.50", 120_050),
        ("EUR", "1200 EUR", 120_000),
        ("EUR", '"1.250,00 €"', 125_000),
        ("EUR", "1 200 € HT", 120_000),
        ("USD", "$120", 12_000),
        ("CAD", "$120", 12_000),
        ("USD", '"US$ 1,250.00"', 125_000),
        ("GBP", "£5k", 500_000),
        ("EUR", "N/A", None),
        ("EUR", "999999999999", None),
    ],
)
def test_money_is_read_in_minor_units(desk: Desk, currency: str, cell: str, minor: int | None) -> None:
    if cell == "999999999999":
        assert faults(desk, "fee", [cell], currency=currency) == [("number-too-large", 2, 2)]
    else:
        assert values(column(desk, "fee", [cell], currency=currency)) == [minor]


@pytest.mark.parametrize(
    ("currency", "cell", "code"),
    [
        ("EUR", "1.005", "decimal-doubt"),
        ("EUR", "1.234", "decimal-doubt"),
        ("KWD", "1.234", "decimal-doubt"),
        ("EUR", "0.005", "finer-than-currency"),
        ("EUR", "1.2345", "finer-than-currency"),
        ("JPY", "1.5", "finer-than-currency"),
        ("KWD", "1.2345", "finer-than-currency"),
        ("EUR", "1e-3", "finer-than-currency"),
        ("EUR", "-5", "negative"),
        ("EUR", "5%", "not-percent"),
        ("EUR", "5 $", "other-currency"),
        ("EUR", "£5", "other-currency"),
        ("EUR", "5 foo", "not-a-number"),
        ("EUR", "$120 - $200", "two-numbers"),
        ("EUR", "1e999", "number-too-large"),
        ("EUR", "1e-20", "finer-than-currency"),
        ("EUR", "1234567890123456789012e-12", "finer-than-currency"),
    ],
)
def test_money_that_is_none_or_too_fine_is_refused_and_never_rounded(
    desk: Desk, currency: str, cell: str, code: str
) -> None:
    assert faults(desk, "fee", [cell, "1"], currency=currency) == [(code, 2, 2)]


def test_no_cent_is_lost_on_the_way(desk: Desk) -> None:
    rng = random.Random(1)
    cents = [rng.randrange(10**10) for _ in range(2_000)]
    assert values(column(desk, "fee", [f"{cent // 100}.{cent % 100:02}" for cent in cents])) == cents


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
@pytest.mark.parametrize("other", ["7e0", "+7", "7 000", " 7%", "x", "1e-20", "1.2.3", "-", "5-"])
@pytest.mark.parametrize("name", ["followers", "fee", "authenticity", "average_views"])
def test_what_a_cell_means_does_not_hang_on_the_cells_beside_it(
    desk: Desk, name: str, other: str, currency: str
) -> None:
    """A column of digits alone is read in one go, one with anything else in it cell by cell."""
    cells = ["0", "1", "0.5", ".25", "1.", "", "12.0", "12.00", "12.000", "1.234", "0.1", "-3", "000", "9" * 30, "1e5"]
    alone, _, _ = read(desk, table(name, [*cells[:-1], "7"]), currency=currency, skip=True)
    beside, _, _ = read(desk, table(name, [*cells[:-1], other]), currency=currency, skip=True)
    of_alone = dict(zip(alone.keys, values(alone.columns[name]), strict=True))
    of_beside = dict(zip(beside.keys, values(beside.columns[name]), strict=True))
    last = numbered(cells)[-1][0]
    if name != "authenticity" or "%" not in other:  # where one carries a sign, all shares are in doubt
        assert of_alone.pop(last) == (7 if name != "fee" else 7 * Currency(currency).scale)
        of_beside.pop(last, None)
        assert of_alone == of_beside


# --- texts ---


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\x07", "\u2066", "\ufeff"])
def test_a_text_with_what_cannot_be_seen_is_refused(desk: Desk, sign: str) -> None:
    assert faults(desk, "niche", ["food", f"a{sign}b"]) == [("invisible-character", 3, 2)]


def test_a_fault_shows_what_cannot_be_seen_as_its_number(desk: Desk) -> None:
    _, (problem,), _ = read(desk, table("niche", ["a\u202eb"]))
    assert "a\\u202eb" in problem.cause


def test_a_text_that_is_too_long_is_refused(desk: Desk) -> None:
    assert faults(desk, "niche", ["x" * 200, "x" * 201]) == [("text-too-long", 3, 2)]


def test_texts_are_trimmed_and_composed_and_blanks_are_unknown(desk: Desk) -> None:
    assert words(column(desk, "niche", [" food ", "cafe\u0301", "   ", "|", "a|b"])) == [
        "food",
        "caf\u00e9",
        None,
        None,
        "a|b",
    ]


def test_texts_that_come_to_the_same_are_one_entry(desk: Desk) -> None:
    found = column(desk, "niche", ["'5", "food", "5", "||", "", "Food", "'5"])
    assert words(found) == ["5", "food", "5", None, None, "Food", "5"]
    assert isinstance(found, Labels)
    assert found.vocabulary == ("5", "Food", "food")


def test_every_cell_with_a_faulty_text_is_reported(desk: Desk) -> None:
    assert faults(desk, "niche", ["a\u200bb", "food", "a\u200bb", "x" * 201]) == [
        ("invisible-character", 2, 2),
        ("invisible-character", 4, 2),
        ("text-too-long", 5, 2),
    ]


# --- creators ---


@pytest.mark.parametrize("other", ["@ANA", "ana", "@ana", " ana ", "Ana"])
def test_a_creator_that_is_there_twice_is_refused_with_both_rows(desk: Desk, other: str) -> None:
    _, (problem,), _ = read(desk, f"creator\n@ana\n@bea\n{other}\n")
    assert (problem.code, at(problem)) == ("duplicate-creator", (4, 1))
    assert problem.cause.endswith("is there already, in row 2")


def test_two_ways_to_write_an_accent_are_one_creator(desk: Desk) -> None:
    _, (problem,), _ = read(desk, "creator\ncaf\u00e9\ncafe\u0301\n")
    assert problem.code == "duplicate-creator"


def test_letters_that_fold_alike_are_one_creator(desk: Desk) -> None:
    _, (problem,), _ = read(desk, "creator\nstraße\nSTRASSE\n")
    assert problem.code == "duplicate-creator"


@pytest.mark.parametrize("blank", ['""', "   ", "@", '"@ "'])
def test_a_creator_without_a_name_is_refused(desk: Desk, blank: str) -> None:
    _, problems, _ = read(desk, f"creator,niche\nana,food\n{blank},food\n")
    assert {(problem.code, at(problem)) for problem in problems} == {("blank-handle", (3, 1))}


def test_creators_without_a_name_are_not_doubled_as_well(desk: Desk) -> None:
    _, problems, _ = read(desk, 'creator,niche\n@,food\n@,food\n"",food\n"",food\n')
    assert {problem.code for problem in problems} == {"blank-handle"}
    assert len(problems) == 4


def test_twenty_doubled_creators_are_listed_and_the_rest_counted(desk: Desk) -> None:
    _, problems, _ = read(desk, "creator\n" + "ana\n" * 100 + "".join(f"c{at}\n" for at in range(99)))
    assert len(problems) == LISTED + 1
    assert problems[-1].cause.startswith("and 79 more rows")


def test_a_number_stays_the_name_that_was_written(desk: Desk) -> None:
    pool, _, _ = read(desk, "creator\n00123\n")
    assert list(pool.ids) == ["00123"]


def test_a_pool_is_sorted_by_its_keys(desk: Desk) -> None:
    pool, _, _ = read(desk, "creator\nzoe\n@Ana\nbea\n@_x\n")
    assert list(pool.keys) == ["_x", "ana", "bea", "zoe"]
    assert list(pool.ids) == ["@_x", "@Ana", "bea", "zoe"]
    assert pool.rows.tolist() == [5, 3, 4, 2]


def test_a_creator_is_found_with_or_without_its_sign_and_in_any_case(desk: Desk) -> None:
    pool, _, _ = read(desk, "creator\n@Ana\nbea\n")
    assert [pool.position(handle) for handle in ("@ANA", "ana", "@bea", "cia")] == [0, 0, 1, None]


# --- columns ---


@pytest.mark.parametrize("name", ["Followers", "FOLLOWERS", " followers "])
def test_a_column_is_found_in_any_case(desk: Desk, name: str) -> None:
    pool, _, _ = read(desk, f"CREATOR,{name}\nana,5\n")
    assert values(pool.columns["followers"]) == [5.0]


def test_a_column_that_nothing_asks_for_is_not_read(desk: Desk) -> None:
    pool, problems, _ = read(desk, "creator,notes\nana,\u202e\n")
    assert (list(pool.columns), problems) == ([], [])


def test_a_mapped_column_takes_the_place_of_one_of_the_same_name(desk: Desk) -> None:
    pool, _, _ = read(desk, "creator,followers,subs\nana,5,7\n", mapped={"followers": ("SUBS", False)})
    assert values(pool.columns["followers"]) == [7.0]


def test_a_mapped_column_that_the_file_has_not_is_refused_with_the_nearest(desk: Desk) -> None:
    with pytest.raises(ScenarioError) as error:
        read(desk, "creator,subs\nana,5\n", mapped={"followers": ("sub", False)})
    (problem,) = error.value.problems
    assert (problem.code, problem.mend, at(problem)) == ("unknown-column", 'did you mean "subs"?', (4, 11))


def test_a_mapped_name_that_nothing_uses_is_refused_where_it_looks_like_a_slip(desk: Desk) -> None:
    with pytest.raises(ScenarioError) as error:
        read(desk, "creator,subs\nana,5\n", mapped={"folowers": ("subs", False)})
    assert [problem.mend for problem in error.value.problems] == ['did you mean "followers"?']


def test_a_mapped_name_of_the_planner_s_own_is_welcome(desk: Desk) -> None:
    assert read(desk, "creator,x\nana,5\n", mapped={"our rating": ("x", False)})[1] == []


def test_a_file_without_creators_is_told_which_column_may_be_them(desk: Desk) -> None:
    with pytest.raises(ScenarioError) as error:
        read(desk, "platform,Username\ntiktok,ana\n")
    (problem,) = error.value.problems
    assert problem.code == "no-creator-column"
    assert problem.mend.endswith('columns: {creator: "Username"}')


def test_the_mend_of_a_file_without_creators_mends(desk: Desk) -> None:
    pool, problems, _ = read(desk, "platform,Username\ntiktok,ana\n", mapped={"creator": ("Username", False)})
    assert (problems, list(pool.ids)) == ([], ["ana"])


def test_a_header_of_many_columns_is_cut_in_a_message(desk: Desk) -> None:
    with pytest.raises(ScenarioError) as error:
        read(desk, ",".join(f"column{number}" for number in range(300)) + "\n" + "1," * 299 + "1\n")
    assert len(str(error.value)) < 600


# --- bad rows ---

ROWS = "creator,followers,fee\nana,5,1\nbea,x,1\ncia,7,1.0055\n,8,1\ndee,9,1\ndee,9,1\neve,1,1\neve,2,1\n"


def test_rows_with_faults_are_refused_by_default(desk: Desk) -> None:
    _, problems, _ = read(desk, ROWS)
    assert sorted({at(problem)[0] for problem in problems}) == [3, 4, 5, 7, 9]  # type: ignore[type-var]


def test_rows_with_faults_are_left_out_where_that_is_wished_and_counted(desk: Desk) -> None:
    pool, problems, (warning,) = read(desk, ROWS, skip=True)
    assert (list(pool.keys), problems) == (["ana", "dee"], [])
    assert warning.startswith("pool.csv: 6 of 8 rows skipped (row 3: ")


def test_of_identical_copies_one_is_kept(desk: Desk) -> None:
    pool, _, _ = read(desk, "creator,followers\nana,5\nana,5\nbea,1\nbea,2\n", skip=True)
    assert [(key, row) for key, row in zip(pool.keys, pool.rows, strict=True)] == [("ana", 2)]


def test_copies_far_apart_are_found_in_the_order_of_the_file(desk: Desk) -> None:
    rng = random.Random(5)
    names = [f"c{rng.randrange(300)}" for _ in range(400)]
    rows = [(name, rng.randrange(2)) for name in names]
    pool, _, _ = read(desk, "creator,followers\n" + "".join(f"{name},{value}\n" for name, value in rows), skip=True)
    said = {name: [value for other, value in rows if other == name] for name in names}
    kept = sorted(name for name, every in said.items() if len(set(every)) == 1)
    assert list(pool.keys) == kept
    assert pool.rows.tolist() == [names.index(name) + 2 for name in kept]


def test_a_fault_of_a_whole_column_is_not_skipped(desk: Desk) -> None:
    _, problems, _ = read(desk, table("engagement_rate", ["3", "0.5"]), skip=True)
    assert [problem.code for problem in problems] == ["rate-over-one"]


def test_a_ragged_row_is_skipped_with_the_others(desk: Desk) -> None:
    pool, problems, (warning,) = read(desk, "creator,followers\nana,5\nbea,5,9\n", skip=True)
    assert (list(pool.keys), problems) == (["ana"], [])
    assert warning.startswith("pool.csv: 1 of 2 rows skipped (row 3: ")


def test_a_pool_with_every_row_skipped_says_that_nobody_is_left(desk: Desk) -> None:
    text = text_of(creators="{file: pool.csv, bad_rows: skip}")
    assert [problem.code for problem in desk.faults(text, "creator,followers\nana,x\n")] == ["nobody-left"]


# --- the same pool in other shapes ---

COLUMNS: dict[str, list[Any]] = {
    "creator": ["@zoe", "ana", "Bea", "@café"],
    "followers": [5_000, 20_000, None, 1_234],
    "engagement_rate": [0.03, 0.011, None, 1.0],
    "fee": [100.0, 99.5, None, 12.25],
    "niche": ["food", "home|food", None, "Éclair"],
}


def csv_of(columns: Mapping[str, list[Any]]) -> str:
    rows = zip(*columns.values(), strict=True)
    return (
        "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in [tuple(columns), *rows]) + "\n"
    )


def same(one: Pool, other: Pool) -> bool:
    return (
        list(one.ids) == list(other.ids)
        and list(one.keys) == list(other.keys)
        and {name: _content(found) for name, found in one.columns.items()}
        == {name: _content(found) for name, found in other.columns.items()}
    )


def _content(found: Numbers | Labels) -> list[Any]:
    return values(found) if isinstance(found, Numbers) else words(found)  # type: ignore[return-value]


def test_parquet_gives_the_same_pool_as_csv(desk: Desk) -> None:
    wanted = Wanted({}, frozenset(), frozenset())
    pl.DataFrame(COLUMNS).write_parquet(desk.folder / "pool.parquet")
    parquet = told(read_table(desk.folder / "pool.parquet", "p", wanted.sources), wanted)
    assert parquet[1] == []
    assert same(parquet[0], read(desk, csv_of(COLUMNS))[0])


@pytest.mark.parametrize(
    "frame", [COLUMNS, pl.DataFrame(COLUMNS), pl.DataFrame(COLUMNS).with_columns(pl.col("niche").cast(pl.Categorical))]
)
def test_a_data_frame_gives_the_same_pool_as_csv(desk: Desk, frame: Any) -> None:
    wanted = Wanted({}, frozenset(), frozenset())
    pool, problems, _ = told(table_from_frame(frame, "f", wanted.sources), wanted)
    assert problems == []
    assert same(pool, read(desk, csv_of(COLUMNS))[0])


def test_shuffling_the_rows_of_a_file_changes_nothing(desk: Desk) -> None:
    rng = random.Random(7)
    head, *rows = csv_of(
        {
            "creator": [f"c{number}" for number in range(300)],
            "followers": [rng.randrange(10**6) for _ in range(300)],
            "niche": [rng.choice(["food", "home", "Art|home", None]) for _ in range(300)],
            "fee": [rng.randrange(10**5) / 100 for _ in range(300)],
        }
    ).splitlines()
    first = read(desk, "\n".join([head, *rows]))[0]
    for _ in range(5):
        rng.shuffle(rows)
        assert same(first, read(desk, "\n".join([head, *rows]))[0])


def test_the_place_of_a_fault_in_a_data_frame_counts_from_its_header(desk: Desk) -> None:
    with pytest.raises(ScenarioError) as error:
        desk.load(text_of(creators=None), creators={"creator": ["a", "b"], "followers": ["5000", "x"]})
    assert [str(problem.place) for problem in error.value.problems] == ["creators:3:2"]


def test_a_pool_of_a_hundred_thousand_rows_is_cast_in_columns(desk: Desk) -> None:
    import time

    rows = "".join(f"@c{number},{number % 90_000},0.03,{number % 500}.25,n{number % 40}\n" for number in range(100_000))
    start = time.process_time()
    pool, problems, _ = read(desk, "creator,followers,engagement_rate,fee,niche\n" + rows)
    assert (len(pool), problems) == (100_000, [])
    assert time.process_time() - start < 5
    assert isinstance(pool.columns["fee"], Numbers)
    assert pool.columns["fee"].values.dtype == np.int64


def test_single_shares_over_one_among_fractions_are_faults_of_their_rows(desk: Desk) -> None:
    cells = ["0.03"] * 39 + ["4.1"]
    assert faults(desk, "engagement_rate", cells) == [("rate-over-one", 41, 2)]
    pool, problems, _ = read(desk, table("engagement_rate", cells), skip=True)
    assert (len(pool), problems) == (39, [])


def test_shares_on_both_sides_of_one_are_a_column_in_percent_and_no_row_is_skipped(desk: Desk) -> None:
    cells = [f"{number / 100}" for number in range(1, 100)] + ["1.2", "1.4"]
    _, (problem,), _ = read(desk, table("engagement_rate", cells), skip=True)
    assert problem.code == "rate-over-one"
    assert "unit: percent" in problem.mend
