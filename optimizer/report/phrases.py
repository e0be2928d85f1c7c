"""Phrases of another language: English patterns with holes, and what they are in that language.

A text is never cut into words: it is a phrase as a whole, or one that is made of phrases. What a hole stands for is
either a phrase again, a number, or a planner's own words, which nothing changes.

A file of phrases has families in square brackets, and in each of them lines such as

    spend => dépense
    {number} creator<s> kept => {number} créateur<s> gardé<s>

where `<a|b>` is either of two in English, and by the number before it in the other language (`<s>` is `<|s>`); `{{` is
a brace. A hole is named by its kind, with a digit where there are several: `{number}`, `{money}`, `{percent}`,
`{value}` (any of the three), `{currency}`, `{code}` (what stands in a file: a word, `key: value`, or text in quotes or
brackets), `{own}` (a planner's own words), `{name}` (one of the planner's names that are known), or a family.
`{kind?}` may be empty, and `{kind,}`, `{kind;}`, `{kind+}`, `{kind&}`, `{kind|}` are lists whose items are parted by
commas, semicolons, a plus, "and", or "or".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import product
from typing import Final

from optimizer.report.holes import AS_THEY_ARE, KINDS

ENGLISH: Final = "en"
LANGUAGES = (ENGLISH, "fr")
TEXT = "text"  # the family of whole texts
NO_BREAK, NARROW = "\u00a0", "\u202f"

_WORK_MOST, _DEPTH_MOST, _ITEMS_MOST = 100_000, 40, 100  # of the search for one text
_BRACKETS_LONG = 120  # characters in brackets that are not read
_OWN, _NAME = "own", "name"
_LISTS = {
    ",": (", ", ", "),
    ";": ("; ", f"{NARROW}; "),
    "&": (" and ", " et "),
    "+": (" + ", " + "),
    "|": (" or ", " ou "),
}
_HOLE = re.compile(r"\{([a-z_]+)(\d*)([?,;&+|]?)\}")
_EITHER = re.compile(r"<([^<>|]*)(?:\|([^<>|]*))?>")
_SPACED = re.compile(r" ([:;!?»%])|(«) ")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[\w{«`|>])")


@dataclass(frozen=True, slots=True)
class Hole:
    """A hole of a pattern: the name by which the other side calls it, its kind, and how many it holds."""

    name: str
    kind: str
    many: str = ""


@dataclass(frozen=True, slots=True)
class _Either:
    """One word or another, by a number."""

    one: str
    more: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """An English pattern, literals and holes in turn, and the same in the other language."""

    english: tuple[str | Hole, ...]
    other: tuple[str | Hole | _Either, ...]

    @property
    def holes(self) -> list[Hole]:
        """The holes, in the order of the English text."""
        return [part for part in self.english if isinstance(part, Hole)]


@dataclass
class Book:
    """The phrases of a language, by family; `whole` are those without holes."""

    whole: dict[str, dict[str, str]] = field(default_factory=dict)
    patterns: dict[str, list[Phrase]] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Add what a file of phrases says; what was there before counts first."""
        for family, english, other in _entries(text):
            whole = self.whole.setdefault(family, {})
            listed = self.patterns.setdefault(family, [])
            for said in _spelled(english):
                phrase = Phrase(_parts(said), _said(other))
                if phrase.holes:
                    listed.append(_checked(phrase, english))
                else:
                    whole.setdefault("".join(map(str, phrase.english)), "".join(map(str, phrase.other)))


@cache
def book(language: str, *packages: str) -> Book:
    """The phrases of a language, from all files of the packages' folder that is named like it."""
    found = Book()
    for package in packages:
        folder = resources.files(package) / language
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.name.endswith(".phrases"):
                found.add(file.read_text(encoding="utf-8"))
    return found


