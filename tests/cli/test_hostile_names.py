"""Texts that are meant to do harm, in every place of a scenario and a pool, and through everything that is written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import highspy
import openpyxl
import pytest
from click.testing import CliRunner, Result
from rich.cells import set_cell_size

from optimizer import Plan, load_scenario, to_json, try_optimize
from optimizer.analysis.compare import compare
from optimizer.cli import answering
from optimizer.cli.main import main
from optimizer.loading import load
from optimizer.report import as_csv
from optimizer.report import comparison as comparison_text
from optimizer.report.text import render
from tests.cli.hostile import CORPUS, ODD, PLAIN, acting, can_be_typed, composed, in_a_cell, quoted
from tests.support.planned_once import plan_once

AT_ONCE = 49  # a scenario has at most 50 tiers
LIVE = ("=", "+", "-", "@", "\t", "\r", "|")
HEADER = "creator,niche,country,platform,followers,engagement_rate,fee,women"
NUMBERS = ["5000", "0.03", "100", "3"]
OURS = "fault of ours"
TOLD = "\n\t"  # what a message may hold: lines of a file are shown in it
SCENARIO = """format: 1
currency: EUR
objective: {maximize: engagements}
creators: c.csv
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(answering.threading, "active_count", lambda: 1)  # else leaving would end the test's process
    plan_once(monkeypatch)
    (tmp_path / "c.csv").write_bytes(pool_of([["@ann", "food", "FR", "tiktok", *NUMBERS]]))
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def invoke(*arguments: str) -> Result:
    result = CliRunner(env={"COLUMNS": "140"}).invoke(main, list(arguments), color=True)  # as on a terminal
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    return result


def answer(*arguments: str) -> str:
    """What stdout says, of a command that must succeed."""
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    assert acting(result.stdout.removeprefix("\ufeff")) == []
    assert acting(result.stderr) == []
    return result.stdout


