"""What is laid over a scenario wins, from `extends` to `--set`, and every value keeps its origin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from optimizer import load_scenario
from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem, ScenarioError
from optimizer.loading import overlay
from optimizer.loading.load import resolved_values
from optimizer.loading.overlay import split_change, with_changes
from optimizer.loading.source import parse_yaml
from tests.loading.desk import POOL, Desk, at, text_of

RULES = "{nano share: {quantity: spend, group: {tier: nano}, at_least: 10%}, team: {quantity: creators, at_most: 9}}"
BASE = text_of(budget="500", constraints=RULES)


def laid(base: str, top: str) -> object:
    return overlay.overlay(parse_yaml(base.encode(), "base"), parse_yaml(top.encode(), "top")).plain()


def loaded(desk: Desk, name: str, **options: Any) -> Scenario:
    desk.write("pool.csv", POOL)
    return load_scenario(desk.folder / name, **options)


def refused(desk: Desk, name: str, **options: Any) -> Problem:
    with pytest.raises(ScenarioError) as error:
        loaded(desk, name, **options)
    (problem,) = error.value.problems
    assert problem.cause
    assert problem.mend
    return problem


def bounds(scenario: Scenario) -> dict[str, tuple[float | None, float | None]]:
    return {
        rule.name: tuple(None if bound is None else float(bound) for bound in (rule.at_least, rule.at_most))  # type: ignore[misc]
        for rule in scenario.constraints
    }


# --- laying over ---


def test_mappings_merge() -> None:
    assert laid("a: {b: 1, c: 2}", "a: {c: 3, d: 4}") == {"a": {"b": "1", "c": "3", "d": "4"}}


def test_lists_replace() -> None:
    assert laid("a: [1, 2, 3]", "a: [4]") == {"a": ["4"]}


def test_null_removes() -> None:
    assert laid("a: {b: 1, c: 2}\nd: 1", "a: {b: null}\nd: ~") == {"a": {"c": "2"}}


def test_null_over_nothing_is_nothing() -> None:
    assert laid("a: 1", "b: ~") == {"a": "1"}


def test_a_mapping_over_a_word_replaces_it() -> None:
    assert laid("creators: pool.csv", "creators: {file: other.csv}") == {"creators": {"file": "other.csv"}}


def test_an_objective_replaces_as_a_whole() -> None:
    assert laid("objective: {maximize: spend}", "objective: {minimize: cash}") == {"objective": {"minimize": "cash"}}


def test_a_value_keeps_its_origin() -> None:
    merged = overlay.overlay(parse_yaml(b"a: {b: 1, c: 2}", "base"), parse_yaml(b"a: {c: 3}", "top"))
    origins = {path: node.place.file for path, node in merged.leaves()}
    assert origins == {("a", "b"): "base", ("a", "c"): "top"}


# --- extends ---


def test_a_file_lies_over_the_one_that_it_extends(desk: Desk) -> None:
    desk.write("base.yaml", BASE)
    desk.write("a.yaml", "extends: base.yaml\nbudget: 700\nconstraints: {team: null, nano share: {at_least: 20%}}\n")
    assert bounds(loaded(desk, "a.yaml")) == {"budget": (None, 700), "nano share": (0.2, None)}


def test_a_chain_of_files_is_laid_over_from_the_far_end(desk: Desk) -> None:
    desk.write("c.yaml", BASE + "name: c\n")
    desk.write("b.yaml", "extends: c.yaml\nname: b\nbudget: 600\n")
    desk.write("a.yaml", "extends: b.yaml\nname: a\n")
    scenario = loaded(desk, "a.yaml")
    assert (scenario.name, bounds(scenario)["budget"]) == ("a", (None, 600))


def test_a_scenario_without_a_name_has_that_of_its_own_file(desk: Desk) -> None:
    desk.write("base.yaml", BASE)
    desk.write("a.yaml", "extends: base.yaml\n")
    assert loaded(desk, "a.yaml", changes={"budget": "5"}).name == "a"


def test_each_file_read_is_remembered_by_its_path_and_digest(desk: Desk) -> None:
    desk.write("sub/base.yaml", BASE.replace("pool.csv", "../pool.csv"))
    desk.write("a.yaml", "extends: sub/base.yaml\n")
    inputs = loaded(desk, "a.yaml").inputs
    assert [file.path for file in inputs] == ["a.yaml", "sub/base.yaml", "pool.csv"]
    assert all(len(file.sha256) == 64 for file in inputs)


def test_paths_start_from_the_file_that_they_are_written_in(desk: Desk) -> None:
    desk.write("sub/pools/pool.csv", POOL)
    desk.write("sub/base.yaml", BASE.replace("pool.csv", "pools/pool.csv"))
    desk.write("a.yaml", "extends: sub/base.yaml\n")
    assert [file.path for file in loaded(desk, "a.yaml").inputs][-1] == "sub/pools/pool.csv"


def test_a_fault_is_told_in_the_file_where_it_stands(desk: Desk) -> None:
    desk.write("base.yaml", BASE.replace("9}", "9.5}"))
    desk.write("a.yaml", "extends: base.yaml\nbudget: 700\n")
    place = refused(desk, "a.yaml").place
    assert place is not None
    assert Path(place.file).name == "base.yaml"
    assert place.line == 7


@pytest.mark.parametrize("dot", ["", "./"])
def test_a_circle_of_files_is_named(desk: Desk, dot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("a.yaml", f"extends: {dot}b.yaml\n")
    desk.write("b.yaml", f"extends: {dot}a.yaml\n")
    monkeypatch.chdir(desk.folder)
    problem = refused(Desk(Path(dot or ".")), "a.yaml")
    assert problem.code == "extends-cycle"
    assert problem.cause.endswith("a.yaml -> b.yaml -> a.yaml")


def test_a_file_that_extends_itself_is_a_circle(desk: Desk) -> None:
    desk.write("a.yaml", "extends: a.yaml\n")
    assert refused(desk, "a.yaml").code == "extends-cycle"


def test_a_circle_through_a_link_is_a_circle(desk: Desk) -> None:
    desk.write("a.yaml", "extends: link.yaml\n")
    (desk.folder / "link.yaml").symlink_to("a.yaml")
    assert refused(desk, "a.yaml").code == "extends-cycle"


def chain(desk: Desk, files: int) -> None:
    for number in range(files - 1):
        desk.write(f"{number}.yaml", f"extends: {number + 1}.yaml\n")
    desk.write(f"{files - 1}.yaml", BASE)


def test_as_many_files_as_allowed_extend_each_other(desk: Desk) -> None:
    chain(desk, overlay.MOST_FILES)
    assert loaded(desk, "0.yaml")


def test_one_file_more_is_refused(desk: Desk) -> None:
    chain(desk, overlay.MOST_FILES + 1)
    assert refused(desk, "0.yaml").code == "extends-depth"


@pytest.mark.parametrize("key", ["extends", "creators"])
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/etc/passwd", "path-absolute"),
        ("/dev/zero", "path-absolute"),
        ("~/x.yaml", "path-absolute"),
        ("../x.yaml", "path-outside"),
        ("sub/../../x.yaml", "path-outside"),
        ("outside.yaml", "path-outside"),
        ("device.yaml", "path-outside"),
        ("[a]", None),
    ],
)
def test_a_path_that_leads_out_is_refused_where_it_is_written(desk: Desk, key: str, path: str, code: str) -> None:
    (desk.folder / "outside.yaml").symlink_to("/etc/passwd")
    (desk.folder / "device.yaml").symlink_to("/dev/zero")
    desk.write("a.yaml", text_of(creators=None) + f"{key}: {path}\n")
    problem = refused(desk, "a.yaml")
    assert code in (None, problem.code)
    assert at(problem) == (5, len(key) + 3)


@pytest.mark.parametrize("name", ["pipe", "sub"])
def test_what_is_no_ordinary_file_is_not_opened(desk: Desk, name: str) -> None:
    os.mkfifo(desk.folder / "pipe")
    desk.write("sub/x", "")
    desk.write("a.yaml", f"extends: {name}\n")
    problem = refused(desk, "a.yaml")
    assert (problem.code, at(problem)) == ("not-a-file", (1, 10))


def test_a_device_is_not_read_as_scenario() -> None:
    with pytest.raises(ScenarioError, match="not an ordinary file"):
        load_scenario("/dev/zero")


@pytest.mark.parametrize("name", ["missing.yaml", "x" * 300 + ".yaml", "missing/a.yaml"])
def test_a_file_that_is_not_there_is_named(desk: Desk, name: str) -> None:
    desk.write("a.yaml", f"extends: {name}\n")
    assert refused(desk, "a.yaml").code == "file"


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(ScenarioError, match="zero byte"):
        load_scenario("a\x00b")


def test_a_wider_root_lets_a_file_extend_its_parent_folder(desk: Desk) -> None:
    desk.write("base.yaml", BASE)
    desk.write("sub/a.yaml", "extends: ../base.yaml\n")
    assert refused(desk, "sub/a.yaml").code == "path-outside"
    assert loaded(desk, "sub/a.yaml", root=desk.folder)


def test_a_folder_whose_name_begins_like_the_root_is_outside(desk: Desk) -> None:
    desk.write("root-2/base.yaml", BASE)
    desk.write("root/a.yaml", "extends: ../root-2/base.yaml\n")
    assert refused(desk, "root/a.yaml").code == "path-outside"


def test_the_files_of_a_chain_share_one_allowance(desk: Desk) -> None:
    half = "# " + "x" * 120_000 + "\n"
    desk.write("base.yaml", half + BASE)
    desk.write("a.yaml", half + "extends: base.yaml\n")
    assert refused(desk, "a.yaml").code == "yaml-too-large"


def test_an_empty_extends_is_refused(desk: Desk) -> None:
    assert desk.fault(text_of(extends="")).code == "path"


# --- variants ---

LEAN = BASE + "variants:\n  lean: {budget: 100}\n  free: {constraints: {nano share: null}}\n"


def test_a_variant_lies_over_the_scenario(desk: Desk) -> None:
    scenario = desk.load(LEAN, variant="lean")
    assert (scenario.variant, bounds(scenario)["budget"]) == ("lean", (None, 100))


def test_a_variant_removes_a_rule(desk: Desk) -> None:
    assert list(bounds(desk.load(LEAN, variant="free"))) == ["budget", "team"]


def test_without_a_variant_the_scenario_stands_as_it_is(desk: Desk) -> None:
    scenario = desk.load(LEAN)
    assert (scenario.variant, bounds(scenario)["budget"]) == (None, (None, 500))


def test_an_unknown_variant_is_told_the_names_there_are(desk: Desk) -> None:
    problem = desk.fault(LEAN, variant="leen")
    assert (problem.code, problem.mend) == ("unknown-variant", "choose one of: lean, free")


def test_a_scenario_without_variants_says_so(desk: Desk) -> None:
    assert desk.fault(BASE, variant="lean").mend == "the scenario has no variants"


def test_a_fault_of_the_scenario_is_told_once_however_many_variants_share_it(desk: Desk) -> None:
    desk.fault(LEAN.replace("at_most: 9", "at_most: x"))


def test_variants_that_are_no_mapping_are_refused(desk: Desk) -> None:
    assert desk.fault(text_of(variants="[a]")).code == "not-a-mapping"


# --- changes from outside ---


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("budget=20_000", "budget", "20_000"),
        (" budget = 20_000 ", "budget ", "20_000"),
        ('constraints."nano share".at_least=0%', 'constraints."nano share".at_least', "0%"),
        ("constraints.'a.b=c'.at_least=0%", "constraints.'a.b=c'.at_least", "0%"),
        ("name=a=b", "name", "a=b"),
        ("name=", "name", ""),
        ("name=two\nlines", "name", "two\nlines"),
    ],
)
def test_a_change_is_a_path_and_a_value(text: str, path: str, value: str) -> None:
    assert split_change(text) == (path, value)


@pytest.mark.parametrize(
    "text", ["budget", "=5", "", "a..b=1", ".a=1", "a.=1", 'a"b"=1', '"a=1', "x" * 50_000, " " * 50_000]
)
def test_a_change_without_a_path_and_a_value_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError) as error:
        split_change(text)
    (problem,) = error.value.problems
    assert problem.code == "set-form"
    assert len(str(problem)) < 200


@pytest.mark.parametrize(
    ("path", "value", "rules"),
    [
        ("budget", "7", {"budget": (None, 7), "nano share": (0.1, None), "team": (None, 9)}),
        ("budget", "7 # as of May", {"budget": (None, 7), "nano share": (0.1, None), "team": (None, 9)}),
        ("budget", "null", {"nano share": (0.1, None), "team": (None, 9)}),
        (
            'constraints."nano share".at_least',
            "0%",
            {"budget": (None, 500), "nano share": (0, None), "team": (None, 9)},
        ),
        ("constraints.'nano share'", "~", {"budget": (None, 500), "team": (None, 9)}),
        ("constraints.nano share", "null", {"budget": (None, 500), "team": (None, 9)}),
        ("constraints", "{}", {"budget": (None, 500), "nano share": (0.1, None), "team": (None, 9)}),
        (
            'constraints."a.b"',
            "{quantity: spend, at_most: 3}",
            {"budget": (None, 500), "nano share": (0.1, None), "team": (None, 9), "a.b": (None, 3)},
        ),
    ],
)
def test_a_change_lies_over_the_scenario(desk: Desk, path: str, value: str, rules: dict[str, Any]) -> None:
    assert bounds(desk.load(BASE, changes={path: value})) == rules


def test_changes_are_laid_over_after_the_variant(desk: Desk) -> None:
    assert bounds(desk.load(LEAN, variant="lean", changes={"budget": "7"}))["budget"] == (None, 7)


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (20_000, {"budget": "20000"}),
        (20_000.5, {"budget": "20000.5"}),
        (None, {}),
        (["@ana", {"niche": 'a "b" \\'}], {"budget": ["@ana", {"niche": 'a "b" \\'}]}),
        ({'q"': True}, {"budget": {'q"': "true"}}),
    ],
)
def test_a_change_may_be_a_value_of_python(desk: Desk, value: Any, texts: Any) -> None:
    from optimizer.loading.load import as_written

    document = with_changes(parse_yaml(b"budget: {x: 1}", "s"), {"budget": as_written(value)})
    expected = texts if not isinstance(value, dict) else {"budget": {"x": "1", **texts["budget"]}}
    assert document.plain() == expected


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("budgt", "5", "unknown-key"),
        ("budget", "[1", "yaml-syntax"),
        ("budget", "&a 1", "yaml-alias"),
        ("budget", "@a", "yaml-quote"),
        ("budget", "", "set-form"),
        ("name", "#x", "set-form"),
        ("name", "\udcff", "yaml-encoding"),
        ("\udcff", "1", "set-path"),
        ("a..b", "1", "set-path"),
        (".".join("a" * 40), "1", "set-path"),
        ("variants.lean.budget", "3", "set-path"),
        ("extends", "b.yaml", "unknown-key"),
        ("format", "~", "missing-key"),
        ("constraints.new.at_most", "3", "missing-key"),
    ],
)
def test_a_change_that_makes_no_sense_is_told_as_it_was_written(desk: Desk, path: str, value: str, code: str) -> None:
    problem = desk.fault(BASE, changes={path: value})
    assert problem.code == code
    assert problem.place is not None
    assert problem.place.file.startswith("--set ")
    assert str(problem).encode()


def test_a_long_change_is_cut_in_its_place(desk: Desk) -> None:
    problem = desk.fault(BASE, changes={"name": "x" * 5_000})
    assert problem.place is not None
    assert len(problem.place.file) < 100


def test_the_changes_are_remembered(desk: Desk) -> None:
    assert desk.load(BASE, changes={"budget": 7}).changes == {"budget": "7"}


def test_a_path_set_from_outside_starts_from_the_scenario(desk: Desk) -> None:
    desk.write("other.csv", POOL)
    assert desk.load(BASE, changes={"creators": "other.csv"}).inputs[-1].path == "other.csv"


def test_every_resolved_value_says_where_it_came_from(desk: Desk) -> None:
    desk.write("base.yaml", BASE)
    desk.write("a.yaml", "extends: base.yaml\nvariants: {lean: {budget: 6}}\nname: x\n")
    scenario = loaded(desk, "a.yaml", variant="lean", changes={'constraints."nano share".at_least': "0%"})
    origins = {path: (value, origin.split("/")[-1]) for path, value, origin in resolved_values(scenario)}
    assert origins["budget"] == ("6", "a.yaml:2:27")
    assert origins["name"] == ("x", "a.yaml:3:7")
    assert origins["currency"] == ("EUR", "base.yaml:2:11")
    assert origins['constraints."nano share".at_least'][0] == "0%"
    assert origins['constraints."nano share".at_least'][1].startswith("--set ")


def test_a_weight_of_the_goal_is_set_and_the_others_stay() -> None:
    said = b"objective: {maximize: {clicks: 1, conversions: 40}}"
    changed = with_changes(parse_yaml(said, "s"), {"objective.maximize.conversions": "60"})
    assert changed.plain() == {"objective": {"maximize": {"clicks": "1", "conversions": "60"}}}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("objective.minimize", "spend", {"minimize": "spend"}),
        ("objective.minimize.spend", "2", {"minimize": {"spend": "2"}}),
        ("objective.maximize", "posts", {"maximize": "posts"}),
        ("objective", "{maximize: {posts: 1}}", {"maximize": {"posts": "1"}}),
    ],
)
def test_another_goal_replaces_the_whole_objective(path: str, value: str, expected: object) -> None:
    document = parse_yaml(b"objective: {maximize: {clicks: 1, conversions: 40}}", "s")
    assert with_changes(document, {path: value}).plain() == {"objective": expected}
