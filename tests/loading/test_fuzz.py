"""Whatever bytes come in: a scenario goes out, or faults with a code, a cause and a place; soon, and nothing else.

Some seconds; CREATORMIX_TIMES multiplies the number of inputs.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from optimizer import load_scenario
from optimizer.errors import Problem, ScenarioError
from optimizer.loading.source import parse_yaml
from tests.loading.desk import POOL, Desk, text_of
from tests.support.amounts import SEED, TIMES

SLOWEST = 60.0  # seconds of processor time for one input, to find what never ends; the usual one takes milliseconds

WHOLE = text_of(
    name="x",
    budget="25_000",
    creators="{file: pool.csv, columns: {fee: {from: fee}}, where: {platform: [tiktok, instagram]}, bad_rows: skip}",
    assume="{click_rate: 0.8%, engagement_rate: 3%, fee: [{tier: nano, is: 100}, {is: 1e2}]}",
    tiers="{nano: [1_000, 9_999], micro: [10_000, 99_999]}",
    pay="\n  g: {model: gift, product: {cost: 18, value: 35}, shipping: 6, hours: 0.5, post_rate: 70%}",
    boost="\n  s: {cpm: 6, rights: 10%, keeps: [{up_to: 200, keep: 100%}, {up_to: 500, keep: 60%}]}",
    offers="\n  a: {deliver: {video: 3}, pay: g, to: {tier: nano}}\n  b: {deliver: {post: 1}, discount: 10%}"
    "\n  l: {deliver: {post: [1, 2]}, boost: {s: [0, 200, 500]}}",
    economics="{order_value: 17.90, margin: 45%}",
    fit="{food: 1, other: 0.3}",
    constraints="\n  'nano: keep': {quantity: spend, group: {tier: nano}, at_least: 30%, of: budget}\n"
    "  c: {quantity: spend, per: niche, at_most: 40%}\n"
    "  d: {quantity: gross_reach, people: {country: FR}, at_least: 5}\n"
    '  e: {quantity: creators, group: {creator: ["@ana", bea]}, at_most: 9}',
    include='["@ana", {creator: bea, offer: b, fee: 5}]',
    exclude="\n  - {engagement_rate: {below: 0.01%}}",
    variants="\n  lean: {budget: 1, constraints: {c: null}}",
)
SIGNS = ["\u0085", "\u2028", "\u202e", "\ufeff", "\u0301", "\U0001f600", "\x07", "\0", "x" * 300, "9" * 40]
NASTY = [
    *SIGNS,
    *"[]{}:,-?!&*#|>%@`'\"\\~\t\n\r ",
    *["\ud800", "- ", ": ", "? ", "<<: ", "--- ", "...\n", "[[", "{{", "{}", "[]", '""', ";"],
    *["!!python/object:os.system ", "&a ", "*a ", "%YAML 9.9\n", "%TAG ! x\n", '"\\Uffffffff"'],
    *["null", "~", "1e999", "-1", "1e-18", "NaN", "0x1F", "12:30", "5%", "1e18%", "1,5"],
    *["extends: s.yaml\n", "creators: /dev/zero\n", "variants: {a: {}}\n"],
]
NASTY_CELLS = [
    *SIGNS,
    *[
        "",
        " ",
        '"',
        '""',
        '"""',
        "'",
        ",",
        ";",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "%",
        "|",
        "food|",
        "@",
        "@ana",
        "ANA",
        "=1+1",
    ],
    *["5%", "3,5", "1.005", "1e999", "1e-20", "-1", "NaN", "inf", "null", "1 000", "1.000", "1_0", "0x1", "\u0663"],
    *["é", "ß", "creator", "fee", "sep=;\n"],
]


def mutated(text: str, nasty: list[str], rng: random.Random) -> bytes:
    """The text with one to four things done to it."""
    data = text.encode()
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(_WAYS)(data, nasty, rng)
    return data