def pool_of(rows: list[list[str]], header: str = HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([header.split(","), *rows])
    return out.getvalue().encode("utf-8", "surrogatepass")


def is_short(text: str) -> bool:
    return len(text) < 50


def squeezed(text: str) -> str:
    return "".join(text.split())


def as_label(text: str) -> str | None:
    """What a label's cell holds, in which bars part several values."""
    blank = text.strip().casefold() in ("-", "--", "–", "—", "nan", "null", "n/a", "#n/a", "?")
    return in_a_cell(text) if text.strip("| ") and not blank else None


def first_column(text: str, title: str, marker: str) -> list[str]:
    """The texts in the first column of a table, those folded over several lines put together, without blanks.

    A row begins where there is something from the heading `marker` on.
    """
    lines = iter(text.split(f"\n{title}\n")[1].splitlines())
    heading = next(line for line in lines if line.strip())
    width = heading.index("  ", 2) + 1
    width += len(heading[width:]) - len(heading[width:].lstrip())
    found: list[str] = []
    assert next(lines).strip(" \u2500") == ""
    for line in lines:
        if not line.strip():
            break
        cell = set_cell_size(line, width)
        if line[len(set_cell_size(line, heading.index(marker))) :].strip():
            found.append("")
        found[-1] += squeezed(cell)
    return found


# --- many at once, each as a handle, a label, an offer, pay terms, a tier and a rule ---


@dataclass(frozen=True)
class Batch:
    """A scenario over as many creators as there are texts; each text stands once in every place."""

    texts: tuple[str, ...]

    def text(self, at: int) -> str:
        return self.texts[at % len(self.texts)]

    @property
    def handles(self) -> list[str]:
        return [in_a_cell(text) for text in self.texts]

    def labels(self, at: int) -> tuple[str, str, str]:
        return self.text(at + 1), self.text(at + 2), self.text(at + 3)

    def pool(self) -> bytes:
        rows = [[text, *self.labels(at), str(1_000 + 10 * at), *NUMBERS[1:]] for at, text in enumerate(self.texts)]
        return pool_of(rows)

    def scenario(self) -> str:
        lines = [SCENARIO]
        parts = {"tiers": "", "pay": "", "offers": "", "constraints": ""}
        for at, text in enumerate(self.texts):
            name, who = quoted(text), quoted(in_a_cell(text))
            parts["tiers"] += f"  {name}: [{1_000 + 10 * at}, {1_009 + 10 * at}]\n"
            parts["pay"] += f"  {name}: {{model: fee}}\n"
            parts["offers"] += f"  {name}: {{deliver: {{video: 1}}, pay: {name}, to: {{creator: {who}}}}}\n"
            parts["constraints"] += f"  {name}: {{quantity: creators, group: {{creator: {who}}}, at_least: 1}}\n"
        lines += [f"{key}:\n{said}" for key, said in parts.items()]
        return "".join(lines)


BATCHES = [Batch(tuple(PLAIN[start : start + AT_ONCE])) for start in range(0, len(PLAIN), AT_ONCE)]


@pytest.fixture(params=BATCHES, ids=range(len(BATCHES)))
def batch(request: pytest.FixtureRequest, folder: Path) -> Batch:
    found: Batch = request.param
    (folder / "c.csv").write_bytes(found.pool())
    (folder / "s.yaml").write_text(found.scenario(), encoding="utf-8")
    return found


def test_a_plan_shows_every_text_whole_and_none_as_markup(batch: Batch) -> None:
    shown = answer("plan", "s.yaml", "--all")
    assert sorted(first_column(shown, "Booked", "spend (EUR)")) == sorted(map(squeezed, batch.handles))
    assert sorted(first_column(shown, "Mix", "bookings")) == sorted(squeezed(composed(text)) for text in batch.texts)
    assert sorted(first_column(shown, "Rules", "bound")) == sorted(squeezed(composed(text)) for text in batch.texts)


def test_json_reads_back_to_the_same_texts_and_holds_when_verified(batch: Batch) -> None:
    answer("plan", "s.yaml", "--json", "--out", "p.json")
    plan = json.loads(Path("p.json").read_text(encoding="utf-8"))
    assert {one["creator"]: one["offer"] for one in plan["allocations"]} == {
        in_a_cell(text): composed(text) for text in batch.texts
    }
    assert {
        one["creator"]: (one["niche"], one["country"], one["platform"], one["tier"]) for one in plan["allocations"]
    } == {in_a_cell(text): (*map(as_label, batch.labels(at)), composed(text)) for at, text in enumerate(batch.texts)}
    assert [rule["name"] for rule in plan["constraints"]] == [composed(text) for text in batch.texts]
    assert answer("verify", "p.json").startswith("verified: ")
    assert json.loads(answer("verify", "p.json", "--json"))["holds"] is True


def test_no_cell_of_a_csv_begins_like_a_formula_whatever_the_texts(batch: Batch) -> None:
    rows = list(csv.reader(io.StringIO(answer("plan", "s.yaml", "--csv").removeprefix("\ufeff"))))
    assert len(rows) == 1 + len(batch.texts)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in rows for cell in row if cell.startswith(LIVE)] == []


def test_raw_csv_gives_every_text_back_as_it_is(batch: Batch) -> None:
    rows = list(csv.DictReader(io.StringIO(answer("plan", "s.yaml", "--raw-csv"), newline="")))
    planned = json.loads(answer("plan", "s.yaml", "--json"))["allocations"]
    names = ("creator", "offer", "niche", "country", "platform", "tier")
    assert sorted(tuple(row[name] for name in names) for row in rows) == sorted(
        tuple(one[name] or "" for name in names) for one in planned
    )


