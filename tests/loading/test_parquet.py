"""No bytes of a Parquet file end the process, print a word or keep it for ever: each gives a table or a fault."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading import parquet
from optimizer.loading.table import Table, read_table

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
# The first five end the process of whoever has polars read them, up to polars 2.1 at least; many others make it print.
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


def read(path: Path, content: bytes) -> Table:
    path.write_bytes(content)
    return read_table(path, "pool.parquet", lambda header: header)


def refused(path: Path, content: bytes) -> Problem:
    with pytest.raises(ScenarioError) as error:
        read(path, content)
    (problem,) = error.value.problems
    return problem


def texts(table: Table) -> dict[str, list[str | None]]:
    return {name: cells.to_list() for name, cells in table.columns.items()}


def written(frame: pl.DataFrame, **how: object) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, **how)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize(("crafted", "cell"), SOUND.values(), ids=SOUND)
def test_a_file_laid_out_byte_by_byte_is_read(path: Path, crafted: Crafted, cell: str | None) -> None:
    assert texts(read(path, crafted.content())) == {"id": [cell]}


@pytest.mark.parametrize("crafted", LIES.values(), ids=LIES)
def test_a_file_that_lies_about_itself_is_refused(
    path: Path, capfd: pytest.CaptureFixture[str], crafted: Crafted
) -> None:
    problem = refused(path, crafted.content())
    assert problem.code in {"pool-unreadable", "pool-too-many-rows"}  # polars 1.30 counts the rows of the groups
    assert problem.mend
    assert capfd.readouterr() == ("", "")


POOL = pl.DataFrame(
    {
        "id": [f"c{at}" for at in range(60)],
        "niche": [["books", "film", None][at % 3] for at in range(60)],
        "fee": [at / 7 for at in range(60)],
        "followers": pl.Series([at * 37 if at % 5 else None for at in range(60)], dtype=pl.UInt32),
        "tier": pl.Series(["nano" if at % 2 else "micro" for at in range(60)], dtype=pl.Categorical),
        "safe": [at % 4 > 0 for at in range(60)],
    }
)
NESTED = pl.DataFrame({"id": ["a", "b", "c"], "tags": [["x"], [], ["y", None]], "seen": [{"on": 1}, {"on": 2}, None]})
LAYOUTS = {
    "plain": written(POOL, compression="uncompressed"),
    "packed by snappy": written(POOL, compression="snappy"),
    "packed by zstd": written(POOL, compression="zstd"),
    "many groups": written(POOL, compression="uncompressed", row_group_size=7),
    "many pages": written(POOL, compression="snappy", data_page_size=64),
    "without statistics": written(POOL, compression="uncompressed", statistics=False),
    "nested": written(NESTED, compression="uncompressed"),
}
ODD = [b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x08", b"\xff\xff\xff\x7f", b"\xff" * 9 + b"\1", bytes(4)]


def damaged(content: bytes, seed: int) -> bytes:
    """Change some bytes, most often only one."""
    chance = random.Random(seed)
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        at = chance.randrange(len(changed))
        there = chance.choice([1, 1, 1, 0, 3])
        changed[at : at + there] = chance.choice([chance.randbytes(1), chance.randbytes(there), chance.choice(ODD)])
    return bytes(changed)


# Each of these ended the process or made it print where polars 2.1 read it by itself.
SEEDS = {
    "plain": [293, 741, 1051],
    "packed by snappy": [43, 50, 274],
    "packed by zstd": [90, 232, 506],
    "many groups": [345, 1521, 2567],
    "many pages": [47, 89, 2543],
    "without statistics": [1332, 2351, 2671],
    "nested": [261, 276, 1654],
}


def survives(path: Path, content: bytes) -> None:
    """Read it, or refuse it with a problem that can be shown."""
    try:
        found = read(path, content)
    except ScenarioError as raised:
        error = raised
    else:
        assert all(cells.len() == found.rows.size for cells in found.columns.values())
        return
    assert all(problem.code and problem.cause and problem.mend for problem in error.problems)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_as_it_was_written(path: Path, layout: str) -> None:
    path.write_bytes(LAYOUTS[layout])
    found = read_table(path, "pool.parquet", lambda header: ["id", "niche", "tier", "followers"])
    frame = NESTED if layout == "nested" else POOL
    expected = frame.select(set(frame.columns) & {"id", "niche", "tier", "followers"}).cast(pl.String)
    assert texts(found) == expected.to_dict(as_series=False)


@pytest.mark.parametrize(("layout", "seed"), [(layout, seed) for layout, seeds in SEEDS.items() for seed in seeds])
def test_a_damaged_file_gives_a_table_or_a_fault_without_a_word(
    path: Path, capfd: pytest.CaptureFixture[str], layout: str, seed: int
) -> None:
    survives(path, damaged(LAYOUTS[layout], seed))
    assert capfd.readouterr() == ("", "")


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


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux holds a process to its share of memory")
def test_a_small_file_cannot_claim_memory_without_measure(path: Path) -> None:
    from resource import RUSAGE_CHILDREN, getrusage

    crafted = Crafted(kind=INT64, group_rows=MOST, values=MOST, page_values=MOST, levels=run(MOST, 0), cells=b"")
    refused(path, crafted.content())
    assert getrusage(RUSAGE_CHILDREN).ru_maxrss < 6 << 20  # KiB; polars alone takes 17 GiB for it


# --- in parts ---


@pytest.mark.parametrize("cells", [2, 5, 6, 119, 120, 121, 1_000])
def test_parts_of_any_size_give_the_same_table(path: Path, monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(parquet, "CELLS", cells)
    frame = POOL.select("id", "niche")
    found = read(path, written(frame))
    assert texts(found) == frame.to_dict(as_series=False)
    assert found.rows.tolist() == list(range(2, 62))


TWO = Crafted(group_rows=2, values=2, page_values=2, levels=run(2), cells=b"\1\0\0\0a\1\0\0\0b")


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_that_are_more_or_fewer_than_the_file_says_are_damage_in_whatever_parts(
    path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(parquet, "CELLS", 1)
    assert texts(read(path, replace(TWO, rows=2).content())) == {"id": ["a", "b"]}
    assert "damaged" in refused(path, replace(TWO, rows=rows).content()).cause


def test_cells_without_text_and_of_many_scripts_survive_the_way(path: Path) -> None:
    cells = ["", None, "a\nb", '"', "Zoë", "日本", "\U0001f388", "x" * 9_999, ",;\t|"]
    found = read(path, written(pl.DataFrame({"id": cells, "n": range(len(cells))})))
    assert found.columns["id"].to_list() == [None, *cells[1:]]


def test_a_lone_empty_cell_is_a_record(path: Path) -> None:
    assert texts(read(path, written(pl.DataFrame({"id": [""]})))) == {"id": [None]}


def test_a_zero_byte_is_named_with_its_row_in_whatever_part(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "CELLS", 6)
    cells = [f"c{at}" for at in range(9)]
    problem = refused(path, written(pl.DataFrame({"id": cells, "bio": [*cells[:7], "x\0y", "\0"]})))
    assert (problem.code, problem.place) == ("pool-nul", Place("pool.parquet", 9, 2))


# --- the second process ---

READY = "import sys, time, os\nsay = lambda text: print(text, end='', flush=True)\nsay('ready\\n')\n"
HEAD = READY + 'say(\'{"rows": 3, "names": ["id"]}\\n\')\n'
CELLS = HEAD + "sys.stdin.readline()\nsay('{\"cells\": %d}\\n%s')\n"
LOST = "takes more memory or time"
BROKEN = {
    "ends at once": ("", "cannot be started"),
    "fails at once": ("import no_such_module", "cannot be started"),
    "is another program": ("print('usage: serve [options]')", "cannot be started"),
    "dies when it has begun": (READY + "os.abort()", LOST),
    "breaks off in the names": (READY + 'say(\'{"rows": 3, "na\')', LOST),
    "says other things": (READY + "say('[]\\n' * 3)", LOST),
    "says nonsense": (READY + "say('\\x00\\xff\\n' * 3)", LOST),
    "names no rows": (READY + "say('{}\\n')", LOST),
    "dies before the cells": (HEAD + "os.abort()", LOST),
    "breaks off in the cells": (CELLS % (5, "a\\x00b"), LOST),
    "tells too few cells": (CELLS % (3, "a\\x00b"), LOST),
    "tells too many cells": (CELLS % (7, "a\\x00b\\x00c\\x00d"), LOST),
    "runs out of memory": (READY + 'say(\'{"refused": ["memory", null, null]}\\n\')', "needs more memory"),
    "finds damage": (READY + 'say(\'{"refused": ["damage", null, null]}\\n\')', "the file is damaged"),
}


@pytest.mark.parametrize(("code", "cause"), BROKEN.values(), ids=BROKEN)
def test_whatever_becomes_of_the_second_process_is_a_fault(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], code: str, cause: str
) -> None:
    monkeypatch.setattr(parquet, "BEGIN", code)
    assert cause in refused(path, Crafted().content()).cause
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "code", ["import time; time.sleep(3_600)", READY + "time.sleep(3_600)", HEAD + "time.sleep(3_600)"]
)
def test_a_reader_that_never_ends_is_ended(path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(parquet, "BEGIN", code)
    monkeypatch.setattr(parquet, "SECONDS", 0.5)
    started = time.monotonic()
    refused(path, Crafted().content())
    assert time.monotonic() - started < 600  # it is not waited for


@pytest.mark.parametrize(
    ("crash", "cause"),
    [("polars.exceptions.PanicException('x')", "the file is damaged"), ("MemoryError()", "needs more memory")],
)
def test_what_the_library_raises_is_a_fault(
    path: Path, monkeypatch: pytest.MonkeyPatch, crash: str, cause: str
) -> None:
    fake = f"\nimport polars\ndef scan(raw):\n raise {crash}\npolars.scan_parquet = scan\nmain("
    monkeypatch.setattr(parquet, "BEGIN", parquet.BEGIN.replace("\nmain(", fake))
    assert cause in refused(path, Crafted().content()).cause


@pytest.mark.parametrize("name", ["", None, "/no/such/python"])
def test_without_an_interpreter_parquet_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    monkeypatch.setattr(sys, "executable", name)
    problem = refused(path, Crafted().content())
    assert "cannot be started" in problem.cause
    assert "CSV" in problem.mend


def test_a_program_frozen_into_one_file_is_not_started_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "cannot be started" in refused(path, Crafted().content()).cause


def test_without_room_for_a_pipe_parquet_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pipe() -> tuple[int, int]:
        raise OSError(24, "too many open files")

    monkeypatch.setattr(os, "pipe", pipe)
    assert "cannot be started" in refused(path, Crafted().content()).cause


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files cannot be counted here")
def test_no_process_and_no_open_file_is_left_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **kwargs: object) -> None:
            begun.append(self)
            super().__init__(*args, **kwargs)  # type: ignore[call-overload]

    read(path, Crafted().content())  # what the library opens for itself at its first use stays open
    monkeypatch.setattr(subprocess, "Popen", Noted)
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    read(path, Crafted().content())
    refused(path, LIES["a page of fewer cells than none"].content())
    with pytest.raises(ZeroDivisionError):
        read_table(path, "pool.parquet", lambda header: [str(1 // 0)])
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
    assert [process.returncode is None for process in begun] == [False] * 3


SCRIPT = """
import signal, sys, threading
from pathlib import Path
from optimizer.errors import ScenarioError
from optimizer.loading.table import read_table