def _flip(data: bytes, _: list[str], rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _insert(data: bytes, nasty: list[str], rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(nasty).encode("utf-8", "surrogatepass") + data[at:]


def _replace_word(data: bytes, nasty: list[str], rng: random.Random) -> bytes:
    words = data.replace(b",", b" ").split()
    word = rng.choice(words) if words else b""
    return data.replace(word, rng.choice(nasty).encode("utf-8", "surrogatepass"), rng.choice([1, -1])) if word else data


def _drop_line(data: bytes, _: list[str], rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(line for at, line in enumerate(lines) if at != rng.randrange(len(lines) or 1))


def _double_line(data: bytes, _: list[str], rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    return b"".join([*lines[: at + 1], *lines[at:]])


def _cut(data: bytes, _: list[str], rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop_part(data: bytes, _: list[str], rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.randint(1, 12) :]


_WAYS: list[Callable[[bytes, list[str], random.Random], bytes]] = [
    _flip, _insert, _insert, _insert, _replace_word, _replace_word, _drop_line, _double_line, _cut, _drop_part,
]  # fmt: skip


def noise(count: int, rng: random.Random) -> Iterator[bytes]:
    """Bytes and characters that mean nothing."""
    for _ in range(count):
        yield rng.randbytes(rng.randrange(400))
        yield "".join(rng.choices(NASTY, k=rng.randrange(120))).encode("utf-8", "surrogatepass")
        yield "".join(chr(rng.randrange(32, 127)) for _ in range(rng.randrange(300))).encode()


class Judge:
    """Loads inputs and keeps what went wrong, and how long the slowest took."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.loaded = self.refused = 0
        self.worst = (0.0, b"")
        self.wrong: list[tuple[str, bytes]] = []

    def load(self, scenario: bytes, pool: bytes) -> None:
        self.desk.write("pool.csv", pool)
        self.desk.write("s.yaml", scenario)
        start = time.process_time()
        try:
            load_scenario(self.desk.folder / "s.yaml")
            self.loaded += 1
        except ScenarioError as error:
            self.refused += 1
            self._check(error, scenario, pool)
        except BaseException as error:  # noqa: BLE001  whatever comes out of a library
            self.wrong.append((f"{type(error).__name__}: {error}", scenario + b"\n----\n" + pool))
        self.worst = max(self.worst, (time.process_time() - start, scenario + b"\n----\n" + pool))

    def _check(self, error: ScenarioError, scenario: bytes, pool: bytes) -> None:
        for problem in error.problems:
            placed = problem.place is not None or problem.code in ("too-many-problems", "not-a-scenario")
            if not (problem.code and problem.cause and problem.mend and placed and str(problem).strip()):
                self.wrong.append((repr(problem), scenario + b"\n----\n" + pool))
            if any(sign in str(problem) for sign in "\0\x07\u202e\x1b"):
                self.wrong.append((f"control character in {problem}", scenario + b"\n----\n" + pool))
        if not error.problems:
            self.wrong.append(("no problem told", scenario))

    def verdict(self) -> None:
        print(f"{self.loaded} loaded, {self.refused} refused, slowest {self.worst[0] * 1_000:.0f} ms")
        assert self.wrong == []
        assert self.worst[0] < SLOWEST, self.worst[1]


@pytest.fixture
def judge(desk: Desk) -> Judge:
    judge = Judge(desk)
    judge.load(WHOLE.encode(), POOL.encode())
    assert judge.loaded == 1
    return judge


def test_a_mutated_scenario_loads_or_is_refused_with_places(judge: Judge) -> None:
    rng = random.Random(f"scenario6{SEED}")
    for _ in range(550 * TIMES):
        judge.load(mutated(WHOLE, NASTY, rng), POOL.encode())
    judge.verdict()
    assert judge.refused > 100


def test_a_mutated_pool_loads_or_is_refused_with_places(judge: Judge) -> None:
    rng = random.Random(f"pool6{SEED}")
    strict = WHOLE.replace("bad_rows: skip", "bad_rows: refuse")
    for number in range(250 * TIMES):
        separated = POOL.replace(",", rng.choice([",", ",", ";", "\t"]))
        judge.load((strict if number % 2 else WHOLE).encode(), mutated(separated, NASTY_CELLS, rng))
    judge.verdict()
    assert judge.loaded > 10


def test_a_parquet_file_cut_short_is_refused(judge: Judge, tmp_path: Path) -> None:
    import polars as pl

    pl.read_csv(POOL.encode()).write_parquet(tmp_path / "x.parquet")
    sound = (tmp_path / "x.parquet").read_bytes()
    for end in range(4, len(sound), max(1, 50 // TIMES)):
        judge.load(WHOLE.encode(), sound[:end])
    judge.verdict()
    assert judge.loaded == 1


def test_noise_is_refused_with_a_place(judge: Judge) -> None:
    for data in noise(100 * TIMES, random.Random(f"noise2{SEED}")):
        judge.load(data, POOL.encode())
    judge.verdict()


def test_noise_as_a_pool_is_refused_with_a_place(judge: Judge) -> None:
    for data in noise(50 * TIMES, random.Random(f"noise in the pool2{SEED}")):
        judge.load(WHOLE.encode(), data)
    judge.verdict()


def test_a_mutated_mapping_or_change_is_refused_with_places(desk: Desk) -> None:
    rng = random.Random(f"changes6{SEED}")
    desk.write("pool.csv", POOL)
    path = desk.write("s.yaml", WHOLE)
    keys = ["budget", "constraints.'nano: keep'.at_least", "include", "tiers.nano", "offers.a", "fit", "creators"]
    worst = 0.0
    for _ in range(200 * TIMES):
        value = "".join(rng.choices(NASTY, k=rng.randint(1, 3)))
        key = rng.choice(keys) if rng.random() < 0.8 else "".join(rng.choices(NASTY, k=2))
        start = time.process_time()
        told: tuple[Problem, ...] = ()
        try:
            load_scenario(path, changes={key: value})
        except ScenarioError as error:
            told = error.problems
        assert all(problem.code and problem.cause and problem.place for problem in told), (key, value)
        worst = max(worst, time.process_time() - start)
    print(f"slowest {worst * 1_000:.0f} ms")
    assert worst < SLOWEST


def test_the_reader_alone_takes_any_bytes() -> None:
    rng = random.Random(f"reader2{SEED}")
    worst = 0.0
    for _ in range(1_000 * TIMES):
        data = mutated(WHOLE, NASTY, rng)
        start = time.process_time()
        told: tuple[Problem, ...] = ()
        try:
            leaves = [leaf for _, leaf in parse_yaml(data, "s.yaml").leaves()]
        except ScenarioError as error:
            leaves, told = [], error.problems
        assert all(problem.code and problem.cause and problem.mend for problem in told)
        assert all(leaf.place.line for leaf in leaves)
        worst = max(worst, time.process_time() - start)
    print(f"slowest {worst * 1_000:.0f} ms")
    assert worst < SLOWEST