# --- reading a file of phrases ---


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Family, English and other text of each phrase; a line that is indented continues the one before."""
    family, lines = TEXT, list[str]()
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            if line.startswith("    "):
                lines[-1] += f" {line.strip()}"
            else:
                lines.append(line)
    for line in lines:
        if line.startswith("[") and line.endswith("]") and "=>" not in line:
            family = line[1:-1]
            continue
        english, arrow, other = line.partition(" =>")
        if not arrow:
            raise ValueError(f"not a phrase: {line}")
        yield family, english, other.removeprefix(" ")


def _spelled(english: str) -> Iterator[str]:
    """The pattern with each choice of its words."""
    cut = _EITHER.split(english)
    choices = [
        (cut[at],) if at % 3 == 0 else _either(cut[at], cut[at + 1]) for at in range(len(cut)) if at % 3 in (0, 1)
    ]
    return ("".join(chosen) for chosen in product(*choices))


def _either(first: str, second: str | None) -> tuple[str, str]:
    return ("", first) if second is None else (first, second)


def _parts(text: str) -> tuple[str | Hole, ...]:
    cut = _HOLE.split(text.replace("{{", "\x00").replace("}}", "\x01"))
    found: list[str | Hole] = []
    for at in range(0, len(cut), 4):
        found += [_plain(cut[at])] if cut[at] else []
        if at + 3 < len(cut):
            found.append(Hole(cut[at + 1] + cut[at + 2], cut[at + 1], cut[at + 3]))
    return tuple(found)


def _plain(text: str) -> str:
    return text.replace("\x00", "{").replace("\x01", "}")


def _said(other: str) -> tuple[str | Hole | _Either, ...]:
    """The other side, with the spaces that its typography asks for."""
    cut = _EITHER.split(as_printed(other))
    found: list[str | Hole | _Either] = []
    for at in range(0, len(cut), 3):
        found += _parts(cut[at])
        if at + 2 < len(cut):
            found.append(_Either(*_either(cut[at + 1], cut[at + 2])))
    return tuple(found)


def as_printed(other: str) -> str:
    """A text with the apostrophes and the spaces of French typography."""
    return _APOSTROPHE.sub("\u2019", _SPACED.sub(_space, other))


def _space(found: re.Match[str]) -> str:
    sign = found[1] or found[2]
    return f"«{NO_BREAK}" if sign == "«" else f"{NO_BREAK if sign in ':»' else NARROW}{sign}"


def _checked(phrase: Phrase, english: str) -> Phrase:
    """The phrase, if both sides have the same holes, and what depends on a number has one."""
    theirs = {part.name for part in phrase.other if isinstance(part, Hole)}
    if theirs != {hole.name for hole in phrase.holes}:
        raise ValueError(f"the holes of both sides differ: {english}")
    if any(isinstance(part, _Either) for part in phrase.other) and not any(_counts(hole) for hole in phrase.holes):
        raise ValueError(f"no number decides between the words: {english}")
    return phrase


def _counts(hole: Hole) -> bool:
    return hole.kind in ("number", "value", "money", "percent")


# --- translating ---


@dataclass(frozen=True, slots=True)
class _Said:
    """A text in the other language, and how many characters of it had to be taken for a planner's own words."""

    text: str
    own: int = 0


_Fit = tuple[int, tuple[tuple[str, str], ...]]  # the same count, and what stands in each hole in both languages


@dataclass
class Translating:
    """Translates texts by a book; `names` are a planner's own that are known.

    Of all the ways to read a text, the one that takes the least of it for words of a planner's own counts, and of
    these the one whose phrase stands first.
    """

    book: Book
    names: frozenset[str] = frozenset()
    _known: dict[tuple[str, str], _Said | None] = field(default_factory=dict)
    _work: int = 0
    _depth: int = 0

    def text(self, text: str, family: str = TEXT) -> str | None:
        """A text in the other language; None where no phrase is found for it with bounded work."""
        short, long = _shortened(text)
        self._work, self._depth = _WORK_MOST, 0
        found = self._said(short, family)
        if self._work <= 0:
            self._known.clear()  # which was not looked for to the end
        return None if found is None else re.sub("[\ue000-\uf8ff]", lambda sign: long.get(sign[0], sign[0]), found.text)

    def _said(self, text: str, family: str) -> _Said | None:
        key = family, text
        if key not in self._known and self._depth < _DEPTH_MOST:
            self._known[key] = None  # while it is looked for: a text is never made of itself
            self._depth += 1
            self._known[key] = self._found(family, text)
            self._depth -= 1
        return self._known.get(key)

    def _found(self, family: str, text: str) -> _Said | None:
        whole = self.book.whole.get(family, {}).get(text)
        if whole is not None:
            return _Said(whole)
        best: _Said | None = None
        self._work -= len(text) // 50
        for phrase in self.book.patterns.get(family, ()) if self._work > 0 else ():
            said = self._by(phrase, text, best.own if best else len(text) + 1)
            best = best if said is None else said
            if best is not None and not best.own:
                return best
        if family == TEXT and text[:1].isupper():  # which begins a sentence
            lower = self._said(text[0].lower() + text[1:], family)
            if lower is not None and lower.text and (best is None or lower.own < best.own):
                return _Said(lower.text[0].upper() + lower.text[1:], lower.own)
        return best

    def _by(self, phrase: Phrase, text: str, limit: int) -> _Said | None:
        """The text by one phrase; None where it is not one of these, or only with `limit` own characters or more."""
        at, first, last = 0, phrase.english[0], phrase.english[-1]  # most are told apart by what they begin with
        if isinstance(first, str) and not text.startswith(first):
            return None
        if isinstance(last, str) and not text.endswith(last):
            return None
        for part in phrase.english:
            if isinstance(part, str):
                at = text.find(part, at) + len(part)
                if at < len(part):
                    return None
        found = self._fitted(phrase.english, text, limit)
        if found is None:
            return None
        values = {hole.name: pair for hole, pair in zip(phrase.holes, found[1], strict=True)}
        return _Said(_filled(phrase.other, values), found[0])

    def _fitted(self, parts: Sequence[str | Hole], text: str, limit: int) -> _Fit | None:
        """What stands in each hole, with the fewest own characters."""
        self._work -= 1
        if self._work <= 0:
            return None
        if not parts:
            return None if text else (0, ())
        head, rest = parts[0], parts[1:]
        if isinstance(head, str):
            return self._fitted(rest, text[len(head) :], limit) if text.startswith(head) else None
        best: _Fit | None = None
        for end in _ends(rest, text):
            said = self._hole(head, text[:end])
            if said is None or said.own >= limit:
                continue
            more = self._fitted(rest, text[end:], limit - said.own)
            if more is not None:
                limit = said.own + more[0]
                best = limit, ((text[:end], said.text), *more[1])
            if not limit:
                break
        return best

    def _hole(self, hole: Hole, text: str) -> _Said | None:
        if hole.many == "?" and not text:
            return _Said("")
        if hole.many in _LISTS:
            return self._list(hole.kind, text, hole.many)
        return self._one(hole.kind, text)

    def _one(self, kind: str, text: str) -> _Said | None:
        if not text:
            return None
        if kind == _OWN:
            return _Said(text, 0 if self._is_named(text) else len(text))
        if kind == _NAME:
            return _Said(text) if text in self.names else None
        known = KINDS.get(kind)
        if known is None:
            return self._said(text, kind)
        if not known.fullmatch(text):
            return None
        return _Said(text if kind in AS_THEY_ARE else number(text))

    def _is_named(self, text: str) -> bool:
        """Whether a text is a name, or a list of names."""
        return text in self.names or all(name in self.names for name in text.split(", "))

    def _list(self, kind: str, text: str, many: str) -> _Said | None:
        """A list, each item of which is of a kind; an item may hold the joint itself."""
        key = f"{kind}{many}", text
        if key not in self._known and text.count(_LISTS[many][0]) < _ITEMS_MOST:
            joint, other = _LISTS[many]
            best: _Said | None = None
            at = -1
            while (at := text.find(joint, at + 1)) >= 0 and self._work > 0 and (best is None or best.own):
                first = self._one(kind, text[:at])
                if first is None or (best is not None and first.own >= best.own):
                    continue
                rest = self._list(kind, text[at + len(joint) :], many)
                if rest is not None and (best is None or first.own + rest.own < best.own):
                    best = _Said(f"{first.text}{other}{rest.text}", first.own + rest.own)
            if best is None or best.own:
                whole = self._one(kind, text)
                best = whole if whole is not None and (best is None or whole.own < best.own) else best
            self._known[key] = best
        return self._known.get(key)