sys.path.insert(0, "")  # as in a notebook
if hasattr(signal, "SIGPIPE"):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as our command line has it

def work(name):
    try:
        table = read_table(Path(name), name, lambda header: header)
        found.append((name, table.columns["id"].to_list()))
    except ScenarioError as error:
        found.append((name, error.problems[0].code))

found = []
threads = [threading.Thread(target=work, args=[name]) for name in ["sound.parquet", "lie.parquet"] * 2]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(found))
"""


def test_threads_of_a_script_without_a_guard_read_beside_files_named_like_modules(root: Path, tmp_path: Path) -> None:
    (tmp_path / "sound.parquet").write_bytes(Crafted().content())
    (tmp_path / "lie.parquet").write_bytes(LIES["a page of fewer cells than none"].content())
    for name in ("json", "os", "contextlib", "typing"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken for the module')")
    line, env = [sys.executable, "-P", "-c", SCRIPT], {**os.environ, "PYTHONPATH": str(root)}
    result = subprocess.run(line, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    expected = [("lie.parquet", "pool-unreadable")] * 2 + [("sound.parquet", ["ab"])] * 2
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, str(expected), "")


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names of files are text on this system")
def test_a_file_whose_name_is_not_text_is_read(tmp_path: Path) -> None:
    assert texts(read(tmp_path / os.fsdecode(b"p\xff'\n.parquet"), Crafted().content())) == {"id": ["ab"]}


def test_a_path_from_the_current_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert texts(read(Path("pool.parquet"), Crafted().content())) == {"id": ["ab"]}
