"""Whatever is changed in a plan, its scenario or its pool is found; and a proof that is none is not believed."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import load_scenario, optimize, to_json, verify
from optimizer.cli.main import main
from optimizer.results.stated import digest
from tests.support.amounts import times
from tests.support.answers import Answered, answered

MUTANTS = times(385)
FREE = {("solver", "seconds")}  # it may differ from run to run, and nothing follows from it
Path_ = tuple[str | int, ...]


@pytest.fixture(scope="module")
def answers() -> list[Answered]:
    return list(answered("changed", 60, sizes=(4, 10)))


def leaves(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every place that holds a digit."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, at))
    elif not isinstance(value, bool) and any(char.isdigit() for char in str(value)) and path not in FREE:
        yield path, value


def with_one_digit_changed(value: Any, rng: random.Random) -> Any:
    text = str(value)
    while True:
        at = rng.choice([at for at, char in enumerate(text) if char in "0123456789"])
        changed = text[:at] + rng.choice("0123456789") + text[at + 1 :]
        try:
            new = changed if isinstance(value, str) else json.loads(changed)
        except ValueError:  # 012 is no number
            new = value
        if new != value:
            return new
        if isinstance(value, (int, float)) and len(text) == 1:
            return value + 1


def put(said: dict[str, Any], path: Path_, value: Any) -> dict[str, Any]:
    """A copy with one value changed."""
    copy = json.loads(json.dumps(said))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


def sealed(said: dict[str, Any]) -> dict[str, Any]:
    """As a forger would leave it: with the digest of what was changed."""
    return said | {"digest": digest(said)}


def test_no_plan_with_one_digit_changed_is_accepted(answers: list[Answered]) -> None:
    rng = random.Random(4)
    for _ in range(MUTANTS):
        answer = rng.choice(answers)
        path, value = rng.choice(list(leaves(answer.said)))
        mutant = put(answer.said, path, with_one_digit_changed(value, rng))
        assert not verify(mutant, answer.scenario).holds, f"{answer.seed}: {path}"


DRAWN = ("p10", "p50", "p90")  # which are drawn again only if that is asked for
PRICES = ("shadow_price", "price_up", "price_down")  # see the tests of prices; of the sides only the signs are known


def test_no_figure_of_a_plan_can_be_forged(answers: list[Answered]) -> None:
    """With a digest that fits, figures are still worked out again, and every one is found to be another."""
    rng = random.Random(5)
    plans = [answer for answer in answers if answer.outcome == "plan"]
    told = ("allocations", "totals", "objective", "constraints", "claim", "currency", "scenario")
    for _ in range(600):
        answer = rng.choice(plans)
        places = [
            (path, value)
            for path, value in leaves(answer.said)
            if path[0] in told and path[-1] not in (*PRICES, *DRAWN)
        ]
        path, value = rng.choice(places)
        forged = sealed(put(answer.said, path, with_one_digit_changed(value, rng)))
        assert not verify(forged, answer.scenario).holds, f"{answer.seed}: {path}"


def test_no_price_of_a_rule_can_be_forged(answers: list[Answered]) -> None:
    """Neither alone, nor with the relaxation or the row prices that it follows from."""
    kinds = Counter[str]()
    for answer in answers:
        if answer.outcome != "plan" or answer.said["certificate"]["relaxed"] is None:
            continue
        for at, rule in enumerate(answer.said["constraints"]):
            price = rule["shadow_price"]
            for forged in (2 * price, price * 1.0001, -price, 0.0, price + 1.0):
                if forged != price:
                    changed = sealed(put(answer.said, ("constraints", at, "shadow_price"), forged))
                    assert not verify(changed, answer.scenario).holds, f"{answer.seed}: {rule['name']}"
                    kinds[rule["kind"]] += price != 0
        relaxed = answer.said["certificate"]["relaxed"]
        for other in ([], [one | {"count": 1.01 * one["count"]} for one in relaxed], [*relaxed, *relaxed[:1]]):
            changed = sealed(put(answer.said, ("certificate", "relaxed"), other))
            if answer.said["certificate"]["root_bound"]:
                assert not verify(changed, answer.scenario).holds, f"{answer.seed}: {other}"
    assert min(kinds[kind] for kind in ("absolute", "share", "ratio")) > 3


def test_prices_that_are_not_those_of_the_rules_are_refused(answers: list[Answered]) -> None:
    """Twice the price of a budget proves a bound too, and mostly a weaker one: then it is no price of the budget."""
    tried = 0
    for answer in answers:
        certificate = answer.said["certificate"]
        if answer.outcome != "plan" or certificate["relaxed"] is None or not certificate["root_bound"]:
            continue
        forged = json.loads(json.dumps(answer.said))
        forged["certificate"]["stages"] = []  # what they leave open rests on the prices
        forged["certificate"]["rows"] = {name: 2 * price for name, price in certificate["rows"].items()}
        for rule in forged["constraints"]:
            rule["shadow_price"] *= 2
        verification = verify(sealed(forged), answer.scenario)
        tried += "its relaxation is not worth what its prices prove" in str(verification)
    assert tried > 3


def test_a_plan_without_its_relaxation_is_verified_but_for_the_size_of_some_prices(answers: list[Answered]) -> None:
    """Version 0.1.0 stated none."""
    for answer in answers:
        if answer.outcome == "plan":
            without = json.loads(json.dumps(answer.said))
            del without["certificate"]["relaxed"]
            assert verify(sealed(without), answer.scenario).holds, answer.seed
            for at, rule in enumerate(without["constraints"]):
                if rule["shadow_price"]:
                    changed = put(without, ("constraints", at, "shadow_price"), -rule["shadow_price"])
                    assert not verify(sealed(changed), answer.scenario).holds, answer.seed


def test_no_tighter_bound_can_be_forged(answers: list[Answered]) -> None:
    for answer in answers:
        if answer.outcome != "plan":
            continue
        goal = answer.said["objective"]
        gain = -1 if goal["sense"] == "maximize" else 1
        forged = json.loads(json.dumps(answer.said))
        forged["objective"]["bound"] = forged["certificate"]["bound"] = goal["bound"] + gain * abs(goal["bound"]) / 1000
        if goal["bound"]:
            assert not verify(sealed(forged), answer.scenario).holds


def forgeries(said: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A plan with cases whose proof was damaged."""
    cases = said["certificate"]["cases"]

    def changed(do: Callable[[list[Any]], None]) -> dict[str, Any]:
        copy = json.loads(json.dumps(said))
        do(copy["certificate"]["cases"])
        return sealed(copy)

    yield "the last case left out", changed(lambda cases: cases.pop())
    yield "a case too many", changed(lambda cases: cases.append({"rows": [], "prices": []}))
    unpriced = [case | {"rows": [], "prices": []} for case in cases]
    copy = json.loads(json.dumps(said))
    copy["certificate"]["cases"] = unpriced
    for stage in copy["certificate"]["stages"]:  # which may leave so little open that cases need no prices
        stage.update(rows=[], prices=[])
    yield "nothing with prices", sealed(copy)
    empty = [case if "split" in case else {"rows": [], "prices": [], "impossible": True} for case in cases]
    yield "cases that are said to be empty", changed(lambda cases: cases.__setitem__(slice(None), empty))
    lost = {"split": {"booking": len(said["certificate"]["bookings"]), "at_most": 0}, "rows": [], "prices": []}
    yield "a split at nobody", changed(lambda cases: cases.__setitem__(0, lost))
    copy = json.loads(json.dumps(said))
    copy["certificate"]["bookings"][0] = {"creator": "nobody", "offer": "none"}
    yield "a booking that cannot be made", sealed(copy)
    yield from damaged_stages(said)
    copy = json.loads(json.dumps(said))
    copy["certificate"]["above"] = 2 * abs(copy["certificate"]["above"] or 10**15) + 1
    yield "plans left out that are worth less than said", sealed(copy)
    copy = json.loads(json.dumps(said))
    copy["certificate"]["rows"] = {name: -price for name, price in copy["certificate"]["rows"].items()}
    yield "prices of the wrong sign", sealed(copy)