def _shortened(text: str) -> tuple[str, dict[str, str]]:
    """A text with one sign for each long part in brackets, which is what a planner wrote; and these parts."""
    if len(text) < _BRACKETS_LONG or re.search("[\ue000-\uf8ff]", text):
        return text, {}
    said, long, begin, depth = list[str](), dict[str, str](), 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "[{") - (sign in "]}" and depth > 0)
        if sign in "[{" and depth == 1:
            said.append(text[begin:at])
            begin = at
        elif sign in "]}" and not depth and at - begin >= _BRACKETS_LONG and text[begin] in "[{":
            mark = chr(0xE000 + len(long))
            long[mark] = text[begin : at + 1]
            said.append(mark)
            begin = at + 1
    return "".join([*said, text[begin:]]), long


def _ends(rest: Sequence[str | Hole], text: str) -> Sequence[int]:
    """Where a hole may end."""
    if not rest:
        return [len(text)]
    follows = rest[0]
    return [at for at in range(len(text) + 1) if not isinstance(follows, str) or text.startswith(follows, at)]


def _filled(parts: Sequence[str | Hole | _Either], values: dict[str, tuple[str, str]]) -> str:
    """The other side with what stands in its holes; words depend on the number before them, else on the first."""
    numbers = [values[part.name][0] for part in parts if isinstance(part, Hole) and _counts(part)]
    last, said = (numbers or [""])[0], list[str]()
    for part in parts:
        if isinstance(part, Hole):
            english, other = values[part.name]
            said.append(other)
            last = english if _counts(part) else last
        else:
            said.append(part if isinstance(part, str) else part.more if is_several(last) else part.one)
    return "".join(said)


def is_several(english: str) -> bool:
    """Whether a number, as it is written in English, asks for the plural in French: from 2 on."""
    digits = re.match(r"[+-]?([\d,]+(?:\.\d+)?)", english)
    return digits is not None and float(digits[1].replace(",", "")) >= 2


_SIGNS: dict[str, str] = {",": NARROW, ".": ",", " ": NO_BREAK}


def number(english: str) -> str:
    """A number with its unit as it is written in French: `1,234.56 EUR` is `1 234,56 EUR`, with spaces that hold."""
    said = "".join(_SIGNS.get(sign, sign) for sign in english)
    return re.sub(rf"{NO_BREAK}?%", f"{NARROW}%", said)


def lines_apart(line: str) -> tuple[str, str]:
    """What begins a line (spaces, a dash or a number), and the rest."""
    found = re.match(r" *(?:- |\d+\. )? *", line)
    end = found.end() if found else 0
    return line[:end], line[end:]
