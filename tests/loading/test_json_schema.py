"""The JSON Schema says what the models say: it takes what the loader takes, and refuses what the models refuse.

Some seconds; CREATORMIX_TIMES multiplies the number of documents that are made faulty.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from optimizer.cli import new
from optimizer.cli.main import main
from optimizer.errors import Problem, ScenarioError
from optimizer.loading import faults, schema
from optimizer.loading.json_schema import scenario_schema, schema_text
from optimizer.loading.overlay import extended, with_variant
from optimizer.loading.shapes import Shape
from optimizer.loading.source import Node, from_mapping, parse_yaml
from optimizer.loading.variants import idle, of_another_kind
from tests.docs.pages import ROOT, tool
from tests.support.amounts import TIMES
from tests.support.editor import READINGS, Path, Tree, at, paths, put, texts, without

SCHEMA = scenario_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
STARTER = ROOT / "optimizer" / "cli" / "starter"
HEAD = "format: 1\ncurrency: EUR\nobjective: {maximize: engagements}\n"
EXTENDING = "extends: base.yaml\n"

# every key of the format, in parts that are in order
PARTS = (
    "format: 1\nname: x\ncurrency: EUR\nbudget: 5_000\nwhole: no\nobjective: {minimize: {spend: 1, creators: -0.5}}",
    "wallets: {hours: 80}\ncosts: {agency: 15%, fixed: 1_500, reserve: 0.05}\nexchange: {USD: 0.92}",
    "creators: {file: pool.csv, columns: {fee: {from: ER, unit: percent}, followers: subs}, bad_rows: skip,"
    " where: {platform: [tiktok, instagram], followers: {from: 1, below: 1e6}}}",
    "creators: pool.csv\nassume: {click_rate: 0.8%, fee: [{tier: nano, deliverable: video, is: 100}, {is: 1e2}]}",
    "segments: [{name: a, available: 60, whole: false, followers: 4_000, niche: [a, b],"
    " returns: [{up_to: 15, keep: 100%}, {up_to: 25, keep: 60%}]}]",
    "benchmarks: [grin, {pack: later, level: low}]\ntiers: {nano: [1_000, 9_999]}\nfit: {food: 1, other: 0.3}",
    "pay: {g: {model: gift, product: {cost: 18, value: 35}, shipping: 6, handling: 1, hours: 0.5, post_rate: 70%}}",
    "pay: {h: {model: hybrid, fee: 50%, rate: 12%, cap: 500, minimum_fee: 50, rights: 20%}}",
    "pay: {c: {model: commission, per_conversion: 4.00}}\neconomics: {order_value: 17.90, margin: 45%}",
    "offers: {a: {deliver: {video: 3}, pay: g, to: {tier: nano}}, b: {deliver: {post: 1}, discount: 10%, rights: 30},"
    " c: {deliver: {post: 1, story: 2}, price: 90}}",
    "audience: {cells: {country: [FR, BE], age: 18-24}, sizes: {FR: 30_000_000, BE: 8e6}, shared: 30%,"
    " overlap: {FR: 2.5, BE: chance}}",
    "audience: {cells: [country, niche], sizes: sizes.csv, overlap: audience.json}",
    "audience: {cells: country, sizes: 2_000_000, overlap: 0.5}",
    "audience: {sample: people.csv, seen: views, scale_to: 2_000_000}",
    "boost: {s: {cpm: 6.5, rights: 10%, keeps: [{up_to: 200, keep: 100%}, {up_to: 5e2, keep: 0.6}]}, m: {cpm: 9}}",
    "offers: {a: {deliver: {video: [1, 3], post: 2}, boost: {s: [0, 200], m: 75.50}}}",
    "quantities: {women: men, kids: {column: k, falls: true}}",
    "quantities: [women, men]",
    "constraints: {b: {quantity: spend, group: {tier: nano, followers: {above: 5}}, at_least: 30%, of: budget}}",
    "constraints: {c: {quantity: spend, per: niche, among: [x], at_most: {x: 40%}, of: {tier: nano}}}",
    "constraints: {d: {quantity: gross_reach, people: {country: FR}, exactly: 5}}",
    'constraints: {e: {at_most_one_of: ["@a", {niche: food}]}, f: {exactly_one_of: ["@a", b]}}',
    'constraints: {g: {together: ["@a", b]}, h: {if: "@a", then: [{niche: food}, b]}}',
    'include: ["@a", {creator: b, offer: b, fee: 5}, {creator: c, price: 6}, {niche: x}]',
    "exclude: [{authenticity: {below: 75%}}, {creator: [a, b]}, b]",
)
# what a variant, or a file over another one, may say where this is the scenario
BASE = HEAD + (
    "budget: 5\npay: {g: {model: gift, hours: 1}}\n"
    "creators: {file: a.csv, where: {niche: x, followers: {from: 1, to: 9}}}\n"
    "constraints: {b: {quantity: spend, group: {tier: nano, country: FR}, at_least: 3}, c: {together: [a, b]}}\n"
)
CHANGE = (
    "{budget: 8_000, name: y, pay: {g: {hours: null}},"
    " creators: {where: {niche: null, followers: {from: null, to: 7}}},"
    " constraints: {b: {at_least: 20, group: {tier: null}}, c: null}, include: [b], fit: {food: 1}}"
)
VALUES: tuple[Tree, ...] = (
    *(None, "", "text", "0", "1", "-1", "0.5", "7", "5%", "150%", "1e2", "25_000", "1__0", "x" * 201, "a\nb"),
    *("yes", "NO", "plan", "EUR", "fee", "low", "skip", "12:30"),
    *([], {}, ["a"], ["a", "b"], [None], [[]], [{}], ["1", "2"], {"a": "1"}, {"a": None}, {"a": ["b"]}),
    *({"from": "1"}, {"from": "x"}, {"zzz": "1"}, {"creator": "a"}, {"is": "3"}, {"quantity": "spend"}),
    *({"model": "fee"}, {"together": ["a", "b"]}, {"niche": "x", "fee": "3"}, [{"is": "1"}], [{"niche": None}]),
)


def document(text: str) -> Node:
    return parse_yaml(text.encode(), "s.yaml")


def problems(tree: Tree) -> set[str]:
    """The codes of what the loader has against a document, as far as its models go; what it extends is `BASE`."""
    try:
        assert isinstance(tree, dict)
        whole = extended(from_mapping(tree), lambda reference: (_path(reference), document(BASE)), ("s.yaml",))
        found = [*faults.validate(with_variant(whole, None)), *of_another_kind(whole, None)]
        return {one.code for one in [*found, *idle(whole, "scenario", None)[0]]}
    except ScenarioError as error:
        return {one.code for one in error.problems}


def _path(reference: Node) -> str:
    """The path of a file, refused as `load` does."""
    if not isinstance(reference.value, str) or not reference.value.strip():
        raise ScenarioError([Problem("path", "a path is expected here")])
    return "base.yaml"


def refusals(tree: Tree) -> dict[str, list[str]]:
    """What the schema has against a document, by how an editor reads it."""
    told = {how: [error.message for error in VALIDATOR.iter_errors(read(tree))] for how, read in READINGS.items()}
    return {how: messages for how, messages in told.items() if messages}


# --- what is in order ---


def test_it_is_a_valid_schema_of_its_draft():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", [*sorted((ROOT / "scenarios").glob("*.yaml")), STARTER / "scenario.yaml"], ids=str)
def test_the_shipped_scenarios_are_in_order_however_they_are_read(file):
    assert refusals(texts(document(file.read_text(encoding="utf-8")))) == {}


def examples() -> Iterator[tuple[str, str, bool]]:
    """The YAML of the pages: where, what, and whether it lies over a scenario."""
    pages = tool("examples")
    for page in pages.pages():
        for block in pages.steps(page.read_text(encoding="utf-8")):
            if isinstance(block, pages.Block) and block.language == "yaml" and "faulty" not in block.marks:
                yield f"{page.relative_to(ROOT)}:{block.start}", block.text, "over" in block.marks


@pytest.mark.parametrize(("where", "text", "over"), [pytest.param(*one, id=one[0]) for one in examples()])
def test_the_examples_of_the_pages_are_in_order_however_they_are_read(where, text, over):
    assert refusals(texts(document(EXTENDING * over + text))) == {}


@pytest.mark.parametrize("part", PARTS)
def test_every_key_of_the_format_is_taken_however_it_is_read(part):
    tree = texts(document(part if part.startswith("format") else HEAD + part))
    assert refusals(tree) == {}
    assert problems(tree) == set()


@pytest.mark.parametrize("over", [True, False])
def test_what_lies_over_another_scenario_may_say_less_and_remove(over):
    tree = texts(document(EXTENDING + CHANGE_LINES if over else f"{BASE}variants: {{lean: {CHANGE}}}\n"))
    assert refusals(tree) == {}
    assert problems(tree) == set()


CHANGE_LINES = "".join(f"{key}: {json.dumps(value)}\n" for key, value in texts(document(f"x: {CHANGE}"))["x"].items())


# --- the schema and the models ---


def test_the_stored_copy_is_what_the_command_prints():
    printed = CliRunner().invoke(main, ["schema"])
    assert printed.exit_code == 0
    remake = "make it anew: python docs/generate.py optimizer/cli/starter/scenario.schema.json"
    assert (STARTER / "scenario.schema.json").read_text(encoding="utf-8") == printed.output, remake
    assert json.loads(printed.output) == SCHEMA


def test_the_command_writes_a_file(tmp_path):
    file = tmp_path / "format.json"
    assert CliRunner().invoke(main, ["schema", "--out", str(file)]).exit_code == 0
    assert file.read_text(encoding="utf-8") == schema_text()


def test_the_starter_names_the_schema_in_its_first_line():
    first = (STARTER / "scenario.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={new.SCHEMA}"


def test_the_keys_that_are_worked_in_before_are_those_of_the_schema():
    assert set(schema.OUTSIDE) == set(faults._OUTSIDE)
    keys = [field.alias or name for name, field in schema.ScenarioFile.model_fields.items()]
    assert set(SCHEMA["$defs"]["ScenarioFile"]["properties"]) == {*keys, *schema.OUTSIDE}


def resolved(shape: Shape) -> Shape:
    """A shape with what it refers to."""
    if "$ref" not in shape:
        return shape
    found: Shape = SCHEMA
    for step in shape["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return {**resolved(found), **shape}


def test_every_key_is_described_and_its_kind_has_a_name():
    for name, part in SCHEMA["$defs"].items():
        for key, said in part.get("properties", {}).items():
            if said is False or name == "who":
                continue
            shape = resolved(said)
            titles = [shape.get("title"), *(resolved(one).get("title") for one in shape.get("anyOf", []))]
            assert any(titles), (name, key)
            assert shape.get("description"), (name, key)


def test_nothing_is_referred_to_in_vain_and_nothing_is_left_over():
    named = {found.split("/")[0] for found in re.findall(r'"#/\$defs/([^"]+)"', schema_text())}
    assert named == set(SCHEMA["$defs"])


# --- the schema and the loader ---


def excused(path: Path, value: Tree, tree: Tree, codes: set[str]) -> str:
    """Why the schema may take what the models refuse; blank where it may not."""
    if isinstance(value, str) and re.search(r"\d[eE_]", value):
        return "no pattern tells how large a text with an exponent or with _ is, and YAML 1.1 takes 1__0 for a number"
    beside = at(tree, path[:-1])
    if "tiers" in path or (isinstance(beside, dict) and beside.keys() <= {"from", "to", "above", "below"}):
        return "a schema does not compare two values: which bound is lower"
    change = path[2:] if path[0] == "variants" else path if "extends" in tree else ()
    if change and codes <= {"nothing-to-remove", "no-value", "empty", "range"}:
        return "what a change lies over is not seen: whether there is something to remove, or enough is left"
    if len(change) == 2 and change[0] == "constraints" and codes == {"unknown-key"}:
        return "nor is seen of which kind the rule is that a change lies over"
    return ""


def missed(path: Path, value: Tree, tree: Tree) -> str:
    """Why the schema may refuse what the models take; blank where it may not."""
    if path[0] == "quantities" and value == []:
        return "an empty list is read as no column"
    top = path[2:] if path[0] == "variants" else path if "extends" in tree else ()
    if value in ({"a": None}, None) and len(top) <= 1:
        return "an unknown key without a value changes nothing at the top of a variant"
    return ""


def mutations(tree: Tree) -> Iterator[tuple[Path, Tree, Tree]]:
    """Each value replaced by each of `VALUES`, each left out, and an unknown key put into each mapping."""
    for path in paths(tree):
        if path:
            yield from ((path, value, put(tree, path, value)) for value in VALUES)
            yield path, None, without(tree, path)
        inside = at(tree, path)
        if isinstance(inside, dict):
            yield from (((*path, "zzz"), value, put(tree, path, {**inside, "zzz": value})) for value in ("1", None))


def disagreements(tree: Tree, start: Path, rng: random.Random, most: int) -> list[str]:
    """Where schema and loader differ over documents that differ from a good one below `start` by one value."""
    every = [one for one in mutations(tree) if one[0][: len(start)] == start]
    wrong = []
    for path, value, changed in rng.sample(every, min(most, len(every))):
        codes = problems(changed)
        for how, read in READINGS.items():
            if VALIDATOR.is_valid(read(changed)) != bool(codes):
                continue
            if not (excused(path, value, changed, codes) if codes else missed(path, value, changed)):
                wrong.append(f"{path} = {value!r}, {how}: the loader says {codes or 'nothing'}, and the schema differs")
    return wrong


@pytest.mark.parametrize("part", PARTS)
def test_the_schema_refuses_what_the_models_refuse_and_nothing_else(part):
    tree = texts(document(part if part.startswith("format") else HEAD + part))
    assert disagreements(tree, (), random.Random(part), 120 * TIMES) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_schema_takes_every_change_that_the_loader_takes(seed):
    rng = random.Random(seed)
    variant = texts(document(f"{BASE}variants: {{lean: {CHANGE}}}\n"))
    assert disagreements(variant, ("variants", "lean"), rng, 150 * TIMES) == []
    assert disagreements(texts(document(EXTENDING + CHANGE_LINES)), (), rng, 150 * TIMES) == []
