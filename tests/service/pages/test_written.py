"""A question as a variant in the text of its scenario: nothing else there changes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.errors import ScenarioError
from optimizer.loading.overlay import with_changes, with_variant
from optimizer.loading.source import composed, parse_yaml
from optimizer.service.pages import written
from optimizer.service.pages.case import Case
from optimizer.service.store.errors import RefusedError

HEAD = """# a campaign
format: 1
currency: EUR   # net
budget: 5_000
objective: {maximize: engagements}
constraints:
  few: {quantity: creators, at_most: 20}
"""
OUTLINE: dict[str, Any] = {"include": [], "exclude": [{"authenticity": {"below": "60%"}}]}
ENDINGS = [
    "",
    "\n\n",
    "variants:\n",
    "variants:  # none yet\n",
    "variants: null\ncosts: {fixed: 3}\n",
    "variants:\n  lean: {budget: 2_500}",
    "variants:\n  lean: {budget: 2_500}  # less\n  # and more\n\ncosts: {fixed: 3}  # last\n",
    "variants:\n      lean:\n        budget: 1\n        constraints:\n          few: {at_most: 3}\n\n# the end\n",
    "variants:\n  lean:\n    name: |\n      a\n      b\n\ncosts: {fixed: 3}\n",
    "variants:\n  lean: {budget: 1,\n    wallets: {boost: 2}}\ncosts: {fixed: 3}\n",
    "variants:\n  lean:\n    exclude:\n    - a\n    - b\ncosts: {fixed: 3}\n",
    "variants:\n  lean:\n  other: {budget: 1}\ncosts: {fixed: 3}\n",
]
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30)
CHANGES = st.dictionaries(
    st.sampled_from(["budget", 'constraints."a rule"', "constraints.few", "constraints.few.at_most", "wallets.boost"]),
    st.one_of(st.integers(1, 9).map(str), st.just("40%"), NAMES, st.none()),
    max_size=3,
)


def laid(text: str, variant: str | None, changes: dict[str, Any]) -> Any:
    """A scenario with a variant and changes, as the loader lays them over it."""
    document = with_variant(parse_yaml(text.encode(), "scenario.yaml"), variant)
    said = {path: value if isinstance(value, str) else written.as_written(value) for path, value in changes.items()}
    return with_changes(document, said).plain()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_only_lines_are_added_and_the_rest_stays_to_the_byte(ending: str, ends: str) -> None:
    text = (HEAD + ending).replace("\n", ends)
    case = Case(changes={"budget": "3000", "constraints.few": None}, leave_out=("@lea",))
    after = written.with_variant(text, "my variant", case, OUTLINE)
    lines = after.split(ends)
    at = next(number for number, line in enumerate(lines) if line.strip() == "my variant:")
    added = lines[at : at + 4]
    assert [line.strip().partition(":")[0] for line in added] == ["my variant", "budget", "constraints", "exclude"]
    rest = [line for line in lines[:at] + lines[at + 4 :] if line.strip()]
    before = [line for line in text.split(ends) if line.strip()]
    assert [one for one in rest if one.strip() != "variants:"] == [
        one.replace("variants: null", "variants:")
        for one in before
        if one.strip() not in ("variants:", "variants: null")
    ]
    assert "\r" not in after.replace("\r\n", "")


def test_aliases_are_not_followed() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{two}: &{two} [*{one}, *{one}]\n" for one, two in pairwise("abcdefghijklmnop"))
    with pytest.raises(RefusedError, match="aliases"):
        written.with_variant(bomb, "x", Case().changed("budget", "1"), OUTLINE)


@settings(deadline=None)
@given(st.sampled_from(ENDINGS), NAMES, CHANGES, st.lists(NAMES, max_size=2, unique=True))
def test_the_variant_asks_what_the_question_asked(
    ending: str, name: str, changes: dict[str, Any], out: list[str]
) -> None:
    case = Case()
    for path, value in changes.items():
        case = case.changed(path, value)
    for one in out:
        case = case.leaving_out(one)
    try:
        after = written.with_variant(HEAD + ending, name, case, OUTLINE)
    except RefusedError:
        return
    excluded = {"exclude": [*OUTLINE["exclude"], *out]} if out else {}
    try:
        wanted = laid(HEAD + ending, None, {**case.arguments.get("changes", {}), **excluded})
    except ScenarioError:  # a question that no plan answers, as a rule removed that is not there
        return
    assert laid(after, composed(name), {}) == wanted


@settings(deadline=None)
@given(st.sampled_from(ENDINGS), CHANGES, CHANGES)
def test_a_variant_is_replaced_by_another_of_its_name(
    ending: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    if not first or not second:
        return
    once = written.with_variant(HEAD + ending, "mine", Case(changes=first), OUTLINE)
    twice = written.with_variant(once, "mine", Case(changes=second), OUTLINE)
    assert twice == written.with_variant(HEAD + ending, "mine", Case(changes=second), OUTLINE)


def test_a_variant_of_a_variant_holds_both() -> None:
    text = f"{HEAD}variants:\n  lean: {{budget: 2_500, constraints: {{few: {{at_most: 3}}}}}}\n"
    case = Case(variant="lean", changes={"constraints.few.at_most": "4"})
    after = written.with_variant(text, "leaner", case, OUTLINE)
    assert "  leaner:\n    budget: 2_500\n    constraints: {few: {at_most: 4}}\n" in after


@pytest.mark.parametrize(
    ("text", "name", "case"),
    [
        (f"{HEAD}variants: {{lean: {{budget: 1}}}}\n", "x", Case(changes={"budget": "1"})),
        (f"{HEAD}variants: [a]\n", "x", Case(changes={"budget": "1"})),
        ("{format: 1}\n", "x", Case(changes={"budget": "1"})),
        ("- 1\n", "x", Case(changes={"budget": "1"})),
        ("a: [\n", "x", Case(changes={"budget": "1"})),
        (HEAD.replace("net\n", "net\r\n"), "x", Case(changes={"budget": "1"})),
        (HEAD, "", Case(changes={"budget": "1"})),
        (HEAD, "a\nb", Case(changes={"budget": "1"})),
        (HEAD, "x", Case()),
        (HEAD, "x", Case(variant="far away")),
        (f"{HEAD}...\n", "x", Case(changes={"budget": "1"})),
    ],
)
def test_what_cannot_be_written_safely_is_refused_with_a_cure(text: str, name: str, case: Case) -> None:
    with pytest.raises(RefusedError) as caught:
        written.with_variant(text, name, case, OUTLINE)
    assert caught.value.mend