def test_a_workbook_holds_every_text_whole_as_a_text_and_none_as_a_formula(batch: Batch) -> None:
    shown = invoke("plan", "s.yaml", "--out", "p.xlsx")
    assert (shown.exit_code, shown.stdout, acting(shown.stderr)) == (0, "", [])
    book = openpyxl.load_workbook("p.xlsx")
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    heading, *rows = book["Booked"].iter_rows(values_only=True)
    found = [dict(zip(heading, row, strict=True)) for row in rows]
    assert {row["creator"]: row["offer"] for row in found} == {in_a_cell(text): composed(text) for text in batch.texts}
    assert invoke("compare", "s.yaml", "--set", "budget=90_000", "--out", "c.xlsx").exit_code == 0
    book = openpyxl.load_workbook("c.xlsx")
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


@pytest.mark.parametrize("style", ["fr", "ch"])
def test_no_cell_of_a_style_begins_like_a_formula_whatever_the_texts(style: str, batch: Batch) -> None:
    said = answer("plan", "s.yaml", "--csv-style", style).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(said), delimiter=";"))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in rows for cell in row if cell.startswith(LIVE)] == []


@pytest.mark.parametrize("kind", ["lp", "mps"])
def test_a_model_with_the_texts_in_its_comments_is_read_with_all_its_columns(batch: Batch, kind: str) -> None:
    shown = invoke("plan", "s.yaml", "--write-model", f"m.{kind}", "--json", "--out", "p.json")
    assert (shown.exit_code, shown.stdout) == (0, "")
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    assert h.readModel(f"m.{kind}") == highspy.HighsStatus.kOk
    assert h.getNumCol() == json.loads(answer("check", "s.yaml", "--json"))["bookings"] == len(batch.texts)
    assert acting(Path(f"m.{kind}").read_text(encoding="utf-8")) == []


def test_resolved_values_are_one_line_each_with_the_text_in_it(batch: Batch) -> None:
    lines = answer("check", "s.yaml", "--resolved").splitlines()
    values = json.loads(answer("check", "s.yaml", "--resolved", "--json"))["values"]
    assert lines == [f"{one['path']}: {one['value']}  # {one['from']}" for one in values]
    said = [one["value"] for one in values if one["path"].startswith("offers.") and one["path"].endswith(".pay")]
    assert said == [composed(text) if text == text.strip() else text for text in batch.texts]


def test_a_comparison_shows_every_text_and_its_csv_and_json_are_safe(batch: Batch) -> None:
    change = "budget=90_000"
    roster = json.loads(answer("compare", "s.yaml", "--set", change, "--json"))["roster"]
    assert {one["creator"]: one["offer"] for one in roster} == {in_a_cell(text): composed(text) for text in batch.texts}
    safe = list(csv.reader(io.StringIO(answer("compare", "s.yaml", "--set", change, "--csv").removeprefix("\ufeff"))))
    assert [cell for row in safe for cell in row if cell.startswith(LIVE)] == []


