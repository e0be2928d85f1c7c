"""What can be written, called, asked and answered is documented, and nothing else is."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

import optimizer
from optimizer import (
    NoPlan,
    Plan,
    ScenarioError,
    alternatives,
    compare,
    explain,
    fit_audience,
    load_scenario,
    optimize,
    replan,
    sweep,
    to_dict,
    try_optimize,
    verify,
    write_model,
)
from optimizer.cli.main import main
from optimizer.loading import faults, schema
from optimizer.results.as_json import problems_json
from optimizer.results.plan import ConstraintResult
from tests.docs.pages import DOCS, ROOT, names_in, read, table_after, tool

PAGES = sorted(DOCS.rglob("*.md"))
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_OF = ("objective.of", "goals[].of", "points[].of")
_MAPS = (
    "fit",
    "counts",
    "common",
    "alone",
    "changes",
    "definitions",
    "totals",
    "rows",
    "cells",
    "estimated",
    "group",
    "people",
    "values",
    "difference",
    "quantities",
    "at",
    "prices",
    "reserves",
)  # keys are data


def models() -> dict[str, type[BaseModel]]:
    """The models of the schema that a planner writes keys of."""
    found = inspect.getmembers(schema, lambda member: inspect.isclass(member) and issubclass(member, BaseModel))
    inner = {"Strict", "Who"}
    return {name: model for name, model in found if name not in inner and model.__module__.startswith("optimizer.")}


def keys_of(model: type[BaseModel]) -> dict:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def title(page: Path) -> str:
    return str(page.relative_to(ROOT))


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_links_lead_somewhere(page):
    broken = []
    for link in _LINK.findall(without_code(page.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        if path.startswith(("http://", "https://")):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != DOCS / "README.md"], ids=title)
def test_every_page_can_be_reached_from_the_index(page):
    index = DOCS / "decisions" / "README.md" if page.parent.name == "decisions" else DOCS / "README.md"
    index = DOCS / "README.md" if page == DOCS / "decisions" / "README.md" else index
    linked = {(index.parent / link).resolve() for link in _LINK.findall(index.read_text(encoding="utf-8"))}
    assert page in linked


@pytest.mark.parametrize("name", models())
def test_each_key_of_a_scenario_is_documented_with_whether_it_is_required(name):
    table = table_after("reference/scenario.md", f"generated: keys {name}")
    rows = {names_in(row[:1])[0]: row for row in table if "`" in row[0]}
    keys = keys_of(models()[name])
    outside = {"ScenarioFile": {*faults._OUTSIDE}, "AssumedLine": {"deliverable"}}.get(name, set())
    assert set(rows) == set(keys) | outside
    assert len(table) == len(rows) + (models()[name].model_config["extra"] == "allow")
    for key, field in keys.items():
        _, takes, meaning, default = rows[key]
        assert takes, key
        assert meaning, key
        assert (default == "required") == field.is_required(), key
        if isinstance(field.default, (str, bool)):
            assert default == f"`{field.default}`".lower(), key


def commands() -> dict[str, click.Command]:
    """Every command by what is typed: `audience fit`."""
    inner = [(name, one) for name, one in main.commands.items() if isinstance(one, click.Group)]
    return main.commands | {f"{name} {sub}": one for name, group in inner for sub, one in group.commands.items()}


@pytest.mark.parametrize("name", commands())
def test_each_command_and_each_of_its_options_is_documented(name):
    page = read("reference/commands.md")
    assert f"\n## {name}\n" in page
    assert f"$ creatormix {name} --help\n" in page
    rows = set(re.findall(r"^\| `(--[\w-]+)", page, re.MULTILINE))
    options = {parameter.opts[0] for parameter in commands()[name].params if isinstance(parameter, click.Option)}
    assert options <= rows


def test_no_option_is_documented_that_does_not_exist():
    rows = set(re.findall(r"^\| `(--[\w-]+)", read("reference/commands.md"), re.MULTILINE))
    params = [parameter for command in commands().values() for parameter in command.params]
    assert rows == {parameter.opts[0] for parameter in params if isinstance(parameter, click.Option)}


def test_each_exit_code_is_documented_as_the_help_says():
    shown = set(re.findall(r"^ +(\d+)  \w", main.epilog or "", re.MULTILINE))
    assert set(re.findall(r"^\| (\d+) \|", read("reference/commands.md"), re.MULTILINE)) == shown


@pytest.mark.parametrize("name", optimizer.__all__)
def test_each_public_name_is_documented(name):
    assert f"`{name}`" in read("how-to/embed-in-python.md")


@pytest.mark.parametrize(
    "verb",
    [
        load_scenario,
        optimize,
        try_optimize,
        alternatives,
        compare,
        explain,
        fit_audience,
        replan,
        sweep,
        verify,
        write_model,
    ],
)
def test_each_parameter_of_the_public_verbs_is_documented(verb):
    page = read("how-to/embed-in-python.md")
    parameters = [name for name in inspect.signature(verb).parameters if name != "scenario"]
    assert [name for name in parameters if f"| `{name}` |" not in page] == []


def test_each_problem_code_of_the_source_is_well_formed_and_says_what_is_wrong():
    found = tool("codes").problem_codes()
    assert len(found) > 80
    assert [code for code, cause, _ in found if not cause.strip("… ")] == []


# --- the JSON ---


def paths(value: object, path: str = "") -> set[str]:
    """The fields of a JSON value: `inputs[].path`."""
    last = path.rsplit(".", 1)[-1]
    if isinstance(value, dict) and (path == "people" or last not in _MAPS) and not path.endswith(_OF):
        return {inner for key, item in value.items() for inner in paths(item, f"{path}.{key}" if path else key)}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return {inner for item in value if item is not None for inner in paths(item, f"{path}[]")}
    return {path}


def by_quantity(found: set[str]) -> set[str]:
    """The fields with one name for those that each quantity has in a forecast."""
    return {
        re.sub(r"(forecast)\.[\w.]+?\.(expected|measured|posts|p\d0|alone|why)$", r"\1.<quantity>.\2", path)
        for path in found
    }


def documented(kind: str) -> set[str]:
    return {names_in(row[:1])[0] for row in table_after("reference/plan-json.md", f"fields: {kind}")}


def answer(plan, fee):
    """A file of results in which the first booking is signed for some fee."""
    first = plan.allocations[0]
    return {"plan_id": [to_dict(plan)["digest"]], "creator": [first.creator], "status": ["signed"], "fee": [fee]}


def a_scenario(**changes):
    return load_scenario(ROOT / "scenarios" / "cheapest_for_target.yaml", changes=changes)


def test_each_field_of_a_plan_is_documented():
    plan = optimize(load_scenario(ROOT / "scenarios" / "booktok.yaml", changes={"benchmarks": "[pap-tiktok]"}), gap=0.2)
    assert isinstance(plan, Plan)
    values = {f"allocations[].{name}" for booking in plan.allocations for name in booking.values}
    found = paths(to_dict(plan))
    assert values <= found
    asked = {"format": 1, "currency": "EUR", "budget": 90, "objective": {"maximize": "followers_booked"}}
    asked |= {"quantities": {"followers_booked": {"column": "followers"}}}
    rows = {"creator": ["@a", "@b"], "followers": [5_000, 6_000], "fee": [50, 60]}
    doubted = optimize(load_scenario(asked, creators=rows))
    in_order = optimize(a_scenario(objective="[{minimize: spend, keep: 90%}, {maximize: engagements}]"), gap=0.1)
    shipped = optimize(load_scenario(ROOT / "scenarios" / "first_test.yaml"))
    again = replan(doubted, answer(doubted, 40), scenario=load_scenario(asked, creators=rows))
    people = optimize(load_scenario(ROOT / "scenarios" / "people_once.yaml"), gap=0.1)
    others = optimize(a_scenario(), gap=0), shipped, doubted, in_order, people
    # a proof by cases; what more budget brings, what is left, and what is asked
    sometimes = ("certificate.", "more_budget", "unspent", "doubts[]", "goals[]", "people", "allocations[].adds_people")
    found |= {path for plan in others for path in paths(to_dict(plan)) if path.startswith(sometimes)}
    found |= {path for path in paths(to_dict(again)) if path.startswith(("replan", "changes[]", "committed"))}
    found = {re.sub(r"^(goals\[\]\.certificate)\..*", r"\1", path) for path in found}
    places = {f"certificate.{of}[].{name}" for of in ("bookings", "relaxed") for name in ("step", "switch")}
    by_cases = {"certificate.cases[].impossible", *places}
    parts = {"certificate.bookings", "certificate.stages", "certificate.cases", "doubts"}  # all empty
    assert by_quantity(found) - values - parts | by_cases | {"allocations[].<quantity>"} == documented("plan")


def test_each_field_of_a_comparison_is_documented():
    impossible = a_scenario(**{"constraints.target.at_least": 10**9})
    cases = {"base": a_scenario(), "other": a_scenario(**{"constraints.target.at_least": 45_000}), "none": impossible}
    done = {"done": try_optimize(a_scenario(), gap=0.2)}
    found = paths(to_dict(compare(cases | done, gap=0.2, why=True)))
    of_rules = {f"rules[].cases[].{field.name}" for field in fields(ConstraintResult) if field.name != "name"}
    assert of_rules <= found
    assert by_quantity(found) - of_rules | {"rules[].cases[].<field>"} == documented("comparison")


def test_each_field_of_an_explanation_is_documented():
    asked = {"format": 1, "currency": "EUR", "budget": 90, "objective": {"maximize": "engagements"}}
    asked |= {"assume": {"engagement_rate": "3%"}}
    rows = {"creator": ["@a", "@b"], "followers": [5_000, 6_000], "fee": [50, 60]}
    found = paths(to_dict(explain(load_scenario(asked, creators=rows), creators=["@a", "@b"])))
    sometimes = {"inputs[].path", "inputs[].sha256", "creators[].insisting"}
    assert found - {"inputs"} | sometimes == documented("explanation")


def test_each_field_of_a_sweep_is_documented():
    asked = {"constraints.target.at_least": [20_000, 10**9, "many"], "budget": [5_000, 5_500]}
    found = paths(to_dict(sweep(a_scenario(), asked, gap=0.2, ranges=True)))
    found |= paths(to_dict(sweep(a_scenario(), frontier="creators", points=2, gap=0.2)))
    empty = {"failed", "frontier", "points[].likely", "points[].marginal"}  # where there is none
    assert found - empty | {"frontier", "points[].likely", "points[].marginal"} == documented("sweep")


def test_each_field_of_alternatives_is_documented():
    rows = {"creator": ["@a", "@b", "@c"], "average_engagements": [600, 150, 149], "fee": [100, 100, 100]}
    asked = {"format": 1, "currency": "EUR", "budget": 200, "objective": {"maximize": "engagements"}}
    found = alternatives(load_scenario(asked, creators=rows))
    from_files = alternatives(load_scenario(ROOT / "scenarios" / "first_test.yaml"), within=0, count=1)
    values = {f"allocations[].{name}" for one in (found, from_files) for name in one.best.allocations[0].values}
    values |= {f"allocations[].{name}" for name in from_files.best.allocations[0].labels}
    values = {f"{of}.{name}" for of in ("best", "plans[]") for name in values}
    known = {path for path in paths(to_dict(found)) if not path.startswith("reserves.")} | {"reserves"}
    known |= {path for path in paths(to_dict(from_files)) if path.startswith("inputs[]")}
    by_quantity_of = {f"{of}.allocations[].<quantity>" for of in ("best", "plans[]")}
    empty = {"inputs", "best.range", "plans[].range", "plans[].behind"}
    assert known - values - empty | by_quantity_of | {"best.range", "plans[].range", "plans[].behind"} == documented(
        "alternatives"
    )


def test_each_field_of_learned_overlap_is_documented():
    rows = {"creator": ["@a", "@b", "@c"], "viewers": [50, 60, 70], "fee": [1, 1, 1]}
    asked = load_scenario({"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}}, creators=rows)
    sets = {"creators": ["a|b", "a|c", "b|c", "a|b|c"], "people": [100, 110, 120, 150]}
    people = {"creator": ["a", "a", "b", "b", "c", "c"] * 20, "person": [f"u{at}" for at in range(40)] * 3}
    fits = [fit_audience(asked, unions=sets), fit_audience(asked, sample=people, scale_to=100)]
    found = {path for fit in fits for path in paths(to_dict(fit) | {"creators": 0, "errors": [fit.fitted.errors[0]]})}
    found |= {f"errors[].{field.name}" for field in fields(fits[0].fitted.errors[0])} - {"errors[]"}
    sometimes = {"cells[].cell", "cells[].k", "cells[].people", "made_from.pairs"}
    assert found - {"errors"} | sometimes == documented("learned overlap")


def test_each_field_of_no_plan_is_documented():
    by_prices = try_optimize(a_scenario(**{"constraints.target.at_least": 10**9}), rounds=2_000)  # repairs take some
    odd = {"format": 1, "currency": "EUR", "constraints": {"odd": {"quantity": "spend", "exactly": 13}}}
    creators = {"creator": ["a", "b", "c", "d"], "fee": [6, 10, 15, 4]}
    by_cases = try_optimize(load_scenario(odd | {"objective": {"maximize": "creators"}}, creators=creators))
    assert isinstance(by_prices, NoPlan)
    assert isinstance(by_cases, NoPlan)
    few = load_scenario(
        odd | {"constraints": {}, "budget": 30, "objective": {"maximize": "creators"}}, creators=creators
    )
    planned = optimize(few)
    too_dear = replan(planned, answer(planned, 31), scenario=few)
    assert isinstance(too_dear, NoPlan)
    found = paths(to_dict(by_prices)) | paths(to_dict(by_cases))
    found |= {path for path in paths(to_dict(too_dear)) if path.startswith("committed")}
    certificate = {f"certificate.{name}" for name in ("bookings", "stages", "cases")}
    sometimes = {path for path in documented("no plan") if path.startswith(tuple(f"{name}[]" for name in certificate))}
    assert found - certificate - {"inputs"} | sometimes == documented("no plan")


def test_each_field_of_a_verification_is_documented():
    scenario, other = a_scenario(), a_scenario(budget=10**6)
    found = paths(to_dict(verify(optimize(scenario), other)))
    assert {re.sub(r"(stated|found)\b.*", r"\1", path) for path in found} == documented("verification")


def test_each_field_of_problems_is_documented():
    with pytest.raises(ScenarioError) as raised:
        a_scenario(bugdet=3)
    assert paths(problems_json(raised.value.problems)) == documented("problems")


def test_each_field_of_a_check_is_documented():
    page = read("reference/plan-json.md")
    shown = page[page.rindex("$ creatormix check") :]
    assert set(re.findall(r'^  "(\w+)":', shown, re.MULTILINE)) == documented("check")
