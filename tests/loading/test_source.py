"""YAML is read as texts that know where they stand, or refused with the place of what is not plain."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading import source
from optimizer.loading.source import Allowance, Node, from_mapping, parse_yaml


def parse(text: str | bytes) -> Node:
    return parse_yaml(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"), "s.yaml")


def plain(text: str | bytes) -> object:
    return parse(text).plain()


def refused(text: str | bytes) -> tuple[str, int | None, int | None]:
    problem = fault(text)
    assert problem.place is not None
    assert problem.place.file == "s.yaml"
    return problem.code, problem.place.line, problem.place.column


def fault(text: str | bytes) -> Problem:
    with pytest.raises(ScenarioError) as error:
        parse(text)
    (problem,) = error.value.problems
    assert problem.cause
    assert problem.mend
    return problem


# --- scalars ---


@pytest.mark.parametrize(
    "word", ["NO", "yes", "on", "true", "12:30", "0123", "0x1F", "0o17", "1e6", "1_000", ".inf", "2024-01-31", "="]
)
def test_a_plain_word_stays_the_text_that_was_written(word: str) -> None:
    assert plain(f"a: {word}\n") == {"a": word}


@pytest.mark.parametrize("word", ["~", "null", "Null", "NULL", ""])
def test_a_null_is_nothing(word: str) -> None:
    node = parse(f"a: {word}\n").at(["a"])
    assert node is not None
    assert node.value is None


@pytest.mark.parametrize("word", ['"~"', "'null'", '""'])
def test_a_quoted_null_is_a_text(word: str) -> None:
    assert plain(f"a: {word}\n") == {"a": word[1:-1]}


def test_an_empty_value_is_as_if_its_key_were_not_there() -> None:
    assert plain("a:\nb: 1\n") == {"b": "1"}


def test_an_integer_of_five_thousand_digits_stays_text() -> None:
    assert plain("a: " + "7" * 5_000) == {"a": "7" * 5_000}


def test_texts_are_composed() -> None:
    assert plain('a: "cafe\u0301"\n') == {"a": "caf\u00e9"}


def test_keys_are_composed() -> None:
    assert plain("cafe\u0301: 1\n") == {"caf\u00e9": "1"}


def test_a_folded_block_joins_its_lines() -> None:
    assert plain("a: >-\n  one\n  two\n") == {"a": "one two"}


def test_an_emoji_is_a_character_like_any_other() -> None:
    assert plain('a: "😀"\n') == {"a": "😀"}


def test_an_ampersand_inside_a_text_is_no_anchor() -> None:
    assert plain("a: R&D & more\n") == {"a": "R&D & more"}


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert plain("a: {<<: {b: 1}}\n") == {"a": {"<<": {"b": "1"}}}


# --- what is refused ---


def test_a_key_that_is_there_twice_is_refused_with_both_lines() -> None:
    problem = fault("a: 1\nb: 2\na: 3\n")
    assert problem.cause == 'key "a" appears twice, first in line 1'
    assert problem.place == Place("s.yaml", 3, 1)


def test_two_keys_that_differ_in_case_or_composition_alone_are_one() -> None:
    assert refused("r:\n  Café: 1\n  CAFE\u0301: 2\n") == ("duplicate-key", 3, 3)


def test_every_doubled_key_of_a_mapping_is_named() -> None:
    with pytest.raises(ScenarioError) as error:
        parse("a: 1\na: 2\nb: 1\nb: 2\na: 3\n")
    assert [problem.place.line for problem in error.value.problems if problem.place] == [2, 4, 5]


def test_a_very_long_doubled_key_is_cut_in_the_message() -> None:
    assert len(fault(f"? {'k' * 5_000}\n: 1\n? {'k' * 5_000}\n: 2\n").cause) < 150


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: &x 1\n", (1, 4)), ("a: *x\n", (1, 4)), ("a: 1\nb: &x {c: 1}\n", (2, 4)), ("&k a: 1\n", (1, 1))],
    ids=["anchor", "alias", "anchor of a mapping", "anchor of a key"],
)
def test_anchors_and_aliases_are_refused(text: str, place: tuple[int, int]) -> None:
    assert refused(text) == ("yaml-alias", *place)


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert refused(bomb) == ("yaml-alias", 1, 4)


def test_a_doubled_anchor_is_an_anchor() -> None:
    assert refused("a: &x 1\nb: &x 1\n")[0] == "yaml-alias"


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!str", "!mine", "!", "!<tag:x>"])
def test_tags_are_refused(tag: str) -> None:
    assert refused(f"b: 1\na: {tag} 1\n") == ("yaml-tag", 2, 4)


def test_a_second_document_is_refused_where_it_starts() -> None:
    assert refused("a: 1\n---\nb: 2\n") == ("yaml-documents", 2, 1)


@pytest.mark.parametrize(
    ("text", "place"),
    [("a:\n\tb: 1\n", (2, 1)), ("a:\n  b: 1\n\tc: 2\n", (3, 1)), ("a: {\tb: 1}\n", (1, 5))],
    ids=["indent", "second line", "in brackets"],
)
def test_tabs_between_values_are_refused(text: str, place: tuple[int, int]) -> None:
    assert refused(text) == ("yaml-tab", *place)


def test_a_tab_inside_quotes_is_kept() -> None:
    assert plain('a: "b\tc"\n') == {"a": "b\tc"}


@pytest.mark.parametrize("sign", ["@", "`", "%"])
def test_a_value_that_needs_quotes_is_told_so_with_its_sign(sign: str) -> None:
    problem = fault(f"a: [x, {sign}name]\n")
    assert (problem.code, problem.place) == ("yaml-quote", Place("s.yaml", 1, 8))
    assert problem.mend == f'put it in quotes: "{sign}name"'


def test_nesting_as_deep_as_allowed_is_read() -> None:
    deep = source.MOST_DEPTH - 2  # the document is one level, the value the last one
    assert plain("a: " + "[" * deep + "x" + "]" * deep)


def test_deeper_nesting_is_refused_where_it_gets_too_deep() -> None:
    deep = source.MOST_DEPTH - 1
    assert refused("a: " + "[" * deep + "x" + "]" * deep) == ("yaml-depth", 1, 4 + deep)


@pytest.mark.parametrize("opening", ["[", "{", "[1,", "{a: ", "- ", "? "])
def test_a_hundred_thousand_openings_are_refused_for_their_depth_alone(opening: str) -> None:
    text = "a:\n " + opening * (100_000 // len(opening))
    assert refused(text)[0] == "yaml-depth"


def test_as_many_values_as_allowed_are_read() -> None:
    assert parse("a: [" + "1," * (source.MOST_VALUES - 3) + "]")


def test_one_value_more_is_refused_at_its_place() -> None:
    text = "a: [" + "1," * (source.MOST_VALUES - 2) + "]"
    assert refused(text) == ("yaml-too-large", 1, 5 + 2 * (source.MOST_VALUES - 3))


def test_as_many_bytes_as_allowed_are_read() -> None:
    assert parse("a: 1\n#".ljust(source.MOST_BYTES, "x"))


def test_one_byte_more_is_refused() -> None:
    assert refused("a: 1\n#".ljust(source.MOST_BYTES + 1, "x")) == ("yaml-too-large", None, None)


def test_as_many_lines_as_allowed_are_read() -> None:
    assert parse("a: 1" + "\n" * (source.MOST_LINES - 1))


def test_one_line_more_is_refused() -> None:
    assert refused("a: 1" + "\n" * source.MOST_LINES) == ("yaml-too-large", None, None)


def test_files_that_share_an_allowance_are_counted_together() -> None:
    left = Allowance(values=10)
    parse_yaml(b"a: [1, 2, 3]\n", "one.yaml", left)
    with pytest.raises(ScenarioError, match="with the files that it extends"):
        parse_yaml(b"a: [1, 2, 3]\n", "two.yaml", left)


@pytest.mark.parametrize(
    ("text", "sign", "place"),
    [
        ("a: b\x07\n", "0007", (1, 5)),
        ('n: 1\na: "b\\u0007"\n', "0007", (2, 4)),
        ("a: 'x\u202ey'\n", "202E", (1, 4)),
        ("a: x\u200by\n", "200B", (1, 4)),
        ('a: "\\ud800"\n', "D800", (1, 4)),
        ('"a\\u0000": 1\n', "0000", (1, 1)),
        ("a: 1 # x\u0085b: 2\n", "0085", (1, 9)),
        ("n: 1\n# x\u2028b: 2\n", "2028", (2, 4)),
        ("a: \x00\n", "0000", (1, 4)),
    ],
    ids=["control", "escape", "bidi", "zero width", "surrogate", "key", "next line", "line separator", "zero"],
)
def test_characters_that_cannot_be_seen_are_refused_by_their_number(
    text: str, sign: str, place: tuple[int, int]
) -> None:
    problem = fault(text)
    assert problem.code == "yaml-character"
    assert f"U+{sign}" in problem.cause
    assert problem.place == Place("s.yaml", *place)


def test_an_excerpt_shows_a_mark_for_what_cannot_be_seen_and_keeps_its_columns() -> None:
    problem = fault("a: {b: 'x\u202ey', @}\n")
    assert problem.place is not None
    assert problem.place.excerpt == "a: {b: 'x\ufffdy', @}"
    assert problem.place.column == 8


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"format: 1\nname: caf\xe9\n", 2), (b"a: \xed\xa0\x80\n", 1), ("a: 1\n".encode("utf-16"), 1)],
    ids=["latin", "surrogate", "utf-16"],
)
def test_what_is_not_utf8_is_refused_with_its_line(data: bytes, line: int) -> None:
    assert refused(data) == ("yaml-encoding", line, 1)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert plain(b"\xef\xbb\xbfa: 1\n") == {"a": "1"}


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# nothing\n", "~\n", "- a\n", "word\n", "[]\n"], ids=["", "lf", "#", "~", "-", "word", "[]"]
)
def test_what_is_no_mapping_is_no_scenario(text: str) -> None:
    assert refused(text) == ("yaml-empty", 1, 1)


def test_a_list_as_key_is_refused() -> None:
    assert refused("? [a, b]\n: 1\n") == ("yaml-key", 1, 3)


@pytest.mark.parametrize(
    ("text", "place", "cause"),
    [
        ("a: [1, 2\nb: 3\n", (2, 2), "the bracket that opens in line 1"),
        ("a: {b: 1\nc: 3\n", (2, 2), "the bracket that opens in line 1"),
        ('x: 1\na: "bc\nb: 3\n', (2, 4), "the quote that opens here is never closed"),
        ("name: BookTok: launch\n", (1, 14), "a colon is not expected here"),
        ("format: 1\ncurrency EUR\n", (2, 1), "a key without a colon"),
        ("a:\n    b: 2\n  c: 1\n", (3, 3), "the indentation differs"),
        ('a: "b" c\n', (1, 8), "there is text after the end of a value"),
        ("a: - 1\n", (1, 4), "a list cannot begin here"),
        ("a: [1,,2]\n", (1, 7), "a value is missing here"),
        ('a: "\\q"\n', (1, 6), "a backslash in double quotes"),
        ('a: "\\U00110000"\n', (1, 7), "far too large"),
        ('a: "\\Uffffffff"\n', (1, 7), "far too large"),
        ("a: * b\n", (1, 5), "& and * have a meaning of their own"),
    ],
)
def test_broken_yaml_is_refused_in_plain_words_where_it_breaks(text: str, place: tuple[int, int], cause: str) -> None:
    problem = fault(text)
    assert (problem.code, problem.place) == ("yaml-syntax", Place("s.yaml", *place))
    assert cause in problem.cause
    assert "<" not in problem.cause


def test_a_directive_with_a_number_of_thousands_of_digits_is_refused() -> None:
    assert refused("%YAML 1." + "9" * 6_000 + "\n---\na: 1\n")[0] == "yaml-syntax"


# --- places ---

DOCUMENT = "a: 1\nb: {c: x, d: [y, z]}\ne:\n  - f: 1\n  - 'g'\n"


def test_every_node_stands_where_it_was_written() -> None:
    places = {path: (node.place.line, node.place.column) for path, node in parse(DOCUMENT).leaves()}
    assert places == {
        ("a",): (1, 4),
        ("b", "c"): (2, 8),
        ("b", "d", 0): (2, 15),
        ("b", "d", 1): (2, 18),
        ("e", 0, "f"): (4, 8),
        ("e", 1): (5, 5),
    }


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [(["a"], (1, 1), (1, 4)), (["b"], (2, 1), (2, 4)), (["b", "d"], (2, 11), (2, 14)), (["e", 0, "f"], (4, 5), (4, 8))],
)
def test_an_entry_knows_the_place_of_its_key(path: list[str | int], key: Any, value: Any) -> None:
    node = parse(DOCUMENT).at(path)
    assert node is not None
    assert node.key_place == Place("s.yaml", *key)
    assert node.place == Place("s.yaml", *value)


def test_a_list_has_the_place_of_its_first_dash() -> None:
    node = parse(DOCUMENT).at(["e"])
    assert node is not None
    assert node.place == Place("s.yaml", 4, 3)


def test_a_quoted_word_is_as_long_as_its_quotes() -> None:
    node = parse(DOCUMENT).at(["e", 1])
    assert node is not None
    assert (node.place.length, node.place.excerpt) == (3, "  - 'g'")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_however_they_end(end: str) -> None:
    node = parse(f"# x{end}a: 1{end}{end}b: 2{end}").at(["b"])
    assert node is not None
    assert (node.place.line, node.place.column, node.place.excerpt) == (4, 4, "b: 2")


def test_a_path_that_leads_nowhere_finds_nothing() -> None:
    document = parse(DOCUMENT)
    assert [document.at(path) for path in (["x"], ["a", "b"], ["e", 7], ["e", "f"])] == [None] * 4


def test_all_places_of_a_long_line_share_one_excerpt() -> None:
    nodes = [node for _, node in parse("a: [" + "x," * 1_000 + "]").leaves()]
    assert len({id(node.place.excerpt) for node in nodes}) == 1


# --- mappings from Python ---


def test_a_mapping_from_python_gives_the_same_texts_as_a_file() -> None:
    said = {"a": 1, "b": [1.5, Decimal("0.8"), "x", None], "c": {"d": True, "e": np.int64(7)}, "f": Path("p.csv")}
    assert from_mapping(said).plain() == {
        "a": "1",
        "b": ["1.5", "0.8", "x", None],
        "c": {"d": "true", "e": "7"},
        "f": "p.csv",
    }


def test_a_date_from_python_is_its_text() -> None:
    assert from_mapping({"a": datetime.date(2024, 1, 31)}).plain() == {"a": "2024-01-31"}


def test_places_of_a_mapping_from_python_are_paths() -> None:
    node = from_mapping({"a": [{"b": 1}]}).at(["a", 0, "b"])
    assert node is not None
    assert str(node.place) == "scenario > a > 1 > b"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"a": b"1"}, "yaml-value"),
        ({"a": {1, 2}}, "yaml-value"),
        ({"a": object()}, "yaml-value"),
        ({"a": "x\u202ey"}, "yaml-character"),
        ({"a\ud800": 1}, "yaml-character"),
        ({"a": 1, "A": 2}, "duplicate-key"),
        ({"1": 1, 1: 2}, "duplicate-key"),
    ],
    ids=["bytes", "set", "object", "bidi", "surrogate key", "case", "number as key"],
)
def test_a_mapping_from_python_that_is_no_document_is_refused(said: dict[Any, Any], code: str) -> None:
    with pytest.raises(ScenarioError) as error:
        from_mapping(said)
    assert [problem.code for problem in error.value.problems] == [code]


def test_a_mapping_that_holds_itself_is_refused_for_its_depth() -> None:
    said: dict[str, Any] = {}
    said["a"] = said
    with pytest.raises(ScenarioError, match="nested deeper"):
        from_mapping(said)