def again(folder: Path) -> tuple[Any, Any]:
    """The pool as it is, and as it is read once more from our own CSV."""
    (folder / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    answer("plan", "s.yaml", "--csv", "--out", "booked.csv")
    again = {**SAID, "objective": {"maximize": "creators"}, "creators": "booked.csv", "assume": {"fee": 1}}
    return load_scenario(folder / "s.yaml").pool, load_scenario(again, root=folder).pool


def test_handles_come_back_from_our_own_csv(batch: Batch, folder: Path) -> None:
    before, after = again(folder)
    assert list(after.ids) == list(before.ids)
    assert sorted(after.ids) == sorted(batch.handles)


def test_labels_come_back_from_our_own_csv(batch: Batch, folder: Path) -> None:
    before, after = again(folder)
    for label in ("niche", "country", "platform"):
        read = [
            {who: one.vocabulary[code] if code >= 0 else None for who, code in zip(pool.ids, one.codes, strict=True)}
            for pool in (before, after)
            for one in [pool.columns[label]]
        ]
        assert {who: (said, read[1][who]) for who, said in read[0].items() if said != read[1][who]} == {}


# --- what stands once in a scenario, or has a table of its own ---


@pytest.fixture(scope="module")
def plain_plan() -> Plan:
    found = try_optimize(scenario(), gap=0)
    assert isinstance(found, Plan)
    return found


FRAME = {"creator": ["@ann", "@bob"], "followers": [2_000, 3_000], "engagement_rate": [0.05, 0.04], "fee": [100, 200]}
SAID = {"format": 1, "currency": "EUR", "objective": {"maximize": "engagements"}}


def scenario(**more: Any) -> Any:
    frame = FRAME | {"women": [3, 4]}
    return load_scenario(SAID | more, creators=frame)


def test_the_names_of_scenario_and_variant_head_the_plan_whole(plain_plan: Plan) -> None:
    for text in PLAIN[::3]:
        assert scenario(name=text).name == composed(text)
        named = replace(plain_plan.scenario, name=composed(text), variant=composed(text))
        shown = render(replace(plain_plan, scenario=named), 140)
        heading = shown.split("\nmaximize ")[0]
        assert squeezed(heading) == squeezed(f"{composed(text)}, variant {composed(text)}")
        assert acting(shown) == []


@pytest.mark.parametrize("first", range(3))
def test_variants_of_any_name_are_cases_of_a_comparison(first: int, folder: Path) -> None:
    names = [composed(text) for text in PLAIN[first::12]]
    lines = "".join(f"  {quoted(name)}: {{budget: 500}}\n" for name in names)
    (folder / "s.yaml").write_text(f"{SCENARIO}variants:\n{lines}", encoding="utf-8")
    assert list(load.variant_names(folder / "s.yaml")) == names
    compared = compare([(name, load_scenario(folder / "s.yaml", variant=name)) for name in names])
    said = json.loads(to_json(compared))
    assert [case["name"] for case in said["cases"]] == names
    assert [case["scenario"]["variant"] for case in said["cases"]] == names
    shown = comparison_text.render(compared, 140)
    assert acting(shown) == []
    assert [name for name in names if len(name) < 15 and squeezed(name) not in squeezed(shown)] == []
    safe = next(csv.reader(io.StringIO(as_csv.roster_csv(compared))))
    assert [cell for cell in safe if cell.startswith(LIVE)] == []
    assert next(csv.reader(io.StringIO(as_csv.roster_csv(compared, raw=True), newline="")))[2:] == names


def test_a_variant_is_chosen_by_any_name(folder: Path) -> None:
    for text in PLAIN[::24]:
        (folder / "s.yaml").write_text(f"{SCENARIO}variants: {{{quoted(text)}: {{budget: 500}}}}\n", encoding="utf-8")
        plan = json.loads(answer("plan", "s.yaml", f"--variant={composed(text)}", "--json"))
        assert plan["scenario"]["variant"] == composed(text)


def test_a_change_of_any_name_is_shown_as_it_was_made() -> None:
    for text in PLAIN[::24]:
        change = f"name={quoted(text)}"
        assert squeezed(composed(text)) in squeezed(answer("plan", "s.yaml", "--set", change))
        assert json.loads(answer("plan", "s.yaml", "--set", change, "--json"))["scenario"]["name"] == composed(text)


def segments_of(texts: list[str]) -> str:
    kept = "fee: 5, followers: 2_000, engagement_rate: 3%, available: 3"
    return "".join(f"  - {{name: {quoted(text)}, {kept}}}\n" for text in texts)


def test_segments_of_any_name_are_booked_shown_and_verified(folder: Path) -> None:
    head = "format: 1\ncurrency: EUR\nobjective: {maximize: engagements}\n"
    (folder / "s.yaml").write_text(f"{head}segments:\n{segments_of(PLAIN)}", encoding="utf-8")
    answer("plan", "s.yaml", "--json", "--out", "p.json")
    plan = json.loads(Path("p.json").read_text(encoding="utf-8"))
    assert sorted(one["creator"] for one in plan["allocations"]) == sorted(composed(text) for text in PLAIN)
    shown = answer("plan", "s.yaml", "--all")
    assert sorted(first_column(shown, "Booked", "spend (EUR)")) == sorted(f"{squeezed(composed(t))}x3" for t in PLAIN)
    assert answer("verify", "p.json").startswith("verified: ")
    safe = csv.reader(io.StringIO(answer("plan", "s.yaml", "--csv").removeprefix("\ufeff")))
    assert [cell for row in safe for cell in row if cell.startswith(LIVE)] == []


def quantity_named(text: str) -> Any:
    return scenario(quantities={text: {"column": "women"}})


def test_quantities_of_the_scenario_s_own_have_any_name_and_are_not_cut() -> None:
    for text in PLAIN[::8]:
        plan = try_optimize(quantity_named(text), gap=0)
        assert isinstance(plan, Plan)
        shown = render(plan, 140)
        assert acting(shown) == []
        totals = squeezed(shown.split("\nTotals\n")[1].split("\nRules\n")[0])
        assert not is_short(text) or squeezed(composed(text)) in totals  # a long one is folded beside its figures
        rows = list(csv.reader(io.StringIO(as_csv.to_csv(plan))))
        assert [cell for row in rows for cell in row if cell.startswith(LIVE)] == []
        assert composed(text) in next(csv.reader(io.StringIO(as_csv.to_csv(plan, raw=True), newline="")))


OWN_COLUMNS = ["creator", "offer", "count", "exact_count", "step", "keeps", "tier", "platform", "niche", "estimated"]


@pytest.mark.parametrize("name", OWN_COLUMNS)
def test_a_quantity_cannot_take_the_place_of_another_column(name: str, folder: Path) -> None:
    (folder / "s.yaml").write_text(f"{SCENARIO}quantities: {{{name}: {{column: women}}}}\n", encoding="utf-8")
    result = invoke("plan", "s.yaml", "--json")
    if result.exit_code == 3:
        return
    (row,) = json.loads(result.stdout)["allocations"]
    assert (row["creator"], row["offer"], row["count"], row["niche"]) == ("@ann", "booking", 1, "food")
    (cells,) = csv.DictReader(io.StringIO(answer("plan", "s.yaml", "--raw-csv")))
    assert (cells["creator"], cells["offer"], cells["count"], cells["niche"]) == ("@ann", "booking", "1", "food")
    assert cells["estimated"] == "authenticity: unknown"


# --- what is refused ---

AS_JSON = [text for text in ODD if is_short(text)][::4]  # JSON itself escapes some controls, and others not
Put = Callable[[str], tuple[str, bytes]]


WORST = ["\x1b[31mred", "a\x9bb", "a\rb", "\u202eevil", "a\ud800b", "y" * 10_000]


def _said(line: str) -> Put:
    """A text in the scenario; a lone half of a pair only as an escape."""
    return lambda text: (SCENARIO + line.replace("@", quoted(text)), pool_of([["@ann", "x", "y", "z", *NUMBERS]]))


def _cell(at: int) -> Put:
    def put(text: str) -> tuple[str, bytes]:
        row = ["@ann", "x", "y", "z", *NUMBERS]
        return SCENARIO, pool_of([[*row[:at], text, *row[at + 1 :]]])

    return put


PLACES: dict[str, Put] = {
    "name": _said("name: @\n"),
    "key": _said("@: 1\n"),
    "offer": _said("offers: {@: {deliver: {video: 1}}}\n"),
    "ladder": _said("offers: {@: {deliver: {video: [1, 2]}}}\n"),
    "boost": _said("boost: {@: {cpm: 6}}\noffers: {a: {deliver: {video: 1}, boost: {@: [0, 5]}}}\n"),
    "kind": _said("offers: {a: {deliver: {@: 1}}}\n"),
    "pay": _said("pay: {@: {model: fee}}\noffers: {a: {deliver: {video: 1}, pay: @}}\n"),
    "rule": _said("constraints: {@: {quantity: creators, at_least: 1}}\n"),
    "quantity": _said("constraints: {a: {quantity: @, at_least: 1}}\n"),
    "own quantity": _said("quantities: {@: {column: women}}\n"),
    "column": _said("quantities: {a: {column: @}}\n"),
    "group": _said("constraints: {a: {quantity: creators, group: {niche: @}, at_least: 0}}\n"),
    "group column": _said("constraints: {a: {quantity: creators, group: {@: x}, at_least: 0}}\n"),
    "tier": _said("tiers: {@: [1, 10_000]}\n"),
    "niche": _said("fit: {@: 30%, other: 1}\n"),
    "include": _said("include: [@]\n"),
    "exclude": _said("exclude: [@]\n"),
    "part": _said("constraints: {a: {together: [@, '@x']}}\n".replace("'@x'", "{niche: x}")),
    "variant": _said("variants: {@: {budget: 500}}\n"),
    "segment": _said("segments: [{name: @, fee: 5, followers: 2_000, engagement_rate: 3%, available: 3}]\n"),
    "cell of a segment": _said("segments: [{name: a, niche: @, fee: 5, followers: 9, available: 3}]\n"),
    "pack": _said("benchmarks: [@]\n"),
    "parent": _said("extends: @\n"),
    "pool": lambda text: (SCENARIO.replace("c.csv", quoted(text)), pool_of([["@ann", "x", "y", "z", *NUMBERS]])),
    "handle": _cell(0),
    "label": _cell(1),
    "number": _cell(6),
    "header": lambda text: (SCENARIO, _pool_headed(text)),
    "header twice": lambda text: (SCENARIO, _pool_headed(text, text)),
    "header without a creator": lambda text: (SCENARIO, _pool_headed(text, creator="")),
}


def _pool_headed(*texts: str, creator: str = "creator") -> bytes:
    out = io.StringIO()
    header = [*filter(None, [creator]), "followers", "engagement_rate", "fee", *texts]
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([header, ["9"] * len(header)])
    return out.getvalue().encode("utf-8", "surrogatepass")


def _refused_well(result: Result, text: str) -> list[str]:
    """What is wrong with the way in which a scenario is refused."""
    wrong = [f"{text[:20]!r} acts as {acting(result.output, TOLD)}"] if acting(result.output, TOLD) else []
    if OURS in result.output or "Traceback" in result.output:
        wrong.append(f"{text[:20]!r} is said to be a fault of ours")
    if result.exit_code == 3:
        told = result.stderr.split("\n\n")[:-1]
        wrong += [f"{text[:20]!r}: no cure in {one}" for one in told if "\n  mend: " not in one]
        wrong += [f"{text[:20]!r}: no place in {one}" for one in told if not one.startswith(("s.yaml", "c.csv"))]
        wrong += [f"{text[:20]!r}: a message of {len(result.stderr)} signs"] * (len(result.stderr) > 4_000)
    elif result.exit_code != 0:
        wrong.append(f"{text[:20]!r} leaves with {result.exit_code}")
    return wrong


@pytest.mark.parametrize("place", PLACES)
def test_an_odd_text_is_refused_with_place_cause_and_cure_or_does_no_harm(place: str, folder: Path) -> None:
    wrong = []
    for text in dict.fromkeys([*WORST, *ODD[list(PLACES).index(place) % 3 :: 3]]):
        said, pool = PLACES[place](text)
        (folder / "s.yaml").write_text(said, encoding="utf-8")
        (folder / "c.csv").write_bytes(pool)
        result = invoke("check", "s.yaml", "--resolved")
        wrong += _refused_well(result, text)
        if result.exit_code == 3 and text in AS_JSON:
            found = invoke("check", "s.yaml", "--json")
            wrong += [f"{text!r} acts in JSON as {acting(found.output)}"] * bool(acting(found.output))
            assert json.loads(found.stdout)["format"] == "creatormix/problems/1"
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("place", ["key", "quantity", "column", "group column", "pack", "parent", "pool", "number"])
def test_a_plain_text_where_it_means_nothing_is_refused_with_place_cause_and_cure(place: str, folder: Path) -> None:
    wrong = []
    for text in PLAIN[::32]:
        said, pool = PLACES[place](text)
        (folder / "s.yaml").write_text(said, encoding="utf-8")
        (folder / "c.csv").write_bytes(pool)
        wrong += _refused_well(invoke("check", "s.yaml"), text)
    assert not wrong, "\n".join(wrong)


def test_a_name_with_a_line_end_is_either_refused_or_shown_whole(folder: Path) -> None:
    for sign in ("\r", "\n", "\r\n", "\t"):
        (folder / "s.yaml").write_text(f"{SCENARIO}name: {quoted(f'one{sign}two')}\n", encoding="utf-8")
        result = invoke("plan", "s.yaml")
        assert result.exit_code == 3, (sign, result.stdout.splitlines()[0])


# --- the command line ---

ASKED: dict[str, Callable[[str], list[str]]] = {
    "plan, a variant": lambda text: ["plan", "s.yaml", f"--variant={text}"],
    "plan, a change": lambda text: ["plan", "s.yaml", f"--set={text}"],
    "plan, a path to change": lambda text: ["plan", "s.yaml", f"--set={text}=1"],
    "plan, a budget": lambda text: ["plan", "s.yaml", f"--set=budget={text}"],
    "plan, a solver": lambda text: ["plan", "s.yaml", f"--solver={text}"],
    "plan, a model": lambda text: ["plan", "s.yaml", f"--write-model=none/{text}.txt"],
    "plan, a file": lambda text: ["plan", "s.yaml", f"--out=none/{text}"],
    "plan, a root": lambda text: ["plan", "s.yaml", f"--root=none/{text}"],
    "plan, a scenario": lambda text: ["plan", "--", f"none/{text}.yaml"],
    "plan, a scenario, as JSON": lambda text: ["plan", "--json", "--", f"none/{text}.yaml"],
    "compare, a scenario": lambda text: ["compare", "--", f"none/{text}.yaml"],
    "compare, a case": lambda text: ["compare", "s.yaml", f"--case={text}"],
    "compare, a case of a variant": lambda text: ["compare", "s.yaml", f"--case=a: variant={text}"],
    "verify, a plan": lambda text: ["verify", "--", f"none/{text}.json"],
    "benchmarks, a pack": lambda text: ["benchmarks", "--", text],
    "benchmarks, a figure": lambda text: ["benchmarks", f"--compare={text}"],
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_typed_never_reaches_the_terminal_as_a_control(asked: str) -> None:
    wrong = []
    for text in dict.fromkeys([*WORST, *ODD[list(ASKED).index(asked) % 3 :: 3], *PLAIN[::40]]):
        if not can_be_typed(text):
            continue
        result = invoke(*ASKED[asked](text))
        if acting(result.output, TOLD):
            wrong.append(f"{text[:20]!r} acts as {acting(result.output, TOLD)}")
        if OURS in result.output or result.exit_code not in (0, 2, 3):
            wrong.append(f"{text[:20]!r} leaves with {result.exit_code}: {result.output[-100:]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [b"caf\xe9.yaml", b"\xff\xfe.yaml"])
def test_a_scenario_in_a_file_whose_name_is_no_utf_8_is_planned_or_refused_in_words(name: bytes, folder: Path) -> None:
    path = Path(name.decode("utf-8", "surrogateescape"))
    path.write_text(SCENARIO, encoding="utf-8")
    for form in ("--all", "--json", "--csv"):
        result = invoke("plan", str(path), form)
        assert result.exit_code in (0, 3), result.output
        assert OURS not in result.output


@pytest.mark.parametrize("name", ["a\x1b[31mb", "a\rb", "a\u202eb", "a\x9bb"])
def test_a_scenario_in_a_file_whose_name_holds_controls_does_not_reach_the_terminal(name: str, folder: Path) -> None:
    (folder / f"{name}.yaml").write_text(SCENARIO, encoding="utf-8")
    for asked in (["plan"], ["plan", "--json"], ["check"], ["check", "--resolved"], ["compare"], ["plan", "--csv"]):
        assert acting(invoke(*asked, f"{name}.yaml").output.removeprefix("\ufeff")) == []
    (folder / f"{name}.yaml").write_text(f"{SCENARIO}budgett: 1\n", encoding="utf-8")
    assert acting(invoke("plan", f"{name}.yaml").output) == []


# --- verify: what a forged plan says is not ours ---

FORGED: dict[str, Callable[[dict[str, Any], str], None]] = {
    "format": lambda plan, text: plan.update(format=text),
    "outcome": lambda plan, text: plan.update(outcome=text),
    "claim": lambda plan, text: plan.update(claim=text),
    "name": lambda plan, text: plan["scenario"].update(name=text),
    "warning": lambda plan, text: plan.update(warnings=[text]),
    "rule": lambda plan, text: plan["constraints"][0].update(name=text),
    "new field": lambda plan, text: plan.update({text: text}),
    "total": lambda plan, text: plan["totals"].update({text: 1}),
    "creator": lambda plan, text: plan["allocations"][0].update(creator=text),
    "offer": lambda plan, text: plan["allocations"][0].update(offer=text),
    "count": lambda plan, text: plan["allocations"][0].update(exact_count=text),
    "niche": lambda plan, text: plan["allocations"][0].update(niche=text),
    "estimated": lambda plan, text: plan["allocations"][0]["estimated"].update({text: text}),
    "input": lambda plan, text: plan["inputs"][1].update(path=text),
    "scenario": lambda plan, text: plan["inputs"][0].update(path=text),
    "variant": lambda plan, text: plan["scenario"].update(variant=text),
    "change": lambda plan, text: plan["scenario"].update(changes={text: text}),
}


@pytest.fixture
def sound(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    rule = "constraints: {some: {quantity: creators, at_least: 1}}\n"
    (folder / "s.yaml").write_text(SCENARIO + rule, encoding="utf-8")
    plan: dict[str, Any] = json.loads(answer("plan", "s.yaml", "--json"))
    loaded, once = load.load_scenario, load_scenario(folder / "s.yaml")

    def quick(source: Path, **more: Any) -> Any:
        plain = not more.get("variant") and not more.get("changes") and str(source) == "s.yaml"
        return once if plain else loaded(source, **more)

    monkeypatch.setattr(load, "load_scenario", quick)
    return plan


@pytest.mark.parametrize("place", FORGED)
def test_what_a_forged_plan_says_never_reaches_the_terminal_as_a_control(place: str, sound: dict[str, Any]) -> None:
    wrong = []
    for text in dict.fromkeys(filter(is_short, [*WORST, *ODD[list(FORGED).index(place) % 3 :: 3], *PLAIN[::60]])):
        plan = json.loads(json.dumps(sound))
        FORGED[place](plan, text)
        Path("p.json").write_text(json.dumps(plan), encoding="utf-8")
        for form in ([], ["--json"]):
            try:
                result = invoke("verify", "p.json", *form)
            except AssertionError as error:
                wrong.append(f"{text[:20]!r} {form}: {error}"[:200])
                continue
            if acting(result.output, TOLD):
                wrong.append(f"{text[:20]!r} {form} acts as {acting(result.output, TOLD)}")
            if result.exit_code not in (0, 3, 6) or OURS in result.output:
                wrong.append(f"{text[:20]!r} {form} leaves with {result.exit_code}: {result.output[-80:]}")
    assert not wrong, "\n".join(wrong)


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert len(CORPUS) > 200
    assert len(PLAIN) + len(ODD) > 200
