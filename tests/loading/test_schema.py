"""Every key of a scenario is understood, or refused at its place with how to mend it."""

from __future__ import annotations

import re

import pytest

from optimizer.errors import Problem, ScenarioError
from optimizer.loading import schema
from optimizer.loading.faults import MOST_PROBLEMS, validate
from optimizer.loading.source import parse_yaml
from tests.loading.desk import Desk, text_of

NEXT = 6  # the line behind the parts that every scenario of these tests has


def faults(text: str) -> list[Problem]:
    """What the schema alone has to say."""
    return list(ScenarioError(validate(parse_yaml(text.encode(), "s.yaml"))).problems)


def fault(text: str) -> Problem:
    (problem,) = faults(text)
    assert problem.cause
    assert problem.mend
    return problem


def told(line: str) -> tuple[str, int | None, int | None]:
    """Code and place of the one fault of a scenario with this line added."""
    place = fault(text_of() + line + "\n").place
    assert place is not None
    return fault(text_of() + line + "\n").code, place.line, place.column


def instead(key: str, value: str | None) -> Problem:
    return fault(text_of(**{key: value}))


# --- what is in order ---


def test_the_starting_point_is_in_order() -> None:
    assert faults(text_of()) == []


def test_every_key_of_the_format_that_is_built_is_understood() -> None:
    text = text_of(
        name="x",
        budget="25_000",
        creators="{file: pool.csv, columns: {followers: subs, engagement_rate: {from: ER, unit: percent}},"
        " where: {niche: [a, b]}, bad_rows: skip}",
        assume="{click_rate: 0.8%, fee: [{tier: nano, is: 100}, {offer: a, deliverable: video, is: 1e2}]}",
        tiers="{nano: [1_000, 9_999]}",
        pay="{g: {model: gift, product: {cost: 18, value: 35}, shipping: 6, handling: 1, hours: 0.5, post_rate: 70%}}",
        offers="{a: {deliver: {video: 3}, pay: g, to: {tier: nano}}, b: {deliver: {video: 1}, discount: 10%},"
        " c: {deliver: {video: 1}, price: 90}}",
        economics="{order_value: 17.90, margin: 45%}",
        fit="{booktok: 1, other: 0.3}",
        constraints="{a: {quantity: spend, group: {tier: nano}, at_least: 30%, of: budget},"
        " b: {quantity: spend, per: niche, among: [x], at_most: 40%, of: plan},"
        " c: {quantity: gross_reach, people: {country: FR}, exactly: 5}, d: {quantity: spend, of: {tier: nano},"
        " group: {followers: {from: 1, to: 5}}, at_least: 1%}}",
        include='["@a", {creator: b, offer: a, fee: 5}, {creator: c, price: 6}, {niche: x}]',
        exclude='["@d", {authenticity: {below: 75%}}]',
        variants="{lean: {budget: 1}}",
    ).replace("variants", "variants")
    document = parse_yaml(text.replace("variants: {lean: {budget: 1}}\n", "").encode(), "s.yaml")
    assert validate(document) == []


@pytest.mark.parametrize("key", ["constraints", "include", "exclude", "offers", "pay", "name", "budget", "economics"])
def test_a_known_key_without_a_value_is_as_if_it_were_not_there(key: str) -> None:
    assert faults(text_of() + f"{key}:\n") == []


# --- the examples of the house style ---


def test_a_share_above_one_is_told_as_the_style_shows(desk: Desk) -> None:
    text = (
        text_of(budget="5")
        + "constraints:\n  home cap: {quantity: spend, group: {niche: home}, of: plan, at_most: 60}\n"
    )
    assert re.sub(r"^.*s\.yaml", "s.yaml", str(desk.fault(text))) == (
        "s.yaml:8:72: share above one: a share lies between 0 and 1, this is 60\n"
        "  8 |   home cap: {quantity: spend, group: {niche: home}, of: plan, at_most: 60}\n"
        "    |                                                                        ^^\n"
        "  mend: write 60% or 0.6"
    )


def test_an_unknown_key_is_told_as_the_style_shows() -> None:
    problem = fault(text_of() + "constraints:\n  a: {quantity: spend, at_mst: 5, at_most: 5}\n")
    assert str(problem).splitlines()[0] == 's.yaml:7:24: unknown key "at_mst"'
    assert problem.mend == 'did you mean "at_most"?'


