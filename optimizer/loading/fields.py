"""The kinds of values that a scenario file holds, read from text: numbers, rates, money, names, filters."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, NoReturn

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from optimizer.domain.exact import Number, parse_number
from optimizer.domain.filters import AnyOf, Condition, Range
from optimizer.loading import shapes
from optimizer.loading.source import short

LONGEST = 200
_MOST = Decimal(10) ** 12
_DIGITS = re.compile(r"[+-]?[\d_]*\.?\d+(?:[eE][+-]?\d+)?%?")


def fault(code: str, cause: str, mend: str = "") -> NoReturn:
    """Refuse a value; the loader adds the place."""
    raise PydanticCustomError(code, "{cause}", {"cause": cause, "mend": mend})


def number(value: Any) -> Number:
    """A number of at most 18 digits, up to 10**12 in size: `25_000`, `1e6`, `0.8%`."""
    if isinstance(value, Number):
        return value
    if not isinstance(value, str):
        fault("not-a-number", "a number is expected here", "write a number such as 25_000, 1e6 or 0.8%")
    found = parse_number(value)
    if found is None:
        digits = " of at most 18 digits" if _DIGITS.fullmatch(value) else ""
        fault("not-a-number", f'"{short(value)}" is not a number{digits}', _number_mend(value))
    if abs(found.value) > _MOST:
        fault("number-too-large", f"{found} is too large to plan with", "write a number of at most 1e12")
    return found


def _number_mend(value: str) -> str:
    bare = re.sub("[\\s'\u2019]", "", value.partition("#")[0])  # a comment needs a blank before its sign
    bare = re.sub(r"(?:percent|per cent|pct|prozent|pourcent)$", "%", bare, flags=re.IGNORECASE)
    bare = re.sub(r"^(?:[A-Z]{3}|[€$£])|(?:[A-Z]{3}|[€$£])$", "", bare)
    thousands = {"k": "000", "K": "000", "m": "000000", "M": "000000"}.get(bare[-1:])
    if thousands is not None and bare[:-1].isdecimal():
        bare = bare[:-1] + thousands
    if len(bare) <= LONGEST and "," in bare:
        comma_last = bare.rfind(",") > bare.rfind(".")
        if comma_last and bare.count(",") == 1 and ("." in bare or len(bare.split(",")[1].rstrip("%")) != 3):
            point = bare.replace(".", "").replace(",", ".")
            if parse_number(point) is not None:
                return f"write the decimals with a point: {point}"
        bare = bare.replace(",", "")
    if bare.count(".") > 1:
        bare = bare.replace(".", "")
    if len(bare) <= LONGEST and bare != value and parse_number(bare) is not None:
        return f"write {bare}" + ("" if bare.endswith("%") else "; thousands may be separated by _, as in 25_000")
    return "write a number such as 25_000, 1e6 or 0.8%"


def amount(value: Any) -> Number:
    """A number that is not negative and not a percentage."""
    found = number(value)
    if found.percent:
        fault("not-an-amount", f"{found} is a percentage; an amount is expected here", "write a plain number")
    if found.value < 0:
        fault("negative", f"{found} is below zero", "write a number from 0 up")
    return found


def rate(value: Any) -> Number:
    """A share between 0 and 1, written 0.3 or 30%."""
    found = factor(value)
    if found.value > 1:
        fault("share-above-one", *share_above_one(found))
    return found


def share_above_one(found: Number) -> tuple[str, str]:
    """Cause and mend of a share that is written as a number over 1."""
    return f"share above one: a share lies between 0 and 1, this is {found}", (
        f"write {found}% or {found.value / 100}" if found.value <= 100 and not found.percent else "write at most 100%"
    )


def factor(value: Any) -> Number:
    """A number that is not negative; percentages are welcome."""
    found = number(value)
    if found.value < 0:
        fault("negative", f"{found} is below zero", "write a number from 0 up")
    return found


def whole(value: Any) -> int:
    """A whole number from 1 to 100."""
    return _whole(value, 1, 100, "1")


def draws(value: Any) -> int:
    """A whole number from 1,000 to 100,000."""
    return _whole(value, 1_000, 100_000, "10_000")


def seed(value: Any) -> int:
    """A whole number from 0 to 1,000,000."""
    return _whole(value, 0, 1_000_000, "1")


def _whole(value: Any, least: int, most: int, example: str) -> int:
    found = amount(value)
    if found.value != found.value.to_integral_value() or not least <= found.value <= most:
        cause = f"{found} is not a whole number from {least:,} to {most:,}"
        fault("not-whole", cause, f"write for example {example}")
    return int(found.value)


def text(value: Any) -> str:
    """A name: one line, not blank, at most 200 characters."""
    if value is None:
        fault(
            "not-a-text",
            "a name or text is expected here, and null is none",
            'write a name; the word itself stands in quotes: "null"',
        )
    if not isinstance(value, str):
        fault("not-a-text", "a name or text is expected here", "write a text; put it in quotes if it looks like a list")
    cleaned = value.strip()
    if not cleaned:
        fault("blank", "this is blank", "write a text")
    if len(cleaned) > LONGEST or "\n" in cleaned or "\t" in cleaned:
        fault("text-too-long", f"a name must be one line of at most {LONGEST} characters", "shorten it")
    return cleaned


def condition(value: Any) -> Condition:
    """What a filter asks of one column: a value, a list of values, or a range."""
    if isinstance(value, dict):
        return _range(value)
    if isinstance(value, list):
        if not value:
            fault("empty-list", "an empty list matches nothing", "name at least one value")
        return AnyOf(tuple(text(item) for item in value))
    return AnyOf((text(value),))


def _range(value: dict[str, Any]) -> Range:
    unknown = [key for key in value if key not in ("from", "to", "above", "below")]
    if unknown or not value:
        named = f'"{short(unknown[0])}" is not a bound of a range' if unknown else "a range needs a bound"
        fault("range", named, "use from, to (both included), above or below (both excluded)")
    bounds = {key: number(bound) for key, bound in value.items() if bound is not None}
    low = bounds.get("from") or bounds.get("above")
    high = bounds.get("to") or bounds.get("below")
    if low is not None and high is not None and low.value > high.value:
        fault("range", f"a range from {low} to {high} is empty", "swap the bounds")
    return Range(bounds.get("from"), bounds.get("to"), bounds.get("above"), bounds.get("below"))


def flag(value: Any) -> bool:
    """Yes or no."""
    said = value.strip().casefold() if isinstance(value, str) else value
    if said in (True, "true", "yes", "on"):
        return True
    if said in (False, "false", "no", "off"):
        return False
    fault("not-a-flag", "true or false is expected here", "write true or false")


def cell(value: Any) -> str:
    """One value of a segment's column; a list holds several, as `a|b` does in a file."""
    if isinstance(value, list):
        return "|".join(text(item) for item in value)
    if isinstance(value, dict):
        fault("not-a-text", "one value is expected here, not a range", "write for example followers: 4_000")
    return text(value)


