"""The keys in which scenarios differ, whichever way they came to be written, and the scenarios between them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from optimizer import ScenarioError, load_scenario
from optimizer.domain.scenario import Scenario
from optimizer.loading.differing import Between, between
from tests.support.small import FRAME, SAID, SEGMENT, small

PETS = {"quantity": "spend", "group": {"niche": "pets"}, "at_most": "20%"}
HEAD = "format: 1\ncurrency: EUR\nobjective: {maximize: engagements}\n"
ROWS = "creator,followers,engagement_rate,fee\n"
ANN, BOB = "@ann,2000,5%,100\n", "@bob,3000,4%,200\n"


def differing(base: Scenario, other: Scenario) -> list[tuple[str, str | None, str | None]]:
    return [(key.name, key.before, key.after) for key in Between(base, other).keys]


def names(base: Scenario, other: Scenario) -> list[str]:
    return [name for name, _, _ in differing(base, other)]


def rules(**said: Any) -> dict[str, Any]:
    return {"constraints": {name.replace("_", " "): rule for name, rule in said.items()}}


def write(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        ending = "csv" if text.startswith("creator") else "yaml"
        (folder / f"{name}.{ending}").write_text(text, encoding="utf-8")


# --- which keys ---


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"budget": 400}, {"budget": 700}, [("budget", "400", "700")]),
        ({"wallets": {"spend": 300}}, {}, [("wallets.spend", "300", None), ("budget", None, "400")]),
        ({}, rules(pets=PETS), [("constraints.pets", None, "{quantity: spend, group: {niche: pets}, at_most: 20%}")]),
        (
            rules(pets=PETS),
            rules(pets=PETS | {"at_most": "30%"}),
            [("constraints.pets.at_most", "20%", "30%")],
        ),
        (
            rules(some_pets=PETS),
            rules(some_pets=PETS | {"group": {"niche": "food"}}),
            [('constraints."some pets".group', "{niche: pets}", "{niche: food}")],
        ),
        ({"objective": {"maximize": "engagements"}}, {"objective": {"maximize": "creators"}}, ["objective"]),
        ({}, {"exclude": ["@ann", "@bob"]}, [("exclude", None, '["@ann", "@bob"]')]),
        ({"assume": {"view_rate": "40%"}}, {"assume": {"view_rate": [{"tier": "nano", "is": "50%"}]}}, [
            ("assume.view_rate", "40%", "[{tier: nano, is: 50%}]")
        ]),
        ({"economics": {"order_value": 30}}, {"economics": {"order_value": 40, "margin": "50%"}}, [
            ("economics.order_value", "30", "40"), ("economics.margin", None, "50%")
        ]),
        ({"name": "small"}, {"name": "other"}, [("name", "small", "other")]),
    ],
)  # fmt: skip
def test_keys_are_named_as_in_a_change_with_both_values(
    ours: dict[str, Any], theirs: dict[str, Any], expected: list[Any]
) -> None:
    blank = {"budget": None} if "wallets" in ours else {}
    found = differing(small(**(ours | blank)), small(**theirs))
    assert [one if isinstance(want, tuple) else one[0] for one, want in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (rules(many=PETS), rules(many={"quantity": "creators", "at_most": 2})),
        (rules(many=PETS), rules(many=PETS | {"negotiable": False})),
        (rules(many={"quantity": "creators", "at_least": 2}), rules(many={"quantity": "creators", "exactly": 2})),
        (rules(many={"at_most_one_of": ["@ann", "@bob"]}), rules(many={"together": ["@ann", "@bob"]})),
    ],
)
def test_a_rule_that_became_another_one_is_one_key(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert names(small(**ours), small(**theirs)) == ["constraints.many"]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"budget": "1_500"}, {"budget": 1500}),
        ({}, {"whole": True}),
        ({}, {"constraints": {}}),
        (rules(pets=PETS), rules(pets=PETS | {"at_most": "20 %"})),
        ({"assume": {"view_rate": "40%"}}, {"assume": {"view_rate": [{"is": "40%"}]}}),
    ],
)
def test_the_same_written_in_another_way_is_no_difference(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert differing(small(**ours), small(**theirs)) == []


def test_one_tier_is_a_key_and_several_are_one_since_they_may_not_overlap() -> None:
    said = {"nano": [1_000, 9_999], "micro": [10_000, 99_999]}
    wider, other = said | {"micro": [10_000, 150_000]}, {"nano": [1_000, 20_000], "micro": [20_001, 99_999]}
    assert differing(small(tiers=said), small(tiers=wider)) == [("tiers.micro", "[10000, 99999]", "[10000, 150000]")]
    assert names(small(tiers=said), small(tiers=other)) == ["tiers"]


def test_extends_variants_and_changes_give_the_same_keys(tmp_path: Path) -> None:
    lean = "budget: 100\nconstraints: {many: {quantity: creators, at_most: 1}}"
    write(tmp_path, pool=ROWS + ANN + BOB)
    write(
        tmp_path, base=f"{HEAD}creators: pool.csv\nbudget: 300\nvariants:\n  lean: {{{lean.replace(chr(10), ', ')}}}\n"
    )
    write(tmp_path, extending=f"extends: base.yaml\n{lean}\n")
    write(tmp_path, alone=f"{lean}\n{HEAD}creators: {{file: pool.csv}}\n")
    base = load_scenario(tmp_path / "base.yaml")
    changes = {"budget": 100, "constraints.many": {"quantity": "creators", "at_most": 1}}
    others = [
        load_scenario(tmp_path / "base.yaml", variant="lean"),
        load_scenario(tmp_path / "extending.yaml"),
        load_scenario(tmp_path / "alone.yaml"),
        load_scenario(tmp_path / "base.yaml", changes=changes),
    ]
    for other in others:
        assert differing(base, other) == [
            ("budget", "300", "100"),
            ("constraints.many", None, "{quantity: creators, at_most: 1}"),
        ]


def test_a_scenario_that_was_not_read_from_anywhere_has_no_keys() -> None:
    from dataclasses import replace

    assert between(small(), replace(small(), resolved=None)) is None


# --- files and tables ---


def test_a_file_of_the_same_name_in_another_folder_is_another_file(tmp_path: Path) -> None:
    for folder, rows in (("spring", ANN + BOB), ("autumn", BOB)):
        write(tmp_path / folder, pool=ROWS + rows, plan=f"{HEAD}creators: {{file: pool.csv, where: {{tier: nano}}}}\n")
    spring, autumn = (load_scenario(tmp_path / folder / "plan.yaml") for folder in ("spring", "autumn"))
    said = "{file: pool.csv, where: {tier: nano}} in "
    pair = Between(spring, autumn)
    assert differing(spring, autumn) == [("creators", f"{said}spring", f"{said}autumn")]
    assert list(pair.mixed([]).pool.ids) == ["@ann", "@bob"]
    assert list(pair.mixed(pair.keys).pool.ids) == ["@bob"]
    assert list(pair.mixed([]).pool.ids) == ["@ann", "@bob"]


def test_one_file_that_is_named_from_two_folders_is_no_difference(tmp_path: Path) -> None:
    write(tmp_path, pool=ROWS + ANN + BOB, plan=f"{HEAD}creators: pool.csv\n")
    write(tmp_path / "later", plan=f"{HEAD}creators: ../pool.csv\nbudget: 100\n")
    base = load_scenario(tmp_path / "plan.yaml")
    later = load_scenario(tmp_path / "later" / "plan.yaml", root=tmp_path)
    assert names(base, later) == ["budget"]
    assert list(Between(base, later).mixed([]).pool.ids) == ["@ann", "@bob"]


def test_each_file_of_handles_is_looked_for_where_it_was_named(tmp_path: Path) -> None:
    write(tmp_path, pool=ROWS + ANN + BOB, base=f"{HEAD}creators: pool.csv\n")
    write(tmp_path, plan="extends: base.yaml\nexclude: [{file: out.csv}]\n", out="creator\n@ann\n")
    write(tmp_path / "later", plan="extends: ../base.yaml\nexclude: [{file: out.csv}]\n", out="creator\n@bob\n")
    one, other = (load_scenario(tmp_path / name, root=tmp_path) for name in ("plan.yaml", "later/plan.yaml"))
    pair = Between(one, other)
    assert differing(one, other) == [("exclude", "[{file: out.csv}] in .", "[{file: out.csv}] in later")]
    assert list(pair.mixed(pair.keys).pool.ids) == ["@ann"]
    assert list(pair.mixed([]).pool.ids) == ["@bob"]


def test_a_table_that_was_handed_over_is_the_creators(tmp_path: Path) -> None:
    fewer = {name: column[:3] for name, column in FRAME.items()}
    assert differing(small(), small(fewer, budget=300)) == [
        ("budget", "400", "300"),
        ("creators", "a table of 4 rows", "a table of 3 rows"),
    ]
    assert differing(small(), small({name: list(column) for name, column in FRAME.items()})) == []
    pair = Between(small(), small(fewer, budget=300))
    only_table = pair.mixed(pair.keys[1:])
    assert len(only_table.pool) == 3
    assert only_table.rules[0].at_most == 400


# --- between two scenarios ---


def test_what_is_between_has_the_chosen_keys_of_the_other_and_shares_the_pool() -> None:
    food = PETS | {"group": {"niche": "food"}}
    base = small(**rules(pets=PETS, one=food))
    pair = Between(base, small(budget=700, **rules(one=food, other=food)))
    by_name = {key.name: key for key in pair.keys}
    assert [*by_name] == ["budget", "constraints.pets", "constraints.other"]
    mixed = pair.mixed([by_name["budget"], by_name["constraints.pets"]])
    assert [(rule.name, rule.at_most) for rule in mixed.rules] == [("budget", 700), ("one", Fraction(1, 5))]
    assert mixed.pool is base.pool


def test_what_is_between_two_scenarios_with_other_supply_has_the_supply_that_was_chosen() -> None:
    base, other = (load_scenario({**SAID, "segments": [SEGMENT | {"available": n}]}) for n in (40, 10))
    pair = Between(base, other)
    assert [key.name for key in pair.keys] == ["segments"]
    assert [pair.mixed(keys).segments[0].available for keys in ([], pair.keys, [])] == [40, 10, 40]


def test_what_a_mix_asks_of_the_creators_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Between(small(), small(**rules(pets=PETS, food=PETS | {"group": {"niche": "food"}})))
    pets, food = pair.keys
    first = pair.mixed([pets])
    monkeypatch.setattr("optimizer.loading.known.read_pool", lambda *_: pytest.fail("it was read before"))
    assert pair.mixed([food]).pool is first.pool
    assert pair.mixed([]).pool is pair.base.pool
    assert pair.mixed(pair.keys).pool is first.pool


def test_a_mix_that_is_no_scenario_says_why() -> None:
    own = {"quantities": {"fans": {"column": "followers"}}}
    pair = Between(small(), small(**own, **rules(some={"quantity": "fans", "at_least": 1})))
    assert [key.name for key in pair.keys] == ["quantities.fans", "constraints.some"]
    with pytest.raises(ScenarioError, match="fans"):
        pair.mixed(pair.keys[1:])
    assert "fans" in pair.mixed(pair.keys).quantities


def test_doubts_that_either_has_settled_are_settled_between_them() -> None:
    def settled(doubt: str) -> dict[str, str]:
        return {"doubt": doubt, "because": "we asked"}

    one = small(accepted=[settled("cut-pool"), settled("as-given")])
    pair = Between(one, small(budget=100, accepted=[settled("as-given"), settled("posts-not-said")]))
    assert [(key.name, key.counts) for key in pair.keys] == [("budget", True), ("accepted", False)]
    assert [each.doubt for each in pair.mixed([]).accepted] == ["cut-pool", "as-given", "posts-not-said"]
