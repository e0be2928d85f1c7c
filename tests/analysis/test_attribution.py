"""What each key accounts for in the difference between two plans: exactly, fairly, and said where it cannot be told."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest

from optimizer import Plan, Scenario, compare, load_scenario
from optimizer.results.comparison import Account, AgainstBase
from tests.support.amounts import times
from tests.support.scenarios import scenario
from tests.support.small import FRAME, SAID, small
from tests.support.unexplained import plan_alone, without_explanations

PETS: dict[str, Any] = {"quantity": "spend", "group": {"niche": "pets"}, "at_most": "20%"}


def against(base: Scenario, other: Scenario, **terms: Any) -> AgainstBase:
    with without_explanations():
        found = compare({"base": base, "other": other}, gap=0, why=True, **terms).cases[1].against_base
    assert found is not None
    return found


def parts(found: AgainstBase) -> dict[str, Account]:
    assert found.accounts is not None, found.accounts_note
    return {one.key: one for one in found.accounts}


def exact(found: AgainstBase) -> dict[str, Fraction]:
    return {name: Fraction(one.exact_change or repr(one.change)) for name, one in parts(found).items()}


def whole(found: AgainstBase) -> Fraction:
    return Fraction(repr(found.difference))


def value(said: Mapping[str, Any], frame: Any) -> Fraction | None:
    plan = plan_alone(load_scenario(said, creators=frame), gap=0)
    return Fraction(repr(plan.objective.value)) if isinstance(plan, Plan) else None


# --- the parts are those of the formula ---


def changed(rng: random.Random, said: dict[str, Any]) -> dict[str, Any]:
    """New values of some parts of a scenario, by key; None for one that goes."""
    names = list(said.get("constraints", {}))
    every: dict[str, Any] = {"budget": rng.choice([50, 400, 3_000, 20_000])}
    every |= {f'constraints."{name}"' if " " in name else f"constraints.{name}": None for name in names}
    every["constraints.few"] = {"quantity": "creators", "at_most": rng.randint(1, 3)}
    return {key: every[key] for key in rng.sample(sorted(every), min(3, len(every)))}


def mixed(said: dict[str, Any], changes: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    said = {**said, "constraints": dict(said.get("constraints", {}))}
    for name in names:
        section, _, rule = name.replace('"', "").partition(".")
        where, key = (said["constraints"], rule) if rule else (said, section)
        if changes[name] is None:
            where.pop(key)
        else:
            where[key] = changes[name]
    return said


def test_parts_are_means_over_all_orders_and_sum_to_the_whole_difference() -> None:
    seen = 0
    for number in range(times(8)):
        said, frame = scenario(f"accounts {number}", sizes=(3, 6))
        changes = changed(random.Random(str(number)), said)
        base, other = (load_scenario(mixed(said, changes, some), creators=frame) for some in ((), tuple(changes)))
        with without_explanations():
            case = compare({"base": base, "other": other}, gap=0, why=True).cases[1]
        found = case.against_base
        if found is None:
            continue
        assert case.differs_in is not None
        keys = tuple(one.key for one in case.differs_in)
        assert set(keys) <= set(changes)
        known: dict[frozenset[str], Fraction | None] = {}
        for order in permutations(keys):
            for size in range(len(keys) + 1):
                some = order[:size]
                if frozenset(some) not in known:
                    known[frozenset(some)] = value(mixed(said, changes, some), frame)
        if found.accounts is None or found.accounts_note is not None:
            assert None in known.values()
            continue
        seen += 1
        shares = dict.fromkeys(keys, Fraction(0))
        orders = list(permutations(keys))
        for order in orders:
            for before, after in pairwise(order[:size] for size in range(len(keys) + 1)):
                rise = known[frozenset(after)] - known[frozenset(before)]  # type: ignore[operator]
                shares[after[-1]] += rise / len(orders)
        assert exact(found) == shares
        assert sum(shares.values()) == whole(found)
        assert all(one.proved and one.how == "shapley" for one in parts(found).values())
    assert seen >= times(2)


def test_a_single_key_accounts_for_all_of_it() -> None:
    found = against(small(), small(budget=700))
    assert exact(found) == {"budget": whole(found)}
    assert whole(found) > 0


def test_a_key_without_effect_accounts_for_nothing() -> None:
    loose = {"loose": {"quantity": "creators", "at_most": 50}}
    found = against(small(), small(budget=700, constraints=loose, name="renamed"))
    assert exact(found) == {"budget": whole(found), "constraints.loose": 0}


def test_two_keys_that_do_the_same_get_equal_parts_even_where_these_are_no_decimals() -> None:
    fans = {"creator": ["@ann", "@bob"], "engagements": [100, 1], "fee": [10, 10]}
    frame = {"creator": fans["creator"], "average_engagements": fans["engagements"], "fee": fans["fee"]}
    limits = {f"limit {n}": {"quantity": "engagements", "at_most": 50} for n in (1, 2, 3)}
    base = small(frame)
    found = against(base, small(frame, constraints=limits))
    assert found.difference == -100
    names = [f'constraints."limit {n}"' for n in (1, 2, 3)]
    assert exact(found) == dict.fromkeys(names, Fraction(-100, 3))
    assert [one.exact_change for one in parts(found).values()] == ["-100/3"] * 3
    assert [one.change for one in parts(found).values()] == [-100 / 3] * 3


def test_parts_do_not_depend_on_the_order_of_keys_and_turn_round_with_the_cases() -> None:
    rules = {"pets": PETS, "few": {"quantity": "creators", "at_most": 2}}
    said = {**SAID, "budget": 300, "constraints": rules}
    turned = dict(reversed(list({**said, "constraints": dict(reversed(list(rules.items())))}.items())))
    found, again = (against(small(), load_scenario(one, creators=FRAME)) for one in (said, turned))
    back = against(load_scenario(said, creators=FRAME), small())
    assert exact(found) == exact(again) == {name: -part for name, part in exact(back).items()}
    assert len(exact(found)) == 3


def test_extends_variants_and_changes_are_accounted_for_alike(tmp_path: Path) -> None:
    rows = [",".join(map(str, row)) for row in zip(*FRAME.values(), strict=True)]
    (tmp_path / "pool.csv").write_text("\n".join([",".join(FRAME), *rows]), encoding="utf-8")
    lean = "{budget: 300, constraints: {few: {quantity: creators, at_most: 1}}}"
    head = "format: 1\ncurrency: EUR\nbudget: 500\nobjective: {maximize: engagements}\ncreators: pool.csv\n"
    base = f"{head}variants: {{lean: {lean}}}\n"
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(
        f"extends: base.yaml\n{lean[1:-1].replace(', c', chr(10) + 'c')}\n", encoding="utf-8"
    )
    changes = {"budget": 300, "constraints.few": {"quantity": "creators", "at_most": 1}}
    first = load_scenario(tmp_path / "base.yaml")
    found = [
        against(first, load_scenario(tmp_path / "base.yaml", variant="lean")),
        against(first, load_scenario(tmp_path / "other.yaml")),
        against(first, load_scenario(tmp_path / "base.yaml", changes=changes)),
    ]
    assert exact(found[0]) == exact(found[1]) == exact(found[2])
    assert list(exact(found[0])) == ["budget", "constraints.few"]
    assert all(exact(found[0]).values())


def test_another_table_of_creators_is_accounted_for_with_the_rest() -> None:
    cheaper = FRAME | {"fee": ["50", "100", "150", "25"]}
    found = against(small(), small(cheaper, budget=200))
    shares = exact(found)
    both = [value({**SAID, "budget": budget}, frame) for budget in (400, 200) for frame in (FRAME, cheaper)]
    old, new, old_half, new_half = (one or Fraction(0) for one in both)
    assert shares == {
        "budget": (old_half - old + new_half - new) / 2,
        "creators": (new - old + new_half - old_half) / 2,
    }


def test_a_rule_that_counts_different_values_is_accounted_for() -> None:
    wide = {"wide": {"quantity": "distinct.niche", "at_least": 2}}
    found = against(small(constraints={"pets": PETS}), small(budget=300, constraints={"pets": PETS} | wide))
    assert list(exact(found)) == ["budget", "constraints.wide"]
    assert sum(exact(found).values()) == whole(found)


def test_goals_in_order_are_accounted_for_by_the_first() -> None:
    goals = [{"maximize": "engagements", "keep": "90%"}, {"minimize": "spend"}]
    found = against(small(), small(objective=goals, budget=700))
    assert list(exact(found)) == ["budget", "objective"]
    assert sum(exact(found).values()) == whole(found)


# --- in file order ---


def five() -> dict[str, Any]:
    rules: dict[str, Any] = {
        "few": {"quantity": "creators", "at_most": 2},
        "pets": PETS,
        "low": {"quantity": "spend", "per": "creator", "at_most": 150},
    }
    return {"budget": 300, "exclude": ["@dan"], "constraints": rules}


def test_five_keys_are_changed_one_after_the_other_and_it_is_said() -> None:
    said, names = five(), ["budget", "exclude", "constraints.few", "constraints.pets", "constraints.low"]
    found = against(small(), small(**said))
    assert found.accounts_note == "in file order, because more than 4 keys differ"
    assert [(one.key, one.how, one.proved) for one in found.accounts or ()] == [
        (name, "in file order", True) for name in names
    ]
    changes = {name: said["constraints"].get(name.partition(".")[2]) or said.get(name) for name in names}
    known = [value(mixed(SAID, changes, tuple(names[:size])), FRAME) or Fraction(0) for size in range(6)]
    assert list(exact(found).values()) == [after - before for before, after in pairwise(known)]


def test_four_keys_still_have_their_means() -> None:
    found = against(small(), small(**{name: part for name, part in five().items() if name != "exclude"}))
    assert found.accounts_note is None
    assert [one.how for one in found.accounts or ()] == ["shapley"] * 4
    assert sum(exact(found).values()) == whole(found)


def test_very_many_keys_are_taken_together_by_section() -> None:
    rules = {f"rule {n}": {"quantity": "creators", "at_most": 1 + n % 3} for n in range(25)}
    found = against(small(), small(budget=300, constraints=rules))
    assert list(exact(found)) == ["budget", "constraints"]
    assert found.accounts_note == "keys of a section are taken together, because more than 20 differ"
    assert sum(exact(found).values()) == whole(found)


def test_where_a_mix_has_no_plan_keys_are_changed_in_file_order() -> None:
    base, many = small(budget=60), {"many": {"quantity": "creators", "at_least": 3}}
    found = against(base, small(budget=700, constraints=many))
    assert found.accounts_note == (
        "in file order, because with constraints.many as in other, all else as in base, no plan keeps the rules"
    )
    assert exact(found) == {"budget": whole(found), "constraints.many": 0}
    assert {one.how for one in parts(found).values()} == {"in file order"}


def test_where_that_fails_too_it_cannot_be_told() -> None:
    many = {"many": {"quantity": "creators", "at_least": 3}}
    found = against(small(budget=700, constraints=many), small(budget=60))
    assert found.difference is not None
    assert found.accounts is None
    assert found.accounts_note == (
        "what each key accounts for cannot be told: with budget as in other, all else as in base, "
        "no plan keeps the rules"
    )


def test_where_a_mix_is_no_scenario_its_fault_is_said() -> None:
    own = {
        "quantities": {"fans": {"column": "followers"}},
        "constraints": {"some": {"quantity": "fans", "at_least": 1}},
    }
    found = against(small(), small(**own))
    assert found.accounts_note is not None
    assert found.accounts_note.startswith(
        "in file order, because with constraints.some as in other, all else as in base, there is no scenario to plan ("
    )
    assert exact(found) == {"quantities.fans": 0, "constraints.some": 0}


# --- when there is nothing to account for ---


def test_nothing_is_planned_beyond_the_cases_unless_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.analysis.attribution.searched", lambda *_, **__: pytest.fail("nobody asked"))
    case = compare({"base": small(), "other": small(budget=300, constraints={"pets": PETS})}).cases[1]
    assert case.against_base is not None
    assert (case.against_base.accounts, case.against_base.accounts_note) == (None, None)
    assert case.differs_in is not None
    assert [one.key for one in case.differs_in] == ["budget", "constraints.pets"]


def test_the_keys_of_a_case_are_told_against_the_base_even_if_that_is_not_the_first() -> None:
    none = small(constraints={"many": {"quantity": "creators", "at_least": 5}}, budget=1)
    comparison = compare({"none": none, "base": small(), "other": small(budget=300)})
    told = [[(one.key, one.before, one.after) for one in case.differs_in or ()] for case in comparison.cases]
    many = "{quantity: creators, at_least: 5}"
    assert told == [[("budget", "400", "1"), ("constraints.many", None, many)], [], [("budget", "400", "300")]]


def test_a_finished_plan_has_no_keys_and_nothing_is_accounted_for() -> None:
    plan = plan_alone(small(budget=300), gap=0)
    with without_explanations():
        case = compare([("base", small()), ("plan", plan)], why=True).cases[1]
    assert case.differs_in is None
    assert case.against_base is not None
    assert case.against_base.accounts is None
    assert case.against_base.accounts_note == (
        "what accounts for the difference can be told of two scenarios, not of a finished plan"
    )


def test_values_of_other_objectives_are_not_accounted_for() -> None:
    found = against(small(), small(objective={"maximize": "creators"}, budget=300))
    assert (found.difference, found.accounts, found.accounts_note) == (None, None, None)


def test_scenarios_that_differ_in_nothing_have_no_parts() -> None:
    found = against(small(), small(name="again"))
    assert (found.difference, found.accounts, found.accounts_note) == (0, (), None)


# --- limits ---


def test_what_rests_on_a_plan_that_is_not_proved_is_not_proved() -> None:
    rng = random.Random("limited")
    count = 40
    frame = {
        "creator": [f"@c{n:02}" for n in range(count)],
        "average_engagements": [rng.randint(100, 999) for _ in range(count)],
        "fee": [rng.randint(20, 200) for _ in range(count)],
        "niche": [rng.choice(["food", "pets"]) for _ in range(count)],
    }
    loaded = [small(frame, budget=1_000), small(frame, budget=1_500, constraints={"pets": PETS})]
    found, again = (against(*loaded, rounds=2) for _ in range(2))
    assert found == again
    assert sum(exact(found).values()) == whole(found)
    assert not any(one.proved for one in parts(found).values())
    proved = parts(against(*loaded))
    for name, one in parts(found).items():
        assert proved[name].proved
        assert proved[name].low == proved[name].change == proved[name].high
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.high
        assert one.low <= proved[name].change <= one.high


def test_once_it_is_stopped_no_more_is_planned() -> None:
    begun: list[str] = []
    found = against(
        small(),
        small(budget=300, constraints={"pets": PETS}),
        on_progress=lambda name, progress: begun.append(name) if progress is None else None,
        cancel=lambda: len(begun) > 2,
    )
    assert begun == ["base", "other", "other"]
    assert found.difference is not None
    assert found.accounts is None
    assert found.accounts_note == "what each key accounts for cannot be told: it was stopped"
