"""How each kind of value looks to an editor: pieces of JSON Schema, each under the words that a planner knows it by.

The loader reads every value as text. An editor's YAML does not: it takes `1e6` for a number, `25_000` for one or not,
`30%` never, and `NO` perhaps for false. So each piece accepts a value in every form in which it may come. No piece
refuses what the loader takes; where a pattern cannot tell, it lets the value pass.

`errorMessage` is no part of the standard: editors that know it show it, and the rest pass it over. `suggest`
names a table of suggestions, which `json_schema` puts in its place.
"""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]
HERE = "#/$defs/"

_DIGITS = "[0-9]+(_[0-9]+)*"
_PARTED = "[0-9]+(_[0-9]+)+"
_DECIMAL = rf"({_DIGITS}(\.[0-9]+)?|\.[0-9]+)"
_POWER = rf"{_DECIMAL}[eE][+-]?(0?1[0-8]|0{{0,2}}[0-9])"  # how large it is, no pattern can tell
_NUMBER = rf"({_DECIMAL}|{_POWER})"
_UP_TO_ONE = r"(0+(\.[0-9]+)?|\.[0-9]+|0*1(\.0+)?)"
_UP_TO_HUNDRED = r"(0*[0-9]{1,2}(\.[0-9]+)?|\.[0-9]+|0*100(\.0+)?)"
_FROM_ZERO = r"(\+?|-(?=[0_.]+([eE%\s]|$)))"  # a minus only before nothing but noughts
ONE_LINE = r"^\s*\S([^\n\t]{0,198}\S)?\s*$"  # not blank, at most 200 characters
_LARGEST = 10**12
_CALLED = {"string": "text", "array": "list", "object": "mapping"}


_ONE_LINE = {"pattern": ONE_LINE, "patternErrorMessage": "one line of at most 200 characters is expected here"}


def _unless(wrong: list[str], right: list[str]) -> Shape:
    """Any value but of some types; said like this, for editors suggest true and false wherever a boolean fits."""
    message = f"a {' or '.join(_CALLED[name] for name in right)} is expected here"
    return {"if": {"type": wrong}, "then": {"type": right, "errorMessage": message}}


def _number(title: str, pattern: str, wanted: str, **bounds: int) -> Shape:
    return {
        "title": title,
        "type": ["number", "string"],
        **bounds,
        "pattern": rf"^\s*{pattern}\s*$",
        "errorMessage": f"{wanted} is expected here",
    }


_PEOPLE = rf"(?!\+?[0_.]+([eE].*)?\s*$)\+?{_NUMBER}"
_K = rf"([cC][hH][aA][nN][cC][eE]|(?!\+?[0_.]+([eE].*)?\s*$)\+?{_NUMBER})"


def _or_file(pattern: str) -> str:
    return rf"({pattern}|\S[^\n\t]{{0,198}}\.[A-Za-z][A-Za-z0-9]*)"


def _nested(title: str, inner: str, pattern: str, **bounds: float) -> Shape:
    """A number, or a table of such by names."""
    return {
        "title": title,
        "type": ["string", "number", "object"],
        **bounds,
        "pattern": rf"^\s*{pattern}\s*$",
        "errorMessage": f"{title} is expected here",
        "propertyNames": {"pattern": ONE_LINE},
        "additionalProperties": {"$ref": f"{HERE}{inner}"},
        "minProperties": 1,
    }


DEFS: dict[str, Shape] = {
    "number": _number(
        "a number",
        rf"[+-]?{_NUMBER}\s*%?",
        "a number such as 25_000, 1e6 or 0.8%",
        minimum=-_LARGEST,
        maximum=_LARGEST,
    ),
    "amount": _number(
        "an amount",
        _FROM_ZERO + _NUMBER,
        "a number from 0 up, such as 25_000 or 17.90,",
        minimum=0,
        maximum=_LARGEST,
    ),
    "share": _number(
        "a share",
        rf"{_FROM_ZERO}({_UP_TO_ONE}|{_UP_TO_HUNDRED}\s*%|{_POWER}\s*%?|{_PARTED}(\.[0-9]+)?\s*%?)",
        "a share from 0 to 1, or from 0% to 100%,",
        minimum=0,
        maximum=1,
    ),
    "followers": _number(
        "a whole number from 0 up",
        rf"{_FROM_ZERO}({_DIGITS}(\.0+)?|{_POWER})",
        "a whole number from 0 up, such as 1_000,",
        minimum=0,
        maximum=_LARGEST,
        multipleOf=1,
    ),
    "whole": _number(
        "a whole number from 1 to 100",
        rf"\+?(0*([1-9][0-9]?|100)(\.0+)?|{_POWER}|{_PARTED}(\.0+)?)",
        "a whole number from 1 to 100",
        minimum=1,
        maximum=100,
        multipleOf=1,
    ),
    "draws": _number(
        "a whole number from 1,000 to 100,000",
        rf"\+?({_DIGITS}(\.0+)?|{_POWER})",
        "a whole number from 1,000 to 100,000",
        minimum=1_000,
        maximum=100_000,
        multipleOf=1,
    ),
    "seed": _number(
        "a whole number from 0 to 1,000,000",
        rf"{_FROM_ZERO}({_DIGITS}(\.0+)?|{_POWER})",
        "a whole number from 0 to 1,000,000",
        minimum=0,
        maximum=1_000_000,
        multipleOf=1,
    ),
    "text": {"title": "a text", **_unless(["array", "object", "null"], ["string"]), **_ONE_LINE},
    "path": {"title": "a path", **_unless(["array", "object", "null"], ["string"]), "pattern": r"\S"},
    "flag": {
        "title": "true or false",
        "type": ["boolean", "string"],
        "pattern": r"^\s*([Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[Oo][Nn]|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]|[Oo][Ff][Ff])\s*$",
        "errorMessage": "true or false is expected here",
    },
    "format": {
        "title": "1",
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 1,
        "pattern": "^1$",
        "errorMessage": "write format: 1",
        "default": 1,
    },
}