# --- keys ---


@pytest.mark.parametrize(
    ("line", "column", "near"),
    [
        ("budgt: 5", 1, "budget"),
        ("constraint: {}", 1, "constraints"),
        ("pay: {g: {model: fee, hour: 2}}", 23, "hours"),
        ("pay: {g: {model: gift, product: {cost: 1, valu: 2}}}", 43, "value"),
        ("offers: {a: {delivers: {v: 1}, deliver: {v: 1}}}", 14, "deliver"),
        ("economics: {margn: 4%}", 13, "margin"),
        ("constraints: {a: {quantity: spend, at_least: 1, grup: {}}}", 49, "group"),
        ("include: [{creator: a, ofer: b}]", 24, "offer"),
        ("Budget: 5", 1, "budget"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_one(line: str, column: int, near: str) -> None:
    assert told(line) == ("unknown-key", NEXT, column)
    assert fault(text_of() + line).mend == f'did you mean "{near}"?'


def test_an_unknown_key_of_the_file_of_creators_is_refused() -> None:
    assert instead("creators", "{file: p.csv, colums: {}}").mend == 'did you mean "columns"?'


def test_an_unknown_key_of_a_column_is_refused() -> None:
    assert (
        instead("creators", "{file: p.csv, columns: {fee: {from: f, units: percent}}}").mend == 'did you mean "unit"?'
    )


def test_an_unknown_key_of_the_objective_is_refused() -> None:
    assert instead("objective", "{maximise: spend}").mend == 'did you mean "maximize"?'


def test_an_unknown_key_unlike_any_other_is_told_the_keys_there_are() -> None:
    assert fault(text_of() + "zzz: 1").mend.startswith("the keys here are: ")


def test_an_unknown_key_without_a_value_is_refused_too() -> None:
    assert told("budgt:") == ("unknown-key", NEXT, 1)


def test_a_very_long_unknown_key_is_cut() -> None:
    assert len(fault(text_of() + f"{'k' * 900}: 1").cause) < 80


@pytest.mark.parametrize("key", ["format", "currency", "objective"])
def test_a_needed_key_that_is_missing_is_told_with_an_example_that_mends(key: str) -> None:
    problem = instead(key, None)
    assert (problem.code, problem.cause) == ("missing-key", f"{key} is missing")
    mended = text_of(**{key: None}) + problem.mend.removeprefix("add ") + "\n"
    assert faults(mended) == []


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("pay: {g: {hours: 2}}", 7),
        ("pay: {g: {model: gift, product: {value: 3}}}", 24),
        ("offers: {a: {pay: fee}}", 10),
        ("constraints: {a: {at_most: 5}}", 15),
        ("include: [{creator: [a], fee: 5}]", 11),
    ],
)
def test_a_needed_key_inside_a_part_is_missed_at_the_key_of_the_part(line: str, column: int) -> None:
    code, at_line, at_column = told(line)
    assert code in ("missing-key", "terms-without-creator")
    assert (at_line, at_column) == (NEXT, column)


def test_a_line_of_an_assumption_without_its_value_is_told_by_its_number() -> None:
    assert (
        instead("assume", "{fee: [{tier: nano, is: 5}, {tier: micro}]}").cause == '"is" is missing in assume > fee > 2'
    )


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("fit: {food:1, home: 0.5}", 7),
        ("tiers: {nano:, micro: [1, 2]}", 9),
        ("offers: {a: {deliver: {video:, story: 1}}}", 24),
        ("exclude: [{niche:, country: FR}]", 12),
        ("constraints: {a: {quantity: spend, at_most: 5, group: {niche: , tier: nano}}}", 56),
        ("pay: {g: }", 7),
    ],
)
def test_a_name_without_a_value_is_a_slip_where_names_are_free(line: str, column: int) -> None:
    assert told(line) == ("no-value", NEXT, column)


def test_a_colon_without_a_blank_is_told_how_to_mend() -> None:
    problem = fault(text_of() + "fit: {food:1, home: 0.5}")
    assert problem.mend == 'put a space after the colon: "food: 1"'


# --- values ---