def damaged_stages(said: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A plan whose rows do not follow by rounding as it says."""
    stages = said["certificate"]["stages"]

    def changed(at: int, do: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        copy = json.loads(json.dumps(said))
        do(copy["certificate"]["stages"][at])
        return sealed(copy)

    for at, stage in enumerate(stages):
        yield "fewer open than there are", changed(at, lambda stage: stage.update(open=stage["open"] - 1))
        if not stage["rounded"]:
            continue
        far = len(stage["rounded"]) + 10**6
        yield "a side that is not there", changed(at, lambda stage, far=far: stage["rounded"][0]["sides"].append(far))
        yield "a weight that is missing", changed(at, lambda stage: stage["rounded"][0]["weights"].pop())
        yield "no divisor", changed(at, lambda stage: stage["rounded"][0].update(divisor=0))
        yield "a divisor below 0", changed(at, lambda stage: stage["rounded"][0].update(divisor=-7))
        priced = [at for case in [*stages, *said["certificate"]["cases"]] for at in case["rows"]]
        if max(priced, default=0) >= len(said["certificate"]["rows"]):
            yield "rows that have prices and are not there", changed(at, lambda stage: stage["rounded"].clear())
        yield (
            "a side out of itself",
            changed(at, lambda stage, far=far: [row.update(sides=[far], weights=[1]) for row in stage["rounded"]]),
        )


def test_no_damaged_proof_is_believed(answers: list[Answered]) -> None:
    tried = 0
    for answer in answers:
        if (
            answer.outcome == "plan"
            and answer.said["certificate"]["bookings"]
            and answer.said["objective"]["value"] > 0
        ):
            for what, forged in forgeries(answer.said):
                verification = verify(forged, answer.scenario)
                assert not verification.holds, f"{answer.seed}: {what}"
                tried += 1
    assert tried > 30


def test_a_clash_is_believed_for_what_it_proves_only(answers: list[Answered]) -> None:
    proved = [answer for answer in answers if answer.said.get("proof") in ("prices", "branches")]
    clashes = [answer for answer in proved if len(answer.said["conflict"]) > 1]
    assert len(clashes) > 5
    for answer in clashes:
        less = answer.said | {"conflict": answer.said["conflict"][1:]}
        assert not verify(sealed(less), answer.scenario).holds, answer.seed
        certificate = answer.said["certificate"]
        unpriced = certificate | {"rows": dict.fromkeys(certificate["rows"], 0.0), "cases": []}
        assert not verify(sealed(answer.said | {"certificate": unpriced}), answer.scenario).holds, answer.seed


def test_a_plan_that_books_less_or_more_breaks_something(answers: list[Answered]) -> None:
    for answer in answers:
        if answer.outcome == "plan" and answer.said["allocations"]:
            fewer = answer.said | {"allocations": answer.said["allocations"][1:]}
            assert not verify(sealed(fewer), answer.scenario).holds, answer.seed
            first = answer.said["allocations"][0]
            more = answer.said | {
                "allocations": [first | {"count": first["count"] + 1}, *answer.said["allocations"][1:]]
            }
            assert not verify(sealed(more), answer.scenario).holds, answer.seed


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        {"outcome": "plan"},
        {"outcome": 3, "format": "creatormix/plan/1"},
        {"format": "creatormix/plan/2", "outcome": "plan"},
        {"format": "creatormix/plan/1", "outcome": "plan", "scenario": None, "inputs": 1, "solver": {}, "digest": ""},
    ],
)
def test_what_is_no_plan_is_refused_in_words(said: Any, answers: list[Answered], tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    verification = verify(path, answers[0].scenario)
    assert not verification.holds
    assert "this is not a plan" in str(verification)


def test_a_plan_with_any_field_of_another_kind_is_refused(answers: list[Answered]) -> None:
    rng = random.Random(9)
    odd = [None, [], {}, "", "x", -1, 1e308, True, float("nan"), [[]], {"a": 1}]
    for _ in range(400):
        answer = rng.choice(answers)
        path, value = rng.choice(list(leaves(answer.said)))
        for cut in range(1, len(path) + 1):
            new = rng.choice([one for one in odd if one != value])
            assert not verify(put(answer.said, path[:cut], new), answer.scenario).holds


# --- files, by the command ---

SCENARIO = """\
format: 1
name: Spring
currency: EUR
budget: 1_000
objective: {maximize: engagements}
creators: creators.csv
variants:
  lean: {budget: 500}
"""
POOL = (
    "creator,niche,followers,engagement_rate,fee\n@ann,food,2000,5%,100\n@bob,food,3000,4%,200\n@cyd,pets,9000,2%,900\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "creators.csv").write_text(POOL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_text(to_json(optimize(load_scenario("scenario.yaml"))), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["verify", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_plan_is_verified_from_its_file(folder: Path) -> None:
    assert run("plan.json") == (
        0,
        "verified: the plan keeps every rule, its figures follow from the scenario, and no plan is better\n",
        "",
    )
    code, shown, _ = run("plan.json", "--json")
    assert code == 0
    assert json.loads(shown) == {
        "format": "creatormix/verification/1",
        "holds": True,
        "outcome": "plan",
        "says": "verified: the plan keeps every rule, its figures follow from the scenario, and no plan is better",
        "differences": [],
    }


def test_a_plan_of_a_variant_is_verified_with_it(folder: Path) -> None:
    loaded = load_scenario("scenario.yaml", variant="lean", changes={"budget": 300})
    Path("lean.json").write_text(to_json(optimize(loaded)), encoding="utf-8")
    assert run("lean.json")[0] == 0


@pytest.mark.parametrize("name", ["scenario.yaml", "creators.csv"])
def test_no_digit_of_a_scenario_or_a_pool_can_be_changed(name: str, folder: Path) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    for at, char in enumerate(text):
        if char.isdigit():
            other = str((int(char) + 1) % 10)
            (folder / name).write_text(text[:at] + other + text[at + 1 :], encoding="utf-8")
            code, shown, _ = run("plan.json")
            assert code == 6, text[:at] + other
            assert shown.startswith("not verified\n")


def test_a_changed_pool_is_named(folder: Path) -> None:
    (folder / "creators.csv").write_text(POOL.replace("2%,900", "2%,899"), encoding="utf-8")
    code, shown, _ = run("plan.json")
    assert code == 6
    assert "  inputs: these files have changed: creators.csv\n" in shown
    assert "  totals > spend: the plan states 1000.0, but it is 999.0\n" in shown


def test_a_scenario_that_is_not_there_is_asked_for(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "scenario.yaml").rename(folder / "elsewhere" / "scenario.yaml")
    (folder / "creators.csv").rename(folder / "elsewhere" / "creators.csv")
    code, _, told = run("plan.json")
    assert code == 3
    assert "the scenario scenario.yaml of this plan is not here\n  mend: name it: --scenario" in told
    assert run("plan.json", "--scenario", "elsewhere/scenario.yaml")[0] == 0


def test_what_is_no_json_fails_and_what_is_not_there_is_a_fault(folder: Path) -> None:
    (folder / "odd.json").write_bytes(b"\xff{")
    assert run("odd.json")[0] == 6
    assert run("nowhere.json")[0] == 3
    assert run("scenario.yaml")[0] == 6
