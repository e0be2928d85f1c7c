"""No bytes within the caps keep `check` for long: the slowest that we know of, each at the cap.

`python performance/reading.py` measures them; here, only what never ends is found.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from optimizer.errors import ScenarioError
from optimizer.estimation.estimate import estimate
from optimizer.loading.source import MOST_BYTES, MOST_LINES, MOST_VALUES
from tests.loading.desk import Desk, text_of

SECONDS = 120.0  # of processor time; each takes 0.1 to 0.7
POOL = "creator,platform,niche,country,followers,engagement_rate,fee\n" + "".join(
    f"@c{number},tiktok,n{number % 7},FR,{1_000 + 3 * number},0.03,{50 + number}\n" for number in range(3_000)
)


def filled(head: str, unit: str | Callable[[int], str], tail: str = "", values: int = 0, most: int = MOST_LINES) -> str:
    """A scenario filled up to the cap with one unit over and over; `values` is how many values one of them has."""
    base = text_of(creators="pool.csv", assume=None) + head
    room, parts = MOST_BYTES - len(base.encode()) - len(tail.encode()), []
    for number in range(min(most, (MOST_VALUES - 40) // values if values else 10**9)):
        part = unit if isinstance(unit, str) else unit(number)
        room -= len(part.encode())
        if room < 0:
            break
        parts.append(part)
    return base + "".join(parts) + tail


def worded(number: int) -> str:
    return f" r{number}: {{quantity: spend, group: {{nich{number}: a}}, at_most: 1}}\n"


EVERY = 10**9
BOMBS = {
    "a long word": filled("name: ", "a", "\n", most=EVERY),
    "many words": filled("name: ", "a ", "a\n", most=EVERY),
    "a long number": filled("budget: ", "1", "\n", most=EVERY),
    "a number with blanks": filled("budget: ", "1 ", "x\n", most=EVERY),
    "escapes": filled('name: "', "\\x41", '"\n', most=EVERY),
    "quotes": filled("name: '", "''", "'\n", most=EVERY),
    "a word of many lines": filled("name: a\n", "  a\n", most=MOST_LINES - 10),
    "quoted lines": filled('name: "', "a\n", ' "\n', most=MOST_LINES - 10),
    "a folded block": filled("name: >\n", " a\n", most=MOST_LINES - 10),
    "comments": filled("", "# a comment of some length\n", most=MOST_LINES - 10),
    "blank lines": filled("", "\n", most=MOST_LINES - 10),
    "brackets": filled("include: ", "[", most=EVERY),
    "accents upon accents": filled("name: a", "\u0345\u0301\u0323", "\n", most=EVERY),
    "accents in a key": filled("? a", "\u0345\u0301\u0323", "\n: 1\n", most=EVERY),
    "short values": filled("include: [", "1,", "1]\n", values=1, most=EVERY),
    "empty mappings": filled("include: [", "{},", "1]\n", values=1, most=EVERY),
    "pairs in a list": filled("include: [", "a:,", "1]\n", values=3, most=EVERY),
    "unknown keys": filled("", lambda n: f"k{n}: 1\n", values=2, most=MOST_LINES - 10),
    "long unknown keys": filled("", lambda n: f"{'budget' * 30}{n}: 1\n"),
    "numbers that are none": filled("fit:\n", lambda n: f" k{n}: 1.{n}x\n", values=2, most=MOST_LINES - 10),
    "unknown creators": filled("include: [", lambda n: f"cc{n},", "c1]\n", values=1, most=EVERY),
    "unknown excluded": filled("exclude: [", lambda n: f"cc{n},", "c1]\n", values=1, most=EVERY),
    "filters that include": filled("include: [", "{niche: n1},", "c1]\n", values=3, most=EVERY),
    "filters that exclude": filled("exclude: [", "{followers: {above: 1e6}},", "c1]\n", values=5, most=EVERY),
    "unknown values": filled("exclude: [{niche: [", lambda n: f"n{n},", "a]}]\n", values=1, most=EVERY),
    "unlike values": filled("exclude: [{country: [", lambda n: f"{n}zzzzz,", "a]}]\n", values=1, most=EVERY),
    "handles in a filter": filled("exclude: [{creator: [", lambda n: f"c{n}x,", "a]}]\n", values=1, most=EVERY),
    "people": filled(
        "constraints: {a: {quantity: gross_reach, at_least: 1, people: {niche: [",
        lambda n: f"n{n},",
        "a]}}}\n",
        values=1,
        most=EVERY,
    ),
    "rules": filled("constraints:\n", lambda n: f" r{n}: {{quantity: spend, per: niche, at_most: 9%}}\n", values=8),
    "unknown columns": filled("constraints:\n", worded, values=12),
    "mapped columns": filled("", "").replace("creators: pool.csv\n", "")
    + "creators: {file: pool.csv, columns: {"
    + ", ".join(f"c{n}: d{n}" for n in range(7_800))
    + "}}\n",
    "terms": filled("pay:\n", lambda n: f" p{n}: {{model: gif}}\n", values=4),
    "assumptions": filled("assume: {fee: [", "{tier: nano, is: 1},", "{is: 1}]}\n", values=5, most=EVERY),
    "tiers": filled("tiers:\n", " t%d: [1, 2]\n".__mod__, values=4),
    "offers": filled("offers:\n", lambda n: f" o{n}: {{deliver: {{v: 100}}}}\n", most=100),
    "more offers": filled("offers:\n", lambda n: f" o{n}: {{deliver: {{v: 1}}, pay: q{n}}}\n", values=8),
    "variants": filled("variants:\n", lambda n: f" v{n}: {{budget: 1}}\n", values=4),
    "variants of much": filled("", "")
    + "fit:\n"
    + "".join(f" f{n}: 0.5\n" for n in range(3_000))
    + "variants:\n"
    + "".join(f" v{n}: {{fit: {{f{n}: null}}}}\n" for n in range(1_500)),
}


ALONE = filled("", "", most=0)
for crowd in ("unknown columns", "unknown creators"):
    BOMBS[f"many words beside {crowd}"] = filled(BOMBS[crowd].removeprefix(ALONE) + "name: ", "a ", "\n", most=EVERY)


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_scenario_at_the_cap_is_judged_within_the_time(desk: Desk, text: str) -> None:
    assert len(text.encode()) <= MOST_BYTES
    start = time.process_time()
    said: tuple[str, ...] = ()
    try:
        estimate(desk.load(text, POOL))
    except ScenarioError as error:
        said = tuple(problem.code for problem in error.problems)
    taken = time.process_time() - start
    print(f"{taken:.2f} s, {len(said)} faults")
    assert taken < SECONDS
    assert "yaml-too-large" not in said


def test_a_sensible_scenario_is_far_from_the_caps(desk: Desk) -> None:
    rules = "".join(
        f"  rule number {number}: {{quantity: spend, group: {{niche: n1}}, at_most: {number}}}\n"
        for number in range(1_200)
    )
    handles = "".join(f'  - "@c{number}"\n' for number in range(3_000))
    variants = "".join(f"  v{number}: {{budget: {number}}}\n" for number in range(50))
    text = text_of(budget="9e9") + f"constraints:\n{rules}include:\n{handles}variants:\n{variants}"
    scenario = desk.load(text, POOL)
    assert (len(scenario.constraints), len(scenario.include)) == (1_201, 3_000)
