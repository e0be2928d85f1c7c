"""A JSON list of objects, as scrapers give it, is read value for value, or refused with the place."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.pool_file import json_list
from optimizer.pool_file.read import read_table
from tests.pool_file.reading import only, read, survives, texts
from tests.support.amounts import SEED, TIMES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.json"


def refused(path: Path, content: str | bytes, code: str, row: int | None = None, **keys: object) -> Problem:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ScenarioError) as error:
        read_table(path, path.name, lambda header: header, **keys)  # type: ignore[arg-type]
    problem = only(error)
    assert (problem.code, bool(problem.cause), bool(problem.mend)) == (code, True, True), problem
    assert problem.place is not None
    assert problem.place.line == row
    return problem


def test_nested_values_are_named_by_their_way(path: Path) -> None:
    content = """[
      {"username": "ana", "authorMeta": {"fans": 5200, "verified": true},
       "latestPosts": [{"likesCount": 3}, {"likesCount": 4}]},
      {"username": "bea", "authorMeta": {"fans": null}, "latestPosts": [], "tags": ["x", "y"]}
    ]"""
    found = read(path, content)
    assert texts(found) == {
        "username": ["ana", "bea"],
        "authorMeta/fans": ["5200", None],
        "authorMeta/verified": ["true", None],
        "latestPosts/0/likesCount": ["3", None],
        "latestPosts/1/likesCount": ["4", None],
        "tags/0": [None, "x"],
        "tags/1": [None, "y"],
    }
    assert found.rows.tolist() == [1, 2]
    assert found.place(1, "authorMeta/fans") == Place("list.json", 2, 2)
    assert {name: flags.tolist() for name, flags in found.numeric.items()} == {
        "authorMeta/fans": [True, False],
        "latestPosts/0/likesCount": [True, False],
        "latestPosts/1/likesCount": [True, False],
    }


@pytest.mark.parametrize(
    ("written", "text", "numeric"),
    [
        ("0.0027", "0.0027", True),
        ("8200", "8200", True),
        ("1E+5", "1e5", True),
        ("12345678901234567890123", "12345678901234567890123", True),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827", True),
        ('"8200"', "8200", False),
        ("NaN", None, False),
        ("-Infinity", None, False),
        ("false", "false", False),
        ('" "', None, False),
        ('"\\ud83d\\ude00 \\ud83d"', "😀 \N{REPLACEMENT CHARACTER}", False),
    ],
)
def test_values_are_read_as_they_are_written(path: Path, written: str, text: str | None, numeric: bool) -> None:
    found = read(path, f'[{{"a": "x", "b": {written}}}]')
    assert found.columns["b"].to_pylist() == [text]
    assert ("b" in found.numeric) == numeric


@pytest.mark.parametrize(
    "content",
    [
        '{"data": [{"a": 1}, {"a": 2}], "next": null, "ids": [1, 2], "none": []}',
        '{"count": 2, "result": {"items": [{"a": 1}, {"a": 2}]}}',
        '{"a": 1}\n\n{"a": 2}\n',
        '{"a": 1}\r\n{"a": 2}',
        '\ufeff[{"a": 1}, {"a": 2}]',
        '\n  [ {"a": 1}, {"a": 2} ]',
    ],
)
def test_a_list_may_be_wrapped_or_one_object_a_line(path: Path, content: str) -> None:
    assert texts(read(path, content)) == {"a": ["1", "2"]}


def test_one_line_of_json_lines_is_a_record(path: Path) -> None:
    assert texts(read(path.with_suffix(".ndjson"), '{"a": 1}\n')) == {"a": ["1"]}


def test_the_rows_of_json_lines_are_their_lines(path: Path) -> None:
    assert read(path.with_suffix(".jsonl"), '{"a": 1}\n\n{"a": 2}\n').rows.tolist() == [1, 3]


@pytest.mark.parametrize("name", ["list.csv", "list.txt", "list"])
def test_json_is_told_by_its_first_signs(tmp_path: Path, name: str) -> None:
    assert texts(read(tmp_path / name, ' [\n{ "a": 1}]')) == {"a": ["1"]}
    assert read(tmp_path / name, "[id],{name}\na,b\n").header == ("[id]", "{name}")


def test_utf_16_is_read(path: Path) -> None:
    assert texts(read(path, '[{"a": "é"}]'.encode("utf-16"))) == {"a": ["é"]}


def test_only_wanted_names_of_thousands_are_kept(path: Path) -> None:
    wide = [{f"f{at}": at for at in range(20_001)} | {"creator": "ana"}]
    assert texts(read(path, json.dumps(wide), "creator", "f20000")) == {"f20000": ["20000"], "creator": ["ana"]}
    assert "uses" in refused(path, json.dumps(wide), "pool-too-many-columns", 1).cause


def test_names_that_read_the_same_are_refused_where_they_are_wanted(path: Path) -> None:
    content = '[{"a": {"b": 1}, "a/b": 2, "c": 3}]'
    assert texts(read(path, content, "c")) == {"c": ["3"]}
    refused(path, content, "pool-duplicate-header", 1)


@pytest.mark.parametrize(
    ("content", "code", "row", "said"),
    [
        ("[]", "pool-no-rows", None, "empty"),
        ("{}", "pool-json", None, "no list"),
        ('{"username": "ana"}', "pool-json", None, "no list"),
        ('[{"a": 1}, 5]', "pool-json", 2, "item 2"),
        ("[1]", "pool-json", 1, "item 1"),
        ('[{"a": 1},\n{"a": }]', "pool-json", 2, "not JSON"),
        ('{"a": 1}\nnothing\n', "pool-json", 2, "not JSON"),
        ("5", "pool-json", None, "no list"),
        ('[{"a": 1, "a": 2}]', "pool-json", None, "twice"),
        ('[{"a": "x\\u0000"}]', "pool-nul", 1, "zero"),
        ('{"x": [{"a": 1}], "y": [{"a": 2}]}', "pool-sheet", None, "x, y"),
        (b'[{"a":\n"\xff"}]', "pool-encoding", 2, "UTF-8"),
        ("[" * 100_000, "pool-json", None, "deep"),
        ("[" + '{"a":' * 60 + "1" + "}" * 60 + "]", "pool-json", None, "deep"),
    ],
)
def test_what_is_no_list_of_objects_is_refused(
    path: Path, content: str | bytes, code: str, row: int | None, said: str
) -> None:
    assert said in refused(path, content, code, row).cause


def test_one_of_several_lists_may_be_named(path: Path) -> None:
    path.write_text('{"found": {"x": [{"a": 1}], "y": [{"a": 2}]}}')
    for name in ("found/y", "y"):
        assert texts(read_table(path, "list.json", lambda header: header, sheet=name)) == {"a": ["2"]}
    assert "found/x, found/y" in refused(path, path.read_text(), "pool-sheet", sheet="z").mend
    refused(path, '[{"a": 1}]', "pool-sheet", sheet="z")
    refused(path, '[{"a": 1}]', "pool-key", header=2)


@pytest.mark.parametrize(
    ("cap", "code"),
    [("MAX_JSON", "pool-too-large"), ("MAX_VALUES", "pool-too-large"), ("MAX_NAMES", "pool-too-many-columns")],
)
def test_each_cap_has_its_message(path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, code: str) -> None:
    content = '[{"a": [1, 2, 3], "b": 2}]'
    assert read(path, content).rows.size == 1
    monkeypatch.setattr(json_list, cap, 3)
    refused(path, content, code, 1 if cap == "MAX_NAMES" else None)


def test_damaged_json_gives_a_table_or_a_fault(path: Path) -> None:
    rng = random.Random(f"json{SEED}")
    sound = b'[{"a": 1.5e3, "b": {"c": [true, null, "\xc3\xa9\\u00e9"]}}, {"a": "x", "d": NaN}]'
    signs = [b"[", b"]", b"{", b"}", b'"', b",", b":", b"\\", b"\xff", b"\0", b"\n", b"9", b"e", b"null"]
    for _ in range(500 * TIMES):
        changed = bytearray(sound)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(changed))
            changed[at : at + rng.randint(0, 3)] = rng.choice(signs)
        survives(path, bytes(changed))


KEY = st.text(st.sampled_from("abc_ "), min_size=1, max_size=3).filter(str.strip).map(str.strip)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text("xyzé", min_size=1),
)
VALUE = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3), max_leaves=6
)


def flat(value: object, name: str = "") -> dict[str, object]:
    """The plain values of an object by name, written apart from what is tested."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inside is None:
        return {name: value}
    found: dict[str, object] = {}
    for key, inner in inside:
        found |= flat(inner, f"{name}/{key}" if name else str(key))
    return found


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    records=st.lists(st.dictionaries(KEY, VALUE, min_size=1, max_size=4), min_size=1, max_size=4), lines=st.booleans()
)
def test_what_python_writes_is_read_as_it_was_written(
    path: Path, records: list[dict[str, object]], lines: bool
) -> None:
    content = "\n".join(map(json.dumps, records)) if lines and len(records) > 1 else json.dumps(records)
    rows = [flat(record) for record in records]
    names = {name for row in rows for name in row}
    if len({name.casefold() for name in names}) < len(names):
        return
    found = texts(read(path, content)) if names else {}
    for name in names:
        told = [row.get(name) for row in rows]
        expected = [
            json.dumps(value).replace("e+", "e") if not isinstance(value, str | None) else value for value in told
        ]
        assert found[name] == expected
