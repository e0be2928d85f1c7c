"""No bytes of a Parquet file end the process, print a word or keep it for ever: each gives a table or a fault."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.pool_file import limits, parquet
from optimizer.pool_file.read import read_table
from tests.pool_file.reading import only, read, survives, texts
from tests.support.amounts import SEED, TIMES

BOOLEAN, INT64, TEXT = 0, 2, 6  # physical types
I32, I64, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12  # types of Thrift's compact protocol


def varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; 64 bits of a negative number."""
    value &= (1 << 64) - 1
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def number(value: int) -> bytes:
    return varint(value << 1 if value >= 0 else ~(value << 1))


def struct(*fields: tuple[int, int, bytes]) -> bytes:
    """Fields by number, type and content."""
    parts, last = [], 0
    for at, kind, content in fields:
        parts.append(bytes([at - last << 4 | kind]) + content)
        last = at
    return b"".join(parts) + b"\0"


def listed(kind: int, *items: bytes) -> bytes:
    return bytes([len(items) << 4 | kind]) + b"".join(items)


def text(value: bytes) -> bytes:
    return varint(len(value)) + value


def run(length: int, value: int = 1) -> bytes:
    """Levels that say of so many cells that they are there (1) or null (0)."""
    told = varint(length << 1) + bytes([value])
    return len(told).to_bytes(4, "little") + told


@dataclass(frozen=True)
class Crafted:
    """A Parquet file of one column "id" with one cell, laid out byte by byte so that each count can be a lie."""

    kind: int = TEXT
    rows: int = 1  # of the file
    group_rows: int = 1
    values: int = 1  # of the column
    page_values: int = 1
    levels: bytes = run(1)
    cells: bytes = b"\x02\0\0\0ab"
    page_size: int | None = None
    unpacked: int | None = None
    column_size: int | None = None
    offset: int | None = None
    dictionary: bytes | None = None
    dictionary_values: int = 1
    codec: int = 0
    encoding: int | None = None
    name: bytes = b"id"
    footer: int | None = None

    def content(self) -> bytes:
        dictionary, page = self._dictionary(), self._data()
        size = len(dictionary + page) if self.column_size is None else self.column_size
        group = struct(
            (1, LIST, listed(STRUCT, self._column(size, len(dictionary)))),
            (2, I64, number(size)),
            (3, I64, number(self.group_rows)),
        )
        column = [(1, I32, number(self.kind)), (3, I32, number(1)), (4, BINARY, text(self.name))]
        if self.kind == TEXT:
            column.append((6, I32, number(0)))
        schema = listed(STRUCT, struct((4, BINARY, text(b"root")), (5, I32, number(1))), struct(*column))
        about = struct(
            (1, I32, number(1)), (2, LIST, schema), (3, I64, number(self.rows)), (4, LIST, listed(STRUCT, group))
        )
        length = len(about) if self.footer is None else self.footer
        return b"PAR1" + dictionary + page + about + length.to_bytes(4, "little") + b"PAR1"

    def _column(self, size: int, dictionary: int) -> bytes:
        about = [
            (1, I32, number(self.kind)),
            (2, LIST, listed(I32, number(0), number(3))),
            (3, LIST, listed(BINARY, text(self.name))),
            (4, I32, number(self.codec)),
            (5, I64, number(self.values)),
            (6, I64, number(size)),
            (7, I64, number(size)),
            (9, I64, number(4 + dictionary if self.offset is None else self.offset)),
        ]
        if dictionary:
            about.append((11, I64, number(4)))
        return struct((2, I64, number(4)), (3, STRUCT, struct(*about)))

    def _dictionary(self) -> bytes:
        if self.dictionary is None:
            return b""
        return self._page(2, self.dictionary, 7, struct((1, I32, number(self.dictionary_values)), (2, I32, number(0))))

    def _data(self) -> bytes:
        encoding = self.encoding if self.encoding is not None else 8 if self.dictionary is not None else 0
        levels = ((3, I32, number(3)), (4, I32, number(3)))
        about = struct((1, I32, number(self.page_values)), (2, I32, number(encoding)), *levels)
        return self._page(0, self.levels + self.cells, 5, about)

    def _page(self, kind: int, body: bytes, field: int, about: bytes) -> bytes:
        size = len(body) if self.page_size is None else self.page_size
        unpacked = size if self.unpacked is None else self.unpacked
        head = ((1, I32, number(kind)), (2, I32, number(unpacked)), (3, I32, number(size)))
        return struct(*head, (field, STRUCT, about)) + body