def _texts(table: str, title: str = "a text") -> WithJsonSchema:
    return WithJsonSchema(shapes.one_of(title, table))


NumberField = Annotated[Number, PlainValidator(number), WithJsonSchema(shapes.NUMBER)]
Amount = Annotated[Number, PlainValidator(amount), WithJsonSchema(shapes.AMOUNT)]
Rate = Annotated[Number, PlainValidator(rate), WithJsonSchema(shapes.SHARE)]
Rights = Annotated[Number, PlainValidator(number), WithJsonSchema(shapes.RIGHTS)]
Whole = Annotated[int, PlainValidator(whole), WithJsonSchema(shapes.WHOLE)]
DrawCount = Annotated[int, PlainValidator(draws), WithJsonSchema(shapes.DRAWS)]
Seed = Annotated[int, PlainValidator(seed), WithJsonSchema(shapes.SEED)]
Flag = Annotated[bool, PlainValidator(flag), WithJsonSchema(shapes.FLAG)]
Cell = Annotated[str, PlainValidator(cell), WithJsonSchema(shapes.CELL)]

# texts: any is taken, and editors suggest those of a table
Text = Annotated[str, PlainValidator(text), WithJsonSchema(shapes.TEXT)]
CurrencyCode = Annotated[str, PlainValidator(text), _texts("currencies", "an ISO 4217 code")]
ForeignCurrency = Annotated[str, PlainValidator(text), _texts("currencies of packs")]
QuantityName = Annotated[str, PlainValidator(text), _texts("quantities", "a quantity or a ratio")]
AdditiveName = Annotated[str, PlainValidator(text), _texts("additive quantities", "a quantity")]
WalletName = Annotated[str, PlainValidator(text), _texts("wallets")]
FigureName = Annotated[str, PlainValidator(text), _texts("assumed figures")]
PackName = Annotated[str, PlainValidator(text), _texts("packs", "the name of a pack")]
PresetName = Annotated[str, PlainValidator(text), _texts("presets", "the name of a preset")]
PayName = Annotated[str, PlainValidator(text), _texts("pay terms", "the name of pay terms")]
Niche = Annotated[str, PlainValidator(text), _texts("niches")]
ColumnName = Annotated[str, PlainValidator(text), _texts("columns")]
GroupColumn = Annotated[str, PlainValidator(text), _texts("columns of bookings")]
TextColumn = Annotated[str, PlainValidator(text), _texts("columns of texts", "a column of texts, or creator")]
PeopleColumn = Annotated[str, PlainValidator(text), _texts("columns of people")]
AssumedColumn = Annotated[str, PlainValidator(text), _texts("columns of assumptions")]
SegmentColumn = Annotated[str, PlainValidator(text), _texts("columns of segments")]

ConditionField = Annotated[Condition, PlainValidator(condition), WithJsonSchema(shapes.CONDITION)]
FilterField = Annotated[dict[ColumnName, ConditionField], WithJsonSchema(shapes.FILTER)]
GroupField = Annotated[dict[GroupColumn, ConditionField], WithJsonSchema(shapes.GROUP)]
PeopleField = dict[PeopleColumn, ConditionField]