@pytest.mark.parametrize(
    ("number", "code", "mend"),
    [
        ("5%", "not-an-amount", "write a plain number"),
        ("-5", "negative", "write a number from 0 up"),
        ("25,000", "not-a-number", "write 25000; thousands may be separated by _, as in 25_000"),
        ("25 000 €", "not-a-number", "write 25000; thousands may be separated by _, as in 25_000"),
        ("25'000", "not-a-number", "write 25000; thousands may be separated by _, as in 25_000"),
        ("1.234.567", "not-a-number", "write 1234567; thousands may be separated by _, as in 25_000"),
        ("$5", "not-a-number", "write 5; thousands may be separated by _, as in 25_000"),
        ("25,50", "not-a-number", "write the decimals with a point: 25.50"),
        ("25.000,50", "not-a-number", "write the decimals with a point: 25000.50"),
        ("25,000.50", "not-a-number", "write 25000.50; thousands may be separated by _, as in 25_000"),
        ("1e13", "number-too-large", "write a number of at most 1e12"),
        ("1e18%", "number-too-large", "write a number of at most 1e12"),
        ("1e19", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        ("1e999999999", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        ("12345678901234567890", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        ("inf", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        (".nan", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        ("0x1F", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        ("1__0", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        ("12:30", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        ("[1]", "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
        ('""', "not-a-number", "write a number such as 25_000, 1e6 or 0.8%"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_it_may_mean(number: str, code: str, mend: str) -> None:
    problem = fault(text_of() + f"budget: {number}")
    assert (problem.code, problem.mend) == (code, mend)
    assert told(f"budget: {number}") == (code, NEXT, 9)


@pytest.mark.parametrize("number", ["25,000", "25 000 €", "25'000", "1.234.567", "25,50", "25.000,50", "$5"])
def test_the_number_that_a_mend_proposes_is_read(number: str) -> None:
    mend = fault(text_of() + f"budget: {number}").mend
    proposed = re.search(r"[\d.]+(?=;|$)", mend.split(";")[0])
    assert proposed is not None
    assert faults(text_of() + f"budget: {proposed.group()}") == []


@pytest.mark.parametrize("number", ["0", "25_000", "1e6", "1E3", "+5", ".5", "5.", "0123", "007", "1e-3", "0.000"])
def test_what_is_an_amount_is_read(number: str) -> None:
    told_of = faults(text_of() + f"budget: {number}")
    assert told_of == [] or number == "5."


@pytest.mark.parametrize(
    ("rate", "code", "mend"),
    [
        ("70", "share-above-one", "write 70% or 0.7"),
        ("130%", "share-above-one", "write at most 100%"),
        ("1e6", "share-above-one", "write at most 100%"),
        ("-1%", "negative", "write a number from 0 up"),
    ],
)
def test_what_is_no_share_is_refused(rate: str, code: str, mend: str) -> None:
    problem = fault(text_of() + f"economics: {{margin: {rate}}}")
    assert (problem.code, problem.mend) == (code, mend)


@pytest.mark.parametrize("value", ["2", "{a: 1}", "[1]", "1.0", "one"])
def test_another_format_is_refused_without_a_word_of_python(value: str) -> None:
    problem = instead("format", value)
    assert (problem.code, problem.mend) == ("format", "write format: 1")
    assert "'" not in problem.cause


@pytest.mark.parametrize(
    ("objective", "code"),
    [
        ("engagements", "objective"),
        ("[spend]", "objective"),
        ("{}", "objective"),
        ("{maximize: }", "objective"),
        ("{maximize: spend, minimize: cash}", "objective"),
        ("{maximize: {}}", "empty"),
        ("{maximize: [spend, cash]}", "not-a-mapping"),
        ("{maximize: {spend: much}}", "not-a-number"),
    ],
)
def test_an_objective_that_is_none_is_refused(objective: str, code: str) -> None:
    assert instead("objective", objective).code == code


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("currency: [a]", "duplicate-key", 1),
        ("name: {a: b}", "not-a-text", 7),
        ('name: "  "', "blank", 7),
        (f"name: {'x' * 201}", "text-too-long", 7),
        ("tiers: {}", "empty", 8),
        ("tiers: {a: 5}", "tier", 12),
        ("tiers: {a: [5]}", "tier", 12),
        ("tiers: {a: [9, 5]}", "tier", 12),
        ("tiers: {a: [0.5, 5]}", "not-whole", 12),
        ("tiers: {a: [1%, 50%]}", "not-an-amount", 12),
        ("tiers: {a: [-1, 5]}", "negative", 12),
        ("pay: [a]", "not-a-mapping", 6),
        ("pay: {g: gift}", "not-a-mapping", 10),
        ("pay: {g: {model: gifts}}", "unknown-choice", 18),
        ("pay: {g: {model: [fee]}}", "unknown-choice", 18),
        ("pay: {g: {model: fee, hours: 1:30}}", "not-a-number", 30),
        ("pay: {g: {model: gift, post_rate: 70}}", "share-above-one", 35),
        ("offers: {}", "empty", 9),
        ("offers: {a: {deliver: {}}}", "empty", 23),
        ("offers: {a: {deliver: video}}", "not-a-mapping", 23),
        ("offers: {a: {deliver: {video: 0}}}", "not-whole", 31),
        ("offers: {a: {deliver: {video: 1.5}}}", "not-whole", 31),
        ("offers: {a: {deliver: {video: 101}}}", "not-whole", 31),
        ("offers: {a: {deliver: {v: 1}, to: [a]}}", "not-a-mapping", 35),
        ("economics: 5", "not-a-mapping", 12),
        ("fit: {}", "empty", 6),
        ("fit: 0.5", "not-a-mapping", 6),
        ("fit: {food: 3}", "share-above-one", 13),
        ("constraints: [a]", "not-a-mapping", 14),
        ("constraints: {a: b}", "not-a-mapping", 18),
        ("constraints: {a: {quantity: [b], at_most: 5}}", "not-a-text", 29),
        ("constraints: {a: {quantity: spend, per: niche, among: [], at_most: 5}}", "empty", 55),
        ("constraints: {a: {quantity: spend, per: niche, among: x, at_most: 5}}", "not-a-list", 55),
        ("constraints: {a: {quantity: spend, of: plans, at_most: 5%}}", "share-of", 40),
        ("constraints: {a: {quantity: spend, group: {niche: []}, at_most: 5}}", "empty-list", 51),
        ("constraints: {a: {quantity: spend, group: {niche: [[b]]}, at_most: 5}}", "not-a-text", 52),
        ("constraints: {a: {quantity: spend, group: {followers: {over: 3}}, at_most: 5}}", "range", 55),
        ("constraints: {a: {quantity: spend, group: {followers: {}}, at_most: 5}}", "range", 55),
        ("constraints: {a: {quantity: spend, group: {followers: {above: 9, below: 3}}, at_most: 5}}", "range", 55),
        ("constraints: {a: {quantity: spend, group: {followers: {above: x}}, at_most: 5}}", "not-a-number", 55),
        ('include: "@a"', "not-a-list", 10),
        ("include: [[a]]", "not-a-creator", 11),
        ("include: [~]", "not-a-creator", 11),
        ("include: [{}]", "empty-filter", 11),
        ("include: [{fee: 5}]", "terms-without-creator", 11),
        ("include: [{creator: a, fee: x}]", "not-a-number", 29),
        ("exclude: [{creator: a, price: -1}]", "negative", 31),
    ],
)
def test_a_value_that_is_not_what_its_key_takes_is_refused_at_its_place(line: str, code: str, column: int) -> None:
    if code == "duplicate-key":
        assert instead("currency", "[a]").code == "not-a-text"
        return
    assert told(line) == (code, NEXT, column)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("[p.csv]", "not-a-mapping"),
        ("{file: p.csv, bad_rows: drop}", "unknown-choice"),
        ("{file: p.csv, columns: [a]}", "not-a-mapping"),
        ("{file: p.csv, columns: {fee: {unit: percent}}}", "column-source"),
        ("{file: p.csv, columns: {fee: {from: f, unit: percents}}}", "unknown-choice"),
        ("{file: p.csv, where: [a]}", "not-a-mapping"),
        ("{file: [p.csv]}", "not-a-text"),
    ],
)
def test_a_fault_of_the_file_of_creators_is_told(value: str, code: str) -> None:
    assert instead("creators", value).code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("5", "not-a-mapping"),
        ("{fee: [5, 6]}", "not-a-mapping"),
        ("{fee: {tier: nano, is: 5}}", "not-a-list"),
        ("{fee: many}", "not-a-number"),
        ("{fee: [{tier: [], is: 5}]}", "empty-list"),
    ],
)
def test_a_fault_of_an_assumption_is_told(value: str, code: str) -> None:
    assert {problem.code for problem in faults(text_of(assume=value))} == {code}


@pytest.mark.parametrize(
    "line",
    [
        "constraints: [a]",
        "constraints: {a: b}",
        "pay: [a]",
        "pay: {g: gift}",
        "offers: 5",
        "offers: {a: 5}",
        "offers: {a: {deliver: v}}",
        "economics: 5",
        "fit: 5",
        "tiers: 5",
    ],
)
def test_the_mapping_that_a_mend_proposes_is_in_order(line: str) -> None:
    problem = fault(text_of() + line)
    assert problem.place is not None
    assert problem.place.column is not None
    mended = line[: problem.place.column - 1] + problem.mend.removeprefix("write ") + "}" * (line.count("{"))
    assert faults(text_of() + mended) == []


# --- all faults at once ---


def test_all_faults_are_told_at_once_in_the_order_of_their_places(desk: Desk) -> None:
    text = text_of(
        currency="EURO", budget="x", assume="{clik_rate: 1%}", offers="{a: {deliver: {v: 0}}}", constraints=None
    )
    text += "constraints:\n  a: {quantty: spend, at_most: 5}\n  b: {quantity: spend}\n"
    text += "  c: {quantity: spending, at_most: 1}\n"
    assert [(p.code, p.place.line, p.place.column) for p in desk.faults(text) if p.place] == [
        ("unknown-currency", 2, 11),
        ("unknown-figure", 5, 10),
        ("not-a-number", 6, 9),
        ("not-whole", 7, 27),
        ("unknown-key", 9, 7),
        ("no-bound", 10, 3),
        ("unknown-quantity", 11, 17),
    ]


def test_a_fault_of_the_pool_is_told_beside_those_of_the_scenario(desk: Desk) -> None:
    found = desk.faults(text_of(budget="x"), "creator,followers\n@a,-5\n")
    assert [problem.code for problem in found] == ["negative", "not-a-number"]


def test_a_fault_of_one_rule_does_not_hide_that_of_another(desk: Desk) -> None:
    rules = "".join(
        f"  r{n}: {{quantity: spend, at_most: {'x' if n % 2 else 5}, group: {{nich: a}}}}\n" for n in range(6)
    )
    codes = [problem.code for problem in desk.faults(text_of() + "constraints:\n" + rules)]
    assert codes.count("not-a-number") == 3
    assert codes.count("unknown-column") == 3


def test_thousands_of_faults_are_cut_and_said_to_be_more() -> None:
    found = faults(text_of() + "".join(f"k{n}: 1\n" for n in range(5_000)))
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1].code == "too-many-problems"


def test_thousands_of_faults_of_what_is_meant_are_cut_too(desk: Desk) -> None:
    found = desk.faults(text_of() + "include: [" + ", ".join(f"x{n}" for n in range(5_000)) + "]\n")
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1].code == "too-many-problems"


# --- caps ---


@pytest.mark.parametrize(
    ("line", "most"),
    [
        ("tiers: {%s}", schema.MOST_TIERS),
        ("offers: {%s}", schema.MOST_OFFERS),
        ("constraints: {%s}", schema.MOST_RULES),
        ("assume: {%s}", schema.MOST_FIGURES),
    ],
)
def test_more_entries_than_can_be_worked_on_are_refused(line: str, most: int) -> None:
    entry = {"t": "[%d, %d]", "o": "{deliver: {v: 1}}", "c": "{quantity: spend, at_most: 1}", "a": "1"}[line[0]]

    def entries(count: int) -> str:
        said = line % ", ".join(f"k{n}: {entry % (2 * n, 2 * n + 1) if '%' in entry else entry}" for n in range(count))
        return text_of(assume=None) + said

    assert faults(entries(most)) == []
    assert fault(entries(most + 1)).code == "too-many"