MOST = 2**31 - 1
WORD = b"\x02\0\0\0ab"
BY_DICTIONARY = Crafted(dictionary=WORD, cells=b"\x01\x02\0")
SOUND = {
    "text": (Crafted(), "ab"),
    "a number": (Crafted(kind=INT64, cells=bytes([7, *bytes(7)])), "7"),
    "a null": (Crafted(levels=run(1, 0), cells=b""), None),
    "by dictionary": (BY_DICTIONARY, "ab"),
}
# Some of these end the process in other readers.
LIES = {
    "a page of fewer cells than none": Crafted(page_values=-1, levels=run(2**62)),
    "a page of fewer nulls than none": Crafted(page_values=-1, levels=run(2**62, 0), cells=b""),
    "a page of fewer words than none": Crafted(
        page_values=-1, levels=run(2**62), dictionary=WORD, cells=BY_DICTIONARY.cells
    ),
    "two thousand million words": Crafted(dictionary=WORD, dictionary_values=MOST, cells=BY_DICTIONARY.cells),
    "two thousand million rows in a group": Crafted(
        group_rows=MOST, values=MOST, page_values=MOST, levels=run(MOST, 0), cells=b""
    ),
    "two thousand million numbers in a group": Crafted(
        kind=INT64, group_rows=MOST, values=MOST, page_values=MOST, levels=run(MOST, 0), cells=b""
    ),
    "words in a group of many": Crafted(kind=INT64, dictionary=bytes(8), dictionary_values=MOST, cells=b"\x01\x02\0"),
    "a page before the file": Crafted(offset=-1),
    "a page behind the file": Crafted(offset=2**62),
    "a column longer than the file": Crafted(column_size=2**62),
    "a page longer than the file": Crafted(page_size=MOST),
    "a packed page that is not": Crafted(unpacked=MOST, codec=6),
    "an unknown encoding": Crafted(encoding=99),
    "an unknown codec": Crafted(codec=99),
    "an unknown kind": Crafted(kind=99),
    "a group of more rows than there are": Crafted(group_rows=2**62),
    "more rows than there are": Crafted(rows=1_000_000, group_rows=1_000_000),
    "rows without end": Crafted(rows=2**62),
    "fewer rows than none": Crafted(rows=-1),
    "a cell longer than the file": Crafted(cells=MOST.to_bytes(4, "little") + b"ab"),
    "a cell that is not text": Crafted(cells=b"\x02\0\0\0\xff\xfe"),
    "a name that is not text": Crafted(name=b"\xff\xfe"),
    "a footer longer than the file": Crafted(footer=MOST),
    "a word that is not there": Crafted(dictionary=WORD, cells=b"\x01\x02\x07"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pool.parquet"


def refused(path: Path, content: bytes) -> Problem:
    with pytest.raises(ScenarioError) as error:
        read(path, content)
    return only(error)


def written(table: pa.Table, **how: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **how)
    return stream.getvalue()


@pytest.mark.parametrize(("crafted", "cell"), SOUND.values(), ids=SOUND)
def test_a_file_laid_out_byte_by_byte_is_read(path: Path, crafted: Crafted, cell: str | None) -> None:
    assert texts(read(path, crafted.content())) == {"id": [cell]}


@pytest.mark.parametrize("crafted", LIES.values(), ids=LIES)
def test_a_file_that_lies_about_itself_is_refused(
    path: Path, capfd: pytest.CaptureFixture[str], crafted: Crafted
) -> None:
    problem = refused(path, crafted.content())
    assert problem.code in {"pool-unreadable", "pool-too-many-rows"}
    assert problem.mend
    assert capfd.readouterr() == ("", "")


COUNT = 60
POOL = pa.table(
    {
        "id": [f"c{at}" for at in range(COUNT)],
        "niche": [["books", "film", None][at % 3] for at in range(COUNT)],
        "fee": [at / 7 for at in range(COUNT)],
        "followers": pa.array([at * 37 if at % 5 else None for at in range(COUNT)], pa.uint32()),
        "tier": pa.array(["nano" if at % 2 else "micro" for at in range(COUNT)]).dictionary_encode(),
        "safe": [at % 4 > 0 for at in range(COUNT)],
    }
)
NESTED = pa.table({"id": ["a", "b", "c"], "tags": [["x"], [], ["y", None]], "seen": [{"on": 1}, {"on": 2}, None]})
LAYOUTS = {
    "plain": written(POOL, compression="none"),
    "packed by snappy": written(POOL, compression="snappy"),
    "packed by zstd": written(POOL, compression="zstd"),
    "packed by gzip": written(POOL, compression="gzip"),
    "packed by lz4": written(POOL, compression="lz4"),
    "packed by brotli": written(POOL, compression="brotli"),
    "many groups": written(POOL, compression="none", row_group_size=7),
    "many pages": written(POOL, compression="snappy", data_page_size=64),
    "newer pages": written(POOL, data_page_version="2.0"),
    "without a dictionary": written(POOL, use_dictionary=False, compression="none"),
    "by difference": written(
        POOL.select(["id", "followers"]),
        use_dictionary=False,
        column_encoding={"id": "DELTA_BYTE_ARRAY", "followers": "DELTA_BINARY_PACKED"},
    ),
    "without statistics": written(POOL, compression="none", write_statistics=False),
    "with checksums": written(POOL, write_page_checksum=True),
    "nested": written(NESTED, compression="none"),
}
ODD = [b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x08", b"\xff\xff\xff\x7f", b"\xff" * 9 + b"\1", bytes(4)]


def damaged(content: bytes, seed: str) -> bytes:
    """Change some bytes, most often only one."""
    chance = random.Random(seed)
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        at = chance.randrange(len(changed))
        there = chance.choice([1, 1, 1, 0, 3])
        changed[at : at + there] = chance.choice([chance.randbytes(1), chance.randbytes(there), chance.choice(ODD)])
    return bytes(changed)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_as_it_was_written(path: Path, layout: str) -> None:
    path.write_bytes(LAYOUTS[layout])
    found = read_table(path, "pool.parquet", lambda header: ["id", "niche", "tier", "followers", "safe"])
    table = NESTED if layout == "nested" else POOL
    names = [name for name in table.column_names if name in found.columns]
    assert {"id"} <= set(names)
    assert texts(found) == {name: table.column(name).cast(pa.string()).to_pylist() for name in names}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_damaged_file_gives_a_table_or_a_fault_without_a_word(
    path: Path, capfd: pytest.CaptureFixture[str], layout: str
) -> None:
    for number in range(60 * TIMES):
        survives(path, damaged(LAYOUTS[layout], f"{layout} {number}{SEED}"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("layout", "number"),
    [("packed by lz4", 84), ("newer pages", 192), ("newer pages", 401), ("without statistics", 162)],
)
def test_a_file_that_may_not_be_asked_about_its_columns_is_read_or_refused(
    path: Path, layout: str, number: int
) -> None:
    survives(path, damaged(LAYOUTS[layout], f"{layout} {number}"))  # such a question ended the process


def test_a_changed_cell_is_noticed_where_there_are_checksums(path: Path) -> None:
    plain = written(POOL, write_page_checksum=True, compression="none")
    assert plain.count(b"c41") == 1
    assert "damaged" in refused(path, plain.replace(b"c41", b"c42")).cause


def test_a_word_that_a_dictionary_repeats_beyond_measure_is_refused(path: Path) -> None:
    word, rows = b"x" * 1_000_000, 1_000_000
    crafted = Crafted(
        rows=rows,
        group_rows=rows,
        values=rows,
        page_values=rows,
        levels=run(rows),
        dictionary=len(word).to_bytes(4, "little") + word,
        cells=b"\x01" + varint(rows << 1) + b"\0",
    )
    problem = refused(path, crafted.content())
    assert (problem.code, problem.place) == ("pool-too-large", Place("pool.parquet", 1, 1))


SMALL = """
import resource, sys
from pathlib import Path
from optimizer.errors import ScenarioError
from optimizer.pool_file.read import read_table
import optimizer.pool_file.parquet
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_table(Path(sys.argv[1]), "pool.parquet", lambda header: header)
except ScenarioError as error:
    print(error.problems[0].code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10)
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="other systems count memory in other units")
@pytest.mark.parametrize(
    "crafted",
    [
        Crafted(kind=INT64, group_rows=MOST, values=MOST, page_values=MOST, levels=run(MOST, 0), cells=b""),
        Crafted(dictionary=WORD, dictionary_values=MOST, cells=BY_DICTIONARY.cells),
        Crafted(unpacked=MOST, codec=6),
    ],
)
def test_a_small_file_cannot_claim_memory_without_measure(root: Path, path: Path, crafted: Crafted) -> None:
    path.write_bytes(crafted.content())
    line = [sys.executable, "-c", SMALL, str(path)]
    result = subprocess.run(line, cwd=root, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("pool-unreadable True\n", "")


@pytest.mark.parametrize("raised", [MemoryError(), pa.ArrowMemoryError("x")])
def test_too_little_memory_is_a_fault(path: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception) -> None:
    def column(*_: object) -> None:
        raise raised

    monkeypatch.setattr(parquet, "_column", column)
    assert "more memory" in refused(path, Crafted().content()).cause


# --- in parts ---


@pytest.mark.parametrize("rows", [1, 7, 59, 60, 61])
def test_parts_of_any_size_give_the_same_table(path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(parquet, "ROWS", rows)
    table = POOL.select(["id", "niche"])
    found = read(path, written(table, row_group_size=25))
    assert texts(found) == table.to_pydict()
    assert found.rows.tolist() == list(range(2, 62))


TWO = Crafted(group_rows=2, values=2, page_values=2, levels=run(2), cells=b"\1\0\0\0a\1\0\0\0b")


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_that_are_more_or_fewer_than_the_file_says_are_damage(path: Path, rows: int) -> None:
    assert texts(read(path, replace(TWO, rows=2).content())) == {"id": ["a", "b"]}
    assert "damaged" in refused(path, replace(TWO, rows=rows).content()).cause
    assert "damaged" in refused(path, replace(TWO, rows=2, group_rows=rows).content()).cause


def test_fewer_cells_than_the_file_says_are_damage(path: Path) -> None:
    assert "damaged" in refused(path, replace(TWO, rows=3, group_rows=3, values=3).content()).cause


def test_texts_told_by_how_they_differ_cannot_unfold_without_measure(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["x" * 9_000 + str(at) for at in range(3_000)]
    content = written(pa.table({"id": words}), use_dictionary=False, column_encoding={"id": "DELTA_BYTE_ARRAY"})
    assert len(content) < 100_000
    assert read(path, content).columns["id"].to_pylist() == words
    monkeypatch.setattr(limits, "MAX_BYTES", 5_000_000)
    problem = refused(path, content)
    assert (problem.code, problem.place) == ("pool-too-large", Place("pool.parquet", 1, 1))


def test_cells_without_text_and_of_many_scripts_survive_the_way(path: Path) -> None:
    cells = ["", None, "a\nb", '"', "Zoë", "日本", "\U0001f388", "x" * 9_999, ",;\t|"]
    found = read(path, written(pa.table({"id": cells, "n": range(len(cells))})))
    assert found.columns["id"].to_pylist() == [None, *cells[1:]]


def test_a_lone_empty_cell_is_a_record(path: Path) -> None:
    assert texts(read(path, written(pa.table({"id": [""]})))) == {"id": [None]}


@pytest.mark.parametrize("rows", [2, 100])
def test_a_zero_byte_is_named_with_its_row_in_whatever_part(
    path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(parquet, "ROWS", rows)
    cells = [f"c{at}" for at in range(9)]
    problem = refused(path, written(pa.table({"id": cells, "bio": [*cells[:7], "x\0y", "\0"]})))
    assert (problem.code, problem.place) == ("pool-nul", Place("pool.parquet", 9, 2))


def test_names_with_points_are_names_beside_records_of_the_same_parts(path: Path) -> None:
    table = pa.table({"a": [{"b": 1, "c": [1]}], "a.b": ["x"], "d": [[{"e": 1}]], "d.e": ["y"], "z": ["z"]})
    assert texts(read(path, written(table), "a.b", "d.e", "z")) == {"a.b": ["x"], "d.e": ["y"], "z": ["z"]}


def test_numbers_are_known_as_such(path: Path) -> None:
    table = pa.table({"n": [8200.0, None, 0.05], "t": ["8200", "", "1"], "m": [float("nan"), float("inf"), 1e300]})
    found = read(path, written(table))
    assert texts(found) == {"n": ["8200", None, "0.05"], "t": ["8200", None, "1"], "m": [None, "inf", "1e300"]}
    assert {name: flags.tolist() for name, flags in found.numeric.items()} == {
        "n": [True, False, True],
        "m": [False, False, True],
    }


def test_a_file_of_two_million_rows_too_many_columns_or_too_much_text_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = written(pa.table({"id": pa.array([0]).take(pa.array([0] * 2_000_001))}))
    assert refused(path, many).code == "pool-too-many-rows"
    wide = written(pa.table({f"c{at}": [1] for at in range(501)}))
    assert refused(path, wide).code == "pool-too-many-columns"
    assert len(read(path, wide, "c500").header) == 501
    content = written(pa.table({"id": ["x" * 1000] * 1000}))
    monkeypatch.setattr(limits, "MAX_BYTES", 100_000)
    problem = refused(path, content)
    assert (problem.code, problem.place) == ("pool-too-large", Place("pool.parquet", 1, 1))


def test_threads_read_at_the_same_time(root: Path, tmp_path: Path) -> None:
    (tmp_path / "sound.parquet").write_bytes(LAYOUTS["many groups"])
    (tmp_path / "lie.parquet").write_bytes(LIES["a page of fewer cells than none"].content())
    line = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    result = subprocess.run(line, cwd=root, capture_output=True, text=True, check=False)
    expected = [("lie.parquet", "pool-unreadable")] * 4 + [("sound.parquet", COUNT)] * 4
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, str(expected), "")


SCRIPT = """
import sys, threading
from pathlib import Path
from optimizer.errors import ScenarioError
from optimizer.pool_file.read import read_table

def work(name):
    try:
        found.append((name, len(read_table(Path(sys.argv[1], name), name, lambda header: header).rows)))
    except ScenarioError as error:
        found.append((name, error.problems[0].code))

found = []
threads = [threading.Thread(target=work, args=[name]) for name in ["sound.parquet", "lie.parquet"] * 4]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(found))
"""
