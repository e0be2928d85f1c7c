"""One mapping of a data file, read key by key; each fault names the path of its key."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

import yaml

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|\d{4} to \d{4}|undated")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")


class _Loader(yaml.SafeLoader):
    """A loader that refuses duplicate keys, which YAML libraries accept."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        doubled = next((key for key in keys if keys.count(key) > 1), None)
        if doubled is not None:
            raise yaml.constructor.ConstructorError(None, None, f'"{doubled}" stands twice', node.start_mark)
        return dict(super().construct_mapping(node, deep=deep))


def parsed(text: str) -> Part:
    """The mapping that a data file holds."""
    return Part(yaml.load(text, _Loader))


class Part:
    """A mapping, with the path that leads to it."""

    def __init__(self, values: object, path: str = "") -> None:
        self.path = path
        if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
            raise self.fault("", "is a mapping of named values")
        self.values: dict[str, object] = values

    def fault(self, key: str, what: str) -> ValueError:
        """An error about a key, or about the whole mapping if the key is empty."""
        return ValueError(f"{'.'.join(filter(None, (self.path, key))) or 'the file'}: {what}")

    def __iter__(self) -> Iterator[str]:
        """The keys, in the order of the file."""
        return iter(self.values)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def only(self, allowed: str) -> None:
        """Refuse every key that is not allowed."""
        unknown = next((key for key in self.values if key not in allowed.split()), None)
        if unknown is not None:
            raise self.fault(unknown, "is not a key that is known here")

    def over(self, other: Part, keys: Iterable[str]) -> Part:
        """This mapping, with these keys of another where it has none of its own."""
        return Part({key: other.values[key] for key in keys if key in other.values} | self.values, self.path)

    def inner(self, key: str) -> Part:
        """The mapping under a key; an empty one where the key is missing."""
        return Part(self.values.get(key, {}), f"{self.path}.{key}".removeprefix("."))

    def lines(self, key: str) -> list[Part]:
        """The mappings in the list under a key; none where the key is missing."""
        found = self.values.get(key, [])
        if not isinstance(found, list):
            raise self.fault(key, "is a list")
        path = f"{self.path}.{key}".removeprefix(".")
        return [Part(line, f"{path}[{at}]") for at, line in enumerate(found)]

    def text(self, key: str) -> str:
        """The text under a key that must be there."""
        found = self.maybe(key)
        if found is None:
            raise self.fault(key, "is missing")
        return found

    def maybe(self, key: str) -> str | None:
        """The text under a key, if it is there."""
        found = self.values.get(key)
        if found is not None and (not isinstance(found, str) or not found.strip()):
            raise self.fault(key, "is a text")
        return None if found is None else " ".join(str(found).split())

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of them; none where the key is missing."""
        found = self.values.get(key, [])
        several = found if isinstance(found, list) else [found]
        if not all(isinstance(one, str) and one for one in several):
            raise self.fault(key, "is a text, or a list of texts")
        return tuple(several)

    def flag(self, key: str) -> bool:
        """True or false; false where the key is missing."""
        found = self.values.get(key, False)
        if not isinstance(found, bool):
            raise self.fault(key, "is true or false")
        return found

    def date(self, key: str) -> str:
        """A day, a month, a year or two years, or `undated`."""
        found = self.values.get(key)
        text = str(found) if isinstance(found, (str, int, datetime.date)) else ""
        if not _DATE.fullmatch(text):
            raise self.fault(key, "is a day, a year, two years as in 2012 to 2019, or undated")
        return text

    def currency(self, key: str) -> str | None:
        """A currency by its three letters, if it is there."""
        found = self.maybe(key)
        if found is not None and not re.fullmatch("[A-Z]{3}", found):
            raise self.fault(key, "is a currency in three capital letters")
        return found

    def whole_numbers(self, key: str) -> list[int]:
        """A list of whole numbers."""
        found = self.values.get(key)
        if not isinstance(found, list) or not all(type(one) is int and one >= 0 for one in found):
            raise self.fault(key, "is a list of whole numbers")
        return found


def number(raw: object) -> Decimal | None:
    """A whole number, or a text such as `2.71%`; a bare decimal is refused, as YAML makes it inexact."""
    match = _NUMBER.fullmatch(str(raw)) if type(raw) in (int, str) else None
    if match is None:
        return None
    return Decimal(match[1]) / 100 if match[2] else Decimal(match[1])


def percent_written(raw: object) -> bool:
    """Whether a number is written in percent."""
    return str(raw).endswith("%")