def ref(name: str, title: str = "") -> Shape:
    """A shape by the name of its definition; one of a title of its own where that is given."""
    title = title or DEFS.get(name, {}).get("title", "")
    return {"title": title, "$ref": f"{HERE}{name}"}


NUMBER, AMOUNT, SHARE, WHOLE = ref("number"), ref("amount"), ref("share"), ref("whole")
DRAWS, SEED = ref("draws"), ref("seed")
TEXT, PATH, FLAG, FORMAT = ref("text"), ref("path"), ref("flag"), ref("format")
FILTER, GROUP = ref("filter", "a filter"), ref("group", "a filter")  # of creators, of bookings
RIGHTS = ref("number", "an amount, or a share in percent")
_MARK = r"^\s*[^\s\w\"']{1,3}\s*$"
_NO_TERM: Shape = {
    "type": ["array", "object"],
    "errorMessage": "what was agreed stands beside a creator; a filter asks for a range or a list here",
}
DEFS |= {
    "tier": {
        "title": "the lowest and the highest number of followers",
        "type": "array",
        "items": ref("followers"),
        "minItems": 2,
        "maxItems": 2,
    },
    "cell": {
        "title": "a value, or a list of values",
        **_unless(["object", "null"], ["string", "array"]),
        **_ONE_LINE,
        "items": TEXT,
    },
    "sources": {
        "title": "a column, or a list of columns",
        **_unless(["object", "null"], ["string", "array"]),
        **_ONE_LINE,
        "items": TEXT,
        "minItems": 1,
    },
    "separators": {
        "title": "a mark, or a list of marks",
        "type": ["string", "array"],
        "pattern": _MARK,
        "errorMessage": 'write a mark such as ",", ";" or "/"',
        "items": {"type": "string", "pattern": _MARK},
        "minItems": 1,
    },
    "condition": {
        "title": "a value, a list of values, or a range",
        **_unless(["null"], ["string", "array", "object"]),
        **_ONE_LINE,
        "items": TEXT,
        "minItems": 1,
        "properties": {
            "from": {**NUMBER, "description": "the lower bound, itself allowed"},
            "to": {**NUMBER, "description": "the upper bound, itself allowed"},
            "above": {**NUMBER, "description": "the lower bound, itself not allowed"},
            "below": {**NUMBER, "description": "the upper bound, itself not allowed"},
        },
        "additionalProperties": False,
        "minProperties": 1,
    },
    "bound": {
        **DEFS["number"],
        "title": "a number, or one for each value",
        "type": [*DEFS["number"]["type"], "object"],
        "propertyNames": {"pattern": ONE_LINE},
        "additionalProperties": NUMBER,
        "minProperties": 1,
    },
    "of": {
        "title": "plan, budget, or a filter",
        "anyOf": [{"enum": ["plan", "budget"]}, {"$ref": f"{HERE}group", "minProperties": 1}],
    },
    "part": {
        "title": "a creator, a segment, or a filter",
        "anyOf": [{"$ref": f"{HERE}text"}, {"$ref": f"{HERE}group", "minProperties": 1}],
    },
    "cells": {
        "title": "a list of columns, or columns with their values",
        **_unless(["null"], ["string", "array", "object"]),
        **_ONE_LINE,
        "items": TEXT,
        "maxItems": 4,
        "propertyNames": {"pattern": ONE_LINE},
        "additionalProperties": {"$ref": f"{HERE}sources"},
        "maxProperties": 4,
    },
    "people": _nested("a number of people, or a table", "people", _PEOPLE, exclusiveMinimum=0, maximum=10**10),
    "sizes": _nested("numbers of people, or a file", "people", _or_file(_PEOPLE), exclusiveMinimum=0, maximum=10**10),
    "k": _nested("chance, a number, or a table", "k", _K, minimum=0.1, maximum=10**6),
    "overlap": _nested("chance, a number, a table or a file", "k", _or_file(_K), minimum=0.1, maximum=10**6),
    "nothing": {"not": {"type": ["string", "number", "boolean", "array", "object"]}},  # null, which none suggests
    "who": {  # by a filter, in `include` and `exclude`
        "$ref": f"{HERE}filter",
        "minProperties": 1,
        "properties": {
            "creator": {
                "type": ["array", "object"],
                "errorMessage": "beside a handle stand only platform, offer, fee and price",
            },
            **dict.fromkeys(("offer", "fee", "price"), _NO_TERM),
        },
    },
}
TIER, CELL, CONDITION, BOUND, OF, PART = map(ref, ("tier", "cell", "condition", "bound", "of", "part"))
COLUMNS, SEPARATORS = ref("sources"), ref("separators")
CELLS, SIZES, OVERLAP = map(ref, ("cells", "sizes", "overlap"))
WHO = ref("who", "a filter")
NOTHING: Shape = {"$ref": f"{HERE}nothing"}


def one_of(title: str, table: str) -> Shape:
    """A text with suggestions from a table; any other text is taken as well."""
    return {**TEXT, "title": title, "suggest": table}


def given(key: str) -> Shape:
    """That a key has a value."""
    return {"required": [key], "properties": {key: {"not": NOTHING}}}


def some_of(*keys: str) -> Shape:
    """That one of some keys has a value at least."""
    return {"not": {"properties": dict.fromkeys(keys, NOTHING)}}
