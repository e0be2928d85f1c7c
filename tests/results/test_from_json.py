"""A result is read back from its JSON as it was: equal, printed alike, and written again to the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from optimizer import DocumentError, NoPlan, Plan, compare, load_scenario, optimize, try_optimize, verify
from optimizer.results.stated import digest
from tests.docs.pages import ROOT
from tests.stored.files import PLANS, Stored
from tests.support.answers import answered

SCENARIOS = ROOT / "scenarios"
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "by cases": ("first_test", {}),
    "with packs": ("booktok", {"benchmarks": "[pap-tiktok]"}),
    "in parts, with an agency": ("mix_without_names", {}),
    "with returns": ("lyon_gifts", {}),
    "minimized": ("cheapest_for_target", {}),
    "impossible": ("cheapest_for_target", {"constraints.target.at_least": 900_000, "budget": 1_000}),
    "empty": ("cheapest_for_target", {"budget": 1, "constraints.target.at_least": 0, "objective": "{maximize: posts}"}),
}


def result_of(kind: str) -> Plan | NoPlan:
    name, changes = ASKED[kind]
    return try_optimize(load_scenario(SCENARIOS / f"{name}.yaml", changes=changes), gap=0.05)


def small() -> Plan:
    said = {"format": 1, "name": "small", "currency": "EUR", "budget": 300, "objective": {"maximize": "engagements"}}
    creators = {"creator": ["@ann", "@bob"], "average_engagements": [10, 20], "fee": [100.1, 150.0]}
    return optimize(load_scenario(said, creators=creators))


def sealed(said: dict[str, Any], **changes: Any) -> dict[str, Any]:
    changed = json.loads(json.dumps(said | changes))
    return changed | {"digest": digest(changed)}


@pytest.mark.parametrize("kind", ASKED)
def test_a_result_comes_back_as_it_was(kind: str) -> None:
    result = result_of(kind)
    again = type(result).from_json(result.to_json())
    assert again == result
    assert str(again) == str(result)
    assert again.to_json() == result.to_json()
    assert again._repr_html_() == result._repr_html_()


def test_results_of_every_kind_come_back_as_they_were() -> None:
    for answer in [*answered("read back", 30, sizes=(4, 9)), *answered("read back in parts", 6, parts=True)]:
        kind = Plan if answer.outcome == "plan" else NoPlan
        text = json.dumps(answer.said)
        assert json.loads(kind.from_json(text).to_json()) == json.loads(text), answer.seed


def test_text_bytes_and_object_are_read_alike() -> None:
    plan = small()
    for document in (plan.to_json(), plan.to_json().encode(), plan.to_dict(), json.loads(plan.to_json())):
        assert Plan.from_json(document) == plan


def test_a_plan_that_was_read_back_is_verified_and_compared_like_a_fresh_one() -> None:
    scenario = load_scenario(SCENARIOS / "cheapest_for_target.yaml")
    fresh = optimize(scenario)
    again = Plan.from_json(fresh.to_json())
    assert verify(again, scenario).holds
    other = optimize(load_scenario(SCENARIOS / "cheapest_for_target.yaml", variant="double"))
    cases = {"a": again, "b": Plan.from_json(other.to_json())}
    assert compare(cases).to_json() == compare({"a": fresh, "b": other}).to_json()


@pytest.mark.parametrize("stored", PLANS, ids=str)
def test_what_older_versions_wrote_is_read_printed_and_verified(stored: Stored) -> None:
    said = stored.said
    kind = Plan if said["outcome"] == "plan" else NoPlan
    result = kind.from_json(stored.path.read_bytes())
    assert said["scenario"]["name"] in str(result)
    if isinstance(result, NoPlan):
        assert result.conflicts
        assert all(rule["name"] in str(result) for rule in said["rules"])
    assert verify(result, stored.scenario()).holds
    assert kind.from_json(result.to_json()) == result


def test_fields_of_later_versions_are_passed_over() -> None:
    plan = small()
    said = plan.to_dict()
    said["allocations"][0] |= {"approved": {"by": "@ann"}, "tags": ["new"], "late": True}
    assert Plan.from_json(sealed(said, mood="good")) == plan


def test_a_plan_that_was_changed_is_refused_unless_it_is_sealed_again() -> None:
    said = json.loads(small().to_json())
    said["objective"]["value"] = 10_000
    with pytest.raises(DocumentError, match="changed after it was written"):
        Plan.from_json(said)
    assert Plan.from_json(sealed(said)).objective.value == 10_000


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "begins with a brace"),
        ("plan.json", "give the content of its file, not the path"),
        ("[]", "begins with a brace"),
        ("{", "it is not JSON"),
        (b"{\xff}", "it is not JSON"),
        ('{"a": 1, "a": 1}', "a field appears twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ("{}", "does not say its format; a plan says creatormix/plan/1"),
        ('{"format": "creatormix/plan/2"}', "this is version 2 of the format; this release of creatormix reads"),
        ('{"format": "creatormix/comparison/1"}', "this is the JSON of a comparison"),
        ('{"format": "creatormix/check/1"}', "the format is creatormix/check/1; a plan is creatormix/plan/1"),
        ('{"format": 1}', "does not say its format"),
        ('{"format": "creatormix/plan/1", "outcome": 3}', "the outcome is 3"),
        ('{"format": "creatormix/plan/1", "outcome": "plan"}', "the field solver is missing"),
        ('{"format": "creatormix/plan/1", "outcome": "no_plan"}', "an answer without a plan: read it with NoPlan"),
        ({"format": "creatormix/plan/1", "x": {1, 2}}, "holds values that JSON cannot"),
        ({"x": float("nan")}, "holds values that JSON cannot"),
    ],
)
def test_what_is_no_plan_is_refused_in_words(document: Any, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        Plan.from_json(document)
    assert said in str(raised.value)


def test_a_plan_is_not_read_as_no_plan() -> None:
    with pytest.raises(DocumentError, match=r"this is the JSON of a plan: read it with Plan\.from_json"):
        NoPlan.from_json(small().to_json())


@pytest.mark.parametrize("document", [3, None, ["{}"]])
def test_what_cannot_be_a_document_is_a_wrong_call(document: Any) -> None:
    with pytest.raises(TypeError, match="from_json takes JSON as text, bytes or a mapping"):
        Plan.from_json(document)


def broken(said: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    """Every value of a document, replaced by one of another type, by where it is."""
    found: list[tuple[tuple[Any, ...], Any]] = []
    if path:
        found.append((path, "text" if not isinstance(said, str) else 7))
        found.append((path, [said]))
    inner = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in inner:
        found += broken(value, (*path, key))
    return found


def test_a_forged_document_is_read_whole_or_refused_in_words() -> None:
    """Wherever a value is of another type: no other error than DocumentError, and no plan that cannot print itself."""
    said = json.loads(result_of("impossible").to_json())
    plan = json.loads(small().to_json())
    refused = 0
    for document in (said, plan):
        kind = Plan if document is plan else NoPlan
        for path, value in broken(document):
            forged = json.loads(json.dumps(document))
            inner = forged
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = value
            try:
                result = kind.from_json(sealed(forged) if isinstance(forged["solver"], dict) else forged)
            except DocumentError as error:
                refused += bool(str(error))
                continue
            assert str(result)
            assert result._repr_html_()
    assert refused > 200
