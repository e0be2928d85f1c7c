"""Variants: only the chosen one is applied; `check` looks at the others, too."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from optimizer.cli.main import main
from optimizer.errors import Problem, ScenarioError
from optimizer.loading.load import idle_variants
from tests.loading.desk import Desk, at, spot, text_of
from tests.loading.test_overlay import BASE


def idle(desk: Desk, content: str, chosen: str | None = None) -> tuple[list[Problem], list[str]]:
    return idle_variants(desk.write("s.yaml", content), root=desk.folder, chosen=chosen)


@pytest.mark.parametrize(
    ("variant", "code", "place"),
    [
        ("{budgt: 5}", "unknown-key", (10, 7)),
        ("{budget: x}", "not-a-number", (10, 15)),
        ("{currency: null}", "missing-key", (10, 3)),
        ("{constraints: {new: {at_most: 5}}}", "missing-key", (10, 21)),
        ("{constraints: {team: {at_most: x}}}", "not-a-number", (10, 37)),
        ("{extends: b.yaml}", "unknown-key", (10, 7)),
        ("{variants: {}}", "unknown-key", (10, 7)),
        ("5", "not-a-mapping", (10, 6)),
        ("[a]", "not-a-mapping", (10, 6)),
    ],
)
def test_a_fault_of_a_variant_that_nobody_asked_for_is_told_by_check_alone(
    desk: Desk, variant: str, code: str, place: tuple[int, int]
) -> None:
    text = BASE + f"variants:\n  ok: {{budget: 1}}\n  v: {variant}\n"
    assert desk.load(text).variant is None
    ((problem,), warnings) = idle(desk, text)
    assert (problem.code, at(problem), warnings) == (code, place, [])


def test_a_hundred_variants_of_a_long_scenario_are_all_checked(desk: Desk) -> None:
    many = "constraints:\n" + "".join(f" r{n}: {{quantity: spend, at_most: {n}}}\n" for n in range(1_000))
    variants = "variants:\n" + "".join(f" v{n}: {{budget: {n}}}\n" for n in range(100))
    assert idle(desk, text_of(budget="5") + many + variants + " bad: {budget: x}\n")[0][0].code == "not-a-number"


def test_more_variants_than_can_be_checked_are_refused_at_their_key(desk: Desk) -> None:
    fit = "fit: {" + ", ".join(f"f{n}: 1" for n in range(3_000)) + "}\n"
    variants = "variants:\n" + "".join(f" v{n}: {{fit: {{f{n}: null}}}}\n" for n in range(20))
    ((problem,), _) = idle(desk, text_of() + fit + variants)
    assert spot(problem) == ("too-many", 7, 1)


def test_a_rule_that_a_variant_changes_under_a_wrong_name_is_told_the_names(desk: Desk) -> None:
    ((problem,), _) = idle(desk, BASE + "variants: {lean: {constraints: {other: {at_most: 3}}}}\n")
    assert "to change another rule, use its name" in problem.mend


# --- variants of a file that is extended ---

FROM_BASE = (
    BASE
    + """variants:
  lean: {budget: 100}
  freer: {constraints: {nano share: {at_least: 1%}}}
  free: {constraints: {nano share: null}}
"""
)
CHILD = "extends: base.yaml\nconstraints: {nano share: null}\n"


@pytest.fixture
def extending(desk: Desk) -> Desk:
    desk.load()  # which writes the pool
    desk.write("base.yaml", FROM_BASE)
    return desk


def test_a_variant_of_the_base_that_no_longer_fits_does_not_block(extending: Desk) -> None:
    assert "nano share" not in [rule.name for rule in extending.load(CHILD).constraints]
    assert extending.load(CHILD, variant="lean").variant == "lean"
    problems, warnings = idle(extending, CHILD)
    assert problems == []
    assert [text.split(" ")[1] for text in warnings] == ["freer", "free"]
    assert all("base.yaml does not fit this scenario" in text and ": null}" in text for text in warnings)


@pytest.mark.parametrize(("variant", "code"), [("freer", "unknown-rule"), ("free", "nothing-to-remove")])
def test_it_is_a_fault_where_it_is_chosen(extending: Desk, variant: str, code: str) -> None:
    with pytest.raises(ScenarioError) as error:
        extending.load(CHILD, variant=variant)
    (problem,) = error.value.problems
    assert problem.code in (code, "missing-key")
    assert problem.place is not None
    assert problem.place.file.endswith("base.yaml")


def test_what_is_done_without_is_not_told(extending: Desk) -> None:
    assert idle(extending, CHILD + "variants: {freer: null, free: null}\n") == ([], [])


def test_a_variant_of_the_base_that_the_file_changes_is_its_own(extending: Desk) -> None:
    problems, warnings = idle(extending, CHILD + "variants: {lean: {budget: x}, free: null, freer: null}\n")
    assert ([problem.code for problem in problems], warnings) == (["not-a-number"], [])


def check(desk: Desk, content: str, *options: str) -> tuple[int, str]:
    desk.write("s.yaml", content)
    result = CliRunner().invoke(main, ["check", str(desk.folder / "s.yaml"), "--root", str(desk.folder), *options])
    return result.exit_code, result.output


def test_check_warns_of_a_variant_that_does_not_fit(extending: Desk) -> None:
    code, said = check(extending, CHILD)
    assert (code, "warning: variant free of" in said, "is in order" in said) == (0, True, True)
    shown = CliRunner().invoke(
        main, ["check", str(extending.folder / "s.yaml"), "--root", str(extending.folder), "--json"]
    )
    assert sum("does not fit" in text for text in json.loads(shown.stdout)["warnings"]) == 2


def test_check_refuses_a_broken_variant_of_the_file_itself(desk: Desk) -> None:
    desk.load()
    text = text_of() + "variants: {lean: {budgt: 5}}\n"
    code, said = check(desk, text)
    assert (code, 'unknown key "budgt"' in said) == (3, True)
    assert check(desk, text, "--variant", "lean")[0] == 3
    assert CliRunner().invoke(main, ["plan", str(desk.folder / "s.yaml"), "--root", str(desk.folder)]).exit_code == 0


def test_check_tells_the_faults_of_scenario_and_variants_together(desk: Desk) -> None:
    desk.load()
    code, said = check(desk, text_of(budget="x") + "variants: {lean: {budgt: 5}}\n")
    assert (code, "2 problems" in said) == (3, True)


def test_a_file_that_is_not_there_is_told_once(desk: Desk) -> None:
    code, said = check(desk, text_of() + "extends: nobody.yaml\n")
    assert (code, "1 problem in" in said) == (3, True)
